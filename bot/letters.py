"""What letters say: each kind by the room that puts it."""

from __future__ import annotations

from datetime import datetime

from bot import deskletters, drafting, needschat, roles, welcoming
from bot.drafting import Drafting
from bot.helpdesk import Helpdesk
from bot.models import Reply
from bot.needschat import NeedsChat
from bot.outbox import PERSON, Letter, OutboxStore
from bot.people import PeopleStore
from bot.roles import Roles
from bot.welcoming import Welcoming
from tips.models import Language


class Letters:
    """Composes letters (`bot.courier.Compose`). Called in the thread that owns the database."""

    def __init__(
        self,
        people: PeopleStore,
        outbox: OutboxStore,
        helpdesk: Helpdesk,
        drafting: Drafting,
        language: Language = "fi",
        needs: NeedsChat | None = None,
    ) -> None:
        self._people, self._helpdesk, self._language = people, helpdesk, language
        self._drafting, self._needs = drafting, needs
        self._welcoming, self._roles = Welcoming(people), Roles(people, outbox)

    def compose(self, letter: Letter, now: datetime) -> Reply | None:  # noqa: ARG002  part of the port
        """What the letter says now; None where there is nothing to say any more."""
        if letter.kind in deskletters.LETTERS:
            return self._helpdesk.letters.compose(letter)
        person = letter.recipient.removeprefix(PERSON)
        language = self._people.person(person).language or self._language
        if letter.kind in drafting.LETTERS:
            return self._drafting.letter(letter, language)
        if letter.kind == needschat.NOTE:
            return self._needs.letter(letter, language) if self._needs else None
        if letter.kind == roles.WISH:
            return self._roles.letter(letter.values, language)
        return self._welcoming.letter(person, language) if letter.kind == welcoming.KIND else None
