"""Giving and taking roles in the chat: IT all of them, the coordinator all but IT's."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from bot.granting import Granting, Outcome, may_give
from bot.messages import say
from bot.models import Action, Button, Choice, Message, Reply
from bot.outbox import PERSON, Letter, OutboxStore
from bot.people import COORDINATOR, KEY_USER, MAIL, ROLES, TUTOR, Dialog, PeopleStore, Person, Role
from bot.peoplefiles import person_in
from bot.rolenames import named, role_at_start
from tips.models import Language

KIND, WISH = "roles", "role_wish"
_MOST_SHOWN = 20
_LONGEST_SYSTEM = 60  # characters
_AWAY = re.compile(r"\b(?:pois|bort|away)\b", re.IGNORECASE)


def called(person: Person, language: Language) -> str:
    """What a person is called where they are named. Of a visitor of the preview there is nothing but a cookie."""
    if person.id.startswith("preview:") and not person.name:
        return say(language, "role_preview")
    return person.name or person.id.removeprefix(MAIL).partition(":")[2] or person.id.removeprefix(MAIL)


class Roles:
    """The dialogs."""

    def __init__(self, people: PeopleStore, outbox: OutboxStore) -> None:
        self._people, self._outbox, self._granting = people, outbox, Granting(people, outbox)

    def shown(self, message: Message, language: Language) -> Reply:
        """Who has which role, with buttons that take them away."""
        giver = self._people.person(message.person)
        if not may_give(giver, TUTOR):
            return _reply(language, say(language, "roles_refused"))
        held = [(self._people.person(person), role) for role in ROLES for person in self._people.having(role)]
        rows = [(person, each) for person, role in held for each in person.roles if each.name == role]
        lines = [f"- {called(person, language)}: {named(role, language)}" for person, role in rows]
        mine = [(person, role) for person, role in rows if may_give(giver, role.name)]
        buttons = tuple(_take(person, role, language) for person, role in mine[:_MOST_SHOWN])
        text = "\n".join([say(language, "roles_title"), "", *lines, "", say(language, "roles_how")])
        return _reply(language, text, *((Choice("", buttons),) if buttons else ()))

    def give(self, message: Message, about: str, language: Language, now: datetime) -> Reply:
        """'anna rooli', with a role, a system and a person behind it, or asking for what lacks."""
        giver = self._people.person(message.person)
        if not may_give(giver, TUTOR):
            return _reply(language, say(language, "roles_refused"))
        person, rest = self._whom(message, about, now)
        if not person:
            return _reply(language, say(language, "roles_how"))
        begun = role_at_start(rest)
        if begun is None:
            return self._which(giver, person, language)
        role, system = begun
        return self._given(giver, person, Role(role, _system(system) if role == KEY_USER else ""), language, now)

    def take(self, message: Message, about: str, language: Language, now: datetime) -> Reply:
        """'ota rooli digitutor pois maija@kunta.fi'."""
        giver = self._people.person(message.person)
        person, rest = self._whom(message, _AWAY.sub(" ", about), now)
        begun = role_at_start(rest)
        if not may_give(giver, TUTOR):
            return _reply(language, say(language, "roles_refused"))
        if not person or begun is None:
            return self.shown(message, language)
        return self._taken(giver, person, Role(begun[0], _system(begun[1]) if begun[0] == KEY_USER else ""), language)

    def wish(self, message: Message, about: str, language: Language, now: datetime) -> Reply:
        """'pyydä rooli digitutor': whoever may give it gets a button."""
        begun = role_at_start(about)
        if begun is None or (begun[0] == KEY_USER and not _system(begun[1])):
            return _reply(language, say(language, "roles_wish_how"))
        role = Role(begun[0], _system(begun[1]) if begun[0] == KEY_USER else "")
        if role in self._people.person(message.person).roles:
            return _reply(language, say(language, "roles_mine", role=named(role, language)))
        givers = dict.fromkeys([*self._people.it(), *self._people.having(COORDINATOR)])
        values = {"to": message.person, "role": role.name, "system": role.system, "name": message.name}
        matter = f"{message.person} {role.name} {role.system}"
        for giver in givers:
            if may_give(self._people.person(giver), role.name):
                self._outbox.put(Letter(PERSON + giver, WISH, matter, values), now)
        return _reply(language, say(language, "roles_wished", role=named(role, language)))

    def letter(self, values: Mapping[str, str], language: Language) -> Reply | None:
        """Somebody's wish, for who may grant it; None where it is granted."""
        person, role = self._people.person(values["to"]), Role(values["role"], values["system"])
        if role in person.roles:
            return None
        name = values["name"] or called(person, language)
        give = _button(say(language, "roles_give_this"), "give", person.id, role, language)
        button = replace(give, action=replace(give.action, values={**give.action.values, "name": values["name"]}))
        return _reply(
            language, say(language, "roles_wish", name=name, role=named(role, language)), Choice("", (button,))
        )

    def pressed(self, message: Message, values: Mapping[str, str], language: Language, now: datetime) -> Reply:
        """What the buttons do. Nothing that they carry is trusted."""
        giver, person = self._people.person(message.person), values.get("to", "")
        role = Role(values.get("role", ""), _system(values.get("system", "")))
        if not may_give(giver, TUTOR):
            return _reply(language, say(language, "roles_refused"))
        if role.name not in ROLES or not self._known(person) or (role.system and role.name != KEY_USER):
            return Reply(language, say(language, "outdated_button"), kind="gone")
        if values.get("step") == "take":
            return self._taken(giver, person, role, language)
        if (name := values.get("name", "")) and may_give(giver, role.name):
            self._people.call(person, name, now)  # as they call themselves, who wished for the role
        return self._given(giver, person, role, language, now)

    def told(self, message: Message, values: Mapping[str, str], language: Language, now: datetime) -> Reply:
        """Takes what was typed as the system of a key user."""
        self._people.close_dialog(message.person)
        role, giver = Role(KEY_USER, _system(message.text)), self._people.person(message.person)
        return self._given(giver, values.get("to", ""), role, language, now)

    def _whom(self, message: Message, about: str, now: datetime) -> tuple[str, str]:
        """The person meant, and the other words."""
        parts = about.split()
        said = next((part for part in parts if person_in(part.strip("<>,.!?"))), "")
        rest = " ".join(part for part in parts if part != said)
        if said:
            return person_in(said.strip("<>,.!?")), rest
        if not message.mentions:
            return "", rest
        mention = message.mentions[0]
        if mention.name and may_give(self._people.person(message.person), TUTOR):
            self._people.call(mention.person, mention.name, now)
            rest = rest.replace(f"@{mention.name}", " ").replace(mention.name, " ")
        return mention.person, " ".join(rest.split())

    def _which(self, giver: Person, person: str, language: Language) -> Reply:
        buttons = tuple(
            _button(named(Role(role), language), "give", person, Role(role), language)
            for role in ROLES
            if may_give(giver, role)
        )
        text = say(language, "roles_which", name=called(self._people.person(person), language))
        return _reply(language, text, Choice("", buttons))

    def _given(self, giver: Person, person: str, role: Role, language: Language, now: datetime) -> Reply:
        if not may_give(giver, role.name):
            return _reply(language, say(language, "roles_only_it"))
        if role.name == KEY_USER and not role.system:
            self._people.open_dialog(giver.id, Dialog(KIND, {"to": person, "lang": language}), now)
            return _reply(language, say(language, "roles_which_system"))
        new = self._granting.give(giver, person, role, now) is Outcome.GIVEN
        name = called(self._people.person(person), language)
        text = say(language, "roles_given" if new else "roles_had", name=name, role=named(role, language))
        return _reply(language, text)

    def _taken(self, giver: Person, person: str, role: Role, language: Language) -> Reply:
        if not may_give(giver, role.name):
            return _reply(language, say(language, "roles_only_it"))
        name = called(self._people.person(person), language)
        if self._granting.take(giver, person, role) is not Outcome.TAKEN:
            return _reply(language, say(language, "roles_not_taken", name=name, role=named(role, language)))
        back = _button(say(language, "roles_give_back"), "give", person, role, language)
        text = say(language, "roles_taken", name=name, role=named(role, language))
        return _reply(language, text, Choice("", (back,)))

    def _known(self, person: str) -> bool:
        """Whether a button may name this person: somebody of whom there is a row."""
        return bool(person_in(person.removeprefix(MAIL)))


def _system(text: str) -> str:
    return " ".join(text.split())[:_LONGEST_SYSTEM].strip(" .,:;?!")


def _take(person: Person, role: Role, language: Language) -> Button:
    label = say(language, "roles_take", name=called(person, language), role=named(role, language))
    return _button(label, "take", person.id, role, language)


def _button(label: str, step: str, person: str, role: Role, language: Language) -> Button:
    values = {"step": step, "to": person, "role": role.name, "system": role.system, "lang": language}
    return Button(label, Action(KIND, values))


def _reply(language: Language, text: str, *choices: Choice) -> Reply:
    return Reply(language, text, choices=choices, kind=KIND)
