"""Which failures IT was told of: rows, so that each is told once, whatever restarts."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlite_utils import Database, Migrations

from tips.moments import stamp

AGAIN = timedelta(days=7)  # after this long the same failure is told once more: it has not been mended

migrations = Migrations("alerts")


@migrations()
def create_alerts(database: Database) -> None:
    """What was told: a digest of the failure and when, no names."""
    database.table("alerts").create({"failure": str, "at": str}, pk="failure", not_null={"at"})


class AlertStore:
    """Remembers what was told."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def first(self, failure: str, now: datetime) -> bool:
        """Whether the failure is to be told now: it was not within `AGAIN`. Atomic."""
        sql = """
            insert into alerts (failure, at) values (?, ?)
            on conflict (failure) do update set at = excluded.at where at < ?
        """
        return self._db.execute(sql, [failure, stamp(now), stamp(now - AGAIN)]).rowcount > 0

    def forget(self, failure: str) -> None:
        """It could not be told to anybody: the next time it is told."""
        self._db.execute("delete from alerts where failure = ?", [failure])
