"""Teams' endpoint as Teams, a stranger and a fuzzer meet it: the real application, a recording stand-in for Microsoft.

The activities are the documented samples (learn.microsoft.com/microsoftteams/platform/bots: messages, conversation and
installation events; adaptive-cards/authoring-cards/universal-action-model; messaging-extensions: respond to search).
"""

from __future__ import annotations

import asyncio
import copy
import io
import json
import logging
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any
from urllib.parse import unquote

import jwt
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from botbuilder.schema import Activity
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from app import build
from bot import conversing, running
from bot.messages import say
from bot.models import Scope
from bot.people import IT
from bot.settings import OPENID, Settings
from bot.stores import Stores
from bot.teams import activities, channel, handler
from bot.teams.connector import Connector
from bot.teams.tokens import bearer_in
from tests.conftest import NOW
from tests.test_bot_teams_cards import elements, faults
from tests.test_bot_teams_connector import Sleeper
from tests.test_bot_teams_tokens import APP, part, public, rsa_key, signed, with_public_key_as_secret
from tips.models import Language
from web import teams as web_teams
from web.preview import DESK

BOT, TEAM, HALL, THREAD = "28:bot", "19:team@thread.tacv2", "19:hall@thread.tacv2", "1485983194839"
PERSONAL, GROUP = "a:1pL6i0oY3C0K8oAj8", "19:group@thread.v2"
QUESTION = "salasana vanheni, miten vaihdan sen?"
TIP = "password-change-expired"
SERVICE = "{service}"  # stands for the stand-in's address
BASE: dict[str, Any] = {
    "id": "1485983408511",
    "timestamp": "2027-01-12T07:15:00.437Z",
    "localTimestamp": "2027-01-12T09:15:00.437+02:00",
    "serviceUrl": SERVICE,
    "channelId": "msteams",
    "from": {"id": "29:1XJKJMvc5", "name": "Megan Bowen", "aadObjectId": "7faf8ab2-3d56-4244-b585-20c8a42ed2b8"},
    "recipient": {"id": BOT, "name": "Digivinkki"},
}
IN_PERSON: dict[str, Any] = {
    **BASE,
    "conversation": {"conversationType": "personal", "id": PERSONAL, "tenantId": "t1"},
    "channelData": {"tenant": {"id": "t1"}},
    "locale": "fi-FI",
}
IN_GROUP: dict[str, Any] = {
    **IN_PERSON,
    "conversation": {"isGroup": True, "conversationType": "groupChat", "id": GROUP, "tenantId": "t1"},
}
IN_TEAM: dict[str, Any] = {
    **BASE,
    "conversation": {"isGroup": True, "conversationType": "channel", "id": HALL, "tenantId": "t1", "name": "Aula"},
    "channelData": {"tenant": {"id": "t1"}, "team": {"id": TEAM, "name": "Kunta"}, "channel": {"id": HALL}},
}
IN_CHANNEL: dict[str, Any] = {
    **IN_TEAM,
    "conversation": {**IN_TEAM["conversation"], "id": f"{HALL};messageid={THREAD}"},
    "locale": "fi-FI",
}
MENTION = {"type": "mention", "mentioned": {"id": BOT, "name": "Digivinkki"}, "text": "<at>Digivinkki</at>"}
CLIENT = {"type": "clientInfo", "locale": "fi-FI", "country": "FI", "platform": "Web", "timezone": "Europe/Helsinki"}
SPOKEN = {"type": "message", "textFormat": "plain", "text": QUESTION, "entities": [CLIENT]}
MENTIONED = {**SPOKEN, "text": f"<at>Digivinkki</at>&nbsp;{QUESTION}\n", "entities": [MENTION, CLIENT]}
EXECUTED = {
    "type": "invoke",
    "name": "adaptiveCard/action",
    "replyToId": "1:answer",
    "value": {
        "action": {
            "type": "Action.Execute",
            "title": "Auttoi",
            "verb": "feedback",
            "data": {
                "digivinkki": {
                    "name": "feedback",
                    "values": {"tip": TIP, "helped": "yes", "question": "1", "lang": "fi"},
                }
            },
        },
        "trigger": "manual",
    },
}
SEARCHED = {
    "type": "invoke",
    "name": "composeExtension/query",
    "value": {
        "commandId": "searchCmd",
        "parameters": [{"name": "searchKeywords", "value": "salasana"}],
        "queryOptions": {"skip": 0, "count": 25},
    },
}
INSTALLED = {"type": "installationUpdate", "id": "f:816eb23d", "action": "add"}
BOT_ADDED = {"type": "conversationUpdate", "id": "f:0b9079f4", "membersAdded": [{"id": BOT}, {"id": "29:someone"}]}
# All other events of a team come in the conversation of the team.
TEAM_EVENT = {**IN_TEAM, "type": "conversationUpdate", "id": "f:dd6ec311"}
TEAM_EVENT["conversation"] = {"isGroup": True, "conversationType": "channel", "id": TEAM}
EDITED = {**SPOKEN, "type": "messageUpdate", "timestamp": "2027-01-12T07:20:00Z", "text": "miten nauhoitan kokouksen?"}
EDITED["channelData"] = {"eventType": "editMessage", "tenant": {"id": "t1"}}
REACTED = {"type": "messageReaction", "id": "f:9f78d1f3", "replyToId": "1:a", "reactionsAdded": [{"type": "like"}]}
MEETING = {
    "type": "event",
    "name": "application/vnd.microsoft.meetingStart",
    "value": {
        "Id": "MCMx",
        "JoinUrl": "https://teams.microsoft.com/l/meetup-join/x",
        "StartTime": "2027-01-12T07:15:00Z",
    },
}
SAMPLES: dict[str, dict[str, Any]] = {
    "personal message": {**IN_PERSON, **SPOKEN},
    "group message": {**IN_GROUP, **MENTIONED},
    "channel message": {**IN_CHANNEL, **MENTIONED},
    "executed": {**IN_PERSON, **EXECUTED},
    "executed in a channel": {**IN_CHANNEL, **EXECUTED},
    "searched": {**IN_CHANNEL, **SEARCHED},
    "installed": {**IN_TEAM, **INSTALLED},
    "removed": {**IN_TEAM, **INSTALLED, "action": "remove"},
    "bot added": {**IN_PERSON, **BOT_ADDED},
    "channel deleted": {**TEAM_EVENT, "channelData": {**IN_TEAM["channelData"], "eventType": "channelDeleted"}},
    "edited": {**IN_PERSON, **EDITED},
    "deleted": {**IN_PERSON, "type": "messageDelete"},
    "reacted": {**IN_CHANNEL, **REACTED},
    "typing": {**IN_PERSON, "type": "typing"},
    "meeting": {**IN_GROUP, **MEETING},
    "end": {**IN_PERSON, "type": "endOfConversation", "code": "completedSuccessfully"},
}


@dataclass(frozen=True)
class Sent:
    """What reached the Connector: how, where, and what."""

    method: str
    conversation: str
    activity: str
    authorization: str | None
    body: dict[str, Any]

    @property
    def card(self) -> dict[str, Any]:
        (attachment,) = self.body["attachments"]
        assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
        card: dict[str, Any] = attachment["content"]
        return card


@dataclass
class Microsoft:
    """The Connector, the key server and the login service; answers sends as told, then with 201."""

    url: str = ""
    answers: list[web.Response] = field(default_factory=list)
    sent: list[Sent] = field(default_factory=list)
    keys: list[dict[str, Any]] = field(default_factory=lambda: [public("k1")])
    keys_status: int = 200
    gate: asyncio.Event | None = None  # while it is closed, no send is answered
    waiting: int = 0
    expires_in: int = 3600
    logins: int = 0

    def application(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/openid", self._openid)
        app.router.add_get("/keys", self._keys)
        app.router.add_post("/{tenant}/oauth2/v2.0/token", self._token)
        app.router.add_route("*", "/emea/v3/{path:(?s:.*)}", self._connector)
        return app

    @property
    def service(self) -> str:
        return f"{self.url}/emea/"

    @property
    def settings(self) -> Settings:
        login = {"openid_url": f"{self.url}/openid", "login_url": self.url}
        return Settings(app_id=APP, app_password="secret", app_tenant="t1", **login)

    def fail(self, status: int, code: str = "", times: int = 1) -> None:
        self.answers += [web.json_response({"error": {"code": code}}, status=status) for _ in range(times)]

    async def _openid(self, _: web.Request) -> web.Response:
        return web.json_response({"issuer": "https://api.botframework.com", "jwks_uri": f"{self.url}/keys"})

    async def _keys(self, _: web.Request) -> web.Response:
        return web.json_response({"keys": self.keys}, status=self.keys_status)

    async def _token(self, _: web.Request) -> web.Response:
        self.logins += 1
        return web.json_response({"access_token": "ours", "expires_in": self.expires_in, "token_type": "Bearer"})

    async def _connector(self, request: web.Request) -> web.Response:
        _, _, _, conversation, _, *activity = (unquote(piece) for piece in request.raw_path.strip("/").split("/"))
        sent = Sent(
            request.method,
            conversation,
            "".join(activity),
            request.headers.get("Authorization"),
            json.loads(await request.read() or b"{}"),
        )
        self.waiting += 1
        if self.gate:
            await self.gate.wait()
        if self.answers:
            return self.answers.pop(0)
        self.sent.append(sent)
        return web.json_response({"id": f"1:{len(self.sent)}"}, status=201)


@dataclass(frozen=True)
class Teams:
    """Teams at our door: posts activities and sees what came of them."""

    client: TestClient[Any, Any]
    microsoft: Microsoft
    stores: Stores
    token: str | None = None

    async def post(self, *pieces: Mapping[str, Any], token: str | None = None, **changes: Any) -> tuple[int, Any]:
        """The activity of the pieces, later ones over earlier ones; status and what was answered."""
        activity = {name: value for piece in (*pieces, changes) for name, value in piece.items()}
        body = json.dumps(activity).replace(SERVICE, self.microsoft.service).encode()
        return await self.post_body(body, token=token)

    async def post_body(
        self, body: bytes, headers: Mapping[str, str] | None = None, *, token: str | None = None
    ) -> tuple[int, Any]:
        headers = {"Content-Type": "application/json", **(headers or {})}
        if bearer := token or self.token:
            headers["Authorization"] = f"Bearer {bearer}"
        async with self.client.post("/api/messages", data=io.BytesIO(body), headers=headers) as response:
            text = await response.text()
            await self.client.app[DESK].run(lambda: None)  # after what is stored when the answer is out
            return response.status, json.loads(text) if response.content_type == "application/json" else text

    @property
    def sent(self) -> list[Sent]:
        return self.microsoft.sent

    def reachable(self) -> list[str]:
        return sorted(place.id for place in self.stores.conversations.all())

    def lost(self) -> dict[str, str]:
        return {place.id: why for place, why in self.stores.conversations.lost()}

    def everything(self) -> str:
        return "\n".join(self.stores.database.conn.iterdump())

    def rows(self, table: str) -> list[dict[str, Any]]:
        return list(self.stores.database.table(table).rows)

    async def failures(self) -> float:
        figures = await (await self.client.get("/metrics")).text()
        return next(float(line.split()[1]) for line in figures.splitlines() if line.startswith("digivinkki_failures_t"))


@pytest.fixture
async def microsoft() -> AsyncIterator[Microsoft]:
    microsoft = Microsoft()
    async with TestServer(microsoft.application()) as server:
        microsoft.url = str(server.make_url("")).rstrip("/")
        yield microsoft


@asynccontextmanager
async def serving(
    microsoft: Microsoft, stores: Stores, settings: Settings, token: str | None = None
) -> AsyncIterator[Teams]:
    app, desk = build(settings, stores, lambda: NOW)
    async with TestClient(TestServer(app)) as client:
        await asyncio.sleep(0)
        await desk.run(lambda: None)  # after the housekeeping of the start: tests look into the database themselves
        yield Teams(client, microsoft, stores, token)
    desk.stop()


@pytest.fixture(autouse=True)
def sleeper(monkeypatch: pytest.MonkeyPatch) -> Sleeper:
    """The application's Connector does not wait for real."""
    sleeper = Sleeper()
    monkeypatch.setattr(web_teams, "Connector", partial(Connector, clock=sleeper.clock, sleep=sleeper.sleep))
    return sleeper


@pytest.fixture
async def teams(microsoft: Microsoft, stores: Stores) -> AsyncIterator[Teams]:
    """Local mode: no credentials, everything on this computer."""
    async with serving(microsoft, stores, Settings()) as teams:
        yield teams


@pytest.fixture
async def signed_teams(microsoft: Microsoft, stores: Stores) -> AsyncIterator[Teams]:
    """With credentials; activities come with a good token."""
    token = signed(serviceurl=microsoft.service)
    async with serving(microsoft, stores, microsoft.settings, token) as teams:
        yield teams


def texts(card: Any) -> str:
    """All that the card shows."""
    if isinstance(card, list):
        return "\n".join(map(texts, card))
    shown = [str(card.get(key, "")) for key in ("text", "title")]
    return "\n".join([*shown, *(texts(card[key]) for key in ("body", "items", "columns", "actions") if key in card)])


def first_button(card: Any, name: str) -> dict[str, Any]:
    """What a button of the card sends back."""
    found = [action for action in buttons(card) if action["verb"] == name]
    data: dict[str, Any] = found[0]["data"]
    return data


def buttons(card: Any) -> Iterator[dict[str, Any]]:
    if isinstance(card, dict):
        if card.get("type") == "Action.Execute":
            yield card
        card = [part for key, part in card.items() if key != "fallback"]
    if isinstance(card, list):
        for piece in card:
            yield from buttons(piece)


async def test_a_personal_message_is_answered_with_a_card_in_reply_to_it(teams: Teams) -> None:
    assert await teams.post(IN_PERSON, SPOKEN) == (200, "")
    (sent,) = teams.sent
    assert (sent.method, sent.conversation, sent.activity) == ("POST", PERSONAL, "1485983408511")
    assert sent.authorization is None
    assert sent.body["type"] == "message"
    assert sent.body["replyToId"] == "1485983408511"
    assert sent.body["from"] == {"id": BOT, "name": "Digivinkki"}
    assert sent.body["recipient"]["id"] == "29:1XJKJMvc5"
    assert sent.body["conversation"]["id"] == PERSONAL
    assert "text" not in sent.body
    title = sent.card["body"][0]["text"]
    assert sent.body["summary"] == title
    assert first_button(sent.card, "feedback")["digivinkki"]["values"]["tip"] == TIP
    assert [row["text"] for row in teams.rows("questions")] == [QUESTION]
    assert teams.reachable() == [PERSONAL]


async def test_with_credentials_the_answer_carries_our_own_token(signed_teams: Teams) -> None:
    assert (await signed_teams.post(IN_PERSON, SPOKEN))[0] == 200
    assert [sent.authorization for sent in signed_teams.sent] == ["Bearer ours"]


@pytest.mark.parametrize(
    ("place", "conversation", "stored"),
    [(IN_GROUP, GROUP, GROUP), (IN_CHANNEL, f"{HALL};messageid={THREAD}", HALL)],
    ids=["group", "channel"],
)
async def test_where_others_read_a_mention_is_answered_in_its_thread(
    teams: Teams, place: dict[str, Any], conversation: str, stored: str
) -> None:
    await teams.post(place, MENTIONED)
    (sent,) = teams.sent
    assert (sent.conversation, sent.activity) == (conversation, "1485983408511")
    assert sent.card
    assert [row["text"] for row in teams.rows("questions")] == [QUESTION]
    assert teams.reachable() == [stored]


@pytest.mark.parametrize("place", [IN_GROUP, IN_CHANNEL, {**IN_GROUP, "conversation": {"isGroup": True, "id": GROUP}}])
@pytest.mark.parametrize(
    "entities",
    [
        None,
        [],
        [CLIENT],
        [{**MENTION, "mentioned": {"id": "29:someone"}}],
        [{**MENTION, "mentioned": None}],
        [{**MENTION, "type": "other"}],
        [None, 5, "text", []],
    ],
)
async def test_where_others_read_nothing_else_is_answered_or_stored(
    teams: Teams, place: dict[str, Any], entities: object
) -> None:
    before = teams.everything()
    assert (await teams.post(place, SPOKEN, entities=entities))[0] == 200
    assert teams.sent == []
    assert teams.everything() == before


@pytest.mark.parametrize(
    ("text", "mentions", "understood"),
    [
        ("<at>Digivinkki</at> salasana", [MENTION], "salasana"),
        ("hei <at>Digivinkki</at>, salasana <at>Digivinkki</at>", [MENTION], "hei  , salasana"),
        ("<at>Digivinkki</at>&nbsp;salasana &amp; tili &lt;b&gt;", [MENTION], "salasana & tili <b>"),
        ('<at id="0">Digi</at> salasana', [{**MENTION, "text": '<at id="0">Digi</at>'}], "salasana"),
        ("<at>Digivinkki</at> kysy <at>Anna</at> salasana", [MENTION], "kysy  Anna  salasana"),
        ("Digivinkki salasana", [{**MENTION, "text": "Digivinkki"}], "salasana"),
        ("<at>Digivinkki</at> salasana", [{**MENTION, "text": None}], "Digivinkki  salasana"),
        ('<at>Digivinkki</at> salasana <attachment id="1"></attachment>', [MENTION], "salasana"),
        ("<at>Digivinkki</at> jos a <attu ja b> c salasana", [MENTION], "jos a <attu ja b> c salasana"),
    ],
)
def test_the_mention_of_the_bot_is_no_part_of_the_question(text: str, mentions: list[Any], understood: str) -> None:
    activity = activities.activity_of(
        {**IN_CHANNEL, **SPOKEN, "text": text, "entities": mentions, "serviceUrl": "http://a"}
    )
    message = activities.message_of(activity)
    assert message
    assert message.text == understood


@pytest.mark.parametrize(
    ("locale", "language"),
    [("fi-FI", "fi"), ("sv", "sv"), ("EN-us", "en"), ("fil-PH", None), ("svk", None), ("de-DE", None), ("", None)],
)
def test_the_language_of_the_client_is_used_where_it_is_one_of_ours(locale: str, language: str | None) -> None:
    assert activities.locale_of(Activity(locale=locale)) == language


@pytest.mark.parametrize(
    ("conversation", "scope"),
    [
        ({"conversationType": "personal"}, Scope.PERSONAL),
        ({"conversationType": "groupChat", "isGroup": True}, Scope.GROUP),
        ({"conversationType": "channel", "isGroup": True}, Scope.CHANNEL),
        ({"isGroup": True}, Scope.GROUP),
        ({"conversationType": "something new"}, Scope.GROUP),
        ({}, Scope.PERSONAL),
    ],
)
def test_a_conversation_is_personal_only_where_nothing_speaks_against_it(
    conversation: dict[str, Any], scope: Scope
) -> None:
    data = {**IN_PERSON, "type": "message", "conversation": {"id": "x", **conversation}, "serviceUrl": "http://a"}
    assert activities.scope_of(activities.activity_of(data)) is scope


@pytest.mark.parametrize(("place", "spoken"), [(IN_PERSON, SPOKEN), (IN_CHANNEL, MENTIONED)])
async def test_the_same_activity_is_answered_once(teams: Teams, place: dict[str, Any], spoken: dict[str, Any]) -> None:
    assert [await teams.post(place, spoken) for _ in range(3)] == [(200, "")] * 3
    assert len(teams.sent) == len(teams.rows("questions")) == 1
    await teams.post(place, spoken, id="another")
    assert len(teams.sent) == 2


async def test_the_same_activity_is_answered_once_also_when_it_comes_at_the_same_time(teams: Teams) -> None:
    answered = await asyncio.gather(*(teams.post(IN_PERSON, SPOKEN) for _ in range(8)))
    assert [status for status, _ in answered] == [200] * 8
    assert len(teams.sent) == 1


async def test_the_same_activity_is_answered_once_also_after_a_restart(microsoft: Microsoft, stores: Stores) -> None:
    for _ in range(2):
        async with serving(microsoft, stores, Settings()) as teams:
            assert await teams.post(IN_PERSON, SPOKEN) == (200, "")
    assert len(microsoft.sent) == 1


async def test_activities_without_an_id_are_each_answered(teams: Teams) -> None:
    for _ in range(2):
        await teams.post(IN_PERSON, SPOKEN, id=None)
    assert len(teams.sent) == 2


async def test_an_edited_question_gets_an_edited_answer(teams: Teams) -> None:
    await teams.post(IN_PERSON, SPOKEN)
    assert await teams.post(IN_PERSON, EDITED) == (200, "")
    first, second = teams.sent
    assert (second.method, second.conversation, second.activity) == ("PUT", PERSONAL, "1:1")
    assert second.body["type"] == "message"
    assert second.body["id"] == "1:1"
    assert first.card != second.card
    await teams.post(IN_PERSON, EDITED)
    assert len(teams.sent) == 2
    await teams.post(IN_PERSON, EDITED, timestamp="2027-01-12T07:21:00Z", text=QUESTION)
    assert [sent.method for sent in teams.sent] == ["POST", "PUT", "PUT"]
    assert texts(teams.sent[2].card["body"][0]) == texts(first.card["body"][0])


async def test_an_edited_question_gets_an_edited_answer_in_a_thread_and_after_a_restart(
    microsoft: Microsoft, stores: Stores
) -> None:
    async with serving(microsoft, stores, Settings()) as teams:
        await teams.post(IN_CHANNEL, MENTIONED)
    async with serving(microsoft, stores, Settings()) as teams:
        await teams.post(
            IN_CHANNEL, MENTIONED, type="messageUpdate", text="<at>Digivinkki</at> miten nauhoitan kokouksen"
        )
    assert [(sent.method, sent.conversation, sent.activity) for sent in microsoft.sent] == [
        ("POST", f"{HALL};messageid={THREAD}", "1485983408511"),
        ("PUT", f"{HALL};messageid={THREAD}", "1:1"),
    ]


async def test_an_edit_of_what_was_not_answered_is_left_alone(teams: Teams) -> None:
    before = teams.everything()
    assert await teams.post(IN_PERSON, EDITED) == (200, "")
    assert await teams.post(IN_CHANNEL, EDITED) == (200, "")
    assert teams.sent == []
    assert teams.everything() == before


async def test_an_answer_that_was_taken_away_meanwhile_does_not_make_its_conversation_unreachable(teams: Teams) -> None:
    await teams.post(IN_PERSON, SPOKEN)
    teams.microsoft.fail(404, "ActivityNotFoundInConversation")
    assert (await teams.post(IN_PERSON, EDITED))[0] == 502
    assert teams.reachable() == [PERSONAL]


async def test_an_edit_that_arrives_after_a_later_one_changes_nothing(teams: Teams) -> None:
    await teams.post(IN_PERSON, SPOKEN)
    await teams.post(IN_PERSON, EDITED, timestamp="2027-01-12T07:20:00.4862211Z")
    for earlier in ("2027-01-12T07:20:00.48Z", "2027-01-12T07:20:00Z", "2027-01-12T09:19:00+02:00", "soon", None):
        assert await teams.post(IN_PERSON, EDITED, timestamp=earlier, text=QUESTION) == (200, "")
    assert [sent.method for sent in teams.sent] == ["POST", "PUT"]
    await teams.post(IN_PERSON, EDITED, timestamp="2027-01-12T07:20:00.49Z", text=QUESTION)
    assert [sent.method for sent in teams.sent] == ["POST", "PUT", "PUT"]


async def test_an_edit_that_could_not_be_sent_may_come_again(teams: Teams) -> None:
    await teams.post(IN_PERSON, SPOKEN)
    teams.microsoft.fail(400, "BadSyntax")
    assert (await teams.post(IN_PERSON, EDITED))[0] == 502
    assert (await teams.post(IN_PERSON, EDITED))[0] == 200
    assert [sent.method for sent in teams.sent] == ["POST", "PUT"]


async def test_a_pressed_button_returns_a_card_and_feedback_is_stored(teams: Teams) -> None:
    await teams.post(IN_PERSON, SPOKEN)
    data = first_button(teams.sent[0].card, "feedback")
    value = {**EXECUTED["value"], "action": {**EXECUTED["value"]["action"], "data": data}}  # type: ignore[dict-item]
    status, answer = await teams.post(IN_PERSON, EXECUTED, value=value)
    assert status == 200
    assert (answer["statusCode"], answer["type"]) == (200, "application/vnd.microsoft.card.adaptive")
    assert say("fi", "thanks_helped") in texts(answer["value"])
    assert texts(teams.sent[0].card["body"][0]) in texts(answer["value"])
    assert [(row["tip"], row["helped"]) for row in teams.rows("feedback")] == [(TIP, 1)]
    assert len(teams.sent) == 1


async def test_a_second_press_by_the_same_person_replaces_the_first_and_another_person_counts_too(teams: Teams) -> None:
    await teams.post(IN_CHANNEL, MENTIONED)
    for person, helped in [("a", "yes"), ("a", "no"), ("b", "yes")]:
        values = {"tip": TIP, "helped": helped, "question": "1", "lang": "fi"}
        value = {"action": {"data": {"digivinkki": {"name": "feedback", "values": values}}}}
        await teams.post(IN_CHANNEL, EXECUTED, value=value, **{"from": {"id": f"29:{person}"}})
    assert sorted(row["helped"] for row in teams.rows("feedback")) == [0, 1]


@pytest.mark.parametrize("place", [IN_PERSON, IN_GROUP, IN_CHANNEL])
async def test_a_client_that_submits_instead_of_executing_gets_a_message(teams: Teams, place: dict[str, Any]) -> None:
    data = {"digivinkki": {"name": "tip", "values": {"tip": TIP, "lang": "sv"}}}
    await teams.post(place, type="message", value=data)
    (sent,) = teams.sent
    assert sent.conversation == place["conversation"]["id"]
    assert sent.card["lang"] == "sv"


def executing(data: object) -> dict[str, Any]:
    return {**EXECUTED, "value": {"action": {"type": "Action.Execute", "data": data}, "trigger": "manual"}}


def pressing(name: object, values: object) -> dict[str, Any]:
    return executing({"digivinkki": {"name": name, "values": values}})


CHANGED = [
    pressing("feedback", {"tip": TIP, "helped": "maybe", "question": "1"}),
    pressing("feedback", {"tip": "no-such-tip", "helped": "yes", "question": "1"}),
    pressing("feedback", {"tip": TIP, "helped": "yes", "question": "999"}),
    pressing("feedback", {"tip": TIP, "helped": "yes", "question": "1 or 1=1"}),
    pressing("feedback", {"tip": TIP, "helped": "yes", "question": "9" * 400}),
    pressing("feedback", {"tip": TIP, "helped": "yes", "question": 1}),
    pressing("feedback", {}),
    pressing("feedback", None),
    pressing("tip", {"tip": "no-such-tip"}),
    pressing("theme", {"theme": "no-such-theme"}),
    pressing("no such action", {}),
    pressing("", {}),
    pressing(None, {}),
    pressing(["feedback"], {}),
    executing(None),
    executing("text"),
    executing([]),
    executing({"digivinkki": "text"}),
    executing({"other": {"name": "tip", "values": {"tip": TIP}}}),
    {**EXECUTED, "value": {"action": None}},
    {**EXECUTED, "value": {}},
    {**EXECUTED, "value": None},
    {**EXECUTED, "value": "text"},
    {**EXECUTED, "value": [EXECUTED["value"]]},
]


@pytest.mark.parametrize("pressed", CHANGED)
async def test_a_changed_payload_or_outdated_card_gets_a_polite_note_and_nothing_is_stored(
    teams: Teams, pressed: dict[str, Any]
) -> None:
    await teams.post(IN_PERSON, SPOKEN)
    before = teams.everything()
    status, answer = await teams.post(IN_PERSON, pressed)
    assert status == 200
    assert (answer["statusCode"], answer["type"]) == (200, "application/vnd.microsoft.activity.message")
    assert answer["value"] in (say("fi", "outdated_button"), say("fi", "gone"))
    assert teams.everything() == before
    assert len(teams.sent) == 1


@pytest.mark.parametrize("value", [{}, "text", 5, [], {"digivinkki": 1}, {"digivinkki": {"name": "x", "values": {}}}])
async def test_a_changed_submit_gets_a_polite_message_and_nothing_is_stored(teams: Teams, value: object) -> None:
    before = [teams.rows(table) for table in ("questions", "feedback", "people", "dialogs", "facts")]
    assert (await teams.post(IN_PERSON, type="message", value=value))[0] == 200
    assert texts(teams.sent[0].card).strip() == say("fi", "outdated_button")
    assert [teams.rows(table) for table in ("questions", "feedback", "people", "dialogs", "facts")] == before


async def test_a_note_is_in_the_reader_s_language(teams: Teams) -> None:
    _, answer = await teams.post(IN_PERSON, executing(None), locale="sv-FI")
    assert answer["value"] == say("sv", "outdated_button")


@pytest.mark.parametrize(
    ("place", "pressed", "answered"),
    [
        (IN_PERSON, pressing("setup", {"step": "start", "lang": "fi"}), "setup_not_it"),
        (IN_CHANNEL, pressing("setup", {"step": "start", "lang": "fi"}), "privately"),
        (IN_CHANNEL, pressing("delete", {"answer": "yes", "lang": "fi"}), "privately"),
    ],
)
async def test_whoever_may_not_press_is_told_so_and_nothing_changes(
    teams: Teams, place: dict[str, Any], pressed: dict[str, Any], answered: str
) -> None:
    teams.stores.people.give_role("teams:boss", IT, NOW)
    before = teams.everything()
    _, answer = await teams.post(place, pressed)
    shown = answer["value"] if isinstance(answer["value"], str) else texts(answer["value"])
    assert shown.strip() == say("fi", answered)
    assert teams.everything() == before


async def test_it_may_press_in_private(teams: Teams) -> None:
    teams.stores.people.give_role(f"teams:{BASE['from']['aadObjectId']}", IT, NOW)
    _, answer = await teams.post(IN_PERSON, pressing("setup", {"step": "start", "lang": "fi"}))
    assert answer["type"] == "application/vnd.microsoft.card.adaptive"
    assert len(teams.rows("dialogs")) == 1


async def test_the_message_extension_finds_tips_to_insert(teams: Teams) -> None:
    before = teams.everything()
    status, answer = await teams.post(IN_CHANNEL, SEARCHED)
    assert status == 200
    extension = answer["composeExtension"]
    assert (extension["type"], extension["attachmentLayout"]) == ("result", "list")
    assert 0 < len(extension["attachments"]) <= 8
    for attachment in extension["attachments"]:
        assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
        assert attachment["preview"]["contentType"] == "application/vnd.microsoft.card.thumbnail"
        assert list(buttons(attachment["content"])) == []
    assert "salasana" in extension["attachments"][0]["preview"]["content"]["title"].lower()
    assert teams.sent == []
    assert teams.everything() == before


def searching(*parameters: object, **more: object) -> dict[str, Any]:
    return {"commandId": "searchCmd", "parameters": list(parameters), **more}


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (searching({"name": "initialRun", "value": "true"}), True),
        (searching({"name": "searchKeywords", "value": ""}), True),
        (searching({"name": "searchKeywords", "value": "xyzzy"}), True),
        (searching(), True),
        (searching({"name": "searchKeywords", "value": 5}, None, "x"), True),
        ({}, True),
        (None, True),
        ("text", True),
        ({"parameters": "text", "queryOptions": "text"}, True),
        (searching({"name": "searchKeywords", "value": "salasana"}, queryOptions={"skip": 25, "count": 25}), False),
    ],
)
async def test_the_message_extension_shows_tips_before_anything_is_typed_but_no_second_page(
    teams: Teams, value: object, found: bool
) -> None:
    status, answer = await teams.post(IN_CHANNEL, SEARCHED, value=value)
    assert status == 200
    assert bool(answer["composeExtension"]["attachments"]) is found


async def test_opening_the_message_extension_searches_for_nothing(teams: Teams) -> None:
    _, opened = await teams.post(IN_CHANNEL, SEARCHED, value=searching({"name": "initialRun", "value": "true"}))
    _, nothing = await teams.post(IN_CHANNEL, SEARCHED, value=searching({"name": "searchKeywords", "value": ""}))
    assert opened == nothing


@pytest.mark.parametrize(("locale", "language"), [("sv-FI", "sv"), ("en-GB", "en"), (None, "fi")])
async def test_the_message_extension_answers_in_the_reader_s_language(
    teams: Teams, locale: str | None, language: str
) -> None:
    _, answer = await teams.post(IN_CHANNEL, SEARCHED, locale=locale, value={})
    assert {each["content"]["lang"] for each in answer["composeExtension"]["attachments"]} == {language}


@pytest.mark.parametrize("place", [IN_PERSON, IN_GROUP, IN_TEAM], ids=["personal", "group", "team"])
async def test_where_the_bot_is_added_it_says_welcome_once_and_remembers_the_place(
    teams: Teams, place: dict[str, Any]
) -> None:
    for event in (INSTALLED, BOT_ADDED, INSTALLED, {**INSTALLED, "action": "add-upgrade"}):
        assert await teams.post(place, event) == (200, "")
    (sent,) = teams.sent
    assert sent.conversation == place["conversation"]["id"]
    note = "welcome_personal" if place is IN_PERSON else "welcome_shared"
    assert say("fi", note) in texts(sent.card)
    (kept,) = teams.stores.conversations.all()
    assert (kept.id, kept.address) == (place["conversation"]["id"], teams.microsoft.service)
    assert (kept.tenant, kept.bot) == ("t1", BOT)
    assert kept.team == (TEAM if place is IN_TEAM else "")


async def test_the_two_events_of_an_installation_at_the_same_time_make_one_welcome(teams: Teams) -> None:
    await asyncio.gather(*(teams.post(IN_TEAM, event) for event in (INSTALLED, BOT_ADDED) * 3))
    assert len(teams.sent) == 1


async def test_the_welcome_is_in_the_language_of_the_client_where_that_is_told(teams: Teams) -> None:
    await teams.post(IN_PERSON, INSTALLED, locale="sv-FI")
    assert teams.sent[0].card["lang"] == "sv"


async def test_a_welcome_that_could_not_be_sent_is_said_when_the_event_comes_again(teams: Teams) -> None:
    teams.microsoft.fail(503, times=6)
    assert (await teams.post(IN_TEAM, INSTALLED))[0] == 502
    assert teams.reachable() == [HALL]
    assert (await teams.post(IN_TEAM, BOT_ADDED))[0] == 200
    assert (await teams.post(IN_TEAM, INSTALLED))[0] == 200
    assert len(teams.sent) == 1


async def test_a_welcome_that_is_owed_stays_owed_when_somebody_asks_first(teams: Teams) -> None:
    teams.microsoft.fail(503, times=6)
    assert (await teams.post(IN_PERSON, INSTALLED))[0] == 502
    await teams.post(IN_PERSON, SPOKEN)
    await teams.post(IN_PERSON, BOT_ADDED)
    await teams.post(IN_PERSON, INSTALLED)
    assert [say("fi", "welcome_personal") in texts(sent.card) for sent in teams.sent] == [False, True]


async def test_where_somebody_asked_before_the_bot_heard_that_it_was_added_nobody_is_greeted_afterwards(
    teams: Teams,
) -> None:
    await teams.post(IN_PERSON, SPOKEN)
    await teams.post(IN_PERSON, BOT_ADDED)
    assert len(teams.sent) == 1


@pytest.mark.parametrize("members", [[{"id": "29:someone"}], [], None, [None, "text", 5, {}]])
async def test_other_people_who_come_and_go_are_no_business_of_the_bot(teams: Teams, members: object) -> None:
    await teams.post(IN_TEAM, INSTALLED)
    before = teams.everything()
    for change in ("membersAdded", "membersRemoved"):
        await teams.post(TEAM_EVENT, **{change: members})
    assert teams.everything() == before
    assert len(teams.sent) == 1


@pytest.mark.parametrize("action", ["remove", "remove-upgrade"])
async def test_where_the_bot_is_removed_it_writes_no_more_and_when_it_is_back_it_says_welcome(
    teams: Teams, action: str
) -> None:
    await teams.post(IN_PERSON, INSTALLED)
    assert await teams.post(IN_PERSON, INSTALLED, action=action) == (200, "")
    assert teams.lost() == {PERSONAL: "the app was removed"}
    await teams.post(IN_PERSON, INSTALLED)
    assert teams.reachable() == [PERSONAL]
    assert len(teams.sent) == 2


@pytest.mark.parametrize(
    "removal",
    [{**TEAM_EVENT, "membersRemoved": [{"id": BOT}]}, {**IN_TEAM, **INSTALLED, "action": "remove"}],
    ids=["conversationUpdate", "installationUpdate"],
)
async def test_from_a_team_the_bot_is_removed_with_all_its_channels(teams: Teams, removal: dict[str, Any]) -> None:
    await two_channels_and_a_person(teams)
    await teams.post(removal)
    assert teams.reachable() == [PERSONAL]


async def test_a_channel_that_shuts_the_bot_out_takes_no_other_with_it(teams: Teams) -> None:
    await two_channels_and_a_person(teams)
    data = {**IN_TEAM["channelData"], "eventType": "channelMemberRemoved"}
    await teams.post(IN_TEAM, type="conversationUpdate", membersRemoved=[{"id": BOT}], channelData=data)
    assert teams.lost() == {HALL: "the bot was removed"}


async def two_channels_and_a_person(teams: Teams) -> None:
    await teams.post(IN_TEAM, INSTALLED)
    kitchen = {
        **IN_CHANNEL,
        "conversation": {**IN_CHANNEL["conversation"], "id": "19:kitchen@thread.tacv2;messageid=5"},
    }
    await teams.post(kitchen, MENTIONED)
    await teams.post(IN_PERSON, INSTALLED)


def happened(event: str, channel: str | None = None) -> dict[str, Any]:
    data = {"team": {"id": TEAM}, "eventType": event, "tenant": {"id": "t1"}}
    return {**TEAM_EVENT, "channelData": data | ({"channel": {"id": channel, "name": "x"}} if channel else {})}


async def test_a_deleted_channel_is_unreachable_and_its_team_is_not_until_it_is_restored(teams: Teams) -> None:
    await two_channels_and_a_person(teams)
    await teams.post(happened("channelDeleted", "19:kitchen@thread.tacv2"))
    assert teams.lost() == {"19:kitchen@thread.tacv2": "channelDeleted"}
    await teams.post(happened("channelRestored", "19:kitchen@thread.tacv2"))
    assert teams.lost() == {}


@pytest.mark.parametrize(("gone", "back"), [("teamDeleted", "teamRestored"), ("teamArchived", "teamUnarchived")])
async def test_a_deleted_or_archived_team_is_unreachable_until_it_is_back(teams: Teams, gone: str, back: str) -> None:
    await two_channels_and_a_person(teams)
    await teams.post(happened(gone))
    assert teams.lost() == {HALL: gone, "19:kitchen@thread.tacv2": gone}
    await teams.post(happened(back, TEAM))
    assert teams.lost() == {}
    assert len(teams.sent) == 3


@pytest.mark.parametrize("event", ["channelCreated", "channelRenamed", "teamRenamed", "somethingNew", "", None, 5, {}])
async def test_other_events_of_teams_change_nothing(teams: Teams, event: Any) -> None:
    await two_channels_and_a_person(teams)
    before = teams.everything()
    assert (await teams.post(happened(event, "19:kitchen@thread.tacv2")))[0] == 200
    assert teams.everything() == before


@pytest.mark.parametrize(
    "activity",
    [
        SAMPLES["typing"],
        SAMPLES["reacted"],
        SAMPLES["deleted"],
        SAMPLES["end"],
        SAMPLES["meeting"],
        {**SAMPLES["meeting"], "value": "text"},
        {**SAMPLES["meeting"], "name": "application/vnd.microsoft.meetingEnd", "value": None},
        {**SAMPLES["meeting"], "name": "application/vnd.microsoft.meetingParticipantJoin", "value": {"members": 5}},
        {**SAMPLES["meeting"], "name": "application/vnd.microsoft.readReceipt", "value": []},
        {**SAMPLES["meeting"], "name": "tokens/response"},
        {**IN_PERSON, "type": "somethingNew"},
        {**IN_PERSON, "type": "trace"},
        {**IN_PERSON, "type": "invokeResponse"},
        {**IN_PERSON, **INSTALLED, "action": "somethingNew"},
        {**IN_PERSON, **INSTALLED, "action": None},
        {**IN_PERSON, **EXECUTED, "name": "somethingNew"},
        {**IN_PERSON, **EXECUTED, "name": None},
        {**IN_PERSON, **EXECUTED, "name": "signin/verifyState", "value": {"state": "1"}},
        {**IN_PERSON, **EXECUTED, "name": "composeExtension/selectItem"},
        {**IN_PERSON, **EXECUTED, "name": "fileConsent/invoke", "value": {"action": "accept"}},
    ],
    ids=lambda activity: f"{activity['type']} {activity.get('name') or activity.get('action') or ''}",
)
async def test_an_unknown_activity_with_a_good_token_is_acknowledged_and_ignored(
    signed_teams: Teams, activity: dict[str, Any]
) -> None:
    before = signed_teams.everything()
    status, answer = await signed_teams.post(activity)
    assert status == 200
    assert answer in ("", {})
    assert signed_teams.sent == []
    assert signed_teams.everything() == before
    assert await signed_teams.failures() == 0


def without(name: str, **changes: object) -> dict[str, Any]:
    return {key: value for key, value in {**IN_PERSON, **SPOKEN, **changes}.items() if key != name}


@pytest.mark.parametrize(
    ("activity", "reason"),
    [
        ([], "the body must be a JSON object"),
        ({}, "type must be text"),
        ("text", "the body must be a JSON object"),
        (None, "the body must be a JSON object"),
        (without("type"), "type must be text"),
        (without("channelId"), "channelId must be text"),
        (without("serviceUrl"), "serviceUrl must be text"),
        (without("conversation"), "conversation must have an id"),
        (without("from"), "from must have an id"),
        (without("recipient"), "recipient must have an id"),
        (without("", type=5), "type must be text"),
        (without("", type=""), "type must be text"),
        (without("", serviceUrl="text"), "serviceUrl must be a web address"),
        (without("", serviceUrl="http://["), "serviceUrl must be a web address"),
        (without("", serviceUrl="http://127.0.0.1:99999"), "serviceUrl must be a web address"),
        (without("", serviceUrl="file:///etc/passwd"), "serviceUrl must be a web address"),
        (without("", conversation="text"), "conversation must have an id"),
        (without("", conversation={"id": 5}), "conversation must have an id"),
        (without("", conversation={"id": ""}), "conversation must have an id"),
        (without("", conversation={"id": "a", "conversationType": 5}), "conversation.conversationType must be text"),
        (without("", conversation={"id": "a", "tenantId": {}}), "conversation.tenantId must be text"),
        (without("", conversation={"id": "a", "isGroup": "perhaps"}), "conversation.isGroup must be true or false"),
        (without("", conversation={"id": "a", "isGroup": 1}), "conversation.isGroup must be true or false"),
        (without("", **{"from": {"id": "29:a", "aadObjectId": ["a"]}}), "from.aadObjectId must be text"),
        (without("", text=5), "text must be text"),
        (without("", text=["a"]), "text must be text"),
        (without("", id={}), "id must be text"),
        (without("", locale=5), "locale must be text"),
        (without("", entities="text"), "entities must be a list"),
        (without("", membersAdded={}), "membersAdded must be a list"),
        (without("", channelData="text"), "channelData must be an object"),
        (without("", timestamp=5), "timestamp must be text"),
    ],
)
async def test_a_missing_or_mistyped_field_is_refused_with_a_reason(
    teams: Teams, activity: object, reason: str
) -> None:
    before = teams.everything()
    body = json.dumps(activity).replace(SERVICE, teams.microsoft.service).encode()
    status, answer = await teams.post_body(body)
    assert status == 400
    assert answer.startswith(reason)
    assert teams.sent == []
    assert teams.everything() == before


UNREAD: dict[str, Any] = {
    "timestamp": "yesterday",
    "localTimestamp": 5,
    "expiration": "never",
    "attachments": "text",
    "suggestedActions": [],
    "semanticAction": 5,
    "importance": {},
    "callerId": 5,
    "deliveryMode": 5,
    "entities": [None, 5, {"type": 5, "mentioned": "x"}],
    "reactionsAdded": "text",
    "relatesTo": 5,
    "value": None,
}


@pytest.mark.parametrize("name", UNREAD)
async def test_a_field_that_nobody_reads_may_hold_anything(teams: Teams, name: str) -> None:
    assert await teams.post(IN_PERSON, SPOKEN, **{name: UNREAD[name]}) == (200, "")
    assert len(teams.sent) == 1


BEARER = {"Authorization": "Bearer x"}


@pytest.mark.parametrize(
    ("body", "headers", "status", "reason"),
    [
        (b"", BEARER, 400, "the body is not JSON"),
        (b"not json", BEARER, 400, "the body is not JSON"),
        (b'{"type": "message"', BEARER, 400, "the body is not JSON"),
        (b'{"type": "\xff"}', BEARER, 400, "the body is not JSON"),
        (b"[" * 200_000, BEARER, 400, "the body is not JSON"),
        (b'{"a": ' * 900 + b"5" + b"}" * 900, BEARER, 400, "type must be text"),
        (b"1" * 5_000, BEARER, 400, "the body is not JSON"),
        (b"{}", {"Content-Type": "text/plain"}, 415, "the body must be application/json"),
        (b"{}", {"Content-Type": ""}, 415, "the body must be application/json"),
        (b"{}", {"Content-Type": "application/x-www-form-urlencoded"}, 415, "the body must be application/json"),
        (b"x" * 5_000_000, {}, 413, "Maximum request body size"),
        (b'{"text": "' + b"a" * 5_000_000 + b'"}', {}, 413, "Maximum request body size"),
        (b"not gzip", {"Content-Encoding": "gzip"}, 400, "the body"),
        (b"{}", {"Content-Encoding": "gzip"}, 400, "the body"),
    ],
)
@pytest.mark.parametrize("credentials", [False, True])
async def test_a_bad_body_is_refused_with_a_reason(
    microsoft: Microsoft,
    stores: Stores,
    body: bytes,
    headers: dict[str, str],
    status: int,
    reason: str,
    credentials: bool,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with serving(microsoft, stores, microsoft.settings if credentials else Settings()) as teams:
        answered, answer = await teams.post_body(body, headers)
        assert answered == status
        assert reason in answer
        assert await teams.failures() == 0
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING] == []


async def test_a_body_without_a_content_type_is_refused(teams: Teams) -> None:
    body = json.dumps({**IN_PERSON, **SPOKEN}).replace(SERVICE, teams.microsoft.service).encode()
    response = await teams.client.post("/api/messages", data=body, skip_auto_headers=["Content-Type"])
    assert response.status == 415
    assert await response.text() == "the body must be application/json\n"
    assert teams.sent == []


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "HEAD"])
async def test_activities_are_posted(teams: Teams, method: str) -> None:
    assert (await teams.client.request(method, "/api/messages")).status == 405


@pytest.mark.parametrize(
    "service",
    [
        "https://smba.trafficmanager.net/emea/",
        "http://evil.example",
        "http://localhost.evil.example/",
        "http://127.0.0.1.evil.example/",
        "http://127.0.0.1@evil.example/",
        "http://evil.example#@127.0.0.1/",
        "http://192.168.1.1/",
        "http://0.0.0.0/",
        "http://[::]/",
    ],
)
async def test_without_credentials_a_service_url_elsewhere_is_refused(teams: Teams, service: str) -> None:
    before = teams.everything()
    status, reason = await teams.post(IN_PERSON, SPOKEN, serviceUrl=service)
    assert status == 403
    assert reason == "without credentials only a service URL on this computer is answered"
    assert teams.everything() == before


@pytest.mark.parametrize("header", ["Host", "X-Forwarded-For", "Origin"])
@pytest.mark.parametrize("value", ["evil.example", "http://["])
async def test_without_credentials_only_this_computer_is_heard(teams: Teams, header: str, value: str) -> None:
    body = json.dumps({**IN_PERSON, **SPOKEN}).replace(SERVICE, teams.microsoft.service).encode()
    status, _ = await teams.post_body(body, {header: value})
    assert status == 403
    assert teams.sent == []


BAD_TOKENS: dict[str, Callable[[str], str]] = {
    "forged": lambda service: signed("forger", {"kid": "k1"}, serviceurl=service),
    "unknown key": lambda service: signed("forger", serviceurl=service),
    "expired": lambda service: signed(exp=int(time.time()) - 400, serviceurl=service),
    "unsigned": lambda _: jwt.encode({"aud": APP}, None, algorithm="none", headers={"kid": "k1"}),
    "public key as secret": lambda _: with_public_key_as_secret(),
    "wrong audience": lambda service: signed(aud="other", serviceurl=service),
    "wrong issuer": lambda service: signed(iss="https://evil.example", serviceurl=service),
    "other service URL": lambda _: signed(serviceurl="https://smba.trafficmanager.net/emea/"),
    "no service URL": lambda _: signed(serviceurl=None),
    "other channel": lambda service: signed("directline", serviceurl=service),
    "no kid": lambda _: jwt.encode({"aud": APP}, rsa_key("k1"), algorithm="RS256"),
    "garbage": lambda _: "garbage",
    "nested header": lambda _: f"{part(b'[' * 4000)}.e30.x",
}


@pytest.mark.parametrize("name", BAD_TOKENS)
async def test_with_a_bad_token_nothing_is_done(signed_teams: Teams, name: str) -> None:
    signed_teams.microsoft.keys.append(public("directline", ["directline"]))
    await signed_teams.post(IN_TEAM, INSTALLED)
    before, sent = signed_teams.everything(), len(signed_teams.sent)
    token = BAD_TOKENS[name](signed_teams.microsoft.service)
    for sample in SAMPLES.values():
        status, reason = await signed_teams.post(sample, token=token)
        assert status == 403
        assert reason
    assert len(signed_teams.sent) == sent
    assert signed_teams.everything() == before


@pytest.mark.parametrize("header", [None, "", "Basic dTpw", "Bearer", "Bearer \udcff.\udcfe.x"])
async def test_without_a_bearer_token_nothing_is_done(microsoft: Microsoft, stores: Stores, header: str | None) -> None:
    async with serving(microsoft, stores, microsoft.settings) as teams:
        before = teams.everything()
        body = json.dumps({**IN_PERSON, **SPOKEN}).replace(SERVICE, microsoft.service)
        status = await raw_post(teams, body.encode(), header)
        assert status == (403 if bearer_in(header) else 401)
        assert teams.everything() == before
        assert await teams.failures() == 0


@pytest.mark.parametrize("body", [b"", b"not json", b"{}", b"[]", b"[" * 200_000])
@pytest.mark.parametrize("header", [None, "", "Basic dTpw", "Bearer", "Bearer "])
async def test_without_a_bearer_token_the_body_is_not_even_read_as_json(
    microsoft: Microsoft, stores: Stores, body: bytes, header: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[bytes] = []
    monkeypatch.setattr(channel, "_read", read.append)
    async with serving(microsoft, stores, microsoft.settings) as teams:
        headers = {} if header is None else {"Authorization": header}
        assert await teams.post_body(body, headers) == (401, "no bearer token")
    assert read == []


async def test_a_bad_token_is_refused_before_the_activity_is_looked_at(signed_teams: Teams) -> None:
    vouched = {"type": "message", "channelId": "msteams", "serviceUrl": SERVICE}
    assert (await signed_teams.post(vouched, token="garbage"))[0] == 403
    assert await signed_teams.post(vouched) == (400, "conversation must have an id")
    assert (await signed_teams.post(IN_PERSON, SPOKEN, entities="text", token="garbage"))[0] == 403


@pytest.mark.parametrize(("openid", "only"), [(OPENID, True), ("http://127.0.0.1:9/openid", False)])
def test_but_for_a_test_bench_the_token_goes_out_by_https_only(
    openid: str, only: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[dict[str, Any]] = []
    monkeypatch.setattr(web_teams, "Connector", lambda *_, **more: made.append(more))
    session: Any = None
    web_teams._connector(Settings(app_id=APP, openid_url=openid), session, session)
    assert made == [{"https_only": only}]


async def raw_post(teams: Teams, body: bytes, authorization: str | None) -> int:
    """Posts as no well-behaved client would: the header may hold any bytes."""
    reader, writer = await asyncio.open_connection(teams.client.host, teams.client.port)
    headers = {"Host": "localhost", "Content-Type": "application/json", "Content-Length": len(body)}
    headers |= {"Connection": "close"} | ({} if authorization is None else {"Authorization": authorization})
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    writer.write(f"POST /api/messages HTTP/1.1\r\n{head}\r\n".encode(errors="surrogateescape") + body)
    status = int((await reader.readline()).split()[1])
    writer.close()
    await writer.wait_closed()
    return status


async def test_the_token_is_looked_at_before_anything_is_read_into_a_good_looking_activity(signed_teams: Teams) -> None:
    assert (await signed_teams.post(IN_PERSON, SPOKEN))[0] == 200
    assert (await signed_teams.post(IN_PERSON, SPOKEN, id="2", serviceUrl="https://evil.example/"))[0] == 403
    assert (await signed_teams.post(IN_PERSON, SPOKEN, id="3", channelId="webchat"))[0] == 403
    assert len(signed_teams.sent) == 1


async def test_where_people_say_themselves_who_they_are_nobody_is_answered(signed_teams: Teams) -> None:
    signed_teams.microsoft.keys.append(public("directline", ["directline"]))
    token = signed("directline", serviceurl=signed_teams.microsoft.service)
    answer = await signed_teams.post(IN_PERSON, SPOKEN, token=token, channelId="directline")
    assert answer == (403, "only Teams is answered here")
    assert signed_teams.sent == []


OWN_TENANT, ANOTHER = "8d41b6f2-07ce-4a59-b3e8-6f92c5d7a014", "00000000-07ce-4a59-b3e8-6f92c5d7a014"


@pytest.mark.parametrize(
    ("own", "tenant", "foreign"),
    [
        (OWN_TENANT, OWN_TENANT.upper(), False),
        (OWN_TENANT, ANOTHER, True),
        (OWN_TENANT, None, False),  # Teams does not always tell
        ("kunta.onmicrosoft.com", ANOTHER, False),  # an activity does not tell domains
    ],
)
async def test_another_organisation_is_not_answered(
    microsoft: Microsoft, stores: Stores, own: str, tenant: str | None, foreign: bool
) -> None:
    place = {**IN_PERSON["conversation"], "tenantId": tenant}
    data = {"tenant": {"id": tenant}}
    settings, token = replace(microsoft.settings, app_tenant=own), signed(serviceurl=microsoft.service)
    async with serving(microsoft, stores, settings, token) as teams:
        answer = await teams.post(IN_PERSON, SPOKEN, conversation=place, channelData=data)
    assert answer == ((403, "another organisation's Teams") if foreign else (200, ""))
    assert len(microsoft.sent) == (not foreign)


async def test_while_nobody_can_tell_whether_tokens_are_good_nothing_is_done(
    microsoft: Microsoft, stores: Stores
) -> None:
    microsoft.keys_status = 500
    async with serving(microsoft, stores, microsoft.settings, signed(serviceurl=microsoft.service)) as teams:
        before = teams.everything()
        assert await teams.post(IN_PERSON, SPOKEN) == (503, "the signing keys cannot be fetched now; try again")
        assert teams.everything() == before
        assert await teams.failures() == 0


async def test_when_the_connector_is_down_the_caller_hears_it_and_the_event_may_come_again(
    teams: Teams, sleeper: Sleeper
) -> None:
    teams.microsoft.fail(503, times=6)
    assert await teams.post(IN_PERSON, SPOKEN) == (502, "the reply could not be sent")
    assert teams.microsoft.answers == []
    assert len(sleeper.slept) == 5
    assert teams.reachable() == [PERSONAL]
    assert await teams.post(IN_PERSON, SPOKEN) == (200, "")
    assert len(teams.sent) == 1


async def test_an_edit_whose_answer_could_not_be_changed_may_come_again(teams: Teams) -> None:
    await teams.post(IN_PERSON, SPOKEN)
    teams.microsoft.fail(503, times=6)
    assert (await teams.post(IN_PERSON, EDITED))[0] == 502
    assert (await teams.post(IN_PERSON, EDITED))[0] == 200
    assert [sent.method for sent in teams.sent] == ["POST", "PUT"]


async def test_a_flood_of_sends_keeps_nobody_from_keys_and_tokens(
    microsoft: Microsoft, stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web_teams, "_SENDS", 2)
    microsoft.expires_in, microsoft.gate = 0, asyncio.Event()  # each send needs a token, and none is answered
    async with serving(microsoft, stores, microsoft.settings, signed(serviceurl=microsoft.service)) as teams:
        posting = [asyncio.create_task(teams.post(IN_PERSON, SPOKEN, id=str(number))) for number in range(2)]
        await until(lambda: microsoft.waiting == 2)
        logins = microsoft.logins
        posting.append(asyncio.create_task(teams.post(IN_PERSON, SPOKEN, id="2")))
        await until(lambda: microsoft.logins > logins)
        assert microsoft.waiting == 2
        microsoft.gate.set()
        assert await asyncio.gather(*posting) == [(200, "")] * 3


async def test_a_short_outage_of_the_connector_is_not_noticed(teams: Teams) -> None:
    teams.microsoft.fail(429, times=3)
    assert await teams.post(IN_PERSON, SPOKEN) == (200, "")
    assert len(teams.sent) == 1


@pytest.mark.parametrize(
    ("status", "code"),
    [(403, "BotNotInConversationRoster"), (403, "ConversationBlockedByUser"), (404, "ConversationNotFound")],
)
async def test_a_conversation_that_is_gone_is_marked_and_not_tried_for_ever(
    teams: Teams, status: int, code: str, sleeper: Sleeper
) -> None:
    teams.microsoft.fail(status, code)
    assert await teams.post(IN_PERSON, SPOKEN) == (200, "")
    assert teams.lost() == {PERSONAL: f"{status} {code}"}
    assert sleeper.slept == []
    await teams.post(IN_PERSON, SPOKEN)
    assert teams.sent == []
    await teams.post(IN_PERSON, SPOKEN, id="2")
    assert teams.reachable() == [PERSONAL]


async def test_replies_asked_for_in_the_answer_go_out_by_the_connector_all_the_same(teams: Teams) -> None:
    assert await teams.post(IN_PERSON, SPOKEN, deliveryMode="expectReplies") == (200, "")
    assert len(teams.sent) == 1
    assert (await teams.post(IN_PERSON, EXECUTED, deliveryMode="expectReplies"))[0] == 200


async def test_half_an_emoji_harms_nobody(teams: Teams) -> None:
    activity = {**IN_PERSON, **SPOKEN, "text": f"{QUESTION} \ud83d", "id": "\ud83d1"}
    activity["conversation"] = {"conversationType": "personal", "id": "a:\udc00"}
    assert (await teams.post(activity))[0] == 200
    assert teams.sent[0].conversation == "a:\ufffd"
    assert [row["text"] for row in teams.rows("questions")] == [f"{QUESTION} \ufffd"]


async def test_a_whole_emoji_stays_whole(teams: Teams) -> None:
    await teams.post(IN_PERSON, SPOKEN, text=f"{QUESTION} 😀")
    assert [row["text"] for row in teams.rows("questions")] == [f"{QUESTION} 😀"]


def slowed(call: Callable[..., Any], gate: asyncio.Event) -> Callable[..., Awaitable[Any]]:
    async def slow(*arguments: Any) -> Any:
        await gate.wait()
        return await call(*arguments)

    return slow


async def test_only_where_an_answer_takes_long_typing_is_shown_first(
    teams: Teams, monkeypatch: pytest.MonkeyPatch
) -> None:
    await teams.post(IN_PERSON, SPOKEN)
    assert [sent.body["type"] for sent in teams.sent] == ["message"]
    desk, gate = teams.client.app[DESK], asyncio.Event()
    monkeypatch.setattr(handler, "_TYPING_AFTER", 0.01)
    monkeypatch.setattr(desk, "respond_once", slowed(desk.respond_once, gate))
    posting = asyncio.create_task(teams.post(IN_PERSON, SPOKEN, id="2"))
    await until(lambda: len(teams.sent) == 2)
    gate.set()
    assert (await posting)[0] == 200
    assert [sent.body["type"] for sent in teams.sent] == ["message", "typing", "message"]


async def test_the_answer_comes_also_where_typing_cannot_be_shown(
    teams: Teams, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, gate = teams.client.app[DESK], asyncio.Event()
    monkeypatch.setattr(handler, "_TYPING_AFTER", 0.01)
    monkeypatch.setattr(desk, "respond_once", slowed(desk.respond_once, gate))
    teams.microsoft.fail(400, "BadSyntax")
    posting = asyncio.create_task(teams.post(IN_PERSON, SPOKEN))
    await until(lambda: not teams.microsoft.answers)
    gate.set()
    assert (await posting)[0] == 200
    assert [sent.body["type"] for sent in teams.sent] == ["message"]


async def test_what_takes_too_long_for_teams_is_accepted_and_answered_later(
    teams: Teams, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, gate = teams.client.app[DESK], asyncio.Event()
    monkeypatch.setattr(channel, "_ANSWER_WITHIN", 0.05)
    monkeypatch.setattr(desk, "respond_once", slowed(desk.respond_once, gate))
    assert await teams.post(IN_PERSON, SPOKEN) == (202, "")
    gate.set()
    await until(lambda: len(teams.sent) == 1)


async def test_a_failure_after_that_is_noted(teams: Teams, monkeypatch: pytest.MonkeyPatch) -> None:
    gate = asyncio.Event()

    async def fail(*_: object) -> None:
        raise ZeroDivisionError

    desk = teams.client.app[DESK]
    monkeypatch.setattr(channel, "_ANSWER_WITHIN", 0.05)
    monkeypatch.setattr(desk, "respond_once", slowed(fail, gate))
    assert await teams.post(IN_PERSON, SPOKEN) == (202, "")
    assert await teams.failures() == 0
    gate.set()
    for _ in range(100):
        await asyncio.sleep(0.01)
        if await teams.failures():
            break
    assert await teams.failures() == 1


async def test_a_reply_that_cannot_be_sent_after_that_is_noted(teams: Teams, monkeypatch: pytest.MonkeyPatch) -> None:
    desk, gate = teams.client.app[DESK], asyncio.Event()
    monkeypatch.setattr(channel, "_ANSWER_WITHIN", 0.05)
    monkeypatch.setattr(desk, "respond_once", slowed(desk.respond_once, gate))
    teams.microsoft.fail(503, times=6)
    with capture_logs() as logged:
        assert await teams.post(IN_PERSON, SPOKEN) == (202, "")
        gate.set()
        await until(lambda: any(entry["event"] == "failed" for entry in logged))
    assert await teams.failures() == 1
    await until(lambda: teams.rows("events") == [])
    assert await teams.post(IN_PERSON, SPOKEN) == (200, "")
    assert len(teams.sent) == 1


@pytest.mark.parametrize(("locale", "language"), [("fi-FI", "fi"), ("sv-FI", "sv"), ("en-GB", "en"), (None, "fi")])
async def test_where_an_answer_cannot_be_made_the_asker_is_told_so_and_the_event_may_come_again(
    teams: Teams, monkeypatch: pytest.MonkeyPatch, locale: str | None, language: Language
) -> None:
    desk = teams.client.app[DESK]
    with monkeypatch.context() as broken:
        broken.setattr(desk.assistant, "respond", failing)
        status, answer = await teams.post(IN_CHANNEL, MENTIONED, locale=locale)
    assert (status, answer) == (500, "something went wrong here; it has been noted\n")
    (sent,) = teams.sent
    assert (sent.conversation, sent.activity) == (IN_CHANNEL["conversation"]["id"], BASE["id"])
    assert texts(sent.card).strip() == sent.body["summary"] == say(language, "sorry_failed")
    assert teams.rows("events") == []
    assert await teams.post(IN_CHANNEL, MENTIONED) == (200, "")
    assert len(teams.sent) == 2


async def test_an_apology_that_cannot_be_sent_either_hides_nothing(
    teams: Teams, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(teams.client.app[DESK].assistant, "respond", failing)
    teams.microsoft.fail(503, times=6)
    assert (await teams.post(IN_PERSON, SPOKEN))[0] == 500
    assert teams.sent == []
    assert await teams.failures() == 1


async def test_nobody_hears_an_apology_for_a_press_or_for_what_was_not_said_to_the_bot(
    teams: Teams, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(teams.client.app[DESK].assistant, "respond", failing)
    assert (await teams.post(IN_CHANNEL, SPOKEN))[0] == 200
    assert (await teams.post(IN_PERSON, EXECUTED))[0] == 500
    assert teams.sent == []


def failing(*_: object) -> Any:
    raise ZeroDivisionError


async def test_typing_is_tried_once_and_nobody_waits_for_it(
    teams: Teams, monkeypatch: pytest.MonkeyPatch, sleeper: Sleeper
) -> None:
    desk, gate = teams.client.app[DESK], asyncio.Event()
    monkeypatch.setattr(handler, "_TYPING_AFTER", 0.01)
    monkeypatch.setattr(desk, "respond_once", slowed(desk.respond_once, gate))
    teams.microsoft.fail(503)
    posting = asyncio.create_task(teams.post(IN_PERSON, SPOKEN))
    await until(lambda: not teams.microsoft.answers)
    gate.set()
    assert (await posting)[0] == 200
    assert [sent.body["type"] for sent in teams.sent] == ["message"]
    assert sleeper.slept == []


async def test_typing_that_hangs_does_not_keep_the_answer_back(teams: Teams, monkeypatch: pytest.MonkeyPatch) -> None:
    desk, gate, began = teams.client.app[DESK], asyncio.Event(), asyncio.Event()

    async def hang(_: object) -> None:
        began.set()
        await asyncio.sleep(60)

    monkeypatch.setattr(handler, "_TYPING_AFTER", 0.01)
    monkeypatch.setattr(handler, "_type", hang)
    monkeypatch.setattr(desk, "respond_once", slowed(desk.respond_once, gate))
    posting = asyncio.create_task(teams.post(IN_PERSON, SPOKEN))
    await began.wait()
    gate.set()
    assert await asyncio.wait_for(posting, 5) == (200, "")
    assert [sent.body["type"] for sent in teams.sent] == ["message"]


async def test_an_edit_that_comes_while_the_question_is_being_answered_waits_for_that(
    teams: Teams, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conversing, "_STEP", 0.01)
    desk, gate = teams.client.app[DESK], asyncio.Event()
    monkeypatch.setattr(teams.microsoft, "gate", gate)
    asking = asyncio.create_task(teams.post(IN_PERSON, SPOKEN))
    await until(lambda: teams.microsoft.waiting == 1)
    editing = asyncio.create_task(teams.post(IN_PERSON, EDITED))
    await desk.run(lambda: None)
    assert not editing.done()
    gate.set()
    assert await asking == await editing == (200, "")
    assert [sent.method for sent in teams.sent] == ["POST", "PUT"]


async def test_where_a_404_says_nothing_the_conversation_is_not_lost(teams: Teams) -> None:
    teams.microsoft.answers.append(web.Response(status=404, text="<html>no such page"))
    assert await teams.post(IN_PERSON, SPOKEN) == (502, "the reply could not be sent")
    assert teams.reachable() == [PERSONAL]


async def test_what_is_not_done_when_the_server_stops_may_come_again(
    microsoft: Microsoft, stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(channel, "_ANSWER_WITHIN", 0.05)
    monkeypatch.setattr(running, "_FINISH_WITHIN", 0.05)
    monkeypatch.setattr(web_teams, "Connector", partial(Connector, sleep=lambda _: asyncio.sleep(60)))
    microsoft.fail(503)
    async with serving(microsoft, stores, Settings()) as teams:
        assert await teams.post(IN_PERSON, SPOKEN) == (202, "")
    assert [row["key"] for row in stores.database.table("events").rows] == []


async def test_a_database_that_cannot_be_written_keeps_nobody_from_an_answer(teams: Teams) -> None:
    # In the database's own thread: the server may be reading just now.
    await teams.client.app[DESK].run(lambda: teams.stores.database.execute("drop table events"))
    assert (await teams.post(IN_PERSON, SPOKEN))[0] == 200
    assert len(teams.sent) == 1


async def until(done: Callable[[], bool]) -> None:
    for _ in range(400):
        if done():
            return
        await asyncio.sleep(0.005)
    raise AssertionError("it did not happen")


def nested(depth: int) -> Any:
    made: Any = "x"
    for _ in range(depth):
        made = [made] if depth % 2 else {"a": made}
    return made


EXAMPLES = int(os.environ.get("DIGIVINKKI_FUZZ", "300"))
any_text = st.text(st.characters(exclude_categories=()), max_size=12)
halves = st.sampled_from(["\ud83d", "a\udc00b", "\ud83d\ude00"])
scalars = halves | st.none() | st.booleans() | st.integers() | st.floats() | any_text | st.just("9" * 5000)
junk = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(any_text | st.sampled_from(["id", "type", "digivinkki", "name", "values", "text"]), inner)
    ),
    max_leaves=8,
) | st.integers(1, 400).map(nested)
tokens = st.sampled_from(
    ["id", "type", "text", "value", "channelData", "entities", "deliveryMode", "attachments", "😀"]
)


def places(data: Any) -> Iterator[tuple[Any, Any]]:
    """Every place in the data: what holds it and under which key."""
    keys = data.keys() if isinstance(data, dict) else range(len(data)) if isinstance(data, list) else ()
    for key in keys:
        yield data, key
        yield from places(data[key])


@st.composite
def broken(draw: st.DrawFn) -> dict[str, Any]:
    """A documented sample with up to four fields removed, mistyped, filled with junk or added."""
    activity: dict[str, Any] = copy.deepcopy(draw(st.sampled_from(list(SAMPLES.values()))))
    activity["id"] = draw(st.sampled_from(["1485983408511", "2", "3"]))
    for _ in range(draw(st.integers(0, 4))):
        where = list(places(activity))
        holder, key = where[draw(st.integers(0, len(where) - 1))] if where else (activity, "type")
        match draw(st.sampled_from(["remove", "replace", "text", "add"])):
            case "remove" if isinstance(holder, dict):
                holder.pop(key, None)
            case "text":
                holder[key] = draw(
                    any_text | halves | st.sampled_from([TIP, QUESTION, "add", "remove", "message", BOT, "1"])
                )
            case "add" if isinstance(holder, dict):
                holder[draw(tokens | any_text)] = draw(junk)
            case _:
                holder[key] = draw(junk)
    return activity


@pytest.mark.parametrize("credentials", [True, False], ids=["signed", "local"])
def test_fuzzed_activities_never_make_the_server_fail(
    stores: Stores, caplog: pytest.LogCaptureFixture, credentials: bool
) -> None:
    """`DIGIVINKKI_FUZZ=10000` runs ten thousand."""
    statuses: dict[int, int] = {}
    with asyncio.Runner() as runner, capture_logs() as logged, caplog.at_level(logging.WARNING):
        stack, teams = runner.run(opened(stores, credentials=credentials))

        @settings(max_examples=EXAMPLES // 2, suppress_health_check=list(HealthCheck))
        @given(activity=broken())
        def posted(activity: dict[str, Any]) -> None:
            status, answer = runner.run(teams.post(activity))
            assert status < 500, answer
            assert status == 200 or answer
            statuses[status] = statuses.get(status, 0) + 1

        posted()
        assert runner.run(teams.failures()) == 0
        runner.run(stack.aclose())
    assert [entry for entry in logged if entry["log_level"] == "error"] == []
    assert [record.getMessage() for record in caplog.records if record.name != "aiohttp.access"] == []
    assert statuses.keys() <= {200, 400, 403}
    assert statuses[200] > EXAMPLES / 10


async def opened(stores: Stores, *, credentials: bool) -> tuple[AsyncExitStack, Teams]:
    stack, microsoft = AsyncExitStack(), Microsoft()
    server = await stack.enter_async_context(TestServer(microsoft.application()))
    microsoft.url = str(server.make_url("")).rstrip("/")
    token = signed(serviceurl=microsoft.service) if credentials else None
    settings = microsoft.settings if credentials else Settings()
    return stack, await stack.enter_async_context(serving(microsoft, stores, settings, token))


# Dialogs (learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/task-modules/task-modules-bots)

SESSION = {"digivinkki": {"name": "session", "values": {"theme": "passwords", "run": "own", "do": "open", "at": "0"}}}
FETCHED = {
    "type": "invoke",
    "name": "task/fetch",
    "replyToId": "1:post",
    "value": {
        "data": {"msteams": {"type": "task/fetch"}, **SESSION},
        "context": {"theme": "default"},
        "tabContext": {"tabEntityId": "x"},
    },
}


def submitted(data: object) -> dict[str, Any]:
    """A press in the dialog."""
    return {**FETCHED, "name": "task/submit", "value": {"data": data, "context": {"theme": "default"}}}


def submits(card: Any) -> list[dict[str, Any]]:
    """The actions of a dialog's card; it holds no Action.Execute, which no dialog knows."""
    found = [part for part in elements(card) if part["type"].startswith("Action.")]
    assert {part["type"] for part in found} <= {"Action.Submit", "Action.OpenUrl"}
    return [part for part in found if part["type"] == "Action.Submit"]


def shown(answer: dict[str, Any]) -> dict[str, Any]:
    """The card that the dialog shows; the schema takes it."""
    task = answer["task"]
    assert (answer.keys(), task["type"]) == ({"task"}, "continue")
    assert task["value"].keys() == {"title", "height", "width", "card"}
    assert task["value"]["height"] in ("small", "medium", "large")
    assert task["value"]["card"]["contentType"] == "application/vnd.microsoft.card.adaptive"
    card: dict[str, Any] = task["value"]["card"]["content"]
    assert faults(card) == []
    return card


async def test_a_dialog_leads_one_person_through_a_session_and_the_channel_sees_nothing(signed_teams: Teams) -> None:
    status, answer = await signed_teams.post(IN_CHANNEL, FETCHED)
    assert (status, answer["task"]["value"]["title"]) == (200, "Digiturvavartti")
    titles = []
    for _ in range(14):
        card = shown(answer)
        pressed = next(action for action in submits(card) if "back" not in str(action["data"]))
        if "again" in str(submits(card)[-1]["data"]):
            break
        titles.append(pressed["title"])
        status, answer = await signed_teams.post(IN_CHANNEL, submitted(pressed["data"]))
        assert status == 200
    assert (titles[0], titles[-1]) == ("Aloita", "Valmis")
    assert "**Tehty: Salasanat kuntoon vartissa**" in texts(card)
    status, answer = await signed_teams.post(IN_CHANNEL, submitted(submits(card)[0]["data"]))
    assert "salasana" in texts(shown(answer)).lower()
    assert signed_teams.sent == []
    [row] = signed_teams.rows("progress")
    assert row["finished"]
    assert "7faf8ab2" not in str(row)


async def test_in_a_private_chat_the_card_is_replaced_in_place(teams: Teams) -> None:
    await teams.post(IN_PERSON, SPOKEN, text="digiturvavartti salasanat")
    data = first_button(teams.sent[0].card, "session")
    value = {**EXECUTED["value"], "action": {"type": "Action.Execute", "verb": "session", "data": data}}  # type: ignore[dict-item]
    _, answer = await teams.post(IN_PERSON, EXECUTED, value=value)
    assert answer["type"] == "application/vnd.microsoft.card.adaptive"
    assert "1/9" in texts(answer["value"])
    assert len(teams.sent) == 1


async def test_in_a_channel_the_button_of_a_session_opens_a_dialog(teams: Teams) -> None:
    await teams.post(IN_CHANNEL, MENTIONED, text="<at>Digivinkki</at> digiturvavartti salasanat")
    card = teams.sent[0].card
    assert faults(card) == []
    [button] = submits(card)
    assert button["data"]["msteams"] == {"type": "task/fetch"}
    _, answer = await teams.post(IN_CHANNEL, FETCHED, value={"data": button["data"], "context": {}})
    assert "Aloita" in texts(shown(answer))


async def test_where_a_client_opens_no_dialog_the_channel_gets_a_polite_word_only(teams: Teams) -> None:
    pressed = {"type": "message", "value": FETCHED["value"]["data"]}  # type: ignore[index]
    assert (await teams.post(IN_CHANNEL, pressed))[0] == 200
    assert "Kirjoita minulle yksityisesti **digiturvavartti Salasanat**" in texts(teams.sent[0].card)
    assert teams.rows("progress") == []


@pytest.mark.parametrize(
    "value",
    [
        None,
        "text",
        [],
        {},
        {"data": None},
        {"data": "text"},
        {"data": {"msteams": {"type": "task/fetch"}}},
        {"data": {"digivinkki": {"name": "session", "values": {"theme": "no-such", "run": "own", "at": "0"}}}},
        {"data": {"digivinkki": {"name": "session", "values": {"theme": ["passwords"], "run": {}}}}},
        {"data": {"digivinkki": {"name": "no-such", "values": {}}}},
    ],
)
@pytest.mark.parametrize("name", ["task/fetch", "task/submit"])
async def test_a_dialog_of_something_else_ends_with_a_polite_line(teams: Teams, name: str, value: object) -> None:
    before = teams.everything()
    status, answer = await teams.post(IN_CHANNEL, FETCHED, name=name, value=value)
    expected = {"task": {"type": "message", "value": say("fi", "outdated_button")}}
    assert (status, answer) == (200, expected)
    assert teams.everything() == before
    assert teams.sent == []


async def test_a_press_in_a_dialog_that_comes_twice_is_done_once(teams: Teams) -> None:
    _, answer = await teams.post(IN_CHANNEL, FETCHED)
    data = submits(shown(answer))[0]["data"]
    first, second = [await teams.post(IN_CHANNEL, submitted(data)) for _ in range(2)]
    assert first == second
    assert [row["step"] for row in teams.rows("progress")] == [1]
