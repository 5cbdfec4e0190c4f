"""Where Teams and Slack knock: HTTP bodies to the channels, and the channels' life beside the server's."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

from aiohttp import ClientSession, TCPConnector, web
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from bot.settings import Settings
from bot.slack.channel import SlackChannel
from bot.slack.logs import sdk_logger
from bot.slack.socket import keep_connected
from bot.teams.channel import TeamsChannel
from bot.teams.connector import Connector
from bot.teams.keys import Keys, fetcher
from bot.teams.tokens import AppToken, TokenVerifier
from web.desk import ServerDesk

TEAMS_PATH, SLACK_PATH = "/api/messages", "/slack/events"


class Channels:
    """The channels that the settings connect; without credentials Teams' endpoint for a local test client."""

    def __init__(self, settings: Settings, desk: ServerDesk) -> None:
        self._settings, self._desk = settings, desk
        self._teams: TeamsChannel | None = None
        self._slack: SlackChannel | None = None

    def add_to(self, app: web.Application) -> None:
        """Adds the routes, and opens and closes the channels with the application."""
        app.cleanup_ctx.append(self._open)
        if self._settings.app_id or not self._settings.has_credentials:
            app.router.add_post(TEAMS_PATH, self._from_teams)
        if self._settings.slack_bot_token and self._settings.slack_signing_secret:
            app.router.add_post(SLACK_PATH, self._from_slack)

    async def _open(self, _: web.Application) -> AsyncIterator[None]:
        settings = self._settings
        async with ClientSession(connector=TCPConnector(limit=100)) as session:
            if settings.app_id or not settings.has_credentials:
                self._teams = _teams(settings, self._desk, session)
            socket = None
            if settings.slack_bot_token:
                client = _slack_client(settings, session)
                self._slack = SlackChannel(self._desk, client, settings.slack_signing_secret)
                if settings.slack_app_token:
                    socket = asyncio.create_task(keep_connected(self._slack, client, settings.slack_app_token))
            yield
            if socket:
                socket.cancel()
                with suppress(asyncio.CancelledError):
                    await socket
            if self._slack:
                await self._slack.stop()
            if self._teams:
                await self._teams.stop()

    async def _from_teams(self, request: web.Request) -> web.Response:
        if request.content_type != "application/json":
            raise web.HTTPUnsupportedMediaType(text="the body must be application/json")
        assert self._teams is not None  # noqa: S101  opened with the application
        outcome = await self._teams.receive(request.headers.get("Authorization"), await request.read())
        if outcome.body is not None:
            return web.json_response(outcome.body, status=outcome.status)
        return web.Response(status=outcome.status, text=outcome.reason or None)

    async def _from_slack(self, request: web.Request) -> web.Response:
        assert self._slack is not None  # noqa: S101  opened with the application
        return _response(await self._slack.receive(await request.read(), request.headers))


def _teams(settings: Settings, desk: ServerDesk, session: ClientSession) -> TeamsChannel:
    if not settings.app_id:
        return TeamsChannel(desk, Connector(session, None), None)
    token = AppToken(session, settings.app_id, settings.app_password, settings.app_tenant, settings.login_url)
    verifier = TokenVerifier(settings.app_id, Keys(fetcher(session), settings.openid_url))
    return TeamsChannel(desk, Connector(session, token), verifier)


def _slack_client(settings: Settings, session: ClientSession) -> AsyncWebClient:
    return AsyncWebClient(
        settings.slack_bot_token,
        base_url=settings.slack_api_url,
        session=session,
        logger=sdk_logger(),
        retry_handlers=[],  # the sender tries again
    )


def _response(answer: BoltResponse) -> web.Response:
    kind = answer.first_headers_without_set_cookie().get("content-type", "text/plain").split(";")[0]
    return web.Response(status=answer.status, text=answer.body, content_type=kind)
