"""How long what is kept, in the code as in the document; and that it is gone after."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.conversations import Conversation
from bot.models import Scope
from bot.people import Dialog
from bot.retention import PERIODS, purge
from bot.stores import Stores
from tests.conftest import NOW
from tips.models import Answer, Band

HALL = Conversation("19:hall", "teams", Scope.CHANNEL, team="19:team")
DOCUMENT = Path(__file__).parent.parent / "docs" / "tietosuoja.md"
LOST = "30 pv siitä, kun keskusteluun ei enää voi kirjoittaa"
DAYS = {
    "12 kk": 365,
    "30 pv": 30,
    "60 pv": 60,
    "2 kk": 62,
    LOST: 30,
    "2 pv": 2,
    "3 v": 1096,
    "vuosi": 365,
    "kunnes poistetaan": None,
}
# Not about people: tips and their pictures, single values, the open code, migrations.
IMPERSONAL = {
    "tips",
    "themes",
    "images",
    "meta",
    "claims",
    "holds",
    "vectors",
    "topical",
    "rooms",
    "desk_rules",
    "tip_history",
    "own_sessions",
    "session_history",
    "_sqlite_migrations",
}


def test_the_document_names_the_same_tables_and_periods() -> None:
    section = DOCUMENT.read_text(encoding="utf-8").split("### 2.1")[1].split("###")[0]
    rows = re.findall(r"^\| `(\w+)` \|.*\| ([^|]+) \|$", section, re.MULTILINE)
    assert {table: DAYS[period] for table, period in rows} == PERIODS


def test_every_table_has_a_period_or_holds_nothing_of_people(stores: Stores) -> None:
    assert set(stores.database.table_names()) == PERIODS.keys() | IMPERSONAL


def _ask(stores: Stores, at: datetime) -> int:
    return stores.journal.record(Answer("miten", "fi", Band.HAND_OVER, 0.1), "preview", at)


def _count(stores: Stores, table: str) -> int:
    return stores.database.table(table).count


def _old(days: int, seconds: int = 0) -> datetime:
    return NOW - timedelta(days=days, seconds=seconds)


@pytest.mark.parametrize(("age", "kept"), [(_old(365), 1), (_old(365, 1), 0), (NOW, 1)])
def test_a_question_is_gone_after_its_period(stores: Stores, age: datetime, kept: int) -> None:
    _ask(stores, age)
    assert purge(stores.database, NOW) == 1 - kept
    assert _count(stores, "questions") == kept


@pytest.mark.parametrize(("age", "kept"), [(_old(30), 1), (_old(30, 1), 0)])
def test_an_open_dialog_is_gone_after_its_period(stores: Stores, age: datetime, kept: int) -> None:
    stores.people.open_dialog("anna", Dialog("setup", {"next": "1"}), age)
    assert purge(stores.database, NOW) == 1 - kept
    assert _count(stores, "dialogs") == kept


@pytest.mark.parametrize(("age", "kept"), [(_old(2), 1), (_old(2, 1), 0)])
def test_an_event_is_gone_after_its_period(stores: Stores, age: datetime, kept: int) -> None:
    assert stores.events.take("slack:Ev1", age)
    assert purge(stores.database, NOW) == 1 - kept
    assert _count(stores, "events") == kept


@pytest.mark.parametrize(("lost", "kept"), [(_old(30), 1), (_old(30, 1), 0)])
def test_a_conversation_is_gone_so_long_after_it_was_lost(stores: Stores, lost: datetime, kept: int) -> None:
    stores.conversations.seen(HALL, _old(500))
    stores.conversations.lose(HALL.id, "the app was removed", lost)
    assert purge(stores.database, NOW) == 1 - kept
    assert _count(stores, "conversations") == kept


def test_losing_it_once_more_does_not_prolong_that(stores: Stores) -> None:
    stores.conversations.seen(HALL, _old(500))
    stores.conversations.lose(HALL.id, "the app was removed", _old(31))
    stores.conversations.lose(HALL.id, "404", _old(1))
    stores.conversations.lose_team(HALL.team, "teamDeleted", _old(1))
    assert purge(stores.database, NOW) == 1


def test_a_conversation_that_can_be_written_to_stays_and_so_does_one_that_came_back(stores: Stores) -> None:
    again = replace(HALL, id="19:again")
    for place in (HALL, again):
        stores.conversations.seen(place, _old(500))
    stores.conversations.lose(again.id, "the app was removed", _old(100))
    stores.conversations.seen(again, _old(40))
    assert purge(stores.database, NOW) == 0
    assert _count(stores, "conversations") == 2


def test_feedback_goes_with_its_question(stores: Stores) -> None:
    old, new = _ask(stores, _old(366)), _ask(stores, _old(1))
    for question in (old, new):
        stores.journal.give_feedback(question, "hash", "strong", True, _old(1))
    assert purge(stores.database, NOW) == 2
    assert [row["question"] for row in stores.database.table("feedback").rows] == [new]


def test_old_feedback_goes_before_its_question(stores: Stores) -> None:
    question = _ask(stores, _old(1))
    stores.journal.give_feedback(question, "hash", "strong", True, _old(366))
    purge(stores.database, NOW)
    assert (_count(stores, "feedback"), _count(stores, "questions")) == (0, 1)


def test_the_key_changes_with_the_year_and_the_old_one_is_destroyed(stores: Stores) -> None:
    december, january = NOW.replace(year=2026, month=12, day=31), NOW.replace(month=1, day=1)
    before = stores.people.hashed("anna", december)
    assert stores.people.hashed("anna", january) != before
    purge(stores.database, january)
    assert [row["year"] for row in stores.database.table("keys").rows] == [2027]
    assert stores.people.hashed("anna", december) != before


def test_what_is_kept_until_removed_stays(stores: Stores) -> None:
    stores.people.choose_language("anna", "sv", _old(5_000))
    stores.facts.put("organisation", "Mallila")
    assert purge(stores.database, NOW) == 0
    assert stores.people.person("anna").language == "sv"
    assert stores.facts.values() == {"organisation": "Mallila"}


def test_a_second_purge_finds_nothing(stores: Stores) -> None:
    _ask(stores, _old(400))
    assert purge(stores.database, NOW) == 1
    assert purge(stores.database, NOW) == 0
