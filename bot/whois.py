"""'Kuka on meidän digitutor?', 'kuka on HR-järjestelmän pääkäyttäjä?': answered from the roles that people have."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.answers import Shelf
from bot.dates import capital
from bot.messages import say
from bot.models import Choice, Message, Reply
from bot.naming import meant
from bot.people import KEY_USER, TUTOR, PeopleStore, Role
from bot.rolenames import asked_for, named
from bot.roles import called
from bot.units import UnitStore
from bot.workplaces import Workplaces
from tips.models import LANGUAGES, Language

KIND = "who"
_MOST_NAMED = 10
_MOST_WORDS = 4  # of what is asked about; more of them are another question


class WhoIs:
    """The answers. None where nobody has the role, or where something else is asked: then tips may tell."""

    def __init__(self, people: PeopleStore, units: UnitStore, workplaces: Workplaces) -> None:
        self._people, self._units, self._workplaces = people, units, workplaces

    def asked(self, message: Message, language: Language, shelf: Shelf, now: datetime) -> Reply | None:
        """The answer to the message."""
        found = asked_for(message.text)
        if found is None or len(found[1].split()) > _MOST_WORDS:
            return None
        role, about = found
        if role == TUTOR:
            return self._tutors(message.person, about, language, shelf, now)
        if role == KEY_USER:
            return self._key_users(about, language, shelf)
        people = self._people.having(role)
        return _reply(language, self._line(Role(role), people, language)) if people and not about else None

    def _tutors(self, person: str, about: str, language: Language, shelf: Shelf, now: datetime) -> Reply | None:
        away = self._units.away(now)
        tutors = [tutor for tutor in self._people.having(TUTOR) if tutor not in away]
        if not tutors:
            return _reply(language, shelf.say(language, "who_no_tutor"))
        if about:
            return self._tutors_of(about, tutors, language, shelf)
        unit = self._units.of(person)
        near = self._units.nearest(tutors, unit.id) if unit else []
        if unit and near:
            return _reply(language, say(language, "who_unit", unit=unit.name, names=self._names(near, language)))
        suggestion = self._workplaces.suggestion(person, language)
        choices = (Choice("", (suggestion,)),) if suggestion else ()
        return _reply(language, say(language, "who_tutors", names=self._names(tutors, language)), *choices)

    def _tutors_of(self, about: str, tutors: Sequence[str], language: Language, shelf: Shelf) -> Reply | None:
        """Those of a unit, or those who know a topic."""
        units = meant(about, {unit.id: [unit.name] for unit in self._units.all()})
        if units and (near := self._units.nearest(tutors, units[0])):
            unit = self._units.get(units[0])
            return _reply(
                language, say(language, "who_unit", unit=unit.name if unit else "", names=self._names(near, language))
            )
        themes = {theme.id: [theme.title(each) for each in LANGUAGES] for theme in shelf.snapshot.themes.values()}
        topics = meant(about, themes)
        knowing = [tutor for tutor in tutors if topics and topics[0] in self._units.knows(tutor)]
        if not knowing:
            return None
        topic = shelf.snapshot.themes[topics[0]].title(language)
        return _reply(language, say(language, "who_topic", topic=topic, names=self._names(knowing, language)))

    def _key_users(self, about: str, language: Language, shelf: Shelf) -> Reply | None:
        systems = self._people.systems()
        found = meant(about, {system: [system] for system in systems}) if about else systems
        if found:
            roles = [Role(KEY_USER, system) for system in found[:_MOST_NAMED]]
            lines = [self._line(role, self._people.having(KEY_USER, role.system), language) for role in roles]
            return _reply(language, "\n\n".join(lines))
        if not systems:
            return None
        return _reply(language, shelf.say(language, "who_no_key_user", systems=", ".join(systems)))

    def _line(self, role: Role, people: Sequence[str], language: Language) -> str:
        return f"{capital(named(role, language))}: {self._names(people, language)}."

    def _names(self, people: Sequence[str], language: Language) -> str:
        return ", ".join(called(self._people.person(person), language) for person in people[:_MOST_NAMED])


def _reply(language: Language, text: str, *choices: Choice) -> Reply:
    return Reply(language, text, choices=choices, kind=KIND)
