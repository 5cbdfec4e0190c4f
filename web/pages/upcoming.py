"""Next up: what goes out next and to whom, what went out lately, what failed or has grown old, and what to do."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from aiohttp import web

from bot.answers import Shelf
from bot.orders import Order, What
from bot.stores import Stores
from scheduler.choosing import Choices
from scheduler.models import ZONE, Delivery, Destination, Entry, Key, Kind, Planned, Status
from scheduler.planning import planned
from tips.models import Language
from web.pages import words
from web.pages.frame import PAGES, frame_of, missing, page
from web.posting import RUNNER

_AHEAD, _BACK = timedelta(weeks=5), timedelta(days=14)
_WEEK = timedelta(weeks=1)
MOST = 8  # of each list
_MOST_NAMES = 3
MOST_PLANNED = 40  # destinations; of more, one stands for all that have the same wishes
DONE = ("retry", "send_held", "skip_held", "remove", "publish", "withdraw")


@dataclass(frozen=True, slots=True)
class _Read:
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


async def show(request: web.Request) -> web.StreamResponse:
    """The page. `?tehty=` says what was done just before."""
    pages, language = request.app[PAGES], frame_of(request).language
    now = pages.desk.now()
    shelf = await pages.desk.run(pages.desk.assistant.shelf)
    read = await pages.desk.run(lambda: _read(pages.stores, shelf, now))
    coming = await asyncio.to_thread(_coming, read, now, language)
    stale = _stale(read, now, language)
    done = request.query.get("tehty", "")
    context = {
        "coming": coming[:MOST],
        "gone": _gone(read, language)[:MOST],
        "failed": _failed(read, language),
        "lost": [(place.id, _name(place, language), why) for place, why in read.lost],
        "held": read.held,
        "stale": stale[:MOST],
        "stale_count": len(stale),
        "places": len(read.places),
        "done": done if done in DONE else "",
    }
    return page(request, "upcoming.html", context)


async def act(request: web.Request) -> web.StreamResponse:
    """Does what a button says, writes it into the log, and shows the page again."""
    pages, frame, form = request.app[PAGES], frame_of(request), await request.post()
    what, about = str(form.get("tee", "")), str(form.get("kohde", ""))
    actions: Mapping[str, Callable[[], object]] = {
        "retry": lambda: _retry(pages.stores, about),
        "send_held": lambda: pages.stores.deliveries.end_hold(pages.desk.now(), send=True),
        "skip_held": lambda: pages.stores.deliveries.end_hold(pages.desk.now(), send=False),
        "remove": lambda: pages.stores.destinations.remove(about),
        "publish": lambda: _publish(pages.stores, pages.desk.assistant.agenda.tip_now, about, pages.desk.now()),
        "withdraw": lambda: _withdraw(pages.stores, about, pages.desk.now()),
    }
    if what not in actions:
        return missing(request)

    def noted() -> None:
        actions[what]()
        pages.stores.audit.note(frame.visitor.person, what, about, pages.desk.now())

    await pages.desk.run(noted)
    if runner := request.app.get(RUNNER):
        runner.wake()
    raise web.HTTPSeeOther(frame.url("seuraavaksi", tehty=what))


def _read(stores: Stores, shelf: Shelf, now: datetime) -> _Read:
    ledger, since = stores.deliveries, now - _BACK
    places = stores.destinations.all()
    alike = _alike(places)
    return _Read(
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


def _coming(read: _Read, now: datetime, language: Language) -> list[Coming]:
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


def _of(items: Sequence[Planned], read: _Read, now: datetime, language: Language) -> Coming:
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
        list(dict.fromkeys(_name(place, language) for place in shown)),
        len(places) - len(shown),
        _spelt(item.key),
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


def _gone(read: _Read, language: Language) -> list[Gone]:
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
            _spelt(sent[0].key),
            any(one.message for one in sent),
        )
        for sent in by_post.values()
    ]
    return sorted(found, key=lambda each: each.at, reverse=True)


def _failed(read: _Read, language: Language) -> list[Failed]:
    places = {**read.places, **{place.id: place for place, _ in read.lost}}
    return [
        Failed(
            one.at,
            _title(read, one, language),
            _name(places[one.key.destination], language) if one.key.destination in places else one.key.destination,
            one.why,
            _spelt(one.key),
        )
        for one in read.lately
        if one.status is Status.FAILED
    ]


def _stale(read: _Read, now: datetime, language: Language) -> list[tuple[str, str, str, str]]:
    """The tips whose month of review has passed: theme, id, title, month; the oldest first."""
    month = now.astimezone(ZONE).strftime("%Y-%m")
    old = [tip for tip in read.shelf.snapshot.base.tips.values() if tip.review_by and tip.review_by < month]
    old.sort(key=lambda tip: tip.review_by)
    return [(tip.theme, tip.id, read.shelf.title(tip.id, language), _month(tip.review_by)) for tip in old]


def _title(read: _Read, one: Delivery, language: Language) -> str:
    if one.tip and read.shelf.tip(one.tip):
        return read.shelf.title(one.tip, language)
    entry = next((entry for entry in read.entries if entry.id == one.key.entry), None)
    return entry.title(language) if entry else one.key.entry


def _name(place: Destination, language: Language) -> str:
    """What the destination is called; people are not named."""
    if place.id.startswith("owner:"):
        return words.word(language, "place_owner")
    if place.person:
        return words.word(language, "place_private")
    return place.name or words.word(language, "place_unnamed", platform=place.platform.capitalize())


def _month(text: str) -> str:
    year, month = text.split("-")[:2]
    return f"{int(month)}/{year}"


def _spelt(key: Key) -> str:
    """The key as a form carries it; ids hold no space."""
    return " ".join((key.entry, key.nominal.isoformat(), key.part, key.destination))


def _key(text: str) -> Key | None:
    try:
        entry, nominal, part, destination = text.split(" ", 3)
        return Key(entry, date.fromisoformat(nominal), part, destination)
    except ValueError:
        return None


def _retry(stores: Stores, about: str) -> None:
    if key := _key(about):
        stores.deliveries.release(key)


def _publish(
    stores: Stores, tip_now: Callable[[Destination, datetime], Planned | None], about: str, now: datetime
) -> None:
    """This week's tip goes out now, to every destination that still waits for it."""
    if not (key := _key(about)):
        return
    items: Iterable[Planned | None] = (tip_now(place, now) for place in stores.destinations.all())
    for item in items:
        if item and item.key.entry == key.entry:
            stores.orders.place(Order(What.PUBLISH, item.key.entry, item.key.nominal, item.key.destination), now)


def _withdraw(stores: Stores, about: str, now: datetime) -> None:
    if key := _key(about):
        stores.orders.place(Order(What.WITHDRAW, key.entry, key.nominal), now)
