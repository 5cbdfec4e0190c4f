"""The organisation's own sessions over those that come with the product, and what was changed in them.

A row a theme: the own session, hidden or not. Every change is a row of the history, so that the newest of them tells
others when to read anew. Who made a change is not kept here: the log of the pages says so under its number.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import cast

from sqlite_utils import Database, Migrations

from tips import fields
from tips.database import writing
from tips.moments import stamp
from tips.programme import Programme, starter_programme
from tips.sessions import Session, layer_of, session_mapping

migrations = Migrations("sessions")


@migrations()
def create_sessions(database: Database) -> None:
    """Own sessions as JSON of the pack format, and their changes; '' where there was, or is, none."""
    database.table("own_sessions").create({"theme": str, "data": str}, pk="theme", not_null={"data"})
    database.table("session_history").create(
        {"id": int, "theme": str, "before": str, "after": str, "at": str},
        pk="id",
        not_null={"theme", "before", "after", "at"},
    )
    database.table("session_history").create_index(["theme"])


@dataclass(frozen=True, slots=True)
class Own:
    """What stands over a theme's session: other words, None where they are the product's; or it is hidden."""

    session: Session | None = None
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class SessionChange:
    """A change of a theme's session."""

    id: int
    theme: str
    before: Own
    after: Own
    at: str


@dataclass(frozen=True, slots=True)
class _Read:
    revision: str
    programme: Programme


class SessionStore:
    """Reads and writes own sessions. Use it in the database's thread."""

    def __init__(self, database: Database, base: Callable[[], Programme] = starter_programme) -> None:
        self._db, self._base = database, base
        self._read: _Read | None = None

    def in_force(self) -> Programme:
        """What staff get: own sessions over the product's, without the hidden ones; read anew after a change."""
        revision = self.revision()
        if self._read is None or self._read.revision != revision:
            self._read = _Read(revision, self._laid())
        return self._read.programme

    def revision(self) -> str:
        """Another one after every change, also by another process, and after a restore."""
        row = self._db.execute("select id, at, after from session_history order by id desc limit 1").fetchone()
        return hashlib.sha256(repr(row).encode()).hexdigest()[:16] if row else ""

    def base(self, theme: str) -> Session | None:
        """The session that comes with the product."""
        return self._base().sessions.get(theme)

    def own(self, theme: str) -> Own:
        """What stands over it."""
        return _own(self._stored(theme))

    def whole(self, theme: str) -> Session | None:
        """The session as it is in force, a hidden one too; None where there is none."""
        return layered(self.base(theme), self.own(theme).session)

    def hidden(self) -> list[Session]:
        """The sessions that staff do not get."""
        rows = self._db.execute("select theme, data from own_sessions order by rowid").fetchall()
        found = (layered(self.base(theme), own.session) for theme, data in rows if (own := _own(data)).hidden)
        return [session for session in found if session]

    def put(self, theme: str, own: Own, now: datetime) -> int:
        """That stands over the theme's session from now on. The number of the change, 0 where nothing changes."""
        with writing(self._db):
            return self._change(theme, _text(own), now)

    def save(self, wanted: Session, now: datetime) -> int:
        """The session reads as given from now on, and stays hidden if it was. The number of the change, or 0."""
        with writing(self._db):
            own = self.own(wanted.id)
            return self.put(wanted.id, replace(own, session=over(self.base(wanted.id), wanted)), now)

    def add(self, sessions: Iterable[Session], now: datetime) -> int:
        """Lays the sessions of a pack over what is there, all or none; how many changed. Whatever was hidden shows."""
        with writing(self._db):
            return sum(self.put(one.id, Own(self.laid(one)), now) > 0 for one in sessions)

    def laid(self, session: Session) -> Session | None:
        """What would stand in the own layer were the session imported: own texts in its other languages stay."""
        before = self.whole(session.id)
        return over(self.base(session.id), session.laid_over(before) if before else session)

    def newest(self, theme: str, most: int = 10) -> list[SessionChange]:
        """The newest changes of a theme's session, the newest first."""
        rows = self._db.query("select * from session_history where theme = ? order by id desc limit ?", [theme, most])
        return [SessionChange(row["id"], theme, _own(row["before"]), _own(row["after"]), row["at"]) for row in rows]

    def undo(self, theme: str, number: str, now: datetime) -> int:
        """Puts the theme's session back as it was before that change; the number of the undoing.

        0 where it has changed since, or there is no such change.
        """
        known = fields.number_in(number) or 0
        with writing(self._db):
            sql = "select before, after from session_history where id = ? and theme = ?"
            row = self._db.execute(sql, [known, theme]).fetchone()
            if row is None or row[1] != self._stored(theme):
                return 0
            return self._change(theme, row[0], now)

    def _laid(self) -> Programme:
        base = self._base()
        sessions: dict[str, Session] = dict(base.sessions)
        for theme, data in self._db.execute("select theme, data from own_sessions order by rowid").fetchall():
            own = _own(data)
            session = layered(base.sessions.get(theme), own.session)
            if own.hidden or session is None:
                sessions.pop(theme, None)
            else:
                sessions[theme] = session
        return Programme(sessions, base.guides)

    def _stored(self, theme: str) -> str:
        row = self._db.execute("select data from own_sessions where theme = ?", [theme]).fetchone()
        return row[0] if row else ""

    def _change(self, theme: str, after: str, now: datetime) -> int:
        before = self._stored(theme)
        if before == after:
            return 0
        if after:
            self._db.table("own_sessions").upsert({"theme": theme, "data": after}, pk="theme")
        else:
            self._db.table("own_sessions").delete(theme)
        row = {"theme": theme, "before": before, "after": after, "at": stamp(now)}
        return cast(int, self._db.table("session_history").insert(row, pk="id").last_pk)


def layered(base: Session | None, own: Session | None) -> Session | None:
    """The session as staff would get it, of what comes with the product and what stands over it."""
    return own.laid_over(base) if own and base else own or base


def over(base: Session | None, wanted: Session) -> Session | None:
    """What must stand over `base` so that `wanted` is in force; None where it says the same."""
    if base is None:
        return wanted
    texts = {language: text for language, text in wanted.texts.items() if text != base.texts.get(language)}
    own = replace(wanted, texts=texts)
    return None if replace(own, texts=base.texts) == base and not texts else own


def _text(own: Own) -> str:
    data: Mapping[str, object] = session_mapping(own.session) if own.session else {}
    hidden = {"hidden": True} if own.hidden else {}
    return json.dumps({**data, **hidden}, ensure_ascii=False) if data or hidden else ""


def _own(text: str) -> Own:
    data = json.loads(text) if text else {}
    hidden = data.pop("hidden", False)
    return Own(layer_of(data) if data else None, hidden)
