"""Entries of the file format: read and written back the same, and every bad field refused by name."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.durations import duration_of, iso_duration
from scheduler.entries import entry_mapping, entry_of, laid_over
from scheduler.errors import CalendarError
from scheduler.models import Kind, Moves, Season

FULL: dict[str, Any] = {
    "id": "quarter-passwords",
    "kind": "security_quarter",
    "title": {"fi": "Digiturvavartti: salasanat", "sv": "Lösenord", "en": "Passwords"},
    "text": {"fi": "Tule mukaan.\nOta puhelin."},
    "start": "2027-01-01",
    "rrule": "FREQ=MONTHLY;BYDAY=1TH",
    "dates": ["2027-03-03"],
    "but_not": ["2027-07-01"],
    "time": "09:00",
    "minutes": "15",
    "theme": "passwords",
    "seasons": [{"tip": "mfa-new-phone", "from": "12-27", "to": "02-29"}],
    "reminders": ["P7D", "PT15M"],
    "to": ["profile:school", "19:hall"],
    "owner": "it",
    "host": "Anna",
    "meeting_link": "https://teams.example/1",
    "recording_link": "https://video.example/1",
    "recordings": {"2027-02-04": "https://video.example/2"},
    "moves": "previous",
    "joins_tip": "true",
    "source": "https://example.org",
    "hidden": "true",
}
SMALL: dict[str, Any] = {"id": "a", "kind": "reminder", "title": {"fi": "Muista"}, "start": "2027-01-28"}


def test_every_field_is_read_and_written_back() -> None:
    entry = entry_of(FULL)
    assert entry_mapping(entry) == FULL
    assert (entry.kind, entry.time, entry.moves) == (Kind.SECURITY_QUARTER, time(9), Moves.PREVIOUS)
    assert entry.reminders == (timedelta(days=7), timedelta(minutes=15))
    assert entry.seasons == (Season("mfa-new-phone", (12, 27), (2, 29)),)


def test_a_small_entry_has_what_is_usual() -> None:
    entry = entry_of(SMALL)
    assert entry_mapping(entry) == SMALL
    assert (entry.to, entry.moves, entry.time, entry.hidden) == (("all",), Moves.NEXT, None, False)


def test_dates_need_no_start_and_a_time_may_be_written_with_a_point() -> None:
    entry = entry_of({**SMALL, "start": None, "dates": ["2027-05-02", "2027-03-01", "2027-03-01"], "time": "12.15"})
    assert (entry.start, entry.dates) == (date(2027, 3, 1), (date(2027, 3, 1), date(2027, 5, 2)))
    assert entry.time == time(12, 15)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"id": "a/b"}, "field id: may hold letters"),
        ({"id": ""}, "field id: is missing"),
        ({"kind": "party"}, "entry a: field kind: must be one of weekly_tip"),
        ({"kind": None}, "field kind: is missing"),
        ({"title": {"fi": "🎉🎉"}}, "entry a: field title.fi: needs words, not '🎉🎉'"),
        ({"title": {"fi": ""}}, "field title.fi: is empty"),
        ({"title": {"fi": "a\nb"}}, "field title.fi: must be one line"),
        ({"title": {"fi": "a" * 151}}, "field title.fi: is 151 characters long"),
        ({"title": {"de": "a"}}, "field title.de: is not a language"),
        ({"title": "Muista"}, "field title: must be fields"),
        ({"title": None}, "field title: is missing"),
        ({"colour": "red"}, "field colour: is not a field of the calendar format"),
        ({"start": None}, "field start: is missing"),
        ({"start": "2027-02-31"}, "field start: is no day of the calendar: '2027-02-31'"),
        ({"start": "28.1.2027"}, "field start: must be a day such as"),
        ({"start": "0001-01-01"}, "field start: 0001-01-01: the year must be"),
        ({"dates": ["2027-02-31"]}, "field dates: is no day of the calendar"),
        ({"dates": ["2027-01-01"]}, "field dates: holds a day before the start"),
        ({"dates": "2027-02-01"}, "field dates: must be a list"),
        ({"dates": ["2027-02-01"] * 1001}, "field dates: holds 1001 dates"),
        ({"rrule": "FREQ=HOURLY"}, "entry a: field rrule: fires more often than daily"),
        ({"rrule": "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=31"}, "entry a: field rrule: never fires"),
        ({"rrule": "FREQ=YEARLY;UNTIL=20260101"}, "field rrule: ends on 2026-01-01, before it starts"),
        ({"but_not": ["2027-01-28"]}, "field but_not: takes away every date"),
        ({"time": "24:00"}, "field time: must be a time of day"),
        ({"minutes": "15"}, "field minutes: needs a time"),
        ({"time": "9:00", "minutes": "-15"}, "field minutes: -15: the end would be before the start"),
        ({"time": "9:00", "minutes": "soon"}, "field minutes: must be a number"),
        ({"time": "9:00", "minutes": "99999"}, "field minutes: 99999 is more than a month"),
        ({"reminders": ["-P1D"]}, "entry a: field reminders: -P1D is not before its event"),
        ({"reminders": ["PT0M"]}, "field reminders: PT0M is not before its event"),
        ({"reminders": ["P2Y"]}, "field reminders: must be a time ahead"),
        ({"reminders": ["P900D"]}, "field reminders: P900D is more than a year ahead"),
        ({"reminders": ["P"]}, "field reminders: must be a time ahead"),
        ({"theme": "a b"}, "field theme: may hold letters"),
        ({"kind": "tip_session"}, "field theme: is missing: a tip_session is about a theme"),
        ({"weeks": {"2": "passwords"}}, "field weeks: belongs to a weekly_tip"),
        ({"kind": "weekly_tip", "weeks": {"54": "passwords"}}, "field weeks: is no ISO week"),
        ({"kind": "weekly_tip", "weeks": {"5": ""}}, "field weeks.5: is missing"),
        ({"seasons": [{"tip": "x", "from": "02-30", "to": "03-01"}]}, "field seasons.from: is no day of the year"),
        ({"seasons": [{"tip": "x", "from": "2.1.", "to": "03-01"}]}, "field seasons.from: must be a day of the year"),
        ({"seasons": [{"tip": "x", "till": "03-01"}]}, "field seasons.till: is not a field"),
        ({"to": ["profile:library"]}, "field to: unknown profile 'profile:library'"),
        ({"to": ["the hall"]}, "field to: must be all"),
        ({"meeting_link": "teams.example"}, "field meeting_link: must be a whole web address"),
        ({"recordings": {"soon": "https://a.example"}}, "field recordings: must be a day"),
        ({"moves": "sideways"}, "field moves: must be one of next, previous, skip, keep"),
        ({"joins_tip": "perhaps"}, "field joins_tip: must be true or false"),
        ({"hidden": "perhaps"}, "field hidden: must be true or false"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(fields: dict[str, Any], said: str) -> None:
    with pytest.raises(CalendarError) as refused:
        entry_of({**SMALL, **fields})
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


@given(st.integers(1, 366 * 24 * 60))
def test_a_time_ahead_is_written_and_read_back(minutes: int) -> None:
    ahead = timedelta(minutes=minutes)
    assert duration_of(iso_duration(ahead)) == ahead


@pytest.mark.parametrize(
    ("text", "written"), [("P1W", "P7D"), ("P7D", "P7D"), ("PT90M", "PT1H30M"), ("P1DT2H", "P1DT2H")]
)
def test_a_time_ahead_has_one_form(text: str, written: str) -> None:
    assert iso_duration(duration_of(text)) == written


def test_an_entry_laid_over_another_keeps_what_it_does_not_say() -> None:
    base = entry_of(FULL)
    over = entry_of(laid_over({"id": base.id, "time": "14:00", "title": {"fi": "Oma"}}, base))
    assert (over.time, over.titles["fi"], over.titles["sv"]) == (time(14), "Oma", "Lösenord")
    assert (over.rrule, over.theme) == (base.rrule, base.theme)
    other = entry_of(laid_over({"id": base.id, "dates": ["2027-02-02"]}, base))
    assert (other.rrule, other.dates, other.but_not, other.start) == ("", (date(2027, 2, 2),), (), date(2027, 2, 2))
