"""`calendar import | export` as typed: what they say, what they refuse, and that a refusal changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import app
from scheduler.calendarfiles import read
from scheduler.models import Entry

Run = Callable[..., str]
pytestmark = pytest.mark.usefixtures("here")
OWN = """\
calendar: Kunnan oma
entries:
  - id: weekly-tip
    time: "12:15"
    weeks: {2: mfa}
  - id: task-thank-tutors
    hidden: true
  - id: own-coffee
    kind: task
    title: {fi: Kahvit uusien kanssa}
    start: 2027-01-01
    rrule: FREQ=MONTHLY;BYDAY=1MO
    owner: Anna
"""
REMINDER = "calendar: x\nentries:\n  - {id: good, kind: reminder, title: {fi: Muista}, start: 2027-01-28}\n  - "


@pytest.fixture
def refused(capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command that must end with 2 and one line on standard error; returns that line."""

    def refused(*arguments: str) -> str:
        capsys.readouterr()
        assert app.main(arguments) == 2
        error = capsys.readouterr().err
        assert error.startswith("digivinkki: ")
        assert error.count("\n") == 1
        return error.strip()

    return refused


def _write(name: str, content: str) -> str:
    Path(name).write_text(content, encoding="utf-8")
    return name


def _in_force(run: Run) -> dict[str, Entry]:
    run("calendar", "export", "in-force.yaml")
    return {entry.id: entry for entry in read(Path("in-force.yaml"))}


def test_the_ready_year_is_there_and_an_own_file_lies_over_it(run: Run) -> None:
    before = _in_force(run)
    said = run("calendar", "import", _write("own.yaml", OWN))
    assert said == f"3 entries imported from own.yaml; {len(before)} entries in force\n"
    after = _in_force(run)
    assert after.keys() - before.keys() == {"own-coffee"}
    assert before.keys() - after.keys() == {"task-thank-tutors"}
    tip, old = after["weekly-tip"], before["weekly-tip"]
    assert (f"{tip.time:%H:%M}", tip.weeks[2], tip.weeks[3], tip.titles) == ("12:15", "mfa", old.weeks[3], old.titles)
    run("calendar", "import", _write("again.yaml", "calendar: x\nentries: [{id: task-thank-tutors, hidden: false}]\n"))
    assert "task-thank-tutors" in _in_force(run)


@pytest.mark.parametrize("name", ["out.yaml", "out.ics"])
def test_an_export_imports_to_the_same(run: Run, name: str) -> None:
    run("calendar", "import", _write("own.yaml", OWN))
    before = _in_force(run)
    assert run("calendar", "export", name) == f"{len(before)} entries exported to {name}\n"
    run("calendar", "import", name)
    assert _in_force(run) == before


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("{id: bad, kind: reminder, title: {fi: A}, start: 2027-01-01, rrule: FREQ=HOURLY}", "field rrule: fires more"),
        ("{id: bad, kind: reminder, title: {fi: A}, start: 2027-02-31}", "field start: is no day of the calendar"),
        ("{id: bad, kind: meeting, title: {fi: A}, start: 2027-01-01, theme: nonsense}", "field theme: unknown theme"),
        ("{id: weekly-tip, weeks: {3: nonsense}}", "entry weekly-tip: field weeks.3: unknown theme 'nonsense'"),
        (
            "{id: weekly-tip, seasons: [{tip: nonsense, from: 12-27, to: 01-31}]}",
            "entry weekly-tip: field seasons.1.tip: unknown tip 'nonsense'",
        ),
        ("{id: bad, kind: reminder, title: {fi: A}, start: 2027-01-01, to: [hall]}", "field to: unknown destination"),
        (
            "{id: bad, kind: reminder, title: {fi: A}, start: 2027-01-01, to: ['profile:x']}",
            "field to: unknown profile",
        ),
        ("{id: bad, kind: reminder, title: {fi: A}, start: 2027-01-01, reminders: [-P1D]}", "is not before its event"),
        ("{id: bad, kind: reminder, title: {fi: A}, start: 2027-01-01, time: 9.00, minutes: -5}", "before the start"),
        ("{id: bad, kind: reminder, title: {fi: 🎉}, start: 2027-01-01}", "entry bad: field title.fi: needs words"),
        ("{id: good, kind: task, title: {fi: A}, start: 2027-01-01}", "entry good: field id: two entries with this id"),
        ("{id: bad, kind: [", "bad.yaml: not YAML: line"),
    ],
)
def test_bad_input_is_refused_whole_and_the_old_calendar_stays(run: Run, refused: Run, entry: str, said: str) -> None:
    before = _in_force(run)
    line = refused("calendar", "import", _write("bad.yaml", f"{REMINDER}{entry}\n"))
    assert line.startswith("digivinkki: bad.yaml: ")
    assert said in line
    assert _in_force(run) == before


def test_an_ics_of_an_unknown_zone_and_a_huge_file_are_refused(refused: Run) -> None:
    event = "BEGIN:VEVENT\nUID:a\nSUMMARY:A\nDTSTART;TZID=Mars/Olympus:20270105T090000\nEND:VEVENT\n"
    file = _write("mars.ics", f"BEGIN:VCALENDAR\n{event}END:VCALENDAR\n")
    assert refused("calendar", "import", file) == (
        "digivinkki: mars.ics: entry a: field DTSTART: the time zone 'Mars/Olympus' is neither known nor described in "
        "the file"
    )
    assert "is larger than 5 MB" in refused("calendar", "import", _write("huge.yaml", "#" * 10_000_000))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["import", "missing.yaml"], "missing.yaml: no such file"),
        (["import", "x" * 5_000], "cannot be read"),
        (["export", "out.docx"], "out.docx: unknown kind of file"),
        ([], "say what to do with the calendar"),
        (["nonsense"], "No such command"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(refused: Run, arguments: list[str], said: str) -> None:
    assert said in refused("calendar", *arguments)
