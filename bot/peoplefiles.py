"""Who has which role, as a table: checked whole before any of it is stored, each refusal naming its line."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.naming import meant
from bot.people import KEY_USER, MAIL, TUTOR, PeopleStore, Role
from bot.rolenames import role_in
from bot.units import UnitStore
from tips.errors import DigivinkkiError

# What columns are called in Finnish, Swedish and English.
_COLUMNS = {
    "person": ("person", "henkilö", "tunniste", "id", "sähköposti", "e-post", "email", "e-mail"),
    "name": ("name", "nimi", "namn"),
    "role": ("role", "rooli", "roll"),
    "unit": ("unit", "yksikkö", "enhet"),
    "topics": ("topics", "aiheet", "teemat", "ämnen", "teman", "themes"),
    "systems": ("systems", "järjestelmät", "järjestelmä", "system"),
}
_COLUMN_OF = {name: column for column, names in _COLUMNS.items() for name in names}
_PERSON = re.compile(r"(?:teams|slack):[\w.:@-]{1,200}")
_ADDRESS = re.compile(r"[^\s@:;,<>]{1,100}@[^\s@:;,<>]{1,150}\.[^\s@:;,<>]{2,20}")
_LIST = re.compile(r"\s*[|;,]\s*")
_LEVEL = re.compile(r"\s*[/>]\s*")


class PeopleFileError(DigivinkkiError):
    """A table of people does not fit; names file, line and reason.

    `key` is the reason for whoever tells it in other words: columns, csv, empty, cells, person, role, system, topic,
    '' of any other; `value` what stands there.
    """

    def __init__(self, text: str, key: str = "", line: int = 0, value: str = "") -> None:
        super().__init__(text)
        self.key, self.line, self.value = key, line, value


@dataclass(frozen=True, slots=True)
class Change:
    """What a line changes about a person: `what` is role, name, unit or topics; `value` what it will be."""

    person: str
    what: str
    value: str
    role: Role | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table. `role` is '' for staff; `topics` None where the table has no such column."""

    person: str
    name: str
    role: str
    unit: tuple[str, ...]
    topics: tuple[str, ...] | None
    systems: tuple[str, ...]


def person_in(text: str) -> str:
    """The id that the text is: a platform's, or an e-mail address; '' where it is none."""
    text = text.strip()
    if _ADDRESS.fullmatch(text):
        return MAIL + text.lower()
    return text if _PERSON.fullmatch(text) else ""


def read(text: str, file: str, themes: Mapping[str, Sequence[str]]) -> list[Row]:
    """The table's lines. `themes` are ids with all that they are called. Raises PeopleFileError."""
    text = text.lstrip("\ufeff \n\r")
    delimiter = max(";,\t", key=text.split("\n", 1)[0].count)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        columns = [_COLUMN_OF.get(name.strip().lower(), "") for name in next(lines, [])]
        if "" in columns or len(set(columns)) < len(columns) or not {"person", "role"} <= set(columns):
            raise _error(
                file, 1, "the first row must name the columns: person, name, role, unit, topics, systems", "columns"
            )
        rows = [_row(cells, columns, themes, file, lines.line_num) for cells in lines if any(map(str.strip, cells))]
    except csv.Error as error:
        raise _error(file, lines.line_num, f"not CSV: {error}", "csv") from None
    if not rows:
        raise PeopleFileError(f"{file}: holds no people", "empty")
    return rows


def store(rows: Sequence[Row], people: PeopleStore, units: UnitStore, now: datetime) -> list[str]:
    """Stores all of it; who is a new tutor."""
    new = []
    for row in rows:
        given = [role.name for role in _roles(row) if people.give_role(row.person, role.name, now, role.system)]
        if TUTOR in given:
            new.append(row.person)
        if row.name:
            people.call(row.person, row.name, now)
        if row.unit:
            units.join(row.person, units.put(row.unit).id)
        if row.topics is not None:
            units.learn(row.person, row.topics)
    return new


def changes(rows: Sequence[Row], people: PeopleStore, units: UnitStore) -> list[Change]:
    """What storing them would change, line by line; nothing is stored."""
    found = []
    for row in rows:
        known, unit = people.person(row.person), units.of(row.person)
        found += [Change(row.person, "role", role.name, role) for role in _roles(row) if role not in known.roles]
        if row.name and row.name != known.name:
            found.append(Change(row.person, "name", row.name))
        if row.unit and row.unit != tuple(each.name for each in reversed(units.up(unit.id) if unit else ())):
            found.append(Change(row.person, "unit", " / ".join(row.unit)))
        if row.topics is not None and set(row.topics) != set(units.knows(row.person)):
            found.append(Change(row.person, "topics", ", ".join(row.topics) or "–"))
    return found


def _roles(row: Row) -> list[Role]:
    if row.role == KEY_USER:
        return [Role(KEY_USER, system) for system in row.systems]
    return [Role(row.role)] if row.role else []


def _row(cells: list[str], columns: list[str], themes: Mapping[str, Sequence[str]], file: str, number: int) -> Row:
    if any(cell.strip() for cell in cells[len(columns) :]):
        raise _error(file, number, "more cells than columns", "cells")
    values = {column: cell.strip() for column, cell in zip(columns, cells, strict=False)}
    person, role = person_in(values.get("person", "")), role_in(values.get("role", ""))
    systems = tuple(filter(None, _LIST.split(values.get("systems", ""))))
    if not person:
        known = "an e-mail address, teams:… or slack:…"
        given = values.get("person", "")
        raise _error(file, number, f"person must be {known}, not {given!r}", "person", given)
    if role is None:
        raise _error(file, number, f"no role is called {values['role']!r}", "role", values["role"])
    if (role == KEY_USER) != bool(systems):
        reason = "a key user needs a system" if role == KEY_USER else "only a key user has systems"
        raise _error(file, number, reason, "system")
    unit = tuple(filter(None, _LEVEL.split(values.get("unit", ""))))
    topics = _topics(values["topics"], themes, file, number) if "topics" in columns else None
    return Row(person, values.get("name", ""), role, unit, topics, systems)


def _topics(cell: str, themes: Mapping[str, Sequence[str]], file: str, number: int) -> tuple[str, ...]:
    found = []
    for name in filter(None, _LIST.split(cell)):
        named = meant(name, themes)
        if len(named) != 1:
            many = "more than one theme" if named else "no theme"
            raise _error(file, number, f"{many} is called {name!r}", "topic", name)
        found.append(named[0])
    return tuple(found)


def _error(file: str, line: int, reason: str, key: str, value: str = "") -> PeopleFileError:
    return PeopleFileError(f"{file}: line {line}: {reason}", key, line, value)
