"""`manifest teams | slack` as typed: what is written, and one line with the way out where it cannot be."""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

import app
from web.paths import SLACK_PATH, TEAMS_PATH

Run = Callable[..., str]
APP = "2f0a7c1e-5b3d-4e86-9c47-d1b8e6a35f90"
ADDRESS = "https://vinkit.kunta.fi"
TEAMS = {"MicrosoftAppId": APP, "DIGIVINKKI_PUBLIC_URL": ADDRESS}


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder without settings to work in."""
    for name in os.environ:
        if name.startswith(("DIGIVINKKI_", "Microsoft", "SLACK_")):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Callable[[dict[str, str]], None]:
    """Sets settings."""

    def told(settings: dict[str, str]) -> None:
        for name, value in settings.items():
            monkeypatch.setenv(name, value)

    return told


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command that must succeed; returns what it printed."""

    def run(*arguments: str) -> str:
        assert app.main(arguments) == 0
        return capsys.readouterr().out

    return run


@pytest.fixture
def refused(capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command that must end with 2 and one line on standard error; returns that line."""

    def refused(*arguments: str) -> str:
        assert app.main(arguments) == 2
        printed = capsys.readouterr()
        assert printed.out == ""
        assert printed.err.startswith("digivinkki: ")
        assert printed.err.count("\n") == 1
        return printed.err

    return refused


def bot_events_address() -> str | None:
    data = yaml.safe_load(Path("slack.yaml").read_text(encoding="utf-8"))
    found = data["settings"]["event_subscriptions"].get("request_url")
    assert data["settings"]["socket_mode_enabled"] is (found is None)
    return str(found) if found else None


def test_the_package_for_teams_is_written(run: Run, told: Callable[[dict[str, str]], None]) -> None:
    told(TEAMS)
    said = run("manifest", "teams", "teams.zip")
    assert "wrote teams.zip" in said
    assert f"{ADDRESS}{TEAMS_PATH}\n" in said
    with zipfile.ZipFile("teams.zip") as archive:
        names = archive.namelist()
        manifest = json.loads(archive.read("manifest.json"))
    assert sorted(names) == ["color.png", "en.json", "manifest.json", "outline.png", "sv.json"]
    assert manifest["version"] == app.VERSION
    assert manifest["bots"][0]["botId"] == APP
    assert "authorization" not in manifest


def test_an_earlier_package_is_replaced(run: Run, told: Callable[[dict[str, str]], None]) -> None:
    told(TEAMS)
    run("manifest", "teams", "teams.zip")
    about = "https://www.kunta.fi/digivinkki"
    run("manifest", "teams", "teams.zip", "--rsc", "--about", about)
    with zipfile.ZipFile("teams.zip") as archive:
        manifest = json.loads(archive.read("manifest.json"))
    assert manifest["authorization"]["permissions"]["resourceSpecific"][0]["name"] == "ChannelMessage.Read.Group"
    assert manifest["developer"]["privacyUrl"] == about


@pytest.mark.parametrize(
    ("settings", "options", "address"),
    [
        ({}, ["--socket"], None),
        ({"SLACK_APP_TOKEN": "xapp-1"}, [], None),
        ({"SLACK_APP_TOKEN": "xapp-1", "DIGIVINKKI_PUBLIC_URL": ADDRESS}, [], None),
        ({"SLACK_APP_TOKEN": "xapp-1", "DIGIVINKKI_PUBLIC_URL": ADDRESS}, ["--http"], f"{ADDRESS}{SLACK_PATH}"),
        ({"DIGIVINKKI_PUBLIC_URL": ADDRESS}, [], f"{ADDRESS}{SLACK_PATH}"),
        ({"DIGIVINKKI_PUBLIC_URL": f"{ADDRESS}/bot/"}, [], f"{ADDRESS}/bot{SLACK_PATH}"),
        ({"DIGIVINKKI_PUBLIC_URL": ADDRESS}, ["--socket"], None),
    ],
)
def test_the_manifest_for_slack_is_by_socket_mode_where_its_token_is_set_or_it_is_asked_for(
    run: Run,
    told: Callable[[dict[str, str]], None],
    settings: dict[str, str],
    options: list[str],
    address: str | None,
) -> None:
    told(settings)
    said = run("manifest", "slack", "slack.yaml", *options)
    assert bot_events_address() == address
    assert said == f"wrote slack.yaml: {f'HTTP, {address}' if address else 'Socket Mode, no public address'}\n"


@pytest.mark.parametrize(
    ("settings", "command", "said"),
    [
        ({}, ["teams", "out"], "MicrosoftAppId is not set"),
        ({"DIGIVINKKI_PUBLIC_URL": ADDRESS}, ["teams", "out"], "MicrosoftAppId is not set"),
        ({**TEAMS, "MicrosoftAppId": "digivinkki"}, ["teams", "out"], "MicrosoftAppId is no app id"),
        ({**TEAMS, "MicrosoftAppId": f"{{{APP}}}"}, ["teams", "out"], "MicrosoftAppId is no app id"),
        ({**TEAMS, "MicrosoftAppId": APP.replace("-", "")}, ["teams", "out"], "MicrosoftAppId is no app id"),
        ({**TEAMS, "MicrosoftAppId": f"{APP}0"}, ["teams", "out"], "MicrosoftAppId is no app id"),
        ({"MicrosoftAppId": APP}, ["teams", "out"], "DIGIVINKKI_PUBLIC_URL is not set: Teams needs"),
        ({**TEAMS, "DIGIVINKKI_PUBLIC_URL": "http://vinkit.kunta.fi"}, ["teams", "out"], "Teams needs https://"),
        ({**TEAMS, "DIGIVINKKI_PUBLIC_URL": "vinkit.kunta.fi"}, ["teams", "out"], "must be a whole address"),
        (TEAMS, ["teams", "out", "--about", "our page"], "--about must be a whole address"),
        (TEAMS, ["teams", "folder"], "folder: is a folder; give the name of a file"),
        (TEAMS, ["teams", "nowhere/out"], "there is no folder nowhere"),
        (TEAMS, ["teams", "file/out"], "there is no folder file"),
        (TEAMS, ["teams", "x" * 300], "File name too long"),
        (TEAMS, ["teams"], "Missing argument"),
        ({}, ["slack", "out"], "DIGIVINKKI_PUBLIC_URL is not set: without --socket Slack needs"),
        ({"SLACK_APP_TOKEN": "xapp-1"}, ["slack", "out", "--http"], "without --socket Slack needs"),
        (
            {"DIGIVINKKI_PUBLIC_URL": "http://vinkit.kunta.fi"},
            ["slack", "out"],
            "without --socket Slack needs https://",
        ),
        ({}, ["slack", "folder", "--socket"], "folder: is a folder"),
        ({}, ["slack", "nowhere/out", "--socket"], "there is no folder nowhere"),
        ({}, ["slack", "out", "--socket", "more"], "unexpected extra argument"),
        ({}, ["discord", "out"], "No such command"),
    ],
)
def test_what_cannot_be_written_is_refused_in_one_line_and_leaves_nothing(
    refused: Run, told: Callable[[dict[str, str]], None], settings: dict[str, str], command: list[str], said: str
) -> None:
    Path("folder").mkdir()
    Path("file").write_text("", encoding="utf-8")
    told(settings)
    assert said in refused("manifest", *command)
    assert sorted(path.name for path in Path().rglob("*")) == ["file", "folder"]


def test_a_disk_that_is_full_is_said(refused: Run) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full here")
    assert "/dev/full: No space left" in refused("manifest", "slack", "/dev/full", "--socket")


def test_the_groups_own_help_names_both(run: Run) -> None:
    said = run("manifest", "--help")
    assert "teams" in said
    assert "slack" in said
