"""The preview's endpoint as a browser, a stranger and a fuzzer meet it."""

from __future__ import annotations

import io
import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from hypothesis import given, settings
from hypothesis import strategies as st

from app import build
from bot.settings import Settings
from bot.stores import Stores
from tests.conftest import NOW
from tips.models import Pack, Text, Tip
from web.preview import DESK, _message


@pytest.fixture
async def client(stores: Stores) -> AsyncIterator[TestClient[Any, Any]]:
    app, desk = build(Settings(), stores, lambda: NOW)
    async with TestClient(TestServer(app)) as client:
        yield client
    desk.stop()


async def say(client: TestClient[Any, Any], text: str, **more: str) -> dict[str, Any]:
    response = await client.post("/preview/messages", json={"text": text, **more})
    assert response.status == 200, await response.text()
    data: dict[str, Any] = await response.json()
    return data


async def test_the_page_greets_in_the_chosen_language(client: TestClient[Any, Any]) -> None:
    for language, greeting in [
        ("fi", "Kysy digiasioista"),
        ("sv", "Fråga om digitala saker"),
        ("en", "Ask about digital"),
    ]:
        page = await (await client.get("/", params={"lang": language})).text()
        assert f'<html lang="{language}"' in page
        assert greeting in page


@pytest.mark.parametrize(
    ("question", "language", "tip"),
    [
        ("miten vaihdan vanhentuneen salasanan", "fi", "password-change-expired"),
        ("hur spelar man in ett möte", "sv", "meeting-record"),
        ("how do I blur my background", "en", "meeting-background-blur"),
    ],
)
async def test_a_question_is_answered_in_its_own_language(
    client: TestClient[Any, Any], question: str, language: str, tip: str
) -> None:
    reply = await say(client, question)
    assert reply["language"] == language
    assert f'data-tip="{tip}"' in reply["html"]


async def test_a_press_is_answered(client: TestClient[Any, Any]) -> None:
    action = {"name": "tip", "values": {"tip": "password-strong", "lang": "sv"}}
    reply = await (await client.post("/preview/messages", json={"action": action})).json()
    assert 'data-tip="password-strong"' in reply["html"]
    assert reply["language"] == "sv"


async def test_what_is_typed_never_becomes_markup(client: TestClient[Any, Any]) -> None:
    reply = await say(client, "<script>alert(1)</script> <img src=x onerror=alert(1)>")
    assert "<script" not in reply["html"]
    assert "<img" not in reply["html"]


@pytest.mark.parametrize(
    ("body", "headers", "status", "reason"),
    [
        (b"not json", {}, 400, "not JSON"),
        (b"[]", {}, 400, "object"),
        (b"[" * 100_000, {}, 400, "not JSON"),
        (b"{}", {}, 400, "text"),
        (b'{"text": 5}', {}, 400, "text"),
        (b'{"action": "x"}', {}, 400, "action"),
        (b'{"action": {"name": "tip", "values": {"tip": 5}}}', {}, 400, "values"),
        (b'{"text": "\xff"}', {}, 400, "not JSON"),
        (b'{"text": "x"}', {"Content-Type": "text/plain"}, 415, "application/json"),
        (b"x" * 5_000_000, {}, 413, "Maximum request body size"),
        (b'{"text": "' + b"a" * 20_001 + b'"}', {}, 413, "longer"),
    ],
)
async def test_a_bad_body_is_refused_with_a_reason(
    client: TestClient[Any, Any], body: bytes, headers: dict[str, str], status: int, reason: str
) -> None:
    headers = {"Content-Type": "application/json"} | headers
    response = await client.post("/preview/messages", data=io.BytesIO(body), headers=headers)
    assert response.status == status
    assert reason in await response.text()


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "localhost.evil.example:3978"},
        {"X-Forwarded-For": "203.0.113.7"},
        {"Forwarded": "for=203.0.113.7"},
        {"X-Forwarded-Host": "kunta.fi"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
    ],
)
async def test_what_did_not_come_straight_from_this_computer_is_refused(
    client: TestClient[Any, Any], headers: dict[str, str]
) -> None:
    for response in (
        await client.get("/", headers=headers),
        await client.post("/preview/messages", json={"text": "moi"}, headers=headers),
    ):
        assert response.status == 403
        assert "this computer only" in await response.text()


async def test_with_credentials_there_is_no_preview(stores: Stores) -> None:
    app, desk = build(Settings(app_id="x", app_password="y"), stores, lambda: NOW)
    async with TestClient(TestServer(app)) as client:
        assert (await client.get("/static/preview.js")).status == 404
        assert (await client.post("/preview/messages", json={"text": "moi"})).status == 404
        assert (await client.get("/healthz")).status == 200
    desk.stop()


@pytest.mark.parametrize("connected", [Settings(app_id="x", app_password="y"), Settings(slack_bot_token="xoxb-z")])
async def test_with_credentials_the_front_page_says_that_it_runs_and_nothing_else(
    stores: Stores, connected: Settings
) -> None:
    app, desk = build(connected, stores, lambda: NOW)
    async with TestClient(TestServer(app)) as client:
        response = await client.get("/", headers={"Host": "vinkit.kunta.fi", "X-Forwarded-For": "203.0.113.7"})
        page = await response.text()
        assert (response.status, response.content_type) == (200, "text/html")
        assert "Set-Cookie" not in response.headers
        assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    desk.stop()
    assert re.findall(r"<h1>(.*)</h1>", page) == ["Digivinkki"]
    assert re.findall(r'<p lang="(..)">(.*)</p>', page) == [
        ("fi", "Digivinkki toimii. Kysy Teamsissa tai Slackissa."),
        ("sv", "Digivinkki är i gång. Fråga i Teams eller Slack."),
        ("en", "Digivinkki is running. Ask in Teams or Slack."),
    ]
    assert "<a " not in page
    assert "src=" not in page


async def test_every_page_comes_with_a_strict_policy(client: TestClient[Any, Any]) -> None:
    for path in ("/", "/static/preview.css", "/nothing-here"):
        headers = (await client.get(path)).headers
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"


async def test_the_visitor_is_known_by_a_cookie_that_no_script_can_read(client: TestClient[Any, Any]) -> None:
    cookie = (await client.get("/")).headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert "Set-Cookie" not in (await client.get("/")).headers


async def test_the_choice_of_language_stays_with_the_visitor(client: TestClient[Any, Any]) -> None:
    await client.get("/")
    await say(client, "kieli svenska")
    assert "Språk: svenska" in (await say(client, "visa mina uppgifter"))["html"]


async def test_health_readiness_and_figures_are_told(client: TestClient[Any, Any]) -> None:
    assert (await client.get("/healthz")).status == 200
    await say(client, "salasana unohtui, mitä teen")
    assert await (await client.get("/readyz")).text() == "ready\n"
    figures = await (await client.get("/metrics")).text()
    assert "digivinkki_messages_total{" in figures
    assert "salasana" not in figures


async def test_metrics_are_hidden_behind_a_proxy(stores: Stores) -> None:
    app, desk = build(Settings(app_id="x", app_password="y"), stores, lambda: NOW)
    async with TestClient(TestServer(app)) as client:
        assert (await client.get("/metrics", headers={"X-Forwarded-For": "203.0.113.7"})).status == 404
        assert (await client.get("/metrics")).status == 200
    desk.stop()


async def test_a_failure_inside_is_told_without_a_traceback(client: TestClient[Any, Any], stores: Stores) -> None:
    await client.app[DESK].run(lambda: stores.database.execute("drop table claims"))
    response = await client.post("/preview/messages", json={"text": "moi"})
    assert response.status in (500, 503)
    assert "Traceback" not in await response.text()
    assert "claims" not in await response.text()


async def test_tips_that_another_process_imports_are_answered_with(
    client: TestClient[Any, Any], stores: Stores
) -> None:
    await say(client, "moi")
    wilma = Tip("wilma", "own", {"fi": Text("Kirjaudu Wilmaan", "Avaa wilma.kunta.fi.", ("wilma ei aukea",))})
    stores.tips.add(Pack((), (wilma,)))
    await client.app[DESK].refresh()
    assert "Kirjaudu Wilmaan" in (await say(client, "wilma ei aukea"))["html"]


@settings(max_examples=60)
@given(
    body=st.dictionaries(
        st.sampled_from(["text", "action", "name", "values", "lang", "tip"]),
        st.recursive(
            st.none() | st.booleans() | st.text(max_size=30),
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["name", "values"]), inner),
            max_leaves=8,
        ),
    )
)
def test_whatever_object_is_sent_becomes_a_message_or_is_refused(body: dict[str, Any]) -> None:
    try:
        message = _message(body, "")
    except (web.HTTPBadRequest, web.HTTPRequestEntityTooLarge):
        return
    assert isinstance(message.text, str)
    assert message.person.startswith("preview:")


async def test_the_steps_of_a_session_take_each_others_place(client: TestClient[Any, Any]) -> None:
    begun = await say(client, "digiturvavartti salasanat")
    assert (begun["kind"], begun["in_place"]) == ("session", False)
    assert " data-steps" in begun["html"]
    values = {"theme": "passwords", "run": "own", "do": "next", "at": "0", "lang": "fi"}
    response = await client.post("/preview/messages", json={"action": {"name": "session", "values": values}})
    turned = await response.json()
    assert turned["in_place"] is True
    assert "1/9" in turned["html"]
    assert (await say(client, "moi"))["in_place"] is False


async def test_two_tips_that_go_together_are_both_on_the_page(client: TestClient[Any, Any]) -> None:
    html = (await say(client, "lost phone"))["html"]
    assert re.findall(r'data-tip="([a-z-]+)"', html) == ["mobile-lost-stolen", "mfa-new-phone"]
