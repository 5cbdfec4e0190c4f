"""The ledger of deliveries: what was to be sent where, and how far it has come. Nothing is sent without a claim.

    planned -> claimed -> sent
                  |-> failed      given up; IT may release it
                  |-> planned     released: nothing went out, it is tried again
    planned -> skipped            on purpose, with the reason
    claimed -> skipped            its message was withdrawn while it was on its way
    sent -> skipped               withdrawn

A claim is one conditional write, so two processes never hold the same. What is claimed when a process starts was left
behind by one that died: ambiguous, it may have gone out or not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from sqlite_utils import Database, Migrations

from scheduler.models import ZONE, Delivery, Key, Kind, Planned, Status
from tips.database import writing
from tips.moments import moment, stamp

migrations = Migrations("deliveries")

WITHDRAWN = "withdrawn"  # why it is skipped

_THIS = "entry = ? and nominal = ? and part = ? and destination = ?"
_HELD = "at <= coalesce((select max(before) from holds), '')"


@migrations()
def create_deliveries(database: Database) -> None:
    """A delivery once by its key. `at` is when it is due; `holds`: after a restore, before when all waits for IT."""
    database.table("deliveries").create(
        {
            "entry": str,
            "nominal": str,
            "part": str,
            "destination": str,
            "kind": str,
            "at": str,
            "status": str,
            "tip": str,
            "message": str,
            "tries": int,
            "why": str,
            "changed": str,
        },
        pk=("entry", "nominal", "part", "destination"),
        not_null={"kind", "at", "status", "tip", "message", "tries", "why"},
    )
    for columns in (["status", "at"], ["at"], ["destination", "tip"]):
        database.table("deliveries").create_index(columns)
    database.table("holds").create({"before": str}, pk="before")


class Ledger:
    """Reads and writes deliveries. Every change is atomic; `now` is when it happens."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def plan(self, *planned: Planned) -> None:
        """They are to be sent. What the ledger has stays as it is, but what still waits takes the new time and tip."""
        rows = [
            (*_key(item.key), item.kind.value, stamp(item.at), Status.PLANNED.value, item.tip, item.why)
            for item in planned
        ]
        with writing(self._db):
            self._db.conn.executemany(
                """
                insert into deliveries
                    (entry, nominal, part, destination, kind, at, status, tip, why, message, tries)
                values (?, ?, ?, ?, ?, ?, ?, ?, ?, '', 0)
                on conflict do update set at = excluded.at, tip = excluded.tip, why = excluded.why
                    where status = 'planned'
                """,
                rows,
            )

    def claim(self, key: Key, now: datetime) -> bool:
        """Takes it for sending; False where it is not waiting: another has it, it is done, or it is held for IT."""
        sql = f"""
            update deliveries set status = 'claimed', tries = tries + 1, changed = ?
            where {_THIS} and status = 'planned' and not {_HELD}
        """  # noqa: S608  both are literals of this module
        return self._db.execute(sql, [stamp(now), *_key(key)]).rowcount > 0

    def sent(self, key: Key, message: str, now: datetime) -> bool:
        """It went out as that message of the platform's. False where it was not claimed."""
        return self._move(key, Status.SENT, ("claimed",), now, message=message)

    def failed(self, key: Key, why: str, now: datetime) -> bool:
        """It did not go out and is given up. False where it was not claimed."""
        return self._move(key, Status.FAILED, ("claimed",), now, why=why)

    def skip(self, key: Key, why: str, now: datetime) -> bool:
        """It is not sent, on purpose. False where it was not waiting."""
        return self._move(key, Status.SKIPPED, ("planned",), now, why=why)

    def withdrawn(self, key: Key, now: datetime) -> bool:
        """Its message was taken back, and with it all that had become the same message by edits; none of it is sent
        again. False where it was not sent."""
        # The plus keeps SQLite off the index that begins with the entry: thousands got the same occurrence.
        sql = f"""
            update deliveries set status = 'skipped', why = ?, changed = ?
            where +entry = ? and +nominal = ? and destination = ? and status = 'sent'
                and message = (select message from deliveries where {_THIS} and status = 'sent')
        """  # noqa: S608  a literal of this module
        values = [WITHDRAWN, stamp(now), key.entry, key.nominal.isoformat(), key.destination, *_key(key)]
        return self._db.execute(sql, values).rowcount > 0

    def is_withdrawn(self, key: Key) -> bool:
        """Whether a message of its occurrence was taken back at its destination."""
        sql = """
            select exists(select 1 from deliveries
                where +entry = ? and +nominal = ? and destination = ? and status = 'skipped' and why = ?)
        """
        values = [key.entry, key.nominal.isoformat(), key.destination, WITHDRAWN]
        return bool(self._db.execute(sql, values).fetchone()[0])

    def drop(self, key: Key, why: str, now: datetime) -> bool:
        """It is not sent after all, on purpose. False where it was not claimed."""
        return self._move(key, Status.SKIPPED, ("claimed",), now, why=why)

    def release(self, key: Key) -> bool:
        """It is to be tried again: it surely did not go out. False where it was neither claimed nor given up."""
        sql = f"update deliveries set status = 'planned' where {_THIS} and status in ('claimed', 'failed')"  # noqa: S608
        return self._db.execute(sql, list(_key(key))).rowcount > 0

    def get(self, key: Key) -> Delivery | None:
        """The delivery, None where the ledger does not have it."""
        return next(iter(self._where(_THIS, _key(key))), None)

    def ambiguous(self) -> list[Delivery]:
        """What was claimed and left behind, at a start: it may have gone out or not."""
        return self._where("status = 'claimed'")

    def of(self, entry: str, nominal: date) -> list[Delivery]:
        """All deliveries of an occurrence: what to correct or withdraw."""
        return self._where("entry = ? and nominal = ?", (entry, nominal.isoformat()))

    def history(
        self, since: datetime, until: datetime, destination: str = "", statuses: Iterable[Status] = tuple(Status)
    ) -> list[Delivery]:
        """What was due from `since` up to before `until`, everywhere or at one destination, by time."""
        wanted = {status.value for status in statuses}
        where = "at >= ? and at < ? and (? = '' or destination = ?)"
        found = self._where(where, (stamp(since), stamp(until), destination, destination))
        return [delivery for delivery in found if delivery.status in wanted]

    def lately(self, since: datetime, until: datetime, most: int) -> list[tuple[str, date]]:
        """Occurrences due in that time of which a message stands, what went out last first. Tasks are people's own."""
        sql = """
            select entry, nominal from deliveries
            where at >= ? and at < ? and status = 'sent' and message <> '' and kind <> 'task'
            group by entry, nominal order by max(coalesce(changed, at)) desc, entry limit ?
        """
        rows = self._db.execute(sql, [stamp(since), stamp(until), most]).fetchall()
        return [(entry, date.fromisoformat(nominal)) for entry, nominal in rows]

    def last_sent(self, since: datetime, until: datetime) -> Mapping[str, datetime]:
        """When each destination got the last of what was due in that time."""
        sql = """
            select destination, max(coalesce(changed, at)) from deliveries
            where at >= ? and at < ? and status = 'sent' and message <> '' group by destination
        """
        rows = self._db.execute(sql, [stamp(since), stamp(until)]).fetchall()
        return {destination: moment(at) for destination, at in rows}

    def had(self, destination: str) -> Mapping[str, date]:
        """The tips that went to the destination, or may have, each with the day of the last time."""
        return self.had_everywhere(destination).get(destination, {})

    def had_everywhere(self, destination: str = "") -> Mapping[str, Mapping[str, date]]:
        """The same of every destination at once."""
        # One destination by its index: among ten thousand others that is 0.1 ms instead of several.
        one, values = ("and destination = ?", [destination]) if destination else ("", [])
        sql = f"""
            select destination, tip, max(at) from deliveries
            where tip <> '' and status in ('sent', 'claimed') {one} group by destination, tip
        """  # noqa: S608  a literal of this method
        found: dict[str, dict[str, date]] = {}
        for place, tip, at in self._db.execute(sql, values).fetchall():
            found.setdefault(place, {})[tip] = moment(at).astimezone(ZONE).date()
        return found

    def done(self, since: datetime) -> frozenset[Key]:
        """The keys of what was due since then and waits no more: claimed, sent, failed or skipped."""
        sql = "select entry, nominal, part, destination from deliveries where at >= ? and status <> 'planned'"
        rows = self._db.execute(sql, [stamp(since)]).fetchall()
        return frozenset(Key(entry, date.fromisoformat(day), part, place) for entry, day, part, place in rows)

    def tips(self, since: datetime) -> Mapping[Key, str]:
        """The tips of what went out, or may have, since then: the planner does not choose those anew."""
        sql = """
            select entry, nominal, part, destination, tip from deliveries
            where at >= ? and tip <> '' and status in ('sent', 'claimed')
        """
        rows = self._db.execute(sql, [stamp(since)]).fetchall()
        return {Key(entry, date.fromisoformat(day), part, place): tip for entry, day, part, place, tip in rows}

    def counts(self) -> Mapping[Status, int]:
        """How many deliveries there are of each status."""
        rows = self._db.execute("select status, count(*) from deliveries group by status").fetchall()
        return dict.fromkeys(Status, 0) | {Status(status): count for status, count in rows}

    def hold_overdue(self, now: datetime) -> None:
        """After a restore: what was due by now waits for IT's word, for it may have been sent since the backup."""
        with writing(self._db):
            self._db.execute("update deliveries set status = 'planned' where status = 'claimed'")
            self._db.execute("insert or ignore into holds (before) values (?)", [stamp(now)])

    def held(self) -> list[Delivery]:
        """What waits for IT's word."""
        return self._where(f"status = 'planned' and {_HELD}")

    def is_holding(self) -> bool:
        """Whether IT is still to say what becomes of overdue deliveries."""
        return bool(self._db.execute("select count(*) from holds").fetchone()[0])

    def end_hold(self, now: datetime, *, send: bool) -> int:
        """IT's word: they go out, or are skipped. Returns how many."""
        with writing(self._db):
            held = self.held()
            if not send:
                sql = f"update deliveries set status = 'skipped', why = 'held', changed = ? where status = 'planned' and {_HELD}"  # noqa: S608, E501
                self._db.execute(sql, [stamp(now)])
            self._db.execute("delete from holds")
        return len(held)

    def erase(self, destination: str) -> None:
        """Forgets what went to the destination: a person's, whose data are erased."""
        self._db.execute("delete from deliveries where destination = ?", [destination])

    def _move(self, key: Key, status: Status, before: tuple[str, ...], now: datetime, **values: str) -> bool:
        columns = "".join(f", {name} = ?" for name in values)
        marks = ", ".join("?" for _ in before)
        sql = f"update deliveries set status = ?, changed = ?{columns} where {_THIS} and status in ({marks})"  # noqa: S608
        changed = self._db.execute(sql, [status.value, stamp(now), *values.values(), *_key(key), *before])
        return changed.rowcount > 0

    def _where(self, where: str, values: tuple[str, ...] = ()) -> list[Delivery]:
        sql = f"select * from deliveries where {where} order by at, entry, part, destination"  # noqa: S608
        return [_delivery(row) for row in self._db.query(sql, list(values))]


def _key(key: Key) -> tuple[str, str, str, str]:
    return key.entry, key.nominal.isoformat(), key.part, key.destination


def _delivery(row: Mapping[str, Any]) -> Delivery:
    key = Key(row["entry"], date.fromisoformat(row["nominal"]), row["part"], row["destination"])
    return Delivery(
        key,
        Kind(row["kind"]),
        moment(row["at"]).astimezone(ZONE),
        Status(row["status"]),
        row["tip"],
        row["message"],
        row["tries"],
        row["why"],
        moment(row["changed"]) if row["changed"] else None,
    )
