"""What letters say: each kind by the room that puts it."""

from __future__ import annotations

from datetime import datetime

from bot import helpdesk as helpdesk_
from bot import welcoming
from bot.helpdesk import Helpdesk
from bot.models import Reply
from bot.outbox import PERSON, Letter
from bot.people import PeopleStore
from bot.welcoming import Welcoming
from tips.models import Language


class Letters:
    """Composes letters (`bot.courier.Compose`). Called in the thread that owns the database."""

    def __init__(self, people: PeopleStore, helpdesk: Helpdesk, language: Language = "fi") -> None:
        self._people, self._helpdesk, self._language = people, helpdesk, language
        self._welcoming = Welcoming(people)

    def compose(self, letter: Letter, now: datetime) -> Reply | None:
        """What the letter says now; None where there is nothing to say any more."""
        if letter.kind in helpdesk_.LETTERS:
            return self._helpdesk.letter(letter, now)
        person = letter.recipient.removeprefix(PERSON)
        language = self._people.person(person).language or self._language
        return self._welcoming.letter(person, language) if letter.kind == welcoming.KIND else None
