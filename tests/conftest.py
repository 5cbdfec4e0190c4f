"""Fixtures that most tests share: a database in memory, the starter content, a clock that stands still."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

import app
from bot.assistant import Assistant
from bot.stores import MIGRATIONS, Stores
from tips import database, starter
from tips.answering import KnowledgeBase
from tips.library import Snapshot
from tips.models import Pack

NOW = datetime(2027, 1, 12, 7, 15, tzinfo=UTC)


@pytest.fixture(scope="session")
def starter_pack() -> Pack:
    """The starter content, read once."""
    return starter.starter_pack()


@pytest.fixture(scope="session")
def starter_base(starter_pack: Pack) -> KnowledgeBase:
    """The knowledge base of the starter content, built once."""
    return KnowledgeBase(starter_pack.tips)


@pytest.fixture(scope="session")
def snapshot(starter_pack: Pack) -> Snapshot:
    """What the library reads from a database fresh from its seed, built once."""
    snapshot = Snapshot(1, starter_pack, starter_pack.tips)
    assert snapshot.base.tips
    return snapshot


@pytest.fixture
def stores(starter_pack: Pack, snapshot: Snapshot) -> Iterator[Stores]:
    """Stores over a database in memory that holds the starter content."""
    opened = database.in_memory(MIGRATIONS)
    stores = Stores.of(opened, Path(":memory:"))
    stores.tips.seed("test", lambda: starter_pack)
    assert stores.tips.revision() == snapshot.revision
    stores.library.put(snapshot)
    yield stores
    opened.close()


@pytest.fixture
def assistant(stores: Stores) -> Assistant:
    """The assistant over those stores, Finnish by default."""
    return Assistant(stores)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, starter_pack: Pack) -> Path:
    """An empty folder without settings to work in; the starter content is read once, not at each seeding."""
    monkeypatch.setattr(starter, "starter_pack", lambda: starter_pack)
    for name in os.environ:
        if name.startswith(("DIGIVINKKI_", "Microsoft", "SLACK_")) and name != "DIGIVINKKI_VOIKKO":
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.05)
    return tmp_path


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Runs a command that must succeed in silence on standard error; returns what it printed."""

    def run(*arguments: str) -> str:
        assert app.main(arguments) == 0
        printed = capsys.readouterr()
        assert printed.err == ""
        return printed.out

    return run
