"""A thin adapter under botbuilder-core's turns: it sends by our own connector client.

The stock CloudAdapter serialises invoke answers twice, fetches keys in the event loop and gives up at a 429.
"""

from __future__ import annotations

from typing import Any

from botbuilder.core import BotAdapter, InvokeResponse, TurnContext
from botbuilder.schema import Activity, ActivityTypes, ConversationReference, ResourceResponse

from bot.teams.connector import Connector


class TeamsAdapter(BotAdapter):
    """Runs turns; a failed send is the turn's failure."""

    def __init__(self, connector: Connector) -> None:
        super().__init__()
        self._connector = connector

    async def run(self, activity: Activity, handler: Any) -> InvokeResponse | None:
        """One turn; the answer to an invoke, if it was one. Raises SendError."""
        context = TurnContext(self, activity)
        await self.run_pipeline(context, handler.on_turn)
        answer = context.turn_state.get(self._INVOKE_RESPONSE_KEY)
        return answer.value if isinstance(answer, Activity) else None

    async def send_activities(self, context: TurnContext, activities: list[Activity]) -> list[ResourceResponse]:
        """Sends in order; an answer to an invoke is kept for the HTTP response."""
        sent = []
        for activity in activities:
            if activity.type == ActivityTypes.invoke_response:
                context.turn_state[self._INVOKE_RESPONSE_KEY] = activity
                sent.append(ResourceResponse())
                continue
            identity = await self._connector.send(
                activity.service_url, activity.conversation.id, _serialized(activity), activity.reply_to_id or ""
            )
            sent.append(ResourceResponse(id=identity))
        return sent

    async def update_activity(self, _: TurnContext, activity: Activity) -> ResourceResponse:
        """Replaces a message of ours."""
        await self._connector.update(activity.service_url, activity.conversation.id, activity.id, _serialized(activity))
        return ResourceResponse(id=activity.id)

    async def delete_activity(self, _: TurnContext, reference: ConversationReference) -> None:
        """Takes back a message of ours."""
        await self._connector.delete(reference.service_url, reference.conversation.id, reference.activity_id)


class Whole(dict[str, Any]):
    """A card on its way through a turn. The SDK copies and serialises activities deeply, half of a reply's time:
    a card is made once, never changed, and JSON already."""

    def __deepcopy__(self, memo: object) -> Whole:
        return self


def _serialized(activity: Activity) -> dict[str, Any]:
    attachments, activity.attachments = activity.attachments, None
    data: dict[str, Any] = activity.serialize()
    if attachments:
        data["attachments"] = [{"contentType": part.content_type, "content": part.content} for part in attachments]
    return data
