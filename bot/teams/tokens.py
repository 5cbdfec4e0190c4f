"""Tokens of the Bot Connector: whatever it sends carries one, and it is verified before anything is read.

https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-authentication
"""

from __future__ import annotations

from typing import Any

import jwt

from bot.teams.keys import Keys, KeysUnavailableError

ISSUER = "https://api.botframework.com"
_SKEW = 300  # seconds that clocks may differ


class RefusedTokenError(Exception):
    """The token is missing, forged, expired or meant for somebody else; the text says which."""


class KeyServerError(Exception):
    """Nobody can tell now whether the token is good."""


def bearer_in(authorization: str | None) -> str:
    """The token in an Authorization header, '' where it holds none."""
    scheme, _, token = (authorization or "").partition(" ")
    return token if scheme.lower() == "bearer" else ""


class TokenVerifier:
    """Verifies the tokens of incoming activities for one app id."""

    def __init__(self, app_id: str, keys: Keys, issuer: str = ISSUER) -> None:
        self._app_id, self._keys, self._issuer = app_id, keys, issuer

    async def verify(self, authorization: str | None, channel: str, service_url: str) -> None:
        """Raises RefusedTokenError unless the header vouches for this channel and this service URL."""
        if not (token := bearer_in(authorization)):
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
        except (jwt.InvalidTokenError, ValueError, RecursionError):
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
