"""Tokens: those that the Bot Connector sends are verified, those that it wants are fetched.

https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-authentication
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import jwt
from aiohttp import ClientError, ClientSession, ClientTimeout

from bot.teams.keys import Keys, KeysUnavailableError

ISSUER = "https://api.botframework.com"
SCOPE = "https://api.botframework.com/.default"
_SKEW = 300  # seconds that clocks may differ
_EARLY = 300.0  # seconds before its end that our own token is renewed


class RefusedTokenError(Exception):
    """The token is missing, forged, expired or meant for somebody else; the text says which."""


class KeyServerError(Exception):
    """Nobody can tell now whether the token is good."""


class TokenVerifier:
    """Verifies the tokens of incoming activities for one app id."""

    def __init__(self, app_id: str, keys: Keys, issuer: str = ISSUER) -> None:
        self._app_id, self._keys, self._issuer = app_id, keys, issuer

    async def verify(self, authorization: str | None, channel: str, service_url: str) -> None:
        """Raises RefusedTokenError unless the header vouches for this channel and this service URL."""
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise RefusedTokenError("no bearer token")
        signing = await self._key(token)
        if channel not in signing.channels:
            raise RefusedTokenError("the key may not sign for this channel")
        claims = self._claims(token, signing.key.key)
        # The claim is in the token as 'serviceurl'; a host that no token vouched for never gets a reply of ours.
        vouched = str(claims.get("serviceurl") or claims.get("serviceUrl") or "")
        if not vouched or vouched.rstrip("/") != service_url.rstrip("/"):
            raise RefusedTokenError("another service URL than the token's")

    async def _key(self, token: str) -> Any:
        try:
            header = jwt.get_unverified_header(token)
        except jwt.InvalidTokenError:
            raise RefusedTokenError("not a token") from None
        key_id = header.get("kid")
        if header.get("alg") != "RS256" or not isinstance(key_id, str):
            raise RefusedTokenError("not signed with RS256")
        try:
            signing = await self._keys.get(key_id)
        except KeysUnavailableError:
            raise KeyServerError from None
        if signing is None:
            raise RefusedTokenError("signed with an unknown key")
        return signing

    def _claims(self, token: str, key: Any) -> dict[str, Any]:
        try:
            claims: dict[str, Any] = jwt.decode(
                token,
                key,
                algorithms=["RS256"],
                audience=self._app_id,
                issuer=self._issuer,
                leeway=_SKEW,
                options={"require": ["exp", "iss", "aud"]},
            )
        except jwt.InvalidTokenError as error:
            raise RefusedTokenError(str(error)) from None
        return claims


class TokenError(Exception):
    """Our own token cannot be had: a wrong secret or tenant, or no way to the login service."""


class AppToken:
    """This app's own token for the Connector (client credentials), renewed before it ends, by one request at a time."""

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
        self._token, self._ends = "", -float("inf")
        self._lock = asyncio.Lock()

    async def get(self) -> str:
        """The token. Raises TokenError."""
        async with self._lock:
            if self._clock() >= self._ends - _EARLY:
                await self._renew()
            return self._token

    def forget(self) -> None:
        """The Connector refused the token: the next `get` fetches another."""
        self._ends = -float("inf")

    async def _renew(self) -> None:
        try:
            timeout = ClientTimeout(total=10)
            async with self._session.post(self._address, data=self._form, timeout=timeout) as response:
                data = await response.json(content_type=None)
                if response.status != 200:
                    code = data.get("error") if isinstance(data, dict) else None
                    raise TokenError(f"the login service answers {response.status} ({code})")
            self._token, self._ends = str(data["access_token"]), self._clock() + float(data["expires_in"])
        except (ClientError, TimeoutError, OSError, ValueError, KeyError, TypeError) as error:
            if self._token and self._clock() < self._ends:
                return  # still good for some minutes
            raise TokenError(f"the login service cannot be reached ({type(error).__name__})") from error
