"""Teams' dialogs: an answer written in one, a message that becomes an answer or a tip by an entry of its menu."""

from __future__ import annotations

import json
from typing import Any

import pytest
from jsonschema import Draft6Validator

from bot.conversations import Conversation
from bot.handover import HandOver, State, Step, moved
from bot.models import Action, Button, Field, Form, Mention, Reply, Scope
from bot.outbox import Letter
from bot.people import TUTOR
from bot.stores import Stores
from bot.teams import cards
from tests.conftest import NOW
from tests.test_bot_teams_cards import SCHEMA
from tests.test_bot_teams_channel import HALL, IN_CHANNEL, THREAD, Teams, microsoft, sleeper, teams, texts

__all__ = ["microsoft", "sleeper", "teams"]  # fixtures
MEGAN = "teams:7faf8ab2-3d56-4244-b585-20c8a42ed2b8"  # as in IN_CHANNEL
ASKED = HandOver(0, "Miten kytken möhkylän?", "fi", "teams:aino", "", NOW, NOW, NOW, asker_name="Aino")


def fetch(step: str, kind: str = "desk") -> dict[str, Any]:
    data = {"msteams": {"type": "task/fetch"}, "digivinkki": {"name": kind, "values": {"step": step, "number": "1"}}}
    return {"type": "invoke", "name": "task/fetch", "value": {"data": data}}


def submit(card: dict[str, Any], name: str = "task/submit", **written: str) -> dict[str, Any]:
    """What pressing the form's button sends."""
    (button,) = [action for part in card["body"] for action in part.get("actions", ())]
    return {"type": "invoke", "name": name, "value": {"data": {**button["data"], **written}}}


def menu(entry: str, content: str = "", kind: str = "html", under: str | None = None) -> dict[str, Any]:
    """What choosing an entry in a message's menu sends."""
    payload = {"id": "1", "replyToId": under, "body": {"contentType": kind, "content": content}}
    value = {"commandId": entry, "commandContext": "message", "messagePayload": payload}
    return {"type": "invoke", "name": "composeExtension/fetchTask", "value": value}


def wrong_in(card: dict[str, Any]) -> list[str]:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    return [error.message for error in Draft6Validator(schema).iter_errors(card)]


def shown(answer: dict[str, Any]) -> dict[str, Any]:
    card: dict[str, Any] = answer["task"]["value"]["card"]["content"]
    assert wrong_in(card) == []
    return card


@pytest.fixture
def stores(stores: Stores) -> Stores:
    """A question whose card stands in the hall as the message `THREAD`."""
    stores.conversations.seen(Conversation(HALL, "teams", Scope.CHANNEL, "https://smba.example/"), NOW)
    stores.people.give_role(MEGAN, TUTOR, NOW)
    stores.handovers.add(ASKED)
    stores.outbox.put(Letter(f"place:{HALL}", "desk_card", "1"), NOW)
    (letter,) = stores.outbox.due(NOW)
    stores.outbox.claim(letter)
    stores.outbox.sent(letter, THREAD)
    return stores


def claim(stores: Stores, person: str = MEGAN) -> None:
    item = stores.handovers.open()[0]
    assert stores.handovers.change(item, moved(item, Step.CLAIM, person, NOW, "Megan"))


async def test_the_helper_answers_in_a_dialog(teams: Teams, stores: Stores) -> None:
    claim(stores)
    status, answer = await teams.post(IN_CHANNEL, fetch("write"))
    assert (status, answer["task"]["type"], answer["task"]["value"]["title"]) == (200, "continue", "Vastaa")
    card = shown(answer)
    assert [part["id"] for part in card["body"] if part["type"] == "Input.Text"] == ["answer"]
    _, after = await teams.post(IN_CHANNEL, submit(card, answer="Paina punaista nappia."))
    assert "Vien vastauksen" in texts(shown(after))
    (item,) = stores.handovers.open()
    assert (item.state, item.answer, item.helper) == (State.ANSWERED, "Paina punaista nappia.", MEGAN)


async def test_what_may_not_be_passed_on_stays_in_the_dialog_to_be_mended(teams: Teams, stores: Stores) -> None:
    claim(stores)
    _, answer = await teams.post(IN_CHANNEL, fetch("write"))
    _, again = await teams.post(IN_CHANNEL, submit(shown(answer), answer="Salasana on Kissa123!"))
    (field,) = [part for part in shown(again)["body"] if part["type"] == "Input.Text"]
    assert field["value"] == "Salasana on Kissa123!"
    assert stores.handovers.open()[0].answer == ""


async def test_who_does_not_have_it_gets_no_dialog_and_changes_nothing(teams: Teams, stores: Stores) -> None:
    claim(stores, "teams:other")
    _, answer = await teams.post(IN_CHANNEL, fetch("write"))
    assert "ehti ensin" in str(answer)
    forged = {"digivinkki": {"name": "desk", "values": {"step": "answer", "number": "1", "answer": "Näin."}}}
    await teams.post(IN_CHANNEL, type="invoke", name="task/submit", value={"data": forged})
    elsewhere = {**IN_CHANNEL, "conversation": {**IN_CHANNEL["conversation"], "id": "19:elsewhere"}}
    outsider = {**elsewhere, "from": {"id": "29:outsider", "aadObjectId": "outsider"}}
    _, refused = await teams.post(outsider, type="invoke", name="task/submit", value={"data": forged})
    assert refused["task"]["type"] == "message"
    assert [(item.state, item.answer) for item in stores.handovers.open()] == [(State.CLAIMED, "")]


async def test_an_answer_in_the_thread_is_adopted_from_its_menu(teams: Teams, stores: Stores) -> None:
    said = "<div><p>Paina&nbsp;<b>punaista</b> nappia.</p><p>2 &lt; 3</p></div>"
    _, answer = await teams.post(IN_CHANNEL, menu("answer", said, under=THREAD))
    card = shown(answer)
    (field,) = [part for part in card["body"] if part["type"] == "Input.Text"]
    assert field["value"] == "Paina punaista nappia.\n2 < 3"
    await teams.post(IN_CHANNEL, submit(card, "composeExtension/submitAction", answer=field["value"]))
    assert stores.handovers.open()[0].answer == "Paina punaista nappia.\n2 < 3"


@pytest.mark.parametrize("under", [None, "1:elsewhere"])
async def test_a_message_elsewhere_is_no_answer(teams: Teams, under: str | None) -> None:
    _, answer = await teams.post(IN_CHANNEL, menu("answer", "Näin.", under=under))
    assert "ketjussa" in texts(shown(answer))


async def test_any_message_becomes_a_draft(teams: Teams, stores: Stores) -> None:
    said = "Avaa lukitus nopeasti\nPaina <välilyöntiä>."
    _, answer = await teams.post(IN_CHANNEL, menu("tip", said, "text"))
    assert "Luonnos: Avaa lukitus nopeasti" in texts(shown(answer))
    (draft,) = stores.drafts.of(MEGAN)
    assert (draft.title, draft.body) == ("Avaa lukitus nopeasti", "Paina <välilyöntiä>.")


@pytest.mark.parametrize(
    "value",
    [None, [], {}, {"commandId": 1}, {"commandId": "tip"}, {"commandId": "tip", "messagePayload": []},
     {"commandId": "tip", "messagePayload": {"body": {"content": 1}, "replyToId": 2}}],
)  # fmt: skip
async def test_what_is_no_message_becomes_none(teams: Teams, stores: Stores, value: object) -> None:
    status, answer = await teams.post(IN_CHANNEL, menu("tip"), value=value)
    assert (status, "task" in answer) == (200, True)
    assert stores.drafts.of(MEGAN) == []


def test_a_card_that_names_somebody_and_asks_for_a_text_is_valid() -> None:
    field = Field("answer", "Vastaus", "Näin")
    form = Form((field,), Button("Lähetä", Action("desk", {"step": "answer"})))
    made = cards.card(Reply("fi", "Hei", form=form, mentions=(Mention("teams:aad-1", "Aino <b>_V_"),)))
    (entity,) = made.pop("msteams")["entities"]  # Teams' own, which the schema does not know
    assert wrong_in(made) == []
    assert entity["mentioned"] == {"id": "aad-1", "name": "Aino <b>_V_"}
    assert entity["text"] == made["body"][0]["text"] == "<at>Aino bV</at>"
