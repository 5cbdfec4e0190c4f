"""The deliveries that an occurrence makes: its reminders, its post, its follow-up; when, and how late at the latest."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from scheduler.durations import iso_duration
from scheduler.models import SESSIONS, ZONE, Destination, Entry, Key, Kind, Moves, Occurrence, Planned, Profile, Quiet
from scheduler.profiles import is_quiet_at
from scheduler.recurrence import MORNING, moment
from scheduler.workdays import is_working_day, next_working_day, previous_working_day

POST, FOLLOW_UP = "post", "follow-up"
EARLIEST, LATEST = time(7), time(18)

# Why something is not sent, as keys for whoever finds the words.
QUIET, PAUSE, NIGHT = "quiet", "pause", "night"

_FURTHEST = timedelta(days=28)  # what a quiet period would move beyond that is skipped
_REMINDER_FURTHEST = timedelta(days=7)
_NONE, _DAY, _WEEK = timedelta(0), timedelta(days=1), timedelta(days=7)
_JUST_BEFORE = timedelta(minutes=5)  # how late a '15 minutes before' may be
_FOLLOW_UP_DAYS, _SESSION_DAYS, _OTHER_DAYS = 10, 5, 3  # working days within which it is caught up


@dataclass(frozen=True, slots=True)
class Part:
    """A delivery before it has a destination. `edits`: the part whose message it replaces, '' for one of its own."""

    entry: Entry
    nominal: date
    name: str
    at: datetime
    until: datetime
    edits: str = ""
    skipped: str = ""
    why: str = ""

    @property
    def monday(self) -> date:
        """Of which week it is."""
        return monday_of(self.at.date())

    def to(self, destination: Destination) -> Planned:
        """It, for a destination."""
        key = Key(self.entry.id, self.nominal, self.name, destination.id)
        return Planned(
            key,
            self.entry.kind,
            self.at,
            self.entry,
            destination,
            edits=self.edits,
            skipped=self.skipped,
            why=self.why or (f"edits {self.edits}" if self.edits else ""),
            until=self.until,
        )


@dataclass(frozen=True, slots=True)
class Group:
    """What destinations that get the same at the same time have in common. `id` only where an entry names it."""

    profile: Profile
    quiet: tuple[Quiet, ...]
    kinds: tuple[Kind, ...]
    paused_until: date | None
    time: time | None = None
    id: str = ""

    def is_quiet(self, day: date) -> bool:
        """Whether nothing is posted there on that day of any year."""
        return is_quiet_at(self.profile, self.quiet, day)

    def is_paused(self, day: date) -> bool:
        """Whether they asked for a pause over that day."""
        return self.paused_until is not None and day < self.paused_until

    def gets(self, entry: Entry) -> bool:
        """Whether the entry is for them: by name, or by profile and kind."""
        if self.id and self.id in entry.to:
            return True
        addressed = "all" in entry.to or f"profile:{self.profile.value}" in entry.to
        return addressed and entry.kind in self.kinds


def parts_of(occurrence: Occurrence, group: Group) -> Iterator[Part]:
    """In order of time: reminders, the post, and where a recording is there, the follow-up."""
    entry, begins = occurrence.entry, _begins(occurrence, group)
    told = _by_day(begins, entry)
    lost = _lost(occurrence, group)
    for ahead in sorted(_reminders(entry), reverse=True):
        yield _reminder(occurrence, begins, ahead, group, lost)
    bound = entry.kind in SESSIONS and has_host(entry)
    ends = begins + timedelta(minutes=entry.minutes)
    until = (
        max(ends, told)
        if bound
        else working_days_after(begins, _SESSION_DAYS if entry.kind in SESSIONS else _OTHER_DAYS)
    )
    yield Part(entry, occurrence.nominal, POST, told, until, skipped=lost, why=occurrence.why)
    if bound and (entry.recordings.get(occurrence.nominal) or entry.recording_link):
        after = _after_hours(ends)
        skipped = lost or _closed(after.date(), group)
        until = working_days_after(after, _FOLLOW_UP_DAYS)
        yield Part(entry, occurrence.nominal, FOLLOW_UP, after, until, skipped=skipped)


def has_host(entry: Entry) -> bool:
    """Whether people come together at its time, rather than each when it suits them."""
    return entry.kind is Kind.MEETING or bool(entry.host or entry.meeting_link)


def _reminders(entry: Entry) -> tuple[timedelta, ...]:
    """How long before. Whoever is to come to a session with a host hears of it a week before, if not otherwise."""
    if entry.kind in SESSIONS and has_host(entry) and max(entry.reminders, default=_NONE) <= _DAY:
        return (_WEEK, *entry.reminders)
    return entry.reminders


def _lost(occurrence: Occurrence, group: Group) -> str:
    day = occurrence.at.date()
    if occurrence.why and abs(day - occurrence.nominal) > _FURTHEST:
        return QUIET
    return _closed(day, group)


def _closed(day: date, group: Group) -> str:
    if group.is_paused(day):
        return PAUSE
    return QUIET if group.is_quiet(day) else ""


def _reminder(occurrence: Occurrence, begins: datetime, ahead: timedelta, group: Group, lost: str) -> Part:
    """Whole days ahead: at the same time of day, on the working day before where that is none. Else to the minute."""
    entry = occurrence.entry
    name = f"reminder-{iso_duration(ahead)}"
    if ahead % _DAY:
        at = (begins.astimezone(UTC) - ahead).astimezone(ZONE)
        day = at.date()
        at = at if _is_free(day, group) or day == begins.date() else _moved_back(at, group)
        until = min(begins, at + _JUST_BEFORE) if ahead < _DAY else begins
        night = NIGHT if not EARLIEST <= at.time() <= LATEST and entry.moves is not Moves.KEEP else ""
    else:
        at = _by_day(moment(begins.date() - ahead, begins.time()), entry)
        at = at if _is_free(at.date(), group) else _moved_back(at, group)
        until, night = begins, ""
    skipped = lost or _closed(at.date(), group) or night
    if not skipped and not is_working_day(at.date()) and entry.moves is not Moves.KEEP:
        skipped = QUIET  # nothing but quiet days within a week before
    return Part(entry, occurrence.nominal, name, at, until, skipped=skipped)


def _moved_back(at: datetime, group: Group) -> datetime:
    """The working day before that is not quiet; where there is none within a week it stays, to be skipped."""
    day = previous_working_day(at.date())
    limit = at.date() - _REMINDER_FURTHEST
    while group.is_quiet(day) and day > limit:
        day = previous_working_day(day - _DAY)
    return at if group.is_quiet(day) else moment(day, at.time())


def _is_free(day: date, group: Group) -> bool:
    return is_working_day(day) and not group.is_quiet(day)


def _begins(occurrence: Occurrence, group: Group) -> datetime:
    """When it begins: what people go through at their own pace comes at the time of day that suits them there."""
    entry, at = occurrence.entry, occurrence.at
    if entry.kind in SESSIONS and group.time and not has_host(entry):
        return moment(at.date(), group.time)
    return at


def _by_day(at: datetime, entry: Entry) -> datetime:
    """The same day not at night."""
    clock = at.time() if entry.moves is Moves.KEEP else daytime(at.time())
    return at if clock == at.time() else moment(at.date(), clock)


def _after_hours(ends: datetime) -> datetime:
    if ends.time() <= LATEST and ends.time() >= EARLIEST and is_working_day(ends.date()):
        return ends
    return moment(next_working_day(ends.date() + _DAY), MORNING)


def working_days_after(at: datetime, days: int) -> datetime:
    """The same time of day so many working days later."""
    day = at.date()
    for _ in range(days):
        day = next_working_day(day + _DAY)
    return moment(day, at.time())


def daytime(at: time) -> time:
    """The time of day, or the nearest that is not at night."""
    return min(max(at, EARLIEST), LATEST)


def monday_of(day: date) -> date:
    """By which a week is known."""
    return day - timedelta(days=day.weekday())
