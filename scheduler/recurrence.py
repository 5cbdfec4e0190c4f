"""When an entry happens: its rule or dates, days moved off holidays and quiet periods, and clocks that jump."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import islice
from types import MappingProxyType

from dateutil.rrule import rrule, rrulestr

from scheduler.errors import CalendarError
from scheduler.models import ZONE, Entry, Moves, Occurrence
from scheduler.workdays import FURTHEST, Blocked, is_working_day, never, next_working_day, previous_working_day

MORNING = time(9)  # for an entry without a time
YEARS = range(1900, 2200)  # a rule is counted from its start, so one of the year 1 would take long

HOLIDAY, QUIET = "holiday", "quiet"  # why an occurrence is not on its nominal date

_OFTENER = ("HOURLY", "MINUTELY", "SECONDLY")
_TIME_PARTS = ("BYHOUR", "BYMINUTE", "BYSECOND")
_NUMBER = "[1-9][0-9]{0,3}"
_DAYS = "(-?[0-9]{1,2})?(MO|TU|WE|TH|FR|SA|SU)"


def _list(number: str) -> str:
    return f"({number})(,({number}))*"


_PARTS: Mapping[str, str] = MappingProxyType(
    {
        "FREQ": "DAILY|WEEKLY|MONTHLY|YEARLY",
        "INTERVAL": _NUMBER,
        "BYMONTH": _list("0?[1-9]|1[0-2]"),
        "BYWEEKNO": _list("-?(0?[1-9]|[1-4][0-9]|5[0-3])"),
        "BYYEARDAY": _list("-?(?!0+(,|$))[0-3]?[0-9]?[0-9]"),
        "BYMONTHDAY": _list("-?(0?[1-9]|[12][0-9]|3[01])"),
        "BYDAY": _list(_DAYS),
        "BYSETPOS": _list("-?(?!0+(,|$))[0-3]?[0-9]?[0-9]"),
        "WKST": "MO|TU|WE|TH|FR|SA|SU",
        "COUNT": _NUMBER,
        "UNTIL": "[0-9]{8}",
    }
)
_LENGTHS = (0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)  # days of the months, by number
_LONGEST_CYCLE = 40  # years: after which weekdays fall on the same dates, the leap day too, over 2100
_MINUTE = timedelta(minutes=1)


def canonical(rule: str) -> str:
    """The rule with its parts in one order and without plus signs, so that the same rule is the same text."""
    try:
        parts = _parts(rule.replace("+", "")) if rule else {}
    except CalendarError:
        return rule  # refused later, as it was written
    order = {name: number for number, name in enumerate(_PARTS)}
    names = sorted(parts, key=lambda name: order.get(name, len(order)))
    return ";".join(f"{name}={parts[name]}" for name in names)


def check_rule(entry: Entry) -> None:
    """Raises CalendarError where the entry's rule is broken, oftener than daily, or never comes true."""
    try:
        if entry.rrule:
            _check_parts(_parts(entry.rrule), entry.start)
            if not _firsts(entry.rrule, entry.start, 1):
                raise CalendarError("never fires", field="rrule")
        if not _anything_left(entry):
            raise CalendarError("takes away every date there is, so it never happens", field="but_not")
    except CalendarError as error:
        raise error.at(entry=entry.id) from None


def nominal_dates(entry: Entry, start: date, end: date) -> list[date]:
    """The entry's dates from start to end, both included, before any is moved."""
    found = {day for day in entry.dates if start <= day <= end}
    if entry.rrule:
        years = range(max(start.year, entry.start.year), min(end.year, YEARS[-1]) + 1)
        found.update(day for year in years for day in _of_year(entry.rrule, entry.start, year) if start <= day <= end)
    elif not entry.dates and start <= entry.start <= end:
        found.add(entry.start)
    return sorted(found.difference(entry.but_not))


def occurrences(entry: Entry, start: date, end: date, blocked: Blocked = never) -> list[Occurrence]:
    """What comes from start to end, both included, by the days after moving.

    `blocked` days are quiet ones. Left out is what the entry's `moves` skips, and what would be moved to the entry's
    following date or beyond: five weekly tips of a quiet July do not pile up in August.
    """
    nominal = nominal_dates(entry, start - FURTHEST, end + FURTHEST)
    found = []
    for day in nominal:
        moved, why = _moved(entry, day, blocked)
        if moved and start <= moved <= end and not _overtakes(nominal, day, moved):
            found.append(Occurrence(entry, day, moment(moved, entry.time or MORNING), why))
    return sorted(found, key=lambda occurrence: occurrence.at)


def moment(day: date, at: time) -> datetime:
    """The wall-clock time in Finland; of the lost hour in spring the first moment after, of the doubled the first."""
    local = datetime.combine(day, at.replace(tzinfo=None, fold=0), ZONE)
    # Through UTC and back: what does not come back the same does not exist. It comes back after the gap.
    back = local.astimezone(UTC).astimezone(ZONE)
    if back.replace(tzinfo=None, fold=0) == local.replace(tzinfo=None):
        return local
    while (back - _MINUTE).utcoffset() == back.utcoffset():
        back -= _MINUTE
    return back.replace(second=0, microsecond=0)


def _moved(entry: Entry, day: date, blocked: Blocked) -> tuple[date | None, str]:
    """The day after moving, None where it is skipped, and why it moved."""
    if not blocked(day) and (entry.moves is Moves.KEEP or is_working_day(day)):
        return day, ""
    why = QUIET if blocked(day) else HOLIDAY
    with suppress(CalendarError):  # no working day within a year: skipped
        if entry.moves is Moves.NEXT:
            return next_working_day(day, blocked), why
        if entry.moves is Moves.PREVIOUS:
            return previous_working_day(day, blocked), why
    return None, why


def _overtakes(nominal: list[date], day: date, moved: date) -> bool:
    """Whether the day, moved, comes to another date of the entry or beyond that."""
    after = bisect_right(nominal, day)
    if moved > day:
        return after < len(nominal) and nominal[after] <= moved
    return moved < day and after >= 2 and nominal[after - 2] >= moved


@lru_cache(maxsize=4096)
def _of_year(rule: str, start: date, year: int) -> tuple[date, ...]:
    first, last = datetime(year, 1, 1), datetime(year, 12, 31)  # noqa: DTZ001  days, not moments
    return tuple(found.date() for found in _rule(rule, start).between(first, last, inc=True))


def _rule(rule: str, start: date) -> rrule:
    parsed = rrulestr(rule, dtstart=datetime.combine(start, time.min))
    if not isinstance(parsed, rrule):
        raise CalendarError("must be one rule", field="rrule")
    return parsed


def _firsts(rule: str, start: date, count: int) -> list[date]:
    """The first dates of the rule. The search ends where the calendar repeats itself: dateutil's would in 9999."""
    parts = _parts(rule)
    horizon = min(start.year + _LONGEST_CYCLE * int(parts.get("INTERVAL", "1")), YEARS[-1])
    count = min(count, int(parts.pop("COUNT", count)))
    parts["UNTIL"] = min(parts.get("UNTIL", "99991231"), f"{horizon}1231")
    bounded = ";".join(f"{name}={value}" for name, value in parts.items())
    try:
        return [found.date() for found in islice(_rule(bounded, start), count)]
    except (ValueError, OverflowError, IndexError, TypeError) as error:
        raise CalendarError(f"is no recurrence rule: {error}", field="rrule") from None


def _anything_left(entry: Entry) -> bool:
    """Whether `but_not` leaves a date."""
    if not entry.but_not:
        return True
    days = set(entry.dates)
    if entry.rrule:
        days.update(_firsts(entry.rrule, entry.start, len(entry.but_not) + 1))
    elif not days:
        days.add(entry.start)
    return bool(days.difference(entry.but_not))


def _parts(rule: str) -> dict[str, str]:
    """The rule's parts by name. Raises CalendarError."""
    parts: dict[str, str] = {}
    for part in rule.split(";"):
        name, equals, value = part.partition("=")
        if not equals or not value:
            raise CalendarError(
                f"must be an RFC 5545 rule such as FREQ=WEEKLY;BYDAY=TU, not {rule[:60]!r}", field="rrule"
            )
        if name in parts:
            raise CalendarError(f"{name} stands twice", field="rrule")
        parts[name] = value
    return parts


def _check_parts(parts: Mapping[str, str], start: date) -> None:
    if parts.get("FREQ") in _OFTENER or any("," in parts.get(name, "") for name in _TIME_PARTS):
        raise CalendarError("fires more often than daily", field="rrule")
    for name, value in parts.items():
        if name in _TIME_PARTS:
            raise CalendarError(f"{name}: the time of day stands in the field time", field="rrule")
        if name not in _PARTS:
            raise CalendarError(f"{name[:20]!r} is no part of an RFC 5545 rule", field="rrule")
        if not re.fullmatch(_PARTS[name], value):
            raise CalendarError(f"{name} cannot be {value[:40]!r}", field="rrule")
    _check_sense(parts, start)


def _check_until(until: str, start: date) -> None:
    if not until:
        return
    try:
        last = date.fromisoformat(until)
    except ValueError:
        raise CalendarError(f"UNTIL: {until} is no day of the calendar", field="rrule") from None
    if last < start:
        raise CalendarError(f"ends on {last}, before it starts on {start}", field="rrule")


def _check_sense(parts: Mapping[str, str], start: date) -> None:
    """Refuses what each part allows and the whole does not."""
    if "FREQ" not in parts:
        raise CalendarError("FREQ is missing", field="rrule")
    if "UNTIL" in parts and "COUNT" in parts:
        raise CalendarError("UNTIL and COUNT exclude each other", field="rrule")
    if parts["FREQ"] in ("DAILY", "WEEKLY") and re.search("[0-9]", parts.get("BYDAY", "")):
        raise CalendarError(
            f"BYDAY={parts['BYDAY']} counts within a month or a year, not with {parts['FREQ']}", field="rrule"
        )
    _check_until(parts.get("UNTIL", ""), start)
    if "BYMONTH" in parts and "BYMONTHDAY" in parts:
        longest = max(_LENGTHS[int(month)] for month in parts["BYMONTH"].split(","))
        if min(abs(int(day)) for day in parts["BYMONTHDAY"].split(",")) > longest:
            raise CalendarError(
                f"never fires: month {parts['BYMONTH']} has no day {parts['BYMONTHDAY']}", field="rrule"
            )
