"""`ask` through the command line: one question, or a file of them. Nothing is stored."""

from __future__ import annotations

import io
import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import app
from tests.test_tips_meaning import WordEmbedder
from tips import packfiles, starter
from tips.embedding import Embedder
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
    path = tmp_path_factory.mktemp("ask") / "digivinkki.db"
    assert app.main(["ask", "moi", "--database", str(path)]) == 0
    return path


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder of its own, and no settings from the environment but Voikko's."""
    monkeypatch.chdir(tmp_path)
    for name in ("DIGIVINKKI_DATABASE", "DIGIVINKKI_LANGUAGE", "DIGIVINKKI_ORGANISATION"):
        monkeypatch.delenv(name, raising=False)


def ask(database: Path, *arguments: str) -> int:
    return app.main(["ask", *arguments, "--database", str(database)])


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def write(*rows: object) -> str:
    text = "\n".join(row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in rows)
    Path("questions.jsonl").write_text(text, encoding="utf-8")
    return "questions.jsonl"


def failed_plainly(capsys: Captured, code: int) -> str:
    error = capsys.readouterr().err
    assert code == 2
    assert len(error.splitlines()) == 1
    assert error.startswith("digivinkki: ")
    return error


def test_a_question_is_answered_in_words(database: Path, capsys: Captured) -> None:
    assert ask(database, "salasana vanheni") == 0
    shown = capsys.readouterr().out
    assert "Tarkistettu" in shown
    assert "Vai tarkoititko tätä?\n  - " in shown
    assert "Auttoiko tämä?" not in shown


def test_small_talk_is_answered_too(database: Path, capsys: Captured) -> None:
    assert ask(database, "hej då") == 0
    assert capsys.readouterr().out == "Hej då! Fråga igen när det är något.\n"


def test_the_answer_comes_as_json(database: Path, capsys: Captured) -> None:
    assert ask(database, "salasana vanheni", "--json") == 0
    (answer,) = lines(capsys.readouterr().out)
    assert list(answer) == ["q", "lang", "band", "confidence", "matches"]
    assert (answer["q"], answer["lang"], answer["band"]) == ("salasana vanheni", "fi", "answer")
    assert answer["matches"][0]["id"] == "password-change-expired"
    assert set(answer["matches"][0]) == {"id", "score"}


def test_the_answer_explains_itself(database: Path, capsys: Captured) -> None:
    assert ask(database, "salasnan vaihto", "--explain") == 0
    shown = capsys.readouterr().out
    for fragment in ("band answer, confidence ", "searched in fi", "salasnan -> salasana", "asked_letters 0."):
        assert fragment in shown


def test_a_given_language_is_certain(database: Path, capsys: Captured) -> None:
    assert ask(database, "Teams", "--lang", "sv", "--json") == 0
    assert lines(capsys.readouterr().out)[0]["lang"] == "sv"


def test_a_file_of_questions_gives_a_line_each_in_order(database: Path, capsys: Captured) -> None:
    asked: list[dict[str, Any]] = [
        {"q": "hur byter jag lösenord"},
        {"q": "  Miten VAIHDAN salasanan?\n ", "lang": "fi"},
        {"q": "Teams", "lang": "sv"},
        {"q": "moi"},
        {"q": "🙂 “\u200b”\t"},
        {"q": ""},
        {"q": "i forgot my password", "other": "field"},
    ]
    assert ask(database, "--jsonl", write(*asked, "", "  ")) == 0
    answers = lines(capsys.readouterr().out)
    assert [answer["q"] for answer in answers] == [row["q"] for row in asked]
    assert [answers[i]["lang"] for i in (0, 1, 2, 3, 6)] == ["sv", "fi", "sv", "fi", "en"]
    assert [answer["band"] for answer in answers[3:6]] == ["chat", "chat", "hand_over"]
    assert answers[6]["matches"][0]["id"] == "password-forgotten"
    for answer in answers:
        assert 0 <= answer["confidence"] <= 1
        scores = [match["score"] for match in answer["matches"]]
        assert scores == sorted(scores, reverse=True)
        assert len(scores) <= 10


def test_each_line_stands_alone(database: Path, capsys: Captured) -> None:
    rows = [{"q": "salasna unohtu"}, {"q": "på svenska"}, {"q": "salasna unohtu"}]
    assert ask(database, "--jsonl", write(*rows)) == 0
    first, _, third = lines(capsys.readouterr().out)
    assert first == third


def test_questions_come_from_standard_input(database: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    given = '\ufeff{"q": "mikä on ääkkönen"}\n'.encode()
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(given), encoding="latin-1"))
    assert ask(database, "--jsonl", "-") == 0
    assert lines(capsys.readouterr().out)[0]["q"] == "mikä on ääkkönen"


def test_a_broken_character_comes_back_as_it_was_given(database: Path, capsys: Captured) -> None:
    assert ask(database, "--jsonl", write('{"q": "salasana \\ud83d ä"}')) == 0
    assert lines(capsys.readouterr().out)[0]["q"] == "salasana \ud83d ä"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("nonsense", "line 2 is not JSON"),
        ('["q"]', "line 2 needs a question as text"),
        ('{"q": 1}', "line 2 needs a question as text"),
        ('{"q": "a", "lang": "de"}', "line 2: lang must be fi, sv or en"),
    ],
)
def test_a_bad_line_ends_with_one_clear_line(database: Path, capsys: Captured, line: str, reason: str) -> None:
    assert reason in failed_plainly(capsys, ask(database, "--jsonl", write({"q": "moi"}, line)))


def test_a_file_that_cannot_be_read_ends_with_one_clear_line(database: Path, capsys: Captured) -> None:
    Path("binary.jsonl").write_bytes(b"\xff\xfe{}")
    for file, reason in [("missing.jsonl", "No such file"), (".", "Is a directory"), ("binary.jsonl", "not UTF-8")]:
        assert f"{file}: " in (error := failed_plainly(capsys, ask(database, "--jsonl", file)))
        assert reason in error


@pytest.mark.parametrize(
    "arguments", [[], ["moi", "--jsonl", "file"], ["moi", "--lang", "de"], ["moi", "hei"], ["moi", "--no-such-option"]]
)
def test_wrong_arguments_end_with_one_clear_line(database: Path, capsys: Captured, arguments: list[str]) -> None:
    failed_plainly(capsys, ask(database, *arguments))


def test_asking_stores_nothing(database: Path, capsys: Captured) -> None:
    def dump() -> str:
        connection = sqlite3.connect(database)
        try:
            return "\n".join(connection.iterdump())
        finally:
            connection.close()

    before = dump()
    assert ask(database, "ainutlaatuinen kysymys salasanasta") == 0
    assert ask(database, "--jsonl", write({"q": "mikä on maapallon ympärysmitta"}, {"q": "salasana vanheni"})) == 0
    capsys.readouterr()
    assert dump() == before


def test_a_missing_database_is_made_and_seeded(capsys: Captured) -> None:
    assert app.main(["ask", "salasana vanheni", "--json"]) == 0
    assert Path("digivinkki.db").is_file()
    assert lines(capsys.readouterr().out)[0]["matches"]


@pytest.mark.parametrize("is_console", [False, True])
@pytest.mark.parametrize("arguments", [["--json"], ["--explain"], ["--jsonl"]])
def test_an_output_in_the_code_page_of_windows_is_no_trouble(
    database: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], is_console: bool
) -> None:
    question = "salasana 🙂 漢字"
    given = [*arguments, write({"q": question})] if arguments == ["--jsonl"] else [question, *arguments]
    out = io.TextIOWrapper(io.BytesIO(), encoding="cp1252")
    monkeypatch.setattr(out, "isatty", lambda: is_console)
    monkeypatch.setattr("sys.stdout", out)
    assert ask(database, *given) == 0
    out.flush()
    shown = out.buffer.getvalue().decode("cp1252" if is_console else "utf-8")  # type: ignore[attr-defined]
    if "--explain" not in arguments:
        assert lines(shown)[0]["q"] == question


def test_the_database_may_be_named_before_the_command(database: Path, capsys: Captured) -> None:
    assert app.main(["--database", str(database), "ask", "hej då"]) == 0
    assert capsys.readouterr().out.startswith("Hej då!")
    assert not Path("digivinkki.db").exists()


@pytest.mark.parametrize("arguments", [["nonsense"], ["--database", "x.db", "nonsense"], ["--database"]])
def test_what_is_no_command_ends_with_one_clear_line(capsys: Captured, arguments: list[str]) -> None:
    failed_plainly(capsys, app.main(arguments))


def test_a_fresh_database_answers_by_meaning_at_once(
    tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch, nano: Embedder
) -> None:
    computed: list[str] = []
    monkeypatch.setattr(app, "embedder", lambda _: nano)
    monkeypatch.setattr(nano, "passages", computed.extend)
    assert ask(tmp_path / "fresh.db", "kuka vei kahvinkeittimen kotiin", "--explain") == 0
    assert "likeness in meaning weighed in" in capsys.readouterr().out
    assert computed == []


def test_what_has_no_vectors_yet_is_waited_for_and_kept(
    tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = WordEmbedder()
    monkeypatch.setattr(app, "embedder", lambda _: model)
    database = tmp_path / "fresh.db"
    assert ask(database, "avain") == 0
    asked = len(model.asked)
    assert ask(database, "avain", "--explain") == 0
    assert "likeness in meaning weighed in" in capsys.readouterr().out
    assert asked > len(TIPS)
    assert model.asked[asked:] == ["avain"]
