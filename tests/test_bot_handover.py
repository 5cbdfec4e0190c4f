"""A question on its way through people: every step from every state, working hours, claims at the same instant."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from bot import handovers
from bot.handover import ENDED, HandOver, Limits, RefusedError, State, Step, Why, due, hours_between, moved
from bot.handovers import HandOverStore
from scheduler.models import ZONE
from tips import database

MONDAY = datetime(2027, 1, 11, 9, 0, tzinfo=ZONE)
ASKER, HELPER, OTHER = "teams:asker", "teams:helper", "teams:other"
NEW = HandOver(0, "Miten?", "fi", ASKER, "a:1", MONDAY, MONDAY, MONDAY, asker_name="Aino", tips=("strong",))
CLAIMED = moved(NEW, Step.CLAIM, HELPER, MONDAY, "Maija")
ANSWERED = moved(CLAIMED, Step.ANSWER, HELPER, MONDAY, "Maija", "Näin.")
ESCALATED = moved(NEW, Step.ESCALATE, "", MONDAY)
BACK = moved(moved(ESCALATED, Step.CLAIM, HELPER, MONDAY), Step.RELEASE, HELPER, MONDAY)


@pytest.mark.parametrize(
    ("before", "step", "person", "after"),
    [
        (NEW, Step.CLAIM, HELPER, State.CLAIMED),
        (ESCALATED, Step.CLAIM, HELPER, State.CLAIMED),
        (CLAIMED, Step.RELEASE, HELPER, State.ASKED),
        (CLAIMED, Step.LAPSE, "", State.ASKED),
        (CLAIMED, Step.ANSWER, HELPER, State.ANSWERED),
        (NEW, Step.ANSWER, OTHER, State.ANSWERED),
        (NEW, Step.ADOPT, OTHER, State.ANSWERED),
        (CLAIMED, Step.ADOPT, HELPER, State.ANSWERED),
        (ESCALATED, Step.ANSWER, OTHER, State.ANSWERED),
        (ANSWERED, Step.HELPED, ASKER, State.SOLVED),
        (ANSWERED, Step.NOT_HELPED, ASKER, State.ASKED),
        (ANSWERED, Step.CLOSE, "", State.SOLVED),
        (NEW, Step.SOLVE, ASKER, State.SOLVED),
        (CLAIMED, Step.SOLVE, ASKER, State.SOLVED),
        (NEW, Step.WITHDRAW, ASKER, State.WITHDRAWN),
        (CLAIMED, Step.WITHDRAW, ASKER, State.WITHDRAWN),
        (NEW, Step.REMIND, "", State.ASKED),
        (NEW, Step.ESCALATE, "", State.ESCALATED),
    ],
)
def test_a_step_that_is_allowed(before: HandOver, step: Step, person: str, after: State) -> None:
    assert moved(before, step, person, MONDAY).state is after


@pytest.mark.parametrize(
    ("before", "step", "person", "why"),
    [
        (NEW, Step.CLAIM, ASKER, Why.OWN),
        (NEW, Step.ANSWER, ASKER, Why.OWN),
        (CLAIMED, Step.CLAIM, OTHER, Why.TAKEN),
        (CLAIMED, Step.CLAIM, HELPER, Why.OUTDATED),
        (CLAIMED, Step.ANSWER, OTHER, Why.TAKEN),
        (CLAIMED, Step.ADOPT, OTHER, Why.TAKEN),
        (NEW, Step.ADOPT, ASKER, Why.OWN),
        (CLAIMED, Step.RELEASE, OTHER, Why.NOT_YOURS),
        (NEW, Step.RELEASE, HELPER, Why.OUTDATED),
        (ANSWERED, Step.HELPED, HELPER, Why.NOT_YOURS),
        (ANSWERED, Step.CLAIM, OTHER, Why.OUTDATED),
        (NEW, Step.WITHDRAW, OTHER, Why.NOT_YOURS),
        (NEW, Step.ESCALATE, OTHER, Why.NOT_YOURS),
        (NEW, Step.HELPED, ASKER, Why.OUTDATED),
        (moved(NEW, Step.WITHDRAW, ASKER, MONDAY), Step.CLAIM, HELPER, Why.ENDED),
    ],
)
def test_a_step_that_is_refused(before: HandOver, step: Step, person: str, why: Why) -> None:
    with pytest.raises(RefusedError) as refused:
        moved(before, step, person, MONDAY)
    assert refused.value.why is why


def test_at_its_end_nobody_is_named() -> None:
    ended = moved(ANSWERED, Step.HELPED, ASKER, MONDAY)
    assert (ended.asker, ended.asker_name, ended.helper, ended.helper_name) == ("", "", "", "")
    assert (ended.question, ended.answer) == ("Miten?", "Näin.")


def test_what_went_to_it_goes_back_there() -> None:
    assert BACK.state is State.ESCALATED
    assert due(BACK, Limits(), MONDAY + timedelta(days=30)) is None


@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [
        ((1, 11, 9, 0), (1, 11, 12, 30), 3.5),
        ((1, 11, 6, 0), (1, 11, 20, 0), 8),
        ((1, 11, 15, 0), (1, 12, 9, 0), 2),
        ((1, 15, 15, 0), (1, 18, 9, 0), 2),  # over a weekend
        ((1, 5, 15, 0), (1, 7, 9, 0), 2),  # over Epiphany
        ((3, 25, 15, 0), (3, 30, 9, 0), 2),  # over Easter, and into summer time
        ((1, 11, 12, 0), (1, 11, 11, 0), 0),
    ],
)
def test_working_hours(start: tuple[int, ...], end: tuple[int, ...], hours: float) -> None:
    first, last = (datetime(2027, *moment, tzinfo=ZONE) for moment in (start, end))
    assert hours_between(first, last) == hours


@given(st.integers(0, 60 * 24 * 20), st.integers(0, 60 * 24 * 20))
def test_working_hours_add_up(first: int, second: int) -> None:
    middle = MONDAY + timedelta(minutes=first)
    end = middle + timedelta(minutes=second)
    whole = hours_between(MONDAY, end)
    assert whole == pytest.approx(hours_between(MONDAY, middle) + hours_between(middle, end))
    assert 0 <= whole <= (end - MONDAY) / timedelta(hours=1)


@pytest.mark.parametrize(
    ("before", "hours", "step"),
    [
        (NEW, 3.9, None),
        (NEW, 4, Step.REMIND),
        (replace(NEW, reminded=True), 7, None),
        (replace(NEW, reminded=True), 24 + 1, Step.ESCALATE),
        (CLAIMED, 3, None),
        (CLAIMED, 24 + 1, Step.LAPSE),
        (ANSWERED, 24, None),
        (ANSWERED, 24 * 7, Step.CLOSE),
    ],
)
def test_what_is_due(before: HandOver, hours: float, step: Step | None) -> None:
    assert due(before, Limits(), MONDAY + timedelta(hours=hours)) is step


def test_a_question_asked_on_friday_evening_is_not_reminded_of_at_the_weekend() -> None:
    friday = replace(NEW, waits_since=datetime(2027, 1, 15, 18, 0, tzinfo=ZONE))
    assert due(friday, Limits(), datetime(2027, 1, 18, 11, 59, tzinfo=ZONE)) is None
    assert due(friday, Limits(), datetime(2027, 1, 18, 12, 0, tzinfo=ZONE)) is Step.REMIND


def test_it_comes_back_as_it_was_stored() -> None:
    opened = database.in_memory([handovers.migrations])
    store = HandOverStore(opened)
    try:
        stored, new = store.add(replace(NEW, breach=True))
        assert new
        assert store.get(stored.id) == stored
        assert store.add(NEW) == (stored, False)
        after = moved(stored, Step.ESCALATE, "", MONDAY)
        assert store.change(stored, after)
        assert not store.change(stored, after)
        assert store.get(str(stored.id)) == after
        assert [store.get(number) for number in ("", "x", "9" * 20, "-1", "²")] == [None] * 5
    finally:
        opened.close()


def test_of_a_thousand_claims_at_once_exactly_one_wins(tmp_path: Path) -> None:
    path = tmp_path / "digivinkki.db"
    first = database.connect(path, [handovers.migrations])
    stored, _ = HandOverStore(first).add(NEW)
    connections = [database.connect(path, [handovers.migrations]) for _ in range(8)]

    def claims(worker: int) -> list[str]:
        won, store = [], HandOverStore(connections[worker])
        for number in range(125):
            person = f"teams:{worker}-{number}"
            found = stored if number % 2 else store.get(stored.id)
            assert found
            with suppress(RefusedError):  # it is taken, as the second read shows
                if store.change(found, moved(found, Step.CLAIM, person, MONDAY)):
                    won.append(person)
        return won

    try:
        with ThreadPoolExecutor(8) as pool:
            winners = [person for won in pool.map(claims, range(8)) for person in won]
        found = HandOverStore(first).get(stored.id)
        assert found
        assert winners == [found.helper]
    finally:
        for opened in (first, *connections):
            opened.close()


class HandOvers(RuleBasedStateMachine):
    """Any steps by anybody, with restarts and a slow clock, against what the state machine says."""

    @initialize()
    def start(self) -> None:
        self.path = Path(self.folder.name) / "h.db"
        self.database = database.connect(self.path, [handovers.migrations])
        self.now = MONDAY
        self.model, _ = HandOverStore(self.database).add(NEW)
        self.stale = self.model

    def __init__(self) -> None:
        super().__init__()
        import tempfile  # noqa: PLC0415

        self.folder = tempfile.TemporaryDirectory()

    @property
    def store(self) -> HandOverStore:
        return HandOverStore(self.database)

    @rule(step=st.sampled_from(list(Step)), person=st.sampled_from([ASKER, HELPER, OTHER, ""]))
    def steps(self, step: Step, person: str) -> None:
        try:
            after = moved(self.model, step, person, self.now, answer="Näin.")
        except RefusedError:
            return
        assert self.store.change(self.model, after)
        self.stale, self.model = self.model, after

    @rule(step=st.sampled_from(list(Step)))
    def outdated_press(self, step: Step) -> None:
        """Somebody decides on what was so before."""
        if self.stale != self.model:
            assert not self.store.change(self.stale, replace(self.stale, version=self.stale.version + 1))

    @rule(hours=st.integers(1, 100))
    def wait(self, hours: int) -> None:
        self.now += timedelta(hours=hours)
        if step := due(self.model, Limits(), self.now):
            self.steps(step, "")

    @rule()
    def restart(self) -> None:
        self.database.close()
        self.database = database.connect(self.path, [handovers.migrations])

    @invariant()
    def is_as_told(self) -> None:
        found = self.store.get(self.model.id)
        assert found == self.model
        assert bool(found.helper) == (found.state in (State.CLAIMED, State.ANSWERED))
        assert bool(found.asker) == (found.state not in ENDED)

    def teardown(self) -> None:
        self.database.close()
        self.folder.cleanup()


HandOvers.TestCase.settings = settings(max_examples=15, stateful_step_count=20)
TestHandOvers = HandOvers.TestCase
