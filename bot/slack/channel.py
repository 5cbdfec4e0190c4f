"""Slack over slack-bolt: mentions, direct messages, the slash command, buttons; by HTTP or by Socket Mode."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import structlog
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from bot.desk import Desk
from bot.models import Message, Reply, Scope
from bot.slack import blocks
from bot.slack.events import conversation_of, message_of, pressed_of, spoken
from bot.slack.sender import SlackSender, SlackSendError

COMMAND = "/digivinkki"

_log = structlog.get_logger()


class SlackChannel:
    """Listens by slack-bolt, which checks signatures and acknowledges, and answers by its own sender."""

    def __init__(
        self, desk: Desk, client: AsyncWebClient, signing_secret: str, sender: SlackSender | None = None
    ) -> None:
        self._desk, self._sender = desk, sender or SlackSender(client)
        # Events are acknowledged before they are worked on, so Slack never waits for an answer.
        self._bolt = AsyncApp(client=client, signing_secret=signing_secret, raise_error_for_unhandled_request=False)
        self._listen()

    async def receive(self, body: str, headers: Mapping[str, str]) -> BoltResponse:
        """One request of Slack's, verified and acknowledged."""
        return await self._bolt.async_dispatch(AsyncBoltRequest(body=body, headers=dict(headers)))

    def socket(self, app_token: str) -> AsyncSocketModeHandler:
        """The Socket Mode client, which needs no public address and reconnects by itself."""
        return AsyncSocketModeHandler(self._bolt, app_token, web_client=self._bolt.client)

    def _listen(self) -> None:
        listen = self._bolt
        listen.event("app_mention")(self._on_said)
        listen.event({"type": "message", "subtype": None})(self._on_message)
        listen.event({"type": "message", "subtype": "message_changed"})(self._on_changed)
        listen.event("member_joined_channel")(self._on_joined)
        for gone in ("channel_left", "group_left", "channel_deleted", "group_deleted", "channel_archive"):
            listen.event(gone)(self._on_gone)
        listen.event(re.compile(".*"))(_ignored)
        listen.command(COMMAND)(self._on_command)
        listen.action(re.compile(f"^{blocks.ACTION}:"))(self._on_pressed)

    async def _on_message(self, event: dict[str, Any], body: dict[str, Any]) -> None:
        # In channels the mention comes as an event of its own.
        if event.get("channel_type") == "im":
            await self._on_said(event, body)

    async def _on_said(self, event: dict[str, Any], body: dict[str, Any]) -> None:
        message, key = message_of(event), f"slack:{body.get('event_id')}"
        if message is None or not await self._taken(key):
            return
        place = conversation_of(event, str(body.get("team_id") or ""))
        await self._desk.run(lambda: self._desk.conversations.meet(place, self._desk.now()))
        thread = "" if message.scope is Scope.PERSONAL else str(event.get("thread_ts") or event.get("ts") or "")
        sent = await self._sent(
            place.id, await self._desk.respond(message), thread or str(event.get("thread_ts") or "")
        )
        question = f"slack:{place.id}:{event.get('ts')}"
        if sent and await self._taken(question):
            await self._desk.run(lambda: self._desk.events.answered(question, sent))

    async def _on_changed(self, event: dict[str, Any], body: dict[str, Any]) -> None:
        """An edited question gets an edited answer."""
        changed = {
            **event.get("message", {}),
            "channel": event.get("channel"),
            "channel_type": event.get("channel_type"),
        }
        message = message_of(changed)
        if message is None or changed.get("text") == event.get("previous_message", {}).get("text"):
            return
        question = f"slack:{changed['channel']}:{changed.get('ts')}"
        answer = await self._desk.run(lambda: self._desk.events.answer_to(question))
        if answer and await self._taken(f"slack:{body.get('event_id')}"):
            reply = await self._desk.respond(message)
            await self._safely(
                self._sender.update(changed["channel"], answer, blocks.blocks(reply), blocks.plain(reply))
            )

    async def _on_joined(self, event: dict[str, Any], body: dict[str, Any], context: dict[str, Any]) -> None:
        """Says welcome where the bot itself was added."""
        if event.get("user") != context.get("bot_user_id"):
            return
        place = conversation_of(event, str(body.get("team_id") or ""))
        if await self._desk.run(lambda: self._desk.conversations.meet(place, self._desk.now())):
            await self._sent(place.id, self._desk.welcome(place.scope, None))

    async def _on_gone(self, event: dict[str, Any]) -> None:
        channel, why = str(event.get("channel") or ""), str(event.get("type") or "gone")
        await self._desk.run(lambda: self._desk.conversations.lose(channel, why))

    async def _on_command(self, ack: Any, command: dict[str, Any], respond: Any) -> None:
        """The slash command: the answer is for the one who typed it."""
        await ack()
        text = spoken(str(command.get("text") or "")) or "?"
        message = Message(text, f"slack:{command.get('user_id')}", "slack", scope=Scope.PERSONAL)
        reply = await self._desk.respond(message)
        await respond(blocks=blocks.blocks(reply), text=blocks.plain(reply), response_type="ephemeral")

    async def _on_pressed(self, ack: Any, body: dict[str, Any], respond: Any) -> None:
        """A button: the message with it is settled where the press settles it, else the answer follows it."""
        await ack()
        message = pressed_of(body)
        if message is None:
            return
        reply = await self._desk.respond(message)
        container = body.get("container") or {}
        personal = message.scope is Scope.PERSONAL
        if reply.settles or container.get("is_ephemeral"):
            await respond(blocks=blocks.blocks(reply), text=blocks.plain(reply), replace_original=bool(reply.settles))
            return
        thread = "" if personal else str(container.get("thread_ts") or container.get("message_ts") or "")
        await self._sent(str((body.get("channel") or {}).get("id") or ""), reply, thread)

    async def _taken(self, key: str) -> bool:
        return await self._desk.run(lambda: self._desk.events.take(key, self._desk.now()))

    async def _sent(self, channel: str, reply: Reply, thread: str = "") -> str:
        try:
            return await self._sender.post(channel, blocks.blocks(reply), blocks.plain(reply), thread)
        except SlackSendError as error:
            await self._failed(channel, error)
            return ""

    async def _safely(self, sending: Any) -> None:
        try:
            await sending
        except SlackSendError as error:
            _log.error("answer not changed", reason=str(error))

    async def _failed(self, channel: str, error: SlackSendError) -> None:
        _log.error("reply not sent", reason=str(error), gone=error.gone)
        if error.gone:
            await self._desk.run(lambda: self._desk.conversations.lose(channel, str(error)))


async def _ignored() -> None:
    """Any other event is acknowledged, and nothing done."""
