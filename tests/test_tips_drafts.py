"""Tips in the making: who may do what, published into the own layer, every change undone again; with restarts."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.conftest import NOW
from tips import database, drafts, store
from tips.answering import KnowledgeBase
from tips.drafts import ENDED, Draft, DraftStore, RefusedError, State, Step, edited, moved, near_duplicates
from tips.models import Pack, Text, Tip
from tips.store import TipStore

MAIJA, KALLE = "slack:UMAIJA", "slack:UKALLE"
DRAFT = Draft(
    0, MAIJA, "fi", "Kytke möhkylä", "Paina punaista nappia.", "passwords", ("Miten kytken möhkylän?",), "Maija"
)
WAITING = moved(DRAFT, Step.SUBMIT, MAIJA)


@pytest.fixture
def tips() -> Iterator[TipStore]:
    opened = database.in_memory([store.migrations, drafts.migrations])
    yield TipStore(opened)
    opened.close()


@pytest.fixture
def kept(tips: TipStore) -> DraftStore:
    return DraftStore(tips._db, tips)


@pytest.mark.parametrize(
    ("before", "step", "person", "after"),
    [
        (DRAFT, Step.SUBMIT, MAIJA, State.WAITING),
        (DRAFT, Step.WITHDRAW, MAIJA, State.WITHDRAWN),
        (WAITING, Step.WITHDRAW, MAIJA, State.WITHDRAWN),
        (WAITING, Step.APPROVE, KALLE, State.APPROVED),
        (WAITING, Step.REJECT, KALLE, State.REJECTED),
    ],
)
def test_a_step_that_is_allowed(before: Draft, step: Step, person: str, after: State) -> None:
    found = moved(before, step, person)
    assert found.state is after
    assert found.author == ("" if after in ENDED else MAIJA)


@pytest.mark.parametrize(
    ("before", "step", "person"),
    [
        (DRAFT, Step.SUBMIT, KALLE),
        (DRAFT, Step.APPROVE, KALLE),
        (WAITING, Step.APPROVE, MAIJA),
        (WAITING, Step.WITHDRAW, KALLE),
        (WAITING, Step.SUBMIT, MAIJA),
        (moved(WAITING, Step.APPROVE, KALLE), Step.APPROVE, KALLE),
        (moved(WAITING, Step.REJECT, KALLE), Step.APPROVE, KALLE),
    ],
)
def test_a_step_that_is_refused(before: Draft, step: Step, person: str) -> None:
    with pytest.raises(RefusedError):
        moved(before, step, person)


def test_a_setting_lets_tutors_publish_at_once() -> None:
    assert moved(WAITING, Step.APPROVE, MAIJA, alone=True).state is State.APPROVED


def test_what_is_edited_must_be_approved_anew() -> None:
    assert edited(WAITING, title=" Toinen ").state is State.OPEN
    assert len(edited(DRAFT, body="x" * 30_000).body) == 20_000
    for fields in ({"title": " "}, {"body": ""}):
        with pytest.raises(RefusedError):
            edited(DRAFT, **fields)
    with pytest.raises(RefusedError):
        edited(moved(WAITING, Step.APPROVE, KALLE), title="Toinen")


def test_what_is_approved_is_in_force_and_can_be_undone(tips: TipStore, kept: DraftStore) -> None:
    tips.add(Pack((), (Tip("own-kytke-mohkyla", "x", {"fi": Text("Vanha", "Vanha.")}),)))
    waiting = kept.add(WAITING, NOW)
    revision = tips.revision()
    published = kept.change(waiting, moved(waiting, Step.APPROVE, KALLE), NOW)
    assert published
    assert published.tip == "own-kytke-mohkyla-2"
    assert tips.revision() > revision
    (tip,) = [tip for tip in tips.in_force().tips if tip.id == published.tip]
    assert (tip.theme, tip.own, tip.reviewed) == ("passwords", True, "2027-01")
    assert tip.texts["fi"] == Text("Kytke möhkylä", "Paina punaista nappia.", ("Miten kytken möhkylän?",))
    (change,) = kept.history()
    assert (change.before, change.after) == (None, tips.own(published.tip))
    assert kept.undo(change.id, NOW)
    assert tips.own(published.tip) is None
    assert not kept.undo(change.id, NOW)
    assert kept.undo(kept.history()[0].id, NOW)
    assert tips.own(published.tip) == change.after
    assert not kept.undo("x", NOW)


def test_of_two_who_approve_one_wins(kept: DraftStore) -> None:
    waiting = kept.add(WAITING, NOW)
    assert kept.change(waiting, moved(waiting, Step.APPROVE, KALLE), NOW)
    assert kept.change(waiting, moved(waiting, Step.REJECT, "slack:U3"), NOW) is None
    assert len(kept.history()) == 1


def test_drafts_are_found_and_forgotten(kept: DraftStore) -> None:
    stored = kept.add(DRAFT, NOW)
    assert (kept.of(MAIJA), kept.of(""), kept.waiting()) == ([stored], [], [])
    assert kept.get(str(stored.id)) == stored
    assert [kept.get(number) for number in ("x", "99", "9" * 30)] == [None] * 3
    kept.erase(MAIJA)
    assert kept.of(MAIJA) == []


def test_a_tip_that_is_there_already_is_shown(starter_base: KnowledgeBase) -> None:
    same = replace(DRAFT, title="Vaihda vanhentunut salasana", phrasings=("salasana vanheni",))
    assert near_duplicates(starter_base, same)[:1] == ["password-change-expired"]
    assert near_duplicates(starter_base, DRAFT) == []
    assert drafts.suggested_theme(starter_base, "salasana vanheni", "fi") == "passwords"


class Drafts(RuleBasedStateMachine):
    """Any steps by anybody, with restarts: published once at most, and the history tells what is in force."""

    @initialize()
    def start(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.restart(first=True)
        self.model = self.kept.add(DRAFT, NOW)
        self.stale = self.model

    @rule()
    def restart(self, *, first: bool = False) -> None:
        if not first:
            self.database.close()
        self.database = database.connect(Path(self.folder.name) / "d.db", [store.migrations, drafts.migrations])
        self.tips = TipStore(self.database)
        self.kept = DraftStore(self.database, self.tips)

    @rule(step=st.sampled_from(list(Step)), person=st.sampled_from([MAIJA, KALLE]))
    def step(self, step: Step, person: str) -> None:
        try:
            after = moved(self.model, step, person)
        except RefusedError:
            return
        done = self.kept.change(self.model, after, NOW)
        assert done
        self.stale, self.model = self.model, done

    @rule(title=st.text(max_size=20))
    def edit(self, title: str) -> None:
        try:
            after = edited(self.model, title=title.replace("\0", ""))
        except (RefusedError, UnicodeEncodeError):
            return
        if after.title.isprintable():
            assert self.kept.change(self.model, after, NOW)
            self.stale, self.model = self.model, after

    @rule()
    def outdated_press(self) -> None:
        if self.stale != self.model:
            assert self.kept.change(self.stale, replace(self.stale, state=State.APPROVED), NOW) is None

    @rule()
    def undo(self) -> None:
        for change in self.kept.history(1):
            assert self.kept.undo(change.id, NOW)

    @invariant()
    def is_as_told(self) -> None:
        assert self.kept.get(self.model.id) == self.model
        assert bool(self.model.tip) == (self.model.state is State.APPROVED)
        newest = self.kept.history(1)
        own = self.tips.own(self.model.tip) if self.model.tip else None
        assert own == (newest[0].after if newest else None)

    def teardown(self) -> None:
        self.database.close()
        self.folder.cleanup()


Drafts.TestCase.settings = settings(max_examples=15, stateful_step_count=15, deadline=None)
TestDrafts = Drafts.TestCase
