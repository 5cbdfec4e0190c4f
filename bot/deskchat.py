"""Which words and presses lead to the helpdesk, and which channels it uses."""

from __future__ import annotations

from datetime import datetime

from bot import deskcards, rulebook
from bot.answers import Shelf
from bot.commands import Command, command_in, followed
from bot.deskroutes import COMMON, OPEN, SUPPORT, TOPIC, UNIT
from bot.granting import may_give
from bot.helpdesk import Helpdesk
from bot.messages import say
from bot.models import Action, Message, Reply, Scope
from bot.naming import meant
from bot.people import TUTOR
from bot.rulebook import RuleBook
from bot.stores import Stores
from tips.models import LANGUAGES, Language

_QUEUE, _MINE, _RULES = "questions", "my_questions", "desk_rules"
_TUTORS, _OPEN, _SUPPORT, _NONE = "tutor_room", "open_room", "it_room", "no_room"
COMMANDS = (_QUEUE, _MINE, _RULES, _TUTORS, _OPEN, _SUPPORT, _NONE)
ACTIONS = (deskcards.KIND, rulebook.KIND)
_ROOMS = {_TUTORS: COMMON, _OPEN: OPEN, _SUPPORT: SUPPORT}


class DeskChat:
    """What the assistant asks of the helpdesk."""

    def __init__(self, stores: Stores, helpdesk: Helpdesk) -> None:
        self._stores, self._helpdesk = stores, helpdesk
        self._rules = RuleBook(stores.people, stores.desk_rules)

    def written(self, message: Message, preferred: Language, shelf: Shelf, now: datetime) -> Reply | None:
        """The reply to one of `COMMANDS`, or to an answer that somebody types; None where it is something else."""
        begun = followed(message.text, preferred, COMMANDS)
        if begun and (not begun[1] or begun[0].name == _TUTORS):
            return self._commanded(begun[0], begun[1], message, shelf)
        if command_in(message.text, preferred):
            return None
        return self._helpdesk.told(message, preferred, now)

    def pressed(self, message: Message, action: Action, shelf: Shelf, language: Language, now: datetime) -> Reply:  # noqa: ARG002
        """What one of `ACTIONS` leads to."""
        if action.name == rulebook.KIND:
            return self._rules.pressed(message, action.values, language)
        return self._helpdesk.pressed(message, action.values, language, now)

    def _commanded(self, command: Command, about: str, message: Message, shelf: Shelf) -> Reply | None:
        language = command.language
        private = {_QUEUE: self._helpdesk.queue, _MINE: self._helpdesk.mine, _RULES: self._rules.shown}
        if command.name in private:
            if message.scope is not Scope.PERSONAL:
                return Reply(language, say(language, "privately"), kind="privately")
            return private[command.name](message, language)
        if not may_give(self._stores.people.person(message.person), TUTOR):
            return _reply(language, say(language, "room_refused"))
        if message.scope is not Scope.CHANNEL or not message.place:
            return _reply(language, say(language, "room_where"))
        if command.name == _NONE:
            self._stores.handovers.close_room(message.place)
            return _reply(language, say(language, "room_off"))
        return self._opened(command, about, message.place, shelf)

    def _opened(self, command: Command, about: str, place: str, shelf: Shelf) -> Reply:
        language, purpose, key = command.language, _ROOMS[command.name], ""
        if about:
            found = self._named(about, shelf)
            if found is None:
                return _reply(language, say(language, "room_unknown", name=about))
            purpose, key = found
        self._stores.handovers.set_room(purpose, key, place)
        text = say(language, "room_it" if purpose == SUPPORT else "room_open" if purpose == OPEN else "room_tutors")
        return _reply(language, text)

    def _named(self, about: str, shelf: Shelf) -> tuple[str, str] | None:
        """A unit, else a topic."""
        if units := meant(about, {unit.id: [unit.name] for unit in self._stores.units.all()}):
            return UNIT, units[0]
        themes = {theme.id: [theme.title(each) for each in LANGUAGES] for theme in shelf.snapshot.themes.values()}
        topics = meant(about, themes)
        return (TOPIC, topics[0]) if topics else None


def _reply(language: Language, text: str) -> Reply:
    return Reply(language, text, kind="room")
