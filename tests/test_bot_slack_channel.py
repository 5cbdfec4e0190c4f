"""Slack's endpoint as Slack, a stranger and a fuzzer meet it: signed payloads in, calls of the Web API out."""

from __future__ import annotations

import asyncio
import copy
import gc
import hashlib
import hmac
import io
import json
import logging
import os
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import count
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

import pytest
from aiohttp.test_utils import TestClient, TestServer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from slack_sdk.models.views import View
from structlog.testing import capture_logs

from app import build
from bot import conversing
from bot.models import Scope
from bot.pacing import Rate
from bot.settings import Settings
from bot.slack.blocks import pressed
from bot.slack.events import spoken
from bot.stores import Stores
from tests.conftest import NOW
from tests.test_bot_slack_sender import ME, Call, Script, refused, slack
from tips.errors import DatabaseError
from web.preview import DESK

SECRET = "secret"
QUESTION = "miten vaihdan vanhentuneen salasanan"
TIP = "password-change-expired"

Client = TestClient[Any, Any]
Payload = dict[str, Any]
Bot = tuple[Client, list[Call], str]  # the bot's server, the calls that it made, the address of its Slack

_numbers = count(1)


@pytest.fixture(autouse=True)
def _unpaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.slack.sender.PER_CHANNEL", (Rate(1_000, 0.001),))


@asynccontextmanager
async def running(stores: Stores, script: Script | None = None, **more: Any) -> AsyncIterator[Bot]:
    """The whole application before a stand-in of Slack."""
    async with slack(script) as (address, calls):
        chosen = Settings(
            slack_bot_token="xoxb-1", slack_signing_secret=SECRET, slack_api_url=address, database=stores.path, **more
        )
        app, desk = build(chosen, stores, lambda: NOW)
        async with TestClient(TestServer(app)) as client:
            yield client, calls, address
        desk.stop()


@pytest.fixture
async def bot(stores: Stores) -> AsyncIterator[Bot]:
    async with running(stores) as bot:
        yield bot


def signed(body: bytes, secret: str = SECRET, at: float | None = None) -> dict[str, str]:
    stamp = str(int(time.time() if at is None else at))
    digest = hmac.new(secret.encode(), f"v0:{stamp}:".encode() + body, hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={digest}"}


async def post(client: Client, body: bytes, kind: str = "application/json") -> int:
    """Sends what Slack would have signed; the status."""
    headers = {"Content-Type": kind, **signed(body)}
    response = await client.post("/slack/events", data=io.BytesIO(body), headers=headers)
    await response.read()
    return response.status


async def quiet() -> None:
    """Returns when all that was acknowledged has been worked on."""
    while working := [task for task in asyncio.all_tasks() if "SlackHandler._worked" in repr(task.get_coro())]:
        await asyncio.wait(working)


async def answering(calls: list[tuple[str, dict[str, Any]]]) -> None:
    """Returns when the first answer is on its way."""
    for _ in range(1_000):
        if calls:
            return
        await asyncio.sleep(0.01)


async def send(client: Client, payload: Payload) -> None:
    """Sends an event, a press or a slash command, and waits until it has been worked on."""
    assert await post(client, *encoded(payload)) == 200
    await quiet()


def encoded(payload: Payload) -> tuple[bytes, str]:
    """The body and its content type: events come as JSON, presses as JSON in a form, slash commands as a form."""
    form = "application/x-www-form-urlencoded"
    if "command" in payload:
        return urlencode(payload, errors="surrogatepass").encode(), form
    if payload.get("type") == "event_callback":
        return json.dumps(payload).encode(), "application/json"
    return urlencode({"payload": json.dumps(payload)}).encode(), form


def event(kind: str, **fields: Any) -> Payload:
    """An event as documented, with the fields changed; each is a new one."""
    number = next(_numbers)
    documented: dict[str, Payload] = {
        "app_mention": {"user": "U061F7AUR", "text": f"<@{ME}> {QUESTION}", "channel": "C123ABC456"},
        "message": {"user": "U061F7AUR", "text": QUESTION, "channel": "D024BE91L", "channel_type": "im"},
        "member_joined_channel": {"user": ME, "channel": "C0698JE0H", "channel_type": "C", "inviter": "U123456789"},
        "app_home_opened": {"user": "U061F7AUR", "channel": "D0LAN2Q65", "tab": "messages"},
    }
    at = {"ts": f"1515449522.{number:06}", "event_ts": f"1515449522.{number:06}"}
    return {
        "token": "ZZZZZZWSxiZZZ2yIvs3peJ",
        "team_id": "T123ABC456",
        "api_app_id": "A123ABC456",
        "event": {"type": kind, **documented.get(kind, {}), **at, **fields},
        "type": "event_callback",
        "event_id": f"Ev{number:08}",
        "event_time": 1515449522,
        "authorizations": [{"enterprise_id": None, "team_id": "T123ABC456", "user_id": ME, "is_bot": True}],
    }


def edited(original: Payload, text: str, **fields: Any) -> Payload:
    """What Slack sends when a person edits a message."""
    before = {key: original["event"][key] for key in ("type", "user", "text", "ts")}
    after = {**before, "text": text, "edited": {"user": before["user"], "ts": "1515449999.000000"}, **fields}
    where = {key: original["event"][key] for key in ("channel", "channel_type") if key in original["event"]}
    return event("message", subtype="message_changed", message=after, previous_message=before, **where)


def command(address: str, text: str, **fields: str) -> Payload:
    return {
        "token": "gIkuvaNzQIHg97ATvDxqgjtO",
        "team_id": "T0001",
        "channel_id": "C2147483705",
        "user_id": "U2147483697",
        "user_name": "Steve",
        "command": "/digivinkki",
        "text": text,
        "response_url": f"{address}commands/1234/5678",
        "trigger_id": f"13345224609.738474920.{next(_numbers):021x}",
        **fields,
    }


def press(address: str, button: Payload, channel: str = "C123ABC456", **container: Any) -> Payload:
    return {
        "type": "block_actions",
        "team": {"id": "T9TK3CUKW", "domain": "example"},
        "user": {"id": "U061F7AUR", "username": "jtorrance", "team_id": "T9TK3CUKW"},
        "api_app_id": "AABA1ABCD",
        "token": "9s8d9as89d8as9d8as989",
        "container": {"type": "message", "message_ts": "1548261231.000200", "channel_id": channel, **container},
        "trigger_id": f"12321423423.333649436676.{next(_numbers):032x}",
        "channel": {"id": channel, "name": "review-updates"},
        "message": {"bot_id": "BAH5CA16Z", "type": "message", "user": ME, "ts": "1548261231.000200"},
        "response_url": f"{address}actions/AABA1ABCD/1232321423432/D09sSasdasdAS9091209",
        "actions": [{**button, "block_id": "=qXel", "type": "button", "action_ts": "1548426417.840180"}],
    }


def posted(calls: list[Call]) -> list[Payload]:
    """The messages posted so far, which are forgotten."""
    found = [sent for method, sent in calls if method == "chat.postMessage"]
    calls.clear()
    return found


def shown(message: Payload) -> list[Payload]:
    """The blocks of a message, however they were sent."""
    return json.loads(message["blocks"]) if isinstance(message["blocks"], str) else message["blocks"]


def button(message: Payload, action: str, **values: str) -> Payload:
    """The first button with the action and the values."""
    for block in shown(message):
        for element in block["elements"] if block["type"] == "actions" else ():
            name, found = pressed(element["value"]) or ("", {})
            if name == action and found.items() >= values.items():
                return element
    raise AssertionError(f"no button {action} {values}")


def feedback(stores: Stores) -> list[tuple[str, int]]:
    return [(row["tip"], row["helped"]) for row in stores.database.table("feedback").rows]


async def failures(client: Client) -> float:
    figures = await (await client.get("/metrics")).text()
    return float(next(line.split()[1] for line in figures.splitlines() if line.startswith("digivinkki_failures_total")))


# What is said to the bot


async def test_the_address_is_verified(bot: Bot) -> None:
    client, calls, _ = bot
    body = json.dumps(
        {"token": "x", "challenge": "3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7", "type": "url_verification"}
    )
    response = await client.post(
        "/slack/events", data=body, headers={"Content-Type": "application/json", **signed(body.encode())}
    )
    assert response.status == 200
    assert (await response.json())["challenge"].startswith("3eZbrw1")
    assert calls == []


async def test_a_mention_is_answered_in_its_thread_with_blocks(bot: Bot, stores: Stores) -> None:
    client, calls, _ = bot
    first, second = event("app_mention"), event("app_mention", thread_ts="1515440000.000001")
    await send(client, first)
    await send(client, second)
    answers = posted(calls)
    assert [answer["thread_ts"] for answer in answers] == [first["event"]["ts"], "1515440000.000001"]
    for answer in answers:
        assert answer["channel"] == "C123ABC456"
        assert "salasana" in answer["text"].lower()
        assert button(answer, "feedback", tip=TIP, helped="yes")
    [place] = stores.conversations.all()
    assert (place.id, place.channel, place.scope, place.tenant) == ("C123ABC456", "slack", Scope.CHANNEL, "T123ABC456")


async def test_a_direct_message_is_answered_beside_it_or_in_its_thread(bot: Bot, stores: Stores) -> None:
    client, calls, _ = bot
    await send(client, event("message"))
    await send(client, event("message", thread_ts="1515440000.000001"))
    await send(client, event("message", subtype="file_share", files=[{"id": "F1"}]))
    assert [answer.get("thread_ts") for answer in posted(calls)] == [None, "1515440000.000001", None]
    [place] = stores.conversations.all()
    assert place.scope is Scope.PERSONAL


@pytest.mark.parametrize(
    "fields",
    [
        {"channel": "C123ABC456", "channel_type": "channel"},
        {"channel": "C123ABC456", "channel_type": "channel", "thread_ts": "1515440000.000001"},
        {"channel": "G123ABC456", "channel_type": "group"},
        {"channel": "G123ABC456", "channel_type": "mpim"},
        {"channel": "C123ABC456"},
        {"bot_id": "B1"},
        {"bot_id": "B1", "user": ME},
        {"user": ME},
        {"subtype": "bot_message", "bot_id": "B1"},
        {"subtype": "channel_join", "channel": "C1", "channel_type": "channel"},
        {"subtype": "message_deleted", "deleted_ts": "1515449522.000016"},
    ],
)
async def test_what_is_not_said_to_the_bot_is_left_alone(bot: Bot, stores: Stores, fields: Payload) -> None:
    client, calls, _ = bot
    payload = event("message", **fields)
    if "channel" in fields and "channel_type" not in fields:
        del payload["event"]["channel_type"]
    await send(client, payload)
    assert posted(calls) == []
    assert stores.conversations.all() == []
    assert stores.database.table("questions").count == 0


async def test_the_bot_does_not_answer_its_own_mention(bot: Bot) -> None:
    client, calls, _ = bot
    for fields in ({"user": ME}, {"bot_id": "B1", "user": ME}, {"bot_id": "B1", "user": None}):
        await send(client, event("app_mention", **fields))
    assert posted(calls) == []


@pytest.mark.parametrize(
    ("text", "read"),
    [
        (f"<@{ME}> miten vaihdan salasanan?", "miten vaihdan salasanan?"),
        (f"<@{ME}|digivinkki> moi", "moi"),
        (f"moi <@{ME}>, ja <!here> ja <#C1|yleinen>", "moi  , ja   ja"),
        ("<https://x.fi/a?b=1&amp;c=2>", "https://x.fi/a?b=1&c=2"),
        ("<https://x.fi|Palkka&amp;loma> ei aukea", "Palkka&loma ei aukea"),
        ("<mailto:a@b.fi|a@b.fi> ja <mailto:a@b.fi>", "a@b.fi ja a@b.fi"),
        ("<tel:+358401234567|040 1234567>", "040 1234567"),
        ("AT&amp;T &lt;b&gt; &amp;amp; &lt;@U1&gt;", "AT&T <b> &amp; <@U1>"),
        ("a < b > c", "a < b > c"),
        ("puolikas \ud83d", "puolikas ?"),
        ("", ""),
    ],
)
def test_the_text_is_read_as_it_was_typed(text: str, read: str) -> None:
    assert spoken(text) == read


async def test_the_question_is_stored_as_it_was_typed(bot: Bot, stores: Stores) -> None:
    client, calls, _ = bot
    await send(client, event("app_mention", text=f"<@{ME}> mitä tekee &lt;Ctrl&gt; &amp; <https://x.fi|sivu>"))
    assert [row["text"] for row in stores.database.table("questions").rows] == ["mitä tekee <Ctrl> & sivu"]
    assert len(posted(calls)) == 1


async def test_a_mention_without_a_question_is_answered_with_help(bot: Bot) -> None:
    client, calls, _ = bot
    await send(client, event("app_mention", text=f"<@{ME}>"))
    assert "omin sanoin" in posted(calls)[0]["text"]


# Once only


async def test_an_event_that_comes_again_is_answered_once_also_after_a_restart(stores: Stores) -> None:
    payload = event("app_mention")
    async with running(stores) as (client, calls, _):
        for _ in range(2):
            await send(client, payload)
        await asyncio.gather(*(send(client, payload) for _ in range(5)))
        assert len(posted(calls)) == 1
    async with running(stores) as (client, calls, _):
        await send(client, payload)
        assert posted(calls) == []
        await send(client, event("app_mention"))
        assert len(posted(calls)) == 1


async def test_a_message_is_known_by_its_channel_and_time_whatever_its_event_is_called(bot: Bot) -> None:
    client, calls, _ = bot
    first, other = event("app_mention"), event("app_mention")
    renamed, nameless = {**first, "event_id": "EvAnother"}, {**first}
    del nameless["event_id"]
    elsewhere = event("app_mention", ts=first["event"]["ts"], channel="C999")
    for payload in (first, first, renamed, nameless, other, elsewhere):
        await send(client, payload)
    assert len(posted(calls)) == 3


async def test_a_direct_message_that_comes_as_two_kinds_of_event_is_answered_once(bot: Bot) -> None:
    client, calls, _ = bot
    message = event("message", text=f"<@{ME}> {QUESTION}")
    mention = event("app_mention", channel="D024BE91L", channel_type="im", ts=message["event"]["ts"])
    await asyncio.gather(send(client, message), send(client, mention))
    assert len(posted(calls)) == 1


async def test_a_question_whose_answer_could_not_be_sent_may_come_again(stores: Stores) -> None:
    script: Script = {"chat.postMessage": [refused("invalid_blocks")]}
    async with running(stores, script) as (client, calls, _):
        question = event("app_mention")
        await send(client, question)
        calls.clear()
        await send(client, question)
        await send(client, question)
        assert len(posted(calls)) == 1


async def test_a_press_and_a_command_that_come_again_are_answered_once(bot: Bot) -> None:
    client, calls, address = bot
    pressed_twice = press(address, button(await asked(bot), "tip"))
    typed_twice = command(address, QUESTION)
    for payload in (pressed_twice, pressed_twice, typed_twice, typed_twice):
        await send(client, payload)
    assert sorted(method for method, _ in calls) == ["chat.postMessage", "commands/1234/5678"]
    await send(client, command(address, QUESTION))
    assert len(calls) == 3


async def test_presses_that_slack_did_not_number_are_each_answered(bot: Bot) -> None:
    client, calls, address = bot
    payload = press(address, button(await asked(bot), "tip"))
    del payload["trigger_id"]
    for _ in range(2):
        await send(client, payload)
    assert len(posted(calls)) == 2


# Edited questions


@pytest.mark.parametrize("kind", ["app_mention", "message"])
async def test_an_edited_question_gets_an_edited_answer(bot: Bot, kind: str) -> None:
    client, calls, _ = bot
    question = event(kind)
    await send(client, question)
    [answer] = [index for index, (method, _) in enumerate(calls, 1) if method == "chat.postMessage"]
    calls.clear()
    change = edited(question, f"<@{ME}> how do I blur my background")
    for payload in (change, change, {**change, "event_id": "EvAnother"}):
        await send(client, payload)
    [(method, sent)] = calls
    assert method == "chat.update"
    assert (sent["channel"], sent["ts"]) == (question["event"]["channel"], f"1700000000.{answer:06}")
    assert "background" in sent["text"].lower()


async def test_an_edited_mention_that_comes_as_a_new_event_changes_the_answer(bot: Bot) -> None:
    client, calls, _ = bot
    question = event("app_mention")
    await send(client, question)
    calls.clear()
    where = {"ts": question["event"]["ts"], "edited": {"user": "U061F7AUR", "ts": "1515449999.000000"}}
    await send(client, event("app_mention", text=f"<@{ME}> how do I blur my background", **where))
    await send(client, edited(question, f"<@{ME}> how do I blur my background"))
    assert [method for method, _ in calls] == ["chat.update"]


def edits_of(question: Payload, text: str = f"<@{ME}> how do I blur my background") -> list[Payload]:
    """An edit of a mention, as Slack tells of it: the message changed, and a mention as if it were new."""
    changed = edited(question, text)
    fields = {key: changed["event"]["message"][key] for key in ("text", "ts", "edited")}
    return [changed, event("app_mention", **fields)]


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Edits look for the first answer more often."""
    monkeypatch.setattr(conversing, "_STEP", 0.01)


@pytest.mark.parametrize("order", [1, -1])
async def test_an_edit_that_comes_before_the_first_answer_was_sent_changes_that_answer_once(
    stores: Stores, impatient: None, order: int
) -> None:
    async with running(stores, {"chat.postMessage": [0.2]}) as (client, calls, _):
        question = event("app_mention")
        assert await post(client, *encoded(question)) == 200
        await answering(calls)  # else an edit may be taken on before the question, and is answered in its place
        for payload in edits_of(question)[::order]:
            assert await post(client, *encoded(payload)) == 200
        await quiet()
    assert [method for method, _ in calls] == ["chat.postMessage", "chat.update"]
    assert "background" in calls[1][1]["text"].lower()


@pytest.mark.parametrize("order", [1, -1])
async def test_a_mention_that_is_edited_in_is_answered_once(stores: Stores, impatient: None, order: int) -> None:
    async with running(stores, {"chat.postMessage": [0.1]}) as (client, calls, _):
        for payload in edits_of(event("app_mention", text="how do I blur"))[::order] * 2:
            assert await post(client, *encoded(payload)) == 200
        await quiet()
    assert [method for method, _ in calls] == ["chat.postMessage"]
    assert stores.database.table("questions").count == 1


async def test_an_edit_that_comes_after_a_later_one_changes_nothing(bot: Bot) -> None:
    client, calls, _ = bot
    question = event("message")
    await send(client, question)
    calls.clear()
    later = edited(question, "how do I blur my background", edited={"user": "U1", "ts": "1515450000.000002"})
    earlier = edited(question, "how do I", edited={"user": "U1", "ts": "1515450000.000001"})
    again = edited(question, "kieli", edited={"user": "U1", "ts": "1515450000.000003"})
    for payload in (later, earlier, again):
        await send(client, payload)
    first, second = (sent["text"].lower() for _, sent in calls)
    assert "background" in first
    assert "background" not in second


async def test_an_edited_mention_whose_first_answer_could_not_be_sent_is_answered(stores: Stores) -> None:
    async with running(stores, {"chat.postMessage": [refused("invalid_blocks")]}) as (client, calls, _):
        question = event("app_mention")
        await send(client, question)
        calls.clear()
        for payload in edits_of(question):
            await send(client, payload)
        [answer] = posted(calls)
    assert "background" in answer["text"].lower()


async def test_what_is_no_edit_of_a_question_changes_nothing(bot: Bot) -> None:
    client, calls, _ = bot
    question = event("message")
    await send(client, question)
    calls.clear()
    unknown = event("message", channel="D999")
    for payload in (
        edited(question, QUESTION, attachments=[{"title": "unfurled"}]),
        edited(question, "This message was deleted.", subtype="tombstone", user="USLACKBOT"),
        edited(question, "by the bot", bot_id="B1"),
        edited(unknown, "another text"),
        event("message", subtype="message_changed", message="x", previous_message=None),
        event("message", subtype="message_changed"),
    ):
        await send(client, payload)
    assert calls == []


# The slash command


async def test_the_slash_command_is_answered_for_the_one_who_typed_it(bot: Bot, stores: Stores) -> None:
    client, calls, address = bot
    await send(client, command(address, QUESTION))
    [(path, answer)] = calls
    assert path == "commands/1234/5678"
    assert answer["response_type"] == "ephemeral"
    assert button(answer, "feedback", tip=TIP)
    assert stores.conversations.all() == []


@pytest.mark.parametrize(("text", "said"), [("", "omin sanoin"), ("ohje", "teemat"), ("mikä on payload", "")])
async def test_the_slash_command_takes_any_text(bot: Bot, text: str, said: str) -> None:
    client, calls, address = bot
    await send(client, command(address, text))
    assert said in calls[0][1]["text"]


async def test_a_private_matter_is_told_by_the_slash_command_and_not_in_a_channel(bot: Bot) -> None:
    client, calls, address = bot
    await send(client, command(address, "näytä tietoni"))
    assert "Kieli" in calls[0][1]["text"]
    calls.clear()
    await send(client, event("app_mention", text=f"<@{ME}> näytä tietoni"))
    assert "Kieli" not in posted(calls)[0]["text"]


async def test_another_command_and_an_address_that_is_not_slacks_are_ignored(bot: Bot) -> None:
    client, calls, address = bot
    with capture_logs() as logs:
        await send(client, command(address, QUESTION, command="/weather"))
        await send(client, command("https://evil.example/", QUESTION))
    assert calls == []
    assert [entry["event"] for entry in logs if entry["log_level"] == "warning"] == ["nowhere to answer"]


# Buttons


async def asked(bot: Bot, text: str = QUESTION, **fields: Any) -> Payload:
    """A question's answer as it was posted."""
    client, calls, _ = bot
    await send(client, event("app_mention", text=f"<@{ME}> {text}", **fields))
    return posted(calls)[0]


async def test_a_candidate_shows_its_tip_in_the_thread(bot: Bot) -> None:
    client, calls, address = bot
    candidate = button(await asked(bot), "tip")
    await send(client, press(address, candidate))
    await send(client, press(address, candidate, thread_ts="1515440000.000001"))
    await send(client, press(address, candidate, channel="D024BE91L"))
    await send(client, press(address, candidate, channel="D024BE91L", thread_ts="1515440000.000001"))
    answers = posted(calls)
    assert [answer.get("thread_ts") for answer in answers] == [
        "1548261231.000200", "1515440000.000001", None, "1515440000.000001",
    ]  # fmt: skip
    assert all(shown(answer)[0]["text"]["text"] == candidate["text"]["text"] for answer in answers)


@pytest.mark.parametrize("helped", ["yes", "no"])
async def test_feedback_takes_the_place_of_its_buttons_and_is_stored(bot: Bot, stores: Stores, helped: str) -> None:
    client, calls, address = bot
    await send(client, press(address, button(await asked(bot), "feedback", helped=helped)))
    [(path, answer)] = calls
    assert path.startswith("actions/")
    assert answer["replace_original"] is True
    assert shown(answer)[0]["type"] == "header", "the tip stays"
    pressable = [element for block in shown(answer) if block["type"] == "actions" for element in block["elements"]]
    assert not any('"feedback"' in element["value"] for element in pressable)
    assert bool(pressable) == (helped == "no"), "whom it did not help is offered the next best tips"
    assert feedback(stores) == [(TIP, int(helped == "yes"))]


async def test_a_press_below_an_answer_for_one_person_is_answered_for_that_person(bot: Bot, stores: Stores) -> None:
    client, calls, address = bot
    answer = await asked(bot)
    for element in (button(answer, "tip"), button(answer, "feedback", helped="yes")):
        await send(client, press(address, element, is_ephemeral=True))
    assert [(path.split("/")[0], sent["replace_original"]) for path, sent in calls] == [
        ("actions", False),
        ("actions", True),
    ]
    assert len(feedback(stores)) == 1


@pytest.mark.parametrize(("text", "action"), [("kieli", "language"), ("teemat", "theme"), ("ohje", "ask")])
async def test_the_other_buttons_are_answered(bot: Bot, text: str, action: str) -> None:
    client, calls, address = bot
    await send(client, press(address, button(await asked(bot, text), action)))
    assert posted(calls)[0]["channel"] == "C123ABC456"


@pytest.mark.parametrize(
    "value",
    [
        json.dumps(["feedback", {"tip": TIP, "question": "999", "helped": "yes"}]),
        json.dumps(["feedback", {"tip": "no-such-tip", "question": "1", "helped": "yes"}]),
        json.dumps(["feedback", {"tip": TIP, "question": "1", "helped": "maybe"}]),
        json.dumps(["feedback", {"tip": TIP, "question": 1, "helped": "yes"}]),
        json.dumps(["feedback", {}]),
        json.dumps(["tip", {"tip": "no-such-tip", "question": "1"}]),
        json.dumps(["setup", {"step": "start"}]),
        json.dumps(["delete", {"answer": "yes"}]),
        json.dumps(["drop", {}]),
        json.dumps(["feedback"]),
        "{}",
        "not json",
        "",
        None,
        5,
    ],
)
async def test_a_changed_value_gets_a_polite_answer_for_the_one_who_pressed_and_stores_nothing(
    bot: Bot, stores: Stores, value: object
) -> None:
    client, calls, address = bot
    element = button(await asked(bot), "feedback", helped="yes")
    before = list(stores.database.table("questions").rows)
    await send(client, press(address, {**element, "value": value}))
    [(path, answer)] = calls
    assert path.startswith("actions/")
    assert (answer["replace_original"], answer["response_type"]) == (False, "ephemeral")
    assert answer["text"]
    assert feedback(stores) == []
    assert list(stores.database.table("questions").rows) == before
    assert await failures(client) == 0


async def test_a_button_that_is_not_ours_is_ignored(bot: Bot) -> None:
    client, calls, address = bot
    await send(client, press(address, {"action_id": "other", "value": '["tip", {"tip": "password-strong"}]'}))
    assert calls == []


async def test_without_an_address_the_answer_is_posted(bot: Bot) -> None:
    client, calls, address = bot
    payload = press(address, button(await asked(bot), "feedback", helped="yes"))
    for number, url in enumerate(("https://evil.example/x", None, 5)):
        await send(client, {**payload, "response_url": url, "trigger_id": str(number)})
    assert len(posted(calls)) == 3


# Where the bot is


async def test_where_the_bot_is_added_it_says_welcome_once(bot: Bot, stores: Stores) -> None:
    client, calls, _ = bot
    for _ in range(2):
        await send(client, event("member_joined_channel"))
    await send(client, event("member_joined_channel", user="U061F7AUR", channel="C999"))
    [welcome] = posted(calls)
    assert welcome["channel"] == "C0698JE0H"
    assert "Digivinkki" in welcome["text"]
    assert [(place.id, place.scope, place.team) for place in stores.conversations.all()] == [
        ("C0698JE0H", Scope.CHANNEL, "T123ABC456")
    ]


async def test_who_opens_the_chat_for_the_first_time_is_welcomed(bot: Bot, stores: Stores) -> None:
    client, calls, _ = bot
    await send(client, event("app_home_opened", tab="home"))
    assert posted(calls) == []
    for _ in range(2):
        await send(client, event("app_home_opened"))
    [welcome] = posted(calls)
    assert welcome["channel"] == "D0LAN2Q65"
    await send(client, event("message", channel="D0LAN2Q65"))
    assert len(posted(calls)) == 1
    assert [place.scope for place in stores.conversations.all()] == [Scope.PERSONAL]


@pytest.mark.parametrize(
    "kind", ["channel_left", "group_left", "channel_deleted", "group_deleted", "channel_archive", "group_archive"]
)
async def test_a_channel_that_is_gone_is_marked_and_welcomes_the_bot_anew(bot: Bot, stores: Stores, kind: str) -> None:
    client, calls, _ = bot
    await send(client, event("member_joined_channel"))
    await send(client, event(kind, channel="C0698JE0H"))
    assert stores.conversations.all() == []
    assert [(place.id, why) for place, why in stores.conversations.lost()] == [("C0698JE0H", kind)]
    await send(client, event("member_joined_channel"))
    assert len(posted(calls)) == 2
    assert len(stores.conversations.all()) == 1


@pytest.mark.parametrize("kind", ["channel", "group"])
async def test_a_channel_that_is_taken_out_of_the_archive_is_written_to_again(
    bot: Bot, stores: Stores, kind: str
) -> None:
    client, calls, _ = bot
    for payload in (event("member_joined_channel"), event(f"{kind}_archive", channel="C0698JE0H")):
        await send(client, payload)
    calls.clear()
    await send(client, event(f"{kind}_unarchive", channel="C0698JE0H"))
    await send(client, event(f"{kind}_unarchive", channel="C999"))
    assert [place.id for place in stores.conversations.all()] == ["C0698JE0H"]
    assert calls == [], "its people have been welcomed"


async def test_so_is_one_that_a_message_found_archived(stores: Stores) -> None:
    async with running(stores, {"chat.postMessage": [refused("is_archived")]}) as (client, _, _):
        await send(client, event("app_mention"))
        await send(client, event("channel_archive", channel="C123ABC456"))
        assert stores.conversations.all() == []
        await send(client, event("channel_unarchive", channel="C123ABC456"))
        assert [place.id for place in stores.conversations.all()] == ["C123ABC456"]


async def test_one_that_the_bot_has_left_stays_lost_when_it_is_unarchived(bot: Bot, stores: Stores) -> None:
    client, _, _ = bot
    for kind in ("member_joined_channel", "channel_left", "channel_archive", "channel_unarchive"):
        await send(client, event(kind, channel="C0698JE0H"))
    assert [why for _, why in stores.conversations.lost()] == ["channel_left"]


async def test_whom_a_private_chat_is_with_is_known_and_of_a_channel_nobody(bot: Bot, stores: Stores) -> None:
    client, _, _ = bot
    for payload in (event("app_home_opened"), event("message"), event("app_mention"), event("member_joined_channel")):
        await send(client, payload)
    assert {place.id: place.person for place in stores.conversations.all()} == {
        "D0LAN2Q65": "slack:U061F7AUR",
        "D024BE91L": "slack:U061F7AUR",
        "C123ABC456": "",
        "C0698JE0H": "",
    }


async def test_a_welcome_that_failed_is_said_when_the_bot_is_added_again_also_after_a_message(stores: Stores) -> None:
    async with running(stores, {"chat.postMessage": [refused("invalid_blocks")]}) as (client, calls, _):
        await send(client, event("member_joined_channel", channel="C123ABC456"))
        await send(client, event("app_mention"))
        calls.clear()
        for _ in range(2):
            await send(client, event("member_joined_channel", channel="C123ABC456"))
        [welcome] = posted(calls)
        assert "Digivinkki" in welcome["text"]
        assert await failures(client) == 1


async def test_a_failed_welcome_in_private_is_said_when_the_chat_is_opened_again(stores: Stores) -> None:
    async with running(stores, {"chat.postMessage": [refused("invalid_blocks")]}) as (client, calls, _):
        for _ in range(3):
            await send(client, event("app_home_opened"))
        assert len(posted(calls)) == 2


@pytest.mark.parametrize(
    ("authorizations", "asked"),
    [
        ([{"user_id": ME, "is_bot": True}], 0),
        ([{"user_id": "U061F7AUR", "is_bot": False}], 1),
        ([{"user_id": ME}], 1),
        ([], 1),
        (None, 1),
    ],
)
async def test_slack_is_asked_who_the_bot_is_only_where_it_does_not_tell(
    bot: Bot, authorizations: object, asked: int
) -> None:
    client, calls, _ = bot
    await send(client, {**event("app_mention", user=ME), "authorizations": authorizations})
    await send(client, {**event("member_joined_channel"), "authorizations": authorizations})
    methods = [method for method, _ in calls]
    assert methods == ["auth.test"] * asked + ["chat.postMessage"], "itself is welcomed, and not answered"


async def test_when_the_app_is_removed_all_its_places_are_marked(bot: Bot, stores: Stores) -> None:
    client, _, _ = bot
    for payload in (event("member_joined_channel"), event("message"), event("app_uninstalled")):
        await send(client, payload)
    assert stores.conversations.all() == []
    assert {why for _, why in stores.conversations.lost()} == {"app_uninstalled"}


# When something fails


@pytest.mark.parametrize("error", ["is_archived", "channel_not_found", "not_in_channel"])
async def test_where_an_answer_finds_no_channel_it_is_marked(stores: Stores, error: str) -> None:
    async with running(stores, {"chat.postMessage": [refused(error)]}) as (client, calls, _):
        await send(client, event("app_mention"))
        assert [(place.id, why) for place, why in stores.conversations.lost()] == [("C123ABC456", error)]
        assert len(posted(calls)) == 1
        assert await failures(client) == 0


@pytest.mark.parametrize("error", ["account_inactive", "token_revoked", "invalid_auth"])
async def test_a_token_that_is_no_longer_good_loses_no_channel_and_is_counted(stores: Stores, error: str) -> None:
    async with running(stores, {"chat.postMessage": [refused(error)]}) as (client, calls, _):
        await send(client, event("app_mention"))
        assert stores.conversations.lost() == []
        assert await failures(client) == 1
        calls.clear()
        await send(client, event("app_mention"))
        assert len(posted(calls)) == 1


async def test_an_answer_that_cannot_be_sent_is_counted_and_logged(stores: Stores) -> None:
    script: Script = {"chat.postMessage": [refused("invalid_blocks")]}
    async with running(stores, script) as (client, _, _):
        with capture_logs() as logs:
            await send(client, event("app_mention"))
        assert await failures(client) == 1
    assert {"event": "reply not sent", "channel": "slack", "reason": "invalid_blocks"}.items() <= next(
        entry.items() for entry in logs if entry["log_level"] == "error"
    )


async def test_a_failure_inside_is_acknowledged_counted_and_logged_without_what_was_said(
    bot: Bot, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: Any) -> None:
        raise RuntimeError("kirahvi")

    client, calls, address = bot
    client.app[DESK].assistant = SimpleNamespace(respond=fail, sorry=client.app[DESK].assistant.sorry)
    with capture_logs() as logs:
        await send(client, event("app_mention", text="kirahvi"))
        await send(client, command(address, "kirahvi"))
        await send(client, press(address, {"action_id": "digivinkki:0:0", "value": '["ask", {"text": "kirahvi"}]'}))
    assert await failures(client) == 3
    assert [entry["error"] for entry in logs if entry["event"] == "failed"] == ["RuntimeError"] * 3
    assert "kirahvi" not in str(logs) + caplog.text
    assert [method.split("/")[0] for method, _ in calls] == ["chat.postMessage", "commands", "actions"]
    assert all("Nyt jokin meni vikaan" in sent["text"] for _, sent in calls)
    assert [sent.get("response_type") for _, sent in calls] == [None, "ephemeral", "ephemeral"]
    assert calls[0][1]["thread_ts"]


async def test_a_question_that_failed_inside_may_be_asked_again_by_editing_it(bot: Bot) -> None:
    def fail(*_: Any) -> None:
        raise RuntimeError

    client, calls, _ = bot
    desk, question = client.app[DESK], event("app_mention")
    good, desk.assistant = desk.assistant, SimpleNamespace(respond=fail, sorry=desk.assistant.sorry)
    await send(client, question)
    assert len(posted(calls)) == 1
    desk.assistant = good
    for payload in edits_of(question):
        await send(client, payload)
    assert len(posted(calls)) == 1


async def test_it_says_sorry_also_where_the_database_is_why(bot: Bot, stores: Stores) -> None:
    def fail(*_: Any) -> None:
        raise DatabaseError("full")

    client, calls, address = bot
    desk = client.app[DESK]
    desk.assistant = SimpleNamespace(respond=fail, sorry=desk.assistant.sorry)
    await desk.run(lambda: stores.database.execute("drop table events"))
    await send(client, event("app_mention"))
    await send(client, command(address, QUESTION))
    assert len(calls) == 2
    assert all("Nyt jokin meni vikaan" in sent["text"] for _, sent in calls)


async def test_a_press_that_cannot_be_noted_is_still_answered_and_counted(bot: Bot, stores: Stores) -> None:
    client, calls, address = bot
    candidate = button(await asked(bot), "tip")
    await client.app[DESK].run(lambda: stores.database.execute("drop table events"))
    await send(client, press(address, candidate))
    assert len(posted(calls)) == 1
    assert await failures(client) == 1


async def test_nothing_that_is_said_is_ever_logged(stores: Stores, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    script: Script = {"chat.postMessage": [refused("invalid_blocks")], "chat.update": [refused("cant_update_message")]}
    with capture_logs() as logs:
        async with running(stores, script) as (client, calls, address):
            for payload in (event("app_mention", text="kirahvi"), event("message", text="kirahvi"), event("message")):
                await send(client, payload)
            await send(client, edited(payload, "kirahvi"))
            await send(client, command(address, "kirahvi"))
            await send(client, event("unknown", text="kirahvi"))
            element = {"action_id": "digivinkki:0:0", "value": '["ask", {"text": "kirahvi"}]'}
            await send(client, press(address, element))
            view = {
                "type": "modal",
                "title": "kirahvi",
                "state": {"values": {"answer": {"text": {"value": "kirahvi"}}}},
            }
            for each in (view, {**view, "callback_id": "digivinkki"}):
                await send(client, {"type": "view_submission", "user": {"id": "U1"}, "view": each})
            for body in (b'{"kirahvi', b'{"type": "event_callback", "event": ["kirahvi"]}', b'["kirahvi"]'):
                assert await post(client, body) == 400
            await client.post("/slack/events", data=b"kirahvi", headers=signed(b"kirahvi", "wrong"))
    assert len(calls) >= 6
    assert "kirahvi" not in str(logs)
    assert "kirahvi" not in caplog.text


async def test_the_locked_database_still_answers(bot: Bot, stores: Stores) -> None:
    client, calls, _ = bot
    await client.app[DESK].run(lambda: stores.database.execute("drop table questions"))
    await send(client, event("app_mention"))
    assert len(posted(calls)) == 1


# Acknowledged at once


async def test_it_is_acknowledged_while_the_assistant_takes_long(bot: Bot) -> None:
    client, calls, address = bot
    desk, go_on, working = client.app[DESK], threading.Event(), threading.Event()
    quick = desk.assistant

    def slow(*arguments: Any) -> Any:
        working.set()
        assert go_on.wait(5)
        return quick.respond(*arguments)

    desk.assistant = SimpleNamespace(respond=slow)
    started = time.perf_counter()
    try:
        for payload in (event("app_mention"), command(address, QUESTION), event("message")):
            assert await post(client, *encoded(payload)) == 200
        many = (post(client, *encoded(event("app_mention"))) for _ in range(50))
        assert set(await asyncio.gather(*many)) == {200}
        seconds = time.perf_counter() - started
        assert await asyncio.to_thread(working.wait, 5)
        assert [method for method, _ in calls if method != "auth.test"] == []
    finally:
        go_on.set()
    assert seconds < 3
    await quiet()
    assert len(calls) >= 53


async def test_it_is_acknowledged_while_slack_takes_long_to_say_who_the_bot_is(stores: Stores) -> None:
    async with running(stores, {"auth.test": [0.8]}) as (client, calls, _):
        started = time.perf_counter()
        assert await post(client, *encoded({**event("app_mention"), "authorizations": []})) == 200
        assert time.perf_counter() - started < 0.5
        await quiet()
        assert len(posted(calls)) == 1


async def test_what_is_being_worked_on_is_finished_before_the_server_stops(stores: Stores) -> None:
    async with slack({"chat.postMessage": [0.3]}) as (address, calls):
        chosen = Settings(slack_bot_token="xoxb-1", slack_signing_secret=SECRET, slack_api_url=address)
        app, desk = build(chosen, stores, lambda: NOW)
        async with TestClient(TestServer(app)) as client:
            assert await post(client, *encoded(event("app_mention"))) == 200
        desk.stop()
        assert len(posted(calls)) == 1
    assert stores.database.execute("select count(*) from events where answer <> ''").fetchone()[0] == 1


# Bad requests

_GOOD = json.dumps(event("app_mention")).encode()


@pytest.mark.parametrize(
    ("body", "headers", "status", "reason"),
    [
        (_GOOD, {}, 401, "signature"),
        (_GOOD, signed(_GOOD, "wrong"), 401, "signature"),
        (_GOOD + b" ", signed(_GOOD), 401, "signature"),
        (_GOOD, signed(_GOOD, at=time.time() - 3_600), 401, "too old"),
        (_GOOD, signed(_GOOD, at=time.time() + 3_600), 401, "too old"),
        (_GOOD, {**signed(_GOOD), "X-Slack-Signature": ""}, 401, "signature"),
        (_GOOD, {**signed(_GOOD), "X-Slack-Signature": "v0=ä"}, 401, "signature"),
        (_GOOD, {**signed(_GOOD), "X-Slack-Request-Timestamp": "now"}, 401, "signature"),
        (_GOOD, {**signed(_GOOD), "X-Slack-Request-Timestamp": "9" * 400}, 401, "signature"),
        (_GOOD, {**signed(_GOOD), "X-Slack-Request-Timestamp": "9" * 5_000}, 401, "signature"),
        (b"ssl_check=1&token=x", {"Content-Type": "application/x-www-form-urlencoded"}, 401, "signature"),
        (b"\xff\xfe", signed(b"\xff\xfe"), 401, "signature"),
        (b"x" * 5_000_000, {}, 413, "Maximum request body size"),
        (b"x" * 5_000_000, signed(b"x" * 5_000_000), 413, "Maximum request body size"),
        (_GOOD, {**signed(_GOOD), "Content-Type": ""}, 415, "application/json"),
        (_GOOD, {**signed(_GOOD), "Content-Type": "text/plain"}, 415, "application/json"),
        *(
            (body, {**signed(body), "Content-Type": kind}, 400, reason)
            for body, kind, reason in [
                (b"not json", "application/json", "not JSON"),
                (b"", "application/json", "not JSON"),
                (b"[]", "application/json", "object"),
                (b"5", "application/json", "object"),
                (b"{}", "application/json", "type"),
                (b"[" * 100_000, "application/json", "not JSON"),
                (b'{"type": 5}', "application/json", "type"),
                (b'{"type": "event_callback"}', "application/json", "event"),
                (b'{"type": "event_callback", "event": []}', "application/json", "event"),
                (b'{"type": "event_callback", "event": {}}', "application/json", "event.type"),
                (b'{"type": "event_callback", "event": {"type": "app_mention"}}', "application/json", "channel"),
                (_GOOD.replace(b'"U061F7AUR"', b"5"), "application/json", "user"),
                (_GOOD.replace(b'"C123ABC456"', b'"C 1"'), "application/json", "channel"),
                (_GOOD.replace(b'"text"', b'"txt"'), "application/json", "text"),
                (_GOOD.replace(b'"authorizations": [', b'"authorizations": [5, '), "application/json", "mistyped"),
                (b"payload=x", "application/x-www-form-urlencoded", "not JSON"),
                (b"payload=[]", "application/x-www-form-urlencoded", "object"),
                (b'payload={"type":"block_actions"}', "application/x-www-form-urlencoded", "actions"),
                (b"", "application/x-www-form-urlencoded", "type"),
                (b"command=/digivinkki&text=moi", "application/x-www-form-urlencoded", "user_id"),
                (b"command=/digivinkki&user_id=U1", "application/x-www-form-urlencoded", "response_url"),
                (b"command=/digivinkki&user_id=%00&response_url=x", "application/x-www-form-urlencoded", "user_id"),
            ]
        ),
    ],
    ids=lambda value: repr(value)[:30],
)
async def test_a_bad_request_is_refused_with_a_reason_and_nothing_is_done(
    bot: Bot, stores: Stores, body: bytes, headers: dict[str, str], status: int, reason: str
) -> None:
    client, calls, _ = bot
    headers = {"Content-Type": "application/json"} | headers
    response = await client.post("/slack/events", data=io.BytesIO(body), headers=headers)
    assert response.status == status
    assert reason in await response.text()
    await quiet()
    assert calls == []
    assert stores.database.table("events").count == stores.database.table("conversations").count == 0
    assert await failures(client) == 0


@pytest.mark.parametrize(
    "payload",
    [
        event("team_join", user={"id": "U1"}),
        event("reaction_added", user="U1", reaction="thumbsup", item={"type": "message", "channel": "C1"}),
        event("file_created", file_id="F1"),
        event("function_executed", function={"id": "Fn1"}, inputs={}),
        event("tokens_revoked", tokens={"oauth": ["U1"], "bot": ["U2"]}),
        {"type": "app_rate_limited", "team_id": "T123ABC456", "minute_rate_limited": 1518467820},
        {"type": "shortcut", "callback_id": "x", "user": {"id": "U1"}, "team": {"id": "T1"}, "trigger_id": "1.2"},
        {"type": "message_action", "callback_id": "x", "user": {"id": "U1"}, "channel": {"id": "C1"}, "message": {}},
        {"type": "view_submission", "user": {"id": "U1"}, "view": {"type": "modal", "callback_id": "x"}},
        {"type": "view_closed", "user": {"id": "U1"}, "view": {"type": "modal", "callback_id": "x"}},
        {"type": "block_suggestion", "user": {"id": "U1"}, "action_id": "x", "value": "y"},
        {"type": "something_new"},
    ],
    ids=lambda payload: payload["event"]["type"] if "event" in payload else payload["type"],
)
async def test_an_unknown_kind_is_acknowledged_and_ignored(bot: Bot, payload: Payload) -> None:
    client, calls, _ = bot
    with capture_logs() as logs:
        await send(client, payload)
    assert calls == []
    assert [entry for entry in logs if entry["log_level"] in ("warning", "error")] == []


async def test_without_a_signing_secret_there_is_no_endpoint(stores: Stores) -> None:
    app, desk = build(Settings(slack_bot_token="xoxb-1"), stores, lambda: NOW)
    async with TestClient(TestServer(app)) as client:
        assert await post(client, _GOOD) == 404
    desk.stop()


# Fuzzed

_JUNK: list[Any] = [
    None, True, 0, -1, 1.5, 10**30, "", " ", "x", "\ud800", "\x00", "ä" * 300, "D1", "C1", "message", "app_mention", ME,
    [], {}, [None], [[]], {"id": 5}, {"id": "C1"}, {"type": "app_mention"}, [{"action_id": 5}], {"ts": "1.5"},
]  # fmt: skip


def _samples(address: str) -> list[Payload]:
    element = {"action_id": "digivinkki:0:0", "value": json.dumps(["tip", {"tip": TIP, "lang": "fi"}])}
    question = event("app_mention")
    view = {"id": "V1", "type": "modal", "callback_id": "x", "state": {"values": {}}, "private_metadata": ""}
    who = {"user": {"id": "U1", "team_id": "T1"}, "team": {"id": "T1"}, "trigger_id": "1.2", "callback_id": "x"}
    return [
        question,
        event("app_mention", thread_ts="1.5", edited={"user": "U1", "ts": "1.6"}, blocks=[{"type": "rich_text"}]),
        event("message"),
        event("message", subtype="file_share", files=[{"id": "F1"}]),
        edited(question, "uusi"),
        event("message", subtype="message_deleted", previous_message={"user": "U1", "ts": "1.5", "text": "x"}),
        event("member_joined_channel"),
        event("app_home_opened"),
        event("channel_archive", channel="C1", user="U1"),
        event("channel_unarchive", channel="C1", user="U1"),
        event("app_uninstalled"),
        event("function_executed", function_execution_id="Fx1", inputs={}, function={"callback_id": "x"}),
        command(address, QUESTION),
        press(address, element),
        press(address, element, is_ephemeral=True),
        {"type": "view_submission", "view": view, **who},
        {"type": "view_closed", "view": view, **who},
        {"type": "shortcut", **who},
        {"type": "message_action", "message": {"ts": "1.5"}, "channel": {"id": "C1"}, **who},
        {"type": "interactive_message", "actions": [{"name": "x"}], **who},
        {"type": "block_suggestion", "action_id": "x", "value": "y", **who},
        {"type": "url_verification", "token": "x", "challenge": "y"},
    ]


def _places(value: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where something stands in a payload: the way to it from the outside in."""
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in parts:
        yield (*place, key)
        yield from _places(part, (*place, key))


@st.composite
def _odd(draw: st.DrawFn, samples: list[Payload]) -> Payload:
    """A documented payload with fields removed and mistyped."""
    payload = copy.deepcopy(draw(st.sampled_from(samples)))
    for _ in range(draw(st.integers(1, 4))):
        if not (places := list(_places(payload))):
            break
        *way, last = draw(st.sampled_from(places))
        inner = payload
        for key in way:
            inner = inner[key]
        if draw(st.booleans()):
            del inner[last]
        else:
            inner[last] = copy.deepcopy(draw(st.sampled_from(_JUNK)))
    return payload


def _renew(payload: Payload) -> None:
    """Makes an event or a press a new one, where it still says which it is; else it would be known already."""
    inner = payload.get("event")
    for where, name in ((inner, "ts"), (payload, "trigger_id")):
        if isinstance(where, dict) and isinstance(where.get(name), str) and "." in where[name]:
            where[name] = f"1515449522.{next(_numbers):06}"


def _fuzzed(payload: Payload, form: bool) -> tuple[bytes, str]:
    return encoded(payload) if form else (json.dumps(payload).encode(), "application/json")


def test_whatever_is_signed_nothing_breaks(stores: Stores) -> None:
    odd: list[Any] = []

    async def one(client: Client, payload: Payload, form: bool) -> None:
        _renew(payload)
        assert await post(client, *_fuzzed(payload, form)) < 500
        await quiet()
        assert await failures(client) == 0
        gc.collect(0)
        assert odd == []

    with asyncio.Runner() as runner, capture_logs() as logs:
        runner.get_loop().set_exception_handler(lambda _, context: odd.append(context))
        stack = AsyncExitStack()
        client, calls, address = runner.run(stack.enter_async_context(running(stores)))
        examples = int(os.environ.get("DIGIVINKKI_FUZZ", "300"))

        @settings(max_examples=examples, suppress_health_check=list(HealthCheck))
        @given(payload=_odd(_samples(address)), form=st.sampled_from([True, True, True, False]))
        def check(payload: Payload, form: bool) -> None:
            runner.run(one(client, payload, form))

        check()
        runner.run(stack.aclose())
        gc.collect()
    assert odd == []
    assert [entry for entry in logs if entry["log_level"] in ("error", "critical")] == []
    assert posted(calls), "some were still good enough to be answered"


# Modals (docs.slack.dev/surfaces/modals; docs.slack.dev/reference/interaction-payloads/block_actions-payload)

BEGIN = {
    "action_id": "digivinkki:0:0:dialog",
    "value": json.dumps(["session", {"theme": "passwords", "run": "own", "do": "open", "at": "0", "lang": "fi"}]),
}


def in_view(element: Payload, view_id: str = "VNHU13V36") -> Payload:
    """A press in a modal: it has a view, and neither a channel nor an address for answers."""
    payload = press("", element)
    for name in ("channel", "message", "response_url"):
        del payload[name]
    container = {"type": "view", "view_id": view_id}
    return {**payload, "container": container, "view": {"id": view_id, "type": "modal", "hash": "1.a", "blocks": []}}


def viewed(sent: Payload) -> Payload:
    """The view of a call, as Slack takes it."""
    view = json.loads(sent["view"]) if isinstance(sent["view"], str) else sent["view"]
    View(**view).validate_json()
    return view  # type: ignore[no-any-return]


def onward(view: Payload) -> Payload:
    """The button of the modal that leads on."""
    elements = [element for block in view["blocks"] if block["type"] == "actions" for element in block["elements"]]
    return next(element for element in elements if '"back"' not in element["value"])


async def test_a_modal_leads_one_person_through_a_session_and_the_channel_sees_nothing(
    bot: Bot, stores: Stores
) -> None:
    client, calls, address = bot
    begun = press(address, BEGIN)
    await send(client, begun)
    [(method, sent)] = calls
    assert (method, sent["trigger_id"]) == ("views.open", begun["trigger_id"])
    view = viewed(sent)
    assert view["title"]["text"] == "Digiturvavartti"
    for _ in range(13):
        calls.clear()
        await send(client, in_view(onward(view)))
        [(method, sent)] = calls
        assert (method, sent["view_id"]) == ("views.update", "VNHU13V36")
        view = viewed(sent)
    assert "Tehty: Salasanat kuntoon vartissa" in json.dumps(view["blocks"], ensure_ascii=False)
    [row] = stores.database.table("progress").rows
    assert row["finished"]
    calls.clear()
    await send(client, in_view(onward(view)))  # a tip to read on
    assert [method for method, _ in calls] == ["views.update"]


async def test_in_a_direct_message_the_steps_take_each_others_place(bot: Bot) -> None:
    client, calls, address = bot
    await send(client, event("message", text="digiturvavartti salasanat"))
    element = button(posted(calls)[0], "session", do="next")
    await send(client, press(address, element, channel="D024BE91L"))
    [(method, sent)] = calls
    assert (method.split("/")[0], sent["replace_original"]) == ("actions", True)
    assert "1/9" in json.dumps(sent["blocks"])


async def test_in_a_channel_the_button_of_a_session_opens_a_modal(bot: Bot) -> None:
    client, calls, address = bot
    await send(client, event("app_mention", text=f"<@{ME}> digiturvavartti salasanat"))
    element = button(posted(calls)[0], "session", do="open")
    await send(client, press(address, element))
    assert [method for method, _ in calls] == ["views.open"]


@pytest.mark.parametrize("code", ["expired_trigger_id", "invalid_trigger_id", "not_allowed"])
async def test_where_no_modal_opens_the_steps_come_for_that_person_only(stores: Stores, code: str) -> None:
    async with running(stores, {"views.open": [refused(code)]}) as (client, calls, address):
        await send(client, press(address, BEGIN))
        (_, _), (method, sent) = calls
        assert (method.split("/")[0], sent["response_type"]) == ("actions", "ephemeral")
        element = button(sent, "session", do="next")
        calls.clear()
        await send(client, press(address, element, is_ephemeral=True))
        [(method, sent)] = calls
        assert (method.split("/")[0], sent["replace_original"]) == ("actions", True)
        assert "1/9" in json.dumps(sent["blocks"])


async def test_a_modal_that_is_closed_by_now_is_no_failure(stores: Stores) -> None:
    async with running(stores, {"views.update": [refused("not_found")]}) as (client, calls, _):
        await send(client, in_view({**BEGIN, "action_id": "digivinkki:0:0"}))
        assert [method for method, _ in calls] == ["views.update"]
        assert await failures(client) == 0


async def test_a_press_that_comes_twice_is_done_once_and_opens_one_modal(bot: Bot, stores: Stores) -> None:
    client, calls, address = bot
    begun = press(address, BEGIN)
    for _ in range(2):
        await send(client, begun)
    assert [method for method, _ in calls] == ["views.open"]
    pressed_ = in_view(onward(viewed(calls[0][1])))
    for _ in range(2):
        await send(client, pressed_)
    assert [row["step"] for row in stores.database.table("progress").rows] == [1]


async def test_a_changed_button_of_a_session_gets_a_polite_word_for_the_one_who_pressed(
    bot: Bot, stores: Stores
) -> None:
    client, calls, address = bot
    changed = {**BEGIN, "value": json.dumps(["session", {"theme": "no-such", "run": "own", "do": "open", "at": "0"}])}
    await send(client, press(address, changed))
    [(method, sent)] = calls
    assert (method.split("/")[0], sent["response_type"]) == ("actions", "ephemeral")
    assert "vanhentunut" in sent["text"]
    assert stores.database.table("progress").count == 0


async def test_a_button_of_a_session_without_its_mark_gets_a_word_about_where_to_write(
    bot: Bot, stores: Stores
) -> None:
    client, calls, address = bot
    await send(client, press(address, {**BEGIN, "action_id": "digivinkki:0:0"}))
    [(_, sent)] = calls
    assert sent["response_type"] == "ephemeral"
    assert "yksityisesti" in sent["text"]
