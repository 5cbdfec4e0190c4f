"""Where Teams knocks: HTTP bodies to its channel, and the channel's life beside the server's."""

from __future__ import annotations

from collections.abc import AsyncIterator

from aiohttp import ClientSession, TCPConnector, web

from bot.settings import Settings
from bot.teams.addresses import is_loopback
from bot.teams.channel import TeamsChannel
from bot.teams.connector import Connector
from bot.teams.keys import Keys, fetcher
from bot.teams.publisher import TeamsPublisher
from bot.teams.tokens import AppToken, TokenVerifier
from web.desk import ServerDesk
from web.paths import TEAMS_PATH
from web.posting import POSTING

_SENDS, _LOGINS = 100, 4  # connections at the same time

CHANNEL = web.AppKey("teams", TeamsChannel)


def add_teams(app: web.Application, settings: Settings, desk: ServerDesk) -> None:
    """Adds Teams' endpoint; without credentials it is for a test client on this computer."""

    async def opened(app: web.Application) -> AsyncIterator[None]:
        # Keys and tokens go over connections of their own, which no flood of sends can take.
        async with (
            ClientSession(connector=TCPConnector(limit=_SENDS)) as sends,
            ClientSession(connector=TCPConnector(limit=_LOGINS)) as identity,
        ):
            connector, verifier = _connector(settings, sends, identity), _verifier(settings, identity)
            app[CHANNEL] = TeamsChannel(desk, connector, verifier)
            if posting := app.get(POSTING):
                posting.publishers["teams"] = TeamsPublisher(connector, posting.places, desk.run)
            yield
            await app[CHANNEL].stop()

    app.cleanup_ctx.append(opened)
    app.router.add_post(TEAMS_PATH, _received)


async def _received(request: web.Request) -> web.Response:
    if request.content_type != "application/json":
        raise web.HTTPUnsupportedMediaType(text="the body must be application/json")
    outcome = await request.app[CHANNEL].receive(request.headers.get("Authorization"), await request.read())
    if outcome.body is not None:
        return web.json_response(outcome.body, status=outcome.status)
    return web.Response(status=outcome.status, text=outcome.reason or None)


def _connector(settings: Settings, sends: ClientSession, identity: ClientSession) -> Connector:
    if not settings.app_id:
        return Connector(sends, None)
    token = AppToken(identity, settings.app_id, settings.app_password, settings.app_tenant, settings.login_url)
    return Connector(sends, token, https_only=not is_loopback(settings.openid_url))


def _verifier(settings: Settings, identity: ClientSession) -> TokenVerifier | None:
    return TokenVerifier(settings.app_id, Keys(fetcher(identity), settings.openid_url)) if settings.app_id else None
