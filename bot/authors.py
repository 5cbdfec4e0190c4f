"""Who wrote a tip, as they wish to be shown. It stands beside the tips, so that a tip that travels names nobody."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlite_utils import Database, Migrations

from tips.moments import stamp

LONGEST = 100  # characters

migrations = Migrations("authors")


@migrations()
def create_authors(database: Database) -> None:
    """A tip's author and how they are shown."""
    columns = {"tip": str, "person": str, "shown": str, "at": str}
    database.table("authors").create(columns, pk="tip", not_null={"person", "shown", "at"})
    database.table("authors").create_index(["person"])


class AuthorStore:
    """Reads and writes authors."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def put(self, tip: str, person: str, shown: str, now: datetime) -> None:
        """The person wrote the tip and is shown so."""
        row = {"tip": tip, "person": person, "shown": shown[:LONGEST], "at": stamp(now)}
        self._db.table("authors").upsert(row, pk="tip")

    def shown(self) -> Mapping[str, str]:
        """How the authors of tips are shown, by tip."""
        return dict(self._db.execute("select tip, shown from authors").fetchall())

    def of(self, person: str) -> list[str]:
        """The tips at which the person is shown."""
        return [tip for (tip,) in self._db.execute("select tip from authors where person = ?", [person]).fetchall()]

    def erase(self, person: str) -> None:
        """The person is shown nowhere any more; the tips stay."""
        self._db.execute("delete from authors where person = ?", [person])
