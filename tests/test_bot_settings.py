"""Settings from `.env`: read whole, or refused in one line that tells no secret."""

from __future__ import annotations

from pathlib import Path

import pytest

import app
from bot.settings import Settings, environment
from tips.errors import SettingsError


def test_a_file_of_settings_is_read_beneath_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIGIVINKKI_LANGUAGE", "sv")
    monkeypatch.delenv("DIGIVINKKI_ORGANISATION", raising=False)
    text = "\ufeff# asetukset\nDIGIVINKKI_ORGANISATION='Äänekoski'\nDIGIVINKKI_LANGUAGE=fi\nBARE_NAME\n"
    (tmp_path / ".env").write_text(text, encoding="utf-8")
    read = environment(tmp_path)
    assert (read["DIGIVINKKI_ORGANISATION"], read["DIGIVINKKI_LANGUAGE"]) == ("Äänekoski", "sv")
    assert "BARE_NAME" not in read


def test_no_file_of_settings_is_needed(tmp_path: Path) -> None:
    assert "DIGIVINKKI_NO_SUCH" not in environment(tmp_path)


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16"])
def test_a_file_that_is_not_utf8_is_refused(tmp_path: Path, encoding: str) -> None:
    (tmp_path / ".env").write_bytes("DIGIVINKKI_ORGANISATION=Äänekoski\n".encode(encoding))
    with pytest.raises(SettingsError, match=r"\.env: is not UTF-8 text"):
        environment(tmp_path)


@pytest.mark.parametrize("line", ["MicrosoftAppPassword s3cret", "SLACK_BOT_TOKEN='s3cret", "=s3cret"])
def test_a_line_that_cannot_be_understood_is_refused_by_its_number_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], line: str
) -> None:
    (tmp_path / ".env").write_text(f"A=1\n\n{line}\nB=2\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert app.main(["tips", "check", "x"]) == 2
    assert capsys.readouterr().err == "digivinkki: .env: line 3 cannot be understood; write NAME=value\n"


@pytest.mark.parametrize(
    ("environ", "mode"),
    [
        ({}, "open"),
        ({"MicrosoftAppId": "x"}, "signed-in"),
        ({"SLACK_BOT_TOKEN": "xoxb-1"}, "signed-in"),
        ({"MicrosoftAppId": "x", "DIGIVINKKI_GUIDE": "open"}, "open"),
        ({"DIGIVINKKI_GUIDE": "off"}, "off"),
        ({"DIGIVINKKI_GUIDE": " signed-in "}, "signed-in"),
    ],
)
def test_who_reads_the_guide(environ: dict[str, str], mode: str) -> None:
    assert Settings.from_environ(environ).guide_mode == mode


def test_a_guide_for_somebody_else_is_refused() -> None:
    with pytest.raises(SettingsError, match="DIGIVINKKI_GUIDE must be open, signed-in or off"):
        Settings.from_environ({"DIGIVINKKI_GUIDE": "public"})


@pytest.mark.parametrize(
    ("value", "origins"),
    [
        ("", ()),
        ("https://intra.kunta.fi", ("https://intra.kunta.fi",)),
        ("https://intra.kunta.fi/, http://localhost:8080", ("https://intra.kunta.fi", "http://localhost:8080")),
    ],
)
def test_who_may_frame_the_guide(value: str, origins: tuple[str, ...]) -> None:
    assert Settings.from_environ({"DIGIVINKKI_EMBED": value}).embed == origins


@pytest.mark.parametrize(
    "value",
    ["*", "intra.kunta.fi", "https://*.kunta.fi", "https://intra.kunta.fi/path", "https://a.fi;script-src", "'self'",
     "https://a.fi\r\nX: y", "javascript:alert(1)", "https://user@a.fi", "https://a.fi:port"],
)  # fmt: skip
def test_what_is_no_origin_frames_nothing(value: str) -> None:
    with pytest.raises(SettingsError, match="DIGIVINKKI_EMBED must be origins"):
        Settings.from_environ({"DIGIVINKKI_EMBED": value})


@pytest.mark.parametrize(("value", "share"), [("", 0.95), ("0.9", 0.9), ("0,9", 0.9), ("90 %", 0.9), ("99", 0.99)])
def test_the_precision_is_a_share_or_a_percentage(value: str, share: float) -> None:
    assert Settings.from_environ({"DIGIVINKKI_PRECISION": value}).precision == pytest.approx(share)


@pytest.mark.parametrize("value", ["all", "1", "0.5", "120 %", "-1", "nan"])
def test_a_precision_that_no_threshold_was_fitted_for_is_refused(value: str) -> None:
    with pytest.raises(SettingsError, match=r"DIGIVINKKI_PRECISION must be a share from 0\.8 to 0\.99"):
        Settings.from_environ({"DIGIVINKKI_PRECISION": value})


def test_tutors_may_have_new_tips_first() -> None:
    assert Settings.from_environ({}).tutors_first == 0
    assert Settings.from_environ({"DIGIVINKKI_TUTORS_FIRST": " 3 "}).tutors_first == 3
    for value in ("-1", "15", "x", "²"):
        with pytest.raises(SettingsError, match="DIGIVINKKI_TUTORS_FIRST"):
            Settings.from_environ({"DIGIVINKKI_TUTORS_FIRST": value})
