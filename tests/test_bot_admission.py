"""'Avaa hallinta' in the chat: who gets a link, and where."""

from __future__ import annotations

import re

import pytest

from bot.assistant import Assistant
from bot.models import Message, Scope
from bot.people import COORDINATOR, IT, TUTOR
from bot.signins import SignIn
from bot.stores import Stores
from tests.conftest import NOW

ADDRESS = "https://vinkit.kunta.fi"


@pytest.fixture
def assistant(stores: Stores) -> Assistant:
    return Assistant(stores, address=ADDRESS)


def said(assistant: Assistant, text: str, scope: Scope = Scope.PERSONAL) -> str:
    return assistant.respond(Message(text, "teams:anna", "teams", scope), NOW).text


def token_in(text: str) -> str:
    found = re.search(rf"\({ADDRESS}/kirjaudu/([\w-]+)\?lang=\w\w\)", text)
    return found[1] if found else ""


@pytest.mark.parametrize("role", [IT, COORDINATOR])
@pytest.mark.parametrize("typed", ["avaa hallinta", "öppna administrationen", "open admin"])
def test_it_and_coordinators_get_a_link(assistant: Assistant, stores: Stores, role: str, typed: str) -> None:
    stores.people.give_role("teams:anna", role, NOW)
    token = token_in(said(assistant, typed))
    assert stores.signins.use(token, NOW) == SignIn("teams:anna", "/vuosikello")


@pytest.mark.parametrize("role", ["", TUTOR])
def test_others_are_told_whose_it_is(assistant: Assistant, stores: Stores, role: str) -> None:
    if role:
        stores.people.give_role("teams:anna", role, NOW)
    text = said(assistant, "avaa hallinta")
    assert "tietohallinnolle" in text
    assert not token_in(text)


@pytest.mark.parametrize("typed", ["avaa ohjeet", "öppna råden", "open guide"])
def test_everybody_gets_a_link_to_the_guide(assistant: Assistant, stores: Stores, typed: str) -> None:
    assert stores.signins.use(token_in(said(assistant, typed)), NOW) == SignIn("teams:anna", "/ohjeet")


@pytest.mark.parametrize("typed", ["avaa hallinta", "avaa ohjeet"])
def test_no_link_is_shown_where_others_read(assistant: Assistant, stores: Stores, typed: str) -> None:
    stores.people.give_role("teams:anna", IT, NOW)
    assert "kirjaudu/" not in said(assistant, typed, Scope.CHANNEL)
    assert stores.database.table("signin_links").count == 0


def test_without_an_address_it_says_what_is_missing(stores: Stores) -> None:
    stores.people.give_role("teams:anna", IT, NOW)
    assert "DIGIVINKKI_PUBLIC_URL" in said(Assistant(stores), "avaa hallinta")
