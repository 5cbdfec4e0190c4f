"""The desk behind the channels: what is done later, and what is counted when it fails."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from sqlite_utils import Database
from structlog.testing import capture_logs

from app import build
from bot.conversations import Conversation
from bot.models import Message, Scope
from bot.settings import Settings
from bot.stores import Stores
from tests.conftest import NOW
from tests.test_tips_meaning import WordEmbedder
from tips.bm25 import Floats
from tips.embedding import Embedder, NanoEmbedder
from tips.library import Library
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


async def test_only_the_thread_that_owns_the_database_asks_it(
    desk: ServerDesk, stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Transactions of two threads on one connection end each other."""
    threads, execute = set[str](), Database.execute

    def seen(self: Database, *values: object) -> sqlite3.Cursor:
        threads.add(threading.current_thread().name)
        return execute(self, *values)  # type: ignore[arg-type]

    monkeypatch.setattr(Database, "execute", seen)
    await desk.respond_once(QUESTION, "a", PLACE)
    await desk.respond(QUESTION)
    await desk.welcome(Scope.CHANNEL, "sv")
    await desk.search("salasana", None)
    await desk.image("0" * 64)
    await desk.refresh()
    assert threads == {"database"}


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


class Slow(WordEmbedder):
    """A model that says when it is at work, and would need half a minute for all tips."""

    def __init__(self) -> None:
        super().__init__()
        self.working = threading.Event()

    def query(self, text: str) -> Floats:
        self.working.set()
        time.sleep(0.01)
        return super().query(text)


@contextmanager
def with_model(stores: Stores, model: Embedder) -> Iterator[ServerDesk]:
    library = Library(stores.tips, model)
    library.put(replace(stores.library.snapshot, embedder=model, built=stores.library.snapshot.base))
    _, desk = build(Settings(), replace(stores, library=library), lambda: NOW)
    try:
        yield desk
    finally:
        desk.stop()


async def test_vectors_are_computed_beside_the_questions_and_weighed_in_once_all_are_there(stores: Stores) -> None:
    with with_model(stores, WordEmbedder()) as desk:
        library = desk.stores.library
        assert library.snapshot.base.meaning is None
        missing = len(library.snapshot.missing)
        old = stores.tips.vectors("words")
        old.put({"gone": np.ones(4, np.int8)})
        await desk.embed(0.0)
        assert len(library.snapshot.missing) == missing - 1
        assert library.snapshot.base is stores.library.snapshot.base  # not built anew
        with capture_logs() as logged:
            await desk.embed(60.0)
        assert library.snapshot.base.meaning
        assert [entry["event"] for entry in logged] == ["likeness in meaning weighed in"]
        assert old.of(["gone"]) == {}
        assert (await desk.respond(QUESTION)).kind == "tip"


async def test_vectors_that_were_computed_are_there_after_a_restart(stores: Stores) -> None:
    missing = len(Library(stores.tips, WordEmbedder()).read().missing)
    with with_model(stores, WordEmbedder()) as desk:
        await desk.embed(0.0)
    assert len(Library(stores.tips, WordEmbedder()).read().missing) == missing - 1


async def test_the_server_stops_while_vectors_are_computed(stores: Stores) -> None:
    model = Slow()
    with with_model(stores, model) as desk:
        texts = sum(len(source.texts) for source in desk.stores.library.snapshot.missing.values())
        task = asyncio.create_task(desk.keep_fresh())
        assert await asyncio.to_thread(model.working.wait, 30)
        task.cancel()
    assert 0 < len(model.asked) < texts


async def test_a_model_that_cannot_be_used_is_left_out(stores: Stores) -> None:
    def load() -> object:
        raise OSError("libgomp.so.1: cannot open shared object file")

    class Other(NanoEmbedder):
        name = "another"  # so that no vectors come with the product

    with with_model(stores, Other(load)) as desk, capture_logs() as logged:
        await desk.embed(1.0)
        assert not desk.stores.library.snapshot.missing
        assert desk.stores.library.snapshot.base.meaning is None
        assert [entry["event"] for entry in logged] == ["likeness in meaning left out"]
