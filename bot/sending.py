"""How both platforms' senders send: paced, tried again, and what fails at the end is told to the caller."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import TypeVar

from bot.pacing import CrowdedError, Pacer
from bot.retries import Backoff

T = TypeVar("T")


class SendError(Exception):
    """What was to be sent was not. `gone`: the conversation cannot be written to any more. `again`: it may pass.

    `doubtful`: nobody knows, it may have been sent after all.
    """

    def __init__(self, reason: str, *, gone: bool = False, again: bool = False, doubtful: bool = False) -> None:
        super().__init__(reason)
        self.gone, self.again, self.doubtful = gone, again, doubtful


class NotNowError(Exception):
    """A try failed in a way that may pass; `wait` is for how many seconds the platform asks. `refused`: it surely did
    not do what it was asked."""

    def __init__(self, reason: str, wait: float = 0.0, *, refused: bool = False) -> None:
        super().__init__(reason)
        self.wait, self.refused = wait, refused


class Sending:
    """Sends under keys, each at the pace that the platform allows it."""

    def __init__(
        self, pacer: Pacer, sleep: Callable[[float], Awaitable[object]], chance: random.Random | None = None
    ) -> None:
        self._pacer, self._sleep = pacer, sleep
        self._chance = chance or random.Random()  # noqa: S311  jitter, no secret

    async def send(
        self,
        key: str,
        once: Callable[[], Awaitable[T]],
        backoff: Backoff,
        also: Callable[[], Awaitable[object]] | None = None,
    ) -> T:
        """What `once` gives, which is called until it raises NotNowError no more, or too often, or for too long.

        Raises SendError. A pause that the platform asks for is kept in full, by all that goes under the key; where it
        is longer than anybody waits for this message, the sending is given up.
        """
        try:
            async with asyncio.timeout(backoff.patience):
                return await self._tried(key, once, backoff, also)
        except TimeoutError:
            raise SendError(f"gave up after {backoff.patience:.0f} s", again=True) from None
        except CrowdedError:
            raise SendError("too many messages wait for this conversation", again=True) from None

    async def _tried(
        self,
        key: str,
        once: Callable[[], Awaitable[T]],
        backoff: Backoff,
        also: Callable[[], Awaitable[object]] | None,
    ) -> T:
        reason = ""
        for pause in (0.0, *backoff.pauses(self._chance)):
            if pause:
                await self._sleep(pause)
            await self._pacer.wait(key, also)
            try:
                return await once()
            except NotNowError as error:
                reason = str(error)
                if error.wait:
                    self._pacer.hold(error.wait, key)
                if error.wait > backoff.patience:
                    raise SendError(f"{reason}: asked to wait {error.wait:.0f} s", again=True) from error
        raise SendError(f"gave up: {reason}", again=True)
