"""What letters about questions say, at the moment at which they are sent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from bot.answers import Shelf
from bot.deskcards import KIND, brought, card, mailed, status
from bot.handover import HandOver, State
from bot.messages import say
from bot.models import Mention, Reply, Scope
from bot.outbox import ADDRESS, PERSON, PLACE, Letter
from bot.stores import Stores
from tips.models import Language, language_in

CARD, STATUS, ANSWER, REMIND, LAPSED = "desk_card", "desk_status", "desk_answer", "desk_remind", "desk_lapsed"
LETTERS = (CARD, STATUS, ANSWER, REMIND, LAPSED)


class DeskLetters:
    """Composes letters of `LETTERS`. `language` is the organisation's, `may_help` tells whose a question is."""

    def __init__(
        self,
        stores: Stores,
        shelf: Callable[[], Shelf],
        language: Language,
        may_help: Callable[[HandOver, str], bool],
    ) -> None:
        self._stores, self._shelf, self._language, self._may_help = stores, shelf, language, may_help

    def compose(self, letter: Letter) -> Reply | None:
        """What the letter says now; None where there is nothing to say any more."""
        item = self._stores.handovers.get(letter.matter)
        if item is None:
            return None  # erased meanwhile
        language = self._language_of(letter, item)
        if letter.recipient.startswith(ADDRESS):
            return mailed(item, self._stores.units.shown, language)
        kinds: dict[str, Callable[[], Reply | None]] = {
            STATUS: lambda: status(item, language),
            ANSWER: lambda: self._answer(letter, item, language),
            REMIND: lambda: self._reminder(letter, item, language),
            LAPSED: lambda: Reply(language, say(language, "desk_lapsed", question=item.question), kind=KIND),
        }
        made = kinds.get(letter.kind)
        return made() if made else self._card(letter, item, language)

    def card(self, item: HandOver, language: Language, *, private: bool) -> Reply:
        """The question as helpers see it."""
        return card(item, self._shelf(), self._stores.units.shown, language, private=private)

    def _card(self, letter: Letter, item: HandOver, language: Language) -> Reply | None:
        private, person = letter.recipient.startswith(PERSON), letter.recipient.removeprefix(PERSON)
        if private and not self._may_help(item, person):
            return None  # their role was taken away meanwhile
        return self.card(item, language, private=private)

    def _answer(self, letter: Letter, item: HandOver, language: Language) -> Reply | None:
        if item.state is not State.ANSWERED:
            return None
        return replace(brought(item, language), mentions=self._asker(letter, item))

    def _reminder(self, letter: Letter, item: HandOver, language: Language) -> Reply | None:
        shown = self._card(letter, item, language) if item.state is State.ASKED else None
        return replace(shown, text=f"{say(language, 'desk_remind')}\n\n{shown.text}") if shown else None

    def _asker(self, letter: Letter, item: HandOver) -> tuple[Mention, ...]:
        """Who is to notice the answer, where others read it too and the asker agreed to be named."""
        place = self._stores.conversations.get(letter.recipient.removeprefix(PLACE))
        shared = place is not None and place[0].scope is not Scope.PERSONAL
        return (Mention(item.asker, item.asker_name),) if shared and item.asker_name else ()

    def _language_of(self, letter: Letter, item: HandOver) -> Language:
        """The asker's for what goes to them, a helper's own, else the organisation's."""
        asked = language_in(item.language) or self._language
        if letter.kind in (STATUS, ANSWER):
            return asked
        return self._stores.people.person(letter.recipient.removeprefix(PERSON)).language or self._language
