"""Posts to Teams, which cannot be read back: what is in doubt is sent again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bot.conversations import Conversation
from bot.models import Reply
from bot.publishing import PostPlaces, reply_of, told
from bot.retries import Backoff
from bot.teams import cards
from bot.teams.connector import Connector
from scheduler.models import Destination, Key
from scheduler.posting import Post, PublishError, Run

PATIENT = Backoff(tries=7, first=1.0, longest=60.0, patience=180.0)  # then it waits in the ledger


class TeamsPublisher:
    """Publishes by the Connector, at the pace that Teams allows the tenant."""

    def __init__(self, connector: Connector, places: PostPlaces, run: Run, backoff: Backoff = PATIENT) -> None:
        self._connector, self._places, self._run, self._backoff = connector, places, run, backoff

    async def publish(self, post: Post) -> str:
        """Sends the post; the id of its activity."""
        return await self.say(await self._place(post.destination), reply_of(post))

    async def say(self, place: Conversation, reply: Reply) -> str:
        """Says something of the bot's own accord; the id of its activity. Raises PublishError."""
        return await told(lambda: self._connector.send(place.address, place.id, _activity(reply), "", self._backoff))

    async def change(self, place: Conversation, message: str, reply: Reply) -> None:
        """Puts it in the place of an activity that was said. Raises PublishError."""
        body = {**_activity(reply), "id": message}
        await told(lambda: self._connector.update(place.address, place.id, message, body, prompted=False))

    async def correct(self, destination: Destination, message: str, post: Post) -> None:
        """Replaces an activity that was sent."""
        place, body = await self._place(destination), {**_activity(reply_of(post)), "id": message}
        await told(lambda: self._connector.update(place.address, place.id, message, body, prompted=False))

    async def withdraw(self, destination: Destination, message: str) -> None:
        """Takes an activity back. One that is gone already is no error."""
        place = await self._place(destination)
        try:
            await told(lambda: self._connector.delete(place.address, place.id, message))
        except PublishError as error:
            if not str(error).startswith("404 ActivityNotFound"):
                raise

    async def find(self, key: Key, destination: Destination, since: datetime) -> str | None:  # noqa: ARG002
        """None: a bot cannot read what it wrote."""
        return None

    async def _place(self, destination: Destination) -> Conversation:
        return await self._run(lambda: self._places.conversation(destination, "teams"))


def _activity(reply: Reply) -> dict[str, Any]:
    return {"type": "message", "summary": cards.plain(reply), "attachments": [cards.attachment(reply)]}
