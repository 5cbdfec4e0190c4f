"""Which tip, and why that one."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from scheduler.choosing import Week, Why, choose_tip
from scheduler.models import Destination, Profile, Season
from tips.models import Tip

OFFICE = Destination("office", "teams", "19:office")
KITCHEN = Destination("kitchen", "teams", "19:kitchen", profile=Profile.KITCHEN)
WEEK: Week = (2027, 10)
MONDAY = date.fromisocalendar(2027, 10, 1)
TIPS = (
    Tip("strong", "passwords"),
    Tip("manager", "passwords"),
    Tip("leave", "self-service"),
    Tip("sum", "excel", audience=("desk",)),
    Tip("filter", "excel", audience=("desk",)),
    Tip("approve", "self-service", audience=("supervisor",)),
)
SPRING = Season("leave", (3, 1), (3, 31))


def _weeks_ago(weeks: int) -> date:
    return MONDAY - timedelta(weeks=weeks)


def test_the_first_of_the_theme() -> None:
    assert choose_tip(TIPS, "passwords", OFFICE, WEEK, {}) == ("strong", Why("theme", "passwords"))


def test_not_what_was_had_in_the_last_52_weeks() -> None:
    assert choose_tip(TIPS, "passwords", OFFICE, WEEK, {"strong": _weeks_ago(1)}) == (
        "manager",
        Why("theme", "passwords"),
    )
    had = {"strong": _weeks_ago(52), "manager": _weeks_ago(53) + timedelta(days=6)}
    assert choose_tip(TIPS, "passwords", OFFICE, WEEK, had) == ("manager", Why("theme", "passwords"))


def test_what_was_never_had_goes_before_what_has_rested() -> None:
    assert choose_tip(TIPS, "passwords", OFFICE, WEEK, {"strong": _weeks_ago(60)}) == (
        "manager",
        Why("theme", "passwords"),
    )


def test_another_theme_where_the_week_s_is_used_up_the_one_with_most_left() -> None:
    had = {"strong": _weeks_ago(3), "manager": _weeks_ago(2)}
    assert choose_tip(TIPS, "passwords", OFFICE, WEEK, had) == ("sum", Why("other_theme", "excel"))
    assert choose_tip(TIPS, "passwords", KITCHEN, WEEK, had) == ("leave", Why("other_theme", "self-service"))


def test_the_one_had_longest_ago_where_none_is_left() -> None:
    had = {"strong": _weeks_ago(3), "manager": _weeks_ago(9), "leave": _weeks_ago(1)}
    assert choose_tip(TIPS, "passwords", KITCHEN, WEEK, had) == ("manager", Why("again", "2027-01-04"))


def test_a_seasonal_tip_at_its_time_goes_before_the_theme_and_waits_at_any_other() -> None:
    assert choose_tip(TIPS, "passwords", OFFICE, WEEK, {}, (SPRING,)) == ("leave", Why("season", "self-service"))
    autumn = (2027, 40)
    assert choose_tip(TIPS, "self-service", OFFICE, autumn, {}, (SPRING,)) == (
        "strong",
        Why("other_theme", "passwords"),
    )


def test_a_season_may_span_the_new_year() -> None:
    winter = Season("leave", (12, 20), (1, 10))
    assert [choose_tip(TIPS, "excel", OFFICE, week, {}, (winter,)) for week in ((2026, 53), (2027, 1), (2027, 3))] == [
        ("leave", Why("season", "self-service")),
        ("leave", Why("season", "self-service")),
        ("sum", Why("theme", "excel")),
    ]


def test_an_editor_s_choice_goes_before_all_while_its_tip_is_there() -> None:
    had = {"sum": _weeks_ago(1)}
    assert choose_tip(TIPS, "passwords", OFFICE, WEEK, had, (SPRING,), "sum") == ("sum", Why("editor"))
    assert choose_tip(TIPS, "passwords", OFFICE, WEEK, had, (), "gone") == ("strong", Why("theme", "passwords"))


def test_none_where_no_tip_fits() -> None:
    assert choose_tip(TIPS[-1:], "self-service", OFFICE, WEEK, {}) is None
    assert choose_tip((), "", OFFICE, WEEK, {}) is None


def test_a_reason_is_read_back() -> None:
    for why in (Why("editor"), Why("theme", "passwords"), Why("again", "2027-01-04")):
        assert Why.of(why.text()) == why


@given(
    st.dictionaries(st.sampled_from([tip.id for tip in TIPS]), st.dates(date(2025, 6, 1), date(2027, 3, 7))),
    st.sampled_from(["", "passwords", "excel", "self-service", "unknown"]),
    st.sampled_from([OFFICE, KITCHEN]),
)
def test_never_within_52_weeks_while_another_is_left(had: dict[str, date], theme: str, place: Destination) -> None:
    chosen = choose_tip(TIPS, theme, place, WEEK, had, (SPRING,))
    assert chosen
    tip, why = chosen
    suited = [found.id for found in TIPS if choose_tip([found], "", place, WEEK, {})]
    left = [found for found in suited if found not in had or had[found] < _weeks_ago(52)]
    assert tip in (left or suited)
    assert (why.key == "again") is not bool(left)
