"""The app's own token, which the Bot Connector wants to see with everything that is sent.

https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-authentication
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from urllib.parse import quote

from aiohttp import ClientError, ClientSession, ClientTimeout

SCOPE = "https://api.botframework.com/.default"
_EARLY = 300.0  # seconds before its end that the token is renewed
_PAUSE = 30.0  # seconds until that is tried again, while the old one is good
_PAUSE_WITHOUT = 2.0  # seconds until it is tried again while there is none
_LASTING = frozenset({400, 401, 403, 404})


class TokenError(Exception):
    """Our own token cannot be had. `lasting`: a wrong secret or tenant, which trying again does not mend."""

    def __init__(self, reason: str, *, lasting: bool = False) -> None:
        super().__init__(reason)
        self.lasting = lasting


class AppToken:
    """This app's own token for the Connector (client credentials): one request at a time fetches it, and it is
    renewed before it ends, while the old one still serves."""

    def __init__(
        self,
        session: ClientSession,
        app_id: str,
        password: str,
        tenant: str,
        login: str,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._session, self._clock = session, clock
        self._address = f"{login}/{quote(tenant, safe='')}/oauth2/v2.0/token"
        self._form = {
            "grant_type": "client_credentials",
            "client_id": app_id,
            "client_secret": password,
            "scope": SCOPE,
        }
        self._token = ""
        self._renew_at = self._ends = -float("inf")
        self._running: asyncio.Task[TokenError | None] | None = None
        self._failed, self._failed_at = TokenError(""), -float("inf")

    async def get(self) -> str:
        """The token. Raises TokenError."""
        now = self._clock()
        if now < self._ends and now < self._renew_at:
            return self._token
        if now >= self._ends and now - self._failed_at < _PAUSE_WITHOUT:
            raise TokenError(str(self._failed), lasting=self._failed.lasting)  # a moment ago: not for every message
        task = self._begin()
        if now >= self._ends and (error := await asyncio.shield(task)):
            raise TokenError(str(error), lasting=error.lasting)
        return self._token

    def forget(self, token: str) -> None:
        """The Connector refused the token: the next `get` fetches another, unless that has been done."""
        if token == self._token:
            self._ends = -float("inf")

    def _begin(self) -> asyncio.Task[TokenError | None]:
        if self._running is None or self._running.done():
            self._running = asyncio.create_task(self._renew())
        return self._running

    async def _renew(self) -> TokenError | None:
        """Fetches a token; the error where none was had, for all who wait and for who comes right after."""
        self._renew_at = self._clock() + _PAUSE
        error = await self._fetched()
        self._failed, self._failed_at = error or self._failed, self._clock() if error else -float("inf")
        return error

    async def _fetched(self) -> TokenError | None:
        try:
            timeout = ClientTimeout(total=10)
            # A redirect would carry the secret to another host.
            request = self._session.post(self._address, data=self._form, timeout=timeout, allow_redirects=False)
            async with request as response:
                status, data = response.status, await response.json(content_type=None)
            if status != 200:
                code = data.get("error") if isinstance(data, dict) else None
                return TokenError(f"the login service answers {status} ({code})", lasting=status in _LASTING)
            token, seconds = str(data["access_token"]), float(data["expires_in"])
        except (ClientError, TimeoutError, OSError, ValueError, KeyError, TypeError) as error:
            return TokenError(f"the login service cannot be reached ({type(error).__name__})")
        self._token, now = token, self._clock()
        self._renew_at, self._ends = now + max(seconds - _EARLY, seconds / 2), now + seconds
        return None
