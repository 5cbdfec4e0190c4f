"""Which days are working days in Finland: not weekends, public holidays, Christmas Eve and Midsummer Eve."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from types import MappingProxyType, ModuleType

from scheduler.errors import CalendarError
from tips.models import Language

FURTHEST = timedelta(days=366)  # how far a day is moved at most

Blocked = Callable[[date], bool]

_DAY = timedelta(days=1)
_SATURDAY = 5
_TONGUES: Mapping[Language, str] = MappingProxyType({"fi": "fi", "sv": "sv_FI", "en": "en_US"})


def never(_: date) -> bool:
    """Blocks no day."""
    return False


def is_working_day(day: date) -> bool:
    """Whether offices are open on the day."""
    return day.weekday() < _SATURDAY and day not in _days_off(day.year)


def next_working_day(day: date, blocked: Blocked = never) -> date:
    """The day itself where it is a working day that is not blocked, else the first such day after it.

    Raises CalendarError where all days of a year are blocked.
    """
    return _nearest(day, _DAY, blocked)


def previous_working_day(day: date, blocked: Blocked = never) -> date:
    """The day itself where it is a working day that is not blocked, else the last such day before it.

    Raises CalendarError where all days of a year are blocked.
    """
    return _nearest(day, -_DAY, blocked)


def _nearest(day: date, step: timedelta, blocked: Blocked) -> date:
    found = day
    while not is_working_day(found) or blocked(found):
        found += step
        if abs(found - day) > FURTHEST:
            raise CalendarError(f"no working day within a year of {day}: all of it is quiet")
    return found


@cache
def _days_off(year: int) -> frozenset[date]:
    """Public holidays, and the two eves: the collective agreements of municipalities make them days off."""
    midsummer_eve = next(day for day in (date(year, 6, 19 + n) for n in range(7)) if day.weekday() == 4)
    return frozenset({*_public_holidays(year), date(year, 12, 24), midsummer_eve})


def holiday_name(day: date, language: Language) -> str:
    """What the day is called where it is a public holiday or Christmas Eve; '' of any other."""
    return _names(day.year, _TONGUES[language]).get(day, "")


@cache
def _names(year: int, tongue: str) -> Mapping[date, str]:
    return _registry().country_holidays("FI", years=year, language=tongue)  # type: ignore[no-any-return]


def _public_holidays(year: int) -> set[date]:
    return set(_registry().country_holidays("FI", years=year))


def _registry() -> ModuleType:
    # Loaded when it is first needed: it takes a fifth of a second, and a server answers before it plans.
    import holidays  # noqa: PLC0415

    # The package of all countries imports each of them, which takes 17 MB; its registry imports the one that is asked
    # for by its own name, where the package is there without its contents.
    if "holidays.countries" not in sys.modules:
        package = ModuleType("holidays.countries")
        package.__path__ = [str(Path(holidays.__file__).with_name("countries"))]
        sys.modules["holidays.countries"] = package
    return holidays
