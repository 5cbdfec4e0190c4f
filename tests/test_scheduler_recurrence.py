"""Rules, days moved off holidays and quiet periods, and clocks that jump."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from time import perf_counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.errors import CalendarError
from scheduler.models import ZONE, Entry, Kind, Moves
from scheduler.recurrence import HOLIDAY, QUIET, canonical, check_rule, moment, nominal_dates, occurrences
from scheduler.workdays import is_working_day

START = date(2027, 1, 1)
TUESDAYS = Entry("tip", Kind.WEEKLY_TIP, {"fi": "Vinkki"}, START, rrule="FREQ=WEEKLY;BYDAY=TU", time=time(9))


def _days(entry: Entry, start: str, end: str) -> list[str]:
    return [str(day) for day in nominal_dates(entry, date.fromisoformat(start), date.fromisoformat(end))]


def _comes(entry: Entry, start: str, end: str, quiet: int = 0) -> list[tuple[str, str, str]]:
    found = occurrences(
        entry, date.fromisoformat(start), date.fromisoformat(end), lambda day: bool(quiet) and day.month == quiet
    )
    return [(str(each.nominal), str(each.at.date()), each.why) for each in found]


def _july(day: date) -> bool:
    return day.month == 7


# --- Dates --------------------------------------------------------------------------------------------------------


def test_a_rule_gives_its_dates_both_ends_included() -> None:
    assert _days(TUESDAYS, "2027-01-05", "2027-01-19") == ["2027-01-05", "2027-01-12", "2027-01-19"]
    assert _days(TUESDAYS, "2026-01-01", "2027-01-04") == []


def test_dates_stand_beside_the_rule_and_some_are_taken_away() -> None:
    entry = replace(TUESDAYS, dates=(date(2027, 1, 13),), but_not=(date(2027, 1, 12),))
    assert _days(entry, "2027-01-01", "2027-01-19") == ["2027-01-05", "2027-01-13", "2027-01-19"]


def test_without_rule_and_dates_it_is_once() -> None:
    assert _days(replace(TUESDAYS, rrule=""), "2027-01-01", "2030-01-01") == ["2027-01-01"]


def test_a_rule_repeats_every_year_without_help() -> None:
    entry = replace(TUESDAYS, rrule="FREQ=YEARLY;BYMONTH=5;BYDAY=1TH")
    assert _days(entry, "2027-01-01", "2030-12-31") == ["2027-05-06", "2028-05-04", "2029-05-03", "2030-05-02"]


def test_a_counted_rule_ends() -> None:
    assert len(_days(replace(TUESDAYS, rrule="FREQ=WEEKLY;COUNT=3"), "2027-01-01", "2040-01-01")) == 3


# --- Rules that are refused ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("FREQ=HOURLY", "fires more often than daily"),
        ("FREQ=MINUTELY;INTERVAL=5", "fires more often than daily"),
        ("FREQ=DAILY;BYHOUR=9,15", "fires more often than daily"),
        ("FREQ=DAILY;BYHOUR=9", "the time of day stands in the field time"),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=31", "never fires: month 2 has no day 31"),
        ("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30,31", "never fires: month 2 has no day 30,31"),
        ("FREQ=YEARLY;BYYEARDAY=366;BYMONTH=1", "never fires"),
        ("FREQ=MONTHLY;BYDAY=MO;BYSETPOS=9", "never fires"),
        ("FREQ=WEEKLY;UNTIL=20260101", "ends on 2026-01-01, before it starts on 2027-01-01"),
        ("FREQ=WEEKLY;UNTIL=20270231", "20270231 is no day of the calendar"),
        ("FREQ=WEEKLY;UNTIL=20280101;COUNT=2", "exclude each other"),
        ("FREQ=WEEKLY;BYDAY=2TU", "counts within a month or a year"),
        ("FREQ=DAILY;INTERVAL=0", "INTERVAL cannot be '0'"),
        ("FREQ=WEEKLY;COUNT=0", "COUNT cannot be '0'"),
        ("FREQ=YEARLY;BYMONTH=13", "BYMONTH cannot be '13'"),
        ("FREQ=YEARLY;BYEASTER=1", "'BYEASTER' is no part"),
        ("FREQ=WEEKLY;FREQ=DAILY", "FREQ stands twice"),
        ("FREQ=SOMETIMES", "FREQ cannot be 'SOMETIMES'"),
        ("BYDAY=TU", "FREQ is missing"),
        ("every Tuesday", "must be an RFC 5545 rule"),
        ("FREQ=WEEKLY\nDTSTART:20270101", "FREQ cannot be"),
    ],
)
def test_a_rule_that_does_not_work_is_refused_at_once(rule: str, said: str) -> None:
    began = perf_counter()
    with pytest.raises(CalendarError, match=r"^entry tip: field rrule: ") as refused:
        check_rule(replace(TUESDAYS, rrule=rule))
    assert said in str(refused.value)
    assert perf_counter() - began < 3


@pytest.mark.parametrize("rule", ["FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", "FREQ=MONTHLY;BYMONTHDAY=31", "FREQ=DAILY"])
def test_a_rare_rule_is_one(rule: str) -> None:
    check_rule(replace(TUESDAYS, rrule=rule))


def test_a_rule_whose_dates_are_all_taken_away_never_happens() -> None:
    entry = replace(TUESDAYS, rrule="FREQ=WEEKLY;COUNT=2", but_not=(date(2027, 1, 1), date(2027, 1, 8)))
    with pytest.raises(CalendarError, match="field but_not"):
        check_rule(entry)
    check_rule(replace(entry, rrule="FREQ=WEEKLY"))


def test_the_same_rule_is_the_same_text() -> None:
    assert canonical("BYDAY=+1MO;FREQ=MONTHLY") == canonical("FREQ=MONTHLY;BYDAY=1MO") == "FREQ=MONTHLY;BYDAY=1MO"


# --- Moving -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("moves", "comes"), [("next", "2027-12-07"), ("previous", "2027-12-03"), ("keep", "2027-12-06"), ("skip", "")]
)
def test_off_a_holiday_as_the_entry_wishes(moves: str, comes: str) -> None:
    entry = replace(TUESDAYS, rrule="", start=date(2027, 12, 6), moves=Moves(moves))
    why = "" if moves == "keep" else HOLIDAY
    assert _comes(entry, "2027-12-01", "2027-12-31") == ([("2027-12-06", comes, why)] if comes else [])


@pytest.mark.parametrize(
    ("moves", "comes"), [("next", "2027-08-02"), ("previous", "2027-06-30"), ("keep", ""), ("skip", "")]
)
def test_out_of_a_quiet_period(moves: str, comes: str) -> None:
    entry = replace(TUESDAYS, rrule="", start=date(2027, 7, 7), moves=Moves(moves))
    assert _comes(entry, "2027-06-01", "2027-08-31", quiet=7) == ([("2027-07-07", comes, QUIET)] if comes else [])


def test_what_is_moved_is_found_by_the_day_on_which_it_comes() -> None:
    entry = replace(TUESDAYS, rrule="FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=31", moves=Moves.NEXT)
    assert _comes(entry, "2029-01-01", "2029-01-05") == [("2028-12-31", "2029-01-02", HOLIDAY)]
    assert _comes(replace(entry, moves=Moves.PREVIOUS), "2028-12-25", "2028-12-30") == [
        ("2028-12-31", "2028-12-29", HOLIDAY)
    ]


def test_the_tips_of_a_quiet_july_do_not_pile_up_in_august() -> None:
    found = _comes(TUESDAYS, "2027-06-28", "2027-08-10", quiet=7)
    assert [nominal for nominal, _, _ in found] == ["2027-06-29", "2027-07-27", "2027-08-03", "2027-08-10"]
    assert found[1][1:] == ("2027-08-02", QUIET)


def test_quiet_all_year_is_skipped() -> None:
    assert occurrences(TUESDAYS, START, date(2027, 12, 31), lambda _: True) == []


@settings(max_examples=60)
@given(
    st.dates(date(2027, 1, 1), date(2031, 1, 1)),
    st.integers(1, 200),
    st.sampled_from(Moves),
    st.sampled_from(["FREQ=DAILY", "FREQ=WEEKLY;BYDAY=MO,FR", "FREQ=MONTHLY;BYMONTHDAY=6", "FREQ=YEARLY"]),
)
def test_moved_days_are_working_days_that_are_not_quiet_one_each(
    start: date, days: int, moves: Moves, rule: str
) -> None:
    end = start + timedelta(days=days)
    found = occurrences(replace(TUESDAYS, rrule=rule, moves=moves), start, end, _july)
    dates = [each.at.date() for each in found]
    assert dates == sorted(set(dates))
    assert all(start <= day <= end and not _july(day) for day in dates)
    assert all(is_working_day(day) for day in dates) or moves is Moves.KEEP
    # Two windows beside each other show the same as one.
    middle = start + timedelta(days=days // 2)
    entry = replace(TUESDAYS, rrule=rule, moves=moves)
    after = occurrences(entry, middle + timedelta(days=1), end, _july)
    assert [*occurrences(entry, start, middle, _july), *after] == found


# --- Clocks -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "at", "utc"),
    [
        ("2027-03-28", "02:59", "2027-03-28T00:59"),
        ("2027-03-28", "03:00", "2027-03-28T01:00"),
        ("2027-03-28", "03:30", "2027-03-28T01:00"),
        ("2027-03-28", "03:59", "2027-03-28T01:00"),
        ("2027-03-28", "04:00", "2027-03-28T01:00"),
        ("2027-10-31", "03:30", "2027-10-31T00:30"),
        ("2027-10-31", "04:00", "2027-10-31T02:00"),
        ("2027-07-01", "09:00", "2027-07-01T06:00"),
    ],
)
def test_the_lost_hour_and_the_doubled_one(day: str, at: str, utc: str) -> None:
    found = moment(date.fromisoformat(day), time.fromisoformat(at))
    assert found.astimezone(UTC) == datetime.fromisoformat(utc).replace(tzinfo=UTC)


@given(st.dates(date(2026, 1, 1), date(2036, 1, 1)), st.times())
def test_a_moment_exists_and_reads_as_asked_or_follows_the_gap(day: date, at: time) -> None:
    found, wished = moment(day, at), datetime.combine(day, at)
    assert found.astimezone(UTC).astimezone(ZONE).replace(tzinfo=None, fold=0) == found.replace(tzinfo=None, fold=0)
    assert timedelta() <= found.replace(tzinfo=None) - wished <= timedelta(hours=1)


def test_once_a_day_on_both_days_of_the_clock() -> None:
    entry = replace(TUESDAYS, rrule="FREQ=DAILY", time=time(3, 30), moves=Moves.KEEP)
    for day in (date(2027, 3, 28), date(2027, 10, 31)):
        found = occurrences(entry, day - timedelta(days=1), day + timedelta(days=1))
        assert [each.nominal.day for each in found] == [(day + timedelta(days=n)).day for n in (-1, 0, 1)]
        assert len({each.at.astimezone(UTC) for each in found}) == 3
