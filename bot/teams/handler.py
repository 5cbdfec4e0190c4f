"""What happens at each kind of activity. Everything that is said comes from the assistant."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from typing import Any

from botbuilder.core import ActivityHandler, InvokeResponse, TurnContext
from botbuilder.schema import Activity, ActivityTypes, Attachment

from bot.conversations import Conversation
from bot.conversing import answer_to, greet, met
from bot.desk import Desk
from bot.models import Message, Reply
from bot.sending import SendError
from bot.teams import cards
from bot.teams.activities import (
    channel_of,
    conversation_of,
    edited_at,
    event_of,
    locale_of,
    message_of,
    press_of,
    task_of,
)
from bot.teams.adapter import Whole
from bot.teams.connector import Connector
from bot.teams.quotes import quote_of
from bot.teams.roster import Roster

_TYPING_AFTER = 1.0  # seconds
_GONE = frozenset({"teamDeleted", "teamHardDeleted", "teamArchived"})
_BACK = {"channelRestored": "channelDeleted", "teamRestored": "teamDeleted", "teamUnarchived": "teamArchived"}
_NOTHING_DONE = frozenset({"gone", "privately"})  # kinds of replies to a press
_DIALOG = frozenset({"task/fetch", "task/submit", "composeExtension/submitAction"})
_NOTE = "application/vnd.microsoft.activity.message"


class TeamsHandler(ActivityHandler):
    """Messages, edits, buttons, message extensions, install and uninstall. Other activities are left alone."""

    def __init__(self, desk: Desk, connector: Connector) -> None:
        self._desk, self._roster = desk, Roster(connector)

    async def on_message_activity(self, turn_context: TurnContext) -> None:
        """Answers what was said to the bot, in its thread; what comes again is not answered again."""
        activity = turn_context.activity
        message = message_of(activity)
        if message is None:
            return
        await met(self._desk, message.person, lambda: self._roster.addresses(activity))
        message = await self._roster.resolved(activity, message)
        if (reply := await self._replied(turn_context, message)) is None:
            return
        sent = await turn_context.send_activity(message_with(reply))
        if sent and sent.id and (key := event_key(activity)):
            self._desk.later(lambda: self._desk.events.answered(key, sent.id))

    async def on_message_update_activity(self, turn_context: TurnContext) -> None:
        """An edited question gets an edited answer. Of edits that overtake each other the latest counts."""
        activity, message = turn_context.activity, message_of(turn_context.activity)
        if message is None or not (answer := await answer_to(self._desk, question_key(activity))):
            return
        edits, version = event_key(activity), edited_at(activity)
        if await self._desk.run(lambda: self._desk.events.advance(edits, version, self._desk.now())):
            changed = message_with(await self._desk.respond(message))
            changed.id = answer
            await turn_context.update_activity(changed)

    async def on_installation_update(self, turn_context: TurnContext) -> None:
        """Says welcome where the bot was added; remembers where it was removed."""
        action = turn_context.activity.action or ""
        if action.startswith("add"):
            await self._greet(turn_context)
        elif action.startswith("remove"):
            await self._lost(conversation_of(turn_context.activity), "the app was removed")

    async def on_conversation_update_activity(self, turn_context: TurnContext) -> None:
        """The older way in which Teams tells of the same, and of teams and channels that go and come back."""
        activity, bot = turn_context.activity, turn_context.activity.recipient.id
        event, place, channel = event_of(activity), conversation_of(activity), channel_of(activity)
        conversations = self._desk.conversations
        if event == "channelDeleted":
            await self._desk.run(lambda: conversations.lose(channel, event, self._desk.now()))
        elif event in _GONE:
            await self._lost(place, event)
        elif event in _BACK:
            back = channel if event == "channelRestored" else place.team
            await self._desk.run(lambda: conversations.regain(back, _BACK[event]))
        elif any(member.id == bot for member in activity.members_added or ()):
            await self._greet(turn_context)
        elif any(member.id == bot for member in activity.members_removed or ()):
            # A shared or private channel can shut the bot out alone: https://github.com/microsoft/Agents/issues/179
            alone = event == "channelMemberRemoved"
            await self._lost(replace(place, team="") if alone else place, "the bot was removed")

    async def on_invoke_activity(self, turn_context: TurnContext) -> InvokeResponse:
        """Buttons, dialogs and the message extension; anything else is acknowledged and ignored."""
        activity = turn_context.activity
        if activity.name == "adaptiveCard/action":
            return InvokeResponse(status=200, body=await self._pressed(activity))
        if activity.name in _DIALOG:
            return InvokeResponse(status=200, body=await self._in_dialog(task_of(activity)))
        if activity.name == "composeExtension/fetchTask":
            return InvokeResponse(status=200, body=await self._in_dialog(quote_of(activity)))
        if activity.name == "composeExtension/query":
            return InvokeResponse(status=200, body=await self._searched(activity))
        return InvokeResponse(status=200, body={})

    async def _replied(self, turn_context: TurnContext, message: Message) -> Reply | None:
        """The reply, None where the activity was answered before; where it takes long, 'is typing' first."""
        activity = turn_context.activity
        once = self._desk.respond_once(message, event_key(activity), conversation_of(activity))
        task = asyncio.ensure_future(once)
        done, _ = await asyncio.wait({task}, timeout=_TYPING_AFTER)
        if done:
            return await task
        typing = asyncio.create_task(_type(turn_context))
        try:
            return await task
        finally:
            typing.cancel()
            await asyncio.wait({typing})

    async def _pressed(self, activity: Activity) -> dict[str, Any]:
        """The card that takes the pressed one's place; where nothing was done, a note, and the card stays."""
        reply = await self._desk.respond(press_of(activity))
        if reply.kind in _NOTHING_DONE:
            return {"statusCode": 200, "type": _NOTE, "value": cards.plain(reply)}
        return {"statusCode": 200, "type": cards.CONTENT_TYPE, "value": cards.card(reply)}

    async def _in_dialog(self, message: Message) -> dict[str, Any]:
        """The next card of the dialog; where nothing was done, a line that ends it."""
        reply = await self._desk.respond(message)
        return cards.notice(reply) if reply.kind in _NOTHING_DONE else cards.task(reply)

    async def _searched(self, activity: Activity) -> dict[str, Any]:
        value = activity.value if isinstance(activity.value, dict) else {}
        found = [] if _is_further_page(value) else await self._desk.search(_typed(value), locale_of(activity))
        results = [
            {**cards.attachment(reply), "preview": cards.preview(reply.tip)} for reply in found if reply.tip is not None
        ]
        return {"composeExtension": {"type": "result", "attachmentLayout": "list", "attachments": results}}

    async def _greet(self, turn_context: TurnContext) -> None:
        place, language = conversation_of(turn_context.activity), locale_of(turn_context.activity)
        await greet(self._desk, place, language, lambda welcome: turn_context.send_activity(message_with(welcome)))

    async def _lost(self, place: Conversation, why: str) -> None:
        """The conversation, and all others of its team: an app is in a team or it is not."""
        now, conversations = self._desk.now(), self._desk.conversations
        await self._desk.run(lambda: conversations.lose(place.id, why, now))
        await self._desk.run(lambda: conversations.lose_team(place.team, why, now))


def event_key(activity: Activity) -> str:
    """What makes an activity that comes twice the same one, '' where nothing does. The edits of a message share it, and
    differ in when they were made."""
    return f"teams:{activity.conversation.id}:{activity.type}:{activity.id}" if activity.id else ""


def question_key(activity: Activity) -> str:
    """The key of the message that an edit changes."""
    return f"teams:{activity.conversation.id}:{ActivityTypes.message.value}:{activity.id}"


async def _type(turn_context: TurnContext) -> None:
    with suppress(SendError):  # whether the conversation can be written to, the answer will tell
        await turn_context.send_activity(Activity(type=ActivityTypes.typing))


def message_with(reply: Reply) -> Activity:
    """A message with the reply's card, and a line for notifications."""
    card = Attachment(content_type=cards.CONTENT_TYPE, content=Whole(cards.card(reply)))
    return Activity(type=ActivityTypes.message, summary=cards.plain(reply), attachments=[card])


def _typed(value: dict[str, Any]) -> str:
    """What was typed into the message extension's search field."""
    parameters = value.get("parameters")
    for parameter in parameters if isinstance(parameters, list) else ():
        if not isinstance(parameter, dict) or parameter.get("name") == "initialRun":
            continue  # the field was opened: nothing is typed yet
        if isinstance(parameter.get("value"), str):
            return str(parameter["value"])
    return ""


def _is_further_page(value: dict[str, Any]) -> bool:
    """Whether what comes after the first results is asked for: there is no more."""
    options = value.get("queryOptions")
    return isinstance(options, dict) and bool(options.get("skip"))
