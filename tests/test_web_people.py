"""People and roles on their pages: the chat's rule, and tables whose changes are seen before they are stored."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest

from bot.people import COORDINATOR, IT, KEY_USER, TUTOR, Role
from bot.stores import Stores
from tests.conftest import NOW
from tests.pages import CONNECTED, Client, form_token, sign_in, text_of, visiting

TABLE = """henkilö;nimi;rooli;yksikkö;aiheet;järjestelmät
maija@kunta.fi;Maija <b>;digitutor;Sivistys / Päiväkoti Kielo;Salasanat;
slack:U123;Kalle;pääkäyttäjä;;;Wilma, Populus
"""


@pytest.fixture
async def client(stores: Stores) -> AsyncIterator[Client]:
    """IT's browser."""
    stores.people.give_role("teams:it", IT, NOW)
    stores.people.call("teams:it", "Iida", NOW)
    async with visiting(stores, CONNECTED) as client:
        await sign_in(client, stores, "teams:it")
        yield client


@pytest.fixture
async def coordinator(stores: Stores) -> AsyncIterator[Client]:
    """The coordinator's browser."""
    stores.people.give_role("teams:it", IT, NOW)
    stores.people.give_role("teams:co", COORDINATOR, NOW)
    async with visiting(stores, CONNECTED) as client:
        await sign_in(client, stores, "teams:co")
        yield client


async def press(client: Client, path: str, status: int = 200, **fields: str) -> str:
    token = form_token(await text_of(client, "/henkilot"))
    response = await client.post(path, data={"token": token, **fields})
    text: str = await response.text()
    assert response.status == status, text
    return text


async def give(client: Client, person: str, role: str, status: int = 200, **fields: str) -> str:
    return await press(client, "/henkilot", status, tee="give", henkilo=person, rooli=role, **fields)


async def test_a_role_is_given_and_a_new_tutor_is_welcomed(client: Client, stores: Stores) -> None:
    page = await give(client, "Maija@kunta.fi", TUTOR, nimi="Maija <i>")
    assert "Rooli on annettu" in page
    assert "Maija &lt;i&gt;" in page
    assert stores.people.person("mail:maija@kunta.fi").roles == (Role(TUTOR),)
    assert stores.outbox.recipients("tutor", "") == ["person:mail:maija@kunta.fi"]
    assert "oli jo" in await give(client, "maija@kunta.fi", TUTOR)
    note = stores.audit.notes(1)[0]
    assert (note.person, note.what, note.about) == ("teams:it", "role_given", "mail:maija@kunta.fi tutor")


async def test_a_key_user_is_one_of_a_system(client: Client, stores: Stores) -> None:
    assert "Pääkäyttäjälle" in await give(client, "slack:U1", KEY_USER, status=422)
    assert "Pääkäyttäjälle" in await give(client, "slack:U1", TUTOR, status=422, jarjestelma="Wilma")
    await give(client, "slack:U1", KEY_USER, jarjestelma="Wilma")
    page = await press(client, "/henkilot/slack:U1", tee="take", rooli=KEY_USER, jarjestelma="Wilma")
    assert "otettu pois" in page
    assert stores.people.person("slack:U1").roles == ()


@pytest.mark.parametrize("person", ["", "Maija", "maija@", "teams:", "x" * 300, "<script>"])
async def test_a_person_that_is_none_is_told_and_what_was_typed_stays(client: Client, person: str) -> None:
    page = await give(client, person, TUTOR, status=422, nimi="Maija")
    assert "sähköpostiosoite" in page
    assert 'value="Maija"' in page
    assert "<script>" not in page.replace("<script src", "")


async def test_the_coordinator_gives_all_but_its_role(coordinator: Client, stores: Stores) -> None:
    page = await text_of(coordinator, "/henkilot")
    assert 'value="tutor"' in page
    assert 'value="it"' not in page
    await give(coordinator, "maija@kunta.fi", TUTOR)
    assert "Vain tietohallinto" in await give(coordinator, "maija@kunta.fi", IT, status=422)
    await press(coordinator, "/henkilot/teams:it", status=422, tee="take", rooli=IT)
    assert stores.people.person("teams:it").has(IT)
    await press(coordinator, "/henkilot/teams:it", status=404, tee="sign_out")


async def test_the_last_of_it_stays(client: Client, stores: Stores) -> None:
    page = await press(client, "/henkilot/teams:it", status=422, tee="take", rooli=IT)
    assert "ainakin yksi" in page
    assert stores.people.person("teams:it").has(IT)


async def test_it_ends_somebodys_sessions_everywhere(client: Client, stores: Stores) -> None:
    stores.people.give_role("teams:co", COORDINATOR, NOW)
    token = stores.signins.begin("teams:co", NOW)
    await press(client, "/henkilot/teams:co", tee="sign_out")
    assert stores.signins.person(token, NOW) == ""


async def test_units_are_shown_as_a_tree(client: Client, stores: Stores) -> None:
    stores.units.put(["Sivistys", "Päiväkoti <Kielo>"])
    stores.units.put(["Tekniset"])
    page = await text_of(client, "/henkilot")
    assert "<li>Sivistys<ul" in page
    assert "Päiväkoti &lt;Kielo&gt;</li></ul></li><li>Tekniset</li></ul>" in page


async def test_a_tables_changes_are_shown_before_they_are_stored(client: Client, stores: Stores) -> None:
    path = "/henkilot/tuonti"
    page = await press(client, path, taulukko=TABLE, tee="look")
    for told in ("Maija &lt;b&gt;", "uusi rooli: digitutor", "Sivistys / Päiväkoti Kielo", "Populus"):
        assert told in page
    assert stores.people.person("slack:U123").roles == ()
    assert "Luettelo on tallennettu" in await press(client, path, taulukko=TABLE, tee="store")
    assert stores.people.having(KEY_USER, "Wilma") == ["slack:U123"]
    assert stores.outbox.recipients("tutor", "") == ["person:mail:maija@kunta.fi"]
    assert "Mikään ei muutu" in await press(client, path, taulukko=TABLE, tee="look")


async def test_a_table_may_come_as_a_file(client: Client) -> None:
    token = form_token(await text_of(client, "/henkilot"))
    for body, told in ((TABLE.encode("utf-8-sig"), "uusi rooli"), (b"\xff\xfe\x00\x01", "ei ole tekstiä")):
        form = aiohttp.FormData({"token": token, "tee": "look"})
        form.add_field("tiedosto", body, filename="../../people.csv", content_type="text/csv")
        assert told in await (await client.post("/henkilot/tuonti", data=form)).text()


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("Maija;;tutor;;;", "Rivi 2: henkilön pitää olla"),
        ("slack:U1;;king;;;", "Rivi 2: roolia king ei ole"),
        ("slack:U1;;pääkäyttäjä;;;", "Rivi 2: pääkäyttäjällä"),
        ("slack:U1;;tutor;;Kvantit;", "Rivi 2: aihetta Kvantit"),
        ("slack:U1;;tutor;;;;x", "Rivi 2: soluja"),
        ('slack:U1;"x', "Rivi 2: tätä ei voi lukea"),
        ("", "ei ole ihmisiä"),
    ],
)
async def test_a_table_that_does_not_fit_is_told_by_its_row(
    client: Client, stores: Stores, line: str, told: str
) -> None:
    table = f"person;name;role;unit;topics;systems\n{line}\n"
    page = await press(client, "/henkilot/tuonti", status=422, taulukko=table, tee="store")
    assert told in page
    assert stores.people.having(TUTOR) == []


async def test_a_table_gives_its_role_only_where_it_is_its(coordinator: Client, stores: Stores) -> None:
    table = "person;role\nslack:U7;tietohallinto\n"
    assert "Vain tietohallinto" in await press(coordinator, "/henkilot/tuonti", 422, taulukko=table, tee="store")
    assert not stores.people.person("slack:U7").has(IT)


async def test_nobody_else_sees_people(stores: Stores) -> None:
    stores.people.give_role("teams:tu", TUTOR, NOW)
    async with visiting(stores, CONNECTED) as client:
        for path in ("/henkilot", "/henkilot/teams:tu", "/henkilot/tuonti", "/vastaanottajat"):
            assert (await client.get(path)).status == 401
        await sign_in(client, stores, "teams:tu")
        for path in ("/henkilot", "/henkilot/teams:tu", "/henkilot/tuonti", "/vastaanottajat"):
            assert (await client.get(path)).status == 403
