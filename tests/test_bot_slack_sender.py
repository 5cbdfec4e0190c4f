"""Sending against a stand-in of Slack's Web API on loopback: paced, tried again, given up with a reason."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer
from slack_sdk.web.async_client import AsyncWebClient

from bot.retries import Backoff
from bot.sending import SendError
from bot.slack.logs import sdk_logger
from bot.slack.sender import SlackSender

ME = "U0BOT"
BLOCKS = [{"type": "section", "text": {"type": "mrkdwn", "text": "Moi"}}]

Call = tuple[str, dict[str, Any]]  # a method of the API, or a path, and what was sent to it
Answer = web.StreamResponse | Exception | float | None  # an error cuts the line, a number is a delay in seconds
Script = dict[str, list[Answer]]


@asynccontextmanager
async def slack(script: Script | None = None) -> AsyncIterator[tuple[str, list[Call]]]:
    """The address of a Slack that records its calls and answers as scripted, then as Slack does when all is well."""
    calls: list[Call] = []

    async def answer(request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        calls.append((method, await _sent(request)))
        scripted = script[method].pop(0) if script and script.get(method) else None
        if isinstance(scripted, web.StreamResponse):
            return scripted
        if isinstance(scripted, Exception):
            assert request.transport is not None
            request.transport.close()
        if isinstance(scripted, float):
            await asyncio.sleep(scripted)
        return web.json_response({"ok": True, "ts": f"1700000000.{len(calls):06}", "user_id": ME})

    app = web.Application()
    app.router.add_route("*", "/{method:.*}", answer)
    async with TestServer(app) as server:
        yield str(server.make_url("/")), calls


async def _sent(request: web.Request) -> dict[str, Any]:
    if request.method == "GET":
        return dict(request.query)
    return dict(await request.json() if request.content_type == "application/json" else await request.post())


@asynccontextmanager
async def sending(
    script: Script | None = None, **more: Any
) -> AsyncIterator[tuple[SlackSender, list[Call], list[float]]]:
    """A sender before that Slack, its calls, and the seconds that it slept, which pass at once."""
    slept: list[float] = []

    async def at_once(seconds: float) -> None:
        slept.append(seconds)

    async with slack(script) as (address, calls), ClientSession() as session:
        client = AsyncWebClient(
            "xoxb-1", base_url=address, session=session, logger=sdk_logger(), retry_handlers=[], timeout=1
        )
        yield SlackSender(client, sleep=at_once, **more), calls, slept


def refused(error: str, status: int = 200, **headers: str) -> web.Response:
    return web.json_response({"ok": False, "error": error}, status=status, headers=headers)


async def test_a_message_is_posted_in_its_thread_and_its_id_comes_back() -> None:
    async with sending() as (sender, calls, _):
        assert await sender.post("C1", BLOCKS, "Moi", "1.5") == "1700000000.000001"
        assert await sender.post("C2", BLOCKS, "Moi") == "1700000000.000002"
    first, second = (sent for _, sent in calls)
    assert [method for method, _ in calls] == ["chat.postMessage"] * 2
    assert first["channel"] == "C1"
    assert first["thread_ts"] == "1.5"
    assert first["text"] == "Moi"
    assert (json.loads(first["blocks"]) if isinstance(first["blocks"], str) else first["blocks"]) == BLOCKS
    assert "thread_ts" not in second


async def test_a_message_of_ours_is_changed() -> None:
    async with sending() as (sender, calls, _):
        await sender.update("C1", "1.5", BLOCKS, "Uusi")
    [(method, sent)] = calls
    assert (method, sent["channel"], sent["ts"], sent["text"]) == ("chat.update", "C1", "1.5", "Uusi")


async def test_a_channel_gets_about_one_message_a_second_and_others_do_not_wait_for_it() -> None:
    async with sending() as (sender, _, slept):
        for _ in range(4):
            await sender.post("C1", BLOCKS, "Moi")
        paced, slept[:] = list(slept), []
        await sender.post("C2", BLOCKS, "Moi")
    assert len(paced) == 3
    assert all(0.9 < seconds <= 1.1 * 3 for seconds in paced)
    assert sum(paced) > 2.9
    assert slept == []


async def test_an_edit_counts_as_a_message_of_its_channel() -> None:
    async with sending() as (sender, _, slept):
        await sender.post("C1", BLOCKS, "Moi")
        await sender.update("C1", "1.5", BLOCKS, "Moi")
    assert len(slept) == 1


@pytest.mark.parametrize("wait", ["7", "30"])
async def test_retry_after_is_obeyed(wait: str) -> None:
    script: Script = {"chat.postMessage": [refused("ratelimited", 429, **{"Retry-After": wait})]}
    async with sending(script) as (sender, calls, slept):
        assert await sender.post("C1", BLOCKS, "Moi")
    assert len(calls) == 2
    assert max(slept) == pytest.approx(float(wait), abs=0.5)


@pytest.mark.parametrize(
    "failure",
    [
        refused("ratelimited", 429),
        refused("internal_error"),
        refused("fatal_error", 500),
        refused("service_unavailable", 503),
        web.Response(status=502, text="<html>Bad gateway</html>", content_type="text/html"),
        web.Response(status=503, text="upstream", content_type="text/plain"),
        web.Response(status=500, text="{broken", content_type="application/json"),
        web.Response(status=200, text="{broken", content_type="application/json"),
        web.Response(status=200, text="Log in to the guest network", content_type="text/plain"),
        web.Response(status=200, text="<html>Log in</html>", content_type="text/html"),
        web.Response(status=200, text="[]", content_type="application/json"),
        web.Response(status=200, body=b"\xff\xfe{", content_type="application/json", charset="utf-8"),
        ConnectionError(),
        0.6,
    ],
)
async def test_what_passes_is_tried_again(failure: Answer) -> None:
    async with sending({"chat.postMessage": [failure]}, patience=0.3) as (sender, calls, _):
        assert await sender.post("C1", BLOCKS, "Moi") == "1700000000.000002"
    assert len(calls) == 2


@pytest.mark.parametrize(
    ("error", "gone"),
    [
        ("is_archived", True),
        ("channel_not_found", True),
        ("not_in_channel", True),
        ("account_inactive", False),
        ("token_revoked", False),
        ("invalid_blocks", False),
        ("msg_blocks_too_long", False),
        ("missing_scope", False),
        ("invalid_auth", False),
    ],
)
async def test_a_refusal_is_told_at_once_with_whether_the_channel_is_gone(error: str, gone: bool) -> None:
    async with sending({"chat.postMessage": [refused(error)]}) as (sender, calls, _):
        with pytest.raises(SendError, match=error) as told:
            await sender.post("C1", BLOCKS, "Moi")
    assert told.value.gone is gone
    assert len(calls) == 1


@pytest.mark.parametrize(
    ("failures", "reason"),
    [
        ([refused("internal_error", 503) for _ in range(9)], "internal_error"),
        ([web.Response(status=502, text="<html>") for _ in range(9)], "HTTP 502"),
        ([ConnectionError()] * 9, "Disconnected"),
    ],
)
async def test_it_gives_up_in_the_end_and_says_so(failures: list[Answer], reason: str) -> None:
    async with sending({"chat.postMessage": failures}, backoff=Backoff(tries=4)) as (sender, calls, _):
        with pytest.raises(SendError, match=f"gave up: .*{reason}") as told:
            await sender.post("C1", BLOCKS, "Moi")
    assert told.value.gone is False
    assert len(calls) == 4


async def test_a_pause_longer_than_anybody_waits_for_an_answer_is_told_at_once_and_kept_for_the_next() -> None:
    script: Script = {"chat.postMessage": [refused("ratelimited", 429, **{"Retry-After": "3600"})]}
    async with sending(script) as (sender, calls, slept):
        with pytest.raises(SendError, match="ratelimited: asked to wait 3600 s") as told:
            await sender.post("C1", BLOCKS, "Moi")
        assert (told.value.gone, len(calls), slept) == (False, 1, [])
        await sender.post("C1", BLOCKS, "Moi")
        assert max(slept) == pytest.approx(3600, abs=1)


async def test_where_slack_never_answers_it_gives_up_in_time() -> None:
    script: Script = {"chat.postMessage": [0.5] * 3}
    async with sending(script, backoff=Backoff(patience=0.1)) as (sender, calls, _):
        with pytest.raises(SendError, match="gave up after"):
            await sender.post("C1", BLOCKS, "Moi")
    assert len(calls) == 1


async def test_the_bot_learns_its_own_id_once() -> None:
    script: Script = {"auth.test": [refused("internal_error", 500), web.Response(text="?"), ConnectionError()]}
    async with sending(script) as (sender, calls, _):
        assert [await sender.me() for _ in range(6)] == ["", "", "", ME, ME, ME]
    assert len(calls) == 4


async def test_a_press_is_answered_at_its_address() -> None:
    async with sending() as (sender, calls, _), slack() as (hooks, answers):
        await sender.respond(f"{hooks}actions/1", BLOCKS, "Kiva!", replace=True)
        await sender.respond(f"{hooks}commands/1", BLOCKS, "Vinkki")
    assert calls == []
    assert [(path, sent["replace_original"], sent.get("response_type")) for path, sent in answers] == [
        ("actions/1", True, None),
        ("commands/1", False, "ephemeral"),
    ]
    assert answers[0][1]["blocks"] == BLOCKS


async def test_an_answer_to_a_press_is_tried_again_and_refused_as_a_message_is() -> None:
    used = web.Response(status=404, text='{"ok":false,"error":"used_url"}')
    script: Script = {"1": [web.Response(status=500), web.Response(status=429, headers={"Retry-After": "3"}), used]}
    async with sending() as (sender, _, slept), slack(script) as (hooks, answers):
        with pytest.raises(SendError, match="used_url"):
            await sender.respond(f"{hooks}1", BLOCKS, "Moi")
    assert len(answers) == 3
    assert max(slept) == pytest.approx(3, abs=0.5)


@pytest.mark.parametrize(
    ("address", "url", "accepted"),
    [
        ("https://slack.com/api/", "https://hooks.slack.com/actions/T1/1/x", True),
        ("https://slack-gov.com/api/", "https://hooks.slack-gov.com/actions/T1/1/x", True),
        ("https://slack.com/api/", "http://hooks.slack.com/actions/T1/1/x", False),
        ("https://slack.com/api/", "https://hooks.slack.com.evil.example/x", False),
        ("https://slack.com/api/", "https://hooks.slack.com@evil.example/x", False),
        ("https://slack.com/api/", "https://evilslack.com/x", False),
        ("https://slack.com/api/", "http://127.0.0.1:3978/x", False),
        ("https://slack.com/api/", "http://169.254.169.254/latest", False),
        ("https://slack.com/api/", "https://[::1", False),
        ("https://slack.com/api/", "", False),
        ("http://127.0.0.1:4100/api/", "http://localhost:5000/x", True),
        ("http://127.0.0.1:4100/api/", "http://10.0.0.1/x", False),
    ],
)
def test_only_addresses_of_slack_are_answered_at(address: str, url: str, accepted: bool) -> None:
    assert SlackSender(AsyncWebClient("xoxb-1", base_url=address)).accepts(url) is accepted
