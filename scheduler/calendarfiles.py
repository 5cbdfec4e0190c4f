"""Calendars as files: YAML for people, iCalendar for other programs. Reading refuses whole what does not fit."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType
from typing import Any

from scheduler.entries import entry_mapping, entry_of, laid_over
from scheduler.errors import CalendarError
from scheduler.models import Entry
from tips import yamldocs
from tips.errors import PackError
from tips.fields import string

SUFFIXES = (".yaml", ".yml", ".ics")
LARGEST_FILE = 5_000_000  # bytes; the starter year is some 50 kB

_NOTHING: Mapping[str, Entry] = MappingProxyType({})


def read(path: Path, beneath: Mapping[str, Entry] = _NOTHING) -> list[Entry]:
    """The entries of a .yaml or .ics file. What a YAML entry leaves out comes from the one of its id `beneath`.

    Raises CalendarError, naming file, entry and field, and reads nothing by halves.
    """
    try:
        entries = _read(path, beneath)
        _refuse_doubles(entries)
    except CalendarError as error:
        raise error.at(file=path) from None
    except PackError as error:
        raise CalendarError(error.reason, file=path, field=error.field) from None
    except OSError as error:
        raise CalendarError(f"cannot be read: {error.strerror}", file=path) from error
    except ValueError:  # a path with a NUL
        raise CalendarError("no such file", file=path) from None
    return entries


def write(entries: Iterable[Entry], path: Path, name: str = "Digivinkki") -> None:
    """Writes the entries as `read` reads them, by suffix. An older export stays until all is written."""
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise CalendarError(f"unknown kind of file; use {', '.join(SUFFIXES)}", file=path)
    text = text_of(entries, suffix, name)
    part = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(text.encode())
        os.replace(part, path)
    except OSError as error:
        raise CalendarError(f"cannot be written: {error.strerror}", file=path) from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def entries_in(name: str, data: bytes, beneath: Mapping[str, Entry] = _NOTHING) -> list[Entry]:
    """The entries of a file that arrived as bytes, by its name; as `read`. Raises CalendarError."""
    try:
        entries = _parsed(Path(name), data, beneath)
        _refuse_doubles(entries)
    except CalendarError as error:
        raise error.at(file=Path(name).name) from None
    except PackError as error:
        raise CalendarError(error.reason, file=Path(name).name, field=error.field) from None
    return entries


def text_of(entries: Iterable[Entry], suffix: str, name: str = "Digivinkki") -> str:
    """The entries as the text of a .yaml or .ics file."""
    return _ics(entries) if suffix == ".ics" else _yaml(entries, name)


def _read(path: Path, beneath: Mapping[str, Entry]) -> list[Entry]:
    if not path.is_file():
        raise CalendarError("is a folder, not a file" if path.is_dir() else "no such file")
    _refuse_larger(path.stat().st_size)
    return _parsed(path, path.read_bytes(), beneath)


def _refuse_larger(size: int) -> None:
    if size > LARGEST_FILE:
        raise CalendarError(f"is larger than {LARGEST_FILE // 1_000_000} MB")


def _parsed(path: Path, data: bytes, beneath: Mapping[str, Entry]) -> list[Entry]:
    if path.suffix.lower() not in SUFFIXES:
        raise CalendarError(f"unknown kind of file; calendars are {', '.join(SUFFIXES)}")
    _refuse_larger(len(data))
    entries = _from_ics(data) if path.suffix.lower() == ".ics" else _from_yaml(_decoded(data), beneath)
    if not entries:
        raise CalendarError("holds no entries")
    return entries


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise CalendarError("is not UTF-8 text; save it as UTF-8") from None


def _from_yaml(text: str, beneath: Mapping[str, Entry]) -> list[Entry]:
    return [
        entry for document in yamldocs.read(text, "calendar and entries") for entry in _of_document(document, beneath)
    ]


def _of_document(document: Mapping[str, Any], beneath: Mapping[str, Entry]) -> list[Entry]:
    for field in document:
        if field not in ("calendar", "entries"):
            raise CalendarError("is not a field of a calendar; it has calendar and entries", field=str(field)[:40])
    if not string(document.get("calendar"), "calendar", 200).strip():
        raise CalendarError("is missing: the calendar's name", field="calendar")
    listed = document.get("entries")
    if not isinstance(listed, list):
        raise CalendarError("must be a list of entries", field="entries")
    return [_numbered(number, data, beneath) for number, data in enumerate(listed, 1)]


def _numbered(number: int, data: object, beneath: Mapping[str, Entry]) -> Entry:
    """The entry; where its id does not tell which it is, errors call it by its number."""
    try:
        if not isinstance(data, dict):
            raise CalendarError("must be fields, such as id, kind and title")
        base = beneath.get(str(data.get("id")))
        return entry_of(laid_over(data, base) if base else data)
    except CalendarError as error:
        raise error.at(entry=str(number)) from None


def _refuse_doubles(entries: Iterable[Entry]) -> None:
    seen: set[str] = set()
    for entry in entries:
        if entry.id in seen:
            raise CalendarError("two entries with this id", entry=entry.id, field="id")
        seen.add(entry.id)


def _yaml(entries: Iterable[Entry], name: str) -> str:
    return yamldocs.write([{"calendar": name, "entries": [entry_mapping(entry) for entry in entries]}])


def _ics(entries: Iterable[Entry]) -> str:
    # icalendar takes 3 MB and a tenth of a second, which no server needs at its start.
    from scheduler.ics import to_ical  # noqa: PLC0415

    return to_ical(entries)


def _from_ics(data: bytes) -> list[Entry]:
    from scheduler.icsreading import from_ical  # noqa: PLC0415

    return from_ical(data)
