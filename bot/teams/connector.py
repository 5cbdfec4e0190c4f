"""The Bot Connector's REST API: sending and changing activities, paced, retried, and never lost in silence.

https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-api-reference
Limits: https://learn.microsoft.com/microsoftteams/platform/bots/how-to/rate-limit
"""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol
from urllib.parse import quote

from aiohttp import ClientError, ClientSession, ClientTimeout

from bot.pacing import Pacer, Rate
from bot.retries import Backoff, retry_after
from bot.sending import SendError
from bot.teams.tokens import TokenError

PER_CONVERSATION = (Rate(7, 1), Rate(60, 30), Rate(1800, 3600))
PER_TENANT = (Rate(30, 1),)
_AGAIN = frozenset({412, 429, 500, 502, 503, 504})
# https://learn.microsoft.com/microsoftteams/platform/bots/build-conversational-capability: status codes
_GONE = frozenset(
    {
        "BotDisabledByAdmin",
        "BotNotInConversationRoster",
        "ConversationBlockedByUser",
        "ConversationNotFound",
        "ForbiddenOperationException",
        "MessageWritesBlocked",
    }
)
_TIMEOUT = ClientTimeout(total=20)
# Whoever prompted a reply waits for it, and Teams for ours; what the bot says of its own accord has more time.
_PROMPTED, _UNPROMPTED = Backoff(longest=2.0), Backoff()


class Token(Protocol):
    """Where the Connector's token comes from."""

    async def get(self) -> str: ...

    def forget(self, token: str) -> None: ...


class Connector:
    """Sends to the Connector. `token` is None in local mode, where nothing is signed."""

    def __init__(
        self,
        session: ClientSession,
        token: Token | None,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        chance: random.Random | None = None,
    ) -> None:
        self._session, self._token, self._sleep = session, token, sleep
        self._chance = chance or random.Random()  # noqa: S311  jitter, no secret
        self._conversations = Pacer(PER_CONVERSATION, clock, sleep)
        self._tenant = Pacer(PER_TENANT, clock, sleep)

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
        address = f"{service_url.rstrip('/')}/{path}"
        data = None if body is None else json.dumps(body, ensure_ascii=False).encode(errors="replace")
        # What answers somebody goes at once; the tenant's rate is for what the bot says of its own accord.
        backoff, also = (_PROMPTED, None) if prompted else (_UNPROMPTED, self._tenant.wait)
        # The limits are the channel's, not each thread's.
        channel = conversation.split(";messageid=", maxsplit=1)[0]
        reason, refused = "", False
        for pause in (0.0, *backoff.pauses(self._chance)):
            if pause:
                await self._sleep(pause)
            await self._conversations.wait(channel, also)
            try:
                token = await self._token.get() if self._token else ""
                status, headers, answer = await self._once(method, address, data, token)
            except TokenError as error:
                reason = str(error)
                if error.lasting:
                    raise SendError(reason) from None
                continue
            except (ClientError, TimeoutError, OSError) as error:
                reason = type(error).__name__
                continue
            if status < 300:
                return answer
            reason = f"{status} {_code(answer)}".strip()
            if status == 401 and self._token and not refused:
                refused = True  # once: perhaps the token was withdrawn
                self._token.forget(token)
                continue
            if status not in _AGAIN:
                raise SendError(reason, gone=_is_gone(status, answer))
            if wait := retry_after(headers):
                self._conversations.hold(wait, channel)
        raise SendError(f"gave up: {reason}")

    async def _once(
        self, method: str, address: str, data: bytes | None, token: str
    ) -> tuple[int, Mapping[str, str], Mapping[str, Any]]:
        headers = {"Content-Type": "application/json"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        # A redirect would carry our token to a host that nobody vouched for.
        request = self._session.request(
            method, address, data=data, headers=headers, timeout=_TIMEOUT, allow_redirects=False
        )
        async with request as response:
            return response.status, response.headers, _object(await response.read())


def _object(body: bytes) -> Mapping[str, Any]:
    try:
        data = json.loads(body) if body else {}
    except (ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}


def _code(answer: Mapping[str, Any]) -> str:
    error = answer.get("error")
    return str(error.get("code") or "") if isinstance(error, dict) else ""


def _is_gone(status: int, answer: Mapping[str, Any]) -> bool:
    """Whether the conversation was uninstalled, blocked or deleted, rather than a message in it."""
    code = _code(answer)
    return code in _GONE or (status == 404 and code != "ActivityNotFoundInConversation")
