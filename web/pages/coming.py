"""What goes out next and to whom, what went out lately, and what failed: as the pages tell it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.answers import Shelf
from bot.stores import Stores
from scheduler.choosing import Choices
from scheduler.models import ZONE, Delivery, Destination, Entry, Key, Kind, Planned, Status
from scheduler.planning import planned
from tips.models import Language
from web.pages import words

_AHEAD, _BACK = timedelta(weeks=5), timedelta(days=14)
_MOST_NAMES = 3
MOST_PLANNED = 40  # destinations; of more, one stands for all that have the same wishes


@dataclass(frozen=True, slots=True)
class Read:
    """What was read in the database's thread."""

    shelf: Shelf
    entries: Sequence[Entry]
    choices: Choices
    places: Mapping[str, Destination]
    alike: Mapping[str, Sequence[Destination]]  # for whom each planned one stands, itself included
    had: Mapping[str, Mapping[str, date]]
    done: frozenset[Key]
    tips: Mapping[Key, str]
    lately: Sequence[Delivery]
    lost: Sequence[tuple[Destination, str]]
    held: int


@dataclass(frozen=True, slots=True)
class Coming:
    """A post that goes out to several destinations at once.

    `ahead`: it tells of what comes later. `can_go_now`: a button sends it before its time.
    """

    at: datetime
    kind: str
    title: str
    tip: tuple[str, str, str] | None  # theme, id, title
    names: Sequence[str]
    others: int
    key: str
    ahead: bool
    can_go_now: bool


@dataclass(frozen=True, slots=True)
class Gone:
    """What went out lately for an occurrence. `stands`: there is something to take back."""

    at: datetime
    title: str
    sent: int
    key: str
    stands: bool


@dataclass(frozen=True, slots=True)
class Failed:
    """A delivery that was given up."""

    at: datetime
    title: str
    place: str
    why: str
    key: str


def read(stores: Stores, shelf: Shelf, now: datetime) -> Read:
    """Reads it."""
    ledger, since = stores.deliveries, now - _BACK
    places = stores.destinations.all()
    alike = _alike(places)
    return Read(
        shelf,
        stores.calendar.in_force(),
        stores.calendar.choices(),
        {place.id: place for place in places},
        alike,
        {place: ledger.had(place) for place in alike},
        ledger.done(since),
        ledger.tips(since),
        ledger.history(since, now + _BACK, statuses=[Status.SENT, Status.FAILED]),
        stores.destinations.lost(),
        len(ledger.held()) if ledger.is_holding() else 0,
    )


def coming_posts(read: Read, now: datetime, language: Language) -> list[Coming]:
    """What goes out, the same post to several destinations as one."""
    tips = read.shelf.snapshot.pack.tips
    found = planned(
        read.entries,
        [read.places[place] for place in read.alike],
        tips,
        now,
        now + _AHEAD,
        read.had,
        read.choices,
        read.tips,
    )
    together: dict[tuple[datetime, str, str, str], list[Planned]] = {}
    for item in found:
        if not item.skipped and not item.edits and item.key not in read.done:
            together.setdefault((item.at, item.key.entry, item.key.part, item.tip), []).append(item)
    return [_of(items, read, now, language) for items in together.values()]


def _of(items: Sequence[Planned], read: Read, now: datetime, language: Language) -> Coming:
    item = items[0]
    places = [place for each in items for place in read.alike.get(each.destination.id, [each.destination])]
    # What they had before differs, so where one stands for several, its tip need not be theirs.
    tip = read.shelf.tip(item.tip) if len(places) == len(items) else None
    shown = sorted(places, key=lambda place: (not place.name, place.name))[:_MOST_NAMES]
    weekly = item.kind is Kind.WEEKLY_TIP
    this_week = item.at.astimezone(ZONE).isocalendar()[:2] == now.astimezone(ZONE).isocalendar()[:2]
    return Coming(
        item.at,
        item.kind.value,
        item.entry.title(language),
        (tip.theme, tip.id, read.shelf.title(tip.id, language)) if tip else None,
        list(dict.fromkeys(name_of(place, language) for place in shown)),
        len(places) - len(shown),
        spelt(item.key),
        item.key.part.startswith("reminder"),
        weekly and this_week,
    )


def _alike(places: Sequence[Destination]) -> dict[str, Sequence[Destination]]:
    """The destinations that are planned, each with those for whom it stands."""
    if len(places) <= MOST_PLANNED:
        return {place.id: [place] for place in places}
    groups: dict[object, list[Destination]] = {}
    for place in places:
        wishes = (place.profile, place.quiet, place.kinds, place.paused_until, place.weekday, place.time)
        groups.setdefault(wishes, []).append(place)
    largest = sorted(groups.values(), key=len, reverse=True)[:MOST_PLANNED]
    return {group[0].id: group for group in largest}


def gone_posts(read: Read, language: Language) -> list[Gone]:
    """What went out, the newest first."""
    by_post: dict[tuple[str, date], list[Delivery]] = {}
    for one in read.lately:
        if one.status is Status.SENT:
            by_post.setdefault((one.key.entry, one.key.nominal), []).append(one)
    found = [
        Gone(
            max(one.changed or one.at for one in sent),
            _title(read, sent[0], language),
            len({one.key.destination for one in sent}),
            spelt(sent[0].key),
            any(one.message for one in sent),
        )
        for sent in by_post.values()
    ]
    return sorted(found, key=lambda each: each.at, reverse=True)


def failed_posts(read: Read, language: Language) -> list[Failed]:
    """What was given up."""
    places = {**read.places, **{place.id: place for place, _ in read.lost}}
    return [
        Failed(
            one.at,
            _title(read, one, language),
            name_of(places[one.key.destination], language) if one.key.destination in places else one.key.destination,
            one.why,
            spelt(one.key),
        )
        for one in read.lately
        if one.status is Status.FAILED
    ]


def _title(read: Read, one: Delivery, language: Language) -> str:
    if one.tip and read.shelf.tip(one.tip):
        return read.shelf.title(one.tip, language)
    entry = next((entry for entry in read.entries if entry.id == one.key.entry), None)
    return entry.title(language) if entry else one.key.entry


def name_of(place: Destination, language: Language) -> str:
    """What the destination is called; people are not named."""
    if place.id.startswith("owner:"):
        return words.word(language, "place_owner")
    if place.person:
        return words.word(language, "place_private")
    return place.name or words.word(language, "place_unnamed", platform=place.platform.capitalize())


def spelt(key: Key) -> str:
    """The key as a form carries it; ids hold no space."""
    return " ".join((key.entry, key.nominal.isoformat(), key.part, key.destination))


def key_of(text: str) -> Key | None:
    """The key that a form carries, None where it is none."""
    try:
        entry, nominal, part, destination = text.split(" ", 3)
        return Key(entry, date.fromisoformat(nominal), part, destination)
    except ValueError:
        return None
