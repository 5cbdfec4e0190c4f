"""Sending to Slack: paced per channel, tried again, and what fails at the end is told to the caller."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from aiohttp import ClientError
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.pacing import Pacer, Rate
from bot.retries import Backoff, retry_after

PER_CHANNEL = (Rate(1, 1.1),)  # https://docs.slack.dev/apis/web-api/rate-limits: about one message a second
_GONE = frozenset({"channel_not_found", "is_archived", "not_in_channel", "account_inactive", "token_revoked"})
_AGAIN = frozenset({"ratelimited", "internal_error", "fatal_error", "service_unavailable", "request_timeout"})


class SlackSendError(Exception):
    """What was to be sent was not. `gone`: the channel cannot be written to any more."""

    def __init__(self, reason: str, *, gone: bool = False) -> None:
        super().__init__(reason)
        self.gone = gone


class SlackSender:
    """Posts and updates messages."""

    def __init__(
        self,
        client: AsyncWebClient,
        *,
        backoff: Backoff | None = None,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        chance: random.Random | None = None,
    ) -> None:
        self._client, self._sleep = client, sleep
        self._backoff, self._chance = backoff or Backoff(), chance or random.Random()  # noqa: S311  jitter, no secret
        self._pacer = Pacer(PER_CHANNEL, sleep=sleep)

    async def post(self, channel: str, blocks: Sequence[Any], text: str, thread: str = "") -> str:
        """Posts a message, in a thread where one is named; its `ts`. Raises SlackSendError."""
        arguments: dict[str, Any] = {"channel": channel, "blocks": list(blocks), "text": text, "unfurl_links": False}
        if thread:
            arguments["thread_ts"] = thread
        answer = await self._tried(channel, lambda: self._client.chat_postMessage(**arguments))
        return str(answer.get("ts") or "")

    async def update(self, channel: str, ts: str, blocks: Sequence[Any], text: str) -> None:
        """Changes a message of ours. Raises SlackSendError."""
        await self._tried(
            channel, lambda: self._client.chat_update(channel=channel, ts=ts, blocks=list(blocks), text=text)
        )

    async def _tried(self, channel: str, call: Callable[[], Awaitable[Any]]) -> Any:
        reason = ""
        for pause in (0.0, *self._backoff.pauses(self._chance)):
            if pause:
                await self._sleep(pause)
            await self._pacer.wait(channel)
            try:
                return await call()
            except SlackApiError as error:
                response = error.response
                reason = str(response.get("error") or response.status_code)
                if reason not in _AGAIN and response.status_code != 429 and response.status_code < 500:
                    raise SlackSendError(reason, gone=reason in _GONE) from error
                if wait := retry_after(response.headers):
                    self._pacer.hold(wait, channel)
            except (ClientError, TimeoutError, OSError) as error:
                reason = type(error).__name__
        raise SlackSendError(f"gave up: {reason}")
