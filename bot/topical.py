"""A line of IT's about something current, for one occurrence of a session: its slot for what is new."""

from __future__ import annotations

from datetime import date

from sqlite_utils import Database, Migrations

LONGEST = 300  # characters

migrations = Migrations("topical")


@migrations()
def create_topical(database: Database) -> None:
    """A line an occurrence."""
    database.table("topical").create(
        {"entry": str, "nominal": str, "text": str}, pk=("entry", "nominal"), not_null={"text"}
    )


class TopicalStore:
    """Reads and writes those lines."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def put(self, entry: str, nominal: date, text: str) -> None:
        """The line of the occurrence, in the place of the one before."""
        row = {"entry": entry, "nominal": nominal.isoformat(), "text": text}
        self._db.table("topical").upsert(row, pk=("entry", "nominal"))

    def get(self, entry: str, nominal: date) -> str:
        """The line of the occurrence, '' where there is none."""
        sql = "select text from topical where entry = ? and nominal = ?"
        row = self._db.execute(sql, [entry, nominal.isoformat()]).fetchone()
        return str(row[0]) if row else ""
