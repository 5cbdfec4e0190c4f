"""What happens at each of Slack's events, presses and commands. Everything that is said comes from the assistant."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, TypeVar

import structlog
from slack_bolt.app.async_app import AsyncApp

from bot.conversations import Conversation
from bot.conversing import answer_to, greet, met
from bot.desk import Desk
from bot.menu import ENTRIES
from bot.models import Reply, Scope
from bot.running import Running
from bot.sending import SendError
from bot.slack import blocks, modals
from bot.slack.events import (
    COMMAND,
    SUBTYPES,
    Press,
    Said,
    bot_in,
    command_of,
    edit_of,
    id_in,
    place_of,
    press_of,
    quote_of,
    said_of,
    submission_of,
)
from bot.slack.sender import SlackSender
from tips.errors import DatabaseError

_GONE = ("channel_left", "group_left", "channel_deleted", "group_deleted", "channel_archive", "group_archive")
# What is back, and why it was lost then: told by an event, or by a message that could not be sent.
_BACK = {
    "channel_unarchive": ("channel_archive", "is_archived"),
    "group_unarchive": ("group_archive", "is_archived"),
}
_ASIDE = frozenset({"failed", "gone", "privately"})  # replies that concern only the one who pressed

Payload = dict[str, Any]
T = TypeVar("T")

_log = structlog.get_logger()


class SlackHandler:
    """Mentions, direct messages, edits, buttons, the slash command; channels that are joined and left."""

    def __init__(self, desk: Desk, sender: SlackSender) -> None:
        self._desk, self._sender = desk, sender
        self._running = Running()

    def listen(self, bolt: AsyncApp) -> None:
        """Has slack-bolt pass on what concerns us."""
        said: Payload = {"type": "message", "subtype": SUBTYPES}
        bolt.event("app_mention")(self._listener(self._on_said))
        bolt.event(said)(self._listener(self._on_message))
        bolt.event({"type": "message", "subtype": "message_changed"})(self._listener(self._on_changed))
        bolt.event("member_joined_channel")(self._listener(self._on_joined))
        bolt.event("app_home_opened")(self._listener(self._on_opened))
        bolt.event(re.compile(f"^(?:{'|'.join(_GONE)})$"))(self._listener(self._on_gone))
        bolt.event(re.compile(f"^(?:{'|'.join(_BACK)})$"))(self._listener(self._on_back))
        bolt.event("app_uninstalled")(self._listener(self._on_uninstalled))
        bolt.command(COMMAND)(self._listener(lambda body: self._on_press(command_of(body))))
        bolt.action(re.compile(f"^{blocks.ACTION}:"))(self._listener(lambda body: self._on_press(press_of(body))))
        bolt.message_shortcut(re.compile(f"^(?:{'|'.join(ENTRIES)})$"))(
            self._listener(lambda body: self._on_press(quote_of(body)))
        )
        bolt.view_submission(blocks.ACTION)(self._on_submitted)

    async def stop(self) -> None:
        """Waits for what is being worked on."""
        await self._running.stop()

    def _listener(self, work: Callable[[Payload], Awaitable[None]]) -> Callable[..., Awaitable[None]]:
        """The work as a listener that acknowledges first. In a task of its own: where it failed within slack-bolt,
        that would take the acknowledgement back."""

        async def listener(ack: Any, body: Payload) -> None:
            await ack()
            self._running.begin(self._worked(work, body))

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
        said = said_of(body["event"], id_in(body, "team_id"), bot_in(body))
        if said is None or said.message.person == f"slack:{bot_in(body) or await self._sender.me()}":
            return
        # A mention that is edited comes again, as a new event; one that came into being by the edit is a question.
        if said.edited and await self._amended(said):
            return
        question, channel = _question(said), said.place.id
        await met(self._desk, said.message.person, lambda: self._sender.addresses(said.message.person[len("slack:") :]))
        try:
            reply = await self._desk.respond_once(said.message, question, said.place)
        except Exception:
            with suppress(DatabaseError):  # then it is new again when it is taken for abandoned
                await self._desk.run(lambda: self._desk.events.give_back(question))
            await self._posted(channel, self._desk.sorry(None), said.thread)
            raise
        if reply:
            sent = await self._posted(channel, reply, said.thread)
            self._desk.later(lambda: self._settled(said, sent))

    def _settled(self, said: Said, sent: str) -> None:
        """The question was answered, as it was edited; or it was not, and may come again. In the database's thread."""
        events, question = self._desk.events, _question(said)
        if not sent:
            events.give_back(question)
            return
        if said.edited:  # before the answer: who waits for that to edit it finds that nothing is to be edited
            events.advance(_edits(said), said.edited, self._desk.now())
        events.answered(question, sent)

    async def _on_changed(self, body: Payload) -> None:
        if said := edit_of(body["event"], id_in(body, "team_id")):
            await self._amended(said)

    async def _amended(self, said: Said) -> bool:
        """An edited question gets an edited answer. False where none came to it, or no such question is known."""
        events, answer = self._desk.events, await answer_to(self._desk, _question(said))
        latest: bool = await self._desk.run(
            lambda: bool(answer) and events.advance(_edits(said), said.edited, self._desk.now())
        )
        if answer and latest:
            reply = await self._desk.respond(said.message)
            changing = self._sender.update(said.place.id, answer, blocks.blocks(reply), blocks.plain(reply))
            await self._safely(said.place.id, changing)
        return bool(answer)

    async def _on_joined(self, body: Payload) -> None:
        """Says welcome where the bot itself was added."""
        event = body["event"]
        if event.get("user") == (bot_in(body) or await self._sender.me()):
            await self._greet(place_of({**event, "user": ""}, id_in(body, "team_id")))

    async def _on_opened(self, body: Payload) -> None:
        """Says welcome to a person who looks at the bot for the first time. It tells what is stored and who sees it."""
        event = body["event"]
        if event.get("tab") == "messages":
            await self._greet(place_of(event, id_in(body, "team_id")))

    async def _greet(self, place: Conversation) -> None:
        async def send(welcome: Reply) -> None:
            await self._sender.post(place.id, blocks.blocks(welcome), blocks.plain(welcome))

        await self._safely(place.id, greet(self._desk, place, None, send))

    async def _on_gone(self, body: Payload) -> None:
        channel, why = id_in(body["event"], "channel"), body["event"]["type"]
        await self._lost(channel, why)

    async def _on_back(self, body: Payload) -> None:
        channel, reasons = id_in(body["event"], "channel"), _BACK[body["event"]["type"]]

        def regain() -> None:
            for why in reasons:
                self._desk.conversations.regain(channel, why)

        await self._desk.run(regain)

    async def _on_uninstalled(self, body: Payload) -> None:
        team, now = id_in(body, "team_id"), self._desk.now()
        await self._desk.run(lambda: self._desk.conversations.lose_team(team, "app_uninstalled", now))

    async def _on_press(self, press: Press) -> None:
        """The message with the button is settled where the press settles it, else the answer follows it."""
        if not await self._is_new(press):
            return
        try:
            reply = await self._desk.respond(press.message)
        except Exception:
            await self._answered(press, self._desk.sorry(None))
            raise
        await self._answered(press, reply)

    async def _on_submitted(self, ack: Any, body: Payload) -> None:
        """A form that was filled in: the modal shows what came of it. Slack takes that within the acknowledgement."""
        press = submission_of(body)
        if not await self._is_new(press):
            await ack()
            return
        try:
            reply = await self._desk.respond(press.message)
        except Exception as error:  # noqa: BLE001  what was written is in the modal still
            self._desk.failed(error)
            reply = self._desk.sorry(None)
        await ack(response_action="update", view=modals.view(reply, press.message.behind))

    async def _is_new(self, press: Press) -> bool:
        event, now = f"slack:press:{press.id}", self._desk.now()
        try:
            return not press.id or await self._desk.run(lambda: self._desk.events.take(event, now))
        except DatabaseError as error:  # better answered twice than not at all
            self._desk.failed(error)
            return True

    async def _answered(self, press: Press, reply: Reply) -> None:
        if await self._in_modal(press, reply):
            return
        if reply.form:  # without the modal it cannot be filled in
            reply = self._desk.sorry(reply.language)
        aside = press.message.scope is Scope.CHANNEL and reply.kind in _ASIDE
        replaces = not press.dialog and (reply.in_place or reply.settles is not None)
        if (press.private or replaces or aside) and self._sender.accepts(press.url):
            shown, text = blocks.blocks(reply), blocks.plain(reply)
            await self._safely("", self._sender.respond(press.url, shown, text, replace=replaces))
        elif press.channel and not press.private:
            await self._posted(press.channel, reply, press.thread)
        else:
            _log.warning("nowhere to answer", channel="slack")

    async def _in_modal(self, press: Press, reply: Reply) -> bool:
        """Whether a modal shows it. Where none opens, or it is closed by now, the person gets the same aside."""
        try:
            if press.view:
                await self._sender.change(press.view, modals.view(reply, press.message.behind))
            elif press.dialog and press.id and reply.kind not in _ASIDE:
                await self._sender.open(press.id, modals.view(reply, press.message.behind))
            else:
                return False
        except SendError as error:
            _log.warning("modal not shown", channel="slack", reason=str(error))
            return False
        return True

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
                await self._lost(channel, str(error))
            else:
                self._desk.failed(error)
            return None

    async def _lost(self, channel: str, why: str) -> None:
        now = self._desk.now()
        await self._desk.run(lambda: self._desk.conversations.lose(channel, why, now))


def _question(said: Said) -> str:
    """The same for a question that comes twice, also where it comes as two kinds of event."""
    return f"slack:{said.place.id}:{said.ts}"


def _edits(said: Said) -> str:
    return f"{_question(said)}:edited"
