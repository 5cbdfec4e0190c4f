"""Recordings of sessions: what has been held and may be followed, on the list and on the session's own page."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date

import pytest

from bot.stores import Stores
from scheduler.models import Entry, Kind
from tests.conftest import NOW
from tests.pages import Client, text_of, visiting
from web.pages.recordings import recordings

HELD, TO_COME = date(2027, 1, 5), date(2027, 2, 2)
ENTRY = Entry("own-passwords", Kind.TIP_SESSION, {"fi": "Salasanatuokio"}, date(2027, 1, 1), theme="passwords")
TWICE = replace(ENTRY, dates=(HELD, TO_COME))
LINK = "https://tallenteet.example/salasanat"


@pytest.fixture
async def client(stores: Stores) -> AsyncIterator[Client]:
    async with visiting(stores) as visitor:
        yield visitor


def days(entry: Entry) -> list[date]:
    return [each.day for each in recordings([entry], {}, NOW, "fi")]


def test_only_what_has_been_held_is_listed() -> None:
    assert days(replace(TWICE, recordings={HELD: LINK, TO_COME: LINK})) == [HELD]


def test_a_recording_of_no_date_is_of_the_last_time() -> None:
    assert days(replace(TWICE, recording_link=LINK)) == [HELD]
    assert days(replace(ENTRY, dates=(TO_COME,), recording_link=LINK)) == []


def test_a_time_with_a_recording_of_its_own_is_listed_once() -> None:
    found = recordings([replace(TWICE, recording_link="https://muu.example/", recordings={HELD: LINK})], {}, NOW, "fi")
    assert [each.link for each in found] == [LINK]


def test_a_recording_stays_when_the_plan_changes() -> None:
    assert days(replace(ENTRY, dates=(TO_COME,), recordings={HELD: LINK})) == [HELD]


@pytest.mark.parametrize("link", ["http://tallenteet.example/", "javascript:alert(1)", "//tallenteet.example/", ""])
def test_only_addresses_on_https_are_listed(link: str) -> None:
    assert days(replace(TWICE, recordings={HELD: link})) == []


def test_a_meeting_is_no_session() -> None:
    assert days(replace(TWICE, kind=Kind.MEETING, recordings={HELD: LINK})) == []


def test_the_newest_is_first() -> None:
    earlier = date(2026, 12, 1)
    assert days(replace(TWICE, dates=(earlier, HELD), recordings={earlier: LINK, HELD: LINK})) == [HELD, earlier]


async def test_a_recording_added_in_the_chat_is_on_the_list_and_on_its_session_only(
    client: Client, stores: Stores
) -> None:
    assert "Tallenteet" not in await text_of(client, "/vartit")
    stores.calendar.save(TWICE)
    stores.calendar.set_links(TWICE.id, recording_link=LINK, nominal=HELD)
    for path in ("/vartit", "/vartit/passwords"):
        link = re.search(rf'<a href="{LINK}"[^>]*>(.*?)</a>', await text_of(client, path))
        assert link, path
        assert "ti 5.1.2027" in link[1]
    assert LINK not in await text_of(client, "/vartit/phishing")
    assert LINK not in await text_of(client, "/vartit/passwords/isannalle")
