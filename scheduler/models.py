"""The annual calendar as plain values: entries, occurrences, destinations, deliveries, posts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from tips.models import Language

ZONE = ZoneInfo("Europe/Helsinki")


class Kind(StrEnum):
    """What an entry is. A task is reminded of in private, everything else is posted."""

    WEEKLY_TIP = "weekly_tip"
    SECURITY_QUARTER = "security_quarter"
    TIP_SESSION = "tip_session"
    REMINDER = "reminder"
    MEETING = "meeting"
    TASK = "task"


SESSIONS = frozenset({Kind.SECURITY_QUARTER, Kind.TIP_SESSION})


class Moves(StrEnum):
    """What becomes of an occurrence on a day that is no working day, or quiet for its destination."""

    NEXT = "next"  # to the next working day that is not quiet
    PREVIOUS = "previous"
    SKIP = "skip"
    KEEP = "keep"  # stays where it is, on a holiday too; never in a quiet period


@dataclass(frozen=True, slots=True)
class Season:
    """A tip that belongs to a time of the year: from and to are (month, day), both included; may span the new year."""

    tip: str
    begins: tuple[int, int]
    ends: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the calendar.

    `rrule` is an RFC 5545 recurrence rule without DTSTART, counted from `start`; or `dates` are given one by one.
    `time` is Europe/Helsinki wall-clock time, None for a task or a day without one; `minutes` the duration. `reminders`
    are how long before. `to` selects destinations: `all`, `profile:school`, or ids. `joins_tip`: a day that matters is
    not a post of its own, but heads that week's tip, which comes on that day and from its theme. `weeks` gives the
    theme of a weekly tip by ISO week. Every text is by language.
    """

    id: str
    kind: Kind
    titles: Mapping[Language, str]
    start: date
    texts: Mapping[Language, str] = field(default_factory=dict)
    rrule: str = ""
    dates: tuple[date, ...] = ()
    but_not: tuple[date, ...] = ()
    time: time | None = None
    minutes: int = 0
    theme: str = ""
    weeks: Mapping[int, str] = field(default_factory=dict)
    seasons: tuple[Season, ...] = ()
    reminders: tuple[timedelta, ...] = ()
    to: tuple[str, ...] = ("all",)
    owner: str = ""
    host: str = ""
    meeting_link: str = ""
    recording_link: str = ""
    recordings: Mapping[date, str] = field(default_factory=dict)  # by nominal date, before recording_link
    moves: Moves = Moves.NEXT
    joins_tip: bool = False
    source: str = ""
    hidden: bool = False
    own: bool = False

    def title(self, language: Language) -> str:
        """The title in the language, else in any that it has, else the id."""
        return self.titles.get(language) or next(iter(self.titles.values()), self.id)


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One date of an entry: the `nominal` one of the rule, by which it is known, and the moment after moving.

    `why` tells why it is not on its nominal date, '' where it is.
    """

    entry: Entry
    nominal: date
    at: datetime
    why: str = ""


class Profile(StrEnum):
    """What sort of workplace a destination is: it decides quiet periods and which tips are for it."""

    OFFICE = "office"
    SCHOOL = "school"
    DAY_CARE = "day_care"
    KITCHEN = "kitchen"
    CUSTOM = "custom"


@dataclass(frozen=True, slots=True)
class Quiet:
    """A time of every year in which nothing is posted: from and to are (month, day), both included."""

    begins: tuple[int, int]
    ends: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Destination:
    """Where posts go: a conversation of a platform, with its wishes.

    `weekday` (0 is Monday) and `time` are when it wants its weekly tip, None where the calendar decides. `person` is
    set for a private one. `paused_until`: nothing before that day. `quiet` is its own, for the profile `custom`.
    """

    id: str
    platform: str  # teams, slack, preview
    conversation: str
    name: str = ""
    languages: tuple[Language, ...] = ("fi",)
    profile: Profile = Profile.OFFICE
    kinds: tuple[Kind, ...] = (Kind.WEEKLY_TIP, Kind.SECURITY_QUARTER, Kind.TIP_SESSION, Kind.REMINDER)
    weekday: int | None = None
    time: time | None = None
    person: str = ""
    paused_until: date | None = None
    quiet: tuple[Quiet, ...] = ()
    since: datetime | None = None  # when it became one: what was due before is not caught up

    @property
    def called(self) -> str:
        """How people know it: its name, else its id."""
        return self.name or self.id


class Status(StrEnum):
    """How far a delivery has come."""

    PLANNED = "planned"
    CLAIMED = "claimed"
    SENT = "sent"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Key:
    """What makes a delivery the same one: it is sent once. `part` is `post`, `post-2` (a further piece),
    `reminder-P7D` (ISO 8601 duration ahead), `follow-up`."""

    entry: str
    nominal: date
    part: str
    destination: str

    def text(self) -> str:
        """The key as one line, as it stands in a message's metadata."""
        return f"{self.entry}/{self.nominal.isoformat()}/{self.part}/{self.destination}"

    @classmethod
    def of(cls, text: str) -> Key:
        """The key of its line. Raises ValueError."""
        entry, nominal, part, destination = text.split("/", 3)
        return cls(entry, date.fromisoformat(nominal), part, destination)


@dataclass(frozen=True, slots=True)
class Planned:
    """A delivery that is to be: when, the tip where it is one, and why it is so (or why it is skipped)."""

    key: Key
    kind: Kind
    at: datetime
    entry: Entry
    destination: Destination
    tip: str = ""
    heading: Entry | None = None  # the day that matters, which heads a weekly tip
    edits: str = ""  # the part whose message this one replaces rather than follows: a later reminder edits the first
    skipped: str = ""  # why it is not sent, '' where it is
    why: str = ""
    until: datetime | None = None  # after this moment it makes no sense any more, and is not caught up


@dataclass(frozen=True, slots=True)
class Delivery:
    """The record of a delivery in the ledger. `message` is the platform's id of what was sent."""

    key: Key
    kind: Kind
    at: datetime
    status: Status
    tip: str = ""
    message: str = ""
    tries: int = 0
    why: str = ""
    changed: datetime | None = None
