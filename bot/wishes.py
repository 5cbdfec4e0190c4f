"""Wishes as people type them: 'ti 12.15', 'torstaisin klo 9', 'tis 12.15', 'Tue 12:15'; '2 viikkoa', '15.3. asti'.

Strict: whatever else stands in the text makes it something else, a question perhaps. Words are in
`catalogue/wishes.yaml`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any, cast

from dateutil.relativedelta import relativedelta

from scheduler.parts import EARLIEST, LATEST
from tips import yamldocs
from tips.fields import number_in
from tips.tokens import cleaned, undotted

LONGEST_PAUSE = timedelta(days=366)
_CLOCK = re.compile(r"([0-9]{1,2})(?:[.:]([0-9]{2}))?|([0-9]{2})([0-9]{2})")
_WITH_HALF = re.compile(r"([0-9]{1,2}(?:[.:][0-9]{2})?)(am|pm)")
_DATE = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.?([0-9]{4})?")
_EDGES = ".,;!()'\"”’"
_FEW = 8  # words; more than that is no wish
_SHORT = 3  # words of a span, such as '2 viikkoa' or '15.3. asti'


@dataclass(frozen=True, slots=True)
class Wish:
    """When a weekly tip is wished: the weekday (0 is Monday), the time, or both."""

    weekday: int | None = None
    time: time | None = None

    @property
    def at_weekend(self) -> bool:
        """Whether it is a day on which nothing is posted."""
        return self.weekday is not None and self.weekday > 4

    @property
    def at_night(self) -> bool:
        """Whether it is a time at which nothing is posted."""
        return self.time is not None and not EARLIEST <= self.time <= LATEST


def wish_in(text: str) -> Wish | None:
    """The wish that the whole text is, None where it is none."""
    words = _words(text)
    weekdays = {_weekdays(word) for word in words} - {None}
    if len(weekdays) > 1:
        return None
    rest = [word for word in words if _weekdays(word) is None and word not in _beside()]
    if not rest:
        return Wish(weekday=weekdays.pop()) if weekdays else None
    at = _time(rest)
    return Wish(weekdays.pop() if weekdays else None, at) if at else None


def is_nearly_wish(text: str) -> bool:
    """Whether a short text names a day or a time, though not so that it is understood."""
    words = _words(text)
    return 0 < len(words) <= _FEW and any(_weekdays(word) is not None or word[0].isdigit() for word in words)


def is_not_now(text: str) -> bool:
    """Whether the text puts it off: 'nyt ei käy'."""
    return " ".join(_words(text)) in _not_now()


def pause_end(text: str, today: date) -> date | None:
    """The day on which a pause of '2 viikkoa' or '15.3. asti' ends, None where that is not understood or too long."""
    words = [word for word in _words(text) if word not in _around_span()]
    end = _span_end(words, today) or _named_day(words, today)
    return end if end and today < end <= today + LONGEST_PAUSE else None


def is_nearly_span(text: str) -> bool:
    """Whether it was meant as the length of a pause: a few words, no question, with a number that does not fit."""
    return not text.rstrip().endswith("?") and 0 < len(_words(text)) <= _SHORT and any(map(str.isdigit, text))


def _span_end(words: list[str], today: date) -> date | None:
    count, rest = 1, words
    if words and (number := _number(words[0])):
        count, rest = number, words[1:]
    elif words and (joined := re.fullmatch(r"([0-9]{1,3})([a-z]+)", words[0])):  # '2vk'
        count, rest = int(joined[1]), [joined[2], *words[1:]]
    unit = _unit(rest[0]) if len(rest) == 1 else None
    if unit == "month":
        return today + relativedelta(months=count)
    return today + timedelta(days=count * {"day": 1, "week": 7}[unit]) if unit else None


def _named_day(words: list[str], today: date) -> date | None:
    """The next such day: '15.3.' in April is next year's."""
    found = _DATE.fullmatch(words[0]) if len(words) == 1 else None
    if found is None:
        return None
    number, month = int(found[1]), int(found[2])
    for year in [int(found[3])] if found[3] else [today.year, today.year + 1]:
        try:
            named = date(year, month, number)
        except ValueError:
            continue
        if named > today:
            return named
    return None


def _time(words: list[str]) -> time | None:
    """The time that the words are: '12.15', '9', '0915', 'puoli 10', '2 pm', '2pm'."""
    half = len(words) == 2 and words[0] in _known("half")
    if half:
        words = words[1:]
    if len(words) == 1 and (joined := _WITH_HALF.fullmatch(words[0])):
        words = [joined[1], joined[2]]
    noon = words[1] if len(words) == 2 else ""
    if len(words) > 2 or not words or (noon and noon not in {*_known("before_noon"), *_known("after_noon")}):
        return None
    found = _CLOCK.fullmatch(words[0])
    if found is None:
        return None
    hour, minute = int(found[1] or found[3]), int(found[2] or found[4] or 0)
    if noon and not 1 <= hour <= 12:
        return None
    if noon:
        hour = hour % 12 + (12 if noon in _known("after_noon") else 0)
    if half:
        return time(hour - 1, 30) if 1 <= hour <= 24 and not found[2] and not found[4] else None
    return time(hour, minute) if hour < 24 and minute < 60 else None


def _words(text: str) -> list[str]:
    """The words in small letters without dots on letters or punctuation at their ends; none of a long text."""
    found = [_plain(word.strip(_EDGES)) for word in cleaned(text).split()]
    found = [word for word in found if word]
    return found if len(found) <= _FEW else []


def _plain(word: str) -> str:
    return undotted(word.lower())


@cache
def _weekdays_known() -> tuple[Mapping[str, int], tuple[tuple[str, int], ...]]:
    """Whole words, and beginnings of words."""
    known = [(_plain(word), int(number)) for number, words in _data()["weekdays"].items() for word in words]
    whole = {word: number for word, number in known if not word.endswith("*")}
    return whole, tuple((word[:-1], number) for word, number in known if word.endswith("*"))


def _weekdays(word: str) -> int | None:
    whole, beginnings = _weekdays_known()
    found = whole.get(word)
    return next((number for start, number in beginnings if word.startswith(start)), None) if found is None else found


def _number(word: str) -> int | None:
    numbers = _data()["numbers"]
    spelt = next((int(each) for each, forms in numbers.items() if word in map(_plain, forms)), None)
    return spelt if (written := number_in(word, 3)) is None else written


def _unit(word: str) -> str | None:
    for unit, forms in _data()["spans"].items():
        for form in map(_plain, forms):
            if word == form or (form.endswith("*") and word.startswith(form[:-1])):
                return str(unit)
    return None


@cache
def _known(name: str) -> frozenset[str]:
    return frozenset(_plain(word) for word in cast(Iterable[str], _data()[name]))


def _beside() -> frozenset[str]:
    return _known("beside")


def _around_span() -> frozenset[str]:
    return _known("around_span")


@cache
def _not_now() -> frozenset[str]:
    return frozenset(" ".join(_words(phrase)) for phrase in _data()["not_now"])


@cache
def _data() -> Mapping[str, Any]:
    file = Path(__file__).with_name("catalogue") / "wishes.yaml"
    return cast(Mapping[str, Any], yamldocs.shipped(file))
