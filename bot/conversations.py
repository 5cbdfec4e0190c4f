"""Where the bot may write: conversations it was added to, and whether they can still be reached."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlite_utils import Database, Migrations

from bot.models import Scope
from tips.moments import stamp

migrations = Migrations("conversations")


@migrations()
def create_conversations(database: Database) -> None:
    """Conversation references: what a platform needs to be written to. `unreachable` says why not any more."""
    database.table("conversations").create(
        {
            "id": str,
            "channel": str,
            "scope": str,
            "address": str,
            "tenant": str,
            "bot": str,
            "team": str,
            "unreachable": str,
            "since": str,
        },
        pk="id",
        not_null={"channel", "scope", "address", "unreachable", "since"},
    )


@migrations()
def add_welcome_owed(database: Database) -> None:
    """Whether the welcome could not be sent, and is to be said when the platform tells of the bot again."""
    database.table("conversations").add_column("welcome_owed", int, not_null_default=0)


@migrations()
def add_person(database: Database) -> None:
    """With whom a private conversation is, so that it goes when they have their data erased."""
    database.table("conversations").add_column("person", str, not_null_default="")
    database.table("conversations").create_index(["person"])


@dataclass(frozen=True, slots=True)
class Conversation:
    """A place to write to. `address` is Teams' service URL, '' for Slack; `id` is the platform's own.

    `person` is with whom a private conversation is, '' for any other.
    """

    id: str
    channel: str
    scope: Scope
    address: str = ""
    tenant: str = ""
    bot: str = ""
    team: str = ""
    person: str = ""


class ConversationStore:
    """Reads and writes conversations."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def seen(self, conversation: Conversation, now: datetime) -> None:
        """Something was said there: the conversation is stored, and can be written to. A welcome owed stays owed."""
        changed = "unreachable <> '' or address <> excluded.address or person <> excluded.person"
        self._put(conversation, now, "welcome_owed", changed)

    def greet(self, conversation: Conversation, now: datetime) -> bool:
        """Stores the conversation, reachable; True where it was not known as such (so: say welcome). Atomic."""
        if self._put(conversation, now, "0", "unreachable <> '' or welcome_owed"):
            return True
        # Known and reachable: platforms move conversations between their hosts now and then.
        self.seen(conversation, now)
        return False

    def _put(self, place: Conversation, now: datetime, owed: str, where: str) -> bool:
        """Whether a row is new or was changed, which it is only `where` it differs."""
        sql = f"""
            insert into conversations (id, channel, scope, address, tenant, bot, team, person, unreachable, since)
            values (?, ?, ?, ?, ?, ?, ?, ?, '', ?)
            on conflict (id) do update set
                address = excluded.address, tenant = excluded.tenant, bot = excluded.bot, team = excluded.team,
                person = excluded.person, unreachable = '', welcome_owed = {owed},
                since = case when unreachable = '' then since else excluded.since end
            where {where}
        """  # noqa: S608  both are literals of this class
        values = (place.id, place.channel, place.scope.value, place.address, place.tenant, place.bot, place.team)
        return self._db.execute(sql, [*values, place.person, stamp(now)]).rowcount > 0

    def owe_welcome(self, conversation_id: str) -> None:
        """The welcome was not sent: the next `greet` finds the conversation new."""
        self._db.execute("update conversations set welcome_owed = 1 where id = ?", [conversation_id])

    def lose(self, conversation_id: str, why: str, now: datetime) -> None:
        """Marks the conversation as one that cannot be written to any more. The first reason stays."""
        self._lose("id", conversation_id, why, now)

    def lose_team(self, team: str, why: str, now: datetime) -> None:
        """Marks all conversations of a team."""
        if team:
            self._lose("team", team, why, now)

    def _lose(self, column: str, value: str, why: str, now: datetime) -> None:
        sql = f"update conversations set unreachable = ?, since = ? where {column} = ? and unreachable = ''"  # noqa: S608
        self._db.execute(sql, [why, stamp(now), value])

    def erase(self, person: str) -> None:
        """Forgets the private conversations with the person."""
        self._db.execute("delete from conversations where person = ? and person <> ''", [person])

    def known(self, person: str) -> int:
        """With how many private conversations the person is known."""
        sql = "select count(*) from conversations where person = ? and person <> ''"
        return int(self._db.execute(sql, [person]).fetchone()[0])

    def regain(self, place: str, why: str) -> None:
        """A channel or a team is back: what was lost for that reason can be written to again."""
        sql = "update conversations set unreachable = '' where unreachable = ? and ? in (id, team)"
        self._db.execute(sql, [why, place])

    def get(self, conversation_id: str) -> tuple[Conversation, str] | None:
        """The conversation, with why it cannot be written to ('' where it can); None where it is not known."""
        return next((_with_why(row) for row in self._rows("id = ?", [conversation_id])), None)

    def private_with(self, person: str) -> tuple[Conversation, str] | None:
        """The private conversation with the person, the latest that can be written to."""
        rows = list(self._rows("person = ? and person <> ''", [person]))
        rows.sort(key=lambda row: row["unreachable"] == "")
        return _with_why(rows[-1]) if rows else None

    def all(self, *, reachable: bool = True) -> list[Conversation]:
        """All conversations that can be written to, or that cannot."""
        where = "unreachable = ''" if reachable else "unreachable <> ''"
        return [_conversation(row) for row in self._rows(where)]

    def lost(self) -> list[tuple[Conversation, str]]:
        """The conversations that cannot be written to any more, each with why."""
        return [_with_why(row) for row in self._rows("unreachable <> ''")]

    def _rows(self, where: str, values: Sequence[str] = ()) -> Iterable[dict[str, Any]]:
        return self._db.table("conversations").rows_where(where, list(values), order_by="since")


def _with_why(row: Mapping[str, Any]) -> tuple[Conversation, str]:
    return _conversation(row), str(row["unreachable"])


def _conversation(row: Mapping[str, Any]) -> Conversation:
    return Conversation(
        row["id"],
        row["channel"],
        Scope(row["scope"]),
        row["address"],
        row["tenant"],
        row["bot"],
        row["team"],
        row["person"],
    )
