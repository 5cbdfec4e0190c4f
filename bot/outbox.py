"""What the bot has to say of its own accord, as rows: written with the change that it tells of, sent afterwards.

A letter stands once for its recipient, kind and matter. Putting it again has it said anew: where the first was sent,
its message is changed. It holds no text: what it says is made when it is sent, of what is so then.

    waiting -> claimed -> sent -> waiting      put again
                 |-> waiting                   to be tried later
                 |-> failed                    given up

What is claimed when a process starts was left behind by one that died: it is sent again, better twice than never.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlite_utils import Database, Migrations

from tips.moments import stamp

PERSON, PLACE, ADDRESS = "person:", "place:", "address:"  # before a person's id, a conversation's, an e-mail address

migrations = Migrations("outbox")


@migrations()
def create_outbox(database: Database) -> None:
    """`at` is when it is to be sent, `message` the platform's id of what was sent; each putting adds to `version`."""
    database.table("letters").create(
        {
            "id": int,
            "recipient": str,
            "kind": str,
            "matter": str,
            "data": str,
            "state": str,
            "message": str,
            "version": int,
            "tries": int,
            "at": str,
        },
        pk="id",
        not_null={"recipient", "kind", "matter", "data", "state", "message", "version", "tries", "at"},
    )
    database.table("letters").create_index(["recipient", "kind", "matter"], unique=True)
    database.table("letters").create_index(["state", "at"])
    database.table("letters").create_index(["message"])


@dataclass(frozen=True, slots=True)
class Letter:
    """What is to be said to whom. `matter` is the number of what it is about."""

    recipient: str
    kind: str
    matter: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    id: int = 0
    message: str = ""
    version: int = 1
    tries: int = 0


class OutboxStore:
    """Reads and writes letters. Every change is atomic."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def put(self, letter: Letter, at: datetime) -> None:
        """It is to be said at that time, or anew."""
        sql = """
            insert into letters (recipient, kind, matter, data, state, message, version, tries, at)
            values (?, ?, ?, ?, 'waiting', '', 1, 0, ?)
            on conflict (recipient, kind, matter) do update set
                data = excluded.data, at = excluded.at, version = version + 1, tries = 0,
                state = case state when 'claimed' then state else 'waiting' end
        """
        data = json.dumps(dict(letter.values), ensure_ascii=False)
        self._db.execute(sql, [letter.recipient, letter.kind, letter.matter, data, stamp(at)])

    def again(self, kind: str, matter: str, at: datetime) -> None:
        """All letters of the kind in the matter that went out, or may, are said anew."""
        for letter in self._where("kind = ? and matter = ? and state <> 'failed'", kind, matter):
            self.put(letter, at)

    def due(self, now: datetime) -> list[Letter]:
        """What waits and is due, in the order of its time."""
        return self._where("state = 'waiting' and at <= ?", stamp(now))

    def claim(self, letter: Letter) -> bool:
        """Takes it for sending; False where another has."""
        sql = """
            update letters set state = 'claimed', tries = tries + 1 where id = ? and version = ? and state = 'waiting'
        """
        return self._db.execute(sql, [letter.id, letter.version]).rowcount > 0

    def sent(self, letter: Letter, message: str) -> None:
        """It went out as that message. Where it was put again meanwhile, it waits."""
        sql = """
            update letters set message = ?, state = case when version = ? then 'sent' else 'waiting' end
            where id = ? and state = 'claimed'
        """
        self._db.execute(sql, [message, letter.version, letter.id])

    def later(self, letter: Letter, at: datetime) -> None:
        """It is to be tried again at that time."""
        self._db.execute(
            "update letters set state = 'waiting', at = ? where id = ? and state = 'claimed'", [stamp(at), letter.id]
        )

    def failed(self, letter: Letter) -> None:
        """It is given up."""
        self._db.execute("update letters set state = 'failed' where id = ? and state = 'claimed'", [letter.id])

    def recover(self) -> int:
        """At a start: what was left behind waits again; how many."""
        return self._db.execute("update letters set state = 'waiting' where state = 'claimed'").rowcount

    def of(self, message: str) -> Letter | None:
        """The letter that went out as that message."""
        return next(iter(self._where("message = ? and message <> ''", message)), None)

    def recipients(self, kind: str, matter: str) -> list[str]:
        """To whom letters of the kind in the matter went, or will."""
        return [letter.recipient for letter in self._where("kind = ? and matter = ?", kind, matter)]

    def settled(self, kind: str) -> list[str]:
        """The matters in which there is a letter of the kind, and all letters went out or were given up."""
        sql = """
            select distinct matter from letters where kind = ? and matter not in
                (select matter from letters where state in ('waiting', 'claimed'))
        """
        return [matter for (matter,) in self._db.execute(sql, [kind]).fetchall()]

    def end(self, matter: str, kind: str = "") -> None:
        """Forgets the letters in the matter: those of the kind, or all."""
        self._db.execute("delete from letters where matter = ? and ? in ('', kind)", [matter, kind])

    def move(self, before: str, after: str) -> None:
        """Letters for one id are for another: the person was recognised."""
        sql = "update or ignore letters set recipient = ? where recipient = ?"
        self._db.execute(sql, [PERSON + after, PERSON + before])

    def erase(self, person: str) -> None:
        """Forgets letters to the person."""
        self._db.execute("delete from letters where recipient = ?", [PERSON + person])

    def _where(self, where: str, *values: str) -> list[Letter]:
        return [_letter(row) for row in self._db.query(f"select * from letters where {where} order by at, id", values)]  # noqa: S608


def _letter(row: Mapping[str, Any]) -> Letter:
    return Letter(
        row["recipient"],
        row["kind"],
        row["matter"],
        json.loads(row["data"]),
        row["id"],
        row["message"],
        row["version"],
        row["tries"],
    )
