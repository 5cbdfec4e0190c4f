"""`tips import | export | check` as typed: what they say, what they refuse, and that a refusal changes nothing."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

import app
from bot.settings import Settings
from tips import yamldocs
from tips.packfiles import read
from tips.programme import read as read_programme
from tips.programme import starter_programme
from tips.sessions import session_mapping

Run = Callable[..., str]
pytestmark = pytest.mark.usefixtures("here")
OWN = """\
theme: kitchen
title: {fi: Keittiö}
tips:
  - id: kitchen-phone
    fi: {title: Kuittaa tilaus puhelimella, body: Avaa sovellus.}
  - id: password-strong
    fi: {title: Meidän oma salasanaohje, body: Kolme sanaa.}
  - id: mfa-why
    hidden: true
"""


@pytest.fixture
def refused(capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command that must end with 2 and one line on standard error; returns that line."""

    def refused(*arguments: str) -> str:
        capsys.readouterr()
        assert app.main(arguments) == 2
        error = capsys.readouterr().err
        assert error.startswith("digivinkki: ")
        assert error.endswith("\n")
        assert error.count("\n") == 1
        return error.strip()

    return refused


def _titles(run: Run, *options: str) -> dict[str, str]:
    run("tips", "export", "in-force.jsonl", *options)
    return {tip.id: next(iter(tip.texts.values())).title for tip in read(Path("in-force.jsonl")).tips}


def _write(name: str, content: str) -> str:
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    Path(name).write_text(content, encoding="utf-8")
    return name


# --- Import -------------------------------------------------------------------------------------------------------


def test_an_own_pack_overrides_hides_and_adds(run: Run) -> None:
    before = _titles(run)
    said = run("tips", "import", _write("own.yaml", OWN))
    assert said == f"3 tips imported from own.yaml; {len(before)} tips in force\n"
    after = _titles(run)
    assert after["kitchen-phone"] == "Kuittaa tilaus puhelimella"
    assert after["password-strong"] == "Meidän oma salasanaohje"
    assert before.keys() - after.keys() == {"mfa-why"}


def test_an_import_is_in_the_history_and_in_the_log(run: Run) -> None:
    run("tips", "import", _write("own.yaml", OWN))
    with closing(app.open_stores(Settings()).database) as opened:
        stores = app.Stores.of(opened, Path("digivinkki.db"))
        assert {change.tip for change in stores.history.newest()} == {"kitchen-phone", "password-strong", "mfa-why"}
        assert [(note.what, note.about) for note in stores.audit.notes()] == [("imported_vinkit", "own.yaml")]


def test_a_hidden_tip_is_shown_again(run: Run) -> None:
    before = _titles(run)
    run("tips", "import", _write("hide.jsonl", '{"id": "mfa-why", "hidden": true}\n'))
    assert _titles(run).keys() == before.keys() - {"mfa-why"}
    run("tips", "import", _write("show.jsonl", '{"id": "mfa-why", "hidden": false}\n'))
    assert _titles(run) == before


def test_hiding_what_no_tip_is_called_is_said(run: Run) -> None:
    lines = '{"id": "mfa-why", "hidden": true}\n{"id": "mfa-wyh", "hidden": true}\n'
    for _ in range(2):
        _, warning = sorted(run("tips", "import", _write("hide.jsonl", lines)).splitlines())
        assert warning == "warning: no tip has the id mfa-wyh; hiding or showing it changes nothing"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("own.csv", "Otsikko;Teksti\nOma vinkki;Näin.\n"),
        ("own.jsonl", '{"id": "oma-vinkki", "theme": "own", "fi": {"title": "Oma vinkki", "body": "Näin."}}\n'),
        ("own.yml", "theme: own\ntips: [{id: oma-vinkki, fi: {title: Oma vinkki, body: Näin.}}]\n"),
        ("folder/own.yaml", "theme: own\ntips: [{id: oma-vinkki, fi: {title: Oma vinkki, body: Näin.}}]\n"),
    ],
)
def test_each_kind_of_pack_is_imported(run: Run, name: str, content: str) -> None:
    path = _write(name, content)
    run("tips", "import", path.removesuffix("/own.yaml"))
    assert _titles(run)["oma-vinkki"] == "Oma vinkki"


def test_only_hides_all_others_until_with_others(run: Run) -> None:
    before = _titles(run)
    assert "; 2 tips in force" in run("tips", "import", "--only", _write("own.yaml", OWN))
    assert _titles(run).keys() == {"kitchen-phone", "password-strong"}
    run("tips", "import", "own.yaml")
    assert len(_titles(run)) == 2
    run("tips", "import", "--with-others", "own.yaml")
    assert _titles(run).keys() == before.keys() - {"mfa-why"} | {"kitchen-phone"}


GOOD_TIP = "  - {id: good, fi: {title: Hyvä, body: Näin.}}\n"


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("own.yaml", "theme: [", "own.yaml: not YAML: line 2"),
        ("own.yaml", "", "own.yaml: must begin with theme"),
        ("own.yaml", f"theme: t\ntips:\n{GOOD_TIP}{GOOD_TIP}", "own.yaml: tip good: field id: the same id twice"),
        ("own.yaml", f"theme: t\ntips:\n{GOOD_TIP}  - {{id: bad}}\n", "own.yaml: tip bad: field fi: needs a title"),
        ("own.yaml", f"theme: t\ntips:\n{GOOD_TIP}  - {{id: bad, fi: {{body: B}}}}\n", "tip bad: field fi.title: is"),
        ("own.yaml", f"theme: t\ntips:\n{GOOD_TIP}  - {{id: bad, color: red}}\n", "tip bad: field color: is not"),
        ("own.yaml", f"theme: t\ntips:\n{GOOD_TIP}  - {{id: bad/x}}\n", "own.yaml: tip 2: field id: may hold letters"),
        ("own.yaml", f"theme: t\ntips: &a\n{GOOD_TIP}more: *a\n", "own.yaml: line 4: YAML aliases"),
        ("own.yaml", f"theme: t\ntips:\n{GOOD_TIP}  - [id]: bad\n", "own.yaml: line 4: a field name must be text"),
        (
            "own.jsonl",
            '{"id": "good", "theme": "t", "fi": {"title": "A", "body": "\\ud800"}}',
            "field fi.body: line 1:",
        ),
        ("own.csv", "title,text\nA,B,C\n", "own.csv: line 2: more cells than columns"),
        ("own.csv", "nimi,kuvaus\nA,B\n", "own.csv: unknown column 'nimi'"),
        ("own.docx", "PK", "own.docx: unknown kind of file"),
        ("folder/README.md", "", "folder: no pack in this folder"),
    ],
)
def test_a_broken_pack_is_refused_whole_and_the_old_tips_stay(
    run: Run, refused: Run, name: str, content: str, said: str
) -> None:
    run("tips", "import", _write("before.yaml", OWN))
    before = _titles(run)
    assert said in refused("tips", "import", "--only", _write(name, content).removesuffix("/README.md"))
    assert _titles(run) == before


@pytest.mark.parametrize("file", ["../secret.png", "/etc/hostname", "missing.png", "own.yaml", '"\\0"'])
def test_a_picture_that_does_not_belong_is_refused(run: Run, refused: Run, file: str) -> None:
    tip = f"{{id: good, fi: {{title: A, body: B, image: {{file: {file}, alt: Kuva}}}}}}"
    Path("../secret.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    assert "tip good: field fi.image" in refused("tips", "import", _write("own.yaml", f"theme: t\ntips: [{tip}]\n"))
    assert "good" not in _titles(run)


@pytest.mark.parametrize("path", ["missing.yaml", "missing", "no\nfile.yaml", "x" * 5_000])
def test_a_path_where_nothing_is_is_said_in_one_line(refused: Run, path: str) -> None:
    refused("tips", "import", path)


def test_an_import_into_a_locked_database_is_refused_and_the_old_tips_stay(run: Run, refused: Run) -> None:
    before = _titles(run)
    with closing(sqlite3.connect("digivinkki.db", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        assert "digivinkki.db: the database is locked" in refused("tips", "import", _write("own.yaml", OWN))
    with closing(sqlite3.connect("digivinkki.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")  # it can be read, not written
        assert "digivinkki.db: the database is locked" in refused("tips", "import", "own.yaml")
    assert _titles(run) == before


# --- Export -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("target", ["out.yaml", "out.jsonl", "out.csv", "out"])
def test_an_export_is_what_is_in_force_and_imports_to_the_same(run: Run, target: str) -> None:
    run("tips", "import", _write("own.yaml", OWN))
    count = len(_titles(run))
    said, *notes = run("tips", "export", f"first/{target}").splitlines()
    assert said == f"{count} tips exported to first/{target}"
    assert [note[:29] for note in notes] == (["note: CSV cannot hold source,"] if target == "out.csv" else [])
    run("tips", "import", "--only", f"first/{target}", "--database", "other.db")
    run("tips", "export", f"second/{target}", "--database", "other.db")
    assert _contents(Path("second")) == _contents(Path("first"))


def _contents(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_a_folder_gets_a_file_a_theme(run: Run) -> None:
    run("tips", "import", "--only", _write("own.yaml", OWN))
    run("tips", "export", "out")
    assert [file.name for file in Path("out").iterdir()] == ["kitchen.yaml"]


@pytest.mark.parametrize(
    ("path", "said"),
    [("out.docx", "unknown kind of file"), ("a-file/out", "cannot be written"), ("a-file/x.csv", "cannot be written")],
)
def test_an_export_that_cannot_be_written_is_refused(refused: Run, path: str, said: str) -> None:
    _write("a-file", "")
    assert f"{path}: {said}" in refused("tips", "export", path)


# --- Check --------------------------------------------------------------------------------------------------------


def test_a_check_imports_nothing_and_needs_no_database(run: Run) -> None:
    assert run("tips", "check", _write("own.yaml", OWN)) == "own.yaml: 3 tips in 1 themes, nothing wrong\n"
    assert not Path("digivinkki.db").exists()


def test_a_check_refuses_what_an_import_would(refused: Run) -> None:
    assert "field theme" in refused("tips", "check", _write("own.yaml", "tips: []\n"))


def test_eighty_one_words_pass_unless_strict(run: Run, refused: Run) -> None:
    run("tips", "export", "out.yaml")
    body = "\n".join(["- sana sana sana"] * 27)
    tip = next(tip for tip in read(Path("out.yaml")).tips if tip.id == "mfa-why")
    text = Path("out.yaml").read_text(encoding="utf-8")
    written = "\n".join(f"      {line}".rstrip() for line in tip.texts["fi"].body.split("\n"))
    assert written in text
    broken = text.replace(written, "\n".join(f"      {line}" for line in body.split("\n")))
    run("tips", "check", _write("long.yaml", broken))
    assert refused("tips", "check", "--strict", "long.yaml") == (
        "digivinkki: long.yaml: tip mfa-why: field fi.body: has 81 words, at most 80 are read in half a minute"
    )


def test_all_that_is_wrong_is_listed_and_the_last_line_counts(refused: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert app.main(["tips", "check", "--strict", _write("own.yaml", OWN)]) == 2
    listed = capsys.readouterr().out.splitlines()
    assert "own.yaml: tip kitchen-phone: field sv: is missing" in listed
    last = refused("tips", "check", "--strict", "own.yaml")
    assert last.endswith(f"({len(listed) + 1} problems in all)")


def test_a_body_of_markup_only_is_a_problem_not_a_crash(refused: Run) -> None:
    tip = "{id: a, fi: {title: A, body: '***'}}"
    assert "problems in all" in refused("tips", "check", "--strict", _write("own.yaml", f"theme: t\ntips: [{tip}]\n"))


def test_a_strict_check_shows_the_figures_of_each_language(run: Run) -> None:
    run("tips", "export", "out.yaml")
    lines = run("tips", "check", "--strict", "out.yaml").splitlines()
    count = len(read(Path("out.yaml")).tips)
    assert [line.split()[:2] for line in lines[-4:-1]] == [[lang, str(count)] for lang in ("fi", "sv", "en")]


# --- The command line ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments", [["tips"], ["tips", "import"], ["tips", "nonsense"], ["tips", "check", "--nonsense", "x"]]
)
def test_a_command_that_is_not_one_is_refused_in_one_line(refused: Run, arguments: list[str]) -> None:
    refused(*arguments)


def test_tips_alone_says_what_it_can_do(refused: Run) -> None:
    assert refused("tips").startswith("digivinkki: say what to do with tips: import, export or check")


@pytest.mark.parametrize("place", ["first", "joined", "before", "after", "setting", ".env"])
def test_the_database_is_the_one_that_is_named(run: Run, monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    if place == "setting":
        monkeypatch.setenv("DIGIVINKKI_DATABASE", "named.db")
    if place == ".env":
        _write(".env", "DIGIVINKKI_DATABASE=named.db\n")
    option = ["--database", "named.db"]
    before, after = option if place == "before" else [], option if place == "after" else []
    first = {"first": option, "joined": ["--database=named.db"]}.get(place, [])
    run(*first, "tips", *before, "import", _write("own.yaml", OWN), *after)
    assert not Path("digivinkki.db").exists()
    assert "kitchen-phone" in _titles(run, "--database", "named.db")


def _session(here: Path, **changed: object) -> Path:
    """A file with the session of passwords in Finnish alone."""
    mapping = session_mapping(starter_programme().sessions["passwords"])
    kept = {name: mapping[name] for name in ("session", "minutes", "tips", "fi")}
    path = here / "vartti.yaml"
    path.write_text(yamldocs.write([{**kept, **changed}]), encoding="utf-8")
    return path


def test_an_own_session_is_imported_exported_and_imported_again(here: Path, run: Run) -> None:
    path = _session(here, minutes=20)
    assert run("tips", "import", str(path)) == f"1 sessions imported from {path}; 1 changed\n"
    assert run("tips", "export", "--sessions", "kaikki.yaml").startswith("21 sessions exported")
    sessions = read_programme(here / "kaikki.yaml").sessions
    assert (sessions["passwords"].minutes, list(sessions["passwords"].texts)) == (20, ["fi", "sv", "en"])
    assert run("tips", "import", "kaikki.yaml").endswith("; 0 changed\n")


def test_importing_a_session_names_what_it_leads_to_that_is_not_there(here: Path, run: Run) -> None:
    said = run("tips", "import", str(_session(here, session="kirjasto", tips=["ei-ole"])))
    assert "warning: no theme has the id kirjasto" in said
    assert "warning: session kirjasto: no tip has the id ei-ole" in said


def test_a_session_that_does_not_fit_is_refused_whole(here: Path, run: Run, refused: Run) -> None:
    path = _session(here)
    good, bad = path.read_text(encoding="utf-8"), path.read_text(encoding="utf-8").replace("minutes: 15", "minutes: x")
    path.write_text(good.replace("session: passwords", "session: kirjasto") + "---\n" + bad, encoding="utf-8")
    error = refused("tips", "import", str(path))
    assert f"{path}: " in error
    assert "passwords: field minutes: must be a whole number" in error
    assert run("tips", "export", "--sessions", "kaikki.yaml").startswith("21 sessions")


def test_what_is_not_for_sessions_is_refused(here: Path, refused: Run) -> None:
    path = _session(here)
    assert "--only" in refused("tips", "import", "--only", str(path))
    assert "a .yaml file" in refused("tips", "export", "--sessions", "kaikki.csv")
    path.write_text("guide: x\nfi: {title: a, body: b}\n", encoding="utf-8")
    assert "only sessions are imported" in refused("tips", "import", str(path))
