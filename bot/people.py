"""Whom the bot knows: languages, roles, open dialogs, and the hash that counts people without naming them."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from sqlite_utils import Database, Migrations

from tips.database import writing
from tips.models import Language, language_in
from tips.moments import stamp

IT, COORDINATOR, TUTOR, KEY_USER, READER = "it", "coordinator", "tutor", "key_user", "reader"
PROTECTION = "data_protection"  # the data protection officer
ROLES = (IT, COORDINATOR, PROTECTION, TUTOR, KEY_USER, READER)  # who has several goes by the first
PLATFORMS = ("teams", "slack", "preview")  # before the colon of a person's id

RUNS = (IT, COORDINATOR)  # who run the programme: plan it, approve, post, correct and take back
TENDS = (*RUNS, TUTOR)  # who tend the tips: approve and push them, answer questions, see what staff lack
MAIL = "mail:"  # before the address of a person who is not known by their id in the platform yet
_WAITS = timedelta(days=1)  # so long a dialog waits for what is typed

LONGEST_NAME = 100  # characters

migrations = Migrations("people")


@migrations()
def create_people(database: Database) -> None:
    """People only as far as they chose something or have a role; dialogs; the year's hash key."""
    database.table("people").create(
        {"id": str, "language": str, "role": str, "since": str}, pk="id", not_null={"since"}
    )
    database.table("dialogs").create({"person": str, "kind": str, "data": str, "at": str}, pk="person")
    database.table("keys").create({"year": int, "key": bytes}, pk="year")


@migrations()
def add_roles(database: Database) -> None:
    """Several roles a person, a key user's one for each system; names, of people with a role only."""
    database.table("roles").create(
        {"person": str, "role": str, "system": str, "at": str}, pk=("person", "role", "system"), not_null={"at"}
    )
    database.table("people").add_column("name", str, not_null_default="")
    database.execute("insert into roles select id, role, '', since from people where coalesce(role, '') <> ''")
    database.table("people").transform(drop={"role"})


@dataclass(frozen=True, slots=True)
class Role:
    """A role; `system` is what a key user answers for."""

    name: str
    system: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """What is kept of a person under their id in the platform. `role` is the first of their `roles`, '' of none."""

    id: str
    language: Language | None = None
    role: str = ""
    since: str = ""
    name: str = ""
    roles: tuple[Role, ...] = ()

    def has(self, *names: str) -> bool:
        """Whether the person has one of these roles."""
        return any(role.name in names for role in self.roles)


@dataclass(frozen=True, slots=True)
class Dialog:
    """A dialog that waits for the person's next message."""

    kind: str
    data: Mapping[str, str]

    def waits(self, now: datetime) -> bool:
        """Whether what is typed may still belong to it; `data` tells when it was opened."""
        return self.data.get("at", "") >= stamp(now - _WAITS)

    def language(self, preferred: Language) -> Language:
        """The language in which it is held."""
        return language_in(self.data.get("lang")) or preferred


class PeopleStore:
    """Reads and writes people. `named_it` are the ids that the settings name as IT."""

    def __init__(self, database: Database, named_it: frozenset[str] = frozenset()) -> None:
        self._db, self._named_it = database, named_it

    def person(self, person_id: str) -> Person:
        """The person as known; with nothing chosen where unknown."""
        row = self._db.execute("select language, since, name from people where id = ?", [person_id]).fetchone()
        roles = self._roles(person_id)
        language, since, name = row or (None, "", "")
        return Person(person_id, language_in(language), roles[0].name if roles else "", since, name, roles)

    def called(self, host: str) -> str:
        """A host's name: as the calendar has it, or of the person whose id it has, '' where that is not known."""
        platform, colon, _ = host.partition(":")
        return self.person(host).name if colon and platform in PLATFORMS else host

    def choose_language(self, person_id: str, language: Language, now: datetime) -> None:
        """Stores the language in which the person wants replies."""
        self._put(person_id, now, language=language)

    def call(self, person_id: str, name: str, now: datetime) -> None:
        """Stores what a person who has a role is called."""
        self._put(person_id, now, name=" ".join(name.split())[:LONGEST_NAME])

    def give_role(self, person_id: str, role: str, now: datetime, system: str = "") -> bool:
        """Stores the role; False where the person had it."""
        row = [person_id, role, system, stamp(now)]
        with writing(self._db):
            self._put(person_id, now)
            sql = "insert or ignore into roles (person, role, system, at) values (?, ?, ?, ?)"
            return self._db.execute(sql, row).rowcount > 0

    def take_role(self, person_id: str, role: str, system: str = "") -> bool:
        """Takes the role away; False where the person does not have it, or is the last of IT. Atomic."""
        sql = """
            delete from roles where person = ? and role = ? and system = ?
                and (role <> ? or ? or (select count(*) from roles where role = ?) > 1)
        """
        values = [person_id, role, system, IT, bool(self._named_it), IT]
        return self._db.execute(sql, values).rowcount > 0

    def having(self, role: str, system: str | None = None) -> list[str]:
        """The ids of those who have the role, who has it longest first; of that system's, where one is named."""
        sql = "select distinct person from roles where role = ? and (? is null or system = ?) order by at, person"
        given = [person for (person,) in self._db.execute(sql, [role, system, system]).fetchall()]
        named = sorted(self._named_it) if role == IT else []
        return named + [person for person in given if person not in named]

    def systems(self) -> list[str]:
        """The systems that have a key user."""
        sql = "select distinct system from roles where role = ? order by system"
        return [system for (system,) in self._db.execute(sql, [KEY_USER]).fetchall()]

    def recognise(self, person_id: str, mail: str, now: datetime) -> bool:
        """The person turns out to be the one of that address: their roles move to the id. False where it has none."""
        known = MAIL + mail.strip().lower()
        with writing(self._db):
            name = self.person(known).name
            moved = "update or ignore roles set person = ? where person = ?"
            if not self._db.execute(moved, [person_id, known]).rowcount:
                return False
            self._put(person_id, now, **({"name": name} if name else {}))
            self.erase(known)
        return True

    def awaits(self) -> bool:
        """Whether somebody with a role is known by an address only."""
        sql = "select exists(select 1 from roles where person >= ? and person < ?)"
        return bool(self._db.execute(sql, [MAIL, MAIL + "~"]).fetchone()[0])

    def has_it(self) -> bool:
        """Whether anybody has the role IT."""
        return bool(self.it())

    def it(self) -> list[str]:
        """The ids of those who have the role IT."""
        return self.having(IT)

    def open_dialog(self, person_id: str, dialog: Dialog, now: datetime) -> None:
        """The person's next message belongs to this dialog."""
        row = {"person": person_id, "kind": dialog.kind, "data": json.dumps(dict(dialog.data)), "at": stamp(now)}
        self._db.table("dialogs").upsert(row, pk="person")

    def dialog(self, person_id: str) -> Dialog | None:
        """The dialog that waits for the person, if any."""
        row = self._db.execute("select kind, data from dialogs where person = ?", [person_id]).fetchone()
        return Dialog(row[0], json.loads(row[1])) if row else None

    def close_dialog(self, person_id: str, kind: str = "") -> None:
        """The person's next message is a new matter; only where a dialog of that kind waits, where one is named."""
        dialog = self.dialog(person_id)
        if dialog and kind in ("", dialog.kind):
            self._db.table("dialogs").delete_where("person = ?", [person_id])

    def erase(self, person_id: str) -> None:
        """Removes all that stands under the person's id, roles too."""
        with writing(self._db):
            self._db.table("people").delete_where("id = ?", [person_id])
            self._db.table("roles").delete_where("person = ?", [person_id])
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
            if values:
                self._db.table("people").update(person_id, values)

    def _roles(self, person_id: str) -> tuple[Role, ...]:
        sql = "select role, system from roles where person = ? order by at, system"
        given = [Role(*row) for row in self._db.execute(sql, [person_id]).fetchall() if row[0] in ROLES]
        if person_id in self._named_it and Role(IT) not in given:
            given.append(Role(IT))
        return tuple(sorted(given, key=lambda role: ROLES.index(role.name)))
