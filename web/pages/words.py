"""The pages' texts, in fi, sv and en, from `web/catalogue/*.yaml`; days as each language writes them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from functools import cache
from pathlib import Path

from babel import Locale
from babel.dates import format_skeleton, get_day_names, get_month_names

from scheduler.models import ZONE
from tips import yamldocs
from tips.models import Language

CATALOGUE = Path(__file__).parent.parent / "catalogue"
NOON = time(12)
_LOCALES: Mapping[Language, Locale] = {
    "fi": Locale("fi", "FI"),
    "sv": Locale("sv", "FI"),
    "en": Locale("en", "GB"),
}


@cache
def words(language: Language) -> Mapping[str, str]:
    """All texts of the pages in the language, by key."""
    data: dict[str, str] = yamldocs.shipped(CATALOGUE / f"{language}.yaml")
    return data


def word(language: Language, key: str, /, **values: object) -> str:
    """The text in the language with its values filled in. Raises KeyError for a key that no catalogue has."""
    return words(language)[key].strip().format(**values)


def counted(language: Language, key: str, count: int) -> str:
    """'1 vinkki', '7 vinkkiä': the key's text for one or for more."""
    return word(language, f"{key}_one" if count == 1 else f"{key}_many", count=count)


def day(on: date, language: Language) -> str:
    """A day with its weekday: 'ti 12.1.', 'tis 12.1', 'Tue 12 Jan'."""
    noon = datetime.combine(on, NOON)
    return format_skeleton("MMMEd" if language == "en" else "MEd", noon, locale=_LOCALES[language]).replace(",", "")


def date_of(on: date, language: Language) -> str:
    """The same with the year: 'ti 12.1.2027', 'tis 12.1.2027', 'Tue 12 Jan 2027'."""
    between = {"fi": "", "sv": ".", "en": " "}[language]
    return f"{day(on, language)}{between}{on.year}"


def clock(at: datetime) -> str:
    """The time of day in Finland: 9.00, the same in the three languages."""
    local = at.astimezone(ZONE)
    return f"{local.hour}.{local.minute:02}"


def weekdays(language: Language) -> list[str]:
    """The names of the weekdays, Monday first."""
    names = get_day_names("wide", "stand-alone", _LOCALES[language])
    return [names[number] for number in range(7)]


def months(language: Language) -> list[str]:
    """The names of the months, as they stand alone."""
    names = get_month_names("wide", "stand-alone", _LOCALES[language])
    return [names[number] for number in range(1, 13)]
