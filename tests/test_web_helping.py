"""The whole way of a question through people with signed Slack payloads: asked, claimed, answered, brought back."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer
from slack_sdk.models.views import View

from app import build
from bot.conversations import Conversation
from bot.models import Scope
from bot.pacing import Rate
from bot.people import TUTOR
from bot.settings import Settings
from bot.stores import Stores
from tests.conftest import NOW
from tests.test_bot_slack_channel import Payload, encoded, event, press, send, shown, signed
from tests.test_bot_slack_sender import Call, slack

AINO, MAIJA = "UAINO", "UMAIJA"
DESK, TUTORS = {AINO: "DAINO", MAIJA: "DMAIJA"}, "CTUTORS"
Served = tuple[TestClient[Any, Any], list[Call], str]


@pytest.fixture
async def served(stores: Stores, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Served]:
    monkeypatch.setattr("bot.slack.sender.PER_CHANNEL", (Rate(1_000, 0.001),))
    monkeypatch.setattr("bot.courier.PAUSE", 0.01)
    stores.conversations.seen(Conversation(TUTORS, "slack", Scope.CHANNEL), NOW)
    stores.handovers.set_room("common", "", TUTORS)
    stores.people.give_role(f"slack:{MAIJA}", TUTOR, NOW)
    async with slack() as (address, calls):
        chosen = Settings(
            slack_bot_token="xoxb-1", slack_signing_secret="secret", slack_api_url=address, database=stores.path
        )
        app, desk = build(chosen, stores, lambda: NOW, posts=True)
        async with TestClient(TestServer(app)) as client:
            yield client, calls, address
        desk.stop()


async def until(calls: list[Call], found: Callable[[str, Payload], bool]) -> Payload:
    """The call that is waited for; those up to it are forgotten."""
    for _ in range(300):
        for number, (method, sent) in enumerate(calls):
            if found(method, sent):
                del calls[: number + 1]
                return sent
        await asyncio.sleep(0.01)
    raise AssertionError([(method, sent.get("channel"), str(sent)[:300]) for method, sent in calls])


def button(message: Payload, label: str) -> Payload:
    found = [
        {key: element[key] for key in ("action_id", "value")}
        for block in shown(message)
        for element in block.get("elements", [])
        if element.get("type") == "button" and element["text"]["text"] == label
    ]
    assert found, json.dumps(shown(message), ensure_ascii=False)
    return found[0]


async def says(client: TestClient[Any, Any], person: str, text: str) -> None:
    await send(client, event("message", user=person, text=text, channel=DESK[person]))


async def presses(served: Served, person: str, message: Payload, label: str, channel: str) -> None:
    client, _, address = served
    payload = press(address, button(message, label), channel)
    payload["user"] = {"id": person, "username": person.lower(), "team_id": "T9TK3CUKW"}
    await send(client, payload)


def by(payload: Payload, person: str) -> Payload:
    return payload | {"user": {"id": person, "username": person.lower(), "team_id": "T9TK3CUKW"}}


async def submits(served: Served, person: str, view: Payload, text: str) -> Payload:
    """Fills in the modal's form and sends it; what the modal shows next."""
    client, _, _ = served
    state = {"values": {"answer": {"text": {"type": "plain_text_input", "value": text}}}}
    shown_view = {**view, "id": "V1", "state": state}
    payload = by({"type": "view_submission", "trigger_id": f"1.2.{len(text)}", "view": shown_view}, person)
    body, kind = encoded(payload)
    answer = await client.post("/slack/events", data=body, headers={"Content-Type": kind, **signed(body)})
    assert answer.status == 200
    told: Payload = json.loads(await answer.text() or "{}")
    return told


async def chooses(served: Served, person: str, entry: str, message: Payload, channel: str) -> Payload:
    """Chooses the entry in a message's menu; the modal that opens."""
    client, calls, address = served
    payload = {
        "type": "message_action",
        "callback_id": entry,
        "trigger_id": f"1.2.{entry}{message['ts']}",
        "response_url": f"{address}app/1",
        "channel": {"id": channel, "name": "tutorit"},
        "team": {"id": "T9TK3CUKW"},
        "message": {"type": "message", **message},
    }
    await send(client, by(payload, person))
    opened = await until(calls, lambda method, _: method == "views.open")
    found: Payload = json.loads(opened["view"]) if isinstance(opened["view"], str) else opened["view"]
    View(**found).validate_json()
    return found


def modal(call: Payload) -> Payload:
    found: Payload = json.loads(call["view"]) if isinstance(call["view"], str) else call["view"]
    View(**found).validate_json()
    return found


async def asked(served: Served, place: str = DESK[AINO]) -> Payload:
    """Aino's question; its card in the tutors' channel."""
    client, calls, _ = served
    words = "Miten kytken rautalammin möhkylän?"
    if place in DESK.values():
        await says(client, AINO, words)
    else:
        await send(client, event("app_mention", user=AINO, text=f"<@U0> {words}", channel=place))
    offered = await until(calls, lambda method, sent: method == "chat.postMessage" and sent["channel"] == place)
    await presses(served, AINO, offered, "Kysy digitutorilta", place)
    return await until(calls, lambda method, sent: method == "chat.postMessage" and sent["channel"] == TUTORS)


async def claimed(served: Served) -> Payload:
    """The modal in which Maija answers."""
    _, calls, _ = served
    await presses(served, MAIJA, await asked(served), "Minä autan", TUTORS)
    card = await until(calls, lambda method, sent: method == "chat.update" and sent["channel"] == TUTORS)
    await presses(served, MAIJA, card, "Vastaa", TUTORS)
    return modal(await until(calls, lambda method, _: method == "views.open"))


def is_brought(method: str, sent: Payload) -> bool:
    return method == "chat.postMessage" and "kysymykseesi" in str(sent.get("blocks"))


async def test_from_a_question_to_an_answer_and_a_draft(served: Served, stores: Stores) -> None:
    _, calls, _ = served
    view = await claimed(served)
    assert (view["submit"]["text"], view["blocks"][-1]["type"]) == ("Lähetä vastaus", "input")
    after = (await submits(served, MAIJA, view, "Paina punaista nappia."))["view"]
    assert "Kiitos!" in str(after["blocks"])
    brought = await until(calls, is_brought)
    assert (brought["channel"], "Paina punaista nappia." in str(brought["blocks"])) == (DESK[AINO], True)
    assert "<@" not in str(brought["blocks"])  # nobody else reads it

    make = {"id": "V1", **after}
    address = served[2]
    payload = press(address, button(after, "Tee tästä vinkki"), "") | {"view": make, "container": {"type": "view"}}
    del payload["channel"]
    await send(served[0], by(payload, MAIJA))
    draft = await until(calls, lambda method, _: method == "views.update")
    assert "Luonnos: Miten kytken rautalammin möhkylän" in str(modal(draft)["blocks"])
    assert [each.author for each in stores.drafts.of(f"slack:{MAIJA}")] == [f"slack:{MAIJA}"]

    await presses(served, AINO, brought, "Auttoi", DESK[AINO])
    assert (await until(calls, lambda _, sent: "Ratkaistu" in str(sent.get("blocks"))))["channel"] == TUTORS


async def test_what_may_not_be_passed_on_stays_in_the_modal_to_be_mended(served: Served, stores: Stores) -> None:
    view = await claimed(served)
    again = (await submits(served, MAIJA, view, "Salasana on Kissa123!"))["view"]
    assert again["blocks"][-1]["element"]["initial_value"] == "Salasana on Kissa123!"
    assert stores.handovers.open()[0].answer == ""
    assert "Kiitos!" in str(await submits(served, MAIJA, again, "Kysy pääkäyttäjältä."))


async def test_a_form_of_another_or_a_forged_one_changes_nothing(served: Served, stores: Stores) -> None:
    view = await claimed(served)
    before = stores.handovers.open()
    assert "ehti ensin" in str(await submits(served, "UKALLE", view, "Minäpä tiedän."))
    forged = [{**view, "private_metadata": text} for text in ("", "x", "[]", '["C1", 1]', '["", "[\\"desk\\", {}]"]')]
    for number, each in enumerate(forged):
        assert "vanhentunut" in str(await submits(served, MAIJA, each, f"Näin {number * '.'}"))
    assert stores.handovers.open() == before


async def test_a_form_that_comes_twice_is_taken_once(served: Served) -> None:
    view = await claimed(served)
    assert await submits(served, MAIJA, view, "Näin.") != {}
    assert await submits(served, MAIJA, view, "Näin.") == {}


async def card_of(stores: Stores) -> str:
    """The id of the message that is the question's card, once it is known: a little after it was sent."""
    for _ in range(1_000):
        for letter in stores.outbox._where("kind = 'desk_card' and state = 'sent'"):
            return letter.message
        await asyncio.sleep(0.01)
    raise AssertionError("no card was sent")


async def test_an_answer_in_the_thread_is_adopted_from_its_menu(served: Served, stores: Stores) -> None:
    _, calls, _ = served
    await asked(served)
    said = {
        "user": "UKALLE",
        "text": "Paina <https://kunta.fi|nappia>.",
        "ts": "1.5",
        "thread_ts": await card_of(stores),
    }
    elsewhere = await chooses(served, MAIJA, "answer", {**said, "thread_ts": "1.1", "ts": "1.6"}, TUTORS)
    assert "ketjussa" in str(elsewhere["blocks"])
    view = await chooses(served, MAIJA, "answer", said, TUTORS)
    assert view["blocks"][-1]["element"]["initial_value"] == "Paina nappia."
    await submits(served, MAIJA, view, "Paina nappia.")
    assert "Paina nappia." in str((await until(calls, is_brought))["blocks"])


async def test_any_message_becomes_a_draft(served: Served, stores: Stores) -> None:
    said = {"user": "UKALLE", "text": "Avaa lukitus nopeasti\nPaina välilyöntiä.", "ts": "1.5"}
    view = await chooses(served, MAIJA, "tip", said, "CHALL")
    assert "Luonnos: Avaa lukitus nopeasti" in str(view["blocks"])
    (draft,) = stores.drafts.of(f"slack:{MAIJA}")
    assert (draft.title, draft.body) == ("Avaa lukitus nopeasti", "Paina välilyöntiä.")
    empty = await chooses(served, MAIJA, "tip", {"user": "UKALLE", "text": "", "ts": "1.6"}, "CHALL")
    assert "ei ole tekstiä" in str(empty["blocks"])


async def test_where_others_read_the_asker_is_named_so_that_they_notice(served: Served, stores: Stores) -> None:
    stores.conversations.seen(Conversation("CHALL", "slack", Scope.CHANNEL), NOW)
    _, calls, _ = served
    await presses(served, MAIJA, await asked(served, "CHALL"), "Minä autan", TUTORS)
    card = await until(calls, lambda method, sent: method == "chat.update" and sent["channel"] == TUTORS)
    await presses(served, MAIJA, card, "Vastaa", TUTORS)
    await submits(served, MAIJA, modal(await until(calls, lambda method, _: method == "views.open")), "Näin.")
    brought = await until(calls, is_brought)
    assert (brought["channel"], shown(brought)[0]["text"]["text"]) == ("CHALL", f"<@{AINO}>")
