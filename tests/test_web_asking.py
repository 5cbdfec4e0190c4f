"""The guide for those without a chat: whether a tip helped, and who helps where there is no answer."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot.people import IT, TUTOR
from bot.settings import Settings
from bot.stores import Stores
from bot.tallies import What
from tests.conftest import NOW
from tests.pages import Client, text_of, visiting
from web.pages import feeling

TIP = "/ohjeet/passwords/password-strong"
UNKNOWN = "qwxz vbnm plokij"
ANNA = "teams:29:anna"


@pytest.fixture
async def client(stores: Stores) -> AsyncIterator[Client]:
    async with visiting(stores) as client:
        yield client


def felt(stores: Stores) -> list[tuple[str, int]]:
    month = NOW.date()
    return [(each.about, each.count) for each in stores.tallies.between(month, month) if each.what is What.FELT]


def token_of(page: str) -> str:
    found = re.search(r'name="kerta" value="([^"]+)"', page)
    assert found, "the page asks nothing"
    return found[1]


async def press(client: Client, token: str, answer: str = "yes", status: int = 303, **headers: str) -> str:
    data = {"kerta": token, "auttoi": answer}
    response = await client.post(f"{TIP}/auttoiko", data=data, headers=headers, allow_redirects=False)
    assert response.status == status, await response.text()
    return response.headers.get("Location", "")


@pytest.mark.parametrize(("answer", "thanks"), [("yes", "Kiva, että auttoi"), ("no", "Kysy vielä omin sanoin")])
async def test_a_press_counts_for_nobody_and_is_thanked_for(
    client: Client, stores: Stores, answer: str, thanks: str
) -> None:
    where = await press(client, token_of(await text_of(client, TIP)), answer)
    page = await text_of(client, where)
    assert thanks in page
    assert 'name="kerta"' not in page
    assert felt(stores) == [(answer, 1)]
    assert stores.database.table("feedback").count == 0
    assert {row["person"] for row in stores.database.table("tallies").rows} == {""}


async def test_an_answer_asks_too(client: Client, stores: Stores) -> None:
    page = await (await client.post("/ohjeet", data={"kysymys": "salasana vanheni"})).text()
    action = re.findall(r'class="felt" method="post" action="([^"]+)"', page)[0]
    await client.post(action, data={"kerta": token_of(page), "auttoi": "yes"})
    assert felt(stores) == [("yes", 1)]


async def test_a_page_counts_once(client: Client, stores: Stores) -> None:
    token = token_of(await text_of(client, TIP))
    await press(client, token)
    assert await press(client, token, "no") == TIP
    assert felt(stores) == [("yes", 1)]


@pytest.mark.parametrize("token", ["", ".", "..", "1.2.3", "ä.ö.å", "9" * 5_000])
async def test_a_press_that_no_page_carried_counts_nothing(client: Client, stores: Stores, token: str) -> None:
    assert await press(client, token) == TIP
    assert felt(stores) == []


async def test_a_page_of_another_tip_counts_nothing(client: Client, stores: Stores) -> None:
    await press(client, token_of(await text_of(client, "/ohjeet/passwords/password-change-expired")))
    assert felt(stores) == []


async def test_a_page_left_open_for_long_counts_nothing() -> None:
    presses = feeling.Presses()
    token = presses.token("tip", 0)
    assert not presses.take("tip", token, 13 * 3600)
    assert presses.take("tip", token, 11 * 3600)


async def test_another_sites_form_is_refused(client: Client, stores: Stores) -> None:
    token = token_of(await text_of(client, TIP))
    await press(client, token, status=403, **{"Sec-Fetch-Site": "cross-site"})
    assert felt(stores) == []


async def test_an_answer_that_is_none_is_not_found(client: Client, stores: Stores) -> None:
    await press(client, token_of(await text_of(client, TIP)), "maybe", 404)
    assert felt(stores) == []


async def test_presses_of_one_address_have_a_pace(client: Client, stores: Stores) -> None:
    for _ in range(30):
        await press(client, "")
    token = token_of(await text_of(client, TIP))
    await press(client, token, status=429)
    assert felt(stores) == []


async def test_a_guide_that_is_off_takes_no_press_and_names_nobody(stores: Stores) -> None:
    async with visiting(stores, Settings(guide="off")) as client:
        await press(client, "", status=404)
        await text_of(client, "/digitutorit", 404)


def with_tutor(stores: Stores, name: str = "Anna Aalto") -> str:
    stores.facts.put("it_support", "044 123 4567")
    stores.people.give_role(ANNA, TUTOR, NOW)
    if name:
        stores.people.call(ANNA, name, NOW)
    unit = stores.units.put(["Sivistys", "Päiväkoti Aurinko"])
    stores.units.join(ANNA, unit.id)
    return unit.id


async def asked(client: Client) -> str:
    return await (await client.post("/ohjeet", data={"kysymys": UNKNOWN})).text()


async def test_without_an_answer_the_support_number_shows_and_no_name(client: Client, stores: Stores) -> None:
    with_tutor(stores)
    page = await asked(client)
    assert "044 123 4567" in page
    assert "Sivistys / Päiväkoti Aurinko" in page
    assert "Anna Aalto" not in page


async def test_an_answered_question_names_no_unit(client: Client, stores: Stores) -> None:
    with_tutor(stores)
    assert 'id="yksikko"' not in await (await client.post("/ohjeet", data={"kysymys": "salasana vanheni"})).text()


async def test_who_tells_their_unit_sees_its_tutor_now_and_the_next_time(client: Client, stores: Stores) -> None:
    unit = with_tutor(stores)
    page = await text_of(client, f"/digitutorit?yksikko={unit}")
    assert "Päiväkoti Aurinko. Täällä auttaa digitutor: Anna Aalto." in page
    assert "Anna Aalto" in await asked(client)
    await text_of(client, "/digitutorit?yksikko=")
    assert "Anna Aalto" not in await asked(client)


async def test_a_unit_without_a_tutor_has_that_of_the_one_above(client: Client, stores: Stores) -> None:
    with_tutor(stores)
    stores.units.join(ANNA, "sivistys")
    assert "Anna Aalto" in await text_of(client, "/digitutorit?yksikko=sivistys/paivakoti-aurinko")


async def test_a_tutor_without_a_name_and_one_who_is_away_are_not_shown(client: Client, stores: Stores) -> None:
    unit = with_tutor(stores, "")
    page = await text_of(client, f"/digitutorit?yksikko={unit}")
    assert "anna" not in page
    assert "ei nyt ole digitutoria" in page
    stores.people.call(ANNA, "Anna Aalto", NOW)
    stores.units.be_away(ANNA, (NOW + timedelta(days=2)).date())
    assert "Anna" not in await text_of(client, f"/digitutorit?yksikko={unit}")


async def test_other_roles_are_named_to_nobody(client: Client, stores: Stores) -> None:
    unit = with_tutor(stores)
    stores.people.give_role("teams:29:veli", IT, NOW)
    stores.people.call("teams:29:veli", "Veli Virta", NOW)
    stores.units.join("teams:29:veli", unit)
    assert "Veli" not in await text_of(client, f"/digitutorit?yksikko={unit}")


@pytest.mark.parametrize("unit", ["nothing", "<script>", "%00", "x" * 2_000])
async def test_a_unit_that_is_none_is_none(client: Client, stores: Stores, unit: str) -> None:
    with_tutor(stores)
    page = await text_of(client, f"/digitutorit?yksikko={unit}")
    assert "Anna" not in page
    assert "<script>" not in page


async def test_a_guide_behind_signing_in_names_nobody_before(stores: Stores) -> None:
    unit = with_tutor(stores)
    async with visiting(stores, Settings(app_id="x", app_password="y", guide="signed-in")) as client:
        assert "Anna" not in await text_of(client, f"/digitutorit?yksikko={unit}", 401)
        await press(client, "", status=401)


async def test_the_cookie_says_a_unit_and_no_person(client: Client, stores: Stores) -> None:
    response = await client.get(f"/digitutorit?yksikko={with_tutor(stores)}")
    cookie = response.headers["Set-Cookie"]
    assert re.fullmatch(r"digivinkki_yksikko=sivistys%2F[\w%-]+; HttpOnly; Path=/; SameSite=Lax", cookie)
