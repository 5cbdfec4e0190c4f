"""Destinations on their pages: what is told of them, and what each button does."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, time, timedelta

import pytest

from bot.stores import Stores
from scheduler.models import Destination, Profile
from tests.conftest import NOW
from tests.pages import Client, form_token, sign_in, text_of, visiting
from web.pages.destinations import A_PAGE

HALL = Destination("d1", "teams", "19:hall", "Kunnantalo <b>", weekday=2, time=time(9), languages=("fi", "sv"))
KITCHEN = Destination("d2", "slack", "C1", "Keittiö", profile=Profile.KITCHEN)
ANNA = Destination("d3", "teams", "19:anna", "", person="teams:anna")


@pytest.fixture
async def client(stores: Stores) -> AsyncIterator[Client]:
    for place in (HALL, KITCHEN, ANNA):
        stores.destinations.put(place, NOW)
    async with visiting(stores) as client:
        await sign_in(client, stores)
        yield client


async def press(client: Client, what: str, status: int = 200, place: str = "d1", **fields: str) -> str:
    token = form_token(await text_of(client, f"/vastaanottajat/{place}"))
    response = await client.post(f"/vastaanottajat/{place}", data={"token": token, "tee": what, **fields})
    text: str = await response.text()
    assert response.status == status, text
    return text


async def test_they_are_listed_with_their_wishes_and_private_ones_are_counted(client: Client) -> None:
    page = await text_of(client, "/vastaanottajat")
    assert "Kunnantalo &lt;b&gt;" in page
    assert "keskiviikkoisin klo 9.00" in page
    assert "suomi ja svenska" in page
    assert "1 ihminen saa vinkit yksityisesti" in page
    assert "anna" not in page
    assert (await client.get("/vastaanottajat/d3")).status == 404


async def test_those_that_cannot_be_reached_stand_first_with_why(client: Client, stores: Stores) -> None:
    stores.destinations.lose("d1", "403 <i>")
    page = await text_of(client, "/vastaanottajat")
    assert page.index("Kunnantalo") < page.index("Keittiö")
    assert "Ei tavoiteta" in page
    assert "403 &lt;i&gt;" in await text_of(client, "/vastaanottajat/d1")


async def test_it_is_paused_and_goes_on(client: Client, stores: Stores) -> None:
    assert "jatkuu ma 1.2.2027" in await press(client, "pause", asti="2027-02-01")
    assert stores.destinations.get("d1").paused_until == date(2027, 2, 1)  # type: ignore[union-attr]
    assert "Lähetykset jatkuvat" in await press(client, "resume")
    assert stores.destinations.get("d1").paused_until is None  # type: ignore[union-attr]


@pytest.mark.parametrize("until", ["", "eilen", "2027-01-12", "2026-01-01", "2030-01-01"])
async def test_a_pause_needs_a_day_that_comes(client: Client, stores: Stores, until: str) -> None:
    assert "Valitse päivä" in await press(client, "pause", status=422, asti=until)
    assert stores.destinations.get("d1").paused_until is None  # type: ignore[union-attr]


async def test_it_is_called_by_another_name(client: Client, stores: Stores) -> None:
    await press(client, "rename", nimi="  Kunnan   talo ")
    assert stores.destinations.get("d1").name == "Kunnan talo"  # type: ignore[union-attr]
    for name in ("", "x" * 101):
        await press(client, "rename", status=422, nimi=name)


async def test_it_is_removed_and_the_log_says_by_whom(client: Client, stores: Stores) -> None:
    assert "Tilaus on poistettu" in await press(client, "remove")
    assert stores.destinations.get("d1") is None
    note = stores.audit.notes(1)[0]
    assert (note.person, note.what, note.about) == ("console", "destination_removed", "d1")
    assert (await client.get("/vastaanottajat/d1")).status == 404


async def test_many_stand_on_several_pages(client: Client, stores: Stores) -> None:
    for number in range(A_PAGE + 1):
        stores.destinations.put(Destination(f"m{number}", "teams", f"19:m{number}", f"Kanava {number}"), NOW)
    page = await text_of(client, "/vastaanottajat")
    assert "Sivu 1/2" in page
    assert len(page.encode()) < 50_000
    assert "Sivu 2/2" in await text_of(client, "/vastaanottajat?sivu=2")
    for number in ("3", "0", "99999999999999999999"):
        assert (await client.get(f"/vastaanottajat?sivu={number}")).status == 404
    stores.destinations.pause("m1", (NOW + timedelta(days=9)).date())
    assert "Tauolla" in await text_of(client, "/vastaanottajat/m1")
