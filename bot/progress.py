"""How far people have come in sessions: a row a person's hash, run and theme. After the end only what figures need.

A run is one post of a session, known by its delivery's key, or `OWN`, a session opened by oneself.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlite_utils import Database, Migrations

from tips.moments import stamp

OWN = "own"
FEWEST = 5  # people from whom on the results of a quiz are told

migrations = Migrations("progress")


@migrations()
def create_progress(database: Database) -> None:
    """`answers` has a digit a question, `-` where it is not answered. `at` is when the row was last touched."""
    database.table("progress").create(
        {
            "person": str,
            "run": str,
            "theme": str,
            "step": int,
            "answers": str,
            "finished": str,
            "correct": int,
            "questions": int,
            "at": str,
        },
        pk=("person", "run", "theme"),
        not_null={"step", "answers", "finished", "correct", "questions", "at"},
    )
    for columns in (["run"], ["finished"], ["at"]):
        database.table("progress").create_index(columns)


@dataclass(frozen=True, slots=True)
class Run:
    """One person's way through one session."""

    person: str  # the keyed hash
    run: str
    theme: str


@dataclass(frozen=True, slots=True)
class Progress:
    """Where it is. `finished` is when it came to the end the first time, with how many right answers of how many."""

    step: int = 0
    answers: str = ""
    finished: str = ""
    correct: int = 0
    questions: int = 0


@dataclass(frozen=True, slots=True)
class Results:
    """What came of a quiz, of enough people that nobody's answers show."""

    people: int
    correct: int
    questions: int

    @property
    def share(self) -> int:
        """How many per cent of the questions were answered rightly."""
        return round(100 * self.correct / self.questions) if self.questions else 0


@dataclass(frozen=True, slots=True)
class Held:
    """An occurrence of a session that somebody has gone through, over all of its posts. `finished` is a pure count;
    `results` are None where they are of fewer than `FEWEST`."""

    entry: str
    nominal: date
    theme: str
    finished: int
    results: Results | None


class ProgressStore:
    """Reads and writes progress."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def get(self, run: Run) -> Progress | None:
        """How far it has come, None where it has not begun."""
        sql = """
            select step, answers, finished, correct, questions from progress
            where person = ? and run = ? and theme = ?
        """
        row = self._db.execute(sql, _key(run)).fetchone()
        return Progress(*row) if row else None

    def move(self, run: Run, before: Progress | None, after: Progress, now: datetime) -> bool:
        """From there to there; False where it is not there any more: a press that came twice, or another process."""
        if before is None:
            sql = """
                insert or ignore into progress (step, answers, finished, correct, questions, at, person, run, theme)
                values (?, ?, ?, ?, ?, ?, ?, ?, ?)
            """
            return self._db.execute(sql, [*_values(after), stamp(now), *_key(run)]).rowcount > 0
        sql = """
            update progress set step = ?, answers = ?, finished = ?, correct = ?, questions = ?, at = ?
            where person = ? and run = ? and theme = ?
                and step = ? and answers = ? and finished = ? and correct = ? and questions = ?
        """
        return self._db.execute(sql, [*_values(after), stamp(now), *_key(run), *_values(before)]).rowcount > 0

    def finished(self, run: str) -> int:
        """How many people have come to the end of the run. A pure count: it may be shown whatever it is."""
        return self._count("run = ? and finished <> ''", run)

    def finished_since(self, since: datetime) -> list[str]:
        """The runs of posts that somebody has finished since then: what the posts tell of them is to be renewed."""
        sql = "select distinct run from progress where finished >= ? and run <> ? order by run"
        return [run for (run,) in self._db.execute(sql, [stamp(since), OWN]).fetchall()]

    def results(self, entry: str, nominal: date) -> Results | None:
        """What came of an occurrence's quiz, over all of its posts; None where fewer than `FEWEST` have done it."""
        sql = """
            select count(distinct person), coalesce(sum(correct), 0), coalesce(sum(questions), 0) from progress
            where finished <> '' and substr(run, 1, ?) = ?
        """
        beginning = f"{entry}/{nominal.isoformat()}/"
        return _results(*self._db.execute(sql, [len(beginning), beginning]).fetchone())

    def held(self, first: date, last: date) -> list[Held]:
        """What came of the occurrences from day to day, both included, the newest first: for IT, a host, figures."""
        # A run is the text of a delivery's key: entry, date and more, with slashes between.
        sql = """
            select substr(run, 1, instr(run, '/') - 1), substr(run, instr(run, '/') + 1, 10) as day, theme,
                count(distinct person), sum(correct), sum(questions)
            from progress where finished <> '' and run <> ? and day between ? and ?
            group by 1, day, theme order by day desc, 1, theme
        """
        rows = self._db.execute(sql, [OWN, first.isoformat(), last.isoformat()]).fetchall()
        return [
            Held(entry, date.fromisoformat(day), theme, people, _results(people, *quiz))
            for entry, day, theme, people, *quiz in rows
        ]

    def known(self, person: str) -> int:
        """How many sessions are kept under the person's hash, begun or finished."""
        return self._count("person = ?", person)

    def erase(self, person: str) -> None:
        """Removes what is kept under the person's hash."""
        self._db.table("progress").delete_where("person = ?", [person])

    def _count(self, where: str, value: str) -> int:
        return self._db.table("progress").count_where(where, [value])


def _results(people: int, correct: int, questions: int) -> Results | None:
    """The results, where nobody's answers show in them."""
    return Results(people, correct, questions) if people >= FEWEST else None


def _key(run: Run) -> list[str]:
    return [run.person, run.run, run.theme]


def _values(progress: Progress) -> list[object]:
    return [progress.step, progress.answers, progress.finished, progress.correct, progress.questions]
