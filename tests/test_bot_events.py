"""An event is worked on once: by one of many threads, connections and processes, and until its row is purged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import events
from bot.events import EventStore
from bot.retention import purge
from bot.stores import Stores
from tests.conftest import NOW
from tips import database


@pytest.fixture
def store() -> Iterator[EventStore]:
    opened = database.in_memory([events.migrations])
    yield EventStore(opened)
    opened.close()


def test_an_event_is_taken_once(store: EventStore) -> None:
    assert [store.take("teams:a:1", NOW) for _ in range(3)] == [True, False, False]
    assert store.take("teams:a:2", NOW)


def test_what_was_given_back_may_come_again(store: EventStore) -> None:
    store.take("a", NOW)
    store.give_back("a")
    assert store.take("a", NOW)


def test_what_was_taken_and_never_answered_is_new_again_once_it_is_abandoned(store: EventStore) -> None:
    minute = timedelta(minutes=1)
    store.take("a", NOW)
    assert not store.take("a", NOW + minute, NOW)
    assert not store.take("a", NOW + 2 * minute)
    assert store.take("a", NOW + 2 * minute, NOW + minute)
    assert not store.take("a", NOW + 2 * minute, NOW + minute)


def test_what_was_answered_is_never_abandoned(store: EventStore) -> None:
    store.take("a", NOW)
    store.answered("a", "1:answer")
    assert not store.take("a", NOW + timedelta(days=1), NOW + timedelta(hours=23))


def test_giving_back_what_nobody_took_changes_nothing(store: EventStore) -> None:
    store.take("a", NOW)
    store.give_back("b")
    assert not store.take("a", NOW)


def test_the_answer_is_found_by_its_event(store: EventStore) -> None:
    store.take("a", NOW)
    assert store.answer_to("a") == ""
    store.answered("a", "1:answer")
    assert store.answer_to("a") == "1:answer"
    assert store.answer_to("b") is None


def test_an_answer_to_nothing_is_not_kept(store: EventStore) -> None:
    store.answered("a", "1:answer")
    assert store.answer_to("a") is None


def test_what_was_given_back_has_no_answer_to_wait_for(store: EventStore) -> None:
    store.take("a", NOW)
    store.give_back("a")
    assert store.answer_to("a") is None


def test_only_a_later_version_is_an_advance(store: EventStore) -> None:
    versions = ["1515450000.000002", "1515450000.000002", "1515450000.000001", "1515450000.000003"]
    assert [store.advance("a", version, NOW) for version in versions] == [True, False, False, True]
    assert store.advance("b", versions[0], NOW)


def test_of_versions_only_the_latest_is_given_back(store: EventStore) -> None:
    assert store.advance("a", "2", NOW)
    store.give_back("a", "1")
    assert not store.advance("a", "1", NOW)
    store.give_back("a", "2")
    assert store.advance("a", "2", NOW)


def test_an_event_taken_once_more_keeps_its_answer(store: EventStore) -> None:
    store.take("a", NOW)
    store.answered("a", "1:answer")
    store.take("a", NOW)
    assert store.answer_to("a") == "1:answer"


@settings(max_examples=40)
@given(keys=st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=5), max_size=20))
def test_each_of_any_keys_is_taken_once(keys: list[str]) -> None:
    with closing(database.in_memory([events.migrations])) as opened:
        store = EventStore(opened)
        taken = [key for key in keys if store.take(key, NOW)]
    assert sorted(taken) == sorted(set(keys))


def test_another_connection_sees_at_once_what_was_taken(tmp_path: Path) -> None:
    path = tmp_path / "events.db"
    with (
        closing(database.connect(path, [events.migrations])) as first,
        closing(database.connect(path, [events.migrations])) as second,
    ):
        assert EventStore(first).take("a", NOW)
        assert not EventStore(second).take("a", NOW)


def test_of_many_connections_in_many_threads_one_takes_each_event(tmp_path: Path) -> None:
    path, keys = tmp_path / "events.db", [str(number) for number in range(100)]
    database.connect(path, [events.migrations]).close()

    def worker(_: int) -> list[str]:
        with closing(database.connect(path, [events.migrations])) as opened:
            store = EventStore(opened)
            return [key for key in keys if store.take(key, NOW)]

    with ThreadPoolExecutor(4) as threads:
        taken = Counter(key for mine in threads.map(worker, range(4)) for key in mine)
    assert taken == Counter(keys)


def test_a_taken_event_outlives_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "events.db"
    with closing(database.connect(path, [events.migrations])) as opened:
        EventStore(opened).take("a", NOW)
    with closing(database.connect(path, [events.migrations])) as opened:
        assert not EventStore(opened).take("a", NOW)


def test_events_are_forgotten_after_two_days(stores: Stores) -> None:
    stores.events.take("old", NOW - timedelta(days=2, seconds=1))
    stores.events.take("new", NOW - timedelta(days=2))
    purge(stores.database, NOW)
    assert stores.events.take("old", NOW)
    assert not stores.events.take("new", NOW)
