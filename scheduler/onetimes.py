"""Changes of one time of an entry: moved to another day, left out, taken back, or about another theme. Pure.

The rule stays; what differs stands as dates beside it, so that files and calendars carry it too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from scheduler.errors import CalendarError
from scheduler.models import Entry
from scheduler.recurrence import nominal_dates
from tips.models import Language


def left_out(entry: Entry, nominal: date) -> Entry:
    """Without that time. Raises CalendarError where it is none, or the only one."""
    _check(entry, nominal)
    if not entry.rrule and len(entry.dates) < 2:
        raise CalendarError("is the only one: hide the entry", entry=entry.id, field="dates")
    kept = tuple(day for day in entry.dates if day != nominal)
    # Of dates alone, the day is gone from them; a rule would bring it again.
    skipped = tuple(sorted({*entry.but_not, nominal})) if entry.rrule else entry.but_not
    return replace(entry, dates=kept, but_not=skipped, start=entry.start if entry.rrule else kept[0])


def moved(entry: Entry, nominal: date, day: date) -> Entry:
    """With that time on another day. Raises CalendarError where there is none, or one on that day already."""
    _check(entry, nominal)
    if nominal_dates(entry, day, day):
        raise CalendarError("has another time on that day", entry=entry.id, field="dates")
    if not entry.rrule:
        days = tuple(sorted({*entry.dates, day} - {nominal})) or (day,)
        return replace(entry, dates=days, start=days[0])
    if day < entry.start:
        raise CalendarError("holds a day before the start", entry=entry.id, field="dates")
    return replace(
        entry,
        dates=tuple(sorted({*entry.dates, day} - {nominal})),
        but_not=tuple(sorted({*entry.but_not, nominal} - {day})),
    )


def taken_back(entry: Entry, day: date) -> Entry:
    """As the rule says about the day: what was left out comes, what was added does not."""
    return replace(
        entry,
        dates=tuple(each for each in entry.dates if each != day or not entry.rrule),
        but_not=tuple(each for each in entry.but_not if each != day),
    )


def about(entry: Entry, nominal: date, theme: str, titles: Mapping[Language, str]) -> tuple[Entry | None, Entry]:
    """The entry without that time, None where it has no other, and an entry of its own for the time.

    Raises CalendarError where there is no such time.
    """
    _check(entry, nominal)
    alone = replace(
        entry,
        id=f"{entry.id}-{nominal.isoformat()}",
        titles=titles,
        texts={},
        theme=theme,
        rrule="",
        start=nominal,
        dates=(nominal,),
        but_not=(),
        recordings={},
        recording_link="",
    )
    others = entry.rrule or len(entry.dates) > 1
    return left_out(entry, nominal) if others else None, alone


def _check(entry: Entry, nominal: date) -> None:
    if nominal not in nominal_dates(entry, nominal, nominal):
        raise CalendarError(f"has no time on {nominal}", entry=entry.id, field="dates")
