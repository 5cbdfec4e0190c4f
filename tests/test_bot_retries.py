"""How often and how long: backoff with jitter, and what a Retry-After header asks for."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.retries import Backoff, retry_after

NOW = datetime(2027, 1, 12, 7, 15, tzinfo=UTC)
DATE = "Tue, 12 Jan 2027 07:15:30 GMT"


class Chance(random.Random):
    """Always the longest that might be drawn."""

    def uniform(self, a: float, b: float) -> float:
        return max(a, b)


def drawing(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311  jitter, no secret


@pytest.mark.parametrize(
    ("backoff", "longest"),
    [
        (Backoff(), [0.5, 1, 2, 4, 8]),
        (Backoff(tries=8, first=1, longest=10), [1, 2, 4, 8, 10, 10, 10]),
        (Backoff(tries=1), []),
        (Backoff(tries=0), []),
    ],
)
def test_the_longest_pauses_double_up_to_a_limit(backoff: Backoff, longest: list[float]) -> None:
    assert list(backoff.pauses(Chance())) == longest


@given(seed=st.integers(), tries=st.integers(1, 12))
def test_a_pause_is_drawn_between_nothing_and_its_longest(seed: int, tries: int) -> None:
    backoff = Backoff(tries=tries)
    drawn, longest = list(backoff.pauses(drawing(seed))), list(backoff.pauses(Chance()))
    assert len(drawn) == tries - 1
    assert all(0 <= pause <= most for pause, most in zip(drawn, longest, strict=True))


def test_two_that_fail_together_do_not_come_back_together() -> None:
    assert list(Backoff().pauses(drawing(1))) != list(Backoff().pauses(drawing(2)))


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, 0),
        ({"Retry-After": "7"}, 7),
        ({"Retry-After": " 2.5 "}, 2.5),
        ({"Retry-After": "0"}, 0),
        ({"Retry-After": "-5"}, 0),
        ({"Retry-After": "99999"}, 86_400),
        ({"Retry-After": "3600"}, 3600),
        ({"Retry-After": "inf"}, 86_400),
        ({"Retry-After": "nan"}, 0),
        ({"Retry-After": ""}, 0),
        ({"Retry-After": "soon"}, 0),
        ({"Retry-After": DATE}, 30),
        ({"Retry-After": format_datetime(NOW.replace(hour=6), usegmt=True)}, 0),
        ({"Retry-After": format_datetime(NOW.replace(year=2028), usegmt=True)}, 86_400),
        ({"Retry-After": "Tue, 12 Jan 2027 07:15:30"}, 0),
        ({"Retry-After": "Tue, 12 Jan 2027 07:15:30 -0000"}, 0),
    ],
)
def test_retry_after_is_a_number_or_a_date_and_nonsense_asks_for_nothing(
    headers: Mapping[str, str], seconds: float
) -> None:
    assert retry_after(headers, NOW) == seconds


def test_no_longer_than_the_caller_bears() -> None:
    assert retry_after({"Retry-After": "3600"}, NOW, longest=300) == 300


def test_a_date_is_measured_from_now_where_no_clock_is_given() -> None:
    assert retry_after({"Retry-After": format_datetime(datetime(2020, 1, 1, tzinfo=UTC), usegmt=True)}) == 0.0


def broken_dates() -> st.SearchStrategy[str]:
    """A date with a piece of it replaced."""
    pieces = st.text(st.sampled_from("0123456789+-:., GMTJan"), max_size=25) | st.text(max_size=5)
    cuts = st.integers(0, len(DATE))
    return st.builds(lambda at, to, piece: DATE[:at] + piece + DATE[to:], cuts, cuts, pieces)


@given(value=st.text() | broken_dates())
@example(value="Mon, 01 Jan 20249999999999999 00:00:00 GMT")
@example(value="Mon, 01 Jan 2024 00:00:00 +99999999999999999999")
def test_whatever_stands_in_the_header_is_a_bearable_number_of_seconds(value: str) -> None:
    assert 0 <= retry_after({"Retry-After": value}, NOW) <= 86_400
