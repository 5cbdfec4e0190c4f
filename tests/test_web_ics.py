"""The calendar's address for Outlook, and the file of a session that has a host."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, time

import pytest

from bot.stores import Stores
from scheduler import calendar, starter
from scheduler.calendar import CalendarStore
from scheduler.models import Entry, Kind
from tests.pages import Client, sign_in, text_of, visiting
from tips.database import in_memory

HOSTED = Entry(
    "own-quarter",
    Kind.SECURITY_QUARTER,
    {"fi": "Oma vartti", "sv": "Egen kvart"},
    date(2027, 3, 3),
    time=time(14),
    minutes=15,
    theme="passwords",
    meeting_link="https://teams.microsoft.com/l/meetup-join/1",
    own=True,
)


@pytest.fixture
async def client(stores: Stores) -> AsyncIterator[Client]:
    starter.seed(stores.calendar)
    stores.calendar.add([HOSTED])
    async with visiting(stores) as client:
        yield client


async def test_whoever_has_the_key_gets_what_comes(client: Client, stores: Stores) -> None:
    answer = await client.get("/calendar.ics", params={"key": stores.calendar.subscription_key(), "lang": "sv"})
    text = await answer.text()
    assert (answer.status, answer.content_type) == (200, "text/calendar")
    assert "Egen kvart" in text
    assert text.count("BEGIN:VEVENT") > 40
    assert "weekly-tip" not in text


@pytest.mark.parametrize("key", ["", "x", "å", "None"])
async def test_without_the_key_there_is_nothing(client: Client, stores: Stores, key: str) -> None:
    stores.calendar.subscription_key()
    answer = await client.get("/calendar.ics", params={"key": key})
    assert answer.status == 404
    assert "VCALENDAR" not in await answer.text()


async def test_a_new_key_makes_the_old_one_void(client: Client, stores: Stores) -> None:
    key = stores.calendar.subscription_key()
    stores.calendar.renew_subscription_key()
    assert (await client.get("/calendar.ics", params={"key": key})).status == 404


async def test_the_page_shows_the_address_and_the_host_gets_a_file_to_send(client: Client, stores: Stores) -> None:
    await sign_in(client, stores)
    page = await text_of(client, "/vuosikello?vuosi=2027")
    assert f"/calendar.ics?key={stores.calendar.subscription_key()}" in page
    of_that_day = await text_of(client, "/vuosikello/own-quarter/2027-03-03")
    assert 'href="/vuosikello/own-quarter/2027-03-03.ics"' in of_that_day
    text = await text_of(client, "/vuosikello/own-quarter/2027-03-03.ics")
    assert text.count("BEGIN:VEVENT") == 1
    assert "meetup-join" in text.replace("\r\n ", "")
    assert f"UID:own-quarter-20270303@{stores.calendar.home()}.digivinkki\r\n" in text


def test_two_organisations_events_are_told_apart(stores: Stores) -> None:
    other = CalendarStore(in_memory([calendar.migrations]))
    assert len({stores.calendar.home(), stores.calendar.home(), other.home()}) == 2


@pytest.mark.parametrize(
    "path",
    ["own-quarter/2027-03-04", "own-quarter/x", "weekly-tip/2027-01-05", "none/2027-03-03", "own-quarter/0001-01-01"],
)
async def test_what_has_no_host_or_no_such_day_is_told(client: Client, stores: Stores, path: str) -> None:
    await sign_in(client, stores)
    assert (await client.get(f"/vuosikello/{path}.ics")).status == 404


async def test_a_file_of_a_session_is_for_those_who_run_it(client: Client) -> None:
    answer = await client.get("/vuosikello/own-quarter/2027-03-03.ics", allow_redirects=False)
    assert "VCALENDAR" not in await answer.text()
