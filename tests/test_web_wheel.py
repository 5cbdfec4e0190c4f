"""The wheel's geometry: everything is on the sheet, in its order, and hides nothing else."""

from __future__ import annotations

import re
from datetime import date, timedelta
from itertools import pairwise
from math import dist
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web.wheel import (
    APART,
    HUB,
    LANES,
    MARK,
    MONTHS,
    RIM,
    SIZE,
    Mark,
    Slice,
    Wheel,
    angle,
    drawn,
    lettered,
    point,
)
from web.wheel import placed as places

YEARS = st.integers(2020, 2099)
TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=60)


def wheel(year: int = 2027, **given: object) -> Wheel:
    values: dict[str, object] = {
        "months": [f"month {number}" for number in range(1, 13)],
        "slices": [],
        "marks": [],
        "today": None,
        "title": "the year",
    }
    return Wheel(year, **{**values, **given})  # type: ignore[arg-type]


def _parsed(svg: str) -> ET.Element:
    return ET.fromstring(svg)  # noqa: S314  what we have drawn ourselves


def days(year: int) -> st.SearchStrategy[date]:
    return st.dates(date(year, 1, 1), date(year, 12, 31))


@st.composite
def marks(draw: st.DrawFn, most: int = 150) -> tuple[int, list[Mark]]:
    year = draw(YEARS)
    chosen = draw(st.lists(days(year), max_size=most))
    return year, [Mark(day, "task", f"mark {number}", f"#t{number}") for number, day in enumerate(chosen)]


@given(YEARS, st.data())
def test_the_year_runs_clockwise_from_the_top(year: int, data: st.DataObject) -> None:
    day = data.draw(days(year))
    assert angle(date(year, 1, 1), year) == 0
    assert angle(date(year + 1, 1, 1), year) == 360
    assert 0 <= angle(day, year) < angle(day + timedelta(days=1), year) <= 360


@pytest.mark.parametrize(("degrees", "place"), [(0, (0, -100)), (90, (100, 0)), (180, (0, 100)), (270, (-100, 0))])
def test_degrees_are_those_of_a_clock(degrees: float, place: tuple[float, float]) -> None:
    assert point(degrees, 100) == place


@given(marks())
def test_each_mark_stands_in_a_lane_on_the_sheet(drawn_marks: tuple[int, list[Mark]]) -> None:
    year, given_marks = drawn_marks
    found = places(given_marks, year)
    assert sorted(each.mark.href for each in found) == sorted(mark.href for mark in given_marks)
    for each in found:
        assert abs(dist((each.x, each.y), (0, 0)) - LANES[each.lane]) < 0.2
        assert abs(each.x) <= SIZE / 2 - MARK
        assert abs(each.y) <= SIZE / 2 - MARK


@given(marks(most=110))
def test_no_mark_hides_another(drawn_marks: tuple[int, list[Mark]]) -> None:
    year, given_marks = drawn_marks
    # Several on the last days of the year may run over into January; a calendar that full is not planned.
    early = [mark for mark in given_marks if mark.day.month < 10]
    found = places(early, year)
    for one, other in ((one, other) for one in found for other in found if one is not other):
        assert dist((one.x, one.y), (other.x, other.y)) > 2 * MARK


@given(marks(most=30))
def test_a_mark_that_is_alone_stands_on_its_day(drawn_marks: tuple[int, list[Mark]]) -> None:
    year, given_marks = drawn_marks
    for mark in given_marks:
        (only,) = places([mark], year)
        assert (only.x, only.y) == point(angle(mark.day, year) + angle(date(year, 1, 2), year) / 2, LANES[0])


@given(marks())
def test_the_order_in_which_they_are_given_changes_nothing(drawn_marks: tuple[int, list[Mark]]) -> None:
    year, given_marks = drawn_marks
    assert places(given_marks, year) == places(given_marks[::-1], year)


def test_lanes_are_far_enough_apart() -> None:
    assert all(outer - inner >= 2 * MARK + 2 for outer, inner in pairwise(LANES))
    assert APART > 2 * MARK
    assert HUB < LANES[-1] < LANES[0] < MONTHS < RIM < SIZE / 2


@given(TEXTS)
def test_a_theme_is_lettered_in_at_most_two_lines_that_fit(label: str) -> None:
    lines = lettered(label)
    assert 1 <= len(lines) <= 2
    assert all(len(line) <= 19 for line in lines)


@pytest.mark.parametrize(
    ("label", "lines"),
    [
        ("Salasanat", ["Salasanat"]),
        ("Some ja oma digiturva", ["Some ja oma", "digiturva"]),
        ("Sähköiset muistiinpanot ja tehtävät", ["Sähköiset", "muistiinpanot ja…"]),
        ("Monivaiheinen tunnistautuminen", ["Monivaiheinen", "tunnistautuminen"]),
        ("Epäjärjestelmällistyttämättömyys", ["Epäjärjestelmällis…"]),
    ],
)
def test_words_stay_whole_where_they_can(label: str, lines: list[str]) -> None:
    assert lettered(label) == lines


@given(TEXTS, TEXTS, YEARS)
def test_whatever_a_title_holds_the_picture_is_well_formed(title: str, href: str, year: int) -> None:
    day = date(year, 6, 1)
    slices = [Slice(date.fromisocalendar(year, 23, 1), 0, "digiturva", title, title, f"#{href}")]
    svg = _parsed(drawn(wheel(year, slices=slices, marks=[Mark(day, "task", title, href)], title=title, today=day)))
    told = [found.text or "" for found in svg.iter("title")]
    assert told == [title, title]


def test_a_script_in_a_title_is_text() -> None:
    svg = drawn(wheel(marks=[Mark(date(2027, 3, 1), "task", "<script>alert(1)</script>", '"><script>')]))
    assert "<script" not in svg
    assert "&lt;script&gt;" in svg


def test_every_mark_and_week_is_a_link_that_says_what_it_is() -> None:
    slices = [Slice(date(2027, 1, 11), 1, "digivinkki", "Kalenteri", "Viikko 2: Kalenteri", "#v2")]
    svg = _parsed(drawn(wheel(slices=slices, marks=[Mark(date(2027, 1, 12), "session", "Tuokio", "#t0")])))
    assert [(link.get("href"), link.findtext("title")) for link in svg.iter("a")] == [
        ("#v2", "Viikko 2: Kalenteri"),
        ("#t0", "Tuokio"),
    ]


@given(YEARS)
def test_each_week_has_its_number_once(year: int) -> None:
    numbers = re.findall(r"<text x=\"[^\"]+\" y=\"[^\"]+\">(\d+)</text>", drawn(wheel(year)))
    last = date(year, 12, 28).isocalendar().week
    assert [int(number) for number in numbers] == list(range(1, last + 1))


@pytest.mark.parametrize("today", [None, date(2027, 1, 1), date(2027, 12, 31)])
def test_the_hand_is_there_in_its_year_only(today: date | None) -> None:
    assert ('class="hand"' in drawn(wheel(today=today))) is (today is not None)


def test_no_style_and_no_script_stand_in_the_picture() -> None:
    svg = drawn(wheel(today=date(2027, 5, 1)))
    assert " style=" not in svg
    assert " on" not in re.sub(r"<title>.*?</title>", "", svg).replace(" odd", "")
