"""The Bot Connector's REST API: sending and changing activities, paced, retried, and never lost in silence.

https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-api-reference
Limits: https://learn.microsoft.com/microsoftteams/platform/bots/how-to/rate-limit
"""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol
from urllib.parse import quote

from aiohttp import ClientError, ClientSession, ClientTimeout

from bot.pacing import Pacer, Rate
from bot.retries import Backoff, retry_after
from bot.teams.tokens import TokenError

PER_CONVERSATION = (Rate(7, 1), Rate(60, 30), Rate(1800, 3600))
PER_TENANT = (Rate(30, 1),)
_AGAIN = frozenset({412, 429, 500, 502, 503, 504})
_TIMEOUT = ClientTimeout(total=20)


class Token(Protocol):
    """Where the Connector's token comes from."""

    async def get(self) -> str: ...

    def forget(self) -> None: ...


class SendError(Exception):
    """What was to be sent was not. `gone`: the conversation cannot be written to any more."""

    def __init__(self, reason: str, *, gone: bool = False) -> None:
        super().__init__(reason)
        self.gone = gone


class Connector:
    """Sends to the Connector. `token` is None in local mode, where nothing is signed."""

    def __init__(
        self,
        session: ClientSession,
        token: Token | None,
        *,
        backoff: Backoff | None = None,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        chance: random.Random | None = None,
    ) -> None:
        self._session, self._token, self._sleep = session, token, sleep
        self._backoff, self._chance = backoff or Backoff(), chance or random.Random()  # noqa: S311  jitter, no secret
        self._conversations = Pacer(PER_CONVERSATION, sleep=sleep)
        self._tenant = Pacer(PER_TENANT, sleep=sleep)

    async def send(self, service_url: str, conversation: str, activity: Mapping[str, Any], reply_to: str = "") -> str:
        """Sends the activity, as a reply where `reply_to` names one; its id. Raises SendError."""
        path = f"v3/conversations/{quote(conversation, safe='')}/activities"
        if reply_to:
            path += f"/{quote(reply_to, safe='')}"
        answer = await self._call("POST", service_url, path, conversation, activity, prompted=bool(reply_to))
        return str(answer.get("id") or "")

    async def update(self, service_url: str, conversation: str, activity_id: str, activity: Mapping[str, Any]) -> None:
        """Changes an activity that was sent. Raises SendError."""
        path = f"v3/conversations/{quote(conversation, safe='')}/activities/{quote(activity_id, safe='')}"
        await self._call("PUT", service_url, path, conversation, activity, prompted=True)

    async def delete(self, service_url: str, conversation: str, activity_id: str) -> None:
        """Takes back an activity that was sent. Raises SendError."""
        path = f"v3/conversations/{quote(conversation, safe='')}/activities/{quote(activity_id, safe='')}"
        await self._call("DELETE", service_url, path, conversation, None)

    async def create(self, service_url: str, parameters: Mapping[str, Any]) -> str:
        """Starts a conversation, or a thread in a channel; its id. Raises SendError."""
        return str((await self._call("POST", service_url, "v3/conversations", "", parameters)).get("id") or "")

    async def _call(
        self,
        method: str,
        service_url: str,
        path: str,
        conversation: str,
        body: Mapping[str, Any] | None,
        *,
        prompted: bool = False,
    ) -> Mapping[str, Any]:
        # What answers somebody goes at once; the tenant's rate is for what the bot says of its own accord.
        address = f"{service_url.rstrip('/')}/{path}"
        data = None if body is None else json.dumps(body, ensure_ascii=False).encode()
        reason, refused = "", False
        for pause in (0.0, *self._backoff.pauses(self._chance)):
            if pause:
                await self._sleep(pause)
            await self._conversations.wait(conversation)
            if not prompted:
                await self._tenant.wait()
            try:
                status, headers, answer = await self._once(method, address, data)
            except (ClientError, TimeoutError, OSError, TokenError) as error:
                reason = str(error) if isinstance(error, TokenError) else type(error).__name__
                continue
            if status < 300:
                return answer
            reason = f"{status} {_code(answer)}".strip()
            if status == 401 and self._token and not refused:
                refused = True  # once: perhaps the token was withdrawn
                self._token.forget()
                continue
            if status not in _AGAIN:
                raise SendError(reason, gone=_is_gone(status, answer))
            if wait := retry_after(headers):
                self._conversations.hold(wait, conversation)
        raise SendError(f"gave up: {reason}")

    async def _once(
        self, method: str, address: str, data: bytes | None
    ) -> tuple[int, Mapping[str, str], Mapping[str, Any]]:
        headers = {"Content-Type": "application/json"}
        if self._token:
            headers["Authorization"] = f"Bearer {await self._token.get()}"
        # A redirect would carry our token to a host that nobody vouched for.
        request = self._session.request(
            method, address, data=data, headers=headers, timeout=_TIMEOUT, allow_redirects=False
        )
        async with request as response:
            text = await response.text()
            return response.status, response.headers, _object(text)


def _object(text: str) -> Mapping[str, Any]:
    try:
        data = json.loads(text) if text else {}
    except ValueError:
        return {}
    return data if isinstance(data, dict) else {}


def _code(answer: Mapping[str, Any]) -> str:
    error = answer.get("error")
    return str(error.get("code") or "") if isinstance(error, dict) else ""


def _is_gone(status: int, answer: Mapping[str, Any]) -> bool:
    """Uninstalled, blocked or deleted: `BotNotInConversationRoster`, `ConversationNotFound`, `MessageWritesBlocked`."""
    code = _code(answer)
    return status == 404 or code in (
        "BotNotInConversationRoster",
        "ConversationNotFound",
        "ConversationBlockedByUser",
        "MessageWritesBlocked",
        "ForbiddenOperationException",
    )
