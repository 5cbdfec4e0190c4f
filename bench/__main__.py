"""Prints the table of the README: answering over HTTP at several sizes, naive FTS5 beside it, start and memory."""

from __future__ import annotations

import platform
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from app import open_stores
from bench import broadcast, channels, pages
from bench.corpus import pack_of, questions, vectors_of
from bench.server import running
from bot.settings import Settings
from tips.analysis import voikko_analyser
from tips.embedding import embedder
from tips.naive import NaiveSearch

SIZES = (162, 2_000, 5_000)
RANKINGS = {"light": {"DIGIVINKKI_EMBEDDER": "off"}, "hybrid": {}}
QUESTIONS = 3_000


def main() -> None:
    """Runs everything; some fifteen minutes."""
    asked = questions(QUESTIONS)
    voikko = "with Voikko" if voikko_analyser() else "without Voikko"
    print(f"{_machine()}; Python {platform.python_version()}; {voikko}; {QUESTIONS} questions one after another\n")
    heads = (
        ("tips", 6),
        ("ranking", 8),
        ("p50 ms", 8),
        ("p99 ms", 8),
        ("FTS5 p50", 9),
        ("FTS5 p99", 9),
        ("first answer s", 15),
    )
    print(" ".join(f"{name:>{width}}" for name, width in heads), f"{'memory MB':>10}")
    for size in SIZES:
        with tempfile.TemporaryDirectory() as folder:
            _rows(size, Path(folder) / "bench.db", asked)
    channels.main()
    broadcast.main()
    pages.main()


def _rows(size: int, database: Path, asked: Sequence[str]) -> None:
    pack, model = pack_of(size), embedder()
    stores = open_stores(Settings(database=database))
    stores.tips.add(pack, only=True)
    if model:
        stores.tips.vectors(model.name).put(vectors_of(pack, model.name))
    stores.database.close()
    naive = NaiveSearch(pack.tips)
    theirs = _times(asked[:500], lambda question: _timed(lambda: naive.search(question, "fi")))
    for ranking in RANKINGS if model else ("light",):
        _row(size, ranking, database, asked, theirs)


def _row(size: int, ranking: str, database: Path, asked: Sequence[str], theirs: tuple[float, float]) -> None:
    with running(database, RANKINGS[ranking]) as server:
        first = server.first_answer(asked[0])
        ours = _times(asked, server.ask)
        memory = server.memory()
    shown = " ".join(f"{value * 1e3:{width}.2f}" for value, width in zip((*ours, *theirs), (8, 8, 9, 9), strict=True))
    print(f"{size:6} {ranking:>8} {shown} {first:15.2f} {memory:10.0f}", flush=True)


def _times(asked: Sequence[str], ask: Callable[[str], float]) -> tuple[float, float]:
    for question in asked[:50]:
        ask(question)
    seconds = sorted(ask(question) for question in asked)
    return seconds[len(seconds) // 2], seconds[int(len(seconds) * 0.99)]


def _timed(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def _machine() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        name = next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
        return f"{name}, {sum(line.startswith('processor') for line in lines)} cores"
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


if __name__ == "__main__":
    main()
