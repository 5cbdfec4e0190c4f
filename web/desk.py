"""The assistant behind the worker: what every channel of this server talks to (`bot.desk.Desk`)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

import structlog

from bot.assistant import Assistant
from bot.models import Message, Reply, Scope
from bot.stores import Stores
from tips.models import Language
from web.metrics import Metrics
from web.worker import Worker

Clock = Callable[[], datetime]
Housekeeping = Callable[[datetime], int]  # deletes what has outlived its time, returns how many rows

T = TypeVar("T")

_DAY = 24 * 3600.0

_log = structlog.get_logger()


class ServerDesk:
    """Answers messages in the worker's thread and keeps the tips up to date."""

    def __init__(
        self, assistant: Assistant, stores: Stores, housekeeping: Housekeeping, metrics: Metrics, clock: Clock
    ) -> None:
        self.assistant, self._library, self._metrics = assistant, stores.library, metrics
        self.conversations, self.events = stores.conversations, stores.events
        self._housekeeping, self.now = housekeeping, clock
        self._worker = Worker()

    @property
    def ready(self) -> bool:
        """Whether questions can be answered."""
        return self._library.ready

    async def respond(self, message: Message) -> Reply:
        """The assistant's reply, counted. Log lines hold what kind it was, never what was said."""
        started = time.perf_counter()
        reply = await self._worker.run(lambda: self.assistant.respond(message, self.now()))
        seconds = time.perf_counter() - started
        self._metrics.seconds.observe(seconds)
        self._metrics.messages.labels(message.channel, reply.language, reply.kind).inc()
        if reply.band:
            self._metrics.questions.labels(reply.band.value).inc()
        _log.info(
            "answered", channel=message.channel, kind=reply.kind, language=reply.language, ms=round(seconds * 1e3, 1)
        )
        return reply

    async def run(self, call: Callable[[], T]) -> T:
        """The call's result, from the thread that owns the database."""
        return await self._worker.run(call)

    async def search(self, text: str, language: Language) -> list[Reply]:
        """The best tips for a text."""
        return await self._worker.run(lambda: self.assistant.search(text, language))

    def welcome(self, scope: Scope, language: Language | None) -> Reply:
        """What is said where the bot was added."""
        return self.assistant.welcome(scope, language)

    async def image(self, digest: str) -> bytes | None:
        """The picture of a tip."""
        return await self._worker.run(lambda: self._library.image(digest))

    async def refresh(self) -> None:
        """Reads the tips anew where they have changed. Built in a thread of its own: questions go on meanwhile."""
        if await self._worker.run(self._library.outdated):
            snapshot = await self._worker.run(self._library.read)
            await asyncio.to_thread(self._library.put, snapshot)
            self._metrics.tips.set(len(snapshot.pack.tips))
            _log.info("tips read", tips=len(snapshot.pack.tips), revision=snapshot.revision)

    async def keep_fresh(self, seconds: float = 2.0) -> None:
        """Refreshes for ever. A failure is logged and tried again: old tips are better than none."""
        while True:
            try:
                await self.refresh()
            except Exception as error:  # noqa: BLE001  the loop must outlive a locked database
                _log.error("tips not read", error=type(error).__name__)
            await asyncio.sleep(seconds)

    async def keep_clean(self, seconds: float = _DAY) -> None:
        """Deletes once a day what has outlived its time."""
        while True:
            try:
                rows = await self._worker.run(lambda: self._housekeeping(self.now()))
                _log.info("deleted what is too old", rows=rows)
            except Exception as error:  # noqa: BLE001  tomorrow is another day
                _log.error("not deleted what is too old", error=type(error).__name__)
            await asyncio.sleep(seconds)

    def stop(self) -> None:
        """Ends the worker after what it has begun."""
        self._worker.stop()
