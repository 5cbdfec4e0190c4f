"""How long what is kept: one table, the same as in docs/tietosuoja.md (a test compares them)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType

from sqlite_utils import Database

from bot.tallies import close
from tips.database import writing
from tips.moments import stamp
from tips.store import TipStore

# Table: how many days, None for 'until removed'; the `keys` go by calendar year, `tallies` by month (see there),
# `conversations` from the day on which they could not be written to any more.
PERIODS: Mapping[str, int | None] = MappingProxyType(
    {
        "questions": 365,
        "feedback": 365,
        "people": None,
        "dialogs": 30,
        "keys": 365,
        "facts": None,
        "conversations": 30,
        "events": 2,
        "progress": 365,
        "calendar_entries": None,
        "calendar_links": None,
        "calendar_choices": None,
        "calendar_meta": None,
        "destinations": None,
        "deliveries": 1096,
        "orders": 30,
        "alerts": 30,
        "roles": None,
        "units": None,
        "members": None,
        "topics": None,
        "absences": 30,
        "letters": 60,
        "handovers": 365,
        "drafts": 365,
        "authors": None,
        "lessons": 365,
        "lesson_votes": 365,
        "lesson_changes": 365,
        "shares": 60,
        "passes": 365,
        "signin_links": 2,
        "web_sessions": 2,
        "audit": 365,
        "uploads": 2,
        "lately": 2,
        "tallies": 62,
        "figures": None,
    }
)

_LEARNT = ("lesson_votes", "lessons", "lesson_changes")
_BY_AGE = (
    "feedback",
    "questions",
    "dialogs",
    "events",
    "progress",
    "deliveries",
    "orders",
    "alerts",
    "absences",
    "letters",
    "passes",
    "handovers",
    "drafts",
    *_LEARNT,
    "shares",
    "signin_links",
    "web_sessions",
    "audit",
    "lately",
)


def purge(database: Database, now: datetime) -> int:
    """Deletes what has outlived its period; returns how many rows that were."""
    with writing(database):
        close(database, now)
        before = database.conn.total_changes
        for table in _BY_AGE:
            oldest = stamp(now - timedelta(days=PERIODS[table] or 0))
            if table == "questions":
                database.table("feedback").delete_where("question in (select id from questions where at < ?)", [oldest])
            gone = database.execute(f"delete from {table} where at < ?", [oldest]).rowcount  # noqa: S608  of _BY_AGE
            if gone and table in _LEARNT:
                TipStore(database).revise(0)  # the search forgets it too
        lost = stamp(now - timedelta(days=PERIODS["conversations"] or 0))
        database.table("conversations").delete_where("unreachable <> '' and since < ?", [lost])
        database.table("keys").delete_where("year < ?", [now.year])
        return database.conn.total_changes - before
