"""A rhythm in words: 'joka kuukauden toinen tiistai klo 9.00', 'den andra tisdagen varje månad kl. 9.00'."""

from __future__ import annotations

from datetime import time, timedelta

from scheduler.models import Entry
from scheduler.rhythms import LAST, YEAR, Pattern, Rhythm, rhythm_of
from tips.models import Language
from web.pages.words import date_of, months, weekdays, word

_MOST_DAYS = 4  # of dates one by one that are told
_MANY_MONTHS = 8  # from which those are told that are left out
_UNITS = (("days", timedelta(days=1)), ("hours", timedelta(hours=1)), ("minutes", timedelta(minutes=1)))


def told(entry: Entry, language: Language) -> str:
    """When the entry comes."""
    rhythm = rhythm_of(entry)
    what = _days(rhythm, language)
    if entry.time and rhythm.pattern is not Pattern.OWN:
        what = word(language, "rhythm_at", what=what, time=clock(entry.time))
    if without := _without(rhythm, language):
        what = word(language, "rhythm_except", what=what, months=without)
    if rhythm.until:
        what = word(language, "rhythm_until", what=what, day=date_of(rhythm.until, language))
    return what


def ahead(before: timedelta, language: Language) -> str:
    """How long before: '7 päivää ennen', '2 tuntia ennen'."""
    unit, length = next((each for each in _UNITS if not before % each[1]), _UNITS[-1])
    count = before // length
    return word(language, f"before_{unit}_{'one' if count == 1 else 'many'}", count=count)


def clock(at: time) -> str:
    """The time of day: 9.00."""
    return f"{at.hour}.{at.minute:02}"


def joined(things: list[str], language: Language) -> str:
    """'a, b ja c'."""
    if len(things) < 2:
        return "".join(things)
    return word(language, "and", before=", ".join(things[:-1]), last=things[-1])


def _days(rhythm: Rhythm, language: Language) -> str:
    names = [weekdays(language)[day] for day in rhythm.weekdays]
    if rhythm.pattern is Pattern.OWN:
        return word(language, "rhythm_own", rule=rhythm.rule)
    if rhythm.pattern is Pattern.DATES:
        return _dates(rhythm, language)
    if rhythm.pattern is Pattern.WEEKLY:
        told = joined(names, language)
        if rhythm.every == 1:
            return word(language, "rhythm_weekly", weekdays=told)
        return word(language, "rhythm_weeks", weekdays=told, every=rhythm.every)
    if rhythm.every > 1:
        which = _which(rhythm, language)
        return word(language, "rhythm_every", which=which, every=rhythm.every)
    return _in_months(rhythm, language)


def _dates(rhythm: Rhythm, language: Language) -> str:
    days = [date_of(day, language) for day in rhythm.dates]
    if len(days) == 1:
        return word(language, "rhythm_once", day=days[0])
    shown = joined(days, language) if len(days) <= _MOST_DAYS else ", ".join([*days[:_MOST_DAYS], "…"])
    return word(language, "rhythm_dates", count=len(days), days=shown)


def _which(rhythm: Rhythm, language: Language) -> str:
    """'toinen tiistai', '15. päivä', 'viimeinen päivä'."""
    if rhythm.pattern is Pattern.DAY:
        return word(language, "rhythm_last_day") if rhythm.day == LAST else word(language, "rhythm_day", day=rhythm.day)
    nth = word(language, "nth_last") if rhythm.nth == LAST else word(language, f"nth_{rhythm.nth}")
    return word(language, "rhythm_nth", nth=nth, weekday=weekdays(language)[rhythm.weekdays[0]])


def _in_months(rhythm: Rhythm, language: Language) -> str:
    which, names = _which(rhythm, language), months(language)
    if len(rhythm.months) >= _MANY_MONTHS:
        return word(language, "rhythm_monthly", which=which)
    of_months = [word(language, "rhythm_of_month", month=names[number - 1]) for number in rhythm.months]
    if len(of_months) == 1:
        return word(language, "rhythm_yearly", which=which, months=of_months[0])
    return word(language, "rhythm_in", which=which, months=joined(of_months, language))


def _without(rhythm: Rhythm, language: Language) -> str:
    """'heinäkuussa': the months in which it does not come, where those are few."""
    if len(rhythm.months) < _MANY_MONTHS:
        return ""
    names = months(language)
    without = [number for number in YEAR if number not in rhythm.months]
    return joined([word(language, "rhythm_in_month", month=names[number - 1]) for number in without], language)
