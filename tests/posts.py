"""What tests of posting share: a plain composer, a platform that records, deliveries that are due."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TypeVar

from bot.stores import MIGRATIONS
from scheduler.deliveries import Ledger
from scheduler.models import Destination, Entry, Key, Kind, Planned
from scheduler.poster import Poster
from scheduler.posting import Post, PublishError, Section
from tips import database
from tips.errors import DatabaseError

T = TypeVar("T")

NOW = datetime(2027, 1, 12, 8, 0, tzinfo=UTC)  # a Tuesday, ten o'clock in Helsinki
DAY = date(2027, 1, 12)
ENTRY = Entry("tietoisku", Kind.REMINDER, {"fi": "Tietoisku"}, DAY, {"fi": "Muista päivitykset."})


class Plain:
    """Writes a post with the entry's own words. `bad` are the destinations for which it cannot."""

    def __init__(self, bad: frozenset[str] = frozenset()) -> None:
        self.bad = bad

    def compose(self, planned: Planned) -> Post:
        if planned.destination.id in self.bad:
            raise ValueError("no text")
        entry, language = planned.entry, planned.destination.languages[0]
        return Post(planned.key, planned.destination, (Section(language, entry.title(language), planned.key.part),))


class Recording:
    """A platform. `faults` are by destination what the next calls there raise, or for how many seconds they hang;
    `found` what is there to be read back, by key."""

    def __init__(self, faults: Mapping[str, Sequence[Exception | float]] | None = None) -> None:
        self.faults = {place: list(faults) for place, faults in (faults or {}).items()}
        self.found: dict[str, str] = {}
        self.sent: list[Post] = []
        self.corrected: list[tuple[str, Post]] = []
        self.withdrawn: list[str] = []
        self.asked: list[Key] = []
        self.under_way, self.most = 0, 0

    async def publish(self, post: Post) -> str:
        await self._faulty(post.destination)
        self.sent.append(post)
        return f"m{len(self.sent)}"

    async def correct(self, destination: Destination, message: str, post: Post) -> None:
        await self._faulty(destination)
        self.corrected.append((message, post))

    async def withdraw(self, destination: Destination, message: str) -> None:
        await self._faulty(destination)
        self.withdrawn.append(message)

    async def find(self, key: Key, destination: Destination, since: datetime) -> str | None:
        self.asked.append(key)
        await self._faulty(destination)
        return self.found.get(key.text())

    @property
    def went(self) -> list[tuple[str, str]]:
        """Where each post went, and its part, in order."""
        return [(post.destination.id, post.key.part) for post in self.sent]

    async def _faulty(self, destination: Destination) -> None:
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        try:
            await asyncio.sleep(0)
            faults = self.faults.get(destination.id)
            fault = faults.pop(0) if faults else None
            if isinstance(fault, Exception):
                raise fault
            if fault is not None:
                await asyncio.sleep(fault)
        finally:
            self.under_way -= 1


class Where:
    """Destinations, and which were lost (`scheduler.poster.Places`)."""

    def __init__(self, *places: Destination) -> None:
        self.places = {place.id: place for place in places}
        self.lost: dict[str, str] = {}

    def get(self, destination_id: str) -> Destination | None:
        return self.places.get(destination_id)

    def lose(self, destination: Destination, why: str, now: datetime) -> bool:
        new = destination.id not in self.lost
        self.lost.setdefault(destination.id, why)
        return new

    def regain(self) -> None:
        pass


class Clock:
    """A clock that is set."""

    def __init__(self, at: datetime = NOW) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at


class Bench:
    """A poster over a database in memory and a platform that records."""

    def __init__(self, publisher: Recording, *places: Destination, composer: Plain | None = None) -> None:
        self.database = database.in_memory(MIGRATIONS)
        self.ledger, self.clock = Ledger(self.database), Clock()
        self.places = Where(*places)
        self.publisher, self.composer = publisher, composer or Plain()
        self.broken = 0  # so many more calls to the database fail
        self.poster = self.restarted()

    def restarted(self, in_flight: int = 64) -> Poster:
        """A poster as after a restart: it knows what the ledger knows."""
        self.poster = Poster(
            self.publisher, self.composer, self.ledger, self.places, self.run, self.clock, self._durably, in_flight
        )
        return self.poster

    async def run(self, call: Callable[[], T]) -> T:
        if self.broken:
            self.broken -= 1
            raise DatabaseError("digivinkki.db: the database is locked")
        return call()

    def _durably(self) -> AbstractContextManager[None]:
        return database.durably(self.database)

    def statuses(self) -> list[tuple[str, str, str]]:
        """Destination, part and status of everything in the ledger."""
        rows = self.database.query("select destination, part, status from deliveries order by destination, part")
        return [(row["destination"], row["part"], row["status"]) for row in rows]


def place(number: int | str, platform: str = "teams") -> Destination:
    return Destination(f"d{number}", platform, f"19:{number}@thread.tacv2", f"Kanava {number}")


def item(where: Destination, part: str = "post", **more: object) -> Planned:
    planned = Planned(Key(ENTRY.id, DAY, part, where.id), ENTRY.kind, NOW - timedelta(minutes=1), ENTRY, where)
    return replace(planned, **more)  # type: ignore[arg-type]


async def pages(*pages: Sequence[Planned]) -> AsyncIterator[Sequence[Planned]]:
    for page in pages:
        yield page


AGAIN, GONE = PublishError("gave up: 503", again=True), PublishError("403 BotNotInConversationRoster", gone=True)
REFUSED = PublishError("400 BadSyntax")
DOUBTFUL = PublishError("gave up: TimeoutError", again=True, doubtful=True)
