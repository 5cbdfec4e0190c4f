"""The slot for something current in a coming session: written, stale, too long, taken back."""

from __future__ import annotations

import re
from html import unescape

import pytest

from bot.stores import Stores
from scheduler.starter import seed
from tests.pages import form_token, sign_in, text_of, visiting


def first(page: str) -> dict[str, str]:
    """What the first form would send unchanged."""
    form = page.split('action="/ajankohtaista"')[1].split("</form>", maxsplit=1)[0]
    found = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form))
    return {name: unescape(value) for name, value in found.items()}


@pytest.fixture(autouse=True)
def year(stores: Stores) -> None:
    seed(stores.calendar)


async def test_a_line_is_written_and_goes_with_its_session(stores: Stores) -> None:
    async with visiting(stores) as client:
        await sign_in(client, stores)
        data = first(await text_of(client, "/ajankohtaista"))
        response = await client.post("/ajankohtaista", data={**data, "teksti": "Nyt <b>huijausviestejä</b>."})
        page = await response.text()
        assert "Tallennettu" in page
        assert "&lt;b&gt;huijausviestejä" in page
    (row,) = stores.database.table("topical").rows
    assert f"{row['entry']} {row['nominal']}" == data["kerta"]
    assert stores.audit.notes(1)[0].what == "topical"


async def test_of_two_who_write_nobody_loses_a_word(stores: Stores) -> None:
    async with visiting(stores) as client:
        await sign_in(client, stores)
        data = first(await text_of(client, "/ajankohtaista"))
        await client.post("/ajankohtaista", data={**data, "teksti": "Ensin tallennettu"})
        response = await client.post("/ajankohtaista", data={**data, "teksti": "Sitten kirjoitettu"})
        page = await response.text()
        assert response.status == 409
        assert "Ensin tallennettu" in page
        assert "Sitten kirjoitettu" in page
        response = await client.post("/ajankohtaista", data={**first(page), "teksti": "Sitten kirjoitettu"})
        assert response.status == 200
    assert [row["text"] for row in stores.database.table("topical").rows] == ["Sitten kirjoitettu"]


@pytest.mark.parametrize(("text", "said"), [("x" * 301, "300 merkkiin"), ("FI21 1234 5600 0007 85", "tilin numero")])
async def test_what_cannot_be_stored_stays_on_the_form(stores: Stores, text: str, said: str) -> None:
    async with visiting(stores) as client:
        await sign_in(client, stores)
        data = first(await text_of(client, "/ajankohtaista"))
        response = await client.post("/ajankohtaista", data={**data, "teksti": text})
        page = await response.text()
        assert response.status == 422
        assert text in page
        assert said in page
    assert stores.database.table("topical").count == 0


async def test_only_a_coming_session_has_a_slot_and_only_with_the_token(stores: Stores) -> None:
    async with visiting(stores) as client:
        await sign_in(client, stores)
        token = form_token(await text_of(client, "/ajankohtaista"))
        for kerta in ("no-such 2027-01-20", "x", ""):
            await client.post("/ajankohtaista", data={"token": token, "kerta": kerta, "teksti": "x", "ennen": ""})
        data = first(await text_of(client, "/ajankohtaista"))
        response = await client.post("/ajankohtaista", data={**data, "token": "", "teksti": "x y z"})
        assert response.status == 403
    assert stores.database.table("topical").count == 0
