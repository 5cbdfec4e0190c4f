"""`calendar show | simulate` as they are typed."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

import app
from bot.conversations import Conversation
from bot.models import Scope
from bot.stores import Stores
from scheduler.models import ZONE, Kind
from scheduler.planning import planned
from scheduler.simulation import PRETENDED
from tests.conftest import NOW
from tips import database

Run = Callable[..., str]
SPAN = ("--from", "2027-02-01", "--to", "2027-02-28")
FIELDS = {"at", "entry", "kind", "part", "destination", "status", "why"}


@pytest.mark.parametrize(("command", "status"), [("show", "planned"), ("simulate", "sent")])
def test_a_line_of_json_a_delivery(here: Path, run: Run, command: str, status: str) -> None:
    lines = [json.loads(line) for line in run("calendar", command, *SPAN, "--json").splitlines()]
    tips = [line for line in lines if line["kind"] == "weekly_tip"]
    assert len(tips) == 4
    for line in lines:
        assert line.keys() - {"tip"} == FIELDS
        assert datetime.fromisoformat(line["at"]).utcoffset()
        assert line["status"] in (status, "skipped")
    assert all(line["tip"] and line["why"] for line in tips)


def test_show_says_when_where_what_and_why(here: Path, run: Run) -> None:
    shown = run("calendar", "show", *SPAN)
    assert "Tue 2027-02-16 09:00  planned pretended-office" in shown
    assert "(the week's theme: excel)" in shown
    assert "post  (edits the message of reminder-P1D, no new one)" in run(
        "calendar", "show", "--from", "2027-03-11", "--to", "2027-03-11"
    )


def test_show_has_what_became_of_what_went_out(here: Path, run: Run) -> None:
    run("calendar", "show", *SPAN)
    opened = database.connect(here / "digivinkki.db", app.MIGRATIONS)
    stores = Stores.of(opened, here / "digivinkki.db")
    stores.destinations.put(PRETENDED, NOW)
    span = (datetime(2027, 2, 15, tzinfo=ZONE), datetime(2027, 2, 22, tzinfo=ZONE))
    tips = stores.tips.in_force().tips
    plan = planned(stores.calendar.in_force(), [PRETENDED], tips, *span)
    item = next(found for found in plan if found.kind is Kind.WEEKLY_TIP)
    stores.deliveries.plan(replace(item, tip="password-strong"))
    stores.deliveries.claim(item.key, NOW)
    stores.deliveries.failed(item.key, "403 the app was removed", NOW)
    opened.close()
    shown = run("calendar", "show", *SPAN).splitlines()
    (line,) = (found for found in shown if "02-16 09:00" in found and "weekly" in found)
    assert line.endswith("failed  pretended-office      weekly-tip post  password-strong  (403 the app was removed)")


def test_a_task_that_its_owner_had_is_not_shown_as_coming_to_somebody_else(here: Path, run: Run) -> None:
    run("calendar", "show", *SPAN)
    opened = database.connect(here / "digivinkki.db", app.MIGRATIONS)
    stores = Stores.of(opened, here / "digivinkki.db")
    stores.people.give_role("slack:U1", "coordinator", NOW)
    stores.conversations.seen(Conversation("D1", "slack", Scope.PERSONAL, person="slack:U1"), NOW)
    opened.close()
    lines = [json.loads(line) for line in run("calendar", "show", *SPAN, "--json").splitlines()]
    assert {line["destination"] for line in lines if line["kind"] == "task"} == {"owner:slack:U1"}


def test_simulating_leaves_the_database_as_it_is(here: Path, run: Run) -> None:
    first = run("calendar", "simulate", *SPAN)
    assert run("calendar", "simulate", *SPAN) == first
    opened = database.connect(here / "digivinkki.db", app.MIGRATIONS)
    assert opened.table("deliveries").count == 0
    opened.close()


def test_days_in_which_nothing_is(here: Path, run: Run) -> None:
    assert run("calendar", "show", "--from", "2027-02-06", "--to", "2027-02-07") == "nothing in these days\n"


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (("--from", "2027-02-31"), "does not match"),
        (("--from", "2027-02-02", "--to", "2027-02-01"), "is before"),
        (("--from", "2027-01-01", "--to", "2047-01-01"), "at most ten years"),
        (("--from", "9999-12-31"), "beyond the calendar"),
        (("--from", "1027-01-01", "--to", "1027-02-01"), "between 2000"),
    ],
)
def test_bad_days_are_refused_in_one_line(
    here: Path, capsys: pytest.CaptureFixture[str], span: tuple[str, ...], words: str
) -> None:
    for command in ("show", "simulate"):
        assert app.main(["calendar", command, *span]) == 2
        error = capsys.readouterr().err
        assert words in error
        assert error.count("\n") == 1
