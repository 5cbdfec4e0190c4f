"""Next up: what is told, and what each button does."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta

import pytest

from bot.handover import HandOver, State
from bot.orders import Order, What
from bot.people import COORDINATOR
from bot.stores import Stores
from scheduler import starter
from scheduler.models import Destination, Key, Kind, Planned, Status
from tests.conftest import NOW
from tests.pages import CONNECTED, Client, Clock, form_token, sign_in, text_of, visiting
from tips.drafts import Draft
from tips.drafts import State as Waits
from tips.models import Pack, Text, Tip
from web.pages.coming import MOST_PLANNED

HALL = Destination("d1", "teams", "19:hall", "Kunnantalo")
KITCHEN = Destination("d2", "teams", "19:kitchen", "Keittiö <script>")
ANNA = Destination("d3", "teams", "19:anna", "", person="teams:anna")


@pytest.fixture
def stores(few: Stores) -> Stores:
    """Two themes are enough here."""
    return few


@pytest.fixture
async def client(stores: Stores) -> AsyncIterator[Client]:
    starter.seed(stores.calendar)
    async with visiting(stores) as client:
        await sign_in(client, stores)
        yield client


def delivered(stores: Stores, place: Destination, failed: str = "") -> Key:
    entry = next(entry for entry in stores.calendar.in_force() if entry.kind is Kind.WEEKLY_TIP)
    at = NOW - timedelta(days=3)
    item = Planned(Key(entry.id, date(2027, 1, 5), "post", place.id), entry.kind, at, entry, place, "password-strong")
    stores.deliveries.plan(item)
    stores.deliveries.claim(item.key, at)
    if failed:
        stores.deliveries.failed(item.key, failed, at)
    else:
        stores.deliveries.sent(item.key, "m1", at)
    return item.key


async def press(client: Client, button: str) -> str:
    """Presses the only button of that action; the page that follows."""
    page = await text_of(client, "/seuraavaksi")
    about = re.findall(rf'name="tee" value="{button}"><input type="hidden" name="kohde" value="([^"]*)"', page)
    assert len(about) == 1, about
    data = {"token": form_token(page), "tee": button, "kohde": about[0]}
    response = await client.post("/seuraavaksi", data=data)
    text: str = await response.text()
    assert response.status == 200, text
    assert response.url.path == "/seuraavaksi"
    assert 'role="status"' in text
    return text


async def test_with_no_destination_it_says_how_to_begin(client: Client) -> None:
    page = await text_of(client, "/seuraavaksi")
    assert "tilaa vinkit" in page
    assert "Kaikki on kunnossa" in page


async def test_what_goes_out_next_stands_with_its_time_and_its_places(client: Client, stores: Stores) -> None:
    for place in (HALL, KITCHEN, ANNA):
        stores.destinations.put(place, NOW - timedelta(days=30))
    page = await text_of(client, "/seuraavaksi")
    assert "Viikon digivinkki" in page
    assert "Kunnantalo" in page
    assert "Yksityinen tilaus" in page
    assert "anna" not in page
    assert "<script>" not in page
    assert len(page.encode()) < 50_000


async def test_many_destinations_are_counted_and_their_tip_is_not_guessed(client: Client, stores: Stores) -> None:
    for number in range(MOST_PLANNED + 1):
        stores.destinations.put(
            Destination(f"d{number}", "teams", f"19:{number}", f"K{number}"), NOW - timedelta(days=9)
        )
    page = await text_of(client, "/seuraavaksi")
    assert f"ja {MOST_PLANNED + 1 - 3} muuta" in page
    coming = page.split('id="coming"')[1]
    assert "Viikon digivinkki" in coming
    assert "/ohjeet/" not in coming
    stores.destinations.remove("d0")
    coming = (await text_of(client, "/seuraavaksi")).split('id="coming"')[1]
    assert "/ohjeet/" in coming


async def test_a_failed_delivery_is_tried_again(client: Client, stores: Stores) -> None:
    stores.destinations.put(HALL, NOW)
    key = delivered(stores, HALL, failed="503")
    page = await text_of(client, "/seuraavaksi")
    assert "Ei mennyt perille: Kunnantalo" in page
    assert "503" in page
    await press(client, "retry")
    found = stores.deliveries.get(key)
    assert found is not None
    assert found.status is Status.PLANNED


async def test_a_destination_that_cannot_be_reached_is_named_and_removed(client: Client, stores: Stores) -> None:
    stores.destinations.put(HALL, NOW)
    stores.destinations.lose(HALL.id, "the app was removed")
    assert "Ei tavoiteta: Kunnantalo" in await text_of(client, "/seuraavaksi")
    await press(client, "remove")
    assert stores.destinations.get(HALL.id) is None


async def test_what_went_out_is_taken_back(client: Client, stores: Stores) -> None:
    stores.destinations.put(HALL, NOW)
    key = delivered(stores, HALL)
    assert "Lähti yhteen paikkaan" in await text_of(client, "/seuraavaksi")
    await press(client, "withdraw")
    assert stores.orders.open() == [Order(What.WITHDRAW, key.entry, key.nominal)]


async def test_this_weeks_tip_goes_out_at_once_to_all_that_wait(stores: Stores) -> None:
    starter.seed(stores.calendar)
    clock = Clock()
    clock.now = NOW - timedelta(days=1)  # a Monday: the tip comes on Tuesday
    async with visiting(stores, clock=clock) as client:
        await sign_in(client, stores)
        for place in (HALL, KITCHEN):
            stores.destinations.put(place, NOW - timedelta(days=30))
        await press(client, "publish")
    assert sorted(order.destination for order in stores.orders.open()) == ["d1", "d2"]


@pytest.mark.parametrize(("button", "status"), [("send_held", Status.PLANNED), ("skip_held", Status.SKIPPED)])
async def test_what_waits_after_a_restore_is_sent_or_left_out(
    client: Client, stores: Stores, button: str, status: Status
) -> None:
    stores.destinations.put(HALL, NOW)
    key = delivered(stores, HALL, failed="503")
    stores.deliveries.release(key)
    stores.deliveries.hold_overdue(NOW)
    assert "1 julkaisu odottaa" in await text_of(client, "/seuraavaksi")
    await press(client, button)
    found = stores.deliveries.get(key)
    assert found is not None
    assert found.status is status
    assert not stores.deliveries.is_holding()


async def test_tips_whose_review_is_late_are_told_the_oldest_first(client: Client, stores: Stores) -> None:
    assert "myöhässä" not in await text_of(client, "/seuraavaksi")
    own = [
        Tip(f"old-{month}", "passwords", {"fi": Text(f"Vanha {month}", "Teksti.")}, review_by=f"2026-{month}")
        for month in ("11", "05")
    ]
    stores.tips.add(Pack((), tuple(own)))
    stores.library.put(stores.library.read())
    page = await text_of(client, "/seuraavaksi")
    assert "2 vinkin tarkistus on myöhässä" in page
    assert page.index("Vanha 05") < page.index("Vanha 11")
    assert "5/2026" in page


@pytest.mark.parametrize("about", ["", "x", "a b c d", "weekly-tip 2027-13-01 post d1", "' or 1=1"])
@pytest.mark.parametrize("button", ["retry", "publish", "withdraw", "remove"])
async def test_a_forged_form_changes_nothing(client: Client, stores: Stores, button: str, about: str) -> None:
    stores.destinations.put(HALL, NOW)
    key = delivered(stores, HALL)
    token = form_token(await text_of(client, "/seuraavaksi"))
    response = await client.post("/seuraavaksi", data={"token": token, "tee": button, "kohde": about})
    assert response.status == 200
    assert stores.destinations.get(HALL.id)
    assert stores.orders.open() == []
    found = stores.deliveries.get(key)
    assert found is not None
    assert found.status is Status.SENT


async def test_an_unknown_button_is_told(client: Client) -> None:
    token = form_token(await text_of(client, "/seuraavaksi"))
    assert (await client.post("/seuraavaksi", data={"token": token, "tee": "x"})).status == 404


def ask(stores: Stores, question: str = "Miten käännän kuvan?", *, breach: bool = False) -> HandOver:
    at = NOW - timedelta(hours=2)
    new = HandOver(0, question, "fi", "teams:asker", "19:x", at, at, at, breach=breach)
    return stores.handovers.add(new)[0]


async def test_a_question_that_waits_is_answered_on_the_page(stores: Stores) -> None:
    stores.people.give_role("teams:anna", COORDINATOR, NOW)
    item = ask(stores)
    ask(stores, "Lähetin potilaslistan väärälle", breach=True)
    async with visiting(stores, CONNECTED) as client:
        await sign_in(client, stores, "teams:anna")
        page = await text_of(client, "/seuraavaksi")
        assert "Miten käännän kuvan?" in page
        assert "potilaslistan" not in page  # a breach is not the coordinator's
        data = {"token": form_token(page), "tee": "answered", "kohde": str(item.id)}
        for nothing in (" ", "x" * 3):
            response = await client.post("/seuraavaksi", data={**data, "answer": nothing})
        assert response.status == 200
    found = stores.handovers.get(item.id)
    assert found is not None
    assert (found.state, found.answer) == (State.ANSWERED, "xxx")


async def test_a_question_that_somebody_else_has_answered_loses_nothing_of_what_was_written(stores: Stores) -> None:
    stores.people.give_role("teams:anna", COORDINATOR, NOW)
    item = ask(stores)
    async with visiting(stores, CONNECTED) as client:
        await sign_in(client, stores, "teams:anna")
        data = {"token": form_token(await text_of(client, "/seuraavaksi")), "tee": "answered", "kohde": str(item.id)}
        claimed = stores.handovers.change(item, replace(item, state=State.CLAIMED, helper="teams:bo", version=2))
        assert claimed
        response = await client.post("/seuraavaksi", data={**data, "answer": "Oma <b> vastaukseni"})
        text = await response.text()
        assert response.status == 409
        assert "Oma &lt;b&gt; vastaukseni" in text.split('role="alert"')[1]
        assert stores.handovers.get(item.id).answer == ""  # type: ignore[union-attr]


async def test_what_waits_for_approval_leads_to_its_draft(client: Client, stores: Stores) -> None:
    draft = stores.drafts.add(
        Draft(0, "teams:bo", "fi", "Uusi <vinkki>", "Teksti.", "passwords", state=Waits.WAITING), NOW
    )
    page = await text_of(client, "/seuraavaksi")
    assert "Uusi &lt;vinkki&gt;" in page
    assert f'href="/luonnokset/{draft.id}"' in page


async def test_the_quarter_of_an_hour_is_ticked_off_for_the_month_by_whomever(stores: Stores) -> None:
    starter.seed(stores.calendar)
    clock = Clock()
    async with visiting(stores, clock=clock) as client:
        await sign_in(client, stores)
        page = await text_of(client, "/seuraavaksi")
        assert "4/5 tehty" in page
        token = form_token(page)
        response = await client.post("/seuraavaksi", data={"token": token, "tee": "ticked", "kohde": "coming"})
        assert "Kaikki on tehty" in await response.text()
        assert (await client.post("/seuraavaksi", data={"token": token, "tee": "ticked", "kohde": "x"})).status == 404
    clock.now = NOW + timedelta(days=30)
    async with visiting(stores, clock=clock) as client:
        client.session.headers["Cookie"] = f"digivinkki_session={stores.signins.begin('console', clock.now)}"
        assert "Kaikki on tehty" not in await text_of(client, "/seuraavaksi")


async def test_what_is_pressed_stands_in_the_log(client: Client, stores: Stores) -> None:
    stores.destinations.put(HALL, NOW)
    stores.destinations.lose(HALL.id, "gone")
    await press(client, "remove")
    assert [(note.what, note.about) for note in stores.audit.notes(most=1)] == [("remove", "d1")]
