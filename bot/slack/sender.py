"""Sending to Slack: paced per channel, tried again, and what fails at the end is told to the caller."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from aiohttp import ClientError
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.pacing import Pacer, Rate
from bot.retries import Backoff, retry_after
from bot.sending import SendError
from bot.texts import cut

PER_CHANNEL = (Rate(1, 1.1),)  # https://docs.slack.dev/apis/web-api/rate-limits: about one message a second
_PATIENCE = 30.0  # seconds for one try
_GONE = frozenset({"channel_not_found", "is_archived", "not_in_channel", "account_inactive", "token_revoked"})
_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})
_AGAIN = frozenset({"ratelimited", "internal_error", "fatal_error", "service_unavailable", "request_timeout"})

# The line failed, or something between answered what slack_sdk cannot read: it looks for `get` in a text.
_UNHEARD = (ClientError, TimeoutError, OSError, AttributeError, ValueError)


class _RefusedError(Exception):
    """Slack answered, and not with what was asked for. `code` is its own word for it, '' where it gave none."""

    def __init__(self, code: str, status: int, headers: Mapping[str, str]) -> None:
        super().__init__(code)
        self.reason, self.headers = code or f"HTTP {status}", headers
        self.again = status == 429 or status >= 500 or code in _AGAIN or (status == 200 and not code)


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
    ) -> None:
        self._client, self._sleep, self._patience = client, sleep, patience
        self._backoff, self._chance = backoff or Backoff(), chance or random.Random()  # noqa: S311  jitter, no secret
        self._pacer = Pacer(PER_CHANNEL, sleep=sleep)
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
        answer = await self._tried(channel, lambda: self._client.chat_postMessage(**arguments))
        return str(answer.get("ts") or "")

    async def update(self, channel: str, ts: str, blocks: Sequence[Any], text: str) -> None:
        """Changes a message of ours. Raises SendError."""
        await self._tried(
            channel, lambda: self._client.chat_update(channel=channel, ts=ts, blocks=list(blocks), text=text)
        )

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
                raise _RefusedError(cut(answer.body, 60), answer.status_code, answer.headers)

        await self._tried(url, call)

    async def _tried(self, key: str, call: Callable[[], Awaitable[Any]]) -> Any:
        reason = ""
        for pause in (0.0, *self._backoff.pauses(self._chance)):
            if pause:
                await self._sleep(pause)
            await self._pacer.wait(key)
            try:
                return await self._called(call)
            except _RefusedError as error:
                reason = error.reason
                if not error.again:
                    raise SendError(reason, gone=reason in _GONE) from error
                if wait := retry_after(error.headers):
                    self._pacer.hold(wait, key)
            except _UNHEARD as error:
                reason = type(error).__name__
        raise SendError(f"gave up: {reason}")

    async def _called(self, call: Callable[[], Awaitable[Any]]) -> Any:
        try:
            async with asyncio.timeout(self._patience):
                return await call()
        except SlackApiError as error:
            raise _refused(error) from error


def _refused(error: SlackApiError) -> _RefusedError:
    # The response is slack_sdk's, whose data need not be an object, or aiohttp's where the body was broken JSON.
    response: Any = error.response
    data = getattr(response, "data", None)
    code = data.get("error") if isinstance(data, dict) else ""
    status = int(getattr(response, "status_code", 0) or getattr(response, "status", 0))
    return _RefusedError(str(code or ""), status, response.headers)
