"""The log of what was done on the pages and with them: who did what to what, and when. Never the words themselves.

What a person did stays when the person has their data erased; who they were does not.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlite_utils import Database, Migrations

from tips.moments import stamp

LONGEST = 200  # characters of what it was done to

migrations = Migrations("audit")


@migrations()
def create_audit(database: Database) -> None:
    """`person` did `what` (a word of ours) `about` what (an id, a number); '' of somebody who was erased."""
    columns = {"id": int, "at": str, "person": str, "what": str, "about": str}
    database.table("audit").create(columns, pk="id", not_null={"at", "person", "what", "about"}, if_not_exists=True)


@dataclass(frozen=True, slots=True)
class Note:
    """A line of the log."""

    id: int
    at: str
    person: str
    what: str
    about: str


class AuditStore:
    """Writes and reads the log."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def note(self, person: str, what: str, about: str, now: datetime) -> None:
        """Writes a line. `what` has its words under `act_…` in the pages' catalogue; `about` is an id, no text."""
        row = {"at": stamp(now), "person": person, "what": what, "about": about[:LONGEST]}
        self._db.table("audit").insert(row)

    def notes(self, most: int = 100, before: int | None = None) -> list[Note]:
        """The newest lines, the newest first; those `before` the line of that id."""
        sql = "select id, at, person, what, about from audit where ? is null or id < ? order by id desc limit ?"
        return [Note(*row) for row in self._db.execute(sql, [before, before, most]).fetchall()]

    def who(self, acts: Collection[str], abouts: Collection[str]) -> dict[str, str]:
        """Who did one of the acts to each of these, as far as the log still says so."""
        marks, also = (", ".join("?" * len(given)) for given in (acts, abouts))
        sql = f"select about, person from audit where what in ({marks}) and about in ({also})"  # noqa: S608  marks only
        return dict(self._db.execute(sql, [*acts, *abouts]).fetchall())

    def abouts(self, what: str, since: datetime) -> frozenset[str]:
        """To what it was done since then, by whomever."""
        sql = "select distinct about from audit where what = ? and at >= ?"
        return frozenset(about for (about,) in self._db.execute(sql, [what, stamp(since)]).fetchall())

    def known(self, person: str) -> bool:
        """Whether a line names the person."""
        sql = "select exists(select 1 from audit where person = ?)"
        return bool(self._db.execute(sql, [person]).fetchone()[0])

    def erase(self, person: str) -> None:
        """Forgets who the person was; what was done stays."""
        self._db.execute("update audit set person = '' where person = ?", [person])
