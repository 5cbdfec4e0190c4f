"""Sending to Slack: paced per channel, tried again, and what fails at the end is told to the caller."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import urlsplit

from aiohttp import ClientError
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.pacing import Pacer, Rate
from bot.retries import Backoff, retry_after
from bot.sending import NotNowError, SendError, Sending
from bot.texts import cut

HISTORY = (Rate(50, 60),)  # of the same: conversations.history is of tier 3
PER_CHANNEL = (Rate(1, 1.1),)  # https://docs.slack.dev/apis/web-api/rate-limits: about one message a second
_PATIENCE = 30.0  # seconds for one try
_AT_ONCE = Backoff(tries=2, patience=3.0)
_LONGEST = 90.0  # seconds for all tries; less than until a question is taken for abandoned
# Of a channel. What is of the whole workspace (token_revoked …) is mended by a new token, and no channel is lost.
_GONE = frozenset({"channel_not_found", "is_archived", "not_in_channel"})
_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})
_AGAIN = frozenset({"ratelimited", "internal_error", "fatal_error", "service_unavailable", "request_timeout"})

# The line failed, or something between answered what slack_sdk cannot read: it looks for `get` in a text.
_UNHEARD = (ClientError, TimeoutError, OSError, AttributeError, ValueError)

# Of the whole workspace: what waits goes out once somebody has given a new token.
_MENDED = frozenset({"account_inactive", "invalid_auth", "not_authed", "token_expired", "token_revoked"})
_UNREADABLE = frozenset({"missing_scope", "method_not_supported_for_channel_type"})

# A message's metadata, by which it is known again: https://docs.slack.dev/messaging/message-metadata
EVENT, KEY = "digivinkki_delivery", "key"
_SETTLED = 3.0  # seconds until a message whose sending was cut off is there to be read
_AROUND = 86_400.0  # seconds before and after: no clock is as wrong as that
_PAGE, _PAGES = 200, 25  # messages

T = TypeVar("T")


class SlackSender:
    """Posts and updates messages, and knows as whom."""

    def __init__(
        self,
        client: AsyncWebClient,
        *,
        backoff: Backoff | None = None,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        chance: random.Random | None = None,
        patience: float = _PATIENCE,
        settled: float = _SETTLED,
        history: Sequence[Rate] = HISTORY,
    ) -> None:
        self._client, self._patience, self._backoff = client, patience, backoff or Backoff(patience=_LONGEST)
        self._sending = Sending(Pacer(PER_CHANNEL, sleep=sleep), sleep, chance)
        self._reading = Sending(Pacer(history, sleep=sleep), sleep, chance)
        self._sleep, self._settled = sleep, settled
        self._me = ""

    async def me(self) -> str:
        """The bot's own user id, asked for until it is told; '' while it is not."""
        if not self._me:
            try:
                async with asyncio.timeout(self._patience):
                    self._me = str((await self._client.auth_test()).get("user_id") or "")
            except (SlackApiError, *_UNHEARD):
                return ""
        return self._me

    def accepts(self, url: str) -> bool:
        """Whether the address is Slack's, or of the same computer where a test bench stands in for Slack."""
        try:
            parts, host = urlsplit(url), urlsplit(self._client.base_url).hostname
            secure, asked = parts.scheme == "https", parts.hostname or ""
        except ValueError:
            return False
        return (secure and asked.endswith((".slack.com", ".slack-gov.com"))) or (host in _LOCAL and asked in _LOCAL)

    async def post(self, channel: str, blocks: Sequence[Any], text: str, thread: str = "") -> str:
        """Posts a message, in a thread where one is named; its `ts`. Raises SendError."""
        arguments: dict[str, Any] = {"channel": channel, "blocks": list(blocks), "text": text, "unfurl_links": False}
        if thread:
            arguments["thread_ts"] = thread
        answer = await self._called(channel, lambda: self._client.chat_postMessage(**arguments))
        return str(answer.get("ts") or "")

    async def deliver(
        self, channel: str, blocks: Sequence[Any], text: str, key: str, backoff: Backoff, ts: str = ""
    ) -> str:
        """Posts a message under a key, or changes the one at `ts`; its `ts`. Raises SendError.

        Never twice: where nobody knows what became of a try, the channel is read before the next one.
        """
        body: dict[str, Any] = {"channel": channel, "blocks": list(blocks), "text": text, "metadata": _metadata(key)}
        if ts:
            await self._sending.send(
                channel, lambda: self._once(lambda: self._client.chat_update(ts=ts, **body)), backoff
            )
            return ts
        began, doubtful = time.time(), False

        async def once() -> str:
            nonlocal doubtful
            if doubtful:
                await self._sleep(self._settled)
                if found := await self._found(channel, key, began):
                    return found
            doubtful = True
            try:
                answer = await self._once(lambda: self._client.chat_postMessage(**body, unfurl_links=False))
            except NotNowError as error:
                doubtful = not error.refused
                raise
            except SendError:
                doubtful = False
                raise
            return str(answer.get("ts") or "")

        try:
            return await self._sending.send(channel, once, backoff)
        except SendError as error:
            raise SendError(str(error), gone=error.gone, again=error.again, doubtful=doubtful) from error

    async def find(self, channel: str, key: str, around: float) -> str:
        """The `ts` of the message that was posted under the key at about that time; '' where there is none, or where
        nobody may read there. Raises SendError."""
        return await self._reading.send("", lambda: self._found(channel, key, around), self._backoff)

    async def delete(self, channel: str, ts: str) -> None:
        """Takes back a message of ours. Raises SendError."""
        try:
            await self._called(channel, lambda: self._client.chat_delete(channel=channel, ts=ts))
        except SendError as error:
            if str(error) != "message_not_found":
                raise

    async def _found(self, channel: str, key: str, around: float) -> str:
        """One try at it."""
        cursor, since, until = "", f"{max(around - _AROUND, 0):.6f}", f"{around + _AROUND:.6f}"
        for _ in range(_PAGES):

            async def page(cursor: str = cursor) -> AsyncSlackResponse:
                return await self._client.conversations_history(
                    channel=channel,
                    include_all_metadata=True,
                    limit=_PAGE,
                    oldest=since,
                    latest=until,
                    cursor=cursor or None,
                )

            try:
                answer = await self._once(page)
            except SendError as error:
                if str(error) in _UNREADABLE:
                    return ""
                raise
            for message in answer.get("messages") or ():
                if _key_of(message) == key:
                    return str(message.get("ts") or "")
            cursor = str((answer.get("response_metadata") or {}).get("next_cursor") or "")
            if not cursor:
                break
        return ""

    async def addresses(self, user: str) -> list[str]:
        """The person's e-mail address, where the app may see it (`users:read.email`). Raises SendError."""
        answer = await self._sending.send("", lambda: self._once(lambda: self._client.users_info(user=user)), _AT_ONCE)
        told = answer.get("user")
        profile = told.get("profile") if isinstance(told, dict) else None
        address = profile.get("email") if isinstance(profile, dict) else None
        return [address] if isinstance(address, str) and address else []

    async def update(self, channel: str, ts: str, blocks: Sequence[Any], text: str) -> None:
        """Changes a message of ours. Raises SendError."""
        await self._called(
            channel, lambda: self._client.chat_update(channel=channel, ts=ts, blocks=list(blocks), text=text)
        )

    async def open(self, trigger: str, view: dict[str, Any]) -> None:
        """Opens a modal for the person whose press it was, within the 3 seconds for which it may. Raises SendError."""

        async def once() -> None:
            await self._once(lambda: self._client.views_open(trigger_id=trigger, view=view))

        await self._sending.send(trigger, once, _AT_ONCE)

    async def change(self, view_id: str, view: dict[str, Any]) -> None:
        """Shows something else in an open modal. Raises SendError."""
        await self._called(view_id, lambda: self._client.views_update(view_id=view_id, view=view))

    async def respond(self, url: str, blocks: Sequence[Any], text: str, *, replace: bool = False) -> None:
        """Answers a press or a slash command for one person only, or in place of the message. Raises SendError."""
        how = {} if replace else {"response_type": "ephemeral"}  # a message in its place stays for whom it was
        body = {"blocks": list(blocks), "text": text, "replace_original": replace, **how}
        client = self._client
        hook = AsyncWebhookClient(
            url, session=client.session, proxy=client.proxy, logger=client.logger, retry_handlers=[]
        )

        async def call() -> None:
            answer = await hook.send_dict(body)
            if answer.status_code != 200:
                raise _failure(cut(answer.body, 60), answer.status_code, answer.headers)

        await self._called(url, call)

    async def _called(self, key: str, call: Callable[[], Awaitable[T]]) -> T:
        return await self._sending.send(key, lambda: self._once(call), self._backoff)

    async def _once(self, call: Callable[[], Awaitable[T]]) -> T:
        """One try. Raises NotNowError where another may do better, SendError where none will."""
        try:
            async with asyncio.timeout(self._patience):
                return await call()
        except SlackApiError as error:
            raise _failure(*_told(error)) from error
        except _UNHEARD as error:
            raise NotNowError(type(error).__name__) from error


def _failure(code: str, status: int, headers: Mapping[str, str]) -> NotNowError | SendError:
    """What an answer means with which nothing was sent. `code` is Slack's own word for it, '' where it gave none."""
    reason = code or f"HTTP {status}"
    if status == 429 or status >= 500 or code in _AGAIN or (status == 200 and not code):
        return NotNowError(reason, retry_after(headers), refused=status == 429 or code == "ratelimited")
    return SendError(reason, gone=code in _GONE, again=code in _MENDED)


def _metadata(key: str) -> dict[str, Any]:
    return {"event_type": EVENT, "event_payload": {KEY: key}}


def _key_of(message: Any) -> str:
    """The key under which a message was posted, '' for any other."""
    metadata = message.get("metadata") if isinstance(message, dict) else None
    if not isinstance(metadata, dict) or metadata.get("event_type") != EVENT:
        return ""
    payload = metadata.get("event_payload")
    return str(payload.get(KEY) or "") if isinstance(payload, dict) else ""


def _told(error: SlackApiError) -> tuple[str, int, Mapping[str, str]]:
    # The response is slack_sdk's, whose data need not be an object, or aiohttp's where the body was broken JSON.
    response: Any = error.response
    data = getattr(response, "data", None)
    code = data.get("error") if isinstance(data, dict) else ""
    status = int(getattr(response, "status_code", 0) or getattr(response, "status", 0))
    return str(code or ""), status, response.headers
