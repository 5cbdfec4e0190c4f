"""Where Teams knocks: HTTP bodies to its channel, and the channel's life beside the server's."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING

from aiohttp import ClientSession, TCPConnector, web

from bot.settings import Settings
from bot.teams.addresses import is_loopback
from bot.teams.apptoken import AppToken
from bot.teams.connector import Connector
from bot.teams.publisher import TeamsPublisher
from web.desk import ServerDesk
from web.paths import TEAMS_PATH
from web.posting import POSTING

if TYPE_CHECKING:
    from bot.teams.channel import TeamsChannel
    from bot.teams.tokens import TokenVerifier

_SENDS, _LOGINS = 100, 4  # connections at the same time


class Late:
    """Teams' channel, opened when it is first knocked at.

    The SDK takes half a second and an eighth of the server's memory, and who tries the preview needs neither.
    """

    def __init__(self, build: Callable[[type[TeamsChannel]], TeamsChannel]) -> None:
        self._build = build
        self._opening: asyncio.Task[TeamsChannel] | None = None

    async def get(self) -> TeamsChannel:
        """The channel."""
        if self._opening is None:
            self._opening = asyncio.create_task(self._opened())
        return await asyncio.shield(self._opening)

    async def stop(self) -> None:
        """Waits for what is being worked on."""
        if self._opening:
            await (await self._opening).stop()

    async def _opened(self) -> TeamsChannel:
        return self._build(await asyncio.to_thread(_sdk))


CHANNEL = web.AppKey("teams", Late)


def add_teams(app: web.Application, settings: Settings, desk: ServerDesk) -> None:
    """Adds Teams' endpoint; without credentials it is for a test client on this computer."""
    if settings.app_id:
        _sdk()  # before the server is up, so that the first message need not wait

    async def opened(app: web.Application) -> AsyncIterator[None]:
        # Keys and tokens go over connections of their own, which no flood of sends can take.
        async with (
            ClientSession(connector=TCPConnector(limit=_SENDS)) as sends,
            ClientSession(connector=TCPConnector(limit=_LOGINS)) as identity,
        ):
            connector, verifier = _connector(settings, sends, identity), _verifier(settings, identity)
            app[CHANNEL] = Late(lambda channel: channel(desk, connector, verifier, settings.app_tenant))
            if posting := app.get(POSTING):
                posting.publishers["teams"] = TeamsPublisher(connector, posting.places, desk.run)
            yield
            await app[CHANNEL].stop()

    app.cleanup_ctx.append(opened)
    app.router.add_post(TEAMS_PATH, _received)


async def _received(request: web.Request) -> web.Response:
    if request.content_type != "application/json":
        raise web.HTTPUnsupportedMediaType(text="the body must be application/json")
    channel = await request.app[CHANNEL].get()
    outcome = await channel.receive(request.headers.get("Authorization"), await request.read())
    if outcome.body is not None:
        return web.json_response(outcome.body, status=outcome.status)
    return web.Response(status=outcome.status, text=outcome.reason or None)


def _connector(settings: Settings, sends: ClientSession, identity: ClientSession) -> Connector:
    if not settings.app_id:
        return Connector(sends, None)
    token = AppToken(identity, settings.app_id, settings.app_password, settings.app_tenant, settings.login_url)
    return Connector(sends, token, https_only=not is_loopback(settings.openid_url))


def _verifier(settings: Settings, identity: ClientSession) -> TokenVerifier | None:
    if not settings.app_id:
        return None
    from bot.teams.keys import Keys, fetcher  # noqa: PLC0415  with the SDK
    from bot.teams.tokens import TokenVerifier  # noqa: PLC0415  the same

    return TokenVerifier(settings.app_id, Keys(fetcher(identity), settings.openid_url))


def _sdk() -> type[TeamsChannel]:
    from bot.teams.channel import TeamsChannel  # noqa: PLC0415  see Late

    return TeamsChannel
