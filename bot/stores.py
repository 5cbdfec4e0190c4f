"""All that is kept, opened from one database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlite_utils import Database, Migrations

from bot import (
    alerts,
    audit,
    authors,
    claims,
    conversations,
    deskrules,
    events,
    handovers,
    journal,
    lately,
    orders,
    outbox,
    people,
    progress,
    shares,
    signins,
    tallies,
    topical,
    units,
    uploads,
)
from bot.alerts import AlertStore
from bot.audit import AuditStore
from bot.authors import AuthorStore
from bot.claims import ClaimStore
from bot.conversations import ConversationStore
from bot.deskrules import RuleStore
from bot.events import EventStore
from bot.handovers import HandOverStore
from bot.journal import Journal
from bot.lately import LatelyStore
from bot.orders import OrderStore
from bot.outbox import OutboxStore
from bot.people import PeopleStore
from bot.progress import ProgressStore
from bot.shares import ShareStore
from bot.signins import SigninStore
from bot.tallies import TallyStore
from bot.topical import TopicalStore
from bot.units import UnitStore
from bot.uploads import UploadStore
from scheduler import calendar, deliveries, destinations
from scheduler.calendar import CalendarStore
from scheduler.deliveries import Ledger
from scheduler.destinations import DestinationStore
from tips import drafts, facts, lessons, sessionstore, store
from tips.calibration import DEFAULT_PRECISION
from tips.drafts import DraftStore
from tips.embedding import Embedder
from tips.facts import FactStore
from tips.history import TipHistory
from tips.lessons import LessonStore
from tips.library import Library
from tips.sessionstore import SessionStore
from tips.store import TipStore

MIGRATIONS: Sequence[Migrations] = (
    store.migrations,
    facts.migrations,
    people.migrations,
    journal.migrations,
    claims.migrations,
    conversations.migrations,
    events.migrations,
    progress.migrations,
    calendar.migrations,
    destinations.migrations,
    deliveries.migrations,
    orders.migrations,
    topical.migrations,
    alerts.migrations,
    signins.migrations,
    audit.migrations,
    uploads.migrations,
    units.migrations,
    outbox.migrations,
    handovers.migrations,
    deskrules.migrations,
    drafts.migrations,
    lately.migrations,
    tallies.migrations,
    authors.migrations,
    lessons.migrations,
    shares.migrations,
    sessionstore.migrations,
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
    progress: ProgressStore
    calendar: CalendarStore
    destinations: DestinationStore
    deliveries: Ledger
    orders: OrderStore
    topical: TopicalStore
    alerts: AlertStore
    signins: SigninStore
    audit: AuditStore
    units: UnitStore
    outbox: OutboxStore
    handovers: HandOverStore
    desk_rules: RuleStore
    drafts: DraftStore
    history: TipHistory
    uploads: UploadStore
    lately: LatelyStore
    tallies: TallyStore
    authors: AuthorStore
    lessons: LessonStore
    shares: ShareStore
    sessions: SessionStore

    @classmethod
    def of(
        cls,
        database: Database,
        path: Path,
        named_it: frozenset[str] = frozenset(),
        precision: float = DEFAULT_PRECISION,
        embedder: Embedder | None = None,
        tutors_first: int = 0,
    ) -> Stores:
        """The stores over an open database. `precision` is the share of answers that is to be right; by `embedder`
        likeness in meaning is measured; for `tutors_first` days a new tip is the tutors'."""
        tips, people_store = TipStore(database), PeopleStore(database, named_it)
        learnt = LessonStore(database, tips)
        return cls(
            database,
            path,
            tips,
            Library(tips, embedder, precision, lessons=learnt),
            FactStore(database),
            people_store,
            Journal(database),
            ClaimStore(database),
            ConversationStore(database),
            EventStore(database),
            ProgressStore(database),
            CalendarStore(database),
            DestinationStore(database),
            Ledger(database),
            OrderStore(database),
            TopicalStore(database),
            AlertStore(database),
            SigninStore(database),
            AuditStore(database),
            UnitStore(database),
            OutboxStore(database),
            HandOverStore(database),
            RuleStore(database),
            DraftStore(database, tips, tutors_first),
            TipHistory(database, tips),
            UploadStore(database),
            LatelyStore(database),
            TallyStore(database, people_store.hashed),
            AuthorStore(database),
            learnt,
            ShareStore(database),
            SessionStore(database),
        )
