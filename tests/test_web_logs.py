"""Nothing that a person sent is found in what the server writes to standard error."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

from bench.server import free_port

APP = Path(__file__).parent.parent / "app.py"
JSON = "Content-Type: application/json\r\n"


@contextmanager
def server(folder: Path) -> Iterator[int]:
    """The port of a real server whose standard error goes to `log` in the folder."""
    port = free_port()
    settings = ("MicrosoftApp", "SLACK_", "DIGIVINKKI_")
    environment = {
        name: value
        for name, value in os.environ.items()
        if name == "DIGIVINKKI_VOIKKO" or not name.startswith(settings)
    }
    command = [sys.executable, str(APP), "serve", "--port", str(port), "--database", str(folder / "bot.db")]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(  # noqa: S603 - our own program
            command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=log
        )
    try:
        yield port
    finally:
        process.terminate()
        process.wait(timeout=20)


def ask(port: int, body: str) -> int:
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("POST", "/preview/messages", body, {"Content-Type": "application/json"})
        return connection.getresponse().status
    finally:
        connection.close()


def started(port: int) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise TimeoutError("the server did not start")


def send(port: int, raw: str) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as peer:
        peer.sendall(raw.encode())
        peer.shutdown(socket.SHUT_WR)
        while peer.recv(4096):
            pass


def test_no_text_of_a_request_is_logged(tmp_path: Path) -> None:
    with server(tmp_path) as port:
        started(port)
        assert ask(port, json.dumps({"text": "hetuni on 131052-308T, salasana ei käy"})) == 200
        assert ask(port, '{"text": "rikkinäinenrunko') >= 400
        head = f"POST /preview/messages HTTP/1.1\r\nHost: localhost:{port}\r\n{JSON}Transfer-Encoding: chunked\r\n\r\n"
        send(port, head + "zzkissasalaisuus\r\nkoirasalaisuus\r\n0\r\n\r\n")
        send(port, head + "5\r\nhello-liianpitkasalaisuus\r\n0\r\n\r\n")
        send(port, "GET /hevossalaisuus\x00 HTTP/1.1\r\nBad Header salaisuus\r\n\r\n")
    log = (tmp_path / "log").read_text(encoding="utf-8")
    for secret in ("131052", "308T", "rikkin", "salaisuus", "Traceback"):
        assert secret not in log
    lines = [json.loads(line) for line in log.splitlines()]
    assert [line["error"] for line in lines if line.get("logger") == "aiohttp.server"], log
