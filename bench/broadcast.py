"""A broadcast to 10,000 Teams channels: how much longer than the rate itself it takes, and what memory it needs.

python -m bench.broadcast           at 300 a second and 30 ms latency: ten times Teams' pace, under a minute
python -m bench.broadcast --full    at Teams' 30 a second and 300 ms: 333 s at best
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from bench.channels import PEERS, _memory, _process, _verdict
from bench.posting import prepare
from bench.server import ROOT

DESTINATIONS, PORT = 10_000, 4910
MOST_OVER = 5.0  # per cent over the limit itself


def main(*, full: bool = False) -> None:
    """Prints the figures."""
    rate, delay = (30, 0.3) if full else (300, 0.03)
    connector = [sys.executable, str(PEERS / "connector.py"), str(PORT), "--forgetful"]
    with tempfile.TemporaryDirectory() as folder, _process(connector, PORT):
        path = Path(folder) / "broadcast.db"
        prepare(path, PORT, "broadcast", {"teams": DESTINATIONS})
        _ask("/mode", {"delay": delay})
        start = _sent()
        driver = [sys.executable, "-m", "bench.posting", str(path), str(PORT), "--rate", str(rate)]
        process = subprocess.Popen(driver, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            seconds, memory = _watched(process.pid, start)
        finally:
            process.kill()
            process.wait(timeout=20)
    best = (DESTINATIONS - rate) / rate  # the first second's worth goes at once
    print(
        f"\nBroadcast to {DESTINATIONS} channels at {rate} a second and {delay * 1e3:.0f} ms latency: {seconds:.1f} s"
    )
    over = (seconds / best - 1) * 100
    if full:
        _verdict("per cent longer than the limit itself", over, at_most=MOST_OVER)
    else:  # ten times what Teams allows: here the machine is the limit
        print(f"{over:.1f} % longer than that rate itself (--full measures at Teams' own)")
    shown = ", ".join(
        f"{name} {value:.0f}" for name, value in zip(("first post", "middle", "end"), memory, strict=True)
    )
    print(f"memory in MB: {shown}", flush=True)


def _watched(pid: int, start: int) -> tuple[float, tuple[float, float, float]]:
    """Seconds from the first post to the last, and the memory at the first, in the middle and at the end."""
    while _sent() - start < 1:
        time.sleep(0.01)
    began, first, middle = time.perf_counter(), _memory(pid), 0.0
    while (done := _sent() - start) < DESTINATIONS:
        if not middle and done > DESTINATIONS // 2:
            middle = _memory(pid)
        time.sleep(0.02)
    seconds = time.perf_counter() - began
    time.sleep(1)
    return seconds, (first, middle, _memory(pid))


def _sent() -> int:
    return int(str(_ask("/log")["n"]))


def _ask(path: str, body: object = None) -> dict[str, object]:
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(f"http://127.0.0.1:{PORT}{path}", data, timeout=10) as answer:
        return dict(json.load(answer))


if __name__ == "__main__":
    main(full="--full" in sys.argv)
