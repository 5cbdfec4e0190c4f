"""When a workplace is quiet, and which tips are for it."""

from __future__ import annotations

from datetime import date

import pytest

from scheduler.models import Destination, Profile, Quiet
from scheduler.profiles import fits, is_quiet, spans
from tips.models import Tip


def _place(profile: Profile, **wishes: object) -> Destination:
    return Destination("place", "teams", "19:place", profile=profile, **wishes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("profile", "day", "quiet"),
    [
        (Profile.OFFICE, date(2027, 12, 21), False),
        (Profile.OFFICE, date(2027, 12, 22), True),
        (Profile.OFFICE, date(2028, 1, 6), True),
        (Profile.OFFICE, date(2028, 1, 7), False),
        (Profile.OFFICE, date(2027, 6, 30), False),
        (Profile.OFFICE, date(2027, 7, 1), True),
        (Profile.OFFICE, date(2027, 7, 31), True),
        (Profile.SCHOOL, date(2027, 6, 1), True),
        (Profile.SCHOOL, date(2027, 8, 10), True),
        (Profile.SCHOOL, date(2027, 8, 11), False),
        (Profile.SCHOOL, date(2027, 10, 20), True),  # week 42
        (Profile.SCHOOL, date(2027, 3, 1), True),  # week 9
        (Profile.SCHOOL, date(2027, 3, 8), False),
        (Profile.KITCHEN, date(2027, 10, 20), False),  # the schools are closed: its best time
        (Profile.KITCHEN, date(2027, 6, 15), False),
        (Profile.DAY_CARE, date(2027, 7, 15), True),
        (Profile.CUSTOM, date(2027, 7, 15), False),
    ],
)
def test_quiet_periods_of_the_profiles(profile: Profile, day: date, quiet: bool) -> None:
    assert is_quiet(_place(profile), day) is quiet


def test_a_quiet_period_of_its_own_spans_the_new_year() -> None:
    place = _place(Profile.CUSTOM, quiet=(Quiet((12, 1), (1, 31)),))
    assert [is_quiet(place, date(2027, month, 15)) for month in (11, 12, 1, 2)] == [False, True, True, False]


def test_both_ends_belong_to_a_period() -> None:
    assert spans((2, 29), (2, 29), date(2028, 2, 29))
    assert not spans((2, 29), (2, 29), date(2028, 3, 1))


@pytest.mark.parametrize(
    ("audience", "profiles"),
    [
        ((), {"office", "school", "day_care", "kitchen", "custom"}),
        (("all",), {"office", "school", "day_care", "kitchen", "custom"}),
        (("desk", "supervisor"), {"office", "school", "custom"}),
        (("mobile",), {"day_care", "kitchen", "custom"}),
        (("supervisor",), set()),
        (("tutor",), set()),
    ],
)
def test_a_tip_is_for_those_whose_work_it_fits(audience: tuple[str, ...], profiles: set[str]) -> None:
    tip = Tip("tip", audience=audience)
    assert {profile.value for profile in Profile if fits(tip, _place(profile))} == profiles


def test_a_person_gets_tips_for_a_desk_and_away_from_it_but_none_for_supervisors_only() -> None:
    person = _place(Profile.KITCHEN, person="teams:29:anna")
    audiences = [("all",), ("desk",), ("mobile",), ("supervisor",)]
    assert [fits(Tip("tip", audience=audience), person) for audience in audiences] == [True, True, True, False]
