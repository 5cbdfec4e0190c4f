"""Teams' endpoint: an HTTP body in, a status and an answer out."""

from __future__ import annotations

import asyncio
import ipaddress
import json
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import structlog
from botbuilder.core import InvokeResponse
from botbuilder.schema import Activity

from bot.desk import Desk
from bot.sending import SendError
from bot.teams.activities import BadActivityError, activity_of, conversation_of
from bot.teams.adapter import TeamsAdapter
from bot.teams.connector import Connector
from bot.teams.handler import TeamsHandler, event_key
from bot.teams.tokens import KeyServerError, RefusedTokenError, TokenVerifier

# Teams gives up after 15 s and sends again; before that it hears that the activity is being worked on.
_ANSWER_WITHIN = 10.0

_PERHAPS_HALF, _HALF = re.compile(r"\\u[dD][89a-fA-F]"), re.compile("[\ud800-\udfff]")

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the endpoint answers: a status, a reason where it refuses, the body of an invoke's answer."""

    status: int
    reason: str = ""
    body: Any = None


class TeamsChannel:
    """Takes activities. `verifier` is None in local mode: then only loopback is answered."""

    def __init__(self, desk: Desk, connector: Connector, verifier: TokenVerifier | None) -> None:
        self._desk, self._verifier = desk, verifier
        self._adapter, self._handler = TeamsAdapter(connector), TeamsHandler(desk)
        self._running: set[asyncio.Task[Outcome]] = set()

    async def receive(self, authorization: str | None, body: bytes) -> Outcome:
        """Verifies, reads and works on one activity."""
        try:
            data = _read(body)
        except (ValueError, RecursionError):
            return Outcome(400, "the body is not JSON")
        try:
            activity = activity_of(data)
        except BadActivityError as error:
            return Outcome(400, str(error))
        if refused := await self._refused(authorization, activity):
            return refused
        task = asyncio.create_task(self._worked_on(activity))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        done, _ = await asyncio.wait({task}, timeout=_ANSWER_WITHIN)
        if done:
            return task.result()
        task.add_done_callback(self._note_late_failure)
        return Outcome(202)

    async def stop(self) -> None:
        """Waits for what is being worked on; what takes too long is given up, and may come again."""
        if self._running:
            _, late = await asyncio.wait(self._running, timeout=_ANSWER_WITHIN)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _refused(self, authorization: str | None, activity: Activity) -> Outcome | None:
        if self._verifier is None:
            if _is_loopback(activity.service_url):
                return None
            return Outcome(403, "without credentials only a service URL on this computer is answered")
        try:
            await self._verifier.verify(authorization, activity.channel_id, activity.service_url)
        except RefusedTokenError as error:
            _log.warning("token refused", reason=str(error))
            return Outcome(401 if authorization is None else 403, str(error))
        except KeyServerError:
            return Outcome(503, "the signing keys cannot be fetched now; try again")
        return None

    async def _worked_on(self, activity: Activity) -> Outcome:
        try:
            answer = await self._adapter.run(activity, self._handler)
        except SendError as error:
            return await self._unsent(activity, error)
        except BaseException:
            await self._given_back(activity)
            raise
        return Outcome(answer.status, body=answer.body) if isinstance(answer, InvokeResponse) else Outcome(200)

    def _note_late_failure(self, task: asyncio.Task[Outcome]) -> None:
        error = None if task.cancelled() else task.exception()
        if isinstance(error, Exception):
            self._desk.failed(error)

    async def _unsent(self, activity: Activity, error: SendError) -> Outcome:
        _log.error("reply not sent", reason=str(error), gone=error.gone)
        if error.gone:
            place = conversation_of(activity)
            await self._desk.run(lambda: self._desk.conversations.lose(place.id, str(error)))
            return Outcome(200)
        await self._given_back(activity)
        return Outcome(502, "the reply could not be sent")

    async def _given_back(self, activity: Activity) -> None:
        """Nothing was answered: when Teams sends it again, it is new."""
        if key := event_key(activity):
            await self._desk.run(lambda: self._desk.events.give_back(key))


def _read(body: bytes) -> object:
    """The JSON of a body. Half of an emoji is JSON, but neither a platform nor the database takes it."""
    text = body.decode("utf-8-sig")
    data = json.loads(text)
    if _PERHAPS_HALF.search(text):
        data = json.loads(_HALF.sub("\ufffd", json.dumps(data, ensure_ascii=False)))
    return data


def _is_loopback(address: str) -> bool:
    try:
        host = urlsplit(address).hostname or ""
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
