"""What `doctor --online` asks, on this machine: the public address, Microsoft's login and Slack's API."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

Answer = tuple[int, str, Mapping[str, str]]  # status, body, headers

HEALTHY: Answer = (200, "ok\n", {})
MESSAGES: Answer = (401, "no bearer token\n", {})
SOCKET: Answer = (200, json.dumps({"ok": True, "url": "wss://wss.slack.com/link/?ticket=1"}), {})
TOKEN: Answer = (200, json.dumps({"access_token": "token", "expires_in": 3600}), {})


def slack(granted: str | None = None, **answer: object) -> Answer:
    """What auth.test answers, with the scopes that it says were granted."""
    body = {"ok": True, "user": "digivinkki", "team": "Mallilan kunta", **answer}
    return 200, json.dumps(body), {} if granted is None else {"X-OAuth-Scopes": granted}


class Platforms:
    """Answers by the end of the path; `asked` holds what was asked: path, body, Authorization."""

    def __init__(self, port: int) -> None:
        self.address = f"http://127.0.0.1:{port}"
        self.answers: dict[str, Answer] = {
            "/healthz": HEALTHY,
            "/api/messages": MESSAGES,
            "/token": TOKEN,
            "/auth.test": slack(),
            "/apps.connections.open": SOCKET,
        }
        self.asked: list[tuple[str, str, str]] = []

    @property
    def settings(self) -> dict[str, str]:
        """The settings that lead here."""
        return {
            "DIGIVINKKI_PUBLIC_URL": self.address,
            "ToChannelFromBotLoginUrl": self.address,
            "SLACK_API_URL": f"{self.address}/api",
        }


@contextmanager
def platforms() -> Iterator[Platforms]:
    """Serves them while the block runs."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            there.asked.append((self.path, body, self.headers.get("Authorization") or ""))
            found = (answer for end, answer in there.answers.items() if self.path.endswith(end))
            status, text, headers = next(found, (404, "", {}))
            self.send_response(status)
            kind = "application/json" if text.startswith("{") else "text/plain"
            for name, value in {**headers, "Content-Type": kind, "Content-Length": str(len(text.encode()))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(text.encode())

        do_POST = do_GET  # noqa: N815  the name is the base class's

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        there = Platforms(server.server_port)
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield there
        finally:
            server.shutdown()
            thread.join()
