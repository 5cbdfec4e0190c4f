"""A stand-in for Microsoft's login and key servers on loopback, with keys made on the spot."""

from __future__ import annotations

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

APP_ID = "11111111-2222-3333-4444-555555555555"


class Identity:
    """Serves OpenID metadata, keys (after `delay` seconds) and tokens; signs as the Connector does."""

    def __init__(self) -> None:
        self.delay = 0.0
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        identity = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                identity.serve(self)

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                identity.serve(self)

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def settings(self) -> dict[str, str]:
        """The environment that makes the product trust this server."""
        return {
            "MicrosoftAppId": APP_ID,
            "MicrosoftAppPassword": "secret",
            "MicrosoftAppTenantId": "t1",
            "BotOpenIdMetadata": f"{self.address}/openid",
            "ToChannelFromBotLoginUrl": self.address,
        }

    def token(self, service_url: str, key_id: str = "k1") -> str:
        """An Authorization header as the Connector sends it."""
        now = int(time.time())
        claims = {
            "iss": "https://api.botframework.com",
            "aud": APP_ID,
            "exp": now + 3600,
            "nbf": now - 60,
            "serviceurl": service_url,
        }
        return "Bearer " + jwt.encode(claims, self._key, algorithm="RS256", headers={"kid": key_id})

    def serve(self, request: BaseHTTPRequestHandler) -> None:
        """Answers one request."""
        body = json.dumps(self._answer(request.path)).encode()
        request.send_response(200)
        request.send_header("Content-Type", "application/json")
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)

    def stop(self) -> None:
        """Ends the server."""
        self._server.shutdown()
        self._server.server_close()

    def _answer(self, path: str) -> dict[str, Any]:
        if path == "/openid":
            return {"jwks_uri": f"{self.address}/keys"}
        if path == "/keys":
            time.sleep(self.delay)
            key = json.loads(RSAAlgorithm.to_jwk(self._key.public_key()))
            return {"keys": [{**key, "kid": "k1", "use": "sig", "endorsements": ["msteams"]}]}
        return {"access_token": "bench", "expires_in": 3600, "token_type": "Bearer"}
