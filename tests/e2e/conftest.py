"""A real server, a real browser, and real clients. Chromium is Debian's (or CHROMIUM names another)."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from bench.server import Server, running
from tests.e2e import clients
from tests.e2e.clients import Workspace
from tests.e2e.teamspage import Teams

# No telemetry, no look-ups: the browser talks to this machine only. CI runs as root, hence --no-sandbox.
_ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
_REFUSED = re.compile(r"(?:message|invoke|\w+Update) [45]\d\d\b")  # in the Playground's log


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Headless Chromium."""
    program = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        pytest.fail("Chromium is not installed (Debian: apt-get install chromium)")
    expect.set_options(timeout=15_000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=_ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """`app.py serve` with no settings at all, over a fresh database."""
    with running(Path(tmp_path_factory.mktemp("e2e")) / "digivinkki.db") as server:
        server.first_answer("moi")
        yield server


@pytest.fixture
def context(browser: Browser, server: Server) -> Iterator[BrowserContext]:
    """A visitor of their own, in Finnish, on a desktop."""
    context = browser.new_context(base_url=f"http://localhost:{server.port}", viewport={"width": 1280, "height": 800})
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A page on which nothing may go wrong in the console."""
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    yield page
    assert errors == []


@pytest.fixture
def playground(server: Server, tmp_path: Path) -> Iterator[str]:
    """The address of an Agents Playground in front of the server."""
    with clients.playground(f"http://127.0.0.1:{server.port}/api/messages", tmp_path) as address:
        yield address


@pytest.fixture
def teams(browser: Browser, playground: str) -> Iterator[Teams]:
    """Teams with the personal chat open, where the bot has said welcome. Whatever Teams sends it must be taken."""
    with opened(browser, playground) as teams:
        yield teams


@contextmanager
def opened(browser: Browser, playground: str) -> Iterator[Teams]:
    """The same, of any Playground."""
    context = browser.new_context(viewport={"width": 1300, "height": 1300}, locale="fi-FI", device_scale_factor=1.5)
    page = context.new_page()
    page.route(lambda url: not url.startswith(playground), lambda route: route.abort())
    page.goto(playground)
    expect(page.get_by_text("Connected.")).to_be_visible(timeout=20_000)
    teams = Teams(page)
    teams.go_to("Personal Chat")
    expect(teams.cards).to_have_count(1)  # the welcome
    yield teams
    log = page.locator("body").inner_text()
    context.close()
    assert not _REFUSED.findall(log)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """A Slack workspace in front of a server of its own."""
    with clients.slack(Path(tmp_path_factory.mktemp("slack"))) as (workspace, _):
        yield workspace
