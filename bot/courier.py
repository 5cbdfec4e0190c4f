"""Brings letters to their recipients, over whatever platform those are on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

import structlog

from bot.conversations import Conversation, ConversationStore
from bot.mailserver import CHANNEL as MAIL
from bot.models import Reply, Scope
from bot.outbox import ADDRESS, PERSON, PLACE, Letter, OutboxStore
from scheduler.posting import PublishError, Run
from tips.errors import DatabaseError

UNMET = timedelta(hours=1)  # until a person is looked for again who has never written to the bot
PAUSE = 1.0  # seconds between two looks at what is due
_AGAIN = timedelta(minutes=5)  # until what could not be sent is tried again
_MOST_TRIES = 12

_log = structlog.get_logger()


class Writer(Protocol):
    """A platform in which the bot can say something. Both methods raise PublishError."""

    async def say(self, place: Conversation, reply: Reply) -> str:
        """Says it; the platform's id of the message."""

    async def change(self, place: Conversation, message: str, reply: Reply) -> None:
        """Puts it in the place of a message that was said."""


Compose = Callable[[Letter, datetime], Reply | None]  # None where there is nothing to say any more


class Courier:
    """Delivers what is due. `writers` are the platforms by name."""

    def __init__(
        self,
        outbox: OutboxStore,
        compose: Compose,
        conversations: ConversationStore,
        writers: Mapping[str, Writer],
        run: Run,
        now: Callable[[], datetime],
    ) -> None:
        self._outbox, self._compose, self._conversations = outbox, compose, conversations
        self._writers, self._run, self._now = writers, run, now

    async def deliver(self) -> int:
        """Sends what is due; how many letters reached somebody. Raises DatabaseError."""
        reached = 0
        for letter in await self._run(lambda: self._outbox.due(self._now())):
            if await self._run(partial(self._outbox.claim, letter)):
                reached += await self._tried(letter)
        return reached

    async def keep_on(self, works: Callable[[], bool]) -> None:
        """The same for ever, while this process is the one that `works`; first what an earlier one left behind."""
        recovered = False
        while True:
            try:
                if works():
                    if not recovered:
                        await self._run(self._outbox.recover)
                        recovered = True
                    await self.deliver()
            except DatabaseError as error:
                recovered = False  # what was claimed by then waits again
                _log.error("letters not delivered", reason=str(error))
            except Exception as error:  # noqa: BLE001  the loop must outlive it
                _log.error("letters not delivered", error=type(error).__name__)
            await asyncio.sleep(PAUSE)

    async def _tried(self, letter: Letter) -> bool:
        """Whatever becomes of one letter, it keeps no other back, and is tried again."""
        try:
            return await self._sent(letter)
        except DatabaseError:
            raise
        except Exception as error:  # noqa: BLE001  a defect in one letter
            _log.error("letter not delivered", kind=letter.kind, error=type(error).__name__)
            await self._run(partial(self._outbox.later, letter, self._now() + _AGAIN))
            return False

    async def _sent(self, letter: Letter) -> bool:
        now = self._now()
        place, reply = await self._run(lambda: (self._place(letter), self._compose(letter, now)))
        if reply is None:
            await self._run(lambda: self._outbox.sent(letter, letter.message))
            return False
        writer = self._writers.get(place.channel) if place else None
        if place is None or writer is None:
            await self._run(lambda: self._outbox.later(letter, now + UNMET))
            return False
        try:
            message = await _said(writer, place, letter.message, reply)
        except PublishError as error:
            await self._run(partial(self._failed, letter, error, now))
            return False
        await self._run(lambda: self._outbox.sent(letter, message))
        return True

    def _failed(self, letter: Letter, error: PublishError, now: datetime) -> None:
        _log.error("letter not delivered", kind=letter.kind, reason=str(error))
        if error.gone or letter.tries >= _MOST_TRIES:
            self._outbox.failed(letter)
        else:
            self._outbox.later(letter, now + _AGAIN)

    def _place(self, letter: Letter) -> Conversation | None:
        if letter.recipient.startswith(ADDRESS):
            return Conversation(letter.recipient.removeprefix(ADDRESS), MAIL, Scope.PERSONAL)
        if letter.recipient.startswith(PLACE):
            found = self._conversations.get(letter.recipient.removeprefix(PLACE))
        else:
            found = self._conversations.private_with(letter.recipient.removeprefix(PERSON))
        return found[0] if found and not found[1] else None


async def _said(writer: Writer, place: Conversation, message: str, reply: Reply) -> str:
    if not message:
        return await writer.say(place, reply)
    await writer.change(place, message, reply)
    return message
