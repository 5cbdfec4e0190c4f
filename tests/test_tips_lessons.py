"""What is learnt from use: nothing before two people or a tutor, nothing beyond the limits, all of it taken back."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.conftest import NOW
from tips import database, lessons, store
from tips.learnt import APPROVED, USED, Lesson, Outcome, Vote, alike, with_learnt, with_phrasings
from tips.lessons import MOST_A_DAY, LessonStore
from tips.models import Text, Tip
from tips.store import TipStore

MIGRATIONS = [store.migrations, lessons.migrations]
GIST, WORDING = "möhkylä rikki", "Möhkylä on rikki"
A, B, C, TUTOR = "aaaa", "bbbb", "cccc", "tttt"
KEY = ("passwords", "fi")


@pytest.fixture
def kept() -> Iterator[LessonStore]:
    opened = database.in_memory(MIGRATIONS)
    yield LessonStore(opened, TipStore(opened))
    opened.close()


def vote(
    kept: LessonStore, person: str, vote: Vote = Vote.UP, tip: str = "passwords", gist: str = GIST, now: datetime = NOW
) -> Outcome:
    return kept.vote(tip, "fi", gist, WORDING if gist == GIST else gist, person, vote, now)


def weights(kept: LessonStore) -> list[float]:
    return [weight for said in kept.in_force().values() for _, weight in said]


def test_one_person_teaches_nothing_however_often(kept: LessonStore) -> None:
    for _ in range(5):
        assert vote(kept, A) is Outcome.COUNTED
    assert kept.in_force() == {}
    assert vote(kept, B) is Outcome.COUNTED
    assert kept.in_force() == {KEY: [(WORDING, USED)]}


def test_a_tutor_teaches_alone_and_keeps_it_with_a_thumb(kept: LessonStore) -> None:
    vote(kept, TUTOR, Vote.APPROVED)
    assert kept.in_force() == {KEY: [(WORDING, APPROVED)]}
    vote(kept, TUTOR)
    assert kept.in_force() == {KEY: [(WORDING, APPROVED)]}
    assert kept.approved() == kept.in_force()


def test_approving_what_one_person_taught(kept: LessonStore) -> None:
    vote(kept, A)
    assert kept.approve(1, TUTOR, NOW)
    assert not kept.approve(1, TUTOR, NOW)
    assert not kept.approve(99, TUTOR, NOW)
    assert weights(kept) == [APPROVED]


def test_two_people_of_different_years_may_be_one(kept: LessonStore) -> None:
    vote(kept, A, now=NOW - timedelta(days=30))
    vote(kept, B, now=NOW)
    assert kept.in_force() == {}


def test_doubts_lower_it_and_remove_it_in_the_end(kept: LessonStore) -> None:
    vote(kept, A)
    vote(kept, B)
    before = weights(kept)
    assert kept.doubt("passwords", "fi", GIST, C, NOW) is Outcome.COUNTED
    assert 0 < weights(kept)[0] < before[0]
    assert kept.doubt("passwords", "fi", f"{GIST} taas", TUTOR, NOW) is Outcome.COUNTED
    assert kept.in_force() == {}


def test_a_doubt_in_other_words_is_about_something_else(kept: LessonStore) -> None:
    vote(kept, A)
    vote(kept, B)
    assert kept.doubt("passwords", "fi", "tulostin jumi", C, NOW) is Outcome.GONE
    assert kept.doubt("passwords", "sv", GIST, C, NOW) is Outcome.GONE
    assert weights(kept) == [USED]


def test_who_changes_their_mind_counts_once(kept: LessonStore) -> None:
    vote(kept, A)
    kept.doubt("passwords", "fi", GIST, A, NOW)
    vote(kept, B)
    assert kept.in_force() == {}


def test_a_person_counts_once_a_tip(kept: LessonStore) -> None:
    vote(kept, A)
    assert vote(kept, A, gist="toinen sana") is Outcome.KNOWN
    assert len(kept.all()) == 1


def test_a_person_counts_so_many_times_a_day(kept: LessonStore) -> None:
    outcomes = [vote(kept, A, tip=f"tip-{n}") for n in range(MOST_A_DAY + 3)]
    assert outcomes == [Outcome.COUNTED] * MOST_A_DAY + [Outcome.LIMITED] * 3
    assert kept.doubt("tip-1", "fi", GIST, A, NOW) is Outcome.LIMITED
    assert vote(kept, A, tip="tip-x", now=NOW + timedelta(days=1)) is Outcome.COUNTED


def test_what_was_removed_is_not_learnt_anew_unless_it_is_restored(kept: LessonStore) -> None:
    vote(kept, A)
    vote(kept, B)
    assert kept.remove(1, NOW)
    assert not kept.remove(1, NOW)
    assert vote(kept, C) is Outcome.GONE
    assert kept.in_force() == {}
    (change,) = kept.history()
    assert (change.kind, change.text, change.reverted) == ("removed", WORDING, False)
    assert kept.revert(change.id, NOW)
    assert not kept.revert(change.id, NOW)
    assert weights(kept) == [USED]
    assert [(each.kind, each.reverted) for each in kept.history()] == [("restored", True), ("removed", True)]


@pytest.mark.parametrize("number", [0, -1, 99])
def test_a_change_that_is_not_there_reverts_nothing(kept: LessonStore, number: int) -> None:
    vote(kept, A)
    vote(kept, B)
    assert not kept.revert(number, NOW)
    assert weights(kept) == [USED]


def test_all_that_one_person_taught_is_taken_back_and_nothing_more_is_learnt_from_them(kept: LessonStore) -> None:
    for tip in ("passwords", "phishing", "printing"):
        for person in (A, B):
            vote(kept, person, tip=tip)
    assert len(kept.in_force()) == 3
    voters = kept.voters(1)
    assert [voter.votes for voter in voters] == [3, 3]
    assert A not in {voter.id for voter in voters}
    assert kept.take_back(2, voters[0].id, NOW) == 0, "the id of a voter holds for one lesson"
    assert kept.take_back(1, voters[0].id, NOW) == 3
    assert kept.in_force() == {}
    assert kept.take_back(1, voters[0].id, NOW) == 0
    assert vote(kept, A) is Outcome.MUTED
    assert kept.doubt("passwords", "fi", GIST, A, NOW) is Outcome.MUTED
    assert kept.revert(kept.history()[0].id, NOW)
    assert len(kept.in_force()) == 3


def test_who_is_erased_has_taught_nothing(kept: LessonStore) -> None:
    vote(kept, A)
    vote(kept, B)
    assert (kept.known(A), kept.known(C)) == (1, 0)
    kept.erase(A)
    assert (kept.known(A), kept.in_force()) == (0, {})


def test_the_revision_grows_where_what_is_in_force_changes_and_only_there(kept: LessonStore) -> None:
    revision = kept._tips.revision
    start = revision()
    vote(kept, A)
    assert revision() == start
    vote(kept, B)
    assert revision() == start + 1
    vote(kept, B)
    assert revision() == start + 1
    kept.remove(1, NOW)
    assert revision() == start + 2
    kept.erase(C)
    assert revision() == start + 2


def test_so_many_learnt_phrasings_a_tip_the_heaviest_first(kept: LessonStore) -> None:
    for n in range(12):
        kept.vote("passwords", "fi", f"sana {n}", f"Sana {n}", f"{n}", Vote.APPROVED, NOW)
    kept.doubt("passwords", "fi", "sana 0", "x", NOW)
    said = [text for text, _ in kept.in_force()["passwords", "fi"]]
    assert len(said) == 8
    assert "Sana 0" not in said


def test_presses_at_the_same_instant_count_once(tmp_path: Path) -> None:
    path = tmp_path / "d.db"
    database.connect(path, MIGRATIONS).close()

    def press(person: str) -> Outcome:
        opened = database.connect(path, MIGRATIONS)
        try:
            return vote(LessonStore(opened, TipStore(opened)), person)
        finally:
            opened.close()

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(press, [A] * 40)) == {Outcome.COUNTED}
    opened = database.connect(path, MIGRATIONS)
    kept = LessonStore(opened, TipStore(opened))
    assert [(lesson.ups, lesson.weight) for lesson in kept.all()] == [(1, 0.0)]
    assert opened.table("lesson_votes").count == 1
    opened.close()


@pytest.mark.parametrize(
    ("ups", "downs", "approved", "weight"),
    [
        (1, 0, False, 0.0),
        (2, 0, False, USED),
        (5, 1, False, 0.417),
        (2, 2, False, 0.0),
        (0, 0, True, APPROVED),
        (0, 1, True, 0.533),
        (0, 2, True, 0.0),
    ],
)
def test_the_weight_is_below_an_authors_and_falls_with_doubts(
    ups: int, downs: int, approved: bool, weight: float
) -> None:
    assert Lesson(1, "x", "fi", WORDING, "", ups, downs, approved).weight == weight < 1


def test_what_an_author_wrote_is_left_to_the_author() -> None:
    tip = Tip("x", "y", {"fi": Text("Otsikko", "Teksti", (WORDING,)), "sv": Text("Titel", "Text")})
    assert with_learnt([tip], {("x", "fi"): [(WORDING, 0.5)], ("y", "fi"): [("muu", 0.5)]}) == (tip,)
    (taught,) = with_learnt([tip], {("x", "fi"): [("toisin", 0.5)]})
    assert taught.texts["fi"].learnt == (("toisin", 0.5),)
    (leaving,) = with_phrasings([tip], {("x", "fi"): [("toisin", 0.5)]})
    assert leaving.texts["fi"] == Text("Otsikko", "Teksti", (WORDING, "toisin"))


def test_gists_are_alike_by_what_they_share() -> None:
    assert (alike("a b", "b a"), alike("a b", "a c"), alike("", ""), alike("a", "b")) == (1.0, 1 / 3, 0.0, 0.0)


PEOPLE = st.sampled_from([A, B, C, TUTOR])
TIPS = st.sampled_from(["one", "two", "three"])
GISTS = st.sampled_from(["aita", "aita portti", "lato"])


class Learning(RuleBasedStateMachine):
    """Any presses by anybody, with restarts: what is in force follows from who stands behind it, and from nothing else.

    The model keeps every press; the store's answers tell which of them counted.
    """

    @initialize()
    def start(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.now, self.votes = NOW, dict[tuple[str, str, str], Vote]()
        self.taken: dict[int, dict[tuple[str, str, str], Vote]] = {}
        self.muted: set[str] = set()
        self.restart(first=True)

    @rule()
    def restart(self, *, first: bool = False) -> None:
        if not first:
            self.database.close()
        self.database = database.connect(Path(self.folder.name) / "d.db", MIGRATIONS)
        self.kept = LessonStore(self.database, TipStore(self.database))

    @rule(person=PEOPLE, tip=TIPS, gist=GISTS)
    def press(self, person: str, tip: str, gist: str) -> None:
        outcome = self.kept.vote(tip, "fi", gist, gist, person, Vote.UP, self.now)
        other = any(
            who == person and about == tip and said != gist and kind is Vote.UP
            for (who, about, said), kind in self.votes.items()
        )
        if person in self.muted:
            assert outcome is Outcome.MUTED
        elif outcome is not Outcome.LIMITED:
            assert outcome is (Outcome.KNOWN if other else Outcome.COUNTED)
        if outcome is Outcome.COUNTED and self.votes.get((person, tip, gist)) is not Vote.APPROVED:
            self.votes[person, tip, gist] = Vote.UP

    @rule(tip=TIPS, gist=GISTS)
    def approve(self, tip: str, gist: str) -> None:
        if self.kept.vote(tip, "fi", gist, gist, TUTOR, Vote.APPROVED, self.now) is Outcome.COUNTED:
            self.votes[TUTOR, tip, gist] = Vote.APPROVED

    @rule(person=PEOPLE, tip=TIPS, gist=GISTS)
    def doubt(self, person: str, tip: str, gist: str) -> None:
        there = {lesson.text for lesson in self.kept.all() if lesson.tip == tip}
        if self.kept.doubt(tip, "fi", gist, person, self.now) is Outcome.COUNTED:
            self.votes |= {(person, tip, said): Vote.DOWN for said in there if alike(said, gist) >= 0.5}

    @rule(person=PEOPLE)
    def take_back(self, person: str) -> None:
        for lesson in self.kept.all():
            for place, each in enumerate(self.kept._persons(lesson.id)):
                if each == person:
                    mine = {key: kind for key, kind in self.votes.items() if key[0] == person}
                    assert self.kept.take_back(lesson.id, self.kept.voters(lesson.id)[place].id, self.now) == len(mine)
                    assert all(each != person for one in self.kept.all() for each in self.kept._persons(one.id))
                    self.taken[self.kept.history(1)[0].id] = mine
                    self.votes = {key: kind for key, kind in self.votes.items() if key[0] != person}
                    self.muted.add(person)
                    return

    @rule()
    def restore(self) -> None:
        for change, mine in list(self.taken.items())[:1]:
            assert self.kept.revert(change, self.now)
            self.votes |= self.taken.pop(change)
            self.muted -= {person for person, _, _ in mine}

    @rule()
    def next_day(self) -> None:
        if self.now < NOW + timedelta(days=300):
            self.now += timedelta(days=1)

    @invariant()
    def is_what_people_stand_behind(self) -> None:
        expected = set()
        for tip, gist in {(tip, gist) for _, tip, gist in self.votes}:
            said = [kind for (_, about, text), kind in self.votes.items() if (about, text) == (tip, gist)]
            support = said.count(Vote.UP) + 2 * (Vote.APPROVED in said)
            if support >= 2 and said.count(Vote.DOWN) < support:
                expected.add((tip, gist))
        found = {(tip, text) for (tip, _), texts in self.kept.in_force().items() for text, _ in texts}
        assert found == expected

    def teardown(self) -> None:
        self.database.close()
        self.folder.cleanup()


Learning.TestCase.settings = settings(max_examples=25, stateful_step_count=25)
TestLearning = Learning.TestCase
