"""Teams' endpoint: an HTTP body in, a status and an answer out."""

from __future__ import annotations

import asyncio
import json
import re
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import structlog
from botbuilder.core import InvokeResponse
from botbuilder.schema import Activity, ActivityTypes

from bot.desk import Desk
from bot.running import Running
from bot.sending import SendError
from bot.teams.activities import BadActivityError, activity_of, conversation_of, edited_at, locale_of, vouched_of
from bot.teams.adapter import TeamsAdapter
from bot.teams.addresses import is_loopback
from bot.teams.connector import Connector
from bot.teams.handler import TeamsHandler, event_key, message_with
from bot.teams.tokens import KeyServerError, RefusedTokenError, TokenVerifier, bearer_in
from tips.errors import DatabaseError

# Teams gives up after 15 s and sends again; before that it hears that the activity is being worked on.
_ANSWER_WITHIN = 10.0

# In Azure a bot has Web Chat too, and whoever writes there says himself who he is.
_CHANNEL = "msteams"

# Azure takes a domain for the tenant too, which an activity does not tell.
_TENANT = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)

_PERHAPS_HALF, _HALF = re.compile(r"\\u[dD][89a-fA-F]"), re.compile("[\ud800-\udfff]")

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the endpoint answers: a status, a reason where it refuses, the body of an invoke's answer."""

    status: int
    reason: str = ""
    body: Any = None


class TeamsChannel:
    """Takes activities. `verifier` is None in local mode: then only loopback is answered. Of another `tenant` than
    that one, where it is told by its id, nobody is answered."""

    def __init__(self, desk: Desk, connector: Connector, verifier: TokenVerifier | None, tenant: str = "") -> None:
        self._desk, self._verifier = desk, verifier
        self._tenant = tenant.lower() if _TENANT.fullmatch(tenant) else ""
        self._adapter, self._handler = TeamsAdapter(connector), TeamsHandler(desk, connector)
        self._running = Running()

    async def receive(self, authorization: str | None, body: bytes) -> Outcome:
        """Verifies, reads and works on one activity."""
        if self._verifier and not bearer_in(authorization):
            return _refused(401, "no bearer token")
        try:
            data = _read(body)
            channel, service = vouched_of(data)
            # Before anything else of it is read: whoever has no good token gets no work done.
            if refused := await self._refusal(authorization, channel, service):
                return refused
            activity = activity_of(data)
            if self._is_foreign(activity):
                return _refused(403, "another organisation's Teams")
        except BadActivityError as error:
            return Outcome(400, str(error))
        except (ValueError, RecursionError):
            return Outcome(400, "the body is not JSON")
        return await self._taken(activity)

    async def stop(self) -> None:
        """Waits for what is being worked on."""
        await self._running.stop()

    async def _taken(self, activity: Activity) -> Outcome:
        task = self._running.begin(self._worked_on(activity))
        done, _ = await asyncio.wait({task}, timeout=_ANSWER_WITHIN)
        if done:
            return task.result()
        task.add_done_callback(self._note_late_failure)
        return Outcome(202)

    async def _refusal(self, authorization: str | None, channel: str, service_url: str) -> Outcome | None:
        if self._verifier is None:
            if is_loopback(service_url):
                return None
            return _refused(403, "without credentials only a service URL on this computer is answered")
        if channel != _CHANNEL:
            return _refused(403, "only Teams is answered here")
        try:
            await self._verifier.verify(authorization, channel, service_url)
        except RefusedTokenError as error:
            return _refused(403, str(error))
        except KeyServerError:
            return Outcome(503, "the signing keys cannot be fetched now; try again")
        return None

    def _is_foreign(self, activity: Activity) -> bool:
        tenant = conversation_of(activity).tenant
        return bool(self._tenant and tenant) and tenant.lower() != self._tenant

    async def _worked_on(self, activity: Activity) -> Outcome:
        try:
            answer = await self._adapter.run(activity, self._handler)
        except SendError as error:
            return await self._unsent(activity, error)
        except BaseException as error:
            await self._given_back(activity)
            if isinstance(error, Exception) and activity.type == ActivityTypes.message:
                await self._apologise(activity)
            raise
        return Outcome(answer.status, body=answer.body) if isinstance(answer, InvokeResponse) else Outcome(200)

    def _note_late_failure(self, task: asyncio.Task[Outcome]) -> None:
        """Teams was told that the activity is worked on: nobody else hears that it failed."""
        if task.cancelled():
            return
        error = task.exception()
        if isinstance(error, Exception):
            self._desk.failed(error)
        elif error is None and task.result().status >= 500:
            self._desk.failed(SendError(task.result().reason))

    async def _unsent(self, activity: Activity, error: SendError) -> Outcome:
        _log.error("reply not sent", reason=str(error), gone=error.gone)
        if error.gone:
            place, why, now = conversation_of(activity).id, str(error), self._desk.now()
            await self._desk.run(lambda: self._desk.conversations.lose(place, why, now))
            return Outcome(200)
        await self._given_back(activity)
        return Outcome(502, "the reply could not be sent")

    async def _given_back(self, activity: Activity) -> None:
        """Nothing was answered: when Teams sends it again, it is new."""
        version = edited_at(activity) if activity.type == ActivityTypes.message_update else None
        if key := event_key(activity):
            with suppress(DatabaseError):  # then it is new again when it is taken for abandoned
                await self._desk.run(lambda: self._desk.events.give_back(key, version))

    async def _apologise(self, activity: Activity) -> None:
        with suppress(SendError):
            await self._adapter.say(activity, message_with(self._desk.sorry(locale_of(activity))))


def _refused(status: int, reason: str) -> Outcome:
    _log.warning("request refused", channel="teams", reason=reason)
    return Outcome(status, reason)


def _read(body: bytes) -> object:
    """The JSON of a body. Half of an emoji is JSON, but neither a platform nor the database takes it."""
    text = body.decode("utf-8-sig")
    data = json.loads(text)
    if _PERHAPS_HALF.search(text):
        data = json.loads(_HALF.sub("\ufffd", json.dumps(data, ensure_ascii=False)))
    return data
