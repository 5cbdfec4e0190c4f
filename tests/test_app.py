"""The composition root: where it listens, and what a second server does."""

from __future__ import annotations

import socket
import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app import main
from bot.stores import MIGRATIONS, Stores
from tips import database


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "kunta.example"])  # noqa: S104  it must be refused
def test_without_credentials_it_listens_on_this_computer_only(
    host: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("MicrosoftAppId", "SLACK_BOT_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    assert main(["serve", "--host", host]) == 2
    assert "this computer only" in capsys.readouterr().err


def test_a_server_that_finds_its_port_taken_leaves_the_code_of_the_first_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("app._log_to_stderr", lambda: None)  # it would hold on to this test's stderr
    opened = database.connect(tmp_path / "digivinkki.db", MIGRATIONS)
    stores = Stores.of(opened, tmp_path / "digivinkki.db")
    code = stores.claims.new_code().replace("-", "")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        assert main(["serve", "--port", port, "--database", str(tmp_path / "digivinkki.db")]) == 2
    assert f"cannot listen on 127.0.0.1:{port}" in capsys.readouterr().err
    assert stores.claims.claim(code)
    opened.close()


@pytest.fixture
def said_at_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[[Callable[..., Iterator[str]]], str]:
    """What a start prints that has got its port, by what its invitations come from."""

    def said(invitations: Callable[..., Iterator[str]]) -> str:
        def run(_: object, *, print: Callable[[str], None], **__: object) -> None:  # noqa: A002  aiohttp's name
            print("")

        monkeypatch.setattr("app._log_to_stderr", lambda: None)
        monkeypatch.setattr("app._invitations", invitations)
        monkeypatch.setattr("aiohttp.web.run_app", run)
        assert main(["serve", "--database", str(tmp_path / "digivinkki.db")]) == 0
        return capsys.readouterr().out

    return said


def test_what_a_start_announces_is_read_in_the_thread_that_owns_the_database(
    said_at_start: Callable[[Callable[..., Iterator[str]]], str],
) -> None:
    def invitations(*_: object, **__: object) -> Iterator[str]:
        yield f"in the thread {threading.current_thread().name}"

    assert said_at_start(invitations).endswith("in the thread database\n")


def test_where_no_code_can_be_written_the_start_says_so(
    said_at_start: Callable[[Callable[..., Iterator[str]]], str],
) -> None:
    def locked(*_: object, **__: object) -> Iterator[str]:
        raise sqlite3.OperationalError("database is locked")

    said = said_at_start(locked)
    assert "Digivinkki answers on http://localhost:3978" in said
    assert said.endswith("For IT's code and the link, start again\n")
