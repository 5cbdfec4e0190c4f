"""A security quarter in a channel, from the scheduler's post to 'tehty': the dialog of Teams, the modal of Slack.

The server is real, with both platforms connected; what neither the Playground nor the emulator can do, a press under a
post that opens a dialog, comes as Microsoft and Slack document it, signed, through the server's address.
"""

from __future__ import annotations

import json
import sqlite3
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bench.identity import Identity
from bench.posting import prepare
from bench.server import Server, running
from bot.stores import MIGRATIONS, Stores
from scheduler.models import ZONE, Entry, Kind, Moves
from tests.e2e.clients import SIGNING_SECRET, wait_for
from tests.e2e.test_killing import StandIn
from tests.test_bot_slack_channel import button, encoded, in_view, onward, press, viewed
from tests.test_bot_slack_channel import signed as slack_signed
from tests.test_bot_teams_cards import elements
from tests.test_bot_teams_channel import FETCHED, IN_CHANNEL, shown, submits, submitted
from tips import database

STEPS = 20  # more than a session has


@dataclass(frozen=True, slots=True)
class Town:
    """The server, Teams and Slack before it, and the database."""

    server: Server
    there: StandIn
    identity: Identity
    path: Path

    def teams(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """What Teams posts, as it signs it; the answer."""
        activity = {**IN_CHANNEL, **body, "serviceUrl": f"{self.there.address}/"}
        activity["conversation"] = {**activity["conversation"], "id": "19:teams0"}
        headers = {
            "Content-Type": "application/json",
            "Authorization": self.identity.token(f"{self.there.address}/"),
        }
        return dict(json.loads(self._post("/api/messages", json.dumps(activity).encode(), headers)))

    def slack(self, payload: dict[str, Any], method: str) -> dict[str, Any]:
        """What Slack posts, as it signs it; the last call of that method that follows."""
        before, (body, kind) = len(self.calls(method)), encoded(payload)
        self._post("/slack/events", body, {"Content-Type": kind, **slack_signed(body, SIGNING_SECRET)})
        wait_for(lambda: len(self.calls(method)) > before)
        return self.calls(method)[-1]

    def calls(self, method: str) -> list[dict[str, Any]]:
        """What was sent to Slack by the method."""
        sent = self.there.sent()
        return [json.loads(text) for path, text in sent if path.endswith(f"/{method}")]

    def progress(self) -> list[tuple[str, bool]]:
        """The runs that people have begun, and whether they came to the end."""
        with closing(sqlite3.connect(f"{self.path.as_uri()}?mode=ro", uri=True)) as opened:
            rows = opened.execute("select run, finished <> '' from progress order by run").fetchall()
        return [(run, bool(finished)) for run, finished in rows]

    def _post(self, path: str, body: bytes, headers: Mapping[str, str]) -> bytes:
        address = f"http://127.0.0.1:{self.server.port}{path}"
        with urllib.request.urlopen(urllib.request.Request(address, body, dict(headers)), timeout=30) as answer:
            assert answer.status == 200
            return bytes(answer.read())


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    """A channel on each platform, and a security quarter that is due there now."""
    there, identity, path = StandIn(), Identity(), tmp_path / "town.db"
    prepare(path, there.port, "tiedote", {"teams": 1, "slack": 1})
    opened = database.connect(path, MIGRATIONS)
    due = datetime.now(UTC).astimezone(ZONE) - timedelta(minutes=1)
    titles = {"fi": "Digiturvavartti: salasanat"}
    clock = due.time().replace(second=0, microsecond=0)
    quarter = Entry(
        "oma-vartti",
        Kind.SECURITY_QUARTER,
        titles,  # type: ignore[arg-type]
        due.date(),
        dates=(due.date(),),
        time=clock,
        minutes=15,
        theme="passwords",
        moves=Moves.KEEP,
    )
    Stores.of(opened, path).calendar.add([quarter])
    opened.close()
    slack = {
        "SLACK_BOT_TOKEN": "xoxb-1",
        "SLACK_SIGNING_SECRET": SIGNING_SECRET,
        "SLACK_API_URL": f"{there.address}/api",
    }
    try:
        with running(path, identity.settings() | slack) as server:
            yield Town(server, there, identity, path)
    finally:
        identity.stop()
        there.stop()


def test_a_quarter_is_gone_through_from_the_channel_s_post_to_its_end(town: Town) -> None:
    posts = wait_for(lambda: len(found := _quarters(town)) == 2 and found, 60)
    answer = town.teams({**FETCHED, "value": {"data": _teams_button(posts["teams"]), "context": {}}})
    for _ in range(STEPS):
        card = shown(answer)
        if "again" in str(submits(card)[-1]["data"]):
            break
        data = next(action["data"] for action in submits(card) if "back" not in str(action["data"]))
        answer = town.teams(submitted(data))
    assert "Tehty: Salasanat kuntoon vartissa" in json.dumps(card, ensure_ascii=False)

    begin = button(posts["slack"], "session", do="open")
    view = viewed(town.slack(press(f"{town.there.address}/", begin, "19:slack0"), "views.open"))
    for _ in range(STEPS):
        if "Tehty: " in json.dumps(view, ensure_ascii=False):
            break
        view = viewed(town.slack(in_view(onward(view)), "views.update"))
    assert "Tehty: Salasanat kuntoon vartissa" in json.dumps(view, ensure_ascii=False)

    finished = [(run.split("/")[0], run.split("/")[-1], done) for run, done in town.progress()]
    assert finished == [("oma-vartti", "slack0", True), ("oma-vartti", "teams0", True)]
    assert len(_quarters(town)) == 2  # nothing else was said in the channels


def _quarters(town: Town) -> dict[str, dict[str, Any]]:
    """The posts of the quarter by platform."""
    found = {}
    for path, text in town.there.sent():
        if "Digiturvavartti: salasanat" in text and ("chat.postMessage" in path or "/conversations/" in path):
            assert ("slack" if "chat." in path else "teams") not in found, "posted twice"
            found["slack" if "chat." in path else "teams"] = json.loads(text)
    return found


def _teams_button(activity: Mapping[str, Any]) -> dict[str, Any]:
    """What the post's button sends back."""
    card = activity["attachments"][0]["content"]
    found = next(part for part in elements(card) if part["type"] == "Action.Submit")
    assert found["data"]["msteams"] == {"type": "task/fetch"}
    return dict(found["data"])
