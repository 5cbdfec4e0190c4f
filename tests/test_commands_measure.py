"""`measure` through the command line."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

import app
from tips import packfiles, starter
from tips.analysis import voikko_analyser
from tips.bm25 import Floats
from tips.embedding import NanoEmbedder
from tips.models import Pack

Captured = pytest.CaptureFixture[str]

TIPS = ("password-strong", "password-change-expired", "password-forgotten", "phishing-recognise", "phishing-clicked")


@pytest.fixture(scope="module", autouse=True)
def small_content(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A part of the starter content, so that each command is ready in a moment."""
    pack, folder = starter.starter_pack(), tmp_path_factory.mktemp("content")
    themes = tuple(theme for theme in pack.themes if theme.id in ("passwords", "phishing"))
    tips = tuple(tip for tip in pack.tips if tip.id in TIPS)
    packfiles.write(Pack(themes, tips, pack.images), folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(starter, "CONTENT", folder)
        yield


@pytest.fixture(scope="module")
def database(small_content: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database of that content, seeded once."""
    path = tmp_path_factory.mktemp("measure") / "digivinkki.db"
    assert app.main(["ask", "moi", "--database", str(path)]) == 0
    return path


@pytest.fixture(autouse=True)
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder with questions of our own: three with an answer, one about a tip that is not there, two without."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DIGIVINKKI_DATABASE", raising=False)
    write(
        "questions.jsonl",
        {"q": "salasana vanheni", "lang": "fi", "gold": "password-change-expired", "style": "plain"},
        {"q": "mä klikkasin sitä huijauslinkkii", "lang": "fi", "gold": "phishing-clicked", "style": "spoken"},
        {
            "q": "jag har glömt mitt lösenord",
            "lang": "sv",
            "gold": "x",
            "also": ["password-forgotten"],
            "style": "plain",
        },
        {"q": "miten kastelen kukat", "lang": "fi", "gold": "plants-water", "style": "plain"},
    )
    write(
        "unanswerable.jsonl",
        {"q": "mikä on maapallon ympärysmitta", "lang": "fi", "kind": "far"},
        {"q": "vad är det för väder", "lang": "sv", "kind": "far"},
    )


def write(name: str, *rows: object) -> None:
    Path(name).write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")


def measure(database: Path, *arguments: str) -> int:
    return app.main(["measure", *arguments, "--database", str(database)])


def row(shown: str, group: str) -> list[str]:
    return re.findall(r"[\d.]+", next(line for line in shown.splitlines() if line[:16].strip() == group)[16:])


def test_the_figures_are_printed_by_language_and_style(database: Path, capsys: Captured) -> None:
    assert measure(database, "questions.jsonl", "unanswerable.jsonl") == 0
    shown = capsys.readouterr().out
    assert row(shown, "all")[:2] == ["3", "1.000"]
    assert row(shown, "fi")[0] == "2"
    assert row(shown, "sv plain")[:2] == ["1", "1.000"]
    assert "answered-precision  1.000 at coverage 1.000" in shown
    assert "unanswerable far    2: declined 1.000" in shown
    assert "left out            1 questions" in shown


def test_it_says_what_was_measured(database: Path, capsys: Captured) -> None:
    assert measure(database, "questions.jsonl", "unanswerable.jsonl") == 0
    first = capsys.readouterr().out.splitlines()[0]
    assert re.match(r"\d+ tips, light ranking, with(out)? Voikko; FTS5", first)
    assert ("without" in first) == (voikko_analyser() is None)


def test_themes_narrow_the_questions(database: Path, capsys: Captured) -> None:
    assert measure(database, "questions.jsonl", "unanswerable.jsonl", "--themes", "phishing") == 0
    shown = capsys.readouterr().out
    assert row(shown, "all")[0] == "1"
    assert "left out            3 questions" in shown


def test_bare_tips_have_no_phrasings(database: Path, capsys: Captured) -> None:
    assert measure(database, "questions.jsonl", "unanswerable.jsonl", "--bare") == 0
    shown = capsys.readouterr().out
    assert re.match(r"\d+ bare tips, light ranking", shown)
    assert row(shown, "all")[0] == "3"


class Flat:
    """A model to which all texts are alike."""

    name = "flat"

    def passages(self, texts: Sequence[str]) -> Floats:
        return np.full((len(texts), 4), 0.5, np.float32)

    def query(self, text: str) -> Floats:
        return np.full(4, 0.5, np.float32)


@pytest.mark.parametrize(("light", "ranking"), [([], "hybrid ranking by flat"), (["--light"], "light ranking")])
def test_meaning_is_weighed_in_where_there_is_a_model(
    database: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch, light: list[str], ranking: str
) -> None:
    monkeypatch.setattr(app, "embedder", lambda _: Flat())
    assert measure(database, "questions.jsonl", "unanswerable.jsonl", *light) == 0
    shown = capsys.readouterr().out
    assert re.match(rf"\d+ tips, {ranking}", shown)
    assert row(shown, "all")[:2] == ["3", "1.000"]


def test_where_the_model_cannot_be_used_it_is_said_and_done_without(
    database: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    def load() -> object:
        raise OSError

    monkeypatch.setattr(app, "embedder", lambda _: NanoEmbedder(load))
    assert measure(database, "questions.jsonl", "unanswerable.jsonl", "--bare") == 0
    assert "cannot be loaded (OSError); by the light ranking alone" in capsys.readouterr().err


def test_without_a_question_there_are_no_figures(database: Path, capsys: Captured) -> None:
    write("questions.jsonl")
    assert measure(database, "questions.jsonl", "unanswerable.jsonl") == 0
    assert "no question has its tip in this knowledge base" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["missing.jsonl", "unanswerable.jsonl"], "missing.jsonl: No such file"),
        (["questions.jsonl", "."], ".: Is a directory"),
        (["questions.jsonl", "unanswerable.jsonl", "--themes", "gardening"], "no such theme: gardening; there are "),
        (["questions.jsonl"], "Missing argument"),
    ],
)
def test_what_cannot_be_measured_ends_with_one_clear_line(
    database: Path, capsys: Captured, arguments: list[str], reason: str
) -> None:
    assert measure(database, *arguments) == 2
    error = capsys.readouterr().err
    assert len(error.splitlines()) == 1
    assert reason in error


def test_a_bad_line_is_named(database: Path, capsys: Captured) -> None:
    write("questions.jsonl", {"q": "salasana", "lang": "fi", "gold": "password-strong"}, {"q": "salasana"})
    assert measure(database, "questions.jsonl", "unanswerable.jsonl") == 2
    assert capsys.readouterr().err == "digivinkki: questions.jsonl: line 2 needs lang, and gold or kind\n"
