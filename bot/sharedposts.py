"""Shares that go out by themselves, as deliveries of the scheduler: to a destination, or to the open tip channel."""

from __future__ import annotations

from bot.conversations import Conversation, ConversationStore
from bot.shares import ITSELF, Share, ShareStore
from scheduler.destinations import DestinationStore
from scheduler.models import Destination, Entry, Key, Kind, Planned
from tips.drafts import DraftStore
from tips.models import Language

ROOM = "room:"  # before the id of a conversation that has subscribed to nothing


class SharedPosts:
    """Finds them by their keys. Called in the thread that owns the database."""

    def __init__(
        self,
        shares: ShareStore,
        drafts: DraftStore,
        destinations: DestinationStore,
        conversations: ConversationStore,
    ) -> None:
        self._shares, self._drafts = shares, drafts
        self._destinations, self._conversations = destinations, conversations

    def item(self, key: Key) -> Planned | None:
        """The delivery of the key; None where it is none of a share, or was taken back."""
        share = self._shares.of(key.entry) if key.entry.startswith(ITSELF) else None
        place = self.place(share.destination, share.language) if share else None
        return self.planned(share, place) if share and place else None

    def place(self, destination: str, language: Language = "fi") -> Destination | None:
        """The destination of that id, which may be a room."""
        if not destination.startswith(ROOM):
            return self._destinations.get(destination)
        found = self._conversations.get(destination.removeprefix(ROOM))
        return room(found[0], language) if found else None

    def planned(self, share: Share, place: Destination) -> Planned | None:
        """What is to be posted; None where the draft is gone."""
        draft = self._drafts.get(share.draft) if share.draft else None
        if share.draft and draft is None:
            return None
        titles = {draft.language: draft.title} if draft else {}
        texts = {draft.language: draft.body} if draft else {}
        entry = Entry(share.entry or ITSELF, Kind.REMINDER, titles, share.nominal, texts, host=share.by)
        return Planned(share.key, entry.kind, share.due, entry, place, share.tip)


def room(conversation: Conversation, language: Language = "fi") -> Destination:
    """A conversation as a destination that gets nothing but what people share there."""
    return Destination(
        f"{ROOM}{conversation.id}", conversation.channel, conversation.id, languages=(language,), kinds=()
    )
