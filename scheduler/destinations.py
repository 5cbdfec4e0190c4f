"""Where posts go: the destinations in the database, with their wishes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from typing import Any

from sqlite_utils import Database, Migrations

from scheduler.models import Destination, Kind, Profile, Quiet
from tips.models import LANGUAGES
from tips.moments import moment, stamp

migrations = Migrations("destinations")


@migrations()
def create_destinations(database: Database) -> None:
    """A conversation once. `wishes` is JSON of what only the planner reads; `lost` says why it cannot be reached."""
    database.table("destinations").create(
        {
            "id": str,
            "platform": str,
            "conversation": str,
            "person": str,
            "name": str,
            "wishes": str,
            "paused_until": str,
            "lost": str,
            "since": str,
        },
        pk="id",
        not_null={"platform", "conversation", "person", "name", "wishes", "paused_until", "lost", "since"},
    )
    database.table("destinations").create_index(["platform", "conversation"], unique=True)
    database.table("destinations").create_index(["person"])


class DestinationStore:
    """Reads and writes destinations."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def put(self, destination: Destination, now: datetime) -> None:
        """Stores it, new or changed; it can be reached (again). A conversation that is there under another id keeps
        that: deliveries are known by it."""
        values = (destination.platform, destination.conversation, destination.person, destination.name)
        pause = destination.paused_until.isoformat() if destination.paused_until else ""
        self._db.execute(
            """
            insert into destinations (id, platform, conversation, person, name, wishes, paused_until, lost, since)
            values (?, ?, ?, ?, ?, ?, ?, '', ?)
            on conflict (platform, conversation) do update set
                person = excluded.person, name = excluded.name, wishes = excluded.wishes,
                paused_until = excluded.paused_until, lost = ''
            on conflict (id) do update set
                platform = excluded.platform, conversation = excluded.conversation,
                person = excluded.person, name = excluded.name, wishes = excluded.wishes,
                paused_until = excluded.paused_until, lost = ''
            """,
            [destination.id, *values, _wishes(destination), pause, stamp(now)],
        )

    def get(self, destination_id: str) -> Destination | None:
        """The destination of that id."""
        return next(self._where("id = ?", [destination_id]), None)

    def by_conversation(self, platform: str, conversation: str) -> Destination | None:
        """The destination that the conversation is."""
        return next(self._where("platform = ? and conversation = ?", [platform, conversation]), None)

    def all(self, *, active: bool = True) -> list[Destination]:
        """All of them in the order of their coming; `active`: only those that can be reached, paused ones too.

        One whose wishes cannot be read is left out, here as everywhere: it keeps the others from nothing.
        """
        return list(self._where("lost = ''" if active else "1", []))

    def lost(self) -> list[tuple[Destination, str]]:
        """Those that cannot be reached, each with why."""
        rows = self._rows("lost <> ''", [])
        return [(found, str(row["lost"])) for row in rows if (found := _destination(row))]

    def broken(self) -> list[str]:
        """What those are called whose wishes cannot be read: a newer version wrote them, or a hand."""
        return [row["name"] or row["id"] for row in self._rows("1", []) if _destination(row) is None]

    def revision(self) -> int:
        """A number that is another after every change, within a process."""
        rows = self._db.execute("select id, conversation, wishes, paused_until, lost from destinations order by id")
        return hash(tuple(rows.fetchall()))

    def remove(self, destination_id: str) -> bool:
        """Nothing more goes there. True where it was one."""
        return self._db.execute("delete from destinations where id = ?", [destination_id]).rowcount > 0

    def pause(self, destination_id: str, until: date | None) -> None:
        """Nothing goes there before that day; None: it goes on."""
        day = until.isoformat() if until else ""
        self._db.execute("update destinations set paused_until = ? where id = ?", [day, destination_id])

    def rename(self, destination_id: str, name: str) -> None:
        """It is called so from now on, until its platform tells another name at the next subscription."""
        self._db.execute("update destinations set name = ? where id = ?", [name, destination_id])

    def lose(self, destination_id: str, why: str) -> bool:
        """It cannot be reached. True the first time, so that IT is told once; the first reason stays."""
        sql = "update destinations set lost = ? where id = ? and lost = ''"
        return self._db.execute(sql, [why, destination_id]).rowcount > 0

    def regain(self, destination_id: str) -> None:
        """It can be reached again."""
        self._db.execute("update destinations set lost = '' where id = ?", [destination_id])

    def known(self, person: str) -> list[Destination]:
        """What the person has subscribed to in private."""
        return list(self._where("person = ? and person <> ''", [person]))

    def erase(self, person: str) -> list[str]:
        """Forgets that; returns the ids, whose deliveries go as well."""
        ids = [row["id"] for row in self._rows("person = ? and person <> ''", [person])]
        self._db.execute("delete from destinations where person = ? and person <> ''", [person])
        return ids

    def _where(self, where: str, values: list[str]) -> Iterator[Destination]:
        return (found for row in self._rows(where, values) if (found := _destination(row)))

    def _rows(self, where: str, values: list[str]) -> Iterator[Mapping[str, Any]]:
        return self._db.query(f"select * from destinations where {where} order by since, id", values)  # noqa: S608


def _wishes(destination: Destination) -> str:
    return json.dumps(
        {
            "languages": destination.languages,
            "profile": destination.profile,
            "kinds": destination.kinds,
            "weekday": destination.weekday,
            "time": destination.time.isoformat("minutes") if destination.time else None,
            "quiet": [[*quiet.begins, *quiet.ends] for quiet in destination.quiet],
        }
    )


def _destination(row: Mapping[str, Any]) -> Destination | None:
    """The destination of its row, None where that cannot be read."""
    try:
        return _read(row, json.loads(row["wishes"]))
    except (ValueError, TypeError, KeyError, RecursionError):
        return None


def _read(row: Mapping[str, Any], wishes: Mapping[str, Any]) -> Destination:
    if not wishes["languages"] or not set(LANGUAGES).issuperset(wishes["languages"]):
        raise ValueError("a language that is not known")
    return Destination(
        row["id"],
        row["platform"],
        row["conversation"],
        row["name"],
        tuple(wishes["languages"]),
        Profile(wishes["profile"]),
        tuple(Kind(kind) for kind in wishes["kinds"]),
        wishes["weekday"],
        time.fromisoformat(wishes["time"]) if wishes["time"] else None,
        row["person"],
        date.fromisoformat(row["paused_until"]) if row["paused_until"] else None,
        tuple(Quiet((a, b), (c, d)) for a, b, c, d in wishes["quiet"]),
        moment(row["since"]),
    )
