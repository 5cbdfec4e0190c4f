"""The whole way of a question through people with signed Slack payloads: asked, claimed, answered, brought back."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from app import build
from bot.conversations import Conversation
from bot.models import Scope
from bot.pacing import Rate
from bot.people import TUTOR
from bot.settings import Settings
from bot.stores import Stores
from tests.conftest import NOW
from tests.test_bot_slack_channel import Payload, event, press, send, shown
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


async def test_from_a_question_to_an_answer(served: Served) -> None:
    client, calls, _ = served
    await says(client, AINO, "Miten kytken rautalammin möhkylän?")
    offered = await until(calls, lambda method, sent: method == "chat.postMessage" and sent["channel"] == DESK[AINO])
    await presses(served, AINO, offered, "Kysy digitutorilta", DESK[AINO])

    card = await until(calls, lambda method, sent: method == "chat.postMessage" and sent["channel"] == TUTORS)
    assert "uaino" in str(card["blocks"])
    await presses(served, MAIJA, card, "Minä autan", TUTORS)
    claimed = await until(calls, lambda method, sent: method == "chat.update" and sent["channel"] == TUTORS)
    await presses(served, MAIJA, claimed, "Vastaa", TUTORS)
    await says(client, MAIJA, "Paina punaista nappia.")

    def is_brought(method: str, sent: Payload) -> bool:
        brought = "Paina punaista nappia." in str(sent.get("blocks")) and "kysymykseesi" in str(sent.get("blocks"))
        return method == "chat.postMessage" and sent["channel"] == DESK[AINO] and brought

    brought = await until(calls, is_brought)
    await presses(served, AINO, brought, "Auttoi", DESK[AINO])
    assert (await until(calls, lambda _, sent: "Ratkaistu" in str(sent.get("blocks"))))["channel"] == TUTORS
