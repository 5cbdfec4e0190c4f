"""The part of an entry's form that says how often it comes: from a rhythm, and to one."""

from __future__ import annotations

import re
from datetime import date

from scheduler.entryfields import MOST_DATES
from scheduler.models import Entry
from scheduler.recurrence import YEARS
from scheduler.rhythms import LAST, NTHS, YEAR, Pattern, Rhythm, rhythm_of
from web.pages.forms import Form, Problem, day_of

WEEKDAYS, DAYS, MOST_EVERY = range(7), (*range(1, 32), LAST), 12
_BETWEEN = re.compile(r"[\s,;]+(?=\S)")
Problems = dict[str, Problem]


def rhythm_values(entry: Entry) -> dict[str, tuple[str, ...]]:
    """What stands in the fields for the entry's rhythm."""
    rhythm = rhythm_of(entry)
    days = [f"{day.day}.{day.month}.{day.year}" for day in rhythm.dates]
    weekday = rhythm.weekdays[:1] if rhythm.pattern is Pattern.WEEKDAY else (entry.start.weekday(),)
    return {
        "toistuu": (rhythm.pattern.value,),
        "paivat": ("\n".join(days),),
        "viikonpaivat": _texts(rhythm.weekdays if rhythm.pattern is Pattern.WEEKLY else ()),
        "joka": (str(rhythm.every),),
        "monesko": (str(rhythm.nth or 1),),
        "viikonpaiva": _texts(weekday),
        "paiva": (str(rhythm.day or entry.start.day),),
        "kuukaudet": _texts(rhythm.months or YEAR),
        "alkaa": (entry.start.isoformat(),),
        "loppuu": (rhythm.until.isoformat() if rhythm.until else "",),
        "saanto": (entry.rrule,),
    }


def rhythm_from(form: Form, problems: Problems) -> tuple[Rhythm, date | None]:
    """The rhythm that the form says, and its first day. What does not fit is told by field in `problems`."""
    pattern = next((each for each in Pattern if each == form.one("toistuu")), Pattern.DATES)
    if pattern is Pattern.DATES:
        days = _dates(form, problems)
        return Rhythm(pattern, dates=days), min(days, default=None)
    start, until = _start(form, problems), _until(form, problems)
    if start and until and until < start:
        problems["loppuu"] = Problem("entry_ends_early")
    weekdays, months = form.numbers("viikonpaivat", WEEKDAYS), form.numbers("kuukaudet", YEAR)
    every = form.number("joka", range(1, MOST_EVERY + 1))
    if every is None:
        problems["joka"] = Problem("entry_every", {"most": MOST_EVERY})
    if pattern is Pattern.WEEKLY and not weekdays:
        problems["viikonpaivat"] = Problem("entry_weekdays")
    if pattern in (Pattern.WEEKDAY, Pattern.DAY) and not months:
        problems["kuukaudet"] = Problem("entry_months")
    if pattern in (Pattern.WEEKDAY, Pattern.DAY) and (every or 1) > 1 and months != YEAR:
        problems["joka"] = Problem("entry_every_or_months")
    if pattern is Pattern.OWN and not form.one("saanto"):
        problems["saanto"] = Problem("entry_rule_missing")
    return _rhythm(pattern, form, weekdays, months, every or 1, until), start


def _rhythm(
    pattern: Pattern, form: Form, weekdays: tuple[int, ...], months: tuple[int, ...], every: int, until: date | None
) -> Rhythm:
    if pattern is Pattern.OWN:
        return Rhythm(pattern, rule=form.one("saanto"))
    if pattern is Pattern.WEEKLY:
        return Rhythm(pattern, weekdays, every, until=until)
    if pattern is Pattern.WEEKDAY:
        weekdays, nth = form.numbers("viikonpaiva", WEEKDAYS)[:1] or (0,), form.number("monesko", NTHS) or 1
        return Rhythm(pattern, weekdays, every, nth=nth, months=months, until=until)
    return Rhythm(pattern, every=every, day=form.number("paiva", DAYS) or 1, months=months, until=until)


def _dates(form: Form, problems: Problems) -> tuple[date, ...]:
    found: list[date] = []
    for text in filter(None, _BETWEEN.split(form.one("paivat"))):
        day = day_of(text)
        if day is None or day.year not in YEARS:
            problems["paivat"] = Problem("entry_day_unread", {"text": text[:40]})
        else:
            found.append(day)
    if not found:
        problems.setdefault("paivat", Problem("entry_days_missing"))
    if len(found) > MOST_DATES:
        problems["paivat"] = Problem("entry_days_many", {"most": MOST_DATES})
    return tuple(sorted(set(found)))


def _start(form: Form, problems: Problems) -> date | None:
    day = day_of(form.one("alkaa"))
    if day is None or day.year not in YEARS:
        problems["alkaa"] = Problem("entry_start")
        return None
    return day


def _until(form: Form, problems: Problems) -> date | None:
    if not form.one("loppuu"):
        return None
    day = day_of(form.one("loppuu"))
    if day is None or day.year not in YEARS:
        problems["loppuu"] = Problem("entry_until")
    return day


def _texts(numbers: tuple[int, ...]) -> tuple[str, ...]:
    return tuple(map(str, numbers))
