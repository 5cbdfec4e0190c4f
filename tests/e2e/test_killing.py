"""The scheduler killed with SIGKILL at random moments while it posts: nothing lost, on Slack nothing twice.

20 kills; DIGIVINKKI_KILLS sets another number (200 take a quarter of an hour).
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

from bench.posting import KEY_MARK, prepare
from bench.server import ROOT
from scheduler.poster import IN_FLIGHT
from tests.e2e.clients import free_port, wait_for

KILLS = int(os.environ.get("DIGIVINKKI_KILLS") or 20)
TEAMS, SLACK = 250, 250
RATE, LATENCY, SETTLED = 60, 0.3, 1.0  # posts a second on Teams; seconds; seconds until what was cut off is there
_WITHIN = 120.0  # seconds for what is left after the last kill
_KEY = re.compile(rf"{KEY_MARK}(\S+)")


class StandIn:
    """Teams and Slack, which remember every message that arrived."""

    def __init__(self) -> None:
        self.port = free_port()
        command = [sys.executable, str(ROOT / "bench" / "peers" / "connector.py"), str(self.port)]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603
        wait_for(self._answers)
        self._ask("/mode", {"delay": LATENCY})

    def arrived(self) -> Counter[str]:
        """How often each delivery arrived, by its key."""
        found = (_KEY.search(text) for text in self._ask("/sent")["texts"])
        return Counter(key[1] for key in found if key)

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
