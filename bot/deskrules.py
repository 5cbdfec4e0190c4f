"""By which rules questions go to people: an organisation's own, as rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlite_utils import Database, Migrations

from bot.handover import Limits

migrations = Migrations("desk_rules")

YES, NO = "yes", "no"
OPEN, REMIND, ESCALATE, LAPSE, AT_ONCE, MONTHLY = "open", "remind", "escalate", "lapse", "at_once", "monthly"
# What may be chosen, the usual first; hours are working hours.
CHOICES: Mapping[str, tuple[str, ...]] = {
    OPEN: (YES, NO),
    REMIND: ("4", "1", "2", "8", "16"),
    ESCALATE: ("8", "2", "4", "16", "40"),
    LAPSE: ("8", "2", "4", "16", "40"),
    AT_ONCE: (NO, YES),
    MONTHLY: (YES, NO),
}


@migrations()
def create_desk_rules(database: Database) -> None:
    """What was chosen in the place of what is usual."""
    database.table("desk_rules").create({"name": str, "value": str}, pk="name", not_null={"value"})


@dataclass(frozen=True, slots=True)
class Rules:
    """`open_channel`: questions go to the open tip channel too; `at_once`: tutors publish without a second person;
    `monthly`: a note each month of what staff lack."""

    open_channel: bool = True
    limits: Limits = field(default_factory=Limits)
    at_once: bool = False
    monthly: bool = True


class RuleStore:
    """Reads and writes them."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def values(self) -> dict[str, str]:
        """What is in force, by name."""
        usual = {name: choices[0] for name, choices in CHOICES.items()}
        chosen = dict(self._db.execute("select name, value from desk_rules").fetchall())
        return usual | {name: value for name, value in chosen.items() if value in CHOICES.get(name, ())}

    def rules(self) -> Rules:
        """The same as rules."""
        values = self.values()
        remind, escalate, lapse = (float(values[name]) for name in (REMIND, ESCALATE, LAPSE))
        limits = Limits(remind=remind, escalate=escalate, lapse=lapse)
        return Rules(values[OPEN] == YES, limits, values[AT_ONCE] == YES, values[MONTHLY] == YES)

    def choose(self, name: str, value: str) -> bool:
        """Stores the choice; False where it is none (never trust a button)."""
        if value not in CHOICES.get(name, ()):
            return False
        self._db.table("desk_rules").upsert({"name": name, "value": value}, pk="name")
        return True
