"""The next times of an entry as they will come: moved off holidays, and off quiet periods where all it goes to share
them."""

from __future__ import annotations

from datetime import date, timedelta

from scheduler.entryfields import PROFILE
from scheduler.models import Destination, Entry, Kind, Occurrence, Profile
from scheduler.profiles import is_quiet
from scheduler.recurrence import HOLIDAY, nominal_dates, occurrences
from scheduler.weeklytips import tip_moment

_YEAR = timedelta(days=366)
_FURTHEST = (1, 3, 7)  # years to look ahead until enough is found


def coming(entry: Entry, today: date, most: int = 5) -> list[Occurrence]:
    """The entry's next times from today on, by the day on which they come."""
    found: list[Occurrence] = []
    for years in _FURTHEST:
        found = _tips(entry, today, years) if entry.kind is Kind.WEEKLY_TIP else _others(entry, today, years)
        if len(found) >= most:
            break
    return found[:most]


def _others(entry: Entry, today: date, years: int) -> list[Occurrence]:
    place = _place(entry)
    return occurrences(entry, today, today + years * _YEAR, lambda day: is_quiet(place, day))


def _tips(entry: Entry, today: date, years: int) -> list[Occurrence]:
    """A weekly tip stays in its week, and is left out where all of that is closed."""
    place, found = _place(entry), []
    for nominal in nominal_dates(entry, today - timedelta(days=7), today + years * _YEAR):
        at = tip_moment(entry, nominal, place)
        if at and at.date() >= today:
            found.append(Occurrence(entry, nominal, at, "" if at.date() == nominal else HOLIDAY))
    return found


def _place(entry: Entry) -> Destination:
    """One that stands for all: with the quiet times of their profile, or with none where they differ."""
    profile = entry.to[0].removeprefix(PROFILE) if len(entry.to) == 1 and entry.to[0].startswith(PROFILE) else ""
    return Destination("", "", "", profile=Profile(profile or Profile.CUSTOM))
