"""Signing in to the pages from the chat: one-time links and sessions.

Links and sessions are stored as hashes of their tokens: who reads the database, or a backup, cannot sign in.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlite_utils import Database, Migrations

from tips.database import writing
from tips.moments import stamp

LINK_LASTS, SESSION_LASTS = timedelta(minutes=10), timedelta(hours=12)

CONSOLE = "console"  # who started the server in local mode: they read the link off its terminal

migrations = Migrations("signins")


@migrations()
def create_signins(database: Database) -> None:
    """`used` is when a link was, '' before."""
    database.table("signin_links").create(
        {"digest": str, "person": str, "page": str, "at": str, "used": str},
        pk="digest",
        not_null={"person", "page", "at", "used"},
    )
    database.table("web_sessions").create(
        {"digest": str, "person": str, "at": str}, pk="digest", not_null={"person", "at"}
    )
    database.table("web_sessions").create_index(["person"])


class LinkState(StrEnum):
    """What a link is good for."""

    OPEN = "open"
    USED = "used"
    EXPIRED = "expired"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class SignIn:
    """Who signed in, and the page that they wanted."""

    person: str
    page: str


class SigninStore:
    """Reads and writes links and sessions."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def new_link(self, person: str, page: str, now: datetime) -> str:
        """The token of a fresh link; the person's earlier ones that nobody used are void."""
        token = secrets.token_urlsafe(24)
        row = {"digest": _digest(token), "person": person, "page": page, "at": stamp(now), "used": ""}
        with writing(self._db):
            self._db.table("signin_links").delete_where("person = ? and used = ''", [person])
            self._db.table("signin_links").insert(row)
        return token

    def state(self, token: str, now: datetime) -> LinkState:
        """Whether the link can be used. Looking does not use it: previews of links fetch them."""
        row = self._db.execute("select at, used from signin_links where digest = ?", [_digest(token)]).fetchone()
        if row is None:
            return LinkState.UNKNOWN
        if row[1]:
            return LinkState.USED
        return LinkState.OPEN if row[0] >= stamp(now - LINK_LASTS) else LinkState.EXPIRED

    def use(self, token: str, now: datetime) -> SignIn | None:
        """Uses the link up; None where it cannot be used. One write, so that of two that come at once one gets in."""
        sql = "update signin_links set used = ? where digest = ? and used = '' and at >= ?"
        with writing(self._db):
            if not self._db.execute(sql, [stamp(now), _digest(token), stamp(now - LINK_LASTS)]).rowcount:
                return None
            row = self._db.execute(
                "select person, page from signin_links where digest = ?", [_digest(token)]
            ).fetchone()
        return SignIn(*row)

    def begin(self, person: str, now: datetime) -> str:
        """The token of a new session."""
        token = secrets.token_urlsafe(32)
        self._db.table("web_sessions").insert({"digest": _digest(token), "person": person, "at": stamp(now)})
        return token

    def person(self, token: str, now: datetime) -> str:
        """Whose session it is, '' where there is none, or none any more."""
        sql = "select person from web_sessions where digest = ? and at >= ?"
        row = self._db.execute(sql, [_digest(token), stamp(now - SESSION_LASTS)]).fetchone()
        return str(row[0]) if row else ""

    def end(self, token: str) -> None:
        """Ends the session."""
        self._db.table("web_sessions").delete_where("digest = ?", [_digest(token)])

    def end_all(self, person: str) -> None:
        """Ends all sessions of the person, and makes their open links void."""
        with writing(self._db):
            self._db.table("web_sessions").delete_where("person = ?", [person])
            self._db.table("signin_links").delete_where("person = ?", [person])

    def erase(self, person: str) -> None:
        """Forgets the person: sessions and links."""
        self.end_all(person)

    def known(self, person: str) -> bool:
        """Whether anything is kept of the person: a link, a session."""
        sql = """
            select exists(select 1 from signin_links where person = ?)
                or exists(select 1 from web_sessions where person = ?)
        """
        return bool(self._db.execute(sql, [person] * 2).fetchone()[0])


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
