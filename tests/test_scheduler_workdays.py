"""Working days in Finland, and the nearest one."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.errors import CalendarError
from scheduler.workdays import is_working_day, next_working_day, previous_working_day

DAYS = st.dates(date(2026, 1, 1), date(2040, 12, 31))


@pytest.mark.parametrize(
    ("day", "what"),
    [
        ("2027-01-01", "New Year's Day"),
        ("2027-01-06", "Epiphany"),
        ("2027-03-26", "Good Friday"),
        ("2027-03-29", "Easter Monday"),
        ("2027-05-06", "Ascension Day"),
        ("2028-05-01", "May Day"),
        ("2027-06-25", "Midsummer Eve"),
        ("2029-06-22", "Midsummer Eve"),
        ("2027-12-06", "Independence Day"),
        ("2027-12-24", "Christmas Eve"),
        ("2028-12-26", "St Stephen's Day"),
        ("2027-01-09", "a Saturday"),
        ("2027-01-10", "a Sunday"),
    ],
)
def test_nobody_works_on(day: str, what: str) -> None:
    assert not is_working_day(date.fromisoformat(day)), what


@pytest.mark.parametrize("day", ["2027-01-07", "2027-12-23", "2027-12-27", "2027-06-24", "2027-04-30", "2027-12-31"])
def test_people_work_on(day: str) -> None:
    assert is_working_day(date.fromisoformat(day))


@pytest.mark.parametrize(
    ("day", "after", "before"),
    [
        ("2027-12-24", "2027-12-27", "2027-12-23"),
        ("2027-03-27", "2027-03-30", "2027-03-25"),
        ("2027-01-07", "2027-01-07", "2027-01-07"),
        ("2028-01-01", "2028-01-03", "2027-12-31"),
    ],
)
def test_the_nearest_working_day(day: str, after: str, before: str) -> None:
    assert next_working_day(date.fromisoformat(day)) == date.fromisoformat(after)
    assert previous_working_day(date.fromisoformat(day)) == date.fromisoformat(before)


@given(DAYS)
def test_the_nearest_working_day_is_one_and_near(day: date) -> None:
    after, before = next_working_day(day), previous_working_day(day)
    assert is_working_day(after)
    assert is_working_day(before)
    assert timedelta() <= after - day <= timedelta(days=5)
    assert timedelta() <= day - before <= timedelta(days=5)


def test_quiet_days_are_passed_over_and_a_quiet_year_is_an_error() -> None:
    assert next_working_day(date(2027, 7, 1), lambda day: day.month == 7) == date(2027, 8, 2)
    assert previous_working_day(date(2027, 7, 15), lambda day: day.month == 7) == date(2027, 6, 30)
    with pytest.raises(CalendarError, match="no working day within a year"):
        next_working_day(date(2027, 7, 1), lambda _: True)
