"""Workplaces: a tree of units, who belongs to which, what tutors know, and who is away."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlite_utils import Database, Migrations

from bot.people import MAIL
from scheduler.models import ZONE
from tips.database import writing
from tips.moments import stamp
from tips.packs import slug

FEWEST = 5  # people of a unit that may be shown by its name
LONGEST_NAME = 100  # characters

migrations = Migrations("units")


@migrations()
def create_units(database: Database) -> None:
    """`parent` is '' at the top. `at` of an absence is its last day, from which it is kept a while."""
    database.table("units").create({"id": str, "name": str, "parent": str}, pk="id", not_null={"name", "parent"})
    database.table("members").create({"person": str, "unit": str}, pk="person", not_null={"unit"})
    database.table("members").create_index(["unit"])
    database.table("topics").create({"person": str, "topic": str}, pk=("person", "topic"))
    database.table("absences").create({"person": str, "at": str}, pk="person", not_null={"at"})


@dataclass(frozen=True, slots=True)
class Unit:
    """A workplace under another, or at the top."""

    id: str
    name: str
    parent: str = ""


class UnitStore:
    """Reads and writes units."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def put(self, path: Iterable[str]) -> Unit:
        """The unit at the end of the names, the topmost first; what lacks on the way is made."""
        unit = Unit("", "")
        with writing(self._db):
            for name in path:
                clean = " ".join(name.split())[:LONGEST_NAME]
                unit = Unit(_id(unit.id, clean), clean, unit.id)
                sql = "insert or ignore into units (id, name, parent) values (?, ?, ?)"
                self._db.execute(sql, [unit.id, unit.name, unit.parent])
        return unit

    def get(self, unit_id: str) -> Unit | None:
        """The unit of that id."""
        row = self._db.execute("select id, name, parent from units where id = ?", [unit_id]).fetchone()
        return Unit(*row) if row else None

    def all(self) -> list[Unit]:
        """All units by their names."""
        return [Unit(*row) for row in self._db.execute("select id, name, parent from units order by name").fetchall()]

    def children(self, parent: str) -> list[Unit]:
        """The units right under one, or at the top."""
        return [unit for unit in self.all() if unit.parent == parent]

    def up(self, unit_id: str) -> list[Unit]:
        """The unit and those above it, the nearest first."""
        found: list[Unit] = []
        while (unit := self.get(unit_id)) and unit not in found:
            found.append(unit)
            unit_id = unit.parent
        return found

    def join(self, person: str, unit_id: str) -> bool:
        """The person belongs to the unit; False where there is none of that id."""
        if self.get(unit_id) is None:
            return False
        self._db.table("members").upsert({"person": person, "unit": unit_id}, pk="person")
        return True

    def leave(self, person: str) -> None:
        """The person belongs to no unit."""
        self._db.execute("delete from members where person = ?", [person])

    def of(self, person: str) -> Unit | None:
        """The person's unit."""
        row = self._db.execute("select unit from members where person = ?", [person]).fetchone()
        return self.get(row[0]) if row else None

    def shown(self, unit_id: str) -> str:
        """The unit's name for others; that of the division above it where it is small, '' where all of it is."""
        sql = """
            with recursive under (id) as (
                values (?) union select units.id from units join under on units.parent = under.id
            )
            select count(*) from members where unit in (select id from under)
        """
        sizes = ((unit.name, self._db.execute(sql, [unit.id]).fetchone()[0]) for unit in self.up(unit_id))
        return next((name for name, size in sizes if size >= FEWEST), "")

    def nearest(self, people: Iterable[str], unit_id: str) -> list[str]:
        """Those of the people who belong to the unit, else to the nearest one above it."""
        units = {person: self.of(person) for person in people}
        for unit in self.up(unit_id):
            if found := [person for person, own in units.items() if own == unit]:
                return found
        return []

    def learn(self, person: str, topics: Iterable[str]) -> None:
        """What the person knows, in the place of what was told before."""
        with writing(self._db):
            self._db.execute("delete from topics where person = ?", [person])
            rows = [{"person": person, "topic": topic} for topic in dict.fromkeys(topics)]
            self._db.table("topics").insert_all(rows, pk=("person", "topic"))

    def knows(self, person: str) -> list[str]:
        """The topics that the person knows."""
        sql = "select topic from topics where person = ? order by rowid"
        return [topic for (topic,) in self._db.execute(sql, [person]).fetchall()]

    def be_away(self, person: str, last: date | None) -> None:
        """The person is away until that day, the day itself too; None: is back."""
        self._db.execute("delete from absences where person = ?", [person])
        if last is not None:
            day = datetime.combine(last, datetime.max.time(), ZONE)
            self._db.table("absences").insert({"person": person, "at": stamp(day)})

    def away(self, now: datetime) -> frozenset[str]:
        """Who is away."""
        rows = self._db.execute("select person from absences where at >= ?", [stamp(now)]).fetchall()
        return frozenset(person for (person,) in rows)

    def awaits(self) -> bool:
        """Whether somebody who belongs to a unit is known by an address only."""
        sql = "select exists(select 1 from members where person >= ? and person < ?)"
        return bool(self._db.execute(sql, [MAIL, MAIL + "~"]).fetchone()[0])

    def move(self, before: str, after: str) -> None:
        """What stands under one id stands under another: the person was recognised."""
        with writing(self._db):
            for table in ("members", "topics", "absences"):
                self._db.execute(f"update or ignore {table} set person = ? where person = ?", [after, before])  # noqa: S608
            self.erase(before)

    def erase(self, person: str) -> None:
        """Forgets the person."""
        with writing(self._db):
            for table in ("members", "topics", "absences"):
                self._db.execute(f"delete from {table} where person = ?", [person])  # noqa: S608


def _id(parent: str, name: str) -> str:
    return "/".join(filter(None, [parent, slug(name) or name.lower()]))
