"""Questions to people, as rows. A change is one conditional write: of two at the same instant, one wins."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlite_utils import Database, Migrations

from bot.handover import ENDED, HandOver, State
from tips import fields
from tips.database import writing
from tips.moments import stamp

migrations = Migrations("handovers")

_FIRST_COLUMNS = (
    "question",
    "language",
    "asker",
    "place",
    "at",
    "since",
    "waits_since",
    "state",
    "helper",
    "answer",
    "asker_name",
    "helper_name",
    "unit",
    "topic",
    "tips",
    "breach",
    "reminded",
    "escalated_at",
    "version",
)
_COLUMNS = (*_FIRST_COLUMNS, "adopted")
_NUMBERS = ("breach", "reminded", "version")
_ENDED = ", ".join(f"'{state.value}'" for state in ENDED)


@migrations()
def create_handovers(database: Database) -> None:
    """`rooms` are the channels to which questions go; `passes` who has no time for which."""
    columns = {name: int if name in _NUMBERS else str for name in _FIRST_COLUMNS}
    database.table("handovers").create({"id": int, **columns}, pk="id", not_null=_FIRST_COLUMNS)
    for name in ("state", "asker", "helper"):
        database.table("handovers").create_index([name])
    database.table("passes").create(
        {"handover": int, "person": str, "at": str}, pk=("handover", "person"), not_null={"at"}
    )
    database.table("rooms").create({"purpose": str, "about": str, "place": str}, pk=("purpose", "about"))


@migrations()
def add_adopted(database: Database) -> None:
    """Whether the answer is one that somebody else gave."""
    database.table("handovers").add_column("adopted", int, not_null_default=0)


class HandOverStore:
    """Reads and writes them."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def add(self, new: HandOver) -> tuple[HandOver, bool]:
        """Stores it; the one that is open of the same asker and words where there is one, and whether it is new."""
        with writing(self._db):
            for known in self.of_asker(new.asker):
                if known.question == new.question:
                    return known, False
            names, marks = ", ".join(_COLUMNS), ", ".join("?" for _ in _COLUMNS)
            sql = f"insert into handovers ({names}) values ({marks})"  # noqa: S608  names of this module
            number = self._db.execute(sql, _values(new)).lastrowid
        return replace(new, id=number or 0), True

    def change(self, before: HandOver, after: HandOver) -> bool:
        """From that to this; False where it is not so any more. What has ended leaves no passes."""
        marks = ", ".join(f"{name} = ?" for name in _COLUMNS)
        sql = f"update handovers set {marks} where id = ? and version = ?"  # noqa: S608  names of this module
        done = self._db.execute(sql, [*_values(after), before.id, before.version]).rowcount > 0
        if done and after.ended:
            self._db.execute("delete from passes where handover = ?", [after.id])
        return done

    def get(self, number: str | int) -> HandOver | None:
        """The one of that number, None where there is none (never trust a button)."""
        known = fields.number_in(str(number))
        return None if known is None else next(iter(self._where("id = ?", known)), None)

    def open(self) -> list[HandOver]:
        """All to which something may happen yet, the oldest first."""
        return self._where(f"state not in ({_ENDED})")

    def of_asker(self, person: str) -> list[HandOver]:
        """The person's own open questions."""
        return self._where(f"asker = ? and asker <> '' and state not in ({_ENDED})", person)

    def pass_by(self, number: int, person: str, now: datetime) -> None:
        """The person has no time for it."""
        row = {"handover": number, "person": person, "at": stamp(now)}
        self._db.table("passes").upsert(row, pk=("handover", "person"))

    def passed(self, number: int) -> frozenset[str]:
        """Who has no time for it."""
        rows = self._db.execute("select person from passes where handover = ?", [number]).fetchall()
        return frozenset(person for (person,) in rows)

    def set_room(self, purpose: str, about: str, place: str) -> None:
        """Questions of the purpose go to that conversation."""
        row = {"purpose": purpose, "about": about, "place": place}
        self._db.table("rooms").upsert(row, pk=("purpose", "about"))

    def close_room(self, place: str) -> None:
        """No questions go to that conversation any more."""
        self._db.execute("delete from rooms where place = ?", [place])

    def room(self, purpose: str, about: str = "") -> str:
        """Where questions of the purpose go, '' for nowhere."""
        sql = "select place from rooms where purpose = ? and about = ?"
        row = self._db.execute(sql, [purpose, about]).fetchone()
        return str(row[0]) if row else ""

    def erase(self, person: str) -> list[HandOver]:
        """Forgets the person: their open questions are withdrawn, what they help with waits for others.

        The questions in which they were, as they stood before.
        """
        with writing(self._db):
            before = self._where("? <> '' and ? in (asker, helper)", person, person)
            self._db.execute("delete from passes where person = ?", [person])
            sql = """
                update handovers set state = 'withdrawn', asker = '', asker_name = '', place = '', helper = '',
                    helper_name = '', version = version + 1
                where asker = ? and asker <> ''
            """
            self._db.execute(sql, [person])
            sql = """
                update handovers set state = case escalated_at when '' then 'asked' else 'escalated' end,
                    helper = '', helper_name = '', version = version + 1
                where helper = ? and helper <> '' and state = 'claimed'
            """
            self._db.execute(sql, [person])
            self._db.execute("update handovers set helper = '', helper_name = '' where helper = ?", [person])
        return before

    def _where(self, where: str, *values: object) -> list[HandOver]:
        sql = f"select * from handovers where {where} order by id"  # noqa: S608  literals of this module
        return [_handover(row) for row in self._db.query(sql, list(values))]


def _values(item: HandOver) -> list[object]:
    escalated = stamp(item.escalated_at) if item.escalated_at else ""
    times = (stamp(item.asked), stamp(item.since), stamp(item.waits_since))
    people = (item.helper, item.answer, item.asker_name, item.helper_name, item.unit, item.topic)
    flags = (int(item.breach), int(item.reminded), escalated, item.version, int(item.adopted))
    first = (item.question, item.language, item.asker, item.where)
    return [*first, *times, item.state.value, *people, json.dumps(item.tips), *flags]


def _handover(row: Mapping[str, Any]) -> HandOver:
    def moment(name: str) -> datetime:
        return datetime.fromisoformat(row[name])

    return HandOver(
        id=row["id"],
        question=row["question"],
        language=row["language"],
        asker=row["asker"],
        where=row["place"],
        asked=moment("at"),
        since=moment("since"),
        waits_since=moment("waits_since"),
        state=State(row["state"]),
        helper=row["helper"],
        answer=row["answer"],
        adopted=bool(row["adopted"]),
        asker_name=row["asker_name"],
        helper_name=row["helper_name"],
        unit=row["unit"],
        topic=row["topic"],
        tips=tuple(json.loads(row["tips"])),
        breach=bool(row["breach"]),
        reminded=bool(row["reminded"]),
        escalated_at=moment("escalated_at") if row["escalated_at"] else None,
        version=row["version"],
    )
