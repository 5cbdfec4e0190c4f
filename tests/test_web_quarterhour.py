"""The coordinator's quarter of an hour a month, timed by clicks: from signing in until all is done, at most twenty."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest

from bot.handover import HandOver, State
from bot.people import COORDINATOR
from bot.stores import Stores
from scheduler import starter
from scheduler.models import Destination, Key, Kind, Planned, Status
from tests.conftest import NOW
from tests.pages import CONNECTED, Client, sign_in, visiting
from tips.drafts import Draft
from tips.drafts import State as Waits
from tips.models import Pack, Text, Tip

MOST_CLICKS = 20


@pytest.fixture
def stores(few: Stores) -> Stores:
    """Two themes are enough here."""
    return few


class Hand:
    """Somebody's hand on the mouse: each link, button and opened detail is a click."""

    def __init__(self, client: Client) -> None:
        self._client, self.clicks, self.page = client, 0, ""

    async def follow(self, path: str) -> None:
        """Clicks a link, which must be on the page."""
        assert not self.page or f'href="{path}"' in self.page, path
        self.clicks += 1
        response = await self._client.get(path)
        assert response.status == 200
        self.page = await response.text()

    def open(self, summary: str) -> None:
        """Opens a detail."""
        assert f"<summary>{summary}" in self.page
        self.clicks += 1

    async def press(self, label: str, **typed: str) -> None:
        """Presses the first button of that label, in the form in which it stands."""
        self.clicks += 1
        forms = re.findall(r"<form[^>]*>.*?</form>", self.page, re.DOTALL)
        form = next(form for form in forms if re.search(rf"<button[^>]*>{label}", form))
        button = re.search(rf"<button([^>]*)>{label}", form)
        assert button
        data = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form)) | typed
        data |= dict(re.findall(r'name="(\w+)" value="([^"]*)"', button[1]))
        action = re.search(r'action="([^"]*)"', form.split(">")[0])
        response = await self._client.post(action[1] if action else self.path, data=data)
        self.page = await response.text()
        assert response.status == 200, self.page
        self.path = response.url.path

    path = "/seuraavaksi"


def trouble(stores: Stores) -> tuple[Key, HandOver]:
    """A month's worth: a post that failed, a channel that is gone, two drafts, a question, an old tip."""
    hall, school = Destination("d1", "teams", "19:a", "Kunnantalo"), Destination("d2", "teams", "19:b", "Koulu")
    for place in (hall, school):
        stores.destinations.put(place, NOW - timedelta(days=30))
    stores.destinations.lose("d2", "gone")
    entry = next(each for each in stores.calendar.in_force() if each.kind is Kind.WEEKLY_TIP)
    item = Planned(Key(entry.id, date(2027, 1, 5), "post", "d1"), entry.kind, NOW - timedelta(days=7), entry, hall)
    stores.deliveries.plan(item)
    stores.deliveries.claim(item.key, NOW)
    stores.deliveries.failed(item.key, "503", NOW)
    for title in ("Ensimmäinen uusi", "Toinen uusi"):
        body = "Avaa asetukset ja valitse kieli."
        stores.drafts.add(Draft(0, "teams:bo", "fi", title, body, "passwords", state=Waits.WAITING), NOW)
    stores.tips.add(Pack((), (Tip("old", "passwords", {"fi": Text("Vanha", "Teksti.")}, review_by="2026-05"),)))
    stores.library.put(stores.library.read())
    at = NOW - timedelta(hours=3)
    return item.key, stores.handovers.add(HandOver(0, "Miten käännän kuvan?", "fi", "teams:x", "19:x", at, at, at))[0]


async def test_the_month_is_done_in_twenty_clicks(stores: Stores) -> None:
    starter.seed(stores.calendar)
    stores.people.give_role("teams:anna", COORDINATOR, NOW)
    key, question = trouble(stores)
    async with visiting(stores, CONNECTED) as client:
        await sign_in(client, stores, "teams:anna")
        hand = Hand(client)
        hand.clicks = 2  # the link in the chat, the button that signs in
        await hand.follow("/seuraavaksi")
        assert "0/5 tehty" in hand.page
        await hand.press("Yritä uudelleen")
        hand.open("Poista tilaus")
        await hand.press("Kyllä, poista tilaus")
        hand.open("Vastaa itse")
        await hand.press("Lähetä vastaus", answer="Napsauta kuvaa ja valitse Kierrä.")
        for _ in range(2):
            path = re.findall(r'href="(/luonnokset/\d+)"', hand.page)[0]
            await hand.follow(path)
            hand.path = path
            await hand.press("Hyväksy")
            await hand.follow("/seuraavaksi")
        await hand.press("Riittää tältä kuulta")
        await hand.press("Katsottu")
        assert "Kaikki on tehty tältä kuulta" in hand.page
    assert hand.clicks <= MOST_CLICKS
    assert stores.deliveries.get(key).status is Status.PLANNED  # type: ignore[union-attr]
    assert stores.destinations.get("d2") is None
    assert stores.handovers.get(question.id).state is State.ANSWERED  # type: ignore[union-attr]
    assert stores.drafts.waiting() == []
