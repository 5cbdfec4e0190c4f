"""What was asked and whether it helped: question texts without their askers, for figures and for learning."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlite_utils import Database, Migrations

from tips import fields
from tips.database import explained
from tips.models import Answer
from tips.moments import stamp

migrations = Migrations("journal")


@migrations()
def create_journal(database: Database) -> None:
    """Questions without askers; feedback with a keyed hash, so that a person counts once a question."""
    database.table("questions").create(
        {
            "id": int,
            "text": str,
            "language": str,
            "channel": str,
            "band": str,
            "confidence": float,
            "tip": str,
            "chosen": str,
            "at": str,
        },
        pk="id",
        not_null={"text", "language", "channel", "band", "at"},
    )
    database.table("questions").create_index(["at"])
    database.table("feedback").create(
        {"question": int, "person": str, "tip": str, "helped": int, "at": str},
        pk=("question", "person"),
        not_null={"tip", "helped", "at"},
        foreign_keys=[("question", "questions", "id")],
    )


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it was stored."""

    id: int
    text: str
    language: str
    tip: str


@dataclass(frozen=True, slots=True)
class Unhelped:
    """A question that nobody was helped with; `unanswered`: no tip was found for it at all."""

    id: int
    text: str
    language: str
    unanswered: bool


class Journal:
    """Writes questions and feedback, and reads back what the next press needs."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def record(self, answer: Answer, channel: str, now: datetime) -> int:
        """Stores a question, whose text must have been through `protection`; returns its number.

        Raises DatabaseError where it cannot be stored.
        """
        # In plain SQL, as all that happens at every message: `insert` asks four times what tables there are.
        sql = """
            insert into questions (text, language, channel, band, confidence, tip, at) values (?, ?, ?, ?, ?, ?, ?)
        """
        tip, confidence = answer.matches[0].id if answer.matches else "", round(answer.confidence, 3)
        values = [answer.question, answer.language, channel, answer.band.value, confidence, tip, stamp(now)]
        with explained("question"):
            return cast(int, self._db.execute(sql, values).lastrowid)

    def question(self, number: str) -> Asked | None:
        """The question of that number, None where there is none (never trust a button)."""
        known = fields.number_in(number)
        row = next(self._db.table("questions").rows_where("id = ?", [known]), None)
        return Asked(row["id"], row["text"], row["language"], row["tip"]) if row else None

    def choose(self, question: int, tip: str) -> None:
        """Stores which of the offered tips the asker chose. Raises DatabaseError where it cannot be stored."""
        with explained("choice"):
            self._db.table("questions").update(question, {"chosen": tip})

    def give_feedback(self, question: int, person_hash: str, tip: str, helped: bool, now: datetime) -> bool:
        """Stores whether it helped. A second press by the same person replaces the first; False then."""
        is_first = not self._db.table("feedback").count_where("question = ? and person = ?", [question, person_hash])
        row = {"question": question, "person": person_hash, "tip": tip, "helped": int(helped), "at": stamp(now)}
        self._db.table("feedback").upsert(row, pk=("question", "person"))
        return is_first

    def unhelped(self, start: datetime, end: datetime, most: int = 5_000) -> list[Unhelped]:
        """The questions of that time for which there was no tip, or whose tips did not help; the newest of too many.

        Who chose a tip, or was helped by one, is not among them.
        """
        sql = """
            select id, text, language, band = 'hand_over' from questions q
            where at >= ? and at < ?
                and not exists (select 1 from feedback where question = q.id and helped = 1)
                and (exists (select 1 from feedback where question = q.id and helped = 0)
                    or (band = 'hand_over' and coalesce(chosen, '') = ''))
            order by id desc limit ?
        """
        rows = self._db.execute(sql, [stamp(start), stamp(end), most]).fetchall()
        return [Unhelped(number, text, language, bool(none)) for number, text, language, none in reversed(rows)]

    def feedback_count(self, person_hash: str) -> int:
        """How many questions the person gave feedback on."""
        return self._db.table("feedback").count_where("person = ?", [person_hash])

    def erase_feedback(self, person_hash: str) -> None:
        """Removes the person's feedback."""
        self._db.table("feedback").delete_where("person = ?", [person_hash])
