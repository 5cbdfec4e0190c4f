"""Slack over slack-bolt: mentions, direct messages, the slash command, buttons; by HTTP or by Socket Mode."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar
from urllib.parse import parse_qsl

import structlog
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.error import BoltUnhandledRequestError
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.signature import SignatureVerifier
from slack_sdk.web.async_client import AsyncWebClient

from bot.conversations import Conversation
from bot.desk import Desk
from bot.models import Reply, Scope
from bot.sending import SendError
from bot.slack import blocks
from bot.slack.events import SUBTYPES, Press, Said, command_of, edit_of, id_in, place_of, press_of, refusal, said_of
from bot.slack.logs import sdk_logger
from bot.slack.sender import SlackSender

COMMAND = "/digivinkki"

_GONE = ("channel_left", "group_left", "channel_deleted", "group_deleted", "channel_archive", "group_archive")
_ASIDE = frozenset({"gone", "privately"})  # replies that concern only the one who pressed
_FINISH_WITHIN = 10.0  # seconds for what is being worked on when the server stops
_MISTYPED = (AttributeError, IndexError, KeyError, TypeError, ValueError)

Payload = dict[str, Any]
T = TypeVar("T")

_log = structlog.get_logger()


class SlackChannel:
    """Verifies, lets slack-bolt acknowledge and pass on, and answers by its own sender."""

    def __init__(
        self, desk: Desk, client: AsyncWebClient, signing_secret: str, sender: SlackSender | None = None
    ) -> None:
        self._desk, self._sender = desk, sender or SlackSender(client)
        self._verifier = SignatureVerifier(signing_secret) if signing_secret else None
        self._running: set[asyncio.Task[None]] = set()
        self._bolt = _bolt(client)
        self._listen()

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
        if self._running:
            await asyncio.wait(self._running, timeout=_FINISH_WITHIN)

    def _verified(self, body: bytes, headers: Mapping[str, str]) -> bool:
        stamp, signature = headers.get("X-Slack-Request-Timestamp", ""), headers.get("X-Slack-Signature", "")
        try:
            return self._verifier is not None and self._verifier.is_valid(body, stamp, signature)
        except (ValueError, TypeError, OverflowError):  # no number, no ASCII, no UTF-8
            return False

    def _listen(self) -> None:
        said: Payload = {"type": "message", "subtype": SUBTYPES}
        self._bolt.event("app_mention")(self._listener(self._on_said))
        self._bolt.event(said)(self._listener(self._on_message))
        self._bolt.event({"type": "message", "subtype": "message_changed"})(self._listener(self._on_changed))
        self._bolt.event("member_joined_channel")(self._listener(self._on_joined))
        self._bolt.event("app_home_opened")(self._listener(self._on_opened))
        self._bolt.event(re.compile(f"^(?:{'|'.join(_GONE)})$"))(self._listener(self._on_gone))
        self._bolt.event("app_uninstalled")(self._listener(self._on_uninstalled))
        self._bolt.command(COMMAND)(self._listener(lambda body: self._on_press(command_of(body))))
        self._bolt.action(re.compile(f"^{blocks.ACTION}:"))(self._listener(lambda body: self._on_press(press_of(body))))

    def _listener(self, work: Callable[[Payload], Awaitable[None]]) -> Callable[..., Awaitable[None]]:
        """The work as a listener that acknowledges first. In a task of its own: where it failed within slack-bolt,
        that would take the acknowledgement back."""

        async def listener(ack: Any, body: Payload) -> None:
            await ack()
            task = asyncio.create_task(self._worked(work, body))
            self._running.add(task)
            task.add_done_callback(self._running.discard)

        return listener

    async def _worked(self, work: Callable[[Payload], Awaitable[None]], body: Payload) -> None:
        try:
            await work(body)
        except Exception as error:  # noqa: BLE001  acknowledged by now: it is counted here, or nobody hears of it
            self._desk.failed(error)

    async def _on_message(self, body: Payload) -> None:
        # In channels and group chats the mention comes as an event of its own.
        if place_of(body["event"], "").scope is Scope.PERSONAL:
            await self._on_said(body)

    async def _on_said(self, body: Payload) -> None:
        said = said_of(body["event"], id_in(body, "team_id"))
        if said is None or said.message.person == f"slack:{await self._sender.me()}":
            return
        # A mention that is edited comes again, as a new event.
        if said.edited and await self._amended(said):
            return
        event = f"slack:{id_in(body, 'event_id') or _question(said)}"
        reply = await self._desk.respond_once(said.message, event, said.place)
        if reply and (sent := await self._posted(said.place.id, reply, said.thread)):
            await self._desk.run(lambda: self._remember(event, said, sent))

    async def _on_changed(self, body: Payload) -> None:
        said = edit_of(body["event"], id_in(body, "team_id"))
        if said:
            await self._amended(said)

    async def _amended(self, said: Said) -> bool:
        """An edited question gets an edited answer. False where no answer to it is known."""
        question = _question(said)
        answer: str = await self._desk.run(lambda: self._desk.events.answer_to(question))
        edit = f"{question}:{said.edited}"
        new: bool = await self._desk.run(lambda: bool(answer) and self._desk.events.take(edit, self._desk.now()))
        if new:
            channel, reply = said.place.id, await self._desk.respond(said.message)
            changing = self._sender.update(channel, answer, blocks.blocks(reply), blocks.plain(reply))
            await self._safely(channel, changing)
        return bool(answer)

    async def _on_joined(self, body: Payload) -> None:
        """Says welcome where the bot itself was added."""
        event = body["event"]
        if event.get("user") == await self._sender.me():
            await self._met(place_of(event, id_in(body, "team_id")))

    async def _on_opened(self, body: Payload) -> None:
        """Says welcome to a person who looks at the bot for the first time. It tells what is stored and who sees it."""
        event = body["event"]
        if event.get("tab") == "messages":
            await self._met(place_of(event, id_in(body, "team_id")))

    async def _met(self, place: Conversation) -> None:
        if await self._desk.run(lambda: self._desk.conversations.meet(place, self._desk.now())):
            await self._posted(place.id, self._desk.welcome(place.scope, None))

    async def _on_gone(self, body: Payload) -> None:
        channel, why = id_in(body["event"], "channel"), body["event"]["type"]
        await self._desk.run(lambda: self._desk.conversations.lose(channel, why))

    async def _on_uninstalled(self, body: Payload) -> None:
        team = id_in(body, "team_id")
        await self._desk.run(lambda: self._desk.conversations.lose_team(team, "app_uninstalled"))

    async def _on_press(self, press: Press) -> None:
        """The message with the button is settled where the press settles it, else the answer follows it."""
        reply = await self._desk.respond(press.message)
        aside = press.message.scope is Scope.CHANNEL and reply.kind in _ASIDE
        if (press.private or reply.settles or aside) and self._sender.accepts(press.url):
            shown, text = blocks.blocks(reply), blocks.plain(reply)
            await self._safely("", self._sender.respond(press.url, shown, text, replace=reply.settles is not None))
        elif press.channel and not press.private:
            await self._posted(press.channel, reply, press.thread)
        else:
            _log.warning("nowhere to answer", channel="slack")

    async def _posted(self, channel: str, reply: Reply, thread: str = "") -> str:
        """The id of the message; '' where it could not be sent."""
        sending = self._sender.post(channel, blocks.blocks(reply), blocks.plain(reply), thread)
        return await self._safely(channel, sending) or ""

    async def _safely(self, channel: str, sending: Awaitable[T]) -> T | None:
        """Nobody waits for what is sent here, so a failure is counted, and a lost channel remembered."""
        try:
            return await sending
        except SendError as error:
            _log.error("reply not sent", channel="slack", reason=str(error), gone=error.gone)
            if error.gone:
                why = str(error)
                await self._desk.run(lambda: self._desk.conversations.lose(channel, why))
            else:
                self._desk.failed(error)
            return None

    def _remember(self, event: str, said: Said, answer: str) -> None:
        """The event is done, and an edit of the question finds its answer. In the database's thread."""
        question = _question(said)
        self._desk.events.answered(event, answer)
        self._desk.events.take(question, self._desk.now())
        self._desk.events.answered(question, answer)


def _bolt(client: AsyncWebClient) -> AsyncApp:
    async def authorize(team_id: str | None) -> AuthorizeResult:
        # By itself slack-bolt asks Slack who it is, and only then acknowledges the first request.
        return AuthorizeResult(enterprise_id=None, team_id=team_id, bot_token=client.token)

    async def odd(error: Exception) -> BoltResponse:
        unknown = isinstance(error, BoltUnhandledRequestError)
        return BoltResponse(status=200) if unknown else _refused(400, "a field is mistyped")

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


def _question(said: Said) -> str:
    return f"slack:{said.place.id}:{said.ts}"
