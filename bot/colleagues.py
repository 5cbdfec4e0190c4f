"""Which words and presses lead to people: their roles, their units, who is whose tutor."""

from __future__ import annotations

from datetime import datetime

from bot import roles as roles_
from bot import welcoming, workplaces
from bot.answers import Shelf
from bot.commands import Command, command_in, followed
from bot.messages import say
from bot.models import Action, Message, Reply, Scope
from bot.people import TUTOR
from bot.roles import Roles
from bot.stores import Stores
from bot.welcoming import Welcoming
from bot.whois import WhoIs
from bot.workplaces import Workplaces
from tips.models import Language

_GIVE, _TAKE, _ROLES, _WISH, _TUTOR = "give_role", "take_role", "roles", "wish_role", "wish_tutor"
_UNIT, _AWAY, _BACK = "unit", "away", "back"
COMMANDS = (_GIVE, _TAKE, _ROLES, _WISH, _TUTOR, _UNIT, _AWAY, _BACK)
ACTIONS = (roles_.KIND, workplaces.KIND, welcoming.KIND)
_ALONE = (_ROLES, _TUTOR, _BACK)  # with something behind them they are something else


class Colleagues:
    """What the assistant asks about people."""

    def __init__(self, stores: Stores) -> None:
        self._people, self._units = stores.people, stores.units
        self.workplaces = Workplaces(stores.units)
        self._roles = Roles(stores.people, stores.outbox)
        self._welcoming = Welcoming(stores.people)
        self._who = WhoIs(stores.people, stores.units, self.workplaces)

    def written(self, message: Message, preferred: Language, shelf: Shelf, now: datetime) -> Reply | None:
        """The reply to one of `COMMANDS`, to what a dialog of these waits for, or to 'kuka on …?'; None otherwise."""
        self._met(message, now)
        begun = followed(message.text, preferred, COMMANDS)
        if begun and not (begun[1] and begun[0].name in _ALONE):
            return self._commanded(begun[0], begun[1], message, now)
        if reply := self._told(message, preferred, now):
            return reply
        return self._who.asked(message, preferred, shelf, now)

    def pressed(self, message: Message, action: Action, shelf: Shelf, language: Language, now: datetime) -> Reply:  # noqa: ARG002
        """What one of `ACTIONS` leads to."""
        if action.name == workplaces.KIND:
            return self.workplaces.pressed(message, action.values, language)
        if message.scope is not Scope.PERSONAL:
            return Reply(language, say(language, "privately"), kind="privately")
        if action.name == roles_.KIND:
            return self._roles.pressed(message, action.values, language, now)
        return self._welcoming.pressed(message, language, now)

    def _commanded(self, command: Command, about: str, message: Message, now: datetime) -> Reply | None:
        language = command.language
        if command.name == _UNIT:
            return None if about.endswith("?") else self.workplaces.choose(message, about, language)
        if command.name in (_AWAY, _BACK):
            away = command.name == _AWAY
            return (
                self.workplaces.away(message, about, language, now) if away else self.workplaces.back(message, language)
            )
        if command.name in (_WISH, _TUTOR):
            return self._roles.wish(message, TUTOR if command.name == _TUTOR else about, language, now)
        if message.scope is not Scope.PERSONAL and not message.mentions:
            return Reply(language, say(language, "privately"), kind="privately")
        if command.name == _ROLES:
            return self._roles.shown(message, language)
        change = self._roles.give if command.name == _GIVE else self._roles.take
        return change(message, about, language, now)

    def _told(self, message: Message, preferred: Language, now: datetime) -> Reply | None:
        dialog = self._people.dialog(message.person) if message.scope is Scope.PERSONAL else None
        if dialog is None or dialog.kind not in (roles_.KIND, welcoming.KIND) or command_in(message.text, preferred):
            return None
        language = dialog.language(preferred)
        if dialog.kind == roles_.KIND:
            return self._roles.told(message, dialog.data, language, now)
        return None if message.text.rstrip().endswith("?") else self._welcoming.told(message, language)

    def _met(self, message: Message, now: datetime) -> None:
        """Who has a role is known by name from when the platform tells it."""
        person = self._people.person(message.person) if message.name else None
        if person and person.roles and person.name != message.name:
            self._people.call(person.id, message.name, now)
