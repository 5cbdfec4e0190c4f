"""What is coming at a destination, what went out last, and why a tip was chosen: for those who ask in the chat."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from bot.answers import Shelf
from bot.dates import when
from bot.messages import say
from bot.publishing import outlook_of, ripe
from bot.sharedposts import SharedPosts
from bot.stores import Stores
from scheduler.choosing import Slot, Why
from scheduler.models import ZONE, Delivery, Destination, Entry, Key, Kind, Occurrence, Planned, Status
from scheduler.outlook import BEHIND
from scheduler.planning import planned
from scheduler.recurrence import moment, occurrences
from tips.models import Language

_SOON, _LATER = timedelta(weeks=5), timedelta(weeks=15)  # beyond a school's summer
_LATELY = timedelta(days=60)
_RECENT = 6  # publications from which one is chosen
_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Publication:
    """What went out for an occurrence: its deliveries, of which each stands as a message."""

    entry: str
    nominal: date
    deliveries: tuple[Delivery, ...]


class Agenda:
    """Looks ahead and back. Called in the thread that owns the database."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores
        self._shared = SharedPosts(stores.shares, stores.drafts, stores.destinations, stores.conversations)

    def coming(self, destination: Destination, now: datetime, most: int = 3) -> list[Planned]:
        """The next posts there, after a pause where there is one; those that went out before their time left out."""
        start = max(now, _resumes(destination) or now)
        # What went out this week at another hour, before the wishes were changed, does not come again.
        done = self._stores.deliveries.done(now - BEHIND)
        for ahead in (_SOON, _LATER):
            items = [item for item in self._planned(destination, start, start + ahead) if not item.skipped]
            first = done.union(item.key for item in items)
            found = [item for item in items if item.key not in done and not _edits_one_of(first, item)]
            if len(found) >= most:
                break
        return found[:most]

    def tip_now(self, destination: Destination, now: datetime) -> Planned | None:
        """This week's tip of the destination, where it is still to be sent; whenever it became one."""
        monday = now.astimezone(ZONE).date() - timedelta(days=now.astimezone(ZONE).weekday())
        start = datetime.combine(monday, datetime.min.time(), ZONE)
        done = self._stores.deliveries.done(start)
        items = self._planned(replace(destination, since=None), start, start + _WEEK)
        tips = (item for item in items if item.kind is Kind.WEEKLY_TIP and not item.skipped and item.key not in done)
        return next(tips, None)

    def item(self, key: Key, now: datetime) -> Planned | None:
        """The delivery of the key, as it is planned for this week or the next ones, or as somebody shares it."""
        if shared := self._shared.item(key):
            return shared
        destination = self._stores.destinations.get(key.destination)
        if destination is None:
            return None
        if (tip := self.tip_now(destination, now)) and tip.key == key:
            return tip
        return next((item for item in self._planned(destination, now, now + _LATER) if item.key == key), None)

    def slots(self, destination: Destination, now: datetime) -> list[Planned]:
        """The destination's weekly tips from this week on that are still to be sent and for which nobody has chosen
        a tip: this week's first, where it is."""
        chosen, this_week = self._stores.calendar.choices(), self.tip_now(destination, now)
        items = [item for item in (this_week, *self._tips_ahead(destination, now)) if item]
        unique = {item.key: item for item in items}.values()
        return [item for item in unique if slot_of(item) not in chosen]

    def _tips_ahead(self, destination: Destination, now: datetime) -> Iterator[Planned]:
        done = self._stores.deliveries.done(now - BEHIND)
        for item in self._planned(destination, now, now + _LATER):
            if item.kind is Kind.WEEKLY_TIP and not item.skipped and item.key not in done:
                yield item

    def recent(self, now: datetime) -> list[Publication]:
        """What went out lately and still stands somewhere, the newest first. What was posted ahead is due later."""
        lately = self._stores.deliveries.lately(now - _LATELY, now + _LATELY, _RECENT)
        return [found for entry, nominal in lately if (found := self.publication(entry, nominal))]

    def publication(self, entry: str, nominal: date) -> Publication | None:
        """What went out for the occurrence and still stands; None where nothing does."""
        sent = [one for one in self._stores.deliveries.of(entry, nominal) if _stands(one)]
        by_message = {(one.key.destination, one.message): one for one in sent}
        return Publication(entry, nominal, tuple(by_message.values())) if sent else None

    def again(self, delivery: Delivery) -> Planned | None:
        """The delivery as it would be written today."""
        return outlook_of(self._stores).again(delivery)

    def last_sent(self, now: datetime) -> Mapping[str, date]:
        """The day on which each destination got something the last time."""
        found = self._stores.deliveries.last_sent(now - _LATELY, now + _LATELY)
        return {place: at.astimezone(ZONE).date() for place, at in found.items()}

    def entries(self) -> list[Entry]:
        """The calendar in force."""
        return self._stores.calendar.in_force()

    def near(self, entries: Iterable[Entry], first: date, last: date) -> Iterator[tuple[Entry, Occurrence]]:
        """The occurrences of the entries from day to day, by time."""
        found = [(entry, occurrence) for entry in entries for occurrence in occurrences(entry, first, last)]
        yield from sorted(found, key=lambda pair: pair[1].at)

    def _planned(self, destination: Destination, start: datetime, end: datetime) -> Iterator[Planned]:
        stores = self._stores
        choices = stores.calendar.choices()
        tips = stores.library.newest().pack.tips
        had = {destination.id: stores.deliveries.had(destination.id)}
        sent = stores.deliveries.tips(start - BEHIND)
        entries = [entry for entry in self.entries() if entry.kind is not Kind.TASK]
        return planned(entries, [destination], tips, start, end, had, choices, sent, ripe=ripe(stores.drafts))


def told(item: Planned, shelf: Shelf, language: Language) -> str:
    """A line about a post that is coming: when, what, and why this tip."""
    why = reason(Why.of(item.why), item, shelf, language) if item.kind is Kind.WEEKLY_TIP else ""
    return f"{when(item.at, language)}: {title(item, shelf, language)}{f' ({why})' if why else ''}"


def title(item: Planned, shelf: Shelf, language: Language) -> str:
    """What a post that is coming is called: its tip, or its entry."""
    if item.kind is Kind.WEEKLY_TIP and shelf.tip(item.tip):
        return shelf.title(item.tip, language)
    ahead = item.key.part.startswith("reminder")
    named = item.entry.title(language)
    return say(language, "coming_ahead", title=named) if ahead else named


def reason(why: Why, item: Planned, shelf: Shelf, language: Language) -> str:
    """Why this tip, in words; '' for a reason that has none."""
    theme = shelf.snapshot.themes.get(why.value)
    named = theme.title(language) if theme else ""
    day = item.heading.title(language) if item.heading else ""
    words = {
        "editor": say(language, "why_editor"),
        "season": say(language, "why_season"),
        "day": say(language, "why_day", day=day),
        "theme": say(language, "why_theme", theme=named),
        "other_theme": say(language, "why_other_theme", theme=named),
        "again": say(language, "why_again"),
        "sent": say(language, "why_sent"),
    }
    return words.get(why.key, "")


def _resumes(destination: Destination) -> datetime | None:
    """When a pause is over."""
    return moment(destination.paused_until, time()) if destination.paused_until else None


def _edits_one_of(keys: Collection[Key], item: Planned) -> bool:
    """Whether it changes one of those messages. Where that never came, as nobody subscribed yet, it is its own."""
    return bool(item.edits) and replace(item.key, part=item.edits) in keys


def slot_of(item: Planned) -> Slot:
    """The week of a weekly tip at its destination, for which a tip can be chosen."""
    year, week, _ = item.key.nominal.isocalendar()
    return year, week, item.key.destination


def _stands(delivery: Delivery) -> bool:
    return delivery.status is Status.SENT and bool(delivery.message)
