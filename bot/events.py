"""Events that platforms may send more than once: each is worked on once, also after a restart."""

from __future__ import annotations

from datetime import datetime

from sqlite_utils import Database, Migrations

from tips.moments import stamp

migrations = Migrations("events")


@migrations()
def create_events(database: Database) -> None:
    """Events by key, with the id of the message that answered them."""
    database.table("events").create({"key": str, "answer": str, "at": str}, pk="key", not_null={"answer", "at"})
    database.table("events").create_index(["at"])


class EventStore:
    """Which events have been taken on."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def take(self, key: str, now: datetime, abandoned_before: datetime | None = None) -> bool:
        """Whether the event is new, and so the caller's to work on. Atomic: one caller gets True.

        One that was taken before `abandoned_before` and never answered is new again: its process died over it.
        """
        before = stamp(abandoned_before) if abandoned_before else ""
        sql = """
            insert into events (key, answer, at) values (?, '', ?)
            on conflict (key) do update set at = excluded.at where answer = '' and at < ?
        """
        return self._db.execute(sql, [key, stamp(now), before]).rowcount > 0

    def answered(self, key: str, answer: str) -> None:
        """Stores the id of the message that answered the event, so that it can be changed."""
        self._db.execute("update events set answer = ? where key = ?", [answer, key])

    def answer_to(self, key: str) -> str | None:
        """The id of the message that answered the event, '' while none has, None where no such event was taken."""
        row = self._db.execute("select answer from events where key = ?", [key]).fetchone()
        return row[0] if row else None

    def advance(self, key: str, version: str, now: datetime) -> bool:
        """Whether the version is later than all that the key was advanced to before. Atomic: one caller gets True."""
        sql = """
            insert into events (key, answer, at) values (?, ?, ?)
            on conflict (key) do update set answer = excluded.answer, at = excluded.at where answer < excluded.answer
        """
        return self._db.execute(sql, [key, version, stamp(now)]).rowcount > 0

    def give_back(self, key: str, version: str | None = None) -> None:
        """The event was not worked on after all: the platform may send it again. Of a key that was advanced, only
        where `version` is still the latest: a later one stands."""
        sql = "delete from events where key = ? and (? is null or answer = ?)"
        self._db.execute(sql, [key, version, version])
