"""Socket Mode against a small server on loopback: envelopes are acknowledged and answered, lost sockets opened anew."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
from aiohttp import ClientSession, WSCloseCode, web
from aiohttp.test_utils import TestClient, TestServer
from slack_sdk.web.async_client import AsyncWebClient
from structlog.testing import capture_logs

from app import build
from bot.pacing import Rate
from bot.settings import Settings
from bot.slack.channel import SlackChannel
from bot.slack.logs import sdk_logger
from bot.slack.socket import keep_connected
from bot.stores import Stores
from tests.conftest import NOW
from tests.test_bot_slack_channel import QUESTION, TIP, button, command, event, press
from tests.test_bot_slack_sender import ME, Call
from web.preview import DESK

Sockets = list[web.WebSocketResponse]


@asynccontextmanager
async def slack(refused: int = 0, dead: int = 0) -> AsyncIterator[tuple[str, list[Call], Sockets]]:
    """The address of a Slack with Socket Mode, the calls and acknowledgements it got, and the sockets opened to it.

    It refuses the first requests for an address, so many; one of the addresses that it gives is dead.
    """
    calls: list[Call] = []
    sockets: Sockets = []
    given = 0

    async def method(request: web.Request) -> web.Response:
        nonlocal given
        name, sent = request.match_info["method"], await request.post()
        calls.append((name, dict(sent or (await request.json() if request.can_read_body else {}))))
        if name != "apps.connections.open":
            return web.json_response({"ok": True, "ts": f"1700000000.{len(calls):06}", "user_id": ME})
        given += 1
        if given <= refused:
            return web.json_response({"ok": False, "error": "invalid_auth"})
        return web.json_response({"ok": True, "url": f"ws://{request.host}/link?ticket={given}"})

    async def link(request: web.Request) -> web.StreamResponse:
        if request.query["ticket"] == str(dead):
            raise web.HTTPForbidden
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_json({"type": "hello", "num_connections": 1, "connection_info": {"app_id": "A1"}})
        sockets.append(socket)
        async for message in socket:
            calls.append(("acknowledged", message.json()))  # noqa: PERF401  they are read meanwhile
        return socket

    app = web.Application()
    app.add_routes([web.get("/link", link), web.post("/{method}", method)])
    async with TestServer(app) as server:
        yield str(server.make_url("/")), calls, sockets


@asynccontextmanager
async def running(stores: Stores) -> AsyncIterator[tuple[list[Call], Sockets, str]]:
    """The whole application, connected to that Slack by Socket Mode."""
    async with slack() as (address, calls, sockets):
        chosen = Settings(slack_bot_token="xoxb-1", slack_app_token="xapp-1", slack_api_url=address)
        app, desk = build(chosen, stores, lambda: NOW)
        async with TestClient(TestServer(app)):
            await until(lambda: len(sockets) == 1)
            yield calls, sockets, address
        desk.stop()


async def until(true: Callable[[], bool], seconds: float = 10.0) -> None:
    async with asyncio.timeout(seconds):
        while not true():  # noqa: ASYNC110  nothing announces what is waited for
            await asyncio.sleep(0.005)


async def hand(socket: web.WebSocketResponse, number: str, kind: str, payload: dict[str, Any]) -> None:
    envelope = {"envelope_id": number, "type": kind, "payload": payload, "accepts_response_payload": False}
    await socket.send_json(envelope)


def of(calls: list[Call], name: str) -> list[dict[str, Any]]:
    return [sent for called, sent in calls if called == name]


@pytest.fixture(autouse=True)
def _unpaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.slack.sender.PER_CHANNEL", (Rate(1_000, 0.001),))


async def test_a_mention_is_acknowledged_and_answered_and_again_after_the_socket_was_closed(stores: Stores) -> None:
    async with running(stores) as (calls, sockets, _):
        await hand(sockets[0], "e1", "events_api", event("app_mention"))
        await until(lambda: len(of(calls, "chat.postMessage")) == 1)
        assert of(calls, "acknowledged") == [{"envelope_id": "e1"}]

        await sockets[0].close(code=WSCloseCode.GOING_AWAY)
        await until(lambda: len(sockets) == 2)
        await hand(sockets[1], "e2", "events_api", event("app_mention"))
        await until(lambda: len(of(calls, "chat.postMessage")) == 2)
        assert of(calls, "acknowledged") == [{"envelope_id": "e1"}, {"envelope_id": "e2"}]
        assert len(of(calls, "apps.connections.open")) == 2
        answer = of(calls, "chat.postMessage")[-1]
        assert answer["thread_ts"]
        assert button(answer, "feedback", tip=TIP)


async def test_when_slack_says_that_it_will_disconnect_a_new_socket_is_opened(stores: Stores) -> None:
    async with running(stores) as (calls, sockets, _):
        await sockets[0].send_json({"type": "disconnect", "reason": "refresh_requested", "debug_info": {}})
        await until(lambda: len(sockets) == 2)
        await hand(sockets[1], "e1", "events_api", event("message"))
        await until(lambda: len(of(calls, "chat.postMessage")) == 1)


async def test_slash_commands_and_buttons_come_by_the_socket_too(stores: Stores) -> None:
    async with running(stores) as (calls, sockets, address):
        await hand(sockets[0], "e1", "slash_commands", command(address, QUESTION, response_url=f"{address}command"))
        await until(lambda: len(of(calls, "command")) == 1)
        element = button(of(calls, "command")[0], "feedback", helped="yes")
        await hand(sockets[0], "e2", "interactive", {**press(address, element), "response_url": f"{address}action"})
        await until(lambda: len(of(calls, "action")) == 1)
        assert of(calls, "acknowledged") == [{"envelope_id": "e1"}, {"envelope_id": "e2"}]
    assert stores.database.table("feedback").count == 1


async def test_what_a_modal_shows_next_goes_with_the_acknowledgement(stores: Stores) -> None:
    async with running(stores) as (calls, sockets, _):
        kept = json.dumps(["C1", json.dumps(["desk", {"step": "answer", "number": "1"}])])
        view = {"type": "modal", "callback_id": "digivinkki", "private_metadata": kept}
        payload = {"type": "view_submission", "user": {"id": "U1"}, "view": view}
        await hand(sockets[0], "e1", "interactive", payload)
        await until(lambda: len(of(calls, "acknowledged")) == 1)
        (answer,) = of(calls, "acknowledged")
        assert answer["payload"]["response_action"] == "update"
        await hand(sockets[0], "e2", "interactive", {**payload, "user": None})
        await until(lambda: len(of(calls, "acknowledged")) == 2)
        assert of(calls, "acknowledged")[1] == {"envelope_id": "e2"}


async def test_an_event_that_came_by_the_socket_is_not_answered_again(stores: Stores) -> None:
    async with running(stores) as (calls, sockets, _):
        payload = event("app_mention")
        for number in ("e1", "e2"):
            await hand(sockets[0], number, "events_api", payload)
        await until(lambda: len(of(calls, "acknowledged")) == 2)
        await hand(sockets[0], "e3", "events_api", event("message"))
        await until(lambda: len(of(calls, "chat.postMessage")) == 2)
        assert [sent["channel"] for sent in of(calls, "chat.postMessage")] == ["C123ABC456", "D024BE91L"]


async def test_odd_envelopes_are_acknowledged_and_break_nothing(stores: Stores) -> None:
    async with running(stores) as (calls, sockets, _):
        socket = sockets[0]
        for text in ("not json", "{broken", "[]", "{}", '{"type": "hello"}', '{"envelope_id": "x", "type": "y"}'):
            await socket.send_str(text)
        await hand(socket, "e1", "events_api", {"type": "event_callback", "event": {"type": "app_mention", "user": 5}})
        await hand(socket, "e2", "events_api", {"type": "event_callback", "event": [], "authorizations": 5})
        await hand(socket, "e3", "interactive", {"type": "block_actions", "actions": []})
        await hand(socket, "e4", "something", {"type": "something_new"})
        await hand(socket, "e5", "events_api", event("app_mention"))
        await until(lambda: len(of(calls, "chat.postMessage")) == 1)
        assert len(of(calls, "acknowledged")) == 5


@asynccontextmanager
async def connecting(stores: Stores, address: str) -> AsyncIterator[None]:
    """Only the channel and its socket, impatient."""
    app, desk = build(Settings(), stores, lambda: NOW)
    async with ClientSession() as session:
        client = AsyncWebClient("xoxb-1", base_url=address, session=session, logger=sdk_logger(), retry_handlers=[])
        channel = SlackChannel(app[DESK], client, "")
        task = asyncio.create_task(keep_connected(channel, client, "xapp-1", ping=0.05, patience=0.3))
        yield
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        await channel.stop()
    desk.stop()


async def test_an_address_that_does_not_open_is_not_tried_for_ever(stores: Stores) -> None:
    async with slack(dead=1) as (address, calls, sockets), connecting(stores, address):
        await until(lambda: len(sockets) == 1)
        await hand(sockets[0], "e1", "events_api", event("app_mention"))
        await until(lambda: len(of(calls, "chat.postMessage")) == 1)
        assert len(of(calls, "apps.connections.open")) > 1


async def test_nor_where_the_socket_was_lost(stores: Stores) -> None:
    with capture_logs() as logs:
        async with slack(dead=2) as (address, calls, sockets), connecting(stores, address):
            await until(lambda: len(sockets) == 1)
            await sockets[0].close()
            await until(lambda: len(sockets) == 2)
            await hand(sockets[1], "e1", "events_api", event("app_mention"))
            await until(lambda: len(of(calls, "chat.postMessage")) == 1)
            assert len(of(calls, "apps.connections.open")) > 2
    assert "Slack connection lost" in [entry["event"] for entry in logs]


async def test_a_refused_token_is_logged_plainly_and_tried_again(
    stores: Stores, capsys: pytest.CaptureFixture[str]
) -> None:
    with capture_logs() as logs:
        async with slack(refused=3) as (address, _, sockets), connecting(stores, address):
            await until(lambda: len(sockets) == 1)
    said = [(entry["what"], entry["error"], entry["reason"]) for entry in logs if entry["event"] == "slack"]
    assert ("Failed to connect", "SlackApiError", "invalid_auth") in said
    assert "xapp-1" not in str(logs)
    assert "Traceback" not in capsys.readouterr().err
