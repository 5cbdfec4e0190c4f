"""A real server process on loopback, timed and weighed from outside."""

from __future__ import annotations

import json
import os
import random
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from http.client import HTTPConnection
from pathlib import Path

ROOT = Path(__file__).parent.parent
_IDLE = 30.0  # seconds
APP = (str(ROOT / "app.py"),)


def free_port() -> int:
    """A port on which nobody listens, below those from which connections go out: whoever knocks at one of these until
    somebody listens may be connected with itself, and hold it."""
    for port in random.sample(range(15_000, 30_000), 100):
        with socket.socket() as tried, suppress(OSError):
            tried.bind(("127.0.0.1", port))
            return port
    raise OSError("no free port")


class Server:
    """`app.py serve` over a database, with the settings given and no others; `ask` times one question. `program` is
    what runs `app.py` where it is run by something else."""

    def __init__(self, database: Path, settings: Mapping[str, str] | None = None, program: Sequence[str] = APP) -> None:
        self.port = free_port()
        command = [
            sys.executable,
            "-u",
            *program,
            "serve",
            "--port",
            str(self.port),
            "--database",
            str(database),
        ]
        ours = ("MicrosoftApp", "SLACK_", "DIGIVINKKI_", "BotOpenIdMetadata", "ToChannelFromBotLoginUrl")
        environment = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
        if "DIGIVINKKI_VOIKKO" in os.environ:
            environment["DIGIVINKKI_VOIKKO"] = os.environ["DIGIVINKKI_VOIKKO"]
        environment.pop("PYTHONDONTWRITEBYTECODE", None)  # a server keeps its compiled modules
        environment |= settings or {}
        self.database, self.started = database, time.perf_counter()
        self._said, self._complained = database.with_suffix(".out"), database.with_suffix(".err")
        with self._said.open("wb") as said, self._complained.open("wb") as complained:
            self.process = subprocess.Popen(
                command, cwd=database.parent, env=environment, stdout=said, stderr=complained
            )
        self._connection: HTTPConnection | None = None
        self._asked = 0.0

    def ask(self, question: str) -> float:
        """Seconds from the request to the whole reply."""
        # The server closes what was idle for over a minute.
        if time.perf_counter() - self._asked > _IDLE:
            self._hang_up()
        if self._connection is None:
            self._connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        body = json.dumps({"text": question})
        started = self._asked = time.perf_counter()
        self._connection.request("POST", "/preview/messages", body, {"Content-Type": "application/json"})
        response = self._connection.getresponse()
        response.read()
        seconds = time.perf_counter() - started
        assert response.status == 200, response.status
        return seconds

    def first_answer(self, question: str, within: float = 300.0) -> float:
        """Seconds from the start of the process to the first answer. Raises RuntimeError where it ended."""
        while time.perf_counter() - self.started < within:
            if self.process.poll() is not None:
                raise RuntimeError(f"the server ended: {self._complained.read_text(encoding='utf-8')[-500:]}")
            try:
                self.ask(question)
                return time.perf_counter() - self.started
            except OSError:
                self._hang_up()
                time.sleep(0.01)
        raise TimeoutError(f"no answer within {within} s")

    def code(self) -> str:
        """The one-time code that the server printed for IT."""
        return self._said.read_text(encoding="utf-8").split("role: ")[1].split()[0]

    def link(self) -> str:
        """The one-time link to the programme's pages that the server printed."""
        return next(word for word in self._said.read_text(encoding="utf-8").split() if "/kirjaudu/" in word)

    def memory(self) -> float:
        """Resident memory in MB (Linux)."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="utf-8")
        return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmRSS"))

    def stop(self) -> None:
        """Ends the process."""
        self._hang_up()
        self.process.terminate()
        self.process.wait(timeout=20)

    def _hang_up(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


@contextmanager
def running(
    database: Path, settings: Mapping[str, str] | None = None, program: Sequence[str] = APP
) -> Iterator[Server]:
    """A server that is stopped at the end."""
    server = Server(database, settings, program)
    try:
        yield server
    finally:
        server.stop()
