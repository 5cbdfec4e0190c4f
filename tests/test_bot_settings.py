"""Settings from `.env`: read whole, or refused in one line that tells no secret."""

from __future__ import annotations

from pathlib import Path

import pytest

import app
from bot.settings import environment
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
