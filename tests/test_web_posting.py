"""The scheduler beside the server: it posts over the server's own connections, and `/readyz` tells of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import time

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

import app
from bot.conversations import Conversation
from bot.models import Scope
from bot.settings import Settings
from bot.stores import Stores
from scheduler.models import Destination, Entry, Kind
from tests.posts import DAY, NOW, Plain
from web.posting import RUNNER

LATER = Entry("vartti", Kind.REMINDER, {"fi": "Vartti"}, DAY, {"fi": "Muista."}, dates=(DAY,), time=time(15), own=True)


@pytest.mark.parametrize(("clock", "expected"), [(time(9, 30), "none"), (time(15), "2027-01-12T15:00+02:00")])
async def test_what_is_due_is_posted_and_readyz_says_when_the_next_is(
    stores: Stores, clock: time, expected: str
) -> None:
    posted: list[str] = []

    async def teams(request: web.Request) -> web.Response:
        posted.append(request.path)
        return web.json_response({"id": "1"}, status=201)

    connector = web.Application()
    connector.router.add_post("/{path:.*}", teams)
    async with TestServer(connector) as there:
        place = Conversation("19:1", "teams", Scope.CHANNEL, str(there.make_url("/")))
        stores.conversations.seen(place, NOW)
        stores.destinations.put(Destination("d1", "teams", place.id, "Kanava"), NOW.replace(year=2026))
        stores.calendar.add([replace(LATER, time=clock)])
        application, desk = app.build(Settings(), stores, lambda: NOW, Plain())
        async with TestClient(TestServer(application)) as client:
            await application[RUNNER].idle()
            lines = (await (await client.get("/readyz")).text()).splitlines()
        desk.stop()
    assert lines == ["ready", "posting: this process", f"next post: {expected}", "unreachable destinations: 0"]
    assert len(posted) == (0 if clock == time(15) else 1)
