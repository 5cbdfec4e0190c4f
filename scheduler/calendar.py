"""The calendar in the database, in two layers: the ready year, and over it the organisation's own entries, by id.

Beside them stands what is said in the chat: an editor's choice of a tip for a week, links and hosts of meetings.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime

from sqlite_utils import Database, Migrations

from scheduler.choosing import Choice, Choices, Slot
from scheduler.entries import entry_mapping, entry_of
from scheduler.errors import CalendarError
from scheduler.models import Entry
from tips.database import writing
from tips.fields import is_web_address, shown
from tips.moments import moment, stamp

BASE, OWN = "base", "own"
WHOLE = ""  # in the place of a date: for every occurrence

migrations = Migrations("calendar")


@migrations()
def create_calendar(database: Database) -> None:
    """Entries by layer, as JSON of the file format; what the chat adds to them; choices by week; single values."""
    database.table("calendar_entries").create(
        {"layer": str, "id": str, "data": str}, pk=("layer", "id"), not_null={"data"}
    )
    database.table("calendar_links").create(
        {"entry": str, "nominal": str, "field": str, "value": str}, pk=("entry", "nominal", "field")
    )
    database.table("calendar_choices").create({"year": int, "week": int, "tip": str}, pk=("year", "week"))
    database.table("calendar_meta").create({"key": str, "value": str}, pk="key", not_null={"value"})


@migrations()
def choose_by_destination(database: Database) -> None:
    """A choice may be for one destination, '' for all, and at a moment, '' at the usual one."""
    table = database.table("calendar_choices")
    table.add_column("destination", str, not_null_default="")
    table.add_column("at", str, not_null_default="")
    table.transform(pk=("year", "week", "destination"))


class CalendarStore:
    """Reads and writes the calendar. `revision` is another after every change, by another process too."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self._read: tuple[int, Mapping[str, Entry], list[CalendarError]] = (-1, {}, [])

    def seed(self, fingerprint: str, read: Callable[[], Iterable[Entry]]) -> bool:
        """Lays the ready year where its fingerprint is not the one that is there. True where it changed."""
        if self._meta("starter") == fingerprint:
            return False
        entries = list(read())
        with writing(self._db):
            self._db.table("calendar_entries").delete_where("layer = ?", [BASE])
            self._write(entries, BASE)
            self._set_meta("starter", fingerprint)
        return True

    def add(self, entries: Iterable[Entry]) -> None:
        """Lays entries of the organisation's over what is there, all of them or none."""
        entries = list(entries)
        with writing(self._db):
            self._write(entries, OWN)

    def remove(self, entry_id: str) -> bool:
        """Takes an entry of the organisation's away; the ready year's of that id is in force again."""
        with writing(self._db):
            gone = self._db.execute("delete from calendar_entries where layer = ? and id = ?", [OWN, entry_id])
            self._revise()
            return gone.rowcount > 0

    def in_force(self) -> list[Entry]:
        """What is posted: own entries over the ready year's, hidden ones left out, with their links and hosts."""
        return [entry for entry in self._newest()[1].values() if not entry.hidden]

    def hidden(self) -> list[Entry]:
        """What is not posted because somebody has hidden it."""
        return [entry for entry in self._newest()[1].values() if entry.hidden]

    def ids(self) -> frozenset[str]:
        """The ids of all entries that can be read."""
        return frozenset(self._newest()[1])

    def broken(self) -> list[CalendarError]:
        """Entries that cannot be read any more, of which none is in force: a newer version wrote them, or a hand."""
        return list(self._newest()[2])

    def everything(self) -> Mapping[str, Entry]:
        """All entries by id, hidden ones too, as their files give them; those that are broken left out."""
        return {name: entry for name, entry in self._all().items() if isinstance(entry, Entry)}

    def _newest(self) -> tuple[int, Mapping[str, Entry], list[CalendarError]]:
        revision = self.revision()
        if self._read[0] != revision:
            links, found = self._links(), self._all()
            whole = {name: entry for name, entry in found.items() if isinstance(entry, Entry)}
            broken = [entry for entry in found.values() if isinstance(entry, CalendarError)]
            self._read = revision, {name: _linked(each, links.get(name, {})) for name, each in whole.items()}, broken
        return self._read

    def _all(self) -> Mapping[str, Entry | CalendarError]:
        """Own entries over the ready year's. A broken one hides what is beneath: nobody meant that any more."""
        rows = self._db.query("select layer, id, data from calendar_entries order by layer, rowid")
        return {row["id"]: _entry(row["id"], row["data"], own=row["layer"] == OWN) for row in rows}

    def get(self, entry_id: str) -> Entry | None:
        """The entry as it is in force, also where it is hidden, with its links and its host."""
        return self._newest()[1].get(entry_id)

    def is_ready(self, entry_id: str) -> bool:
        """Whether the ready year has an entry of that id."""
        sql = "select count(*) from calendar_entries where layer = ? and id = ?"
        return bool(self._db.execute(sql, [BASE, entry_id]).fetchone()[0])

    def save(self, entry: Entry) -> None:
        """Lays the entry over what is there; its host and links are the entry's own from now on."""
        with writing(self._db):
            self._write([entry], OWN)
            self._db.table("calendar_links").delete_where("entry = ? and nominal = ?", [entry.id, WHOLE])

    def revision(self) -> int:
        """A number that is another after every change; by chance, so that a restored backup shows as one too."""
        return int(self._meta("revision") or 0)

    def began(self, now: datetime) -> datetime:
        """Since when the calendar is in use: what was before is not caught up. The first call decides."""
        return datetime.fromisoformat(self._once("began", now.isoformat()))

    def choose(self, year: int, week: int, tip: str, destination: str = "") -> None:
        """An editor's choice for an ISO week, before all other reasons; '' takes it back. Raises CalendarError."""
        _check_week(year, week)
        with writing(self._db):
            where = "year = ? and week = ? and destination = ?"
            self._db.table("calendar_choices").delete_where(where, [year, week, destination])
            self.take((year, week, destination), Choice(tip)) if tip else self._revise()

    def take(self, slot: Slot, choice: Choice) -> bool:
        """The same where nobody has chosen for the slot yet; False where somebody was faster. Raises CalendarError."""
        _check_week(*slot[:2])
        sql = "insert or ignore into calendar_choices (year, week, destination, tip, at) values (?, ?, ?, ?, ?)"
        with writing(self._db):
            done = self._db.execute(sql, [*slot, choice.tip, stamp(choice.at) if choice.at else ""])
            self._revise()
            return done.rowcount > 0

    def give_back(self, slot: Slot, tip: str) -> bool:
        """That tip is not chosen for the slot any more; False where it was not."""
        sql = "delete from calendar_choices where year = ? and week = ? and destination = ? and tip = ?"
        with writing(self._db):
            done = self._db.execute(sql, [*slot, tip])
            self._revise()
            return done.rowcount > 0

    def choices(self) -> Choices:
        """The editors' choices."""
        rows = self._db.query("select year, week, destination, tip, at from calendar_choices")
        return {
            (row["year"], row["week"], row["destination"]): Choice(row["tip"], moment(row["at"]) if row["at"] else None)
            for row in rows
        }

    def set_links(
        self,
        entry_id: str,
        *,
        meeting_link: str | None = None,
        recording_link: str | None = None,
        host: str | None = None,
        nominal: date | None = None,
    ) -> None:
        """Adds what is known late, over the entry's own; '' takes it back, None leaves it.

        A recording is of one occurrence: with its `nominal` date it does not come again next year. Raises
        CalendarError.
        """
        for link, field in ((meeting_link, "meeting_link"), (recording_link, "recording_link")):
            if link and not is_web_address(link):
                raise CalendarError(f"must be a whole web address, https://…, not {shown(link)}", field=field)
        when = nominal.isoformat() if nominal else WHOLE
        with writing(self._db):
            self._set_link(entry_id, WHOLE, "meeting_link", meeting_link)
            self._set_link(entry_id, WHOLE, "host", host)
            self._set_link(entry_id, when, "recording_link", recording_link)
            self._revise()

    def subscription_key(self) -> str:
        """What makes the address of the subscription unguessable; made at the first call."""
        return self._once("subscription", secrets.token_urlsafe(24))

    def home(self) -> str:
        """By which this organisation's events are told from another's; made at the first call."""
        return self._once("home", secrets.token_hex(6))

    def renew_subscription_key(self) -> str:
        """A new key, so that the address that was given away shows nothing any more."""
        self._set_meta("subscription", secrets.token_urlsafe(24))
        return self.subscription_key()

    def _write(self, entries: Iterable[Entry], layer: str) -> None:
        rows = [{"layer": layer, "id": entry.id, "data": _data(entry)} for entry in entries]
        self._db.table("calendar_entries").upsert_all(rows, pk=("layer", "id"))
        self._revise()

    def _set_link(self, entry_id: str, when: str, field: str, value: str | None) -> None:
        if value is None:
            return
        if value:
            row = {"entry": entry_id, "nominal": when, "field": field, "value": value}
            self._db.table("calendar_links").upsert(row, pk=("entry", "nominal", "field"))
        else:
            where = "entry = ? and nominal = ? and field = ?"
            self._db.table("calendar_links").delete_where(where, [entry_id, when, field])

    def _links(self) -> dict[str, dict[tuple[str, str], str]]:
        links: dict[str, dict[tuple[str, str], str]] = {}
        for row in self._db.query("select entry, nominal, field, value from calendar_links order by nominal"):
            links.setdefault(row["entry"], {})[row["nominal"], row["field"]] = row["value"]
        return links

    def _revise(self) -> None:
        self._set_meta("revision", str(secrets.randbits(62)))

    def _once(self, key: str, value: str) -> str:
        """What is stored under the key, the value where nothing is."""
        if self._meta(key) is None:
            # Another process may have been faster: then its value stays.
            self._db.execute("insert or ignore into calendar_meta (key, value) values (?, ?)", [key, value])
        return str(self._meta(key))

    def _meta(self, key: str) -> str | None:
        row = self._db.execute("select value from calendar_meta where key = ?", [key]).fetchone()
        return row[0] if row else None

    def _set_meta(self, key: str, value: str) -> None:
        self._db.table("calendar_meta").upsert({"key": key, "value": value}, pk="key")


def _entry(entry_id: str, data: str, *, own: bool) -> Entry | CalendarError:
    try:
        return replace(entry_of(json.loads(data)), own=own)
    except CalendarError as error:
        return error.at(entry=entry_id)
    except (ValueError, TypeError, AttributeError, RecursionError):  # no JSON, or no fields
        return CalendarError("is no entry", entry=entry_id)


def _data(entry: Entry) -> str:
    return json.dumps(entry_mapping(entry), ensure_ascii=False)


def _linked(entry: Entry, links: Mapping[tuple[str, str], str]) -> Entry:
    recordings = {
        date.fromisoformat(nominal): link
        for (nominal, field), link in links.items()
        if nominal != WHOLE and field == "recording_link"
    }
    return replace(
        entry,
        meeting_link=links.get((WHOLE, "meeting_link"), entry.meeting_link),
        recording_link=links.get((WHOLE, "recording_link"), entry.recording_link),
        host=links.get((WHOLE, "host"), entry.host),
        recordings={**entry.recordings, **recordings},
    )


def _check_week(year: int, week: int) -> None:
    try:
        date.fromisocalendar(year, week, 1)
    except ValueError:
        raise CalendarError(f"the year {year} has no week {week}") from None
