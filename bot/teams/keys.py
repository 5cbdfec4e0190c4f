"""The Bot Connector's signing keys: fetched without blocking, kept over an outage, fetched anew for an unknown key.

https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-authentication
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import structlog
from aiohttp import ClientError, ClientSession, ClientTimeout
from jwt import PyJWK, PyJWTError

from bot.teams.addresses import is_https, is_loopback

_PAUSE_AT_FIRST = 2.0  # seconds

_log = structlog.get_logger()

Fetch = Callable[[str], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A public key and the channels for which it may sign (its `endorsements`)."""

    key: PyJWK
    channels: frozenset[str]


class KeysUnavailableError(Exception):
    """No keys have been had, or the last good ones are too old."""


class Keys:
    """The signing keys by id. `fresh` seconds they are used as they are, `good` seconds while none are to be had."""

    def __init__(
        self,
        fetch: Fetch,
        openid: str,
        *,
        fresh: float = 6 * 3600.0,
        good: float = 30 * 3600.0,
        pause: float = 60.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._fetch, self._openid, self._clock = fetch, openid, clock
        self._fresh, self._good, self._pause = fresh, good, pause
        self._keys: Mapping[str, SigningKey] = {}
        self._fetched = self._tried = -float("inf")
        self._running: asyncio.Task[None] | None = None

    async def get(self, key_id: str) -> SigningKey | None:
        """The key of that id, None where the Connector has none such. Raises KeysUnavailableError."""
        age = self._clock() - self._fetched
        if key_id in self._keys and age < self._fresh:
            return self._keys[key_id]
        if key_id in self._keys and age < self._good:
            # Old but good: this request need not wait for the new ones.
            self._begin()
            return self._keys[key_id]
        # An unknown key is either a new one or a forgery: ask, but not for every forgery.
        if task := self._begin():
            await asyncio.shield(task)
        if self._clock() - self._fetched >= self._good:
            raise KeysUnavailableError
        return self._keys.get(key_id)

    def _begin(self) -> asyncio.Task[None] | None:
        """The fetch that is under way, or a new one unless the last try was a moment ago."""
        if self._running and not self._running.done():
            return self._running
        # While there are no keys at all nobody is heard, so that is tried again sooner.
        if self._clock() - self._tried < (self._pause if self._keys else _PAUSE_AT_FIRST):
            return None
        self._tried = self._clock()
        self._running = asyncio.create_task(self._refresh())
        return self._running

    async def _refresh(self) -> None:
        try:
            configuration = await self._fetch(self._openid)
            address = str(configuration["jwks_uri"])
            # Whoever changes the keys on their way could sign as the Connector.
            if not is_https(address) and not is_loopback(self._openid):
                _log.warning("signing keys refused", reason="jwks_uri is not https")
                return
            document = await self._fetch(address)
            keys = dict(_signing_keys(document["keys"]))
        except (ClientError, TimeoutError, OSError, ValueError, KeyError, TypeError) as error:
            _log.warning("signing keys not fetched", error=type(error).__name__)
            return
        if keys:
            self._keys, self._fetched = keys, self._clock()


def _signing_keys(entries: Iterable[Any]) -> Iterator[tuple[str, SigningKey]]:
    for data in entries:
        with suppress(PyJWTError, ValueError, KeyError, TypeError, AttributeError):  # an odd one spoils no other
            yield str(data["kid"]), SigningKey(PyJWK(data, "RS256"), frozenset(data.get("endorsements") or ()))


def fetcher(session: ClientSession) -> Fetch:
    """Fetches JSON over the session."""

    async def fetch(address: str) -> Any:
        timeout = ClientTimeout(total=10)
        async with session.get(address, timeout=timeout, raise_for_status=True, allow_redirects=False) as response:
            return await response.json(content_type=None)

    return fetch
