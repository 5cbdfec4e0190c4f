"""Socket Mode: Slack's events over a web socket that is opened from here, so that no public address is needed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable

import structlog
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.channel import SlackChannel

_PING = 10.0  # seconds between pings; two that are not answered are a lost connection
_PATIENCE = 60.0  # seconds for the client to connect, and to reconnect, by itself

_log = structlog.get_logger()


async def keep_connected(
    slack: SlackChannel, web: AsyncWebClient, app_token: str, *, ping: float = _PING, patience: float = _PATIENCE
) -> None:
    """Listens for ever. The client reconnects by itself; where it cannot, a new one takes its place.

    It cannot where the network goes between the asking for an address and its use: it tries that one again for ever,
    though Slack lets an address be used once and for a short time only.
    """
    while True:
        client = SocketModeClient(app_token, logger=web.logger, web_client=web, ping_interval=ping)
        client.socket_mode_request_listeners.append(_passing_to(slack))
        try:
            await _connected(client, patience)
        except Exception as error:  # noqa: BLE001  whatever it was, the next client may do better
            _log.error("Slack not connected", error=type(error).__name__)
            await asyncio.sleep(patience / 60)


def _passing_to(slack: SlackChannel) -> Callable[[AsyncBaseSocketModeClient, SocketModeRequest], Awaitable[None]]:
    async def heard(client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        if request.payload.get("type") == "view_submission":  # what the modal shows next goes with the acknowledgement
            answer = await slack.take(request.payload)
            payload = json.loads(answer.body) if answer.status == 200 and answer.body else None
            await client.send_socket_mode_response(SocketModeResponse(request.envelope_id, payload))
            return
        # Acknowledged whatever it is: what is refused will be no better when it comes again.
        await client.send_socket_mode_response(SocketModeResponse(request.envelope_id))
        await slack.take(request.payload)

    return heard


async def _connected(client: SocketModeClient, patience: float) -> None:
    """Returns when the connection is lost for good. Raises TimeoutError where there is none in the first place."""
    try:
        async with asyncio.timeout(patience):
            await client.connect()
        _log.info("Slack connected by Socket Mode")
        await _lost(client, patience)
        _log.error("Slack connection lost")
    finally:
        await client.close()


async def _lost(client: SocketModeClient, patience: float) -> None:
    """Returns when the client has not been connected for so long."""
    away, step = 0.0, patience / 6
    while away < patience:
        await asyncio.sleep(step)
        away = 0.0 if await client.is_connected() else away + step
