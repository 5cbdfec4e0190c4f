"""What the emulator of Slack does not have, before a real server: Socket Mode, signed slash commands and presses."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest
from aiohttp import web

from bench.server import Server, running
from tests.e2e.clients import wait_for
from tests.test_bot_slack_channel import button, command, event, press

QUESTION, TITLE = "salasana vanheni, mitä teen?", "Vaihda salasana, vaikka se olisi jo vanhentunut"
SECRET = "signing-secret"

Said = dict[str, Any]


class Slack:
    """A small Slack on loopback: it keeps what is called by path, and hands out envelopes over its sockets."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, Said]] = []
        self.sockets: list[web.WebSocketResponse] = []
        self.address, self._loop = "", asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._runner = asyncio.run_coroutine_threadsafe(self._opened(), self._loop).result(20)

    def hand(self, kind: str, payload: Said) -> None:
        """Sends an envelope over the newest socket; returns when it was acknowledged."""
        number = str(len(self.calls))
        envelope = {"envelope_id": number, "type": kind, "payload": payload, "accepts_response_payload": False}
        asyncio.run_coroutine_threadsafe(self.sockets[-1].send_json(envelope), self._loop).result(20)
        wait_for(lambda: ("acknowledged", {"envelope_id": number}) in self.calls, within=3.0)

    def hang_up(self) -> None:
        """Closes the newest socket."""
        asyncio.run_coroutine_threadsafe(self.sockets[-1].close(), self._loop).result(20)

    def called(self, path: str, number: int = 1) -> Said:
        """What the call of that number to the path held, as soon as it comes."""
        calls = wait_for(lambda: (found := self._of(path)) and len(found) >= number and found)
        assert calls
        return calls[number - 1]

    def close(self) -> None:
        """Ends it."""
        asyncio.run_coroutine_threadsafe(self._runner.cleanup(), self._loop).result(20)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _of(self, path: str) -> list[Said]:
        return [said for called, said in self.calls if called.startswith(path)]

    async def _opened(self) -> web.AppRunner:
        app = web.Application()
        app.add_routes([web.get("/link", self._link), web.post("/{path:.*}", self._method)])
        runner = web.AppRunner(app, shutdown_timeout=1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.address = f"http://127.0.0.1:{runner.addresses[0][1]}/"
        return runner

    async def _method(self, request: web.Request) -> web.Response:
        is_json, text = request.content_type == "application/json", await request.text()
        path = request.match_info["path"]
        self.calls.append((path, json.loads(text) if is_json else dict(parse_qsl(text))))
        link = self.address.replace("http", "ws", 1) + "link"
        return web.json_response({"ok": True, "ts": "1700000000.000001", "user_id": "U0BOT", "url": link})

    async def _link(self, request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_json({"type": "hello", "num_connections": 1, "connection_info": {"app_id": "A1"}})
        self.sockets.append(socket)
        async for message in socket:
            self.calls.append(("acknowledged", message.json()))
        return socket


@pytest.fixture
def slack() -> Iterator[Slack]:
    slack = Slack()
    yield slack
    slack.close()


@pytest.fixture
def by_socket(slack: Slack, tmp_path: Path) -> Iterator[Slack]:
    """A server that has called that Slack."""
    tokens = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1", "SLACK_API_URL": slack.address}
    with running(tmp_path / "socket.db", tokens):
        wait_for(lambda: slack.sockets, within=60)
        yield slack


@pytest.fixture
def by_http(slack: Slack, tmp_path: Path) -> Iterator[Server]:
    """A server that Slack calls."""
    settings = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_SIGNING_SECRET": SECRET, "SLACK_API_URL": slack.address}
    with running(tmp_path / "http.db", settings) as server:
        wait_for(lambda: _posted(server, b"{}", signed=False) == 401, within=60)
        yield server


def _posted(server: Server, body: bytes, *, signed: bool = True) -> int:
    """Posts a form as Slack would have signed it; the status, 0 where nobody listens."""
    stamp = str(int(time.time()))
    digest = hmac.new(SECRET.encode(), f"v0:{stamp}:".encode() + body, hashlib.sha256).hexdigest()
    headers = {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={digest}"} if signed else {}
    address = f"http://127.0.0.1:{server.port}/slack/events"
    request = urllib.request.Request(address, body, headers)
    try:
        with urllib.request.urlopen(request) as answer:  # noqa: S310
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def header(said: Said) -> str:
    """The title in the blocks."""
    shown = json.loads(said["blocks"]) if isinstance(said["blocks"], str) else said["blocks"]
    return next(str(block["text"]["text"]) for block in shown if block["type"] == "header")


def test_by_socket_mode_a_mention_is_answered_also_after_the_line_was_lost(by_socket: Slack) -> None:
    by_socket.hand("events_api", event("app_mention", text=f"<@U0BOT> {QUESTION}"))
    assert header(by_socket.called("chat.postMessage")) == TITLE
    by_socket.hang_up()
    wait_for(lambda: len(by_socket.sockets) == 2, within=60)
    by_socket.hand("events_api", event("message", text=QUESTION))
    assert header(by_socket.called("chat.postMessage", 2)) == TITLE


def test_by_socket_mode_the_slash_command_and_its_buttons_answer(by_socket: Slack) -> None:
    by_socket.hand("slash_commands", command(by_socket.address, QUESTION))
    answer = by_socket.called("commands")
    assert (header(answer), answer["response_type"]) == (TITLE, "ephemeral")
    by_socket.hand("interactive", press(by_socket.address, button(answer, "feedback", helped="yes"), "D024BE91L"))
    assert "Kiva kuulla" in json.dumps(by_socket.called("actions"))


def test_a_signed_slash_command_and_its_button_are_answered(slack: Slack, by_http: Server) -> None:
    typed = urlencode(command(slack.address, QUESTION)).encode()
    assert _posted(by_http, typed, signed=False) == 401
    assert _posted(by_http, typed) == 200
    answer = slack.called("commands")
    assert (header(answer), answer["response_type"]) == (TITLE, "ephemeral")
    pressed = press(slack.address, button(answer, "feedback", helped="yes"), "D024BE91L")
    assert _posted(by_http, urlencode({"payload": json.dumps(pressed)}).encode()) == 200
    assert "Kiva kuulla" in json.dumps(slack.called("actions"))
    assert len(slack.calls) == 2
