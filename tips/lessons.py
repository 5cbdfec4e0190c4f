"""Lessons as rows: who says what of a wording, as keyed hashes that change yearly.

Who a person is, is the caller's business. Two hashes of different years may be the same person's, so people are
counted within a year.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, cast

from sqlite_utils import Database, Migrations

from tips.database import writing
from tips.learnt import Change, Learnt, Lesson, Outcome, Vote, Voter, alike
from tips.models import LANGUAGES, Language
from tips.moments import stamp
from tips.store import TipStore

MOST_A_DAY = 10  # presses of one person that count
_MOST_A_TIP = 8  # learnt phrasings in force, in one language
_ALIKE = 0.5  # shared base forms, from which on a doubt concerns a lesson

migrations = Migrations("lessons")


@migrations()
def create_lessons(database: Database) -> None:
    """`gist` are the base forms that tell, sorted; `removed` and `undone` the change that took it away, 0 for none."""
    names = ("tip", "language", "gist", "text", "at")
    database.table("lessons").create(
        {"id": int, **dict.fromkeys(names, str), "removed": int}, pk="id", not_null=(*names, "removed")
    )
    database.table("lessons").create_index(["tip", "language", "gist"], unique=True)
    database.table("lesson_votes").create(
        {"lesson": int, "person": str, "kind": str, "year": int, "at": str, "undone": int},
        pk=("lesson", "person"),
        not_null={"kind", "year", "at", "undone"},
    )
    database.table("lesson_votes").create_index(["person"])
    database.table("lesson_changes").create(
        {"id": int, "lesson": int, "kind": str, "count": int, "at": str}, pk="id", not_null={"kind", "count", "at"}
    )


class LessonStore:
    """Reads and writes lessons. Every change is atomic; the tips' revision grows where what is in force changes."""

    def __init__(self, database: Database, tips: TipStore) -> None:
        self._db, self._tips = database, tips

    def vote(
        self, tip: str, language: Language, gist: str, text: str, person: str, vote: Vote, now: datetime
    ) -> Outcome:
        """Somebody's word on a cleaned wording. A person counts once a tip, and `MOST_A_DAY` times a day."""
        with writing(self._db), self._revising(tip):
            if (refused := self._refused(tip, gist, language, person, vote, now)) is not None:
                return refused
            sql = "insert or ignore into lessons (tip, language, gist, text, at, removed) values (?, ?, ?, ?, ?, 0)"
            self._db.execute(sql, [tip, language, gist, text, stamp(now)])
            row = self._find(tip, language, gist)
            return self._cast(row[0], person, vote, now) if row and not row[1] else Outcome.GONE

    def doubt(self, tip: str, language: Language, gist: str, person: str, now: datetime) -> Outcome:
        """Somebody was not helped by the tip: this lowers what was learnt of it in much the same words."""
        with writing(self._db), self._revising(tip):
            if self._muted(person):
                return Outcome.MUTED
            if self._today(person, now) >= MOST_A_DAY:
                return Outcome.LIMITED
            sql = "select id, gist from lessons where tip = ? and language = ? and removed = 0"
            near = [
                number
                for number, known in self._db.execute(sql, [tip, language]).fetchall()
                if alike(gist, known) >= _ALIKE
            ]
            for number in near:
                self._cast(number, person, Vote.DOWN, now)
            return Outcome.COUNTED if near else Outcome.GONE

    def approve(self, lesson: int, person: str, now: datetime) -> bool:
        """A tutor approves it; False where it is gone or approved already."""
        found = self.get(lesson)
        with writing(self._db), self._revising(found.tip if found else None):
            if found is None or found.removed or found.approved:
                return False
            self._cast(lesson, person, Vote.APPROVED, now)
            self._note(lesson, "approved", 1, now)
            return True

    def remove(self, lesson: int, now: datetime) -> bool:
        """It counts no more, and is not learnt anew; False where it is gone already."""
        found = self.get(lesson)
        with writing(self._db), self._revising(found.tip if found else None):
            if found is None or found.removed:
                return False
            change = self._note(lesson, "removed", 1, now)
            return self._db.execute("update lessons set removed = ? where id = ?", [change, lesson]).rowcount > 0

    def take_back(self, lesson: int, voter: str, now: datetime) -> int:
        """All votes of that voter of the lesson (`Voter.id`), on whatever tip; nothing more is learnt from them.

        How many votes that were; 0 where the lesson has no such voter.
        """
        with writing(self._db), self._revising():
            person = next((each for each in self._persons(lesson) if _voter_id(lesson, each) == voter), None)
            if person is None:
                return 0
            sql = "update lesson_votes set undone = -1 where person = ? and undone = 0"
            count = self._db.execute(sql, [person]).rowcount
            change = self._note(lesson, "undone", count, now)
            self._db.execute("update lesson_votes set undone = ? where undone = -1", [change])
            return count

    def revert(self, change: int, now: datetime) -> bool:
        """What a removal or a taking back took away counts again; False where it does already."""
        with writing(self._db), self._revising():
            if change <= 0:
                return False
            lessons = self._db.execute("update lessons set removed = 0 where removed = ?", [change]).rowcount
            votes = self._db.execute("update lesson_votes set undone = 0 where undone = ?", [change]).rowcount
            if lessons + votes:
                row = self._db.execute("select lesson from lesson_changes where id = ?", [change]).fetchone()
                self._note(row[0] if row else 0, "restored", lessons + votes, now)
            return lessons + votes > 0

    def voters(self, lesson: int) -> list[Voter]:
        """Those whose votes the lesson has."""
        sql = "select count(*) from lesson_votes where person = ? and undone = 0"
        return [
            Voter(_voter_id(lesson, person), self._db.execute(sql, [person]).fetchone()[0])
            for person in self._persons(lesson)
        ]

    def get(self, lesson: int) -> Lesson | None:
        """The lesson of that number, None where there is none."""
        return next(iter(self._lessons("id = ?", lesson)), None)

    def all(self) -> list[Lesson]:
        """What was not removed, the newest first."""
        return self._lessons("removed = 0")[::-1]

    def in_force(self, tip: str | None = None) -> Learnt:
        """What counts in the ranking now, by tip and language."""
        found: dict[tuple[str, Language], list[tuple[str, float]]] = {}
        lessons = self._lessons("removed = 0") if tip is None else self._lessons("removed = 0 and tip = ?", tip)
        for lesson in sorted(lessons, key=lambda each: (-each.weight, each.id)):
            of_tip = found.setdefault((lesson.tip, lesson.language), [])
            if lesson.weight and len(of_tip) < _MOST_A_TIP:
                of_tip.append((lesson.text, lesson.weight))
        return {key: of_tip for key, of_tip in found.items() if of_tip}

    def approved(self) -> Learnt:
        """The wordings in force that a tutor approved: what may leave with a pack."""
        found: dict[tuple[str, Language], list[tuple[str, float]]] = {}
        for lesson in self._lessons("removed = 0"):
            if lesson.approved and lesson.weight:
                found.setdefault((lesson.tip, lesson.language), []).append((lesson.text, lesson.weight))
        return found

    def history(self, most: int = 10) -> list[Change]:
        """The newest changes, the newest first."""
        sql = """
            select c.id, c.kind, coalesce(l.text, ''), coalesce(l.tip, ''), c.count, c.at,
                not exists (select 1 from lessons where removed = c.id)
                and not exists (select 1 from lesson_votes where undone = c.id)
            from lesson_changes c left join lessons l on l.id = c.lesson order by c.id desc limit ?
        """
        rows = self._db.execute(sql, [most]).fetchall()
        return [Change(row[0], row[1], row[2], row[3], row[4], row[5], bool(row[6])) for row in rows]

    def known(self, person: str) -> int:
        """How many votes of the person's are kept."""
        return self._db.table("lesson_votes").count_where("person = ?", [person])

    def erase(self, person: str) -> None:
        """Forgets the person's votes."""
        with writing(self._db), self._revising():
            self._db.execute("delete from lesson_votes where person = ?", [person])

    def _persons(self, lesson: int) -> list[str]:
        sql = "select person from lesson_votes where lesson = ? and undone = 0 order by at, person"
        return [person for (person,) in self._db.execute(sql, [lesson]).fetchall()]

    def _refused(
        self, tip: str, gist: str, language: Language, person: str, vote: Vote, now: datetime
    ) -> Outcome | None:
        if self._muted(person):
            return Outcome.MUTED
        if vote is Vote.UP and self._today(person, now) >= MOST_A_DAY:
            return Outcome.LIMITED
        sql = """
            select 1 from lesson_votes v join lessons l on l.id = v.lesson
            where v.person = ? and v.kind = ? and l.tip = ? and not (l.gist = ? and l.language = ?)
        """
        elsewhere = self._db.execute(sql, [person, Vote.UP.value, tip, gist, language]).fetchone()
        return Outcome.KNOWN if vote is Vote.UP and elsewhere else None

    def _find(self, tip: str, language: Language, gist: str) -> Any:
        sql = "select id, removed from lessons where tip = ? and language = ? and gist = ?"
        return self._db.execute(sql, [tip, language, gist]).fetchone()

    def _cast(self, lesson: int, person: str, vote: Vote, now: datetime) -> Outcome:
        sql = """
            insert into lesson_votes (lesson, person, kind, year, at, undone) values (?, ?, ?, ?, ?, 0)
            on conflict (lesson, person) do update set at = excluded.at,
                kind = case when kind = 'approved' and excluded.kind = 'up' then kind else excluded.kind end
        """
        self._db.execute(sql, [lesson, person, vote.value, now.year, stamp(now)])
        self._db.execute("update lessons set at = ? where id = ?", [stamp(now), lesson])
        return Outcome.COUNTED

    def _muted(self, person: str) -> bool:
        sql = "select 1 from lesson_votes where person = ? and undone <> 0"
        return self._db.execute(sql, [person]).fetchone() is not None

    def _today(self, person: str, now: datetime) -> int:
        return self._db.table("lesson_votes").count_where("person = ? and at >= ?", [person, stamp(now)[:10]])

    def _note(self, lesson: int, kind: str, count: int, now: datetime) -> int:
        row = {"lesson": lesson, "kind": kind, "count": count, "at": stamp(now)}
        return cast(int, self._db.table("lesson_changes").insert(row, pk="id").last_pk)

    def _lessons(self, where: str, *values: object) -> list[Lesson]:
        chosen = f"select id, tip, language, text, at, removed from lessons where {where} order by id"  # noqa: S608  ours
        counted = f"""
            select lesson, kind, year, count(*) from lesson_votes
            where undone = 0 and lesson in (select id from lessons where {where}) group by lesson, kind, year
        """  # noqa: S608  literals of this module
        most: dict[tuple[int, str], int] = {}
        for lesson, kind, _, count in self._db.execute(counted, list(values)).fetchall():
            most[lesson, kind] = max(count, most.get((lesson, kind), 0))
        return [
            _lesson(row, {kind: most.get((row[0], kind.value), 0) for kind in Vote})
            for row in self._db.execute(chosen, list(values)).fetchall()
            if row[2] in LANGUAGES
        ]

    @contextmanager
    def _revising(self, tip: str | None = None) -> Iterator[None]:
        """Has every process read the tips anew where what is in force changes; of one tip, where one is named."""
        before = self.in_force(tip)
        yield
        if self.in_force(tip) != before:
            self._tips.revise(0)


def _lesson(row: Sequence[Any], said: Mapping[Vote, int]) -> Lesson:
    number, tip, language, text, at, removed = row
    approved = said[Vote.APPROVED] > 0
    return Lesson(number, tip, language, text, at, said[Vote.UP], said[Vote.DOWN], approved, bool(removed))


def _voter_id(lesson: int, person: str) -> str:
    """What a button carries: it says nothing of the person, and of another lesson it is another."""
    return hashlib.sha256(f"{lesson} {person}".encode()).hexdigest()[:16]
