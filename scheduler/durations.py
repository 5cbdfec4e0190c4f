"""How long ahead of an occurrence something comes, as ISO 8601 text: P7D, PT15M, P1DT2H."""

from __future__ import annotations

import re
from datetime import timedelta

from scheduler.errors import CalendarError
from tips.fields import shown

_DURATION = re.compile(r"(-?)P(?:([0-9]{1,3})W|(?:([0-9]{1,3})D)?(?:T(?:([0-9]{1,3})H)?(?:([0-9]{1,4})M)?)?)")
_LONGEST_AHEAD = timedelta(days=366)


def duration_of(text: object, field: str = "reminders") -> timedelta:
    """How long ahead, of ISO 8601 text such as P7D or PT15M. Raises CalendarError."""
    found = _DURATION.fullmatch(text) if isinstance(text, str) else None
    if not found or not any(found.groups()[1:]):
        raise CalendarError(f"must be a time ahead such as P7D, PT2H or PT15M, not {shown(text)}", field=field)
    weeks, days, hours, minutes = (int(part or 0) for part in found.groups()[1:])
    ahead = timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes)
    if found[1] or not ahead:
        raise CalendarError(f"{text} is not before its event", field=field)
    if ahead > _LONGEST_AHEAD:
        raise CalendarError(f"{text} is more than a year ahead", field=field)
    return ahead


def iso_duration(ahead: timedelta) -> str:
    """The time ahead as such text."""
    hours, minutes = divmod(ahead.seconds // 60, 60)
    days = f"{ahead.days}D" if ahead.days else ""
    clock = (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "")
    return f"P{days}" + (f"T{clock}" if clock else "")
