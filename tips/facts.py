"""An organisation's own facts, and how they fill the placeholders of its tips."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from sqlite_utils import Database, Migrations

from tips import yamldocs
from tips.fields import is_web_address
from tips.models import Language

LONGEST_VALUE = 200  # characters
_MAIL = re.compile(r"(?:mailto:)?[^@\s]+@[^@\s.]+(?:\.[^@\s.]+)+")
_LEADS_TO_PEOPLE = re.compile(r"\d[\d -]*\d\d|@|https?://")  # a number, short ones too, or an address
_PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]*)\}")

migrations = Migrations("facts")


@migrations()
def create_facts(database: Database) -> None:
    """One value a fact."""
    database.table("facts").create({"key": str, "value": str}, pk="key", not_null={"value"})


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact that an organisation may tell: its key, what stands for it untold, its name and an example.

    `first`: the first run asks for it. `kind`: 'web' for a web address, 'contact' for one that leads to people.
    """

    key: str
    unfilled: Mapping[Language, str]
    name: Mapping[Language, str]
    example: Mapping[Language, str]
    first: bool = False
    kind: str = ""

    def lacks(self, value: str) -> str:
        """What the value lacks: 'address', 'mail', 'contact' or sense ('value'); '' for one that may be stored."""
        if self.kind == "web" and not is_web_address(value):
            return "address"
        if any(not _MAIL.fullmatch(word.strip(".,;:()<>")) for word in value.split() if "@" in word):
            return "mail"
        if self.kind == "contact" and not _LEADS_TO_PEOPLE.search(value):
            return "contact"
        return "" if re.search(r"[^\W_]{2}", value) else "value"


@cache
def known_facts() -> Mapping[str, Fact]:
    """All facts, in the order in which they are asked for."""
    data = yamldocs.shipped(Path(__file__).with_name("facts.yaml"))
    return {
        key: Fact(
            key,
            fields["unfilled"],
            fields["name"],
            fields["example"],
            fields.get("first", False),
            fields.get("kind", ""),
        )
        for key, fields in data.items()
    }


def placeholders(text: str) -> list[str]:
    """The keys of the placeholders in the text."""
    return _PLACEHOLDER.findall(text)


def filled(text: str, values: Mapping[str, str], language: Language, *, markdown: bool = False) -> str:
    """The text with its placeholders filled; braces that hold no known key stay as they are.

    In Markdown, a value that is a web address becomes a link, which no platform makes of it by itself everywhere.
    """

    def value(match: re.Match[str]) -> str:
        key = match[1]
        fact = known_facts().get(key)
        told = values.get(key) or (fact.unfilled[language] if fact else match[0])
        return f"[{told.split('://')[1]}]({told})" if markdown and is_web_address(told) else told

    return _PLACEHOLDER.sub(value, text)


class FactStore:
    """The organisation's values."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def values(self) -> dict[str, str]:
        """All values by key."""
        return dict(self._db.execute("select key, value from facts").fetchall())

    def put(self, key: str, value: str) -> None:
        """Stores a value; an empty one is forgotten. Raises KeyError for a key that is no fact."""
        known_facts()[key]
        if value := " ".join(value.split())[:LONGEST_VALUE]:
            self._db.table("facts").upsert({"key": key, "value": value}, pk="key")
        else:
            self._db.table("facts").delete_where("key = ?", [key])
