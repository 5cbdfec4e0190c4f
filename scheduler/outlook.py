"""What is due on a platform and when the next post is, read from the stores in pages of destinations: however many
there are, only a page of them is in memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Protocol

from scheduler.choosing import Choices
from scheduler.deliveries import Ledger
from scheduler.destinations import DestinationStore
from scheduler.errors import CalendarError
from scheduler.models import Delivery, Destination, Entry, Key, Kind, Planned
from scheduler.planning import due, owner_of, planned
from scheduler.posting import Run
from tips.models import Tip

BEHIND = timedelta(days=28)  # longer than anything is caught up, Christmas and all
AHEAD, FAR_AHEAD = timedelta(days=8), timedelta(days=70)  # beyond the longest quiet period
PAGE = 500  # destinations
_A_MOMENT, _A_MINUTE = timedelta(seconds=1), timedelta(minutes=1)
_NEWCOMER = timedelta(days=2)  # a task that another owner had so long ago is not for one who came since


class Calendar(Protocol):
    """The calendar in force."""

    def in_force(self) -> list[Entry]:
        """Its entries."""

    def broken(self) -> list[CalendarError]:
        """What stands there and cannot be read."""

    def choices(self) -> Choices:
        """The editors' choices."""

    def revision(self) -> int:
        """Another number after every change."""

    def began(self, now: datetime) -> datetime:
        """Since when it is in use; the first call decides."""


class Owners(Protocol):
    """Where people are in private. Called in the database's thread."""

    def get(self, destination_id: str) -> Destination | None:
        """The destination of that id, also one that nobody subscribed."""

    def owners(self, owner: str) -> Sequence[Destination]:
        """Everybody who has the role, or the person of that id, each where they are; nobody where none can be."""


@dataclass(frozen=True, slots=True)
class _Read:
    """What was read for a look: the calendar, and what the ledger knows of the time."""

    entries: Sequence[Entry]
    choices: Choices
    tips: Sequence[Tip]
    places: Sequence[Destination]
    done: frozenset[Key]
    sent: Mapping[Key, str]
    began: datetime
    owners: Mapping[str, Sequence[Destination]]
    ripe: Mapping[str, datetime]

    def pages(self, platform: str) -> Iterator[tuple[list[Entry], list[Destination]]]:
        """Pages of destinations with the entries for them. Tasks go to people and are planned by themselves."""
        tasks = [entry for entry in self.entries if entry.kind is Kind.TASK]
        others = [entry for entry in self.entries if entry.kind is not Kind.TASK]
        if tasks:
            yield tasks, [place for place in self.places if place.person]
        there = [place for place in self.places if place.platform == platform]
        for start in range(0, len(there), PAGE):
            yield others, there[start : start + PAGE]


class Outlook:
    """Looks at the calendar, the destinations and the ledger. `tips` are those in force; `beside` finds a delivery that
    stands in no calendar; `ripe` is by new tip from when it may come without an editor's choice."""

    def __init__(
        self,
        calendar: Calendar,
        destinations: DestinationStore,
        ledger: Ledger,
        tips: Callable[[], Sequence[Tip]],
        people: Owners | None = None,
        beside: Callable[[Key], Planned | None] | None = None,
        ripe: Callable[[], Mapping[str, datetime]] = dict,
    ) -> None:
        self._calendar, self._destinations, self._ledger, self._tips = calendar, destinations, ledger, tips
        self._people, self._beside, self._ripe = people, beside, ripe

    def revision(self) -> int:
        """Another number after every change of calendar and destinations. In the database's thread."""
        return hash((self._calendar.revision(), self._destinations.revision()))

    def broken(self) -> list[CalendarError]:
        """Entries that cannot be read, and are not posted. In the database's thread."""
        return self._calendar.broken()

    def unreadable(self) -> list[str]:
        """What the destinations are called that cannot be read, and get nothing. In the database's thread."""
        return self._destinations.broken()

    def again(self, delivery: Delivery) -> Planned | None:
        """The delivery as it would be planned today, with the tip that it went out with; None where its entry or its
        destination is no more. In the database's thread."""
        if self._beside and (item := self._beside(delivery.key)):
            return item
        place = (self._people or self._destinations).get(delivery.key.destination)
        entry = next((entry for entry in self._calendar.in_force() if entry.id == delivery.key.entry), None)
        if place is None or entry is None:
            return None
        read = replace(self._read(delivery.at), done=frozenset(), sent={delivery.key: delivery.tip})
        read = replace(read, owners={owner_of(entry): [place]} if entry.kind is Kind.TASK else {})
        look = _Look(read, read.entries, [place], {place.id: self._ledger.had(place.id)})
        found = (item for item in look.planned(delivery.at, delivery.at + _A_MINUTE) if item.key == delivery.key)
        item = next(found, None) or Planned(delivery.key, delivery.kind, delivery.at, entry, place)
        return replace(item, tip=delivery.tip, skipped="", edits="")

    async def due(self, platform: str, first: str, now: datetime, run: Run) -> AsyncIterator[Sequence[Planned]]:
        """What is due on the platform, in pages. What belongs to no platform is `first`'s."""
        async for look in self._looks(platform, now, run):
            items = await asyncio.to_thread(look.due, now)
            yield [item for item in items if (item.destination.platform or first) == platform]

    async def next_due(self, platform: str, now: datetime, run: Run) -> datetime | None:
        """When the next post on the platform is due, None where nothing is for weeks."""
        for ahead in (AHEAD, FAR_AHEAD):
            found = [
                at
                async for look in self._looks(platform, now, run)
                if (at := await asyncio.to_thread(look.first, platform, now, now + ahead))
            ]
            if found:
                return min(found)
        return None

    async def _looks(self, platform: str, now: datetime, run: Run) -> AsyncIterator[_Look]:
        """Planning is for a thread of its own: questions go on meanwhile."""
        read = await run(lambda: self._read(now))
        for entries, places in read.pages(platform):
            yield await run(lambda entries=entries, places=places: _Look(read, entries, places, self._had(places)))  # type: ignore[misc]

    def _had(self, places: Sequence[Destination]) -> Mapping[str, Mapping[str, date]]:
        return {place.id: self._ledger.had(place.id) for place in places}

    def _read(self, now: datetime) -> _Read:
        ledger, since, entries = self._ledger, now - BEHIND, self._calendar.in_force()
        owners = {owner_of(entry) for entry in entries if entry.kind is Kind.TASK}
        return _Read(
            entries,
            self._calendar.choices(),
            self._tips(),
            self._destinations.all(active=True),
            ledger.done(since),
            ledger.tips(since),
            self._calendar.began(now),
            {owner: self._people.owners(owner) for owner in owners} if self._people else {},
            self._ripe(),
        )


@dataclass(frozen=True, slots=True)
class _Look:
    """All that the planner asks for, for a page of destinations."""

    read: _Read
    entries: Sequence[Entry]
    places: Sequence[Destination]
    had: Mapping[str, Mapping[str, date]]

    def planned(self, start: datetime, end: datetime) -> Iterator[Planned]:
        """Everything from `start` up to before `end`."""
        read = self.read
        known = (self.had, read.choices, read.sent, read.owners, read.ripe)
        return planned(self.entries, self.places, read.tips, start, end, *known)

    def due(self, now: datetime) -> list[Planned]:
        """What is to be handled now."""
        items = self.planned(now - BEHIND, now + _A_MOMENT)
        # A destination has its own 'since'; the owner of a task has not.
        due_by_then = (item for item in items if item.destination.since or item.at >= self.read.began)
        had_by_others = {_part(key) for key in self.read.done} if self._are_tasks else set()
        late = now - _NEWCOMER
        mine = (item for item in due_by_then if item.at > late or _part(item.key) not in had_by_others)
        return due(mine, now, self.read.done)

    @property
    def _are_tasks(self) -> bool:
        return any(entry.kind is Kind.TASK for entry in self.entries)

    def first(self, platform: str, now: datetime, end: datetime) -> datetime | None:
        """When the first after now is that goes to the platform."""
        items = (item for item in self.planned(now, end) if item.at > now and not item.skipped)
        mine = (item for item in items if item.destination.platform in {platform, ""})
        return next((item.at for item in mine if item.key not in self.read.done), None)


def _part(key: Key) -> tuple[str, date, str]:
    """What all owners of a task get."""
    return key.entry, key.nominal, key.part
