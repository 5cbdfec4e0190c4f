"""Killed with SIGKILL at random moments while it posts: nothing lost, on Slack nothing twice.

The scheduler alone 20 times; DIGIVINKKI_KILLS sets another number (200 take a quarter of an hour). And a few times the
server as it is, with both platforms connected.
"""

from __future__ import annotations

import json
import os
import random
import re
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from bench.identity import Identity
from bench.posting import KEY_MARK, TITLE, prepare
from bench.server import ROOT, free_port, running
from scheduler.poster import IN_FLIGHT
from tests.e2e.clients import wait_for

KILLS = int(os.environ.get("DIGIVINKKI_KILLS") or 20)
TEAMS, SLACK = 250, 250
RATE, LATENCY, SETTLED = 60, 0.3, 1.0  # posts a second on Teams; seconds; seconds until what was cut off is there
_WITHIN = 120.0  # seconds for what is left after the last kill
_KEY = re.compile(rf"{KEY_MARK}(\S+)")
SERVER_KILLS, A_FEW = 3, 150  # kills of the whole server; destinations on each platform
_IN_TEAMS, _IN_SLACK = re.compile(r"/conversations/19:(teams[0-9]+)/"), re.compile("/post/(slack[0-9]+)")


class StandIn:
    """Teams and Slack, which remember every message that arrived."""

    def __init__(self) -> None:
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        command = [sys.executable, str(ROOT / "bench" / "peers" / "connector.py"), str(self.port)]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603
        wait_for(self._answers)
        self._ask("/mode", {"delay": LATENCY})

    def arrived(self) -> Counter[str]:
        """How often each delivery arrived, by its key."""
        found = (_KEY.search(text) for text in self._ask("/sent")["texts"])
        return Counter(key[1] for key in found if key)

    def sent(self) -> list[tuple[str, str]]:
        """The path and the body of every call that was taken."""
        sent = self._ask("/sent")
        return list(zip(sent["paths"], sent["texts"], strict=True))

    def went(self, title: str) -> Counter[str]:
        """How often each destination got the post of that title: on Teams by the address, on Slack by its key."""
        found = Counter[str]()
        for path, text in self.sent():
            where = _IN_TEAMS.search(path) or _IN_SLACK.search(text)
            if where and title in text:
                found[where[1]] += 1
        return found

    def calls(self) -> int:
        """How many calls came, answered or not."""
        return int(self._ask("/log")["n"])

    def stop(self) -> None:
        self._process.kill()
        self._process.wait(timeout=20)

    def _answers(self) -> bool:
        try:
            return bool(self._ask("/log"))
        except OSError:
            return False

    def _ask(self, path: str, body: object = None) -> dict[str, list[str]]:
        data = None if body is None else json.dumps(body).encode()
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", data, timeout=30) as answer:
            return dict(json.load(answer))


@contextmanager
def scheduler(path: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """A process that posts, which is killed at the end."""
    given = [str(path), str(port), "--rate", str(RATE), "--settled", str(SETTLED)]
    with Path(path.with_suffix(".log")).open("ab") as log:
        process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-m", "bench.posting", *given], cwd=ROOT, stdout=log, stderr=log
        )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait(timeout=20)


def test_nothing_is_lost_and_on_slack_nothing_comes_twice(tmp_path: Path) -> None:
    chance, there, killed, rounds = random.Random(5), StandIn(), 0, 0  # noqa: S311
    repeats: Counter[str] = Counter()
    try:
        while killed < KILLS:
            rounds += 1
            entry, path = f"kierros-{rounds}", tmp_path / f"{rounds}.db"
            prepare(path, there.port, entry, {"teams": TEAMS, "slack": SLACK})
            in_this_round = 0
            while killed < KILLS and _number(there, entry) < TEAMS + SLACK:
                with scheduler(path, there.port):
                    before = there.calls()
                    wait_for(lambda before=before, entry=entry: there.calls() > before or _done(there, entry), 30)
                    time.sleep(chance.uniform(0, 1.5))
                killed += 1
                in_this_round += 1
            with scheduler(path, there.port):
                wait_for(lambda entry=entry, path=path: _done(there, entry) and _settled(path), _WITHIN)
            arrived = Counter({key: n for key, n in there.arrived().items() if key.startswith(f"{entry}/")})
            assert len(arrived) == TEAMS + SLACK, "lost"
            assert [key for key, n in arrived.items() if "/slack" in key and n > 1] == []
            assert max(arrived.values()) <= 1 + in_this_round
            again = {key: n - 1 for key, n in arrived.items() if n > 1}
            assert sum(again.values()) <= IN_FLIGHT * in_this_round
            repeats.update(again)
        print(
            f"{killed} kills in {rounds} rounds: nothing lost, {repeats.total()} posts came again on Teams, 0 on Slack"
        )
    finally:
        there.stop()


def test_the_server_itself_is_killed_while_it_posts_and_nothing_is_lost(tmp_path: Path) -> None:
    chance, there, identity, path = random.Random(7), StandIn(), Identity(), tmp_path / "served.db"  # noqa: S311
    slack = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_SIGNING_SECRET": "s", "SLACK_API_URL": f"{there.address}/api"}
    everything = 2 * A_FEW
    try:
        prepare(path, there.port, "tiedote", {"teams": A_FEW, "slack": A_FEW})
        for _ in range(SERVER_KILLS):
            with running(path, identity.settings() | slack) as server:
                before = there.went(TITLE).total()
                wait_for(lambda before=before: there.went(TITLE).total() > before, 60)
                time.sleep(chance.uniform(0, 0.8))
                server.process.send_signal(signal.SIGKILL)
                server.process.wait(timeout=20)
            assert len(there.went(TITLE)) < everything, "killed after all of it had gone"
        with running(path, identity.settings() | slack):
            wait_for(lambda: len(there.went(TITLE)) == everything and _sent(path, "tiedote") == everything, _WITHIN)
        went = there.went(TITLE)
        assert {place: count for place, count in went.items() if place.startswith("slack") and count > 1} == {}
        assert max(went.values()) <= 1 + SERVER_KILLS
        print(f"the server killed {SERVER_KILLS} times: nothing lost, {went.total() - everything} came again on Teams")
    finally:
        identity.stop()
        there.stop()


def _number(there: StandIn, entry: str) -> int:
    return sum(key.startswith(f"{entry}/") for key in there.arrived())


def _done(there: StandIn, entry: str) -> bool:
    return _number(there, entry) >= TEAMS + SLACK


def _settled(path: Path) -> bool:
    """Whether the ledger says so too."""
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as database:
        return dict(database.execute("select status, count(*) from deliveries group by status")) == {
            "sent": TEAMS + SLACK
        }


def _sent(path: Path, entry: str) -> int:
    """How many deliveries of the entry the ledger has as sent."""
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as database:
        sql = "select count(*) from deliveries where status = 'sent' and entry = ?"
        return int(database.execute(sql, [entry]).fetchone()[0])
