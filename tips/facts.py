"""An organisation's own facts, and how they fill the placeholders of its tips."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml
from sqlite_utils import Database, Migrations

from tips.fields import is_web_address
from tips.models import Language

LONGEST_VALUE = 200  # characters
_PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]*)\}")

migrations = Migrations("facts")


@migrations()
def create_facts(database: Database) -> None:
    """One value a fact."""
    database.table("facts").create({"key": str, "value": str}, pk="key", not_null={"value"})


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact that an organisation may tell: its key, what stands for it untold, its name and an example.

    `first`: the first run asks for it.
    """

    key: str
    unfilled: Mapping[Language, str]
    name: Mapping[Language, str]
    example: Mapping[Language, str]
    first: bool = False


@cache
def known_facts() -> Mapping[str, Fact]:
    """All facts, in the order in which they are asked for."""
    data = yaml.safe_load(Path(__file__).with_name("facts.yaml").read_text(encoding="utf-8"))
    return {
        key: Fact(key, fields["unfilled"], fields["name"], fields["example"], fields.get("first", False))
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
