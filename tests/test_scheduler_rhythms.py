"""Rhythms: what a rule says, what no pattern says, and the way back to the same days."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.models import Entry, Kind
from scheduler.recurrence import check_rule, nominal_dates
from scheduler.rhythms import LAST, NTHS, YEAR, Pattern, Rhythm, rhythm_of, rule_of
from scheduler.starter import starter_year

START = date(2026, 1, 6)  # a Tuesday


def entry(rule: str = "", **fields: object) -> Entry:
    return Entry("e", Kind.REMINDER, {"fi": "E"}, START, rrule=rule, **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("FREQ=WEEKLY;BYDAY=TU", Rhythm(Pattern.WEEKLY, (1,))),
        ("FREQ=WEEKLY", Rhythm(Pattern.WEEKLY, (1,))),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=TH,MO", Rhythm(Pattern.WEEKLY, (0, 3), every=2)),
        ("FREQ=MONTHLY;BYDAY=2TU", Rhythm(Pattern.WEEKDAY, (1,), nth=2, months=YEAR)),
        ("FREQ=MONTHLY;BYMONTH=2,5;BYDAY=-1FR", Rhythm(Pattern.WEEKDAY, (4,), nth=LAST, months=(2, 5))),
        ("FREQ=MONTHLY;INTERVAL=3;BYDAY=3TU", Rhythm(Pattern.WEEKDAY, (1,), every=3, nth=3, months=YEAR)),
        ("FREQ=MONTHLY;BYMONTHDAY=15", Rhythm(Pattern.DAY, day=15, months=YEAR)),
        ("FREQ=MONTHLY", Rhythm(Pattern.DAY, day=6, months=YEAR)),
        ("FREQ=YEARLY;BYMONTH=10;BYDAY=1TH", Rhythm(Pattern.WEEKDAY, (3,), nth=1, months=(10,))),
        ("FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=3", Rhythm(Pattern.DAY, day=3, months=(12,))),
        ("FREQ=YEARLY", Rhythm(Pattern.DAY, day=6, months=(1,))),
    ],
)
def test_what_a_rule_says(rule: str, expected: Rhythm) -> None:
    found = rhythm_of(entry(rule))
    assert found.rule == rule
    assert (found.pattern, found.weekdays, found.every, found.nth, found.day, found.months) == (
        expected.pattern,
        expected.weekdays,
        expected.every,
        expected.nth,
        expected.day,
        expected.months,
    )


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=DAILY",
        "FREQ=YEARLY;BYWEEKNO=6;BYDAY=TU",
        "FREQ=YEARLY;BYMONTH=2;BYDAY=TU;BYMONTHDAY=5,6,7,8,9,10,11",
        "FREQ=YEARLY;BYDAY=20MO",
        "FREQ=YEARLY;INTERVAL=2",
        "FREQ=YEARLY;BYMONTHDAY=5",
        "FREQ=MONTHLY;BYDAY=TU",
        "FREQ=MONTHLY;BYDAY=5MO",
        "FREQ=MONTHLY;BYDAY=1MO,3MO",
        "FREQ=MONTHLY;BYMONTHDAY=1,15",
        "FREQ=WEEKLY;BYDAY=TU;COUNT=5",
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO;WKST=SU",
    ],
)
def test_a_rule_that_no_pattern_says_is_an_own_one_and_stays(rule: str) -> None:
    found = rhythm_of(entry(rule))
    assert found == Rhythm(Pattern.OWN, rule=rule)
    assert rule_of(found) == rule


def test_dates_one_by_one_and_a_single_day() -> None:
    days = (date(2027, 1, 12), date(2027, 3, 2))
    assert rhythm_of(entry(dates=days)).dates == days
    assert rhythm_of(entry()).dates == (START,)
    assert rule_of(rhythm_of(entry())) == ""


def test_every_entry_of_the_ready_year_has_the_same_days_by_its_rhythms_rule() -> None:
    told = 0
    for each in starter_year():
        rhythm = rhythm_of(each)
        told += rhythm.pattern is not Pattern.OWN
        again = Entry("e", each.kind, each.titles, each.start, rrule=rule_of(rhythm), dates=each.dates)
        days = date(2026, 1, 1), date(2030, 12, 31)
        assert nominal_dates(again, *days) == nominal_dates(each, *days), each.id
    assert told >= len(starter_year()) - 1


patterns = st.one_of(
    st.builds(
        Rhythm,
        st.just(Pattern.WEEKLY),
        st.sets(st.integers(0, 6), min_size=1).map(lambda days: tuple(sorted(days))),
        st.integers(1, 8),
    ),
    st.builds(
        Rhythm,
        st.just(Pattern.WEEKDAY),
        st.tuples(st.integers(0, 6)),
        nth=st.sampled_from(NTHS),
        months=st.sets(st.integers(1, 12), min_size=1).map(lambda months: tuple(sorted(months))),
    ),
    st.builds(
        Rhythm,
        st.just(Pattern.DAY),
        day=st.sampled_from([*range(1, 29), LAST]),
        months=st.sets(st.integers(1, 12), min_size=1).map(lambda months: tuple(sorted(months))),
    ),
)


@settings(max_examples=80)
@given(patterns, st.none() | st.dates(date(2028, 1, 1), date(2030, 1, 1)))
def test_what_the_form_makes_is_read_back_as_it_was(rhythm: Rhythm, until: date | None) -> None:
    made = Rhythm(rhythm.pattern, rhythm.weekdays, rhythm.every, rhythm.nth, rhythm.day, rhythm.months, (), until, "")
    rule = rule_of(made)
    check_rule(entry(rule))
    found = rhythm_of(entry(rule))
    assert (found.pattern, found.weekdays, found.nth, found.day, found.months) == (
        made.pattern,
        made.weekdays,
        made.nth,
        made.day,
        made.months,
    )
    assert (found.every, found.until) == (made.every, until)
