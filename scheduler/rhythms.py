"""How often an entry comes, as a small value that a form can fill in and words can tell: from a rule, and back to one.

A rule that none of the patterns says is `OWN`: it stays as it is written.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from scheduler.models import Entry

LAST = -1  # the last weekday, or the last day, of a month
NTHS = (1, 2, 3, 4, LAST)
YEAR = tuple(range(1, 13))
_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_NTH = re.compile(r"(-?[0-9]{1,2})?(MO|TU|WE|TH|FR|SA|SU)")


class Pattern(StrEnum):
    """What decides the days."""

    DATES = "dates"  # given one by one; also a single one
    WEEKLY = "weekly"  # on weekdays, every so many weeks
    WEEKDAY = "weekday"  # the n-th weekday of months
    DAY = "day"  # the same day of months
    OWN = "own"  # a rule that is none of these


@dataclass(frozen=True, slots=True)
class Rhythm:
    """The rhythm of an entry. `every` counts weeks, or all months from the start; `weekdays` has 0 for Monday; `nth` is
    one of `NTHS`; `day` 1 to 31 or LAST; `months` are those in which it comes, all twelve for every month."""

    pattern: Pattern
    weekdays: tuple[int, ...] = ()
    every: int = 1
    nth: int = 0
    day: int = 0
    months: tuple[int, ...] = ()
    dates: tuple[date, ...] = ()
    until: date | None = None
    rule: str = ""


def rhythm_of(entry: Entry) -> Rhythm:
    """How often the entry comes. Dates beside a rule are single changes of it and do not count."""
    if not entry.rrule:
        return Rhythm(Pattern.DATES, dates=entry.dates or (entry.start,))
    parts = dict(part.split("=", 1) for part in entry.rrule.split(";"))
    until = parts.pop("UNTIL", "")
    found = _weekly(parts, entry.start) or _in_months(parts, entry.start)
    if found is None:
        return Rhythm(Pattern.OWN, rule=entry.rrule)
    return replace(found, until=date.fromisoformat(until) if until else None, rule=entry.rrule)


def rule_of(rhythm: Rhythm) -> str:
    """The RFC 5545 rule; '' for dates one by one."""
    parts: dict[str, str] = {}
    if rhythm.pattern is Pattern.DATES:
        return ""
    if rhythm.pattern is Pattern.OWN:
        return rhythm.rule
    if rhythm.pattern is Pattern.WEEKLY:
        parts = {"FREQ": "WEEKLY", "BYDAY": ",".join(_WEEKDAYS[day] for day in sorted(rhythm.weekdays))}
    else:
        parts = {"FREQ": "YEARLY" if len(rhythm.months) == 1 else "MONTHLY"}
        if rhythm.months != YEAR:
            parts["BYMONTH"] = ",".join(map(str, rhythm.months))
        if rhythm.pattern is Pattern.DAY:
            parts["BYMONTHDAY"] = str(rhythm.day)
        else:
            parts["BYDAY"] = f"{rhythm.nth}{_WEEKDAYS[rhythm.weekdays[0]]}"
    if rhythm.every > 1:
        parts["INTERVAL"] = str(rhythm.every)
    if rhythm.until:
        parts["UNTIL"] = f"{rhythm.until:%Y%m%d}"
    return ";".join(f"{name}={value}" for name, value in parts.items())


def _weekly(parts: Mapping[str, str], start: date) -> Rhythm | None:
    if parts["FREQ"] != "WEEKLY" or not parts.keys() <= {"FREQ", "BYDAY", "INTERVAL"}:
        return None
    days = parts.get("BYDAY", _WEEKDAYS[start.weekday()]).split(",")
    weekdays = tuple(sorted({_WEEKDAYS.index(day) for day in days}))
    return Rhythm(Pattern.WEEKLY, weekdays, every=int(parts.get("INTERVAL", "1")))


def _in_months(parts: Mapping[str, str], start: date) -> Rhythm | None:
    """Of a monthly rule, or of a yearly one. Without a month, a yearly rule counts its days through the year."""
    every, yearly = int(parts.get("INTERVAL", "1")), parts["FREQ"] == "YEARLY"
    counted = yearly and "BYMONTH" not in parts and not parts.keys().isdisjoint({"BYDAY", "BYMONTHDAY"})
    strange = not parts.keys() <= {"FREQ", "BYMONTH", "BYDAY", "BYMONTHDAY", "INTERVAL"}
    months = _months(parts.get("BYMONTH", ""), start, yearly=yearly)
    both = {"BYDAY", "BYMONTHDAY"} <= parts.keys()
    if parts["FREQ"] not in ("MONTHLY", "YEARLY") or strange or counted or both or (every > 1 and months != YEAR):
        return None
    if "BYDAY" in parts:
        return _nth_weekday(parts["BYDAY"], every, months)
    day = parts.get("BYMONTHDAY", str(start.day))
    one = re.fullmatch("[0-9]{1,2}|-1", day)
    return Rhythm(Pattern.DAY, every=every, day=int(day), months=months) if one else None


def _nth_weekday(text: str, every: int, months: tuple[int, ...]) -> Rhythm | None:
    found = _NTH.fullmatch(text)
    if not found or int(found[1] or 0) not in NTHS:
        return None
    return Rhythm(Pattern.WEEKDAY, (_WEEKDAYS.index(found[2]),), every, nth=int(found[1]), months=months)


def _months(text: str, start: date, *, yearly: bool) -> tuple[int, ...]:
    if text:
        return tuple(sorted({int(month) for month in text.split(",")}))
    return (start.month,) if yearly else YEAR
