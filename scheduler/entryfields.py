"""The fields of an entry as people write them: each reader takes one field, and refuses it by its name.

What does not fit is a CalendarError or a PackError.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, time
from enum import StrEnum
from typing import Any, TypeVar

from scheduler.errors import CalendarError
from scheduler.models import Profile, Season
from scheduler.recurrence import YEARS, canonical
from tips.errors import PackError
from tips.fields import flag, identity, is_web_address, shown, string
from tips.models import LANGUAGES, Language

LONGEST_TITLE = 150  # characters: a heading of a post, a line in Outlook
MOST_DATES = 1_000
LONGEST_MINUTES = 31 * 24 * 60
EVERYBODY = "all"
PROFILE = "profile:"

_TIME = re.compile(r"([01]?[0-9]|2[0-3])[:.]([0-5][0-9])")
_MONTH_DAY = re.compile("([0-9]{2})-([0-9]{2})")

E = TypeVar("E", bound=StrEnum)
T = TypeVar("T")


def choice_of(kind: type[E], value: object, field: str) -> E:
    """One of the kinds."""
    text = string(value, field)
    if text not in set(kind):
        known = ", ".join(kind)
        raise CalendarError(
            f"must be one of {known}, not {shown(text)}" if text else f"is missing: {known}", field=field
        )
    return kind(text)


def texts_of(data: object, field: str, longest: int = 2_000) -> dict[Language, str]:
    """Texts by language."""
    texts = mapping_of(data, field)
    for language in texts:
        if language not in LANGUAGES:
            raise CalendarError(f"is not a language; use {', '.join(LANGUAGES)}", field=f"{field}.{language}"[:60])
    return {lang: _words(texts[lang], f"{field}.{lang}", longest) for lang in LANGUAGES if texts.get(lang) is not None}


def _words(data: object, field: str, longest: int) -> str:
    text = string(data, field, longest).strip()
    if not any(letter.isalnum() for letter in text):
        raise CalendarError(f"needs words, not {shown(text)}" if text else "is empty", field=field)
    if longest == LONGEST_TITLE and len(text.splitlines()) > 1:
        raise CalendarError("must be one line", field=field)
    return text


def date_of(value: object, field: str) -> date:
    """A day, YYYY-MM-DD."""
    text = string(value, field)
    try:
        day = date.fromisoformat(text)
    except ValueError:
        what = (
            "is no day of the calendar"
            if re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", text)
            else "must be a day such as 2027-01-28"
        )
        raise CalendarError(f"{what}: {shown(text)}" if text else what, field=field) from None
    if day.year not in YEARS:
        raise CalendarError(f"{text}: the year must be between {YEARS[0]} and {YEARS[-1]}", field=field)
    return day


def start_of(dates: tuple[date, ...]) -> date:
    """The first of the dates, where no start is given."""
    if not dates:
        raise CalendarError("is missing: give start, or dates", field="start")
    return dates[0]


def dates_of(value: object, field: str) -> tuple[date, ...]:
    """Days in their order, each once."""
    days = list_of(value, field)
    if len(days) > MOST_DATES:
        raise CalendarError(f"holds {len(days)} dates, at most {MOST_DATES} fit; use a rule", field=field)
    return tuple(sorted({date_of(day, field) for day in days}))


def rule_of(value: object) -> str:
    """A recurrence rule in its one form, '' for none; whether it makes sense is checked with the whole entry."""
    return canonical(string(value, "rrule", 500).strip().upper().removeprefix("RRULE:"))


def time_of(value: object) -> time | None:
    """A time of day, None for none."""
    text = string(value, "time")
    if not text:
        return None
    if not (found := _TIME.fullmatch(text)):
        raise CalendarError(f"must be a time of day such as 9:00 or 12.15, not {shown(text)}", field="time")
    return time(int(found[1]), int(found[2]))


def minutes_of(value: object) -> int:
    """A number of minutes, 0 for none."""
    text = string(value, "minutes")
    if not text:
        return 0
    if not re.fullmatch("-?[0-9]{1,9}", text):
        raise CalendarError(f"must be a number, not {shown(text)}", field="minutes")
    if int(text) < 0:
        raise CalendarError(f"{text}: the end would be before the start", field="minutes")
    if int(text) > LONGEST_MINUTES:
        raise CalendarError(f"{text} is more than a month", field="minutes")
    return int(text)


def theme_of(value: object, field: str) -> str:
    """A theme's id, '' for none."""
    return identity(value, field) if value else ""


def week_of(week: str, theme: object) -> tuple[int, str]:
    """An ISO week and its theme."""
    if not re.fullmatch("0?[1-9]|[1-4][0-9]|5[0-3]", week):
        raise CalendarError(f"is no ISO week: 1 to 53, not {shown(week)}", field="weeks")
    return int(week), identity(theme, f"weeks.{week}")


def season_of(value: object) -> Season:
    """A tip and the time of the year to which it belongs."""
    data = mapping_of(value, "seasons")
    for name in data:
        if name not in ("tip", "from", "to"):
            raise CalendarError("is not a field of a season; it has tip, from and to", field=f"seasons.{name}"[:60])
    begins, ends = _month_day(data.get("from"), "seasons.from"), _month_day(data.get("to"), "seasons.to")
    return Season(identity(data.get("tip"), "seasons.tip"), begins, ends)


def _month_day(value: object, field: str) -> tuple[int, int]:
    text = string(value, field)
    if not (found := _MONTH_DAY.fullmatch(text)):
        raise CalendarError(f"must be a day of the year such as 06-01, not {shown(text)}", field=field)
    month, day = int(found[1]), int(found[2])
    try:
        date(2028, month, day)  # a leap year: 02-29 is a day of the year
    except ValueError:
        raise CalendarError(f"is no day of the year: {shown(text)}", field=field) from None
    return month, day


def month_day(month_day: tuple[int, int]) -> str:
    """A day of the year as it is written, 06-01."""
    return f"{month_day[0]:02}-{month_day[1]:02}"


def addressees_of(value: object) -> tuple[str, ...]:
    """To whom it goes: everybody where nothing is said."""
    wanted = once(
        string(to, "to", 200).strip() for to in (list_of(value, "to") if isinstance(value, list) else [value]) if to
    )
    for to in wanted:
        if to.startswith(PROFILE) and to.removeprefix(PROFILE) not in set(Profile):
            raise CalendarError(f"unknown profile {shown(to)}; there are {', '.join(Profile)}", field="to")
        if not to or any(letter.isspace() for letter in to):
            raise CalendarError(f"must be all, profile:… or a destination's id, not {shown(to)}", field="to")
    return wanted or (EVERYBODY,)


def link_of(value: object, field: str) -> str:
    """A whole web address, '' for none."""
    text = string(value, field).strip()
    if text and not is_web_address(text):
        raise CalendarError(f"must be a whole web address, https://…, not {shown(text)}", field=field)
    return text


def flag_of(value: object, field: str) -> bool:
    """Yes or no; no where nothing is said."""
    try:
        return bool(flag(value))
    except PackError as error:
        raise CalendarError(error.reason, field=field) from None


def mapping_of(value: object, field: str) -> dict[str, Any]:
    """Fields by name, none where nothing is said."""
    if value is None or value == "":
        return {}
    if not isinstance(value, dict):
        raise CalendarError(f"must be fields, such as {{fi: …}}, not {shown(value)}", field=field)
    return value


def list_of(value: object, field: str) -> list[Any]:
    """A list, empty where nothing is said."""
    if value is None or value == "":
        return []
    if not isinstance(value, list):
        raise CalendarError(f"must be a list, not {shown(value)}", field=field)
    return value


def once(values: Iterable[T]) -> tuple[T, ...]:
    """The values in their order, each once."""
    return tuple(dict.fromkeys(values))
