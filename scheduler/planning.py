"""What is to be posted when, and where: pure functions of the calendar, the destinations, the tips and what was had.

Whatever the window, the same deliveries come out: each week is planned whole, sessions first, and then cut to size.
What depends on a destination's profile, kinds and time only is worked out once for all that share them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from types import MappingProxyType

from scheduler.choosing import Choices
from scheduler.models import SESSIONS, ZONE, Destination, Entry, Key, Kind, Moves, Occurrence, Planned, Profile, Quiet
from scheduler.parts import EARLIEST, LATEST, Group, Part, has_host, monday_of, parts_of
from scheduler.profiles import is_quiet
from scheduler.recurrence import nominal_dates, occurrences
from scheduler.room import Room, around_post, fitted, reserved
from scheduler.weeklytips import Shelf, TipWeeks, weekly_tips
from scheduler.workdays import is_working_day
from tips.models import Tip

__all__ = ["EARLIEST", "LATEST", "MISSED", "due", "is_open", "owner_of", "planned"]

MISSED = "missed"

_NONE, _WEEK = timedelta(0), timedelta(weeks=1)
_PUNCTUAL = timedelta(minutes=15)  # what is later than that is caught up, in working hours only
_NOTHING: Mapping[str, date] = MappingProxyType({})


def planned(
    entries: Iterable[Entry],
    destinations: Iterable[Destination],
    tips: Sequence[Tip],
    start: datetime,
    end: datetime,
    had: Mapping[str, Mapping[str, date]] = MappingProxyType({}),
    choices: Choices = MappingProxyType({}),
    sent: Mapping[Key, str] = MappingProxyType({}),
    owners: Mapping[str, Sequence[Destination]] = MappingProxyType({}),
    ripe: Mapping[str, datetime] = MappingProxyType({}),
) -> Iterator[Planned]:
    """Everything from `start` up to before `end` by time; what is skipped, too, with its reason.

    `had` is by destination what tips it had, with the day; `choices` are an editor's, by ISO year and week; `sent` the
    tips of weekly tips that went out already, which are not chosen anew. `owners` are by the owner that a task names
    where those are in private; who is not there is known by the name only. `ripe` is by new tip from when it may come
    without an editor's choice.
    """
    calendar, shelf = _Calendar(entries, start, end), Shelf(tips, choices, sent, ripe)
    groups: dict[Group, _GroupPlan] = {}
    places = list(destinations)
    found = list(calendar.tasks(places, owners))
    for destination in places:
        group = calendar.group_of(destination)
        if group not in groups:
            groups[group] = _GroupPlan(calendar, group)
        plan, before = groups[group], had.get(destination.id, _NOTHING)
        found += (part.to(destination) for part in plan.parts)
        found += weekly_tips(plan.tips, destination, shelf, before, plan.room, calendar.weeks)
    within = (item for item in found if start <= item.at < end and not _is_before_its_time(item))
    # Two reminders may be moved to one moment: what is edited comes before what edits it.
    yield from sorted(within, key=lambda item: (item.at, bool(item.edits), item.key.text()))


def due(items: Iterable[Planned], now: datetime, done: Collection[Key]) -> list[Planned]:
    """What is to be handled now, of what was planned: sent, or recorded as skipped where `skipped` says why.

    What is late by more than minutes waits for working hours, and is skipped as missed once it makes no sense any more.
    """
    come = [item for item in items if item.at <= now]
    newest: dict[tuple[str, str], datetime] = {}
    for item in come:
        if item.kind is Kind.WEEKLY_TIP:
            place = (item.key.entry, item.key.destination)
            newest[place] = max(item.at, newest.get(place, item.at))
    found = []
    for item in come:
        if item.key in done:
            continue
        newer = newest.get((item.key.entry, item.key.destination), item.at)
        if item.skipped:
            found.append(item)
        elif (item.until and now > item.until) or newer > item.at:
            found.append(replace(item, skipped=MISSED))
        elif now - item.at <= _PUNCTUAL or item.entry.moves is Moves.KEEP or is_open(item.destination, now):
            found.append(item)
    return found


def is_open(destination: Destination, now: datetime) -> bool:
    """Whether something late may go there now: on a working day, by day, not in its quiet period nor its pause."""
    local = now.astimezone(ZONE)
    day = local.date()
    paused = destination.paused_until is not None and day < destination.paused_until
    by_day = EARLIEST <= local.time() < LATEST
    return by_day and is_working_day(day) and not is_quiet(destination, day) and not paused


class _Calendar:
    """The entries over the weeks of a window, each expanded once for all who are quiet at the same time."""

    def __init__(self, entries: Iterable[Entry], start: datetime, end: datetime) -> None:
        self.entries = [entry for entry in entries if not entry.hidden]
        first, last = (monday_of(moment.astimezone(ZONE).date()) for moment in (start, end))
        self.weeks = range(first.toordinal(), last.toordinal() + 1)  # by Monday
        # What comes later has reminders in these weeks, and what was before fills weeks that matter to those.
        ahead = max((max(entry.reminders, default=_NONE) for entry in self.entries), default=_NONE)
        self._from, self._to = first - 3 * _WEEK, last + ahead + 3 * _WEEK
        self._named = {place for entry in self.entries for place in entry.to}
        self._tips = {
            entry.id: nominal_dates(entry, self._from, self._to)
            for entry in self.entries
            if entry.kind is Kind.WEEKLY_TIP
        }
        self._occurrences: dict[tuple[Profile, tuple[Quiet, ...], str], list[Occurrence]] = {}

    def group_of(self, destination: Destination) -> Group:
        """With whom the destination shares what it gets."""
        own_id = destination.id if destination.id in self._named else ""
        kinds, pause = destination.kinds, destination.paused_until
        return Group(destination.profile, destination.quiet, kinds, pause, destination.time, own_id)

    def tips(self, entries: Iterable[Entry]) -> TipWeeks:
        """The weekly tips of those entries."""
        dates = [(day, entry) for entry in entries for day in self._tips.get(entry.id, ())]
        return TipWeeks(sorted(dates, key=lambda found: (found[0], found[1].id)))

    def of(self, entry: Entry, group: Group) -> list[Occurrence]:
        """Those whose reminders, post or follow-up may fall into the weeks. A day that heads a tip minds no quiet."""
        quiet = () if entry.joins_tip else group.quiet
        profile = Profile.CUSTOM if entry.joins_tip else group.profile
        key = (profile, quiet, entry.id)
        if key not in self._occurrences:
            blocked = replace(group, profile=profile, quiet=quiet).is_quiet
            self._occurrences[key] = occurrences(entry, self._from, self._to, blocked)
        return self._occurrences[key]

    def tasks(
        self, destinations: Sequence[Destination], owners: Mapping[str, Sequence[Destination]]
    ) -> Iterator[Planned]:
        """Reminded of in private: not counted as posts, and not kept back by anybody's quiet period."""
        for entry in self.entries:
            if entry.kind is Kind.TASK:
                for owner in owners.get(owner_of(entry)) or [_owner(entry, destinations)]:
                    yield from self._task(entry, owner)

    def _task(self, entry: Entry, owner: Destination) -> Iterator[Planned]:
        group = Group(Profile.CUSTOM, (), (), owner.paused_until)
        for occurrence in self.of(entry, group):
            yield from (part.to(owner) for part in fitted(parts_of(occurrence, group), Room()))


class _GroupPlan:
    """What all of a group get: their tips' weeks, all else as parts, and the room that those leave."""

    def __init__(self, calendar: _Calendar, group: Group) -> None:
        mine = [entry for entry in calendar.entries if group.gets(entry)]
        self.tips = calendar.tips(mine)
        self.room = Room(self.tips.mondays())
        self.parts: list[Part] = []
        self._group = group
        posts: list[Occurrence] = []
        for entry in mine:
            if entry.kind not in {Kind.WEEKLY_TIP, Kind.TASK}:
                posts += (
                    self._apart_from_tips(calendar.of(entry, group)) if entry.joins_tip else calendar.of(entry, group)
                )
        posts.sort(key=lambda post: (post.at, post.entry.id))
        self._fill(posts)

    def _apart_from_tips(self, days: Iterable[Occurrence]) -> Iterator[Occurrence]:
        """The days that matter, without those that head a tip."""
        for day in days:
            if own := self.tips.head(day):
                yield own

    def _fill(self, posts: Sequence[Occurrence]) -> None:
        """Sessions first, then meetings, the organisation's own reminders, tips, and then all else."""
        mine = {id(post): list(parts_of(post, self._group)) for post in posts}
        at_own_pace = [post for post in posts if _is_at_own_pace(post.entry)]
        has_post = {id(post): reserved(mine[id(post)], self.room) for post in at_own_pace}
        for before in (_is_hosted, _is_meeting, _is_own_reminder):
            for post in posts:
                if before(post.entry):
                    self.parts += fitted(mine[id(post)], self.room)
        for post in posts:
            entry = post.entry
            if id(post) in has_post:
                self.parts += around_post(mine[id(post)], self.room, has_post=has_post[id(post)])
            elif not (_is_hosted(entry) or _is_meeting(entry) or _is_own_reminder(entry)):
                self.parts += fitted(mine[id(post)], self.room, beside_tip=True)


def _is_at_own_pace(entry: Entry) -> bool:
    return entry.kind in SESSIONS and not has_host(entry)


def _is_hosted(entry: Entry) -> bool:
    return entry.kind in SESSIONS and has_host(entry)


def _is_meeting(entry: Entry) -> bool:
    return entry.kind is Kind.MEETING


def _is_own_reminder(entry: Entry) -> bool:
    """The organisation's own words go before a tip."""
    return entry.kind is Kind.REMINDER and entry.own and not entry.joins_tip


def owner_of(entry: Entry) -> str:
    """Who does a task: a role, or a person's id. What is nobody's is IT's."""
    return entry.owner or "it"


def _owner(entry: Entry, destinations: Sequence[Destination]) -> Destination:
    """The owner's private destination; where none is known, one by the name: whoever posts finds the way there."""
    owner = owner_of(entry)
    for destination in destinations:
        if owner in (destination.person, destination.id):
            return destination
    platform = owner.partition(":")[0] if ":" in owner else ""
    return Destination(f"owner:{owner}", platform, "", owner, profile=Profile.CUSTOM, kinds=(Kind.TASK,), person=owner)


def _is_before_its_time(item: Planned) -> bool:
    """Whether the destination was none yet when this was due."""
    return item.destination.since is not None and item.at < item.destination.since
