"""The times of an entry as the pages tell them: the day, the hour, and why it is not the day of the rule."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from scheduler.models import Entry, Occurrence
from scheduler.recurrence import QUIET
from scheduler.workdays import holiday_name
from tips.models import Language
from web.pages import words


@dataclass(frozen=True, slots=True)
class Time:
    """A time that comes. `nominal` is the day by which it is known, `why` the words for its moving, '' without."""

    nominal: str
    day: str
    clock: str
    why: str


@dataclass(frozen=True, slots=True)
class Change:
    """A change of one time: the day, and whether it was left out or added."""

    nominal: str
    day: str
    left_out: bool


def times(found: Iterable[Occurrence], language: Language) -> list[Time]:
    """What comes, in words."""
    return [
        Time(
            each.nominal.isoformat(),
            words.date_of(each.at.date(), language),
            words.clock(each.at) if each.entry.time else "",
            _why(each, language),
        )
        for each in found
    ]


def changes(entry: Entry, today: date, language: Language) -> list[Change]:
    """The changes of single times from today on, by day."""
    added = entry.dates if entry.rrule else ()
    found = [(day, True) for day in entry.but_not] + [(day, False) for day in added]
    return [
        Change(day.isoformat(), words.date_of(day, language), left_out)
        for day, left_out in sorted(found)
        if day >= today
    ]


def _why(each: Occurrence, language: Language) -> str:
    if not each.why:
        return ""
    day = words.day(each.nominal, language)
    if each.why == QUIET:
        return words.word(language, "why_quiet", day=day)
    if name := holiday_name(each.nominal, language):
        return words.word(language, "why_holiday", day=day, name=name)
    return words.word(language, "why_day_off", day=day)
