"""Counts of what happens, by month and unit: what figures are made of, and all that is kept of it in the long run.

A count is kept with the keyed hash of the person for as long as it takes to see of how many people it is; then a month
is closed: no hash stays, and what fewer than `FEWEST` people of a unit did is counted under the unit above it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlite_utils import Database, Migrations

from bot.units import FEWEST
from scheduler.models import ZONE
from tips.database import writing

migrations = Migrations("tallies")


@migrations()
def create_tallies(database: Database) -> None:
    """`month` is its first day; `amount` a sum of what is counted, such as right answers."""
    key, numbers = ("month", "unit", "what", "about"), {"count": int, "amount": int}
    named = dict.fromkeys(key, str)
    database.table("tallies").create({**named, "person": str, **numbers}, pk=(*key, "person"), not_null=numbers)
    database.table("figures").create({**named, **numbers}, pk=key, not_null=numbers)


class What(StrEnum):
    """What is counted, and about what."""

    ASKED = "asked"  # 'answer:passwords': the band and the theme of the first tip
    FELT = "felt"  # 'yes' or 'no': whether a tip helped
    HANDED_OVER = "handed_over"
    REPLIED = "replied"  # by a person, after so many whole working hours
    FINISHED = "finished"  # a session, by its theme; the amount is of right answers
    QUIZZED = "quizzed"  # questions of quizzes, by theme
    PEOPLE = "people"  # the people behind all of these


@dataclass(frozen=True, slots=True)
class Tally:
    """How often it happened in a month at a unit, '' for the whole organisation's."""

    month: date
    unit: str
    what: What
    about: str
    count: int
    amount: int = 0


class TallyStore:
    """Counts, closes months, reads. `hashed` is a person's keyed hash at a moment."""

    def __init__(self, database: Database, hashed: Callable[[str, datetime], str]) -> None:
        self._db, self._hashed = database, hashed

    def note(self, what: What, about: str, person: str, now: datetime, amount: int = 0) -> None:
        """Counts one, at the unit to which the person, '' for nobody, belongs now."""
        sql = """
            insert into tallies (month, unit, what, about, person, count, amount)
            values (?, coalesce((select unit from members where person = ?), ''), ?, ?, ?, 1, ?)
            on conflict do update set count = count + 1, amount = amount + excluded.amount
        """
        self._db.execute(sql, [_month(now), person, what, about, self._hashed(person, now) if person else "", amount])

    def between(self, first: date, last: date) -> list[Tally]:
        """What was counted from one month to another, both included. What few people did stands higher up."""
        months = [first.replace(day=1).isoformat(), last.replace(day=1).isoformat()]
        sql = "select month, unit, what, about, count, amount from figures where month between ? and ?"
        closed = [_tally(*row) for row in self._db.execute(sql, months).fetchall()]
        return [*closed, *_open(self._db, "month between ? and ?", months)]

    def mark(self, first: date, last: date) -> tuple[int, ...]:
        """Another one whenever something was counted, closed or erased in those months: what was read may be kept."""
        months = [first.replace(day=1).isoformat(), last.replace(day=1).isoformat()]
        sums = "select count(*), coalesce(sum(count), 0), coalesce(sum(amount), 0)"
        where = "where month between ? and ?"
        # That somebody's count is nobody's by now changes how many people there are.
        counting = f"{sums}, coalesce(sum(person = ''), 0) from tallies {where}"
        found = self._db.execute(counting, months).fetchone()
        return (*found, *self._db.execute(f"{sums} from figures {where}", months).fetchone())

    def known(self, hashed: str) -> int:
        """How many counts are kept with the person's hash."""
        return self._db.table("tallies").count_where("person = ?", [hashed])

    def erase(self, hashed: str) -> None:
        """The counts stay, nobody's; that this was one person is counted no more."""
        sql = """
            insert into tallies (month, unit, what, about, person, count, amount)
            select month, '', what, about, '', count, amount from tallies where person = ?
            on conflict do update set count = count + excluded.count, amount = amount + excluded.amount
        """
        with writing(self._db):
            self._db.execute(sql, [hashed])
            self._db.execute("delete from tallies where person = ?", [hashed])


def close(database: Database, now: datetime) -> None:
    """Closes the months before the last one: their counts stay, whose they were goes."""
    this = now.astimezone(ZONE).date().replace(day=1)
    last = date(this.year - (this.month == 1), this.month - 1 or 12, 1).isoformat()
    with writing(database):
        sql = """
            insert into figures (month, unit, what, about, count, amount) values (?, ?, ?, ?, ?, ?)
            on conflict do update set count = count + excluded.count, amount = amount + excluded.amount
        """
        rows = [(each.month.isoformat(), *_values(each)) for each in _open(database, "month < ?", [last])]
        database.conn.executemany(sql, rows)
        database.execute("delete from tallies where month < ?", [last])


def _open(database: Database, where: str, values: list[str]) -> list[Tally]:
    sql = f"select month, unit, what, about, person, count, amount from tallies where {where}"  # noqa: S608
    rows = [_Row(_tally(*row[:4], *row[5:]), row[4]) for row in database.execute(sql, values).fetchall()]
    parents = dict(database.execute("select id, parent from units").fetchall())
    return rolled(rows, parents)


@dataclass(frozen=True, slots=True)
class _Row:
    tally: Tally
    person: str


def rolled(rows: Iterable[_Row], parents: Mapping[str, str]) -> list[Tally]:
    """The counts with nobody's hash; those of a unit where fewer than `FEWEST` people did anything in the month stand
    under the unit above it, at last under the whole organisation. People are counted as well, by month and unit."""
    by_month: dict[date, dict[str, list[_Row]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        by_month[row.tally.month][row.tally.unit].append(row)
    return [tally for month, units in by_month.items() for tally in _counted(month, _lifted(units, parents))]


def _lifted(units: dict[str, list[_Row]], parents: Mapping[str, str]) -> Mapping[str, list[_Row]]:
    # The deepest first: what is lifted may make the unit above large enough.
    every = {unit for each in units for unit in _up(each, parents)}
    for unit in sorted(every, key=lambda each: (-len(_up(each, parents)), each)):
        if unit and unit in units and len({row.person for row in units[unit]} - {""}) < FEWEST:
            units.setdefault(parents.get(unit, ""), []).extend(units.pop(unit))
    return units


def _up(unit: str, parents: Mapping[str, str]) -> list[str]:
    """The unit and those above it."""
    found: list[str] = []
    while unit and unit not in found:
        found.append(unit)
        unit = parents.get(unit, "")
    return found


def _counted(month: date, units: Mapping[str, list[_Row]]) -> Iterable[Tally]:
    for unit, rows in units.items():
        sums: dict[tuple[What, str], tuple[int, int]] = {}
        for row in rows:
            key = (row.tally.what, row.tally.about)
            count, amount = sums.get(key, (0, 0))
            sums[key] = (count + row.tally.count, amount + row.tally.amount)
        yield from (Tally(month, unit, what, about, *numbers) for (what, about), numbers in sums.items())
        if people := len({row.person for row in rows} - {""}):
            yield Tally(month, unit, What.PEOPLE, "", people)


def _tally(month: str, unit: str, what: str, about: str, count: int, amount: int) -> Tally:
    return Tally(date.fromisoformat(month), unit, What(what), about, count, amount)


def _values(tally: Tally) -> tuple[str, str, str, int, int]:
    return tally.unit, tally.what, tally.about, tally.count, tally.amount


def _month(now: datetime) -> str:
    return now.astimezone(ZONE).date().replace(day=1).isoformat()
