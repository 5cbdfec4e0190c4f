"""The ready year, gone through by the real planner and ledger: what the product promises of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest
from sqlite_utils import Database

from bot.stores import MIGRATIONS
from scheduler.choosing import Choice
from scheduler.deliveries import Ledger
from scheduler.models import SESSIONS, ZONE, Delivery, Destination, Entry, Kind, Profile, Status
from scheduler.planning import planned
from scheduler.profiles import fits, is_quiet
from scheduler.simulation import PRETENDED, Recorder, private_copy, simulate
from scheduler.starter import starter_year
from scheduler.workdays import is_working_day, previous_working_day
from tests.conftest import NOW
from tips import database
from tips.models import Pack

PLACES = {
    profile.value: Destination(profile.value, "teams", f"19:{profile.value}", profile=profile)
    for profile in (Profile.OFFICE, Profile.DAY_CARE, Profile.KITCHEN)
}
START, END = datetime(2027, 1, 1, tzinfo=ZONE), datetime(2030, 1, 1, tzinfo=ZONE)
WEEKLY = Entry("weekly", Kind.WEEKLY_TIP, {"en": "Tip"}, date(2027, 1, 5), rrule="FREQ=WEEKLY;BYDAY=TU", time=time(9))


def _empty() -> Database:
    return database.in_memory(MIGRATIONS)


@pytest.fixture
def copy() -> Iterator[Database]:
    """An empty database of this version."""
    opened = _empty()
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def years(starter_pack: Pack) -> list[Delivery]:
    """2027 to 2029 for an office, a day-care centre and a kitchen, in one go."""
    opened = _empty()
    found = list(simulate(opened, starter_year(), starter_pack.tips, START, END, PLACES.values()))
    opened.close()
    return found


def _of(years: Sequence[Delivery], place: str) -> list[Delivery]:
    return [found for found in years if found.key.destination == place and found.status is Status.SENT]


def _week(day: date) -> tuple[int, int]:
    year, week, _ = day.isocalendar()
    return year, week


@pytest.mark.parametrize("place", PLACES)
def test_a_weekly_tip_in_every_week_that_is_not_quiet(years: list[Delivery], place: str) -> None:
    tips = [found for found in _of(years, place) if found.kind is Kind.WEEKLY_TIP]
    weeks = [_week(found.at.date()) for found in tips]
    assert len(set(weeks)) == len(weeks)
    first = START.date()
    days = [first + timedelta(days=number) for number in range((END.date() - first).days)]
    working = [day for day in days if is_working_day(day) and not is_quiet(PLACES[place], day)]
    assert set(weeks) == {_week(day) for day in working}


@pytest.mark.parametrize("place", PLACES)
def test_no_tip_is_repeated_within_52_weeks_while_another_is_left(
    years: list[Delivery], place: str, starter_pack: Pack
) -> None:
    suited = {tip.id for tip in starter_pack.tips if fits(tip, PLACES[place])}
    last: dict[str, date] = {}
    for found in _of(years, place):
        if found.tip:
            day = found.at.date()
            rested = {tip for tip in suited if tip not in last or day - last[tip] > timedelta(weeks=53)}
            assert found.tip in suited
            assert found.tip not in last or day - last[found.tip] > timedelta(weeks=52) or not rested
            last[found.tip] = day


def test_nothing_on_a_holiday_at_a_weekend_in_the_night_or_in_a_quiet_period(years: list[Delivery]) -> None:
    for found in years:
        if found.status is Status.SENT:
            day = found.at.date()
            assert is_working_day(day)
            assert time(7) <= found.at.time() <= time(18)
            place = PLACES.get(found.key.destination)
            assert place is None or not is_quiet(place, day)


@pytest.mark.parametrize("place", PLACES)
def test_at_most_one_post_a_week_and_two_in_session_weeks(years: list[Delivery], place: str) -> None:
    # A session's notice and its post of the same week are one message, which is edited.
    messages = defaultdict(dict)
    for found in _of(years, place):
        messages[_week(found.at.date())][found.key.entry, found.key.nominal] = found.kind
    for of_week in messages.values():
        assert len(of_week) <= (2 if SESSIONS & set(of_week.values()) else 1)
    sessions = {at: kinds for at, kinds in messages.items() if SESSIONS & set(kinds.values())}
    held = {_week(nominal) for kinds in sessions.values() for (_, nominal), kind in kinds.items() if kind in SESSIONS}
    assert sessions.keys() == held  # no notice in the week before


@pytest.mark.parametrize("place", PLACES)
def test_reminders_at_their_distance_or_on_the_working_day_before(years: list[Delivery], place: str) -> None:
    sent = _of(years, place)
    posts = {(found.key.entry, found.key.nominal): found for found in sent if found.key.part == "post"}
    reminders = [found for found in sent if found.key.part.startswith("reminder-P")]
    assert reminders
    for found in reminders:
        event = posts[found.key.entry, found.key.nominal].at
        wished = event.date() - timedelta(days=int(found.key.part[10:-1]))
        assert found.at.date() == previous_working_day(wished, lambda day: is_quiet(PLACES[place], day))
        assert found.at.time() == event.time()


def test_nothing_is_lost_and_nothing_comes_twice(years: list[Delivery]) -> None:
    assert len({found.key for found in years}) == len(years)
    assert {found.status for found in years} == {Status.SENT, Status.SKIPPED}
    assert all(found.why for found in years if found.status is Status.SKIPPED or found.tip)


def test_tasks_reach_their_owners(years: list[Delivery]) -> None:
    tasks = {found.key.destination for found in years if found.kind is Kind.TASK and found.status is Status.SENT}
    assert "owner:it" in tasks


def test_without_destinations_an_office_is_pretended(copy: Database, starter_pack: Pack) -> None:
    found = list(simulate(copy, [WEEKLY], starter_pack.tips, START, START + timedelta(days=14)))
    assert [delivery.key.destination for delivery in found] == [PRETENDED.id] * 2


def test_the_real_database_is_untouched_and_what_it_sent_is_not_sent_again(copy: Database, starter_pack: Pack) -> None:
    ledger, office = Ledger(copy), PLACES["office"]
    (first, *_) = planned([WEEKLY], [office], starter_pack.tips, START, START + timedelta(days=14))
    ledger.plan(first)
    ledger.claim(first.key, NOW)
    ledger.sent(first.key, "real", NOW)
    ledger.hold_overdue(NOW)  # IT's word is not simulated
    private, platform = private_copy(copy), Recorder()
    span = (START, START + timedelta(days=14))
    found = list(simulate(private, [WEEKLY], starter_pack.tips, *span, [office], recorder=platform))
    private.close()
    assert [(delivery.at.day, delivery.message) for delivery in found] == [(12, "simulated-1")]
    assert [post.key for post in platform.posts] == [found[0].key]
    assert found[0].tip != first.tip
    assert [delivery.message for delivery in ledger.history(*span)] == ["real"]


def test_when_it_became_a_destination_does_not_matter(copy: Database, starter_pack: Pack) -> None:
    late = replace(PLACES["office"], since=END)
    assert list(simulate(copy, [WEEKLY], starter_pack.tips, START, START + timedelta(days=14), [late]))


def test_an_editor_s_choice(copy: Database, starter_pack: Pack) -> None:
    span = (START, START + timedelta(days=14))
    found = list(simulate(copy, [WEEKLY], starter_pack.tips, *span, choices={(2027, 2, ""): Choice("password-strong")}))
    assert [delivery.tip for delivery in found][1] == "password-strong"
