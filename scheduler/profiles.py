"""What sort of workplace a destination is: when it is quiet there, and which tips are for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from types import MappingProxyType

from scheduler.models import Destination, Profile, Quiet
from tips.models import Tip

_CHRISTMAS = Quiet((12, 22), (1, 6))
_JULY = Quiet((7, 1), (7, 31))


@dataclass(frozen=True, slots=True)
class QuietTimes:
    """When nothing is posted, year after year: periods by date, and whole ISO weeks."""

    periods: tuple[Quiet, ...] = ()
    weeks: tuple[int, ...] = ()


# The winter break is week 8, 9 or 10 by region; a school of another week takes the profile `custom`.
QUIET_TIMES: Mapping[Profile, QuietTimes] = MappingProxyType(
    {
        Profile.OFFICE: QuietTimes((_CHRISTMAS, _JULY)),
        Profile.SCHOOL: QuietTimes((Quiet((6, 1), (8, 10)), Quiet((12, 20), (1, 7))), (8, 9, 42)),
        Profile.DAY_CARE: QuietTimes((_CHRISTMAS, _JULY)),
        Profile.KITCHEN: QuietTimes((_CHRISTMAS, _JULY)),
        Profile.CUSTOM: QuietTimes(),
    }
)

_AUDIENCES: Mapping[Profile, frozenset[str]] = MappingProxyType(
    {
        Profile.OFFICE: frozenset({"all", "desk"}),
        Profile.SCHOOL: frozenset({"all", "desk"}),
        Profile.DAY_CARE: frozenset({"all", "mobile"}),
        Profile.KITCHEN: frozenset({"all", "mobile"}),
        Profile.CUSTOM: frozenset({"all", "desk", "mobile"}),
    }
)
_IN_PRIVATE = frozenset({"all", "desk", "mobile"})


def is_quiet(destination: Destination, day: date) -> bool:
    """Whether nothing is posted there on that day of any year: by its profile, or by its own wish."""
    return is_quiet_at(destination.profile, destination.quiet, day)


@lru_cache(maxsize=50_000)
def is_quiet_at(profile: Profile, own: tuple[Quiet, ...], day: date) -> bool:
    """The same by what it depends on: many destinations share that."""
    times = QUIET_TIMES[profile]
    if day.isocalendar().week in times.weeks:
        return True
    return any(spans(period.begins, period.ends, day) for period in (*times.periods, *own))


def spans(begins: tuple[int, int], ends: tuple[int, int], day: date) -> bool:
    """Whether the day is between the two, given as (month, day) and both included; they may span the new year."""
    here = (day.month, day.day)
    return begins <= here <= ends if begins <= ends else here >= begins or here <= ends


def fits(tip: Tip, destination: Destination) -> bool:
    """Whether the tip is for those who read there. One for supervisors or tutors only is for no weekly post."""
    wanted = _IN_PRIVATE if destination.person else _AUDIENCES[destination.profile]
    return not tip.audience or not wanted.isdisjoint(tip.audience)
