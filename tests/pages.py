"""A server with its pages, and somebody who has signed in."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from html import unescape
from typing import Any

from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient, TestServer

from app import build
from bot.settings import Settings
from bot.signins import CONSOLE
from bot.stores import Stores
from tests.conftest import NOW

Client = TestClient[Any, Any]
CONNECTED = Settings(app_id="x", app_password="y", public_url="https://vinkit.kunta.fi")


class Clock:
    """A clock that stands where it is put."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@asynccontextmanager
async def visiting(
    stores: Stores, settings: Settings | None = None, clock: Clock | None = None
) -> AsyncIterator[Client]:
    """A visitor's browser."""
    app, desk = build(settings or Settings(), stores, clock or Clock())
    async with TestClient(TestServer(app)) as client:
        yield client
    desk.stop()


async def sign_in(client: Client, stores: Stores, person: str = CONSOLE, page: str = "/vuosikello") -> ClientResponse:
    """Signs the person in, as a browser does that is not on TLS: the secure cookie is carried by hand."""
    token = stores.signins.new_link(person, page, NOW)
    response: ClientResponse = await client.post(f"/kirjaudu/{token}", allow_redirects=False)
    assert response.status == 303, await response.text()
    name, value = response.headers["Set-Cookie"].split(";")[0].split("=", 1)
    client.session.headers["Cookie"] = f"{name}={value}"
    return response


async def text_of(client: Client, path: str, status: int = 200) -> str:
    """The page at the path."""
    response = await client.get(path)
    text: str = await response.text()
    assert response.status == status, text
    return text


def form_token(page: str) -> str:
    """What the forms of the page carry."""
    found = re.search(r'name="token" value="([0-9a-f]+)"', page)
    assert found, "the page has no form of a session"
    return found[1]


def part_of(page: str, form: str) -> str:
    """The form of that id, as the page has it."""
    return page.split(f'<form id="{form}"')[1].split("</form>", maxsplit=1)[0]


def typed_in(form: str) -> dict[str, str]:
    """What a browser would send back unchanged of a form's fields of text, and of those that nobody sees."""
    found = dict(re.findall(r'<input type="hidden" name="([\w.]+)" value="([^"]*)"', form))
    found |= dict(re.findall(r'<input id="([\w.]+)" name="[\w.]+" type="\w+" value="([^"]*)"', form))
    found |= dict(re.findall(r'<textarea id="([\w.]+)"[^>]*>\n(.*?)</textarea>', form, re.DOTALL))
    return {name: unescape(value) for name, value in found.items()}
