"""Destinations come back as they were stored; each conversation is one of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, time, timedelta

import pytest

from scheduler import destinations
from scheduler.destinations import DestinationStore
from scheduler.models import Destination, Kind, Profile, Quiet
from tests.conftest import NOW
from tips import database

HALL = Destination("hall", "teams", "19:hall", "Hall", since=NOW)
ANNA = Destination(
    "anna",
    "slack",
    "D1",
    "Anna",
    ("sv", "fi"),
    Profile.CUSTOM,
    (Kind.WEEKLY_TIP,),
    1,
    time(12, 15),
    "slack:U1",
    date(2027, 2, 1),
    (Quiet((12, 1), (1, 31)),),
    NOW,
)


@pytest.fixture
def store() -> Iterator[DestinationStore]:
    """A store over a database in memory."""
    opened = database.in_memory([destinations.migrations])
    yield DestinationStore(opened)
    opened.close()


@pytest.mark.parametrize("destination", [HALL, ANNA], ids=["hall", "anna"])
def test_what_is_put_comes_back(store: DestinationStore, destination: Destination) -> None:
    store.put(destination, NOW)
    assert store.get(destination.id) == destination
    assert store.by_conversation(destination.platform, destination.conversation) == destination
    assert store.all() == [destination]


def test_unknown_ones_are_none(store: DestinationStore) -> None:
    assert store.get("hall") is None
    assert store.by_conversation("teams", "19:hall") is None


def test_a_change_keeps_the_id_and_when_it_came(store: DestinationStore) -> None:
    store.put(HALL, NOW)
    store.put(replace(HALL, id="another", weekday=3), NOW + timedelta(days=9))
    assert store.all() == [replace(HALL, weekday=3)]
    store.put(replace(HALL, conversation="19:moved"), NOW)
    assert store.all() == [replace(HALL, conversation="19:moved")]


def test_removing(store: DestinationStore) -> None:
    store.put(HALL, NOW)
    assert (store.remove("hall"), store.remove("hall")) == (True, False)
    assert store.all(active=False) == []


def test_a_pause_begins_and_ends(store: DestinationStore) -> None:
    store.put(HALL, NOW)
    store.pause("hall", date(2027, 2, 1))
    assert store.all() == [replace(HALL, paused_until=date(2027, 2, 1))]
    store.pause("hall", None)
    assert store.all() == [HALL]


def test_one_that_cannot_be_reached_is_told_once_and_comes_back(store: DestinationStore) -> None:
    store.put(HALL, NOW)
    assert (store.lose("hall", "the app was removed"), store.lose("hall", "404")) == (True, False)
    assert (store.all(), store.all(active=False)) == ([], [HALL])
    assert store.lost() == [(HALL, "the app was removed")]
    store.regain("hall")
    assert (store.all(), store.lost()) == ([HALL], [])
    store.lose("hall", "404")
    store.put(HALL, NOW)
    assert store.all() == [HALL]


def test_a_person_s_own_are_shown_and_erased(store: DestinationStore) -> None:
    store.put(HALL, NOW)
    store.put(ANNA, NOW)
    assert store.known("slack:U1") == [ANNA]
    assert store.known("") == []
    assert (store.erase("slack:U1"), store.erase("")) == (["anna"], [])
    assert store.all() == [HALL]


@pytest.mark.parametrize("wishes", ["", "{", "[]", "{}", '{"languages": ["xx"]}'])
def test_one_that_cannot_be_read_keeps_the_others_from_nothing(store: DestinationStore, wishes: str) -> None:
    store.put(HALL, NOW)
    store.put(ANNA, NOW)
    store._db.execute("update destinations set wishes = ?, lost = '404' where id = 'anna'", [wishes])
    assert (store.all(), store.all(active=False), store.lost()) == ([HALL], [HALL], [])
    assert (store.get("anna"), store.known("slack:U1"), store.broken()) == (None, [], ["Anna"])
    store.put(replace(ANNA, id="again"), NOW)
    assert (store.get("anna"), store.broken()) == (ANNA, [])
    store._db.execute("update destinations set wishes = ? where id = 'anna'", [wishes])
    assert store.erase("slack:U1") == ["anna"]
