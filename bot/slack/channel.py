"""Slack over slack-bolt: mentions, direct messages, the slash command, buttons; by HTTP or by Socket Mode."""

from __future__ import annotations

import json
from collections.abc import Mapping
from urllib.parse import parse_qsl

import structlog
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.error import BoltUnhandledRequestError
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.signature import SignatureVerifier
from slack_sdk.web.async_client import AsyncWebClient

from bot.desk import Desk
from bot.slack.events import refusal
from bot.slack.handler import SlackHandler
from bot.slack.logs import sdk_logger
from bot.slack.sender import SlackSender

_MISTYPED = (AttributeError, IndexError, KeyError, TypeError, ValueError)

_log = structlog.get_logger()


class SlackChannel:
    """Verifies, lets slack-bolt acknowledge and pass on, and answers by its own sender."""

    def __init__(
        self, desk: Desk, client: AsyncWebClient, signing_secret: str, sender: SlackSender | None = None
    ) -> None:
        self._verifier = SignatureVerifier(signing_secret) if signing_secret else None
        self._bolt = _bolt(client, desk)
        self._handler = SlackHandler(desk, sender or SlackSender(client))
        self._handler.listen(self._bolt)

    async def receive(self, body: bytes, headers: Mapping[str, str]) -> BoltResponse:
        """One HTTP request: verified, read, acknowledged."""
        if not self._verified(body, headers):
            return _refused(401, "the signature is missing, wrong or too old")
        try:
            payload = _payload(body, headers.get("Content-Type", "").split(";")[0].strip().lower())
        except LookupError:
            return _refused(415, "the body must be application/json or application/x-www-form-urlencoded")
        except (ValueError, RecursionError):
            return _refused(400, "the body is not JSON")
        return await self.take(payload)

    async def take(self, payload: object) -> BoltResponse:
        """Has a payload of Slack's worked on; the answer, which says that it was taken, does not wait for that."""
        if not isinstance(payload, dict):
            return _refused(400, "the body must be a JSON object")
        if reason := refusal(payload):
            return _refused(400, reason)
        try:
            # As Socket Mode hands it over: read already. Of a form, slack-bolt loses what holds the word 'payload'.
            return await self._bolt.async_dispatch(AsyncBoltRequest(body=payload, mode="socket_mode"))
        except _MISTYPED:
            return _refused(400, "a field is mistyped")

    async def stop(self) -> None:
        """Waits for what is being worked on."""
        await self._handler.stop()

    def _verified(self, body: bytes, headers: Mapping[str, str]) -> bool:
        stamp, signature = headers.get("X-Slack-Request-Timestamp", ""), headers.get("X-Slack-Signature", "")
        try:
            return self._verifier is not None and self._verifier.is_valid(body, stamp, signature)
        except (ValueError, TypeError, OverflowError):  # no number, no ASCII, no UTF-8
            return False


def _bolt(client: AsyncWebClient, desk: Desk) -> AsyncApp:
    async def authorize(team_id: str | None) -> AuthorizeResult:
        # By itself slack-bolt asks Slack who it is, and only then acknowledges the first request.
        return AuthorizeResult(enterprise_id=None, team_id=team_id, bot_token=client.token)

    async def odd(error: Exception) -> BoltResponse:
        if isinstance(error, BoltUnhandledRequestError):
            return BoltResponse(status=200)
        if not isinstance(error, _MISTYPED):
            desk.failed(error)
        return _refused(400, "a field is mistyped")

    bolt = AsyncApp(
        name="digivinkki",
        logger=sdk_logger(),
        client=client,
        signing_secret="",
        authorize=authorize,
        raise_error_for_unhandled_request=True,
        request_verification_enabled=False,  # `receive` has done it, before anything was read
        ssl_check_enabled=False,
        ignoring_self_events_enabled=False,  # needs to know the bot's own id, see above
        attaching_function_token_enabled=False,
        attaching_conversation_kwargs_enabled=False,
    )
    bolt.error(odd)
    return bolt


def _payload(body: bytes, content_type: str) -> object:
    """What a body holds. Raises ValueError where it is broken, LookupError where it is of another type."""
    if content_type == "application/json":
        return json.loads(body)
    if content_type != "application/x-www-form-urlencoded":
        raise LookupError
    fields = dict(parse_qsl(body.decode(), keep_blank_values=True))
    return json.loads(fields["payload"]) if "payload" in fields else fields


def _refused(status: int, reason: str) -> BoltResponse:
    _log.warning("request refused", channel="slack", reason=reason)
    return BoltResponse(status=status, body=reason)
