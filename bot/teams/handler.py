"""What happens at each kind of activity. Everything that is said comes from the assistant."""

from __future__ import annotations

import asyncio
from typing import Any

from botbuilder.core import InvokeResponse, TurnContext
from botbuilder.core.teams import TeamsActivityHandler
from botbuilder.schema import Activity, ActivityTypes, Attachment

from bot.desk import Desk
from bot.models import Message, Reply
from bot.teams import cards
from bot.teams.activities import conversation_of, locale_of, message_of, person_of, pressed_action, scope_of
from bot.teams.adapter import Whole

_TYPING_AFTER = 1.0  # seconds
_GONE_EVENTS = frozenset({"channelDeleted", "teamDeleted", "teamHardDeleted", "teamArchived"})


class TeamsHandler(TeamsActivityHandler):
    """Messages, edits, buttons, message extensions, install and uninstall."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def on_message_activity(self, turn_context: TurnContext) -> None:
        """Answers what was said to the bot, in its thread; what comes again is not answered again."""
        activity = turn_context.activity
        message = message_of(activity)
        if message is None:
            return
        reply = await self._replied(turn_context, message)
        if reply is None:
            return
        sent = await turn_context.send_activity(_activity(reply))
        if sent and sent.id:
            key = event_key(activity)
            await self._desk.run(lambda: self._desk.events.answered(key, sent.id))

    async def on_message_update_activity(self, turn_context: TurnContext) -> None:
        """An edited question gets an edited answer."""
        activity, message = turn_context.activity, message_of(turn_context.activity)
        if message is None or not (answer := await self._desk.run(lambda: self._answer_to_change(activity))):
            return
        changed = _activity(await self._desk.respond(message))
        changed.id = answer
        await turn_context.update_activity(changed)

    def _answer_to_change(self, edit: Activity) -> str:
        """The id of the answer to the message that was edited; '' where there is none, or the edit came before."""
        answer = self._desk.events.answer_to(question_key(edit))
        return answer if answer and self._desk.events.take(event_key(edit), self._desk.now()) else ""

    async def on_installation_update(self, turn_context: TurnContext) -> None:
        """Says welcome where the bot was added; remembers where it was removed."""
        action = turn_context.activity.action or ""
        if action.startswith("add"):
            await self._met(turn_context)
        elif action.startswith("remove"):
            await self._lost(turn_context, "the app was removed")

    async def on_conversation_update_activity(self, turn_context: TurnContext) -> None:
        """The older way in which Teams tells of the same, and of deleted channels."""
        activity = turn_context.activity
        data = activity.channel_data if isinstance(activity.channel_data, dict) else {}
        if data.get("eventType") in _GONE_EVENTS:
            await self._lost(turn_context, str(data["eventType"]))
        elif any(member.id == activity.recipient.id for member in activity.members_added or ()):
            await self._met(turn_context)
        elif any(member.id == activity.recipient.id for member in activity.members_removed or ()):
            await self._lost(turn_context, "the bot was removed")

    async def on_invoke_activity(self, turn_context: TurnContext) -> InvokeResponse:
        """Buttons and the message extension; anything else is acknowledged and ignored."""
        activity = turn_context.activity
        if activity.name == "adaptiveCard/action":
            return InvokeResponse(status=200, body=await self._pressed(turn_context))
        if activity.name == "composeExtension/query":
            return InvokeResponse(status=200, body=await self._searched(activity))
        return InvokeResponse(status=200, body={})

    async def _replied(self, turn_context: TurnContext, message: Message) -> Reply | None:
        """The reply, None where the activity was answered before; where it takes long, 'is typing' first."""
        activity = turn_context.activity
        once = self._desk.respond_once(message, event_key(activity), conversation_of(activity))
        task = asyncio.ensure_future(once)
        done, _ = await asyncio.wait({task}, timeout=_TYPING_AFTER)
        if not done:
            await turn_context.send_activity(Activity(type=ActivityTypes.typing))
        return await task

    async def _pressed(self, turn_context: TurnContext) -> dict[str, Any]:
        activity = turn_context.activity
        value = activity.value if isinstance(activity.value, dict) else {}
        executed = value.get("action")
        action = pressed_action(executed.get("data") if isinstance(executed, dict) else None)
        if action is None:
            return {"statusCode": 200, "type": "application/vnd.microsoft.activity.message", "value": "…"}
        message = Message(
            "", person_of(activity), "teams", scope=scope_of(activity), action=action, locale=locale_of(activity)
        )
        reply = await self._desk.respond(message)
        return {"statusCode": 200, "type": cards.CONTENT_TYPE, "value": cards.card(reply)}

    async def _searched(self, activity: Activity) -> dict[str, Any]:
        value = activity.value if isinstance(activity.value, dict) else {}
        language = locale_of(activity)
        found = await self._desk.search(_typed(value), language or "fi")
        results = [
            {**cards.attachment(reply), "preview": cards.preview(reply.tip)} for reply in found if reply.tip is not None
        ]
        return {"composeExtension": {"type": "result", "attachmentLayout": "list", "attachments": results}}

    async def _met(self, turn_context: TurnContext) -> None:
        place, now = conversation_of(turn_context.activity), self._desk.now()
        if await self._desk.run(lambda: self._desk.conversations.meet(place, now)):
            welcome = self._desk.welcome(place.scope, locale_of(turn_context.activity))
            await turn_context.send_activity(_activity(welcome))

    async def _lost(self, turn_context: TurnContext, why: str) -> None:
        place = conversation_of(turn_context.activity)
        await self._desk.run(lambda: self._desk.conversations.lose(place.id, why))
        if why.startswith("team"):
            await self._desk.run(lambda: self._desk.conversations.lose_team(place.team, why))


def event_key(activity: Activity) -> str:
    """What makes an activity that comes twice the same one, '' where nothing does. An edit is not its message."""
    if not activity.id:
        return ""
    edited = activity.type == ActivityTypes.message_update
    when = f":{activity.timestamp.isoformat()}" if edited and activity.timestamp else ""
    return f"teams:{activity.conversation.id}:{activity.type}:{activity.id}{when}"


def question_key(activity: Activity) -> str:
    """The key of the message that an edit changes."""
    return f"teams:{activity.conversation.id}:{ActivityTypes.message.value}:{activity.id}"


def _activity(reply: Reply) -> Activity:
    """A message with the reply's card, and a line for notifications."""
    card = Attachment(content_type=cards.CONTENT_TYPE, content=Whole(cards.card(reply)))
    return Activity(type=ActivityTypes.message, summary=cards.plain(reply), attachments=[card])


def _typed(value: dict[str, Any]) -> str:
    """What was typed into the message extension's search field."""
    parameters = value.get("parameters")
    for parameter in parameters if isinstance(parameters, list) else ():
        if isinstance(parameter, dict) and isinstance(parameter.get("value"), str):
            return str(parameter["value"])
    return ""
