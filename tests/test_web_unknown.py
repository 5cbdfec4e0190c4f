"""An address that leads nowhere: a page in the reader's language for people, a plain line for programs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from app import build
from bot.settings import Settings
from bot.stores import Stores
from tests.conftest import NOW

BROWSER = "text/html,application/xhtml+xml,*/*;q=0.8"


@pytest.fixture(
    params=[Settings(), Settings(slack_bot_token="x", slack_signing_secret="y")], ids=["local", "connected"]
)
async def client(request: pytest.FixtureRequest, stores: Stores) -> AsyncIterator[TestClient[Any, Any]]:
    app, desk = build(request.param, stores, lambda: NOW)
    async with TestClient(TestServer(app)) as client:
        yield client
    desk.stop()


@pytest.mark.parametrize(
    ("accepted", "query", "title"),
    [
        ("fi-FI,fi;q=0.9,en;q=0.8", "", "Sivua ei löytynyt"),
        ("sv-FI,sv;q=0.9", "", "Sidan hittades inte"),
        ("de-DE,en-GB;q=0.7", "", "This page was not found"),
        ("ru", "", "Sivua ei löytynyt"),
        ("", "", "Sivua ei löytynyt"),
        ("fi", "?lang=sv", "Sidan hittades inte"),
    ],
)
async def test_a_reader_gets_a_page(client: TestClient[Any, Any], accepted: str, query: str, title: str) -> None:
    headers = {"Accept": BROWSER, "Accept-Language": accepted}
    response = await client.get(f"/ei-ole-<b>{query}", headers=headers)
    page = await response.text()
    assert response.status == 404
    assert response.content_type == "text/html"
    assert f"<h1>{title}</h1>" in page
    assert "<b>" not in page


async def test_the_page_keeps_the_organisations_language_out_of_its_links(client: TestClient[Any, Any]) -> None:
    page = await (await client.get("/x", headers={"Accept": BROWSER, "Accept-Language": "sv"})).text()
    assert 'href="/ohjeet?lang=sv"' in page


@pytest.mark.parametrize("accepted", ["*/*", "image/png,*/*", "application/json"])
async def test_a_program_gets_a_line(client: TestClient[Any, Any], accepted: str) -> None:
    response = await client.get("/nowhere", headers={"Accept": accepted})
    assert (response.status, await response.text()) == (404, "404: Not Found\n")
