"""Where the bot may write: conversations it was added to, and whether they can still be reached."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlite_utils import Database, Migrations

from bot.models import Scope
from bot.people import stamp

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


@dataclass(frozen=True, slots=True)
class Conversation:
    """A place to write to. `address` is Teams' service URL, '' for Slack; `id` is the platform's own."""

    id: str
    channel: str
    scope: Scope
    address: str = ""
    tenant: str = ""
    bot: str = ""
    team: str = ""


class ConversationStore:
    """Reads and writes conversations."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def meet(self, conversation: Conversation, now: datetime) -> bool:
        """Stores the conversation, reachable; True where it was not known as such (so: say welcome). Atomic."""
        changed = self._db.execute(
            """
            insert into conversations (id, channel, scope, address, tenant, bot, team, unreachable, since)
            values (?, ?, ?, ?, ?, ?, ?, '', ?)
            on conflict (id) do update set
                address = excluded.address, tenant = excluded.tenant, bot = excluded.bot, team = excluded.team,
                unreachable = '', welcome_owed = 0, since = excluded.since
            where unreachable <> '' or welcome_owed
            """,
            [
                conversation.id,
                conversation.channel,
                conversation.scope.value,
                conversation.address,
                conversation.tenant,
                conversation.bot,
                conversation.team,
                stamp(now),
            ],
        ).rowcount
        if not changed:
            # Known and reachable: platforms move conversations between their hosts now and then.
            self._db.execute(
                "update conversations set address = ? where id = ? and address <> ?",
                [conversation.address, conversation.id, conversation.address],
            )
        return changed > 0

    def owe_welcome(self, conversation_id: str) -> None:
        """The welcome was not sent: the next `meet` finds the conversation new."""
        self._db.execute("update conversations set welcome_owed = 1 where id = ?", [conversation_id])

    def lose(self, conversation_id: str, why: str) -> None:
        """Marks the conversation as one that cannot be written to any more. The first reason stays."""
        sql = "update conversations set unreachable = ? where id = ? and unreachable = ''"
        self._db.execute(sql, [why, conversation_id])

    def lose_team(self, team: str, why: str) -> None:
        """Marks all conversations of a team."""
        sql = "update conversations set unreachable = ? where team = ? and team <> '' and unreachable = ''"
        self._db.execute(sql, [why, team])

    def regain(self, place: str, why: str) -> None:
        """A channel or a team is back: what was lost for that reason can be written to again."""
        sql = "update conversations set unreachable = '' where unreachable = ? and ? in (id, team)"
        self._db.execute(sql, [why, place])

    def all(self, *, reachable: bool = True) -> list[Conversation]:
        """All conversations that can be written to, or that cannot."""
        where = "unreachable = ''" if reachable else "unreachable <> ''"
        return [_conversation(row) for row in self._rows(where)]

    def lost(self) -> list[tuple[Conversation, str]]:
        """The conversations that cannot be written to any more, each with why."""
        return [(_conversation(row), str(row["unreachable"])) for row in self._rows("unreachable <> ''")]

    def _rows(self, where: str) -> Iterable[dict[str, Any]]:
        return self._db.table("conversations").rows_where(where, order_by="since")


def _conversation(row: Mapping[str, Any]) -> Conversation:
    return Conversation(
        row["id"], row["channel"], Scope(row["scope"]), row["address"], row["tenant"], row["bot"], row["team"]
    )
