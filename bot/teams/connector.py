"""The Bot Connector's REST API: sending and changing activities, paced, retried, and never lost in silence.

https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-api-reference
Limits: https://learn.microsoft.com/microsoftteams/platform/bots/how-to/rate-limit
"""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import quote

from aiohttp import ClientError, ClientSession, ClientTimeout

from bot.pacing import Pacer, Rate
from bot.retries import Backoff, retry_after
from bot.sending import NotNowError, SendError, Sending
from bot.teams.addresses import is_https
from bot.teams.apptoken import TokenError

PER_CONVERSATION = (Rate(7, 1), Rate(60, 30), Rate(1800, 3600))
PER_TENANT = (Rate(30, 1),)
_AGAIN = frozenset({408, 412, 429})
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
# Whoever prompted a reply waits for it; what the bot says of its own accord has more time.
PROMPTED, UNPROMPTED = Backoff(longest=2.0, patience=60.0), Backoff()
ONCE = Backoff(tries=1, patience=3.0)  # for what nobody misses


class Token(Protocol):
    """Where the Connector's token comes from."""

    async def get(self) -> str: ...

    def forget(self, token: str) -> None: ...


class Connector:
    """Sends to the Connector. `token` is None in local mode, where nothing is signed.

    With `https_only` what was stored in local mode, vouched for by nobody, never gets the token.
    """

    def __init__(
        self,
        session: ClientSession,
        token: Token | None,
        *,
        https_only: bool = False,
        tenant: Sequence[Rate] = PER_TENANT,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        chance: random.Random | None = None,
    ) -> None:
        self._session, self._token, self._https_only = session, token, https_only
        self._sending = Sending(Pacer(PER_CONVERSATION, clock, sleep), sleep, chance)
        self._tenant = Pacer(tenant, clock, sleep)

    async def send(
        self,
        service_url: str,
        conversation: str,
        activity: Mapping[str, Any],
        reply_to: str = "",
        backoff: Backoff | None = None,
    ) -> str:
        """Sends the activity, as a reply where `reply_to` names one; its id. Raises SendError."""
        path = f"v3/conversations/{quote(conversation, safe='')}/activities"
        if reply_to:
            path += f"/{quote(reply_to, safe='')}"
        call = _Call("POST", service_url, path, conversation, activity, prompted=bool(reply_to))
        return str((await self._made(call, backoff)).get("id") or "")

    async def update(
        self,
        service_url: str,
        conversation: str,
        activity_id: str,
        activity: Mapping[str, Any],
        *,
        prompted: bool = True,
    ) -> None:
        """Changes an activity that was sent. Raises SendError."""
        path = f"v3/conversations/{quote(conversation, safe='')}/activities/{quote(activity_id, safe='')}"
        await self._made(_Call("PUT", service_url, path, conversation, activity, prompted))

    async def delete(self, service_url: str, conversation: str, activity_id: str) -> None:
        """Takes back an activity that was sent. Raises SendError."""
        path = f"v3/conversations/{quote(conversation, safe='')}/activities/{quote(activity_id, safe='')}"
        await self._made(_Call("DELETE", service_url, path, conversation, None, prompted=False))

    async def member(self, service_url: str, conversation: str, member: str) -> Mapping[str, Any]:
        """What Teams tells of somebody in a conversation: email, userPrincipalName, aadObjectId. Raises SendError."""
        path = f"v3/conversations/{quote(conversation, safe='')}/members/{quote(member, safe='')}"
        return await self._made(_Call("GET", service_url, path, conversation, None, prompted=True), ONCE)

    async def _made(self, call: _Call, backoff: Backoff | None = None) -> Mapping[str, Any]:
        if self._https_only and not is_https(call.service_url):
            raise SendError("the service URL is not https", gone=True)
        # What answers somebody goes at once; the tenant's rate is for what the bot says of its own accord.
        usual, also = (PROMPTED, None) if call.prompted else (UNPROMPTED, self._tenant.wait)
        data = None if call.body is None else json.dumps(call.body, ensure_ascii=False).encode(errors="replace")
        refused: list[str] = []  # tokens
        # The limits are the channel's, not each thread's.
        channel = call.conversation.split(";messageid=", maxsplit=1)[0]
        return await self._sending.send(channel, lambda: self._once(call, data, refused), backoff or usual, also)

    async def _once(self, call: _Call, data: bytes | None, refused: list[str]) -> Mapping[str, Any]:
        """One try. Raises NotNowError where another may do better, SendError where none will."""
        try:
            token = await self._token.get() if self._token else ""
            status, headers, answer = await self._requested(call.method, call.address, data, token)
        except TokenError as error:
            # A wrong password is mended in the settings: what waits goes out then.
            raise (SendError(str(error), again=True) if error.lasting else NotNowError(str(error))) from None
        except (ClientError, TimeoutError, OSError) as error:
            raise NotNowError(type(error).__name__) from error
        if status < 300:
            return answer
        reason = f"{status} {_code(answer)}".strip()
        if status == 401 and self._token and not refused:
            refused.append(token)  # once: perhaps the token was withdrawn
            self._token.forget(token)
            raise NotNowError(reason)
        if status in _AGAIN or status >= 500:
            raise NotNowError(reason, retry_after(headers))
        raise SendError(reason, gone=_is_gone(call.method, status, answer))

    async def _requested(
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


@dataclass(frozen=True, slots=True)
class _Call:
    """A request to the Connector. `prompted`: somebody waits for it."""

    method: str
    service_url: str
    path: str
    conversation: str
    body: Mapping[str, Any] | None
    prompted: bool

    @property
    def address(self) -> str:
        return f"{self.service_url.rstrip('/')}/{self.path}"


def _object(body: bytes) -> Mapping[str, Any]:
    try:
        data = json.loads(body) if body else {}
    except (ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}


def _code(answer: Mapping[str, Any]) -> str:
    error = answer.get("error")
    return str(error.get("code") or "") if isinstance(error, dict) else ""


def _is_gone(method: str, status: int, answer: Mapping[str, Any]) -> bool:
    """Whether the conversation was uninstalled, blocked or deleted, rather than a message in it. A 404 that says
    nothing may come from a proxy on the way."""
    code = _code(answer)
    return code in _GONE or (method == "POST" and status == 404 and bool(code) and not code.startswith("Activity"))
