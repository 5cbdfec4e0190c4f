"""Learning from use: a pressed candidate, a thumb and a tutor's word teach a tip the asker's wording."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from bot.answers import Shelf
from bot.journal import Asked
from bot.models import Message
from bot.protection import unmasked
from bot.stores import Stores
from bot.wording import teachable
from tips.database import explained
from tips.errors import DatabaseError
from tips.learnt import Outcome, Vote
from tips.models import language_in

_KNOWN = ("teams", "slack")  # where a person is one person; visitors of the preview count as one together


class Learning:
    """Puts what people press as votes. What cannot be stored is not learnt: nobody's answer waits for it."""

    def __init__(self, stores: Stores) -> None:
        self._people, self._lessons = stores.people, stores.lessons

    def voter(self, message: Message, now: datetime) -> str:
        """The keyed hash under which the person's votes are kept."""
        return self._people.hashed(message.person if message.channel in _KNOWN else "preview", now)

    def helped(self, message: Message, asked: Asked, tip_id: str, shelf: Shelf, now: datetime) -> Outcome | None:
        """The tip was chosen for the question, or helped; None where nothing can be learnt of that."""
        return self._voted(message, asked, tip_id, Vote.UP, shelf, now)

    def taught(self, message: Message, asked: Asked, tip_id: str, shelf: Shelf, now: datetime) -> Outcome | None:
        """A tutor says that the tip answers the question. The caller has seen to the role."""
        return self._voted(message, asked, tip_id, Vote.APPROVED, shelf, now)

    def not_helped(self, message: Message, asked: Asked, tip_id: str, shelf: Shelf, now: datetime) -> Outcome | None:
        """The tip did not help: what was learnt of it in much the same words counts less."""
        language = language_in(asked.language)
        query = shelf.snapshot.base.read(unmasked(asked.text), language) if language and message.person else None
        if language is None or query is None or not query.telling:
            return None
        with suppress(DatabaseError), explained("learning"):
            return self._lessons.doubt(tip_id, language, query.gist, self.voter(message, now), now)
        return None

    def _voted(
        self, message: Message, asked: Asked, tip_id: str, vote: Vote, shelf: Shelf, now: datetime
    ) -> Outcome | None:
        base, language, tip = shelf.snapshot.base, language_in(asked.language), shelf.tip(tip_id)
        if not message.person or language is None or tip is None or language not in tip.texts:
            return None
        wording = teachable(asked.text, language, base)
        query = base.read(wording, language) if wording else None
        if wording is None or query is None:
            return None
        # A button may be forged: nobody teaches a tip that the question does not lead to anyway.
        if vote is Vote.UP and tip_id not in {match.id for match in base.answer(wording, language).matches}:
            return None
        with suppress(DatabaseError), explained("learning"):
            return self._lessons.vote(tip_id, language, query.gist, wording, self.voter(message, now), vote, now)
        return None
