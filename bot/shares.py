"""Who shared which tip where: what can be taken back by whoever shared it, and how much a person shares a day.

A share stands once for each destination. In a week's slot it goes out as that week's tip; else by itself, and is then
known in the ledger as `shared:<number>`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, cast

from sqlite_utils import Database, Migrations

from scheduler.models import Key
from scheduler.parts import POST
from tips.database import writing
from tips.models import Language
from tips.moments import moment, stamp

ITSELF = "shared:"  # before the number of a share that goes out by itself

migrations = Migrations("shares")


@migrations()
def create_shares(database: Database) -> None:
    """`batch` are those shared at once; `draft` is 0 for a tip; `withdrawn` is 1 where it was taken back."""
    columns = ("batch", "person", "tip", "language", "by", "entry", "nominal", "destination", "due", "at")
    database.table("shares").create(
        {"id": int, **dict.fromkeys(columns, str), "draft": int, "withdrawn": int},
        pk="id",
        not_null=(*columns, "draft", "withdrawn"),
        defaults={"draft": 0, "withdrawn": 0},
    )
    database.table("shares").create_index(["batch"])
    database.table("shares").create_index(["person", "at"])


@dataclass(frozen=True, slots=True)
class Share:
    """A tip, or a draft of one, for a destination. `by` is how its sharer is named, '' where they do not wish it."""

    batch: str
    person: str
    destination: str
    nominal: date
    due: datetime
    tip: str = ""
    draft: int = 0
    language: Language = "fi"
    by: str = ""
    entry: str = ""
    id: int = 0

    @property
    def is_alone(self) -> bool:
        """Whether it goes out by itself, and not as a week's tip."""
        return self.entry.startswith(ITSELF)

    @property
    def key(self) -> Key:
        """Its delivery."""
        return Key(self.entry, self.nominal, POST, self.destination)


class ShareStore:
    """Reads and writes shares."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def add(self, share: Share, now: datetime) -> Share:
        """Stores it; with its number, by which it is known where it goes out by itself."""
        with writing(self._db):
            number = cast(int, self._db.table("shares").insert(_row(share) | {"at": stamp(now)}, pk="id").last_pk)
            entry = share.entry or f"{ITSELF}{number}"
            self._db.execute("update shares set entry = ? where id = ?", [entry, number])
        return replace(share, id=number, entry=entry)

    def of(self, entry: str) -> Share | None:
        """What goes out by itself under that name."""
        found = self._where("entry = ? and withdrawn = 0", entry) if entry.startswith(ITSELF) else []
        return next(iter(found), None)

    def batch(self, batch: str) -> list[Share]:
        """What was shared at once and still stands."""
        return self._where("batch = ? and withdrawn = 0", batch)

    def since(self, person: str, at: datetime) -> list[Share]:
        """What the person has shared since then, taken back or not."""
        return self._where("person = ? and person <> '' and at >= ?", person, stamp(at))

    def lately(self, at: datetime, person: str = "") -> list[Share]:
        """What was shared since then and stands, by one person or by all, the newest first."""
        return self._where("at >= ? and withdrawn = 0 and ? in ('', person)", stamp(at), person)[::-1]

    def withdraw(self, share: Share) -> bool:
        """It is taken back; False where it was before."""
        sql = "update shares set withdrawn = 1 where id = ? and withdrawn = 0"
        return self._db.execute(sql, [share.id]).rowcount > 0

    def erase(self, person: str) -> None:
        """Forgets who shared."""
        self._db.execute("update shares set person = '', by = '' where person = ?", [person])

    def _where(self, where: str, *values: object) -> list[Share]:
        sql = f"select * from shares where {where} order by id"  # noqa: S608  literals of this class
        return [_share(row) for row in self._db.query(sql, list(values))]


def _row(share: Share) -> dict[str, Any]:
    names = ("batch", "person", "tip", "draft", "language", "by", "entry", "destination")
    values = {name: getattr(share, name) for name in names}
    return values | {"nominal": share.nominal.isoformat(), "due": stamp(share.due)}


def _share(row: Mapping[str, Any]) -> Share:
    names = ("batch", "person", "tip", "draft", "language", "by", "entry", "destination", "id")
    values = {name: row[name] for name in names}
    return Share(**values, nominal=date.fromisoformat(row["nominal"]), due=moment(row["due"]))
