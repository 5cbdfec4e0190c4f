"""Where the bot may write: met, lost, found again; and who is told welcome, once."""

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
        store.meet(place, NOW + timedelta(minutes=minute))
    return store


def reachable(store: ConversationStore) -> list[str]:
    return [place.id for place in store.all()]


@pytest.mark.parametrize("place", [HALL, PERSON, SLACK, replace(PERSON, id="a:2", scope=Scope.GROUP)])
def test_a_conversation_comes_back_as_it_was_met(store: ConversationStore, place: Conversation) -> None:
    store.meet(place, NOW)
    assert store.all() == [place]
    assert store.all(reachable=False) == store.lost() == []


def test_only_the_first_meeting_is_new(store: ConversationStore) -> None:
    assert [store.meet(HALL, NOW) for _ in range(3)] == [True, False, False]
    assert store.meet(KITCHEN, NOW)


def test_conversations_come_in_the_order_in_which_they_were_met(full: ConversationStore) -> None:
    assert reachable(full) == ["19:hall", "19:kitchen", "19:other", "a:1", "C1"]


def test_a_known_conversation_that_moved_keeps_its_new_address(store: ConversationStore) -> None:
    store.meet(HALL, NOW)
    assert not store.meet(replace(HALL, address="https://b/"), NOW)
    assert [place.address for place in store.all()] == ["https://b/"]


def test_a_lost_conversation_is_no_longer_written_to_and_its_reason_is_told(full: ConversationStore) -> None:
    full.lose("19:hall", "the app was removed")
    assert "19:hall" not in reachable(full)
    assert full.all(reachable=False) == [HALL]
    assert full.lost() == [(HALL, "the app was removed")]


def test_the_first_reason_stays(full: ConversationStore) -> None:
    full.lose("19:hall", "the app was removed")
    full.lose("19:hall", "404")
    full.lose_team("19:team", "teamArchived")
    assert [why for place, why in full.lost() if place == HALL] == ["the app was removed"]


def test_losing_what_is_not_known_changes_nothing(full: ConversationStore) -> None:
    full.lose("19:nobody", "404")
    full.lose_team("19:no-team", "teamDeleted")
    full.lose_team("", "teamDeleted")
    assert full.lost() == []


def test_with_its_team_a_conversation_is_lost_and_no_other(full: ConversationStore) -> None:
    full.lose_team("19:team", "teamDeleted")
    assert reachable(full) == ["19:other", "a:1", "C1"]


def test_a_lost_conversation_that_speaks_again_is_new_with_what_it_now_is(full: ConversationStore) -> None:
    full.lose("a:1", "blocked")
    moved = replace(PERSON, address="https://b/", tenant="t2", bot="28:new")
    assert full.meet(moved, NOW + timedelta(days=1))
    assert full.all()[-1] == moved
    assert full.lost() == []


@pytest.mark.parametrize(
    ("lost", "back", "found"),
    [
        (lambda store: store.lose("19:hall", "channelDeleted"), ("19:hall", "channelDeleted"), True),
        (lambda store: store.lose_team("19:team", "teamArchived"), ("19:team", "teamArchived"), True),
        (lambda store: store.lose("19:hall", "the app was removed"), ("19:hall", "channelDeleted"), False),
        (lambda store: store.lose("19:hall", "the app was removed"), ("19:team", "teamArchived"), False),
        (lambda store: store.lose_team("19:team", "teamDeleted"), ("19:other-team", "teamDeleted"), False),
        (lambda store: store.lose_team("19:team", "teamDeleted"), ("", "teamDeleted"), False),
    ],
)
def test_what_comes_back_is_written_to_again_if_that_was_why_it_was_lost(
    full: ConversationStore, lost: Change, back: tuple[str, str], found: bool
) -> None:
    lost(full)
    full.regain(*back)
    assert ("19:hall" in reachable(full)) is found


def test_an_owed_welcome_makes_a_conversation_new_once_more(full: ConversationStore) -> None:
    full.owe_welcome("a:1")
    assert "a:1" in reachable(full)
    assert [full.meet(PERSON, NOW) for _ in range(2)] == [True, False]


def test_a_conversation_is_new_to_one_of_many_connections(tmp_path: Path) -> None:
    path = tmp_path / "conversations.db"
    database.connect(path, [conversations.migrations]).close()

    def met(_: int) -> bool:
        with closing(database.connect(path, [conversations.migrations])) as opened:
            return ConversationStore(opened).meet(HALL, NOW)

    with ThreadPoolExecutor(4) as threads:
        assert sum(threads.map(met, range(12))) == 1


def test_conversations_outlive_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "conversations.db"
    with closing(database.connect(path, [conversations.migrations])) as opened:
        ConversationStore(opened).meet(HALL, NOW)
    with closing(database.connect(path, [conversations.migrations])) as opened:
        assert ConversationStore(opened).all() == [HALL]


def test_a_database_of_before_is_migrated_with_its_conversations(tmp_path: Path) -> None:
    path = tmp_path / "conversations.db"
    with closing(database.connect(path, [conversations.migrations])) as opened:
        ConversationStore(opened).meet(HALL, NOW)
        opened.table("conversations").transform(drop={"welcome_owed"})
        opened.table("_sqlite_migrations").delete_where("name = 'add_welcome_owed'")
    with closing(database.connect(path, [conversations.migrations])) as opened:
        store = ConversationStore(opened)
        assert not store.meet(HALL, NOW)
        assert store.all() == [HALL]
