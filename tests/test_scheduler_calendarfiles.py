"""Calendars as files: YAML and .ics, whole or not at all."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest

from scheduler.calendarfiles import LARGEST_FILE, read, write
from scheduler.entries import FIELDS, entry_of
from scheduler.errors import CalendarError
from scheduler.models import Kind
from scheduler.starter import YEAR, starter_year
from tips.models import LANGUAGES

ENTRY = "  - {id: a, kind: reminder, title: {fi: Muista}, start: 2027-01-28}\n"


def _file(folder: Path, text: str | bytes, name: str = "own.yaml") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_documents_and_what_stands_beneath(tmp_path: Path) -> None:
    base = entry_of({"id": "b", "kind": "task", "title": {"fi": "Kahvit"}, "start": "2027-02-01", "owner": "it"})
    text = f"calendar: one\nentries:\n{ENTRY}---\ncalendar: two\nentries:\n  - {{id: b, hidden: true}}\n"
    first, second = read(_file(tmp_path, text), {"b": base})
    assert (first.id, second.id, second.hidden, second.owner) == ("a", "b", True, "it")


@pytest.mark.parametrize("name", ["out.yaml", "out.ics", "deep/er/out.ics"])
def test_the_ready_year_is_written_and_read_back_the_same(tmp_path: Path, name: str) -> None:
    write(starter_year(), tmp_path / name)
    assert read(tmp_path / name) == list(starter_year())
    assert [file.name for file in tmp_path.rglob("*.part")] == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"calendar: x\nentries:\n{ENTRY}{ENTRY}", "entry a: field id: two entries with this id"),
        (f"calendar: x\nentries:\n{ENTRY}---\ncalendar: y\nentries:\n{ENTRY}", "two entries with this id"),
        ("calendar: x\nentries:\n  - {kind: reminder}\n", "entry 1: field id: is missing"),
        (f"calendar: x\nentries:\n{ENTRY}  - {{id: b}}\n", "entry b: field kind: is missing"),
        (f"calendar: x\nentries:\n{ENTRY}  - word\n", "entry 2: must be fields"),
        ("calendar: x\nentries: []\n", "holds no entries"),
        ("calendar: x\nentries: {a: b}\n", "field entries: must be a list"),
        (f"entries:\n{ENTRY}", "field calendar: is missing"),
        (f"calendar: x\nyear: 2027\nentries:\n{ENTRY}", "field year: is not a field of a calendar"),
        ("calendar: [x\n", "not YAML: line 2"),
        ("calendar: &a x\nentries: *a\n", "line 2: YAML aliases"),
        ("", "must begin with calendar and entries"),
        (b"calendar: \xff\xfe\n", "is not UTF-8 text"),
        (b"#" * (LARGEST_FILE + 1), "is larger than 5 MB"),
    ],
)
def test_a_broken_file_is_refused_whole(tmp_path: Path, text: str | bytes, said: str) -> None:
    with pytest.raises(CalendarError) as refused:
        read(_file(tmp_path, text))
    assert str(refused.value).startswith(str(tmp_path / "own.yaml"))
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("name", "said"), [("missing.yaml", "no such file"), (".", "is a folder"), ("no\0", "no such file")]
)
def test_what_is_no_file_is_said(tmp_path: Path, name: str, said: str) -> None:
    with pytest.raises(CalendarError, match=said):
        read(tmp_path / name)


def test_unknown_kinds_of_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(CalendarError, match="unknown kind of file"):
        read(_file(tmp_path, "", "own.docx"))
    with pytest.raises(CalendarError, match="unknown kind of file"):
        write([], tmp_path / "own.docx")
    (tmp_path / "file").touch()
    with pytest.raises(CalendarError, match="cannot be written"):
        write([], tmp_path / "file" / "out.yaml")


def test_the_ready_year_is_beside_the_code() -> None:
    assert YEAR.is_file()
    assert len(starter_year()) > 40


def test_the_forums_example_is_seven_meetings_in_eighteen_months_with_tasks_between_them() -> None:
    entries = sorted(read(YEAR.with_name("forum.yaml")), key=lambda entry: entry.start)
    kinds = [entry.kind for entry in entries]
    assert kinds.count(Kind.MEETING) == 7
    assert all(Kind.MEETING not in pair or Kind.TASK in pair for pair in pairwise(kinds))
    first, last = entries[0].start, entries[-1].start
    assert 12 * (last.year - first.year) + last.month - first.month == 18
    assert all(set(entry.titles) == set(entry.texts) == set(LANGUAGES) for entry in entries)


# --- The guide ----------------------------------------------------------------------------------------------------

GUIDE = (Path(__file__).parent.parent / "docs" / "calendar.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("example", re.findall(r"```yaml\n(.*?)```", GUIDE, re.DOTALL))
def test_the_guides_examples_are_read(tmp_path: Path, example: str) -> None:
    assert read(_file(tmp_path, example), {entry.id: entry for entry in starter_year()})


def test_the_guide_names_every_field() -> None:
    fields = GUIDE.split("| field |")[1].split("\n\n")[0]
    assert set(re.findall(r"^\| `(\w+)` \|", fields, re.MULTILINE)) == FIELDS
