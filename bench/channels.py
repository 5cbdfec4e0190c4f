"""Teams under load, beside the echo bots that a builder would get from the SDKs, in turn on the same machine.

What is counted is what a user waits for: replies that reach the connector (a stand-in on loopback). The peers
echo; Digivinkki finds a tip, stores the question and sends a card. Needs wrk (Debian: apt-get install wrk).
"""

from __future__ import annotations

import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

from bench.identity import Identity
from bench.server import ROOT, Server, running

PEERS = ROOT / "bench" / "peers"
PEER_PACKAGES = (
    "botbuilder-integration-aiohttp==4.17.1",
    "microsoft-agents-hosting-aiohttp==1.9.0",
    "microsoft-agents-authentication-msal==1.9.0",
)
CONNECTOR_PORT = 4900  # written in the question's serviceUrl
SECONDS, CONNECTIONS, ROUNDS = 8, 16, 3
LONG = 60  # seconds of load, after which the memory is read
AT_LEAST_STOCK, AT_LEAST_AGENTS, MOST_MEMORY, LONGEST_STALL = 4.0, 0.8, 150, 50  # times, times, MB, ms


def main() -> None:
    """Prints the table; some six minutes."""
    if shutil.which("wrk") is None:
        print("Teams under load: skipped, wrk is not installed (Debian: apt-get install wrk)")
        return
    python = _peers_python()
    with _process([sys.executable, str(PEERS / "connector.py"), str(CONNECTOR_PORT)], CONNECTOR_PORT):
        _compare(python)
        _stall()


def _compare(python: Path) -> None:
    print(f"\nTeams: replies that reach the connector, {CONNECTIONS} connections, median of {ROUNDS} rounds")
    print(f"{'':44}{'replies/s':>10}{'p50 ms':>8}{'p99 ms':>8}{'memory MB':>11}")
    stock = _peer(python, "teams_echo_botbuilder.py", 4011, "stock botbuilder, echo")
    agents = _peer(python, "teams_echo_agents.py", 4002, "Microsoft 365 Agents SDK, echo")
    ours = _ours({}, "", "Digivinkki, question answered with a card")
    with _identity() as identity:
        token = identity.token(f"http://127.0.0.1:{CONNECTOR_PORT}/")
        verified = _ours(identity.settings(), token, "the same, tokens verified", LONG)
    for name, replies in (("", ours), (", tokens verified", verified)):
        _verdict(f"times stock botbuilder{name}", replies / stock, at_least=AT_LEAST_STOCK)
        _verdict(f"times the Agents SDK{name}", replies / agents, at_least=AT_LEAST_AGENTS)


def _verdict(what: str, value: float, *, at_least: float | None = None, at_most: float | None = None) -> None:
    """A figure, its target, and whether it is reached."""
    reached = value >= at_least if at_least is not None else value <= (at_most or 0)
    target = f"at least {at_least:g}" if at_least is not None else f"at most {at_most:g}"
    print(f"{what:44}{value:10.2f}  (asked: {target}) {'reached' if reached else 'MISSED'}", flush=True)


@contextmanager
def _identity() -> Iterator[Identity]:
    identity = Identity()
    try:
        yield identity
    finally:
        identity.stop()


def _peer(python: Path, script: str, port: int, name: str) -> float:
    with _process([str(python), str(PEERS / script), str(port)], port) as pid:
        return _loaded(name, port, "", lambda: _memory(pid))


def _ours(settings: Mapping[str, str], authorization: str, name: str, more: int = 0) -> float:
    with tempfile.TemporaryDirectory() as folder, running(Path(folder) / "bench.db", settings) as server:
        _wait_for(server.port)
        replies = _loaded(name, server.port, authorization, server.memory)
        if more:
            _load(server.port, authorization, more)
            _verdict(f"memory in MB after {more} s more of load", server.memory(), at_most=MOST_MEMORY)
        return replies


def _loaded(name: str, port: int, authorization: str, memory: Callable[[], float]) -> float:
    _load(port, authorization, 2)
    rounds = [_load(port, authorization, SECONDS) for _ in range(ROUNDS)]
    replies, half, most = (float(statistics.median(column)) for column in zip(*rounds, strict=True))
    print(f"{name:44}{replies:10.0f}{half:8.1f}{most:8.1f}{memory():11.0f}", flush=True)
    return replies


def _load(port: int, authorization: str, seconds: int) -> tuple[float, float, float]:
    """Replies a second, median and 99th percentile in milliseconds."""
    before = _sent()
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--timeout", "10s", "--latency"]
    command += ["-s", str(ROOT / "bench" / "load.lua"), f"http://127.0.0.1:{port}/api/messages"]
    environment = {**os.environ, "BODY": str(PEERS / "teams-question.json"), "AUTHORIZATION": authorization}
    out = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    assert "Non-2xx" not in out, out
    time.sleep(1)
    return (_sent() - before) / seconds, _milliseconds(out, "50%"), _milliseconds(out, "99%")


def _milliseconds(out: str, percentile: str) -> float:
    found = re.search(rf"{percentile}\s+([\d.]+)(us|ms|s)", out)
    assert found, out
    return float(found[1]) * {"us": 0.001, "ms": 1.0, "s": 1000.0}[found[2]]


def _stall() -> None:
    """The longest that any request waits while the signing keys take two seconds to come."""
    service = f"http://127.0.0.1:{CONNECTOR_PORT}/"
    with (
        _identity() as identity,
        tempfile.TemporaryDirectory() as folder,
        running(Path(folder) / "bench.db", identity.settings()) as server,
    ):
        _wait_for(server.port)
        good, unknown = identity.token(service), identity.token(service, key_id="k2")
        for number in range(20):
            _post(server, good, number)
        usual = max(_post(server, good, 100 + number) for number in range(100))
        identity.delay = 2.0
        time.sleep(61)  # an unknown key is asked for once a minute at most
        waiting = threading.Thread(target=_post, args=(server, unknown, 1000), daemon=True)
        waiting.start()
        slowest = max(_post(server, good, 2000 + number) for number in range(200))
        assert waiting.is_alive(), "the refresh ended before the requests did"
        waiting.join()
    print(f"key refresh of 2 s: slowest other request {slowest * 1e3:.0f} ms (without a refresh {usual * 1e3:.0f} ms)")
    _verdict("ms by which a key refresh stalls others", max(0.0, slowest - usual) * 1e3, at_most=LONGEST_STALL)


def _post(server: Server, authorization: str, number: int) -> float:
    body = (PEERS / "teams-question.json").read_text(encoding="utf-8")
    body = body.replace("@ID@", f"{time.time_ns()}").replace("@N@", str(number))
    connection = HTTPConnection("127.0.0.1", server.port, timeout=30)
    started = time.perf_counter()
    headers = {"Content-Type": "application/json", "Authorization": authorization}
    connection.request("POST", "/api/messages", body, headers)
    connection.getresponse().read()
    connection.close()
    return time.perf_counter() - started


def _sent() -> int:
    with urllib.request.urlopen(f"http://127.0.0.1:{CONNECTOR_PORT}/log", timeout=10) as answer:
        return int(json.load(answer)["n"])


def _peers_python() -> Path:
    """The Python of a virtual environment with the peers' SDKs, made where it is missing."""
    folder = ROOT / "build" / "peers"
    python = folder / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        subprocess.run(
            [str(python), "-m", "pip", "install", "--quiet", *PEER_PACKAGES], check=True, stderr=subprocess.DEVNULL
        )
    return python


@contextmanager
def _process(command: list[str], port: int) -> Iterator[int]:
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_for(port)
        yield process.pid
    finally:
        process.terminate()
        process.wait(timeout=20)


def _wait_for(port: int) -> None:
    for _ in range(600):
        try:
            connection = HTTPConnection("127.0.0.1", port, timeout=1)
            connection.request("GET", "/healthz")
            connection.getresponse().read()
            connection.close()
            return
        except OSError:
            time.sleep(0.05)
    raise TimeoutError(f"nobody listens on {port}")


def _memory(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmRSS"))


if __name__ == "__main__":
    main()
