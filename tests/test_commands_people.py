"""`people import` as typed: a table in, refused whole where a line does not fit."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import app
from bot.people import KEY_USER, TUTOR, Role
from bot.settings import Settings

Run = Callable[..., str]
pytestmark = pytest.mark.usefixtures("here")
TABLE = """\
henkilö;nimi;rooli;yksikkö;aiheet;järjestelmät
maija@kunta.fi;Maija Meikäläinen;digitutor;Sivistys / Päiväkoti Kielo;Salasanat, passwords;
slack:U123;Kalle;pääkäyttäjä;;;Wilma, HR-järjestelmä
teams:29:abc;;;Tekniset / Keittiö;;
"""


def _import(text: str) -> int:
    Path("people.csv").write_text(text, encoding="utf-8")
    return app.main(["people", "import", "people.csv"])


def test_a_table_is_taken_in(run: Run) -> None:
    Path("people.csv").write_text(TABLE, encoding="utf-8-sig")
    assert "3 people imported from people.csv; 1 new tutors" in run("people", "import", "people.csv")
    assert "0 new tutors" in run("people", "import", "people.csv")
    stores = app.open_stores(Settings())
    try:
        maija = stores.people.person("mail:maija@kunta.fi")
        assert (maija.name, maija.roles) == ("Maija Meikäläinen", (Role(TUTOR),))
        assert stores.units.knows(maija.id) == ["passwords"]
        assert [unit.name for unit in stores.units.up("sivistys/paivakoti-kielo")] == ["Päiväkoti Kielo", "Sivistys"]
        assert stores.people.having(KEY_USER, "Wilma") == ["slack:U123"]
        assert stores.units.of("teams:29:abc") == stores.units.get("tekniset/keittio")
        assert stores.outbox.recipients("tutor", "") == ["person:mail:maija@kunta.fi"]
    finally:
        stores.database.close()


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("Maija;;tutor;;;", "line 3: person must be an e-mail address, teams:… or slack:…, not 'Maija'"),
        ("slack:U1;;king;;;", "line 3: no role is called 'king'"),
        ("slack:U1;;pääkäyttäjä;;;", "line 3: a key user needs a system"),
        ("slack:U1;;tutor;;;Wilma", "line 3: only a key user has systems"),
        ("slack:U1;;tutor;;Kvanttifysiikka;", "line 3: no theme is called 'Kvanttifysiikka'"),
        ("slack:U1;;tutor;;;;x", "line 3: more cells than columns"),
        ('slack:U1;"x', "line 3: not CSV"),
    ],
)
def test_a_line_that_does_not_fit_refuses_all(capsys: pytest.CaptureFixture[str], line: str, reason: str) -> None:
    assert _import(f"person;name;role;unit;topics;systems\nslack:U9;;IT;;;\n{line}\n") == 2
    assert f"digivinkki: people.csv: {reason}" in capsys.readouterr().err
    stores = app.open_stores(Settings())
    try:
        assert not stores.people.has_it()
    finally:
        stores.database.close()


@pytest.mark.parametrize("text", ["", "a,b\n", "person,role\n", "person,role,role\nx,y,z\n", "id,role,shoe size\n"])
def test_what_is_no_table_of_people_is_refused(capsys: pytest.CaptureFixture[str], text: str) -> None:
    assert _import(text) == 2
    assert capsys.readouterr().err.startswith("digivinkki: people.csv: ")


def test_a_missing_file_and_a_missing_word_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert app.main(["people", "import", "no.csv"]) == 2
    assert app.main(["people"]) == 2
    assert "Traceback" not in capsys.readouterr().err
