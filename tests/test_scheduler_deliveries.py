"""The ledger: claimed at most once, nothing lost; as a state machine against a plain dictionary."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from scheduler import deliveries
from scheduler.deliveries import Ledger
from scheduler.models import Destination, Entry, Key, Kind, Planned, Status
from tests.conftest import NOW
from tips import database

HALL = Destination("hall", "teams", "19:hall")
TIP = Entry("weekly", Kind.WEEKLY_TIP, {"en": "Tip"}, date(2027, 1, 5))
KEYS = [Key("weekly", date(2027, 1, day), part, "hall") for day in (5, 12) for part in ("post", "post-2")]
P, C, S, F, X = Status.PLANNED, Status.CLAIMED, Status.SENT, Status.FAILED, Status.SKIPPED
LATER = NOW + timedelta(minutes=1)


def _planned(key: Key = KEYS[0], tip: str = "strong", at: timedelta = timedelta()) -> Planned:
    return Planned(key, Kind.WEEKLY_TIP, NOW + at, TIP, replace(HALL, id=key.destination), tip, why="theme passwords")


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    """A ledger over a database in memory."""
    opened = database.in_memory([deliveries.migrations])
    yield Ledger(opened)
    opened.close()


def test_the_way_of_a_delivery(ledger: Ledger) -> None:
    key = KEYS[0]
    ledger.plan(_planned())
    assert ledger.claim(key, LATER)
    assert ledger.sent(key, "1:abc", LATER)
    found = ledger.get(key)
    assert found
    assert (found.key, found.kind, found.at, found.status) == (key, Kind.WEEKLY_TIP, NOW, S)
    assert (found.tip, found.message, found.tries, found.why) == ("strong", "1:abc", 1, "theme passwords")
    assert found.changed == LATER
    assert ledger.of("weekly", key.nominal) == [found]


def test_nothing_is_claimed_that_is_not_planned(ledger: Ledger) -> None:
    assert not ledger.claim(KEYS[0], NOW)
    assert ledger.get(KEYS[0]) is None


def test_planning_again_changes_only_what_waits(ledger: Ledger) -> None:
    ledger.plan(_planned(KEYS[0]), _planned(KEYS[1]))
    ledger.claim(KEYS[0], NOW)
    ledger.plan(_planned(KEYS[0], "other"), _planned(KEYS[1], "other", timedelta(days=1)))
    assert [(d.tip, d.status) for key in KEYS[:2] if (d := ledger.get(key))] == [("strong", C), ("other", P)]


def test_what_was_had_is_what_went_out_or_may_have(ledger: Ledger) -> None:
    other = replace(KEYS[0], destination="school")
    ledger.plan(_planned(KEYS[0]), _planned(KEYS[2], at=timedelta(days=7)), _planned(KEYS[1], "never"))
    ledger.plan(_planned(other, "theirs"), _planned(KEYS[3], "maybe"))
    for key in (KEYS[0], KEYS[2], other, KEYS[3]):
        ledger.claim(key, NOW)
    for key in (KEYS[0], KEYS[2], other):
        ledger.sent(key, "1", NOW)
    assert ledger.had("hall") == {"strong": date(2027, 1, 19), "maybe": date(2027, 1, 12)}
    assert ledger.had_everywhere()["school"] == {"theirs": date(2027, 1, 12)}
    assert ledger.had("nowhere") == {}
    assert ledger.tips(NOW + timedelta(days=1)) == {KEYS[2]: "strong"}


def test_had_is_by_the_day_in_finland(ledger: Ledger) -> None:
    ledger.plan(replace(_planned(), at=NOW.replace(hour=23)))
    ledger.claim(KEYS[0], NOW)
    assert ledger.had("hall") == {"strong": date(2027, 1, 13)}


def test_history_by_time_place_and_status(ledger: Ledger) -> None:
    ledger.plan(_planned(KEYS[0]), _planned(KEYS[2], at=timedelta(days=7)))
    ledger.claim(KEYS[0], NOW)
    week = NOW + timedelta(days=7)
    assert [d.key for d in ledger.history(NOW, week)] == [KEYS[0]]
    assert [d.key for d in ledger.history(NOW, week + timedelta(seconds=1), "hall")] == [KEYS[0], KEYS[2]]
    assert [d.key for d in ledger.history(NOW, NOW.replace(year=2028), statuses=[P])] == [KEYS[2]]
    assert ledger.history(NOW, week, "school") == []
    assert ledger.done(NOW) == {KEYS[0]}
    assert ledger.done(NOW + timedelta(seconds=1)) == frozenset()


def test_after_a_restore_what_is_overdue_waits_for_it_s_word(ledger: Ledger) -> None:
    ledger.plan(_planned(KEYS[0]), _planned(KEYS[1]), _planned(KEYS[2], at=timedelta(days=7)))
    ledger.claim(KEYS[1], NOW)
    ledger.hold_overdue(LATER)
    ledger.plan(_planned(KEYS[3]))  # what only the planner knows of is held as well
    assert ledger.is_holding()
    assert {d.key for d in ledger.held()} == {KEYS[0], KEYS[1], KEYS[3]}
    assert ledger.ambiguous() == []
    assert [ledger.claim(key, LATER) for key in KEYS] == [False, False, True, False]


@pytest.mark.parametrize("send", [True, False])
def test_it_s_word(ledger: Ledger, send: bool) -> None:
    ledger.plan(_planned(KEYS[0]))
    ledger.hold_overdue(LATER)
    assert ledger.end_hold(LATER, send=send) == 1
    assert not ledger.is_holding()
    assert ledger.claim(KEYS[0], LATER) is send
    assert ledger.counts()[X] == (not send)


def test_a_withdrawn_one_is_not_sent_again_and_was_not_had(ledger: Ledger) -> None:
    ledger.plan(_planned())
    assert not ledger.withdrawn(KEYS[0], NOW)
    ledger.claim(KEYS[0], NOW)
    ledger.sent(KEYS[0], "1", NOW)
    assert ledger.withdrawn(KEYS[0], NOW)
    assert ledger.had("hall") == {}
    ledger.plan(_planned())
    assert not ledger.claim(KEYS[0], NOW)


def test_with_a_message_all_that_had_become_it_by_edits_is_withdrawn(ledger: Ledger) -> None:
    first, edited, other = (replace(KEYS[0], part=part) for part in ("reminder-P7D", "reminder-P1D", "follow-up"))
    for key, message in ((first, "1"), (edited, "1"), (other, "2")):
        ledger.plan(_planned(key))
        ledger.claim(key, NOW)
        ledger.sent(key, message, NOW)
    assert ledger.withdrawn(edited, NOW)
    found = {one.key.part: (one.status, one.why) for one in ledger.of(KEYS[0].entry, KEYS[0].nominal)}
    assert found[first.part] == found[edited.part] == (Status.SKIPPED, "withdrawn")
    assert found[other.part][0] is Status.SENT


def test_erasing_a_destination(ledger: Ledger) -> None:
    ledger.plan(_planned(KEYS[0]), _planned(replace(KEYS[0], destination="school")))
    ledger.erase("hall")
    assert [d.key.destination for d in ledger.of("weekly", KEYS[0].nominal)] == ["school"]


def test_of_many_connections_one_gets_the_claim(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    first = database.connect(path, [deliveries.migrations])
    Ledger(first).plan(*(_planned(key) for key in KEYS))

    def claims(_: int) -> list[Key]:
        opened = database.connect(path, [deliveries.migrations])
        try:
            return [key for key in KEYS if Ledger(opened).claim(key, NOW)]
        finally:
            opened.close()

    with ThreadPoolExecutor(4) as pool:
        claimed = Counter(key for keys in pool.map(claims, range(4)) for key in keys)
    first.close()
    assert claimed == Counter(KEYS)


class LedgerMachine(RuleBasedStateMachine):
    """Any order of calls, also of a process that died: the ledger is as the dictionary says."""

    keys = st.sampled_from(KEYS)

    @initialize()
    def start(self) -> None:
        """An empty ledger, an empty dictionary."""
        self.database = database.in_memory([deliveries.migrations])
        self.ledger = Ledger(self.database)
        self.model: dict[Key, Status] = {}
        self.tries: Counter[Key] = Counter()
        self.held: set[Key] = set()
        self.messages: Counter[Key] = Counter()

    def teardown(self) -> None:
        """Closes the database."""
        if hasattr(self, "database"):
            self.database.close()

    def _move(self, key: Key, done: bool, before: set[Status], after: Status) -> None:
        assert done is (self.model.get(key) in before)
        if done:
            self.model[key] = after

    @rule(key=keys)
    def plan(self, key: Key) -> None:
        """Planned, or there already; a time before a hold is held."""
        self.ledger.plan(_planned(key))
        self.model.setdefault(key, P)

    @rule(key=keys)
    def claim(self, key: Key) -> None:
        """Only what waits, and is not held."""
        holds = self.ledger.is_holding()
        claimed = self.ledger.claim(key, NOW)
        assert claimed is (self.model.get(key) is P and not holds)
        if claimed:
            self.model[key] = C
            self.tries[key] += 1

    @rule(key=keys)
    def send(self, key: Key) -> None:
        """Sent once in all."""
        done = self.ledger.sent(key, "1:a", NOW)
        self._move(key, done, {C}, S)
        self.messages[key] += done

    @rule(key=keys)
    def fail(self, key: Key) -> None:
        """Given up."""
        self._move(key, self.ledger.failed(key, "404", NOW), {C}, F)

    @rule(key=keys)
    def skip(self, key: Key) -> None:
        """On purpose."""
        self._move(key, self.ledger.skip(key, "quiet", NOW), {P}, X)

    @rule(key=keys)
    def release(self, key: Key) -> None:
        """It is tried again."""
        self._move(key, self.ledger.release(key), {C, F}, P)

    @rule()
    def restore(self) -> None:
        """Everything is overdue."""
        self.ledger.hold_overdue(LATER)
        self.model = {key: P if status is C else status for key, status in self.model.items()}

    @rule(send=st.booleans())
    def it_says(self, send: bool) -> None:
        """The hold ends."""
        holds = self.ledger.is_holding()
        waiting = [key for key, status in self.model.items() if status is P] if holds else []
        assert self.ledger.end_hold(NOW, send=send) == len(waiting)
        if not send:
            self.model.update(dict.fromkeys(waiting, X))

    @invariant()
    def nothing_is_lost(self) -> None:
        """Every row, every counter."""
        if not hasattr(self, "ledger"):
            return
        rows = {d.key: d for d in self.ledger.history(NOW, LATER)}
        assert {key: d.status for key, d in rows.items()} == self.model
        assert Counter({key: d.tries for key, d in rows.items()}) == self.tries
        assert self.ledger.counts() == {status: list(self.model.values()).count(status) for status in Status}
        assert {d.key for d in self.ledger.ambiguous()} == {key for key in self.model if self.model[key] is C}
        assert self.ledger.done(NOW) == {key for key in self.model if self.model[key] is not P}
        assert max(self.messages.values(), default=0) <= 1


TestLedgerMachine = LedgerMachine.TestCase
TestLedgerMachine.settings = settings(max_examples=40, stateful_step_count=25)
