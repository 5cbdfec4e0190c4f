"""The year wheel's page: the wheel and the list say the same."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import date
from html import unescape

import pytest

from bot.stores import Stores
from scheduler import starter
from scheduler.models import Entry, Kind
from scheduler.recurrence import occurrences
from tests.pages import Client, sign_in, text_of, visiting


@pytest.fixture
async def client(stores: Stores) -> AsyncIterator[Client]:
    starter.seed(stores.calendar)
    async with visiting(stores) as client:
        await sign_in(client, stores)
        yield client


@pytest.mark.parametrize("year", [2026, 2027, 2028])
async def test_every_event_and_week_is_on_the_wheel_and_in_the_list(client: Client, stores: Stores, year: int) -> None:
    page = await text_of(client, f"/vuosikello?vuosi={year}")
    svg, listed = page.split("</svg>")[0], page.split('class="months"')[1]
    marks = re.findall(r'<a href="/paiva/([0-9-]+)" class="\w+"><title>', svg)
    entries = [entry for entry in stores.calendar.in_force() if entry.kind is not Kind.WEEKLY_TIP]
    expected = sum(len(occurrences(entry, date(year, 1, 1), date(year, 12, 31))) for entry in entries)
    assert len(marks) == expected > 50
    paths = re.findall(r'<li class="\w+">.*?<b>[^<]+</b> <a href="(/(?:vuosikello|paiva)/[^"]+)">', listed)
    assert len(paths) == len(marks)
    weeks = re.findall(r'<a href="(/viikko/[^"]+)"', svg)
    assert weeks == re.findall(r'<a href="(/viikko/[^"]+)"', listed)
    # The ready year begins on 6.1.2026: its first week has no tip yet.
    assert len(weeks) == date(year, 12, 28).isocalendar().week - (year == 2026)
    assert len(page.encode()) < 45_000
    for path in (paths[0], paths[-1], weeks[0], weeks[-1]):
        assert (await client.get(path)).status == 200
    for day in {*marks[:3], *marks[-3:]}:
        found = await client.get(f"/paiva/{day}")
        assert found.status == 200
        # A day of one event leads to it; of several it shows them.
        assert found.url.path.startswith("/vuosikello/") == (marks.count(day) == 1)


async def test_the_hand_stands_in_this_year_only(client: Client) -> None:
    assert 'class="hand"' in await text_of(client, "/vuosikello")
    assert 'class="hand"' not in await text_of(client, "/vuosikello?vuosi=2028")


@pytest.mark.parametrize("year", ["0", "99999", "x", "2019", "²027", ""])
async def test_a_year_that_is_none_is_told(client: Client, year: str) -> None:
    assert (await client.get("/vuosikello", params={"vuosi": year})).status == 404


@pytest.mark.parametrize(("language", "month"), [("fi", "tammikuu"), ("sv", "januari"), ("en", "January")])
async def test_the_months_have_their_names(client: Client, language: str, month: str) -> None:
    assert f">{month}</text>" in await text_of(client, f"/vuosikello?lang={language}")


async def test_a_script_in_a_title_is_text(client: Client, stores: Stores) -> None:
    title = "<script>alert(1)</script>"
    stores.calendar.add([Entry("evil", Kind.MEETING, {"fi": title}, date(2027, 3, 3), own=True)])
    page = await text_of(client, "/vuosikello")
    assert "<script>alert" not in page
    assert page.count("&lt;script&gt;alert(1)") == 2
    assert title in unescape(page)


async def test_an_empty_calendar_is_a_wheel_all_the_same(stores: Stores) -> None:
    async with visiting(stores) as client:
        await sign_in(client, stores)
        assert "<svg" in await text_of(client, "/vuosikello")
