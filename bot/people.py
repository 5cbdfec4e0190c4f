"""Whom the bot knows: languages, roles, open dialogs, and the hash that counts people without naming them."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import cast

from sqlite_utils import Database, Migrations

from tips.database import writing
from tips.models import LANGUAGES, Language

IT = "it"

migrations = Migrations("people")


@migrations()
def create_people(database: Database) -> None:
    """People only as far as they chose something or have a role; dialogs; the year's hash key."""
    database.table("people").create(
        {"id": str, "language": str, "role": str, "since": str}, pk="id", not_null={"since"}
    )
    database.table("dialogs").create({"person": str, "kind": str, "data": str, "at": str}, pk="person")
    database.table("keys").create({"year": int, "key": bytes}, pk="year")


@dataclass(frozen=True, slots=True)
class Person:
    """What is kept of a person under their id in the chat platform."""

    id: str
    language: Language | None = None
    role: str = ""
    since: str = ""


@dataclass(frozen=True, slots=True)
class Dialog:
    """A dialog that waits for the person's next message."""

    kind: str
    data: Mapping[str, str]


class PeopleStore:
    """Reads and writes people. `named_it` are the ids that the settings name as IT."""

    def __init__(self, database: Database, named_it: frozenset[str] = frozenset()) -> None:
        self._db, self._named_it = database, named_it

    def person(self, person_id: str) -> Person:
        """The person as known; with nothing chosen where unknown."""
        row = self._db.execute("select language, role, since from people where id = ?", [person_id]).fetchone()
        role = IT if person_id in self._named_it else ""
        if row is None:
            return Person(person_id, role=role)
        language, given, since = row
        return Person(
            person_id, cast(Language, language) if language in LANGUAGES else None, role or given or "", since
        )

    def choose_language(self, person_id: str, language: Language, now: datetime) -> None:
        """Stores the language in which the person wants replies."""
        self._put(person_id, now, language=language)

    def give_role(self, person_id: str, role: str, now: datetime) -> None:
        """Stores the role."""
        self._put(person_id, now, role=role)

    def has_it(self) -> bool:
        """Whether anybody has the role IT."""
        return bool(self._named_it) or self._db.table("people").count_where("role = ?", [IT]) > 0

    def open_dialog(self, person_id: str, dialog: Dialog, now: datetime) -> None:
        """The person's next message belongs to this dialog."""
        row = {"person": person_id, "kind": dialog.kind, "data": json.dumps(dict(dialog.data)), "at": stamp(now)}
        self._db.table("dialogs").upsert(row, pk="person")

    def dialog(self, person_id: str) -> Dialog | None:
        """The dialog that waits for the person, if any."""
        row = self._db.execute("select kind, data from dialogs where person = ?", [person_id]).fetchone()
        return Dialog(row[0], json.loads(row[1])) if row else None

    def close_dialog(self, person_id: str) -> None:
        """The person's next message is a new matter. Writes only where a dialog waits."""
        if self.dialog(person_id):
            self._db.table("dialogs").delete_where("person = ?", [person_id])

    def erase(self, person_id: str) -> None:
        """Removes all that stands under the person's id, roles too."""
        with writing(self._db):
            self._db.table("people").delete_where("id = ?", [person_id])
            self.close_dialog(person_id)

    def hashed(self, person_id: str, now: datetime) -> str:
        """The person's keyed hash of this year (HMAC-SHA-256, 32 hex digits): the same person, not which."""
        return hmac.new(self._key(now.year), person_id.encode(), hashlib.sha256).hexdigest()[:32]

    def _key(self, year: int) -> bytes:
        if (key := self._stored_key(year)) is None:
            # Another process may have been faster: then its key stays.
            self._db.execute("insert or ignore into keys (year, key) values (?, ?)", [year, secrets.token_bytes(32)])
            key = self._stored_key(year)
        return cast(bytes, key)

    def _stored_key(self, year: int) -> bytes | None:
        row = self._db.execute("select key from keys where year = ?", [year]).fetchone()
        return cast(bytes, row[0]) if row else None

    def _put(self, person_id: str, now: datetime, **values: str) -> None:
        with writing(self._db):
            self._db.table("people").insert({"id": person_id, "since": stamp(now)}, pk="id", ignore=True)
            self._db.table("people").update(person_id, values)


def stamp(moment: datetime) -> str:
    """The moment as it is stored: ISO 8601 in UTC, to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
