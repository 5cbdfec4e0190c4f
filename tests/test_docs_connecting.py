"""The pages on connecting and on the server: few steps, settings that exist, and output as the commands print it.

A page is followed from top to bottom: an `ini` block sets settings, a `console` block is typed and compared.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterator
from configparser import ConfigParser
from contextlib import closing
from pathlib import Path
from textwrap import dedent

import pytest

import app
from bot.conversations import Conversation
from bot.models import Scope
from bot.settings import Settings
from bot.slack.manifest import scopes
from tests.conftest import NOW
from tests.platforms import Platforms, platforms, slack

ROOT = Path(__file__).parent.parent
PAGES = ["connect-teams", "connect-slack", "server"]
BLOCK = re.compile(r"^([ \t]*)```(\w+)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
ADDRESS = "https://vinkit.kunta.fi"


def page(name: str) -> str:
    return (ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8")


def blocks(name: str) -> list[tuple[str, str]]:
    """The code blocks of a page: language, text."""
    return [(language, dedent(text)) for _, language, text in BLOCK.findall(page(name))]


def known_settings() -> set[str]:
    source = (ROOT / "bot" / "settings.py").read_text(encoding="utf-8")
    return set(re.findall(r"environ\.get\(\"(\w+)\"", source)) | set(re.findall(r"_address\(\s*\"(\w+)\"", source))


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder without settings to work in."""
    for name in os.environ:
        if name.startswith(("DIGIVINKKI_", "Microsoft", "SLACK_", "BotOpenId", "ToChannel")):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def there() -> Iterator[Platforms]:
    """The platforms, on this machine."""
    with platforms() as there:
        there.answers["/auth.test"] = slack(granted=",".join(scopes()))
        yield there


def set_settings(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    parser = ConfigParser(interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(f"[env]\n{text}")
    for name, value in parser["env"].items():
        monkeypatch.setenv(name, value)


def write_to_the_bot(expected: str) -> None:
    """Stores the conversations that the page has led to by now."""
    with closing(app.open_stores(Settings()).database) as opened:
        store = app.Stores.of(opened, Path("digivinkki.db")).conversations
        for name in re.findall(r"(Teams|Slack): can write", expected):
            for scope in (Scope.PERSONAL, Scope.CHANNEL):
                if {Scope.PERSONAL: "private chat", Scope.CHANNEL: "channel"}[scope] in expected:
                    store.seen(Conversation(f"{name}:{scope}", name.lower(), scope), NOW)


def typed(command: str, capsys: pytest.CaptureFixture[str]) -> list[str]:
    program, *arguments = shlex.split(command.removeprefix("$ "))
    assert program == "python"
    assert arguments.pop(0) == "app.py"
    capsys.readouterr()
    app.main(arguments)
    return capsys.readouterr().out.splitlines()


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_followed_in_at_most_fifteen_steps(name: str) -> None:
    steps = re.findall(r"^(\d+)\. ", page(name), re.MULTILINE)
    assert 1 <= len(steps) <= 15
    assert steps == [str(number) for number in range(1, len(steps) + 1)]


@pytest.mark.parametrize("name", PAGES)
def test_a_page_names_settings_that_exist(name: str) -> None:
    named = set(re.findall(r"\b(?:DIGIVINKKI_|SLACK_)[A-Z_]+\b|\bMicrosoftApp\w+\b", page(name)))
    assert named
    assert named - known_settings() == set()


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("connect-teams", {"MicrosoftAppId", "MicrosoftAppTenantId", "MicrosoftAppPassword", "DIGIVINKKI_PUBLIC_URL"}),
        ("connect-slack", {"SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET"}),
        ("server", {"DIGIVINKKI_PUBLIC_URL"}),
    ],
)
def test_a_page_tells_of_every_setting_that_its_platform_has(name: str, wanted: set[str]) -> None:
    assert [setting for setting in sorted(wanted) if setting not in page(name)] == []


@pytest.mark.parametrize("name", PAGES)
def test_what_a_page_shows_is_what_the_commands_print(
    name: str, there: Platforms, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    compared = 0
    for language, text in blocks(name):
        if language == "ini":
            set_settings(monkeypatch, text)
        elif language == "console":
            command, *expected = text.rstrip("\n").splitlines()
            write_to_the_bot(text)
            with monkeypatch.context() as local:
                if "--online" in command:  # the public address stands on this machine, too
                    for setting, value in there.settings.items():
                        local.setenv(setting, value)
                printed = [line.replace(there.address, ADDRESS) for line in typed(command, capsys)]
            shown = [line for line in expected if line != "…"]
            assert shown == [line for line in printed if line in shown]
            assert ("…" in expected) is (len(printed) > len(shown))
            compared += len(shown)
    assert compared > 3


def test_every_permission_that_slack_is_asked_for_is_explained() -> None:
    table = re.findall(r"^\| (`[^|]+`) \|", page("connect-slack"), re.MULTILINE)
    assert sorted(re.findall(r"`([a-z_]+(?::[a-z_]+)?)`", " ".join(table))) == scopes()


@pytest.mark.parametrize("name", PAGES)
def test_a_link_of_a_page_to_a_file_leads_somewhere(name: str) -> None:
    links = [link for link in re.findall(r"\]\(([^)\s]+)\)", page(name)) if "://" not in link]
    assert [link for link in links if not (ROOT / "docs" / link).exists()] == []


def test_every_file_for_the_server_is_told_of() -> None:
    assert [file.name for file in (ROOT / "deploy").iterdir() if file.name not in page("server")] == []


def test_the_service_runs_what_the_page_installs() -> None:
    program, data = "/opt/digivinkki", "/var/lib/digivinkki"
    unit = (ROOT / "deploy" / "digivinkki.service").read_text(encoding="utf-8")
    assert f"ExecStart={program}/.venv/bin/python {program}/app.py serve\n" in unit
    assert "--host" not in unit
    for text in (unit, (ROOT / "deploy" / "digivinkki-backup.service").read_text(encoding="utf-8")):
        assert "User=digivinkki\n" in text
        assert f"WorkingDirectory={data}\n" in text
        assert "NoNewPrivileges=yes\n" in text
        assert "ProtectSystem=strict\n" in text
    assert f"--home {data} digivinkki" in page("server")
    assert f"git clone ADDRESS {program}" in page("server")


def test_caddy_passes_on_to_where_the_server_listens() -> None:
    assert "reverse_proxy 127.0.0.1:3978\n" in (ROOT / "deploy" / "Caddyfile").read_text(encoding="utf-8")
    defaults = {option.name: option.default for option in app.serve_command.params}
    assert (defaults["host"], defaults["port"]) == ("127.0.0.1", 3978)


def test_the_command_for_the_server_is_a_program() -> None:
    assert os.access(ROOT / "deploy" / "digivinkki", os.X_OK)
