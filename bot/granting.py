"""Giving and taking roles: the one rule, for the chat and for the pages. IT gives all, the coordinator all but IT's."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from bot.outbox import OutboxStore
from bot.people import COORDINATOR, IT, KEY_USER, ROLES, TUTOR, PeopleStore, Person, Role
from bot.welcoming import welcome_tutor


class Outcome(StrEnum):
    """What became of it."""

    GIVEN = "given"
    HAD = "had"
    TAKEN = "taken"
    NOT_TAKEN = "not_taken"  # not theirs, or the last of IT
    REFUSED = "refused"  # not the giver's to give
    UNFIT = "unfit"  # no such role, or a key user's without its system


def may_give(giver: Person, role: str) -> bool:
    """Whether the person may give and take the role."""
    return giver.has(IT) or (giver.has(COORDINATOR) and role != IT)


class Granting:
    """Gives and takes, for whoever may at that moment."""

    def __init__(self, people: PeopleStore, outbox: OutboxStore) -> None:
        self._people, self._outbox = people, outbox

    def give(self, giver: Person, person: str, role: Role, now: datetime) -> Outcome:
        """Gives the role; a new tutor is welcomed in private."""
        if role.name not in ROLES or (role.name == KEY_USER) != bool(role.system):
            return Outcome.UNFIT
        if not may_give(giver, role.name):
            return Outcome.REFUSED
        new = self._people.give_role(person, role.name, now, role.system)
        if new and role.name == TUTOR:
            self._outbox.put(welcome_tutor(person), now)
        return Outcome.GIVEN if new else Outcome.HAD

    def take(self, giver: Person, person: str, role: Role) -> Outcome:
        """Takes the role away."""
        if not may_give(giver, role.name):
            return Outcome.REFUSED
        return Outcome.TAKEN if self._people.take_role(person, role.name, role.system) else Outcome.NOT_TAKEN
