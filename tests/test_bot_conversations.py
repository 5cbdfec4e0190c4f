"""Where the bot may write: seen, lost, found again; and who is told welcome, once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot import conversations
from bot.conversations import Conversation, ConversationStore
from bot.models import Scope
from tests.conftest import NOW
from tips import database

HALL = Conversation("19:hall", "teams", Scope.CHANNEL, "https://a/", "t1", "28:bot", "19:team")
KITCHEN = replace(HALL, id="19:kitchen")
OTHER_TEAM = replace(HALL, id="19:other", team="19:other-team")
PERSON = Conversation("a:1", "teams", Scope.PERSONAL, "https://a/", "t1", "28:bot")
ANNA = replace(PERSON, person="teams:anna")
SLACK = Conversation("C1", "slack", Scope.CHANNEL, tenant="T1")

Change = Callable[[ConversationStore], None]


@pytest.fixture
def store() -> Iterator[ConversationStore]:
    opened = database.in_memory([conversations.migrations])
    yield ConversationStore(opened)
    opened.close()


@pytest.fixture
def full(store: ConversationStore) -> ConversationStore:
    for minute, place in enumerate((HALL, KITCHEN, OTHER_TEAM, PERSON, SLACK)):
        store.seen(place, NOW + timedelta(minutes=minute))
    return store


def reachable(store: ConversationStore) -> list[str]:
    return [place.id for place in store.all()]


@pytest.mark.parametrize("place", [HALL, PERSON, ANNA, SLACK, replace(PERSON, id="a:2", scope=Scope.GROUP)])
@pytest.mark.parametrize("by", [ConversationStore.seen, ConversationStore.greet])
def test_a_conversation_comes_back_as_it_was_met(
    store: ConversationStore, place: Conversation, by: Callable[..., object]
) -> None:
    by(store, place, NOW)
    assert store.all() == [place]
    assert store.all(reachable=False) == store.lost() == []


def test_only_the_first_greeting_is_due(store: ConversationStore) -> None:
    assert [store.greet(HALL, NOW) for _ in range(3)] == [True, False, False]
    assert store.greet(KITCHEN, NOW)


def test_where_somebody_has_spoken_already_no_greeting_is_due(store: ConversationStore) -> None:
    store.seen(HALL, NOW)
    assert not store.greet(HALL, NOW)


def test_conversations_come_in_the_order_in_which_they_were_met(full: ConversationStore) -> None:
    assert reachable(full) == ["19:hall", "19:kitchen", "19:other", "a:1", "C1"]


@pytest.mark.parametrize("by", [ConversationStore.seen, ConversationStore.greet])
def test_a_known_conversation_that_moved_keeps_its_new_address(
    store: ConversationStore, by: Callable[..., object]
) -> None:
    store.seen(HALL, NOW)
    assert not by(store, replace(HALL, address="https://b/"), NOW)
    assert [place.address for place in store.all()] == ["https://b/"]


def test_one_that_moved_keeps_its_place_in_the_order(full: ConversationStore) -> None:
    full.seen(replace(HALL, address="https://b/"), NOW + timedelta(days=1))
    assert reachable(full)[0] == "19:hall"


def test_with_whom_a_private_conversation_is_comes_to_be_known(store: ConversationStore) -> None:
    store.seen(PERSON, NOW)
    assert store.known("teams:anna") == 0
    store.seen(ANNA, NOW)
    assert store.known("teams:anna") == 1
    assert store.all() == [ANNA]


def test_a_persons_private_conversations_are_forgotten_and_no_others(full: ConversationStore) -> None:
    for place in (ANNA, replace(ANNA, id="a:3"), replace(ANNA, id="a:4", person="teams:bo")):
        full.seen(place, NOW)
    full.lose("a:3", "blocked", NOW)
    assert full.known("teams:anna") == 2
    full.erase("teams:anna")
    full.erase("")
    assert (full.known("teams:anna"), full.known("teams:bo"), full.known("")) == (0, 1, 0)
    assert set(reachable(full)) == {"19:hall", "19:kitchen", "19:other", "C1", "a:4"}
    assert full.lost() == []


def test_a_lost_conversation_is_no_longer_written_to_and_its_reason_is_told(full: ConversationStore) -> None:
    full.lose("19:hall", "the app was removed", NOW)
    assert "19:hall" not in reachable(full)
    assert full.all(reachable=False) == [HALL]
    assert full.lost() == [(HALL, "the app was removed")]


def test_the_first_reason_stays(full: ConversationStore) -> None:
    full.lose("19:hall", "the app was removed", NOW)
    full.lose("19:hall", "404", NOW)
    full.lose_team("19:team", "teamArchived", NOW)
    assert [why for place, why in full.lost() if place == HALL] == ["the app was removed"]


def test_losing_what_is_not_known_changes_nothing(full: ConversationStore) -> None:
    full.lose("19:nobody", "404", NOW)
    full.lose_team("19:no-team", "teamDeleted", NOW)
    full.lose_team("", "teamDeleted", NOW)
    assert full.lost() == []


def test_with_its_team_a_conversation_is_lost_and_no_other(full: ConversationStore) -> None:
    full.lose_team("19:team", "teamDeleted", NOW)
    assert reachable(full) == ["19:other", "a:1", "C1"]


@pytest.mark.parametrize(("by", "due"), [(ConversationStore.seen, None), (ConversationStore.greet, True)])
def test_a_lost_conversation_that_comes_back_can_be_written_to_with_what_it_now_is(
    full: ConversationStore, by: Callable[..., object], due: bool | None
) -> None:
    full.lose("a:1", "blocked", NOW)
    moved = replace(PERSON, address="https://b/", tenant="t2", bot="28:new")
    assert by(full, moved, NOW + timedelta(days=1)) is due
    assert full.all()[-1] == moved
    assert full.lost() == []


@pytest.mark.parametrize(
    ("lost", "back", "found"),
    [
        (lambda store: store.lose("19:hall", "channelDeleted", NOW), ("19:hall", "channelDeleted"), True),
        (lambda store: store.lose_team("19:team", "teamArchived", NOW), ("19:team", "teamArchived"), True),
        (lambda store: store.lose("19:hall", "the app was removed", NOW), ("19:hall", "channelDeleted"), False),
        (lambda store: store.lose("19:hall", "the app was removed", NOW), ("19:team", "teamArchived"), False),
        (lambda store: store.lose_team("19:team", "teamDeleted", NOW), ("19:other-team", "teamDeleted"), False),
        (lambda store: store.lose_team("19:team", "teamDeleted", NOW), ("", "teamDeleted"), False),
    ],
)
def test_what_comes_back_is_written_to_again_if_that_was_why_it_was_lost(
    full: ConversationStore, lost: Change, back: tuple[str, str], found: bool
) -> None:
    lost(full)
    full.regain(*back)
    assert ("19:hall" in reachable(full)) is found


def test_an_owed_welcome_makes_a_greeting_due_once_more_whatever_is_said_meanwhile(full: ConversationStore) -> None:
    full.owe_welcome("a:1")
    assert "a:1" in reachable(full)
    full.seen(PERSON, NOW)
    full.seen(replace(PERSON, address="https://b/"), NOW)
    full.lose("a:1", "blocked", NOW)
    full.seen(PERSON, NOW)
    assert [full.greet(PERSON, NOW) for _ in range(2)] == [True, False]


def test_a_greeting_is_due_to_one_of_many_connections(tmp_path: Path) -> None:
    path = tmp_path / "conversations.db"
    database.connect(path, [conversations.migrations]).close()

    def greeted(_: int) -> bool:
        with closing(database.connect(path, [conversations.migrations])) as opened:
            return ConversationStore(opened).greet(HALL, NOW)

    with ThreadPoolExecutor(4) as threads:
        assert sum(threads.map(greeted, range(12))) == 1


def test_conversations_outlive_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "conversations.db"
    with closing(database.connect(path, [conversations.migrations])) as opened:
        ConversationStore(opened).greet(HALL, NOW)
    with closing(database.connect(path, [conversations.migrations])) as opened:
        assert ConversationStore(opened).all() == [HALL]


def test_a_database_of_before_is_migrated_with_its_conversations(tmp_path: Path) -> None:
    path = tmp_path / "conversations.db"
    with closing(database.connect(path, [conversations.migrations])) as opened:
        ConversationStore(opened).greet(HALL, NOW)
        opened.execute("drop index idx_conversations_person")
        opened.table("conversations").transform(drop={"welcome_owed", "person"})
        opened.table("_sqlite_migrations").delete_where("name in ('add_welcome_owed', 'add_person')")
    with closing(database.connect(path, [conversations.migrations])) as opened:
        store = ConversationStore(opened)
        assert not store.greet(HALL, NOW)
        assert store.all() == [HALL]
