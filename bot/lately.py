"""What a conversation was about last, for as long as 'entä puhelimella?' may lean on it: tips' ids, nobody's words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlite_utils import Database, Migrations

from tips.moments import stamp

LASTS = timedelta(minutes=30)
_MOST_SHOWN = 12

migrations = Migrations("lately")


@migrations()
def create_lately(database: Database) -> None:
    """A row a conversation, under keyed hashes of it and of the person who asked last."""
    database.table("lately").create(
        {"place": str, "person": str, "topic": str, "shown": str, "at": str},
        pk="place",
        not_null={"person", "topic", "shown", "at"},
    )


@dataclass(frozen=True, slots=True)
class Lately:
    """The tip that a conversation was about, or those that were offered, and the tips that were shown in it."""

    topic: tuple[str, ...]
    shown: tuple[str, ...] = ()


class LatelyStore:
    """Reads and writes. `place` and `person` are keyed hashes."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def of(self, place: str, now: datetime) -> Lately | None:
        """What the conversation was about just now, None where that was nothing or is too long ago."""
        sql = "select topic, shown from lately where place = ? and at >= ?"
        row = self._db.execute(sql, [place, stamp(now - LASTS)]).fetchone()
        return Lately(tuple(row[0].split()), tuple(row[1].split())) if row else None

    def put(self, place: str, person: str, lately: Lately, now: datetime) -> None:
        """Stores what the conversation is about now. What nothing can lean on any more, goes."""
        sql = "insert or replace into lately (place, person, topic, shown, at) values (?, ?, ?, ?, ?)"
        shown = " ".join(dict.fromkeys(lately.shown[-_MOST_SHOWN:]))
        self._db.execute("delete from lately where at < ?", [stamp(now - LASTS)])
        self._db.execute(sql, [place, person, " ".join(lately.topic), shown, stamp(now)])

    def end(self, place: str) -> None:
        """The conversation is about nothing that is known."""
        self._db.execute("delete from lately where place = ?", [place])

    def known(self, person: str) -> bool:
        """Whether there is a conversation in which the person asked last."""
        return bool(self._db.execute("select exists(select 1 from lately where person = ?)", [person]).fetchone()[0])

    def erase(self, person: str) -> None:
        """Forgets the conversations in which the person asked last."""
        self._db.execute("delete from lately where person = ?", [person])
