"""Drafts on the pages: a second person approves or sends back with a reason; what changed meanwhile is shown."""

from __future__ import annotations

import pytest

from bot.people import COORDINATOR
from bot.stores import Stores
from tests.conftest import NOW
from tests.pages import CONNECTED, Client, form_token, sign_in, text_of, visiting
from tips.drafts import Draft, State, Step, moved

MAIJA, ANNA = "teams:maija", "teams:anna"


@pytest.fixture
def stores(few: Stores) -> Stores:
    """Two themes are enough here."""
    return few


@pytest.fixture
def draft(stores: Stores) -> Draft:
    """A draft that waits, and somebody who may approve it."""
    stores.people.give_role(ANNA, COORDINATOR, NOW)
    open_ = stores.drafts.add(Draft(0, MAIJA, "fi", "Kytke <b>möhkylä", "Paina nappia.", "passwords", ("miten?",)), NOW)
    waiting = stores.drafts.change(open_, moved(open_, Step.SUBMIT, MAIJA), NOW)
    assert waiting
    return waiting


async def form(client: Client, stores: Stores, draft: Draft, person: str = ANNA) -> dict[str, str]:
    await sign_in(client, stores, person)
    page = await text_of(client, f"/luonnokset/{draft.id}")
    assert "Kytke &lt;b&gt;möhkylä" in page
    return {"token": form_token(page), "versio": str(draft.version)}


async def test_a_draft_is_approved_and_in_force(stores: Stores, draft: Draft) -> None:
    async with visiting(stores, CONNECTED) as client:
        data = await form(client, stores, draft)
        assert "Kytke &lt;b&gt;möhkylä" in await text_of(client, "/luonnokset")
        response = await client.post(f"/luonnokset/{draft.id}", data={**data, "tee": "approve"})
        assert response.url.path.startswith("/vinkit/own-")
    assert stores.drafts.get(draft.id).state is State.APPROVED  # type: ignore[union-attr]
    assert stores.audit.notes(1)[0].what == "draft_approve"


async def test_it_is_sent_back_with_a_reason_only(stores: Stores, draft: Draft) -> None:
    async with visiting(stores, CONNECTED) as client:
        data = {**await form(client, stores, draft), "tee": "reject"}
        assert (await client.post(f"/luonnokset/{draft.id}", data=data)).status == 422
        response = await client.post(f"/luonnokset/{draft.id}", data={**data, "syy": "Liian pitkä."})
        assert "palautettu kirjoittajalle" in await response.text()
    found = stores.drafts.get(draft.id)
    assert found
    assert (found.state, found.reason) == (State.REJECTED, "Liian pitkä.")


async def test_a_draft_that_was_changed_meanwhile_is_not_approved(stores: Stores, draft: Draft) -> None:
    async with visiting(stores, CONNECTED) as client:
        data = await form(client, stores, draft)
        stores.drafts.change(draft, moved(draft, Step.REJECT, ANNA, reason="ei"), NOW)
        response = await client.post(f"/luonnokset/{draft.id}", data={**data, "tee": "reject", "syy": "Pitkä syy"})
        page = await response.text()
        assert response.status == 409
        assert "jo käsitelty" in page
    assert stores.drafts.get(draft.id).reason == "ei"  # type: ignore[union-attr]


async def test_nobody_approves_their_own(stores: Stores, draft: Draft) -> None:
    stores.people.give_role(MAIJA, COORDINATOR, NOW)
    async with visiting(stores, CONNECTED) as client:
        data = await form(client, stores, draft, MAIJA)
        response = await client.post(f"/luonnokset/{draft.id}", data={**data, "tee": "approve"})
        assert response.status == 409
        assert "Toinen henkilö" in await response.text()
    assert stores.drafts.get(draft.id).state is State.WAITING  # type: ignore[union-attr]
