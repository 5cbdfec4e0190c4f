"""The desk behind the channels: what is done later, and what is counted when it fails."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from app import build
from bot.conversations import Conversation
from bot.models import Message, Scope
from bot.settings import Settings
from bot.stores import Stores
from tests.conftest import NOW
from web.desk import ServerDesk


@pytest.fixture
def desk(stores: Stores) -> Iterator[ServerDesk]:
    _, desk = build(Settings(), stores, lambda: NOW)
    yield desk
    desk.stop()


def failures(desk: ServerDesk) -> float:
    lines = desk._metrics.text().decode().splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith("digivinkki_failures_total"))


async def test_what_is_done_later_is_done_in_its_turn(desk: ServerDesk) -> None:
    done: list[int] = []
    for number in range(5):
        desk.later(lambda number=number: done.append(number))  # type: ignore[misc]
    await desk.run(lambda: done.append(5))
    assert done == [0, 1, 2, 3, 4, 5]


async def test_what_fails_later_is_counted_and_ends_nothing(desk: ServerDesk) -> None:
    def fail() -> None:
        raise sqlite3.OperationalError("database is locked")

    with capture_logs() as logged:
        desk.later(fail)
        assert await desk.run(lambda: "still there") == "still there"
    assert failures(desk) == 1
    assert [(entry["event"], entry["error"], entry["file"]) for entry in logged] == [
        ("failed", "OperationalError", "test_web_desk.py")
    ]


def test_a_failure_that_nobody_raised_is_counted_too(desk: ServerDesk) -> None:
    with capture_logs() as logged:
        desk.failed(ValueError("somebody's words"))
    assert failures(desk) == 1
    assert logged == [{"event": "failed", "error": "ValueError", "log_level": "error"}]


QUESTION = Message("salasana vanheni", "teams:1", "teams")
PLACE = Conversation("1", "teams", Scope.PERSONAL)


async def test_what_an_earlier_process_died_over_is_answered_when_it_comes_again(stores: Stores) -> None:
    stores.events.take("a", NOW - timedelta(seconds=5))
    _, desk = build(Settings(), stores, lambda: NOW)
    assert await desk.respond_once(QUESTION, "a", PLACE)
    assert await desk.respond_once(QUESTION, "a", PLACE) is None  # taken by this one, which is at work on it
    desk.stop()


async def test_where_nothing_can_be_written_the_tips_are_read_all_the_same(
    stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked(*_: object) -> None:
        raise sqlite3.OperationalError("database is locked")

    monkeypatch.setattr(stores.tips, "keep_learnt", locked)
    stores.tips.revise(7)
    _, desk = build(Settings(), stores, lambda: NOW)
    await desk.refresh()
    assert (await desk.respond(QUESTION)).kind == "tip"
    desk.stop()
