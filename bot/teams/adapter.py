"""A thin adapter under botbuilder-core's turns: it sends by our own connector client.

The stock CloudAdapter serialises invoke answers twice, fetches keys in the event loop and gives up at a 429.
"""

from __future__ import annotations

from typing import Any

from botbuilder.core import BotAdapter, InvokeResponse, TurnContext
from botbuilder.schema import Activity, ActivityTypes, ConversationReference, ResourceResponse
from msrest.serialization import Model

from bot.teams.connector import ONCE, Connector


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
            backoff = ONCE if activity.type == ActivityTypes.typing else None
            place, body = activity.conversation.id, serialized(activity)
            identity = await self._connector.send(
                activity.service_url, place, body, activity.reply_to_id or "", backoff
            )
            sent.append(ResourceResponse(id=identity))
        return sent

    async def say(self, to: Activity, message: Activity) -> None:
        """Answers an activity outside its turn. Raises SendError."""
        await TurnContext(self, to).send_activity(message)

    async def update_activity(self, _: TurnContext, activity: Activity) -> ResourceResponse:
        """Replaces a message of ours."""
        await self._connector.update(activity.service_url, activity.conversation.id, activity.id, serialized(activity))
        return ResourceResponse(id=activity.id)

    async def delete_activity(self, _: TurnContext, reference: ConversationReference) -> None:
        """Takes back a message of ours."""
        await self._connector.delete(reference.service_url, reference.conversation.id, reference.activity_id)


class Whole(dict[str, Any]):
    """A card on its way through a turn. The SDK copies activities deeply: a card is made once and never changed."""

    def __deepcopy__(self, memo: object) -> Whole:
        return self


def serialized(model: Model) -> dict[str, Any]:
    """A message of ours as JSON. The SDK's own `serialize` validates every field of it, a third of a reply's time."""
    fields = ((told["key"], getattr(model, name, None)) for name, told in model._attribute_map.items())  # noqa: SLF001
    return {key: _plain(value) for key, value in fields if key and value is not None}


def _plain(value: Any) -> Any:
    if isinstance(value, Model):
        return serialized(value)
    return [_plain(item) for item in value] if isinstance(value, list) else value
