"""The clients of others, started as they are: Microsoft's Agents Playground, a Slack emulator.

They come from npm, pinned in package-lock.json; `make e2e` installs them.
"""

from __future__ import annotations

import os
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from uuid import uuid4

import pytest
from slack_sdk import WebClient

from bench.server import APP, Server, free_port, running
from bot.slack.manifest import scopes

T = TypeVar("T")

BOT = "U0TIPBOT01"  # the bot's user in the Slack emulator
SIGNING_SECRET = "secret"  # of its events
_HERE = Path(__file__).parent
_MODULES = _HERE / "node_modules"
_PLAYGROUND = _MODULES / "@microsoft" / "m365agentsplayground" / "cli.js"
_EMULATOR = _HERE / "slack-emulator.mjs"


@dataclass(frozen=True, slots=True)
class Workspace:
    """A Slack workspace: its API as Aino sees it, and the channel #digivinkit, where the bot is too."""

    aino: WebClient
    channel: str


def wait_for(happened: Callable[[], T], within: float = 20.0) -> T:
    """What `happened` returns as soon as that is true."""
    until = time.monotonic() + within
    while not (result := happened()):
        if time.monotonic() > until:
            pytest.fail(f"did not happen within {within:.0f} s")
        time.sleep(0.05)
    return result


@contextmanager
def playground(endpoint: str, folder: Path, person: str = "Aino Virtanen") -> Iterator[str]:
    """The address of an Agents Playground that talks to the endpoint, in a Teams that has never met the bot, as the
    person sees it."""
    config = (_HERE / "playground.yml").read_text(encoding="utf-8").replace("RUN", uuid4().hex)
    config = config.replace("Aino Virtanen", person)
    (folder / ".m365agentsplayground.yml").write_text(config, encoding="utf-8")
    port = free_port()
    # After a port that is taken, and after a value behind --disable-telemetry, it would listen somewhere else.
    arguments = ("start", "-e", endpoint, "-c", "msteams", "-p", str(port), "--disable-telemetry")
    with _program([str(_PLAYGROUND), *arguments], folder, f"Listening on {port}", TEAMSAPPTESTER_BROWSER="none"):
        yield f"http://127.0.0.1:{port}/"


@contextmanager
def slack(folder: Path, program: Sequence[str] = APP) -> Iterator[tuple[Workspace, Server]]:
    """A Slack workspace in front of a server of its own, whose bot has the scopes of the manifest and no more."""
    port = free_port()
    settings = {
        "SLACK_BOT_TOKEN": "xoxb-local-test",
        "SLACK_SIGNING_SECRET": SIGNING_SECRET,
        "SLACK_API_URL": f"http://127.0.0.1:{port}/api",
    }
    with running(folder / "slack.db", settings, program) as server:
        address = f"http://127.0.0.1:{server.port}"
        wait_for(lambda: _is_ready(address), within=60)
        with workspace(port, f"{address}/slack/events", scopes(), folder) as found:
            yield found, server


@contextmanager
def workspace(port: int, endpoint: str, scopes: Sequence[str], folder: Path) -> Iterator[Workspace]:
    """A Slack workspace on the port that posts its events to the endpoint and grants the bot the scopes."""
    with _program([str(_EMULATOR), str(port), endpoint, ",".join(scopes)], folder, "listening"):
        aino = WebClient("xoxp-aino", base_url=f"http://127.0.0.1:{port}/api/")
        channels = aino.conversations_list()["channels"]
        yield Workspace(aino, next(each["id"] for each in channels if each["name"] == "digivinkit"))


@contextmanager
def _program(arguments: Sequence[str], folder: Path, ready: str, **environment: str) -> Iterator[None]:
    """A Node program that has said that it is ready, and is stopped at the end."""
    node, said = _MODULES / ".bin" / "node", folder / "program.out"
    if not node.exists():
        pytest.fail("the clients are not installed: `make e2e` installs them")
    with said.open("w", encoding="utf-8") as out:
        process = subprocess.Popen(  # noqa: S603  our own arguments
            [node, *arguments], cwd=folder, env=os.environ | environment, stdout=out, stderr=subprocess.STDOUT
        )
    try:
        wait_for(lambda: ready in said.read_text(encoding="utf-8") or process.poll() is not None)
        assert process.poll() is None, said.read_text(encoding="utf-8")
        yield
    finally:
        process.terminate()
        process.wait(timeout=20)


def _is_ready(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/readyz") as answer:  # noqa: S310  our own address
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
