"""What Teams tells of the people in a conversation, asked for only where something hangs on it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from botbuilder.schema import Activity

from bot.models import Mention, Message
from bot.sending import SendError
from bot.teams.connector import Connector

_MOST = 3  # people whom one message names


class Roster:
    """Looks people up by the Connector."""

    def __init__(self, connector: Connector) -> None:
        self._connector = connector

    async def addresses(self, activity: Activity) -> Iterable[str]:
        """The addresses of who sent the activity. Raises SendError."""
        found = await self._connector.member(activity.service_url, activity.conversation.id, activity.from_property.id)
        told = (found.get("email"), found.get("userPrincipalName"))
        return dict.fromkeys(address for address in told if isinstance(address, str) and address)

    async def resolved(self, activity: Activity, message: Message) -> Message:
        """The message, with the ids of the directory for those whom it names; who is not found is left out."""
        if not message.mentions:
            return message
        found = [await self._named(activity, mention) for mention in message.mentions[:_MOST]]
        return replace(message, mentions=tuple(mention for mention in found if mention))

    async def _named(self, activity: Activity, mention: Mention) -> Mention | None:
        identity = mention.person.removeprefix("teams:")
        try:
            found = await self._connector.member(activity.service_url, activity.conversation.id, identity)
        except SendError:
            return None
        known = found.get("aadObjectId") or found.get("objectId")
        return replace(mention, person=f"teams:{known}") if isinstance(known, str) and known else mention
