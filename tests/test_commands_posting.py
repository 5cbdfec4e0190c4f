"""What `doctor` finds of posting: when the next is due, what cannot be read or reached."""

from __future__ import annotations

from datetime import date, time, timedelta

from bot.settings import Settings
from bot.stores import Stores
from commands.findings import State
from commands.posting import of_posting
from scheduler.models import Destination, Entry, Key, Kind, Planned
from tests.conftest import NOW

HALL = Destination("teams-1", "teams", "19:hall", "Halli", since=NOW)
KITCHEN = Destination("slack-2", "slack", "C2", "Keittiö", since=NOW)


def _said(stores: Stores) -> list[tuple[State, str]]:
    return [(state, text) for state, text, _ in of_posting(Settings(app_id="x"), stores, NOW)]


def test_it_says_when_the_next_is_due_and_which_platform_is_missing(stores: Stores) -> None:
    weekly = Entry(
        "tip", Kind.WEEKLY_TIP, {"fi": "Vinkki"}, date(2027, 1, 5), rrule="FREQ=WEEKLY;BYDAY=TU", time=time(9)
    )
    stores.calendar.add([weekly])
    assert _said(stores) == [(State.NOTE, "no channel gets posts yet")]
    for place in (HALL, KITCHEN):
        stores.destinations.put(place, NOW)
    assert _said(stores) == [
        (State.OK, "posts go to 1 destinations; the next is due 19.01.2027 at 09:00"),
        (State.NOTE, "1 destinations are of a platform that is not connected"),
    ]


def test_what_cannot_be_read_or_reached_is_named(stores: Stores) -> None:
    for place in (HALL, KITCHEN):
        stores.destinations.put(place, NOW)
    stores.destinations.lose("slack-2", "channel_not_found")
    stores.database.execute("update destinations set wishes = '{' where id = 'teams-1'")
    said = _said(stores)
    assert (State.NOTE, "posts do not reach Keittiö: channel_not_found") in said
    assert (State.NOTE, "the subscription of Halli cannot be read; nothing is posted there") in said


def test_after_a_restore_what_waits_for_a_word_is_counted_once_it_is_planned(stores: Stores) -> None:
    stores.destinations.put(HALL, NOW)
    stores.deliveries.hold_overdue(NOW)
    before = "restored from a backup: what was due before that waits, where there is any"
    assert (State.NOTE, before) in _said(stores)
    entry = Entry("tip", Kind.WEEKLY_TIP, {"fi": "Vinkki"}, date(2027, 1, 5))
    key = Key("tip", date(2027, 1, 5), "post", HALL.id)
    stores.deliveries.plan(Planned(key, entry.kind, NOW - timedelta(days=1), entry, HALL))
    assert (State.NOTE, "restored from a backup: 1 overdue posts wait") in _said(stores)
