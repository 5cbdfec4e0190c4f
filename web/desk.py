"""The assistant behind the worker: what every channel of this server talks to (`bot.desk.Desk`)."""

from __future__ import annotations

import asyncio
import sqlite3
import time
import traceback
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

import structlog

from bot.assistant import Assistant
from bot.conversations import Conversation
from bot.models import Message, Reply, Scope
from bot.newcomers import Newcomers
from bot.stores import Stores
from tips.database import explained, writing
from tips.errors import ModelError
from tips.models import Language
from web.embedding import EmbeddingThread
from web.memory import release_memory
from web.metrics import Metrics
from web.worker import Worker

Clock = Callable[[], datetime]
Housekeeping = Callable[[datetime], int]  # deletes what has outlived its time, returns how many rows

T = TypeVar("T")
R = TypeVar("R", Reply, Reply | None)

_DAY = 24 * 3600.0
_STARTING = 10.0  # seconds
_ABANDONED = timedelta(minutes=2)  # longer than any reply takes: the process died over it

_log = structlog.get_logger()


class ServerDesk:
    """Answers messages in the worker's thread and keeps the tips up to date."""

    def __init__(
        self, assistant: Assistant, stores: Stores, housekeeping: Housekeeping, metrics: Metrics, clock: Clock
    ) -> None:
        self.assistant, self._library, self._metrics = assistant, stores.library, metrics
        self.conversations, self.events = stores.conversations, stores.events
        self.stores, self.newcomers = stores, Newcomers(stores)
        self._database, self._path = stores.database, stores.path
        self._housekeeping, self.now = housekeeping, clock
        self._worker, self._began = Worker(), clock()
        self._embedding = EmbeddingThread()

    @property
    def ready(self) -> bool:
        """Whether questions can be answered."""
        return self._library.ready

    async def respond(self, message: Message) -> Reply:
        """The assistant's reply, counted. Log lines hold what kind it was, never what was said."""
        return await self._counted(message, lambda: self.assistant.respond(message, self.now()))

    async def respond_once(self, message: Message, event: str, place: Conversation) -> Reply | None:
        """The reply to an event that comes for the first time, else None. One commit, one turn of the worker."""
        return await self._counted(message, lambda: self._taken(message, event, place))

    def _taken(self, message: Message, event: str, place: Conversation) -> Reply | None:
        now = self.now()
        try:
            with writing(self._database):
                # What was taken before this process began, and not answered, its predecessor died over.
                if event and not self.events.take(event, now, max(now - _ABANDONED, self._began)):
                    return None
                self.conversations.seen(place, now)
                return self.assistant.respond(message, now)
        except sqlite3.OperationalError:
            # The disk is full, or the lock is held: better answered twice than not at all.
            return self.assistant.respond(message, now)

    async def _counted(self, message: Message, call: Callable[[], R]) -> R:
        started = time.perf_counter()
        reply = await self._worker.run(call)
        if reply is None:
            return reply
        seconds = time.perf_counter() - started
        self._metrics.seconds.observe(seconds)
        self._metrics.messages.labels(message.channel, reply.language, reply.kind).inc()
        if reply.band:
            self._metrics.questions.labels(reply.band.value).inc()
        milliseconds = round(seconds * 1e3, 1)
        _log.info("answered", channel=message.channel, kind=reply.kind, language=reply.language, ms=milliseconds)
        return reply

    async def run(self, call: Callable[[], T]) -> T:
        """The call's result, from the thread that owns the database. Raises DatabaseError where that fails."""

        def explained_call() -> T:
            with explained(self._path):
                return call()

        return await self._worker.run(explained_call)

    def later(self, call: Callable[[], object]) -> None:
        """Has the call made in that thread in its turn; where it fails, that is counted."""
        self._worker.begin(call, self.failed)

    async def search(self, text: str, language: Language | None) -> list[Reply]:
        """The best tips for a text."""
        return await self.run(lambda: self.assistant.search(text, language or self.assistant.language))

    async def welcome(self, scope: Scope, language: Language | None) -> Reply:
        """What is said where the bot was added."""
        return await self.run(lambda: self.assistant.welcome(scope, language))

    def sorry(self, language: Language | None) -> Reply:
        """What is said where an answer could not be made."""
        return self.assistant.sorry(language)

    def failed(self, error: Exception) -> None:
        """Counts a failure and logs where it was; its text may hold somebody's words."""
        self._metrics.failures.inc()
        trace = traceback.extract_tb(error.__traceback__)  # empty where nobody raised it
        where = {"file": Path(trace[-1].filename).name, "line": trace[-1].lineno} if trace else {}
        _log.error("failed", error=type(error).__name__, **where)

    async def image(self, digest: str) -> bytes | None:
        """The picture of a tip."""
        return await self.run(lambda: self._library.image(digest))

    async def refresh(self) -> None:
        """Reads the tips anew where they have changed. Built in a thread of its own: questions go on meanwhile."""
        if await self._worker.run(self._library.outdated):
            snapshot = await self._worker.run(self._library.read)
            await asyncio.to_thread(self._library.put, snapshot)
            await self._worker.run(self._library.remember)
            release_memory()
            self._metrics.tips.set(len(snapshot.pack.tips))
            _log.info("tips read", tips=len(snapshot.pack.tips), revision=snapshot.revision)

    async def embed(self, seconds: float) -> None:
        """Computes missing vectors for so long. The light ranking answers until all are there."""
        before = self._library.snapshot
        try:
            vectors = await self._embedding.some(before, seconds)
            snapshot = await self._worker.run(lambda: self._library.kept(vectors, before))
            await asyncio.to_thread(self._library.put, snapshot)
            if not snapshot.missing:
                await self._worker.run(self._library.remember)
                await self._worker.run(self._library.forget)
        except ModelError as error:
            _log.error("likeness in meaning left out", reason=str(error))
            await asyncio.to_thread(self._library.without_meaning)
            return
        if not snapshot.missing:
            _log.info("likeness in meaning weighed in", vectors=len(snapshot.vectors))

    async def keep_fresh(self, seconds: float = 2.0) -> None:
        """Refreshes for ever. A failure is logged and tried again: old tips are better than none."""
        while True:
            try:
                await self.refresh()
                while self._library.snapshot.missing and not await self._worker.run(self._library.outdated):
                    await self.embed(seconds)
            except Exception as error:  # noqa: BLE001  the loop must outlive a locked database
                _log.error("tips not read", error=type(error).__name__)
            await asyncio.sleep(seconds)

    async def keep_clean(self, seconds: float = _DAY) -> None:
        """Deletes once a day what has outlived its time; not while the server is still starting."""
        await asyncio.sleep(_STARTING)
        while True:
            try:
                rows = await self._worker.run(lambda: self._housekeeping(self.now()))
                _log.info("deleted what is too old", rows=rows)
            except Exception as error:  # noqa: BLE001  tomorrow is another day
                _log.error("not deleted what is too old", error=type(error).__name__)
            await asyncio.sleep(seconds)

    def stop(self) -> None:
        """Ends the worker after what it has begun."""
        self._embedding.stop()
        self._worker.stop()
