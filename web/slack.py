"""Where Slack knocks: signed HTTP bodies, or a socket that is opened from here."""

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
from bot.slack.publisher import SlackPublisher
from bot.slack.sender import SlackSender
from bot.slack.socket import keep_connected
from web.desk import ServerDesk
from web.paths import SLACK_PATH
from web.posting import POSTING

CHANNEL = web.AppKey("slack", SlackChannel)


def add_slack(app: web.Application, settings: Settings, desk: ServerDesk) -> None:
    """Adds Slack's endpoint where a signing secret is set, and Socket Mode where an app token is."""

    async def opened(app: web.Application) -> AsyncIterator[None]:
        async with ClientSession(connector=TCPConnector(limit=100)) as session:
            client = _client(settings, session)
            sender = SlackSender(client)
            app[CHANNEL] = SlackChannel(desk, client, settings.slack_signing_secret, sender)
            if posting := app.get(POSTING):
                posting.publishers["slack"] = SlackPublisher(sender, posting.places, desk.run)
            socket = None
            if settings.slack_app_token:
                socket = asyncio.create_task(keep_connected(app[CHANNEL], client, settings.slack_app_token))
            yield
            if socket:
                socket.cancel()
                with suppress(asyncio.CancelledError):
                    await socket
            await app[CHANNEL].stop()

    app.cleanup_ctx.append(opened)
    if settings.slack_signing_secret:
        app.router.add_post(SLACK_PATH, _received)


async def _received(request: web.Request) -> web.Response:
    return _response(await request.app[CHANNEL].receive(await request.read(), request.headers))


def _client(settings: Settings, session: ClientSession) -> AsyncWebClient:
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
