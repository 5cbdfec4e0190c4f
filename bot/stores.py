"""All that is kept, opened from one database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlite_utils import Database, Migrations

from bot import claims, conversations, events, journal, people
from bot.claims import ClaimStore
from bot.conversations import ConversationStore
from bot.events import EventStore
from bot.journal import Journal
from bot.people import PeopleStore
from scheduler import calendar, deliveries, destinations
from scheduler.calendar import CalendarStore
from scheduler.deliveries import Ledger
from scheduler.destinations import DestinationStore
from tips import facts, store
from tips.facts import FactStore
from tips.library import Library
from tips.store import TipStore

MIGRATIONS: Sequence[Migrations] = (
    store.migrations,
    facts.migrations,
    people.migrations,
    journal.migrations,
    claims.migrations,
    conversations.migrations,
    events.migrations,
    calendar.migrations,
    destinations.migrations,
    deliveries.migrations,
)


@dataclass(frozen=True, slots=True)
class Stores:
    """The stores of one database."""

    database: Database
    path: Path
    tips: TipStore
    library: Library
    facts: FactStore
    people: PeopleStore
    journal: Journal
    claims: ClaimStore
    conversations: ConversationStore
    events: EventStore
    calendar: CalendarStore
    destinations: DestinationStore
    deliveries: Ledger

    @classmethod
    def of(cls, database: Database, path: Path, named_it: frozenset[str] = frozenset()) -> Stores:
        """The stores over an open database."""
        tips = TipStore(database)
        return cls(
            database,
            path,
            tips,
            Library(tips),
            FactStore(database),
            PeopleStore(database, named_it),
            Journal(database),
            ClaimStore(database),
            ConversationStore(database),
            EventStore(database),
            CalendarStore(database),
            DestinationStore(database),
            Ledger(database),
        )
