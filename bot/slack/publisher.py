"""Posts to Slack, each with its key in the message's metadata, so that a channel can be asked whether it is there."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from bot.conversations import Conversation
from bot.models import Reply
from bot.publishing import PostPlaces, reply_of, told
from bot.retries import Backoff
from bot.slack.blocks import blocks, plain
from bot.slack.sender import SlackSender
from scheduler.models import Destination, Key
from scheduler.posting import Post, Run

PATIENT = Backoff(tries=7, first=1.0, longest=60.0, patience=180.0)  # then it waits in the ledger
_SETTLED = timedelta(seconds=10)  # until what was on its way when a process died is there to be read


class SlackPublisher:
    """Publishes by the sender, at the pace that Slack allows a channel."""

    def __init__(
        self,
        sender: SlackSender,
        places: PostPlaces,
        run: Run,
        backoff: Backoff = PATIENT,
        settled: timedelta = _SETTLED,
    ) -> None:
        self._sender, self._places, self._run = sender, places, run
        self._backoff, self._settled = backoff, settled

    async def publish(self, post: Post) -> str:
        """Sends the post; the `ts` of its message."""
        return await self._delivered(post)

    async def say(self, place: Conversation, reply: Reply) -> str:
        """Says something of the bot's own accord; the `ts` of its message. Raises PublishError."""
        return await told(lambda: self._sender.post(place.id, blocks(reply), plain(reply)))

    async def change(self, place: Conversation, message: str, reply: Reply) -> None:
        """Puts it in the place of a message that was said. Raises PublishError."""
        sending = self._sender.deliver
        await told(lambda: sending(place.id, blocks(reply), plain(reply), "", self._backoff, message))

    async def correct(self, destination: Destination, message: str, post: Post) -> None:  # noqa: ARG002
        """Replaces a message that was sent."""
        await self._delivered(post, message)

    async def withdraw(self, destination: Destination, message: str) -> None:
        """Takes a message back. One that is gone already is no error."""
        place = await self._place(destination)
        await told(lambda: self._sender.delete(place.id, message))

    async def find(self, key: Key, destination: Destination, since: datetime) -> str | None:
        """The `ts` of the message under the key; None where it is not there."""
        place = await self._place(destination)
        left = self._settled - (datetime.now(UTC) - since)
        await asyncio.sleep(min(max(left, timedelta(0)), self._settled).total_seconds())
        return await told(lambda: self._sender.find(place.id, key.text(), since.timestamp())) or None

    async def _delivered(self, post: Post, ts: str = "") -> str:
        place, reply = await self._place(post.destination), reply_of(post)
        return await told(
            lambda: self._sender.deliver(place.id, blocks(reply), plain(reply), post.key.text(), self._backoff, ts)
        )

    async def _place(self, destination: Destination) -> Conversation:
        return await self._run(lambda: self._places.conversation(destination, "slack"))
