"""To whom a question goes: the tutors' channel of the unit or topic, the common one, the open one; else people."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from bot.deskrules import Rules
from bot.handover import HandOver
from bot.handovers import HandOverStore
from bot.outbox import ADDRESS, PERSON, PLACE
from bot.people import IT, PROTECTION, TENDS, TUTOR, PeopleStore
from bot.units import UnitStore

UNIT, TOPIC, COMMON, OPEN, SUPPORT = "unit", "topic", "common", "open", "support"  # purposes of rooms
_MOST = 10  # people who are written to one by one


class Routes:
    """Who is asked. `rules` are those of the moment; `mail` is IT support's address, '' where none is written to."""

    def __init__(
        self,
        people: PeopleStore,
        units: UnitStore,
        handovers: HandOverStore,
        rules: Callable[[], Rules],
        mail: str = "",
    ) -> None:
        self._people, self._units, self._handovers = people, units, handovers
        self._rules, self._mail = rules, mail

    def first(self, item: HandOver, now: datetime) -> list[str]:
        """To whom it goes when it is asked."""
        if item.breach:
            return self._persons(self._people.having(PROTECTION), item, now) or self.support(item, now)
        rooms = [room for room in (self._tutors_room(item), self._open_room()) if room]
        if rooms and rooms[0] != self._open_room():
            return [PLACE + room for room in dict.fromkeys(rooms)]
        people = self._persons(self._tutors(item, now), item, now)
        return [PLACE + room for room in rooms] + people or self.support(item, now)

    def support(self, item: HandOver, now: datetime) -> list[str]:
        """IT support: its channel, else its address, else its people. A breach goes to its people only."""
        room, mail = ("", "") if item.breach else (self._handovers.room(SUPPORT), self._mail)
        if room or mail:
            return [PLACE + room if room else ADDRESS + mail]
        return self._persons(self._people.it(), item, now)

    def may_help(self, item: HandOver, person: str) -> bool:
        """Whether the person may help with it wherever they meet it: by their role, or because they have it."""
        if item.breach:
            return self._people.person(person).has(PROTECTION, IT)
        return item.helper == person or self._people.person(person).has(*TENDS)

    def _tutors_room(self, item: HandOver) -> str:
        wanted = [(UNIT, unit.id) for unit in self._units.up(item.unit)] if item.unit else []
        if item.topic:
            wanted.append((TOPIC, item.topic))
        found = (self._handovers.room(*room) for room in [*wanted, (COMMON, "")])
        return next(filter(None, found), "")

    def _open_room(self) -> str:
        return self._handovers.room(OPEN) if self._rules().open_channel else ""

    def _tutors(self, item: HandOver, now: datetime) -> list[str]:
        """Those of the unit and those who know the topic, else all."""
        away = self._units.away(now)
        tutors = [tutor for tutor in self._people.having(TUTOR) if tutor not in away]
        near = self._units.nearest(tutors, item.unit) if item.unit else []
        knowing = [tutor for tutor in tutors if item.topic and item.topic in self._units.knows(tutor)]
        return list(dict.fromkeys([*near, *knowing])) or tutors

    def _persons(self, people: list[str], item: HandOver, now: datetime) -> list[str]:
        left_out = {item.asker} | self._handovers.passed(item.id) | self._units.away(now)
        return [PERSON + person for person in people if person not in left_out][:_MOST]
