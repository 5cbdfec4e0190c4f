"""What is kept of people: languages, roles, dialogs, and a hash that counts them without naming them."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlite_utils import Migrations

from bot import people as peoples
from bot.people import IT, Dialog, PeopleStore, Person
from bot.stores import MIGRATIONS, Stores
from tests.conftest import NOW
from tips import database
from tips.moments import stamp

NEXT_YEAR = NOW.replace(year=NOW.year + 1)


@pytest.fixture
def people(stores: Stores) -> PeopleStore:
    return stores.people


def rows(stores: Stores, table: str) -> int:
    return stores.database.table(table).count


def test_nothing_is_kept_of_somebody_who_only_came_by(stores: Stores) -> None:
    assert stores.people.person("teams:1") == Person("teams:1")
    assert stores.people.dialog("teams:1") is None
    stores.people.close_dialog("teams:1")
    assert rows(stores, "people") == rows(stores, "dialogs") == 0


def test_a_chosen_language_is_kept_and_replaced(people: PeopleStore) -> None:
    people.choose_language("teams:1", "sv", NOW)
    people.choose_language("teams:1", "en", NOW + timedelta(days=1))
    assert people.person("teams:1") == Person("teams:1", "en", "", stamp(NOW))
    assert people.person("teams:2").language is None


def test_a_role_and_a_language_stand_side_by_side(people: PeopleStore) -> None:
    people.choose_language("teams:1", "sv", NOW)
    people.give_role("teams:1", IT, NOW)
    assert (people.person("teams:1").language, people.person("teams:1").role) == ("sv", IT)


def test_a_role_that_an_earlier_version_stored_stays(tmp_path: Path) -> None:
    earlier = Migrations("people")
    steps = list(peoples.migrations.pending(database.in_memory([])))
    opened = database.connect(tmp_path / "digivinkki.db", [m for m in MIGRATIONS if m is not peoples.migrations])
    earlier(name=steps[0].name)(steps[0].fn)
    earlier.apply(opened)
    opened.table("people").insert({"id": "teams:boss", "role": IT, "since": stamp(NOW)})
    opened.table("people").insert({"id": "teams:1", "language": "sv", "since": stamp(NOW)})
    peoples.migrations.apply(opened)
    store = PeopleStore(opened)
    assert (store.person("teams:boss").role, store.it()) == (IT, ["teams:boss"])
    assert (store.person("teams:1").language, store.person("teams:1").roles) == ("sv", ())
    opened.close()


def test_a_language_that_is_no_longer_there_counts_as_none(stores: Stores) -> None:
    stores.database.table("people").insert({"id": "teams:1", "language": "de", "since": stamp(NOW)})
    assert stores.people.person("teams:1").language is None


def test_people_named_in_the_settings_have_the_role_without_a_row(stores: Stores) -> None:
    named = PeopleStore(stores.database, frozenset({"teams:boss"}))
    assert named.person("teams:boss").role == IT
    assert named.person("teams:1").role == ""
    assert named.has_it()
    assert rows(stores, "people") == 0


def test_a_known_person_named_in_the_settings_has_the_role_too(stores: Stores) -> None:
    stores.people.choose_language("teams:boss", "sv", NOW)
    named = PeopleStore(stores.database, frozenset({"teams:boss"}))
    assert (named.person("teams:boss").language, named.person("teams:boss").role) == ("sv", IT)


def test_somebody_has_to_have_the_role_it(people: PeopleStore) -> None:
    assert not people.has_it()
    people.choose_language("teams:1", "sv", NOW)
    assert not people.has_it()
    people.give_role("teams:1", IT, NOW)
    assert people.has_it()


def test_a_person_has_one_dialog_at_a_time(people: PeopleStore) -> None:
    people.open_dialog("teams:1", Dialog("setup", {"next": "0"}), NOW)
    people.open_dialog("teams:1", Dialog("setup", {"next": "1", "lang": "sv"}), NOW)
    assert people.dialog("teams:1") == Dialog("setup", {"next": "1", "lang": "sv"})
    assert people.dialog("teams:2") is None
    people.close_dialog("teams:1")
    assert people.dialog("teams:1") is None


def test_erasing_a_person_leaves_the_others(stores: Stores) -> None:
    for person in ("teams:1", "teams:2"):
        stores.people.choose_language(person, "sv", NOW)
        stores.people.open_dialog(person, Dialog("setup", {}), NOW)
    stores.people.erase("teams:1")
    assert stores.people.person("teams:1") == Person("teams:1")
    assert stores.people.dialog("teams:1") is None
    assert stores.people.person("teams:2").language == "sv"
    assert rows(stores, "dialogs") == 1


def test_a_hash_is_the_same_all_year_and_another_for_others(people: PeopleStore) -> None:
    january, december = NOW, datetime(NOW.year, 12, 31, tzinfo=UTC)
    assert people.hashed("teams:1", january) == people.hashed("teams:1", december)
    assert people.hashed("teams:1", NOW) != people.hashed("teams:2", NOW)
    assert len(people.hashed("teams:1", NOW)) == 32


def test_a_hash_changes_with_the_year(stores: Stores) -> None:
    before = stores.people.hashed("teams:1", NOW)
    assert stores.people.hashed("teams:1", NEXT_YEAR) != before
    assert stores.people.hashed("teams:1", NOW) == before
    assert rows(stores, "keys") == 2


def test_the_hash_does_not_hold_the_person(stores: Stores) -> None:
    other = database.in_memory(MIGRATIONS)
    try:
        assert PeopleStore(other).hashed("teams:1", NOW) != stores.people.hashed("teams:1", NOW)
    finally:
        other.close()


def test_another_process_makes_the_same_hash(tmp_path: Path) -> None:
    hashes = set()
    for _ in range(2):
        opened = database.connect(tmp_path / "digivinkki.db", MIGRATIONS)
        hashes.add(PeopleStore(opened).hashed("teams:1", NOW))
        opened.close()
    assert len(hashes) == 1


def test_counting_a_person_leaves_no_lock_behind(tmp_path: Path) -> None:
    path = tmp_path / "digivinkki.db"
    opened = database.connect(path, MIGRATIONS)
    PeopleStore(opened).hashed("teams:1", NOW)
    other = sqlite3.connect(path, timeout=0)
    try:
        other.execute("insert into meta values ('another', 'process')")
        other.commit()
        assert other.execute("select count(*) from keys").fetchone() == (1,)
    finally:
        other.close()
        opened.close()


def test_a_moment_is_stored_in_utc_to_the_second() -> None:
    assert stamp(NOW.replace(microsecond=999)) == "2027-01-12T07:15:00Z"
    assert stamp(NOW.astimezone(timezone(timedelta(hours=2)))) == "2027-01-12T07:15:00Z"
