"""What channels need of the server: replies, and a thread in which the database may be touched."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Protocol, TypeVar

from bot.conversations import Conversation, ConversationStore
from bot.events import EventStore
from bot.models import Message, Reply, Scope
from bot.newcomers import Newcomers
from tips.models import Language

T = TypeVar("T")


class Desk(Protocol):
    """The assistant as an asynchronous edge sees it."""

    conversations: ConversationStore
    events: EventStore
    newcomers: Newcomers

    async def respond(self, message: Message) -> Reply:
        """The reply to the message."""

    async def respond_once(self, message: Message, event: str, place: Conversation) -> Reply | None:
        """The reply, and the event taken and its place remembered with it; None where it was taken before."""

    async def run(self, call: Callable[[], T]) -> T:
        """The call's result, from the thread that owns the database."""

    def later(self, call: Callable[[], object]) -> None:
        """Has the call made in that thread in its turn; where it fails, that is counted."""

    async def search(self, text: str, language: Language | None) -> list[Reply]:
        """The best tips for a text, as replies that hold a tip each; nothing is stored."""

    async def welcome(self, scope: Scope, language: Language | None) -> Reply:
        """What is said where the bot was added."""

    def sorry(self, language: Language | None) -> Reply:
        """What is said where an answer could not be made."""

    def failed(self, error: Exception) -> None:
        """Counts and logs a failure that no request can tell of any more."""

    def now(self) -> datetime:
        """The clock."""
