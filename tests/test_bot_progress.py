"""How far people have come in sessions: kept, moved once, counted without names, erased."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from bot.progress import OWN, Progress, ProgressStore, Results, Run
from bot.retention import PERIODS, purge
from bot.stores import Stores
from tests.conftest import NOW

DAY = date(2027, 1, 12)
POST = "quarter/2027-01-12/post/teams:hall"
OTHER_POST = "quarter/2027-01-12/post/teams:kitchen"
ME = Run("hash1", POST, "passwords")
DONE = Progress(0, "", "2027-01-12T07:15:00Z", 2, 3)


@pytest.fixture
def store(stores: Stores) -> ProgressStore:
    return stores.progress


def finish(store: ProgressStore, person: str, run: str = POST, correct: int = 2) -> None:
    assert store.move(Run(person, run, "passwords"), None, Progress(0, "", "2027-01-12T07:15:00Z", correct, 3), NOW)


def test_what_has_not_begun_is_not_there(store: ProgressStore) -> None:
    assert store.get(ME) is None
    assert (store.finished(POST), store.known("hash1")) == (0, 0)


def test_a_step_is_kept(store: ProgressStore) -> None:
    assert store.move(ME, None, Progress(1), NOW)
    assert store.move(ME, Progress(1), Progress(7, "1-"), NOW)
    assert store.get(ME) == Progress(7, "1-")


def test_a_move_from_where_one_is_not_changes_nothing(store: ProgressStore) -> None:
    assert not store.move(ME, Progress(1), Progress(2), NOW)
    assert store.get(ME) is None
    assert store.move(ME, None, Progress(1), NOW)
    assert not store.move(ME, None, Progress(5), NOW)
    assert not store.move(ME, Progress(1, "2"), Progress(5), NOW)
    assert not store.move(ME, Progress(1, finished="2027-01-01T00:00:00Z"), Progress(5), NOW)
    assert store.get(ME) == Progress(1)


def test_people_runs_and_themes_are_apart(store: ProgressStore) -> None:
    runs = [ME, Run("hash2", POST, "passwords"), Run("hash1", OWN, "passwords"), Run("hash1", POST, "excel")]
    for step, run in enumerate(runs):
        assert store.move(run, None, Progress(step), NOW)
    assert [store.get(run) for run in runs] == [Progress(step) for step in range(4)]
    assert (store.known("hash1"), store.known("hash2")) == (3, 1)


def test_only_who_came_to_the_end_of_the_run_is_counted(store: ProgressStore) -> None:
    finish(store, "hash1")
    finish(store, "hash2")
    finish(store, "hash3", OTHER_POST)
    store.move(Run("hash4", POST, "passwords"), None, Progress(9, "120"), NOW)
    assert (store.finished(POST), store.finished(OTHER_POST), store.finished(OWN)) == (2, 1, 0)


def test_the_runs_whose_count_is_new(store: ProgressStore) -> None:
    finish(store, "hash1")
    finish(store, "hash2")
    finish(store, "hash1", OWN)
    store.move(Run("hash4", OTHER_POST, "passwords"), None, Progress(9), NOW)
    assert store.finished_since(NOW) == [POST]
    assert store.finished_since(NOW + timedelta(seconds=1)) == []


def test_the_results_of_a_quiz_are_told_of_five_people_and_over_all_posts(store: ProgressStore) -> None:
    for number in range(3):
        finish(store, f"hash{number}", correct=3)
    finish(store, "hash8", "quarter-2/2027-01-12/post/teams:hall")
    finish(store, "hash9", "quarter/2027-02-12/post/teams:hall")
    finish(store, "hash3", OTHER_POST, correct=0)
    finish(store, "hash0", OTHER_POST, correct=3)  # the same person in two channels is one
    assert store.results("quarter", DAY) is None
    finish(store, "hash4", OTHER_POST, correct=1)
    assert store.results("quarter", DAY) == Results(people=5, correct=13, questions=18)
    assert store.results("other", DAY) is None


def test_what_came_of_each_occurrence_is_listed_the_newest_first(store: ProgressStore) -> None:
    for number in range(5):
        finish(store, f"hash{number}", correct=2)
    finish(store, "hash0", "quarter/2027-02-12/post/teams:hall")
    finish(store, "hash0", OWN)
    store.move(Run("hash7", "quarter/2027-03-12/post/teams:hall", "passwords"), None, Progress(3), NOW)
    newest, oldest = store.held(date(2027, 1, 12), date(2027, 2, 12))
    assert (newest.nominal, newest.finished, newest.results) == (date(2027, 2, 12), 1, None)
    assert (oldest.entry, oldest.nominal, oldest.theme, oldest.finished) == ("quarter", DAY, "passwords", 5)
    assert oldest.results
    assert oldest.results.share == 67
    assert store.held(date(2027, 2, 13), date(2027, 3, 31)) == []


def test_erasing_forgets_one_person(store: ProgressStore) -> None:
    finish(store, "hash1")
    finish(store, "hash1", OWN)
    finish(store, "hash2")
    store.erase("hash1")
    assert (store.known("hash1"), store.known("hash2"), store.finished(POST)) == (0, 1, 1)


@pytest.mark.parametrize(("days", "kept"), [(365, 1), (366, 0)])
def test_progress_is_gone_after_its_period(stores: Stores, days: int, kept: int) -> None:
    assert PERIODS["progress"] == 365
    stores.progress.move(ME, None, DONE, NOW - timedelta(days=days))
    purge(stores.database, NOW)
    assert stores.progress.known("hash1") == kept


def test_no_row_names_a_person(stores: Stores) -> None:
    run = Run(stores.people.hashed("teams:megan", NOW), POST, "passwords")
    stores.progress.move(run, None, Progress(3, "1"), NOW)
    assert "megan" not in str(list(stores.database.table("progress").rows))
