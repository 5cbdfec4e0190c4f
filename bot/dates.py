"""Days and times as people write them: 'tiistaina 12.1. klo 9.00', 'tisdag 12.1 kl. 9.00'."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from bot.messages import say
from scheduler.models import ZONE
from tips.models import Language

_SOON = timedelta(hours=1)
_MINUTE = timedelta(minutes=1)


def day(on: date, language: Language) -> str:
    """The day: 'tiistaina 12.1.'."""
    return say(language, f"date_{on.month}", weekday=say(language, f"weekday_{on.weekday()}"), day=on.day)


def day_from(today: date, on: date, language: Language) -> str:
    """The same, with its year where that is not this one: 'tiistaina 12.1.2028'."""
    named = day(on, language)
    return named if on.year == today.year else say(language, "day_of_year", day=named, year=on.year)


def clock(at: time) -> str:
    """The time of day: 9.00, the same in the three languages."""
    return f"{at.hour}.{at.minute:02}"


def when(at: datetime, language: Language) -> str:
    """The day and the time: 'tiistaina 12.1. klo 9.00'."""
    local = at.astimezone(ZONE)
    return say(language, "at_time", day=day(local.date(), language), time=clock(local.time()))


def until(begins: datetime, now: datetime, language: Language) -> str:
    """The same as it is said shortly before: '15 minuutin päästä', 'tänään klo 9.00', 'huomenna klo 9.00'."""
    local = begins.astimezone(ZONE)
    left, days = begins - now, (local.date() - now.astimezone(ZONE).date()).days
    if timedelta(0) < left < _SOON:
        return say(language, "in_minutes", minutes=max(left // _MINUTE, 1))
    if days not in (0, 1) or left < timedelta(0):
        return when(begins, language)
    return say(language, "at_time", day=say(language, "tomorrow" if days else "today"), time=clock(local.time()))


def weekly(weekday: int, at: time, language: Language) -> str:
    """Every week: 'tiistaisin klo 9.00'."""
    return say(language, "at_time", day=say(language, f"weekly_{weekday}"), time=clock(at))


def capital(text: str) -> str:
    """The text with its first letter large, for the beginning of a sentence."""
    return text[:1].upper() + text[1:]


def listed(things: list[str], language: Language) -> str:
    """'a, b ja c'."""
    if len(things) < 2:
        return "".join(things)
    return say(language, "and", before=", ".join(things[:-1]), last=things[-1])
