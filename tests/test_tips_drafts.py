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
from tips.history import TipHistory
from tips.models import Image, Pack, Text, Theme, Tip
from tips.store import TipStore

MAIJA, KALLE = "slack:UMAIJA", "slack:UKALLE"
DRAFT = Draft(
    0, MAIJA, "fi", "Kytke möhkylä", "Paina punaista nappia.", "passwords", ("Miten kytken möhkylän?",), "Maija"
)
WAITING = moved(DRAFT, Step.SUBMIT, MAIJA)
BASE = Tip("base-tip", "passwords", {"fi": Text("Valmis", "Valmis vinkki.", ("miten",))}, ("all",), reviewed="2026-11")
PHRASING = replace(DRAFT, title="Valmis", body="", phrasings=("kuis?",), by="", extends=BASE.id)
SWEDISH = replace(DRAFT, language="sv", title="Färdigt", body="Ett färdigt tips.", phrasings=(), extends=BASE.id)


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


def approved(kept: DraftStore, draft: Draft) -> Draft | None:
    stored = kept.add(draft, NOW)
    waiting = kept.change(stored, moved(stored, Step.SUBMIT, MAIJA), NOW)
    assert waiting
    return kept.change(waiting, moved(waiting, Step.APPROVE, KALLE), NOW)


def seeded(tips: TipStore) -> TipStore:
    tips.seed("1", lambda: Pack((Theme("passwords"),), (BASE,)))
    return tips


def test_a_way_of_asking_is_added_to_a_tip_that_stays_as_it_is(tips: TipStore, kept: DraftStore) -> None:
    seeded(tips)
    published = approved(kept, PHRASING)
    assert published
    assert published.tip == BASE.id
    (tip,) = tips.in_force().tips
    assert tip == replace(BASE, texts={"fi": replace(BASE.texts["fi"], phrasings=("miten", "kuis?"))})
    approved(kept, replace(PHRASING, phrasings=("kuis?", "mitenkä?")))
    assert tips.in_force().tips[0].texts["fi"].phrasings == ("miten", "kuis?", "mitenkä?")
    tips.seed("2", lambda: Pack((Theme("passwords"),), (replace(BASE, texts={"fi": Text("Uusi", "Uusi.", ("mit",))}),)))
    assert tips.in_force().tips[0].texts["fi"] == Text("Uusi", "Uusi.", ("mit", "kuis?", "mitenkä?"))
    for change in kept.history():
        assert kept.undo(change.id, NOW)
    assert tips.in_force().tips[0].texts["fi"] == Text("Uusi", "Uusi.", ("mit",))


def test_a_missing_language_is_added_to_a_tip(tips: TipStore, kept: DraftStore) -> None:
    assert drafts.missing_languages(seeded(tips)) == [(BASE, ("sv", "en"))]
    approved(kept, PHRASING)
    approved(kept, SWEDISH)
    assert [lacks for _, lacks in drafts.missing_languages(tips)] == [("en",)]
    (tip,) = tips.in_force().tips
    assert tip.texts["sv"] == Text("Färdigt", "Ett färdigt tips.")
    assert tip.texts["fi"].phrasings == ("miten", "kuis?")
    assert (tip.theme, tip.audience, tip.reviewed) == ("passwords", ("all",), "2027-01")


def test_what_is_added_to_a_tip_that_is_gone_is_not_published(tips: TipStore, kept: DraftStore) -> None:
    assert approved(kept, PHRASING) is None
    assert tips.ids() == frozenset()
    assert kept.waiting() != []


def test_words_of_the_tip_beneath_are_not_edited_in_a_way_of_asking() -> None:
    for fields in ({"title": "x"}, {"body": "x"}, {"theme": "x"}):
        with pytest.raises(RefusedError):
            edited(PHRASING, **fields)


def test_a_title_alone_is_not_handed_in_and_an_author_may_stay_unnamed() -> None:
    with pytest.raises(RefusedError):
        moved(replace(DRAFT, body=""), Step.SUBMIT, MAIJA)
    assert edited(DRAFT, by="").by == ""
    assert moved(WAITING, Step.APPROVE, KALLE).by == ""


def test_a_picture_comes_back_with_what_is_undone(tips: TipStore) -> None:
    history = TipHistory(tips._db, tips)
    text = Text("Kuva", "Katso.", image=Image("a.png", "alt", "f" * 64))
    history.put(Tip("own-a", "x", {"fi": text}), NOW)
    before = tips.own("own-a")
    assert history.take_away("own-a", NOW)
    assert not history.take_away("own-a", NOW)
    assert history.undo(history.newest(1, "own-a")[0].id, NOW)
    assert tips.own("own-a") == before
    assert before
    assert before.texts["fi"].image == text.image


class Drafts(RuleBasedStateMachine):
    """Any steps by anybody, with restarts: published once at most, and the history tells what is in force."""

    @initialize(draft=st.sampled_from([DRAFT, PHRASING, SWEDISH]))
    def start(self, draft: Draft) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.restart(first=True)
        seeded(self.tips)
        self.model = self.kept.add(draft, NOW)
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
        assert self.tips.whole(BASE.id)

    def teardown(self) -> None:
        self.database.close()
        self.folder.cleanup()


Drafts.TestCase.settings = settings(max_examples=15, stateful_step_count=15)
TestDrafts = Drafts.TestCase
