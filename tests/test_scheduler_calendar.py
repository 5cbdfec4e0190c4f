"""The calendar in the database: layers, links, choices, the subscription's key."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime

import pytest
from sqlite_utils import Database

from scheduler import calendar
from scheduler.calendar import CalendarStore
from scheduler.choosing import Choice
from scheduler.entries import entry_of
from scheduler.errors import CalendarError
from scheduler.models import ZONE, Entry, Kind
from tests.test_scheduler_entries import FULL
from tips import database

TIP = Entry("tip", Kind.WEEKLY_TIP, {"fi": "Vinkki"}, date(2027, 1, 1), rrule="FREQ=WEEKLY")
DAY = Entry("day", Kind.REMINDER, {"fi": "Päivä"}, date(2027, 1, 28))
OWN = Entry("own", Kind.TASK, {"fi": "Kahvit"}, date(2027, 2, 1), owner="it")


@pytest.fixture
def opened() -> Iterator[Database]:
    """A database in memory with the calendar's tables."""
    opened = database.in_memory([calendar.migrations])
    yield opened
    opened.close()


@pytest.fixture
def store(opened: Database) -> CalendarStore:
    """A calendar seeded with two entries."""
    store = CalendarStore(opened)
    assert store.seed("1", lambda: [TIP, DAY])
    return store


def _ids(store: CalendarStore) -> list[str]:
    return [entry.id for entry in store.in_force()]


def test_own_entries_lie_over_the_ready_year_by_id(store: CalendarStore) -> None:
    store.add([replace(DAY, titles={"fi": "Oma"}), OWN])
    assert [(entry.id, entry.title("fi"), entry.own) for entry in store.in_force()] == [
        ("tip", "Vinkki", False),
        ("day", "Oma", True),
        ("own", "Kahvit", True),
    ]
    assert store.remove("day")
    assert store.in_force()[1] == DAY
    assert not store.remove("day")


def test_a_hidden_entry_is_left_out_and_known(store: CalendarStore) -> None:
    store.add([replace(DAY, hidden=True)])
    assert _ids(store) == ["tip"]
    assert list(store.everything()) == ["tip", "day"]


def test_a_new_ready_year_leaves_own_entries(store: CalendarStore) -> None:
    store.add([OWN])
    assert not store.seed("1", list)
    assert store.seed("2", lambda: [DAY])
    assert _ids(store) == ["day", "own"]


def test_every_field_comes_back(store: CalendarStore) -> None:
    full = entry_of({**FULL, "hidden": ""})
    store.add([full])
    assert store.in_force()[-1] == replace(full, own=True)


def test_every_change_is_another_revision(store: CalendarStore, opened: Database) -> None:
    seen = {store.revision()}
    for change in (
        lambda: store.add([OWN]),
        lambda: store.choose(2027, 3, "tip-1"),
        lambda: store.set_links("own", meeting_link="https://a.example"),
        lambda: store.remove("own"),
    ):
        change()
        seen.add(store.revision())
    assert len(seen) == 5


def test_another_process_sees_the_change(store: CalendarStore, opened: Database) -> None:
    other = CalendarStore(opened)
    assert len(other.in_force()) == 2
    store.add([OWN])
    assert len(other.in_force()) == 3


def test_links_and_host_are_added_and_taken_back(store: CalendarStore) -> None:
    store.set_links("day", meeting_link="https://meet.example", host="Anna")
    store.set_links("day", recording_link="https://video.example", nominal=date(2027, 1, 28))
    day = store.in_force()[1]
    assert (day.meeting_link, day.host, day.recording_link) == ("https://meet.example", "Anna", "")
    assert day.recordings == {date(2027, 1, 28): "https://video.example"}
    store.set_links("day", meeting_link="")
    store.add([replace(DAY, titles={"fi": "Oma"})])  # an import leaves what was said in the chat
    assert (store.in_force()[1].meeting_link, store.in_force()[1].host) == ("", "Anna")
    with pytest.raises(CalendarError, match="field recording_link: must be a whole web address"):
        store.set_links("day", recording_link="video.example")


def test_an_editors_choice(store: CalendarStore) -> None:
    store.choose(2027, 3, "tip-1")
    store.choose(2027, 3, "tip-2")
    store.choose(2026, 53, "tip-1")
    store.choose(2026, 53, "")
    assert store.choices() == {(2027, 3, ""): Choice("tip-2")}
    at = datetime(2027, 1, 21, 14, 0, tzinfo=ZONE)
    assert store.take((2027, 3, "hall"), Choice("tip-3", at))
    assert not store.take((2027, 3, "hall"), Choice("tip-4"))
    assert store.choices()[2027, 3, "hall"] == Choice("tip-3", at)
    assert not store.give_back((2027, 3, "hall"), "tip-4")
    assert store.give_back((2027, 3, "hall"), "tip-3")
    assert store.choices() == {(2027, 3, ""): Choice("tip-2")}
    with pytest.raises(CalendarError, match="the year 2027 has no week 53"):
        store.choose(2027, 53, "tip-1")


def test_the_subscriptions_key_is_long_and_stays_until_it_is_renewed(store: CalendarStore, opened: Database) -> None:
    key = store.subscription_key()
    assert len(key) >= 32
    assert CalendarStore(opened).subscription_key() == key
    assert store.renew_subscription_key() != key


def test_half_an_import_leaves_nothing(store: CalendarStore) -> None:
    class BrokenError(Exception):
        pass

    def entries() -> Iterator[Entry]:
        yield OWN
        raise BrokenError

    with pytest.raises(BrokenError):
        store.add(entries())
    assert _ids(store) == ["tip", "day"]


@pytest.mark.parametrize("data", ['{"id": "day", "kind": "party"}', "[]", "{", '"day"', '{"id": "day"}'])
def test_an_entry_that_cannot_be_read_keeps_no_other_back(store: CalendarStore, opened: Database, data: str) -> None:
    store.add([DAY])
    opened.execute("update calendar_entries set data = ? where layer = 'own'", [data])
    store.choose(2027, 5, "tip")  # a change, so that it is read anew
    assert _ids(store) == list(store.everything()) == ["tip"]
    assert [error.entry for error in store.broken()] == ["day"]
    store.add([DAY])
    assert (_ids(store), store.broken()) == (["tip", "day"], [])


def test_choices_from_before_stay_for_all() -> None:
    old = database.in_memory([])
    calendar.create_calendar(old)
    old.table("calendar_choices").insert({"year": 2027, "week": 3, "tip": "tip-1"})
    calendar.choose_by_destination(old)
    assert CalendarStore(old).choices() == {(2027, 3, ""): Choice("tip-1")}
    old.close()
