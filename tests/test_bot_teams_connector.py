"""Sending, against a stand-in for the Bot Connector on loopback that records and misbehaves; nobody waits for real."""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any
from urllib.parse import unquote

import pytest
from aiohttp import ClientSession, ClientTimeout, web
from aiohttp.test_utils import TestServer

from bot.retries import Backoff
from bot.sending import SendError
from bot.teams import connector
from bot.teams.apptoken import TokenError
from bot.teams.connector import Connector

HANG, DROP = "hang", "drop"
TRIES = 6


@dataclass(frozen=True)
class Seen:
    """A request as the Connector got it."""

    method: str
    path: str
    authorization: str | None
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Standin:
    """Answers as told, one answer a request, then with 201; `HANG` never answers, `DROP` ends the connection."""

    def __init__(self) -> None:
        self.answers: list[Any] = []
        self.seen: list[Seen] = []
        self.url = ""

    async def serve(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        self.seen.append(Seen(request.method, request.raw_path, request.headers.get("Authorization"), body))
        answer = self.answers.pop(0) if self.answers else 201
        if answer == HANG:
            await asyncio.sleep(60)
        if answer == DROP:
            assert request.transport
            request.transport.abort()
        if isinstance(answer, web.Response):
            return answer
        return web.json_response({"id": f"1:{len(self.seen)}"}, status=answer if isinstance(answer, int) else 500)


class Sleeper:
    """A clock that only sleeping moves on; remembers the sleeps."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    def clock(self) -> float:
        return sum(self.slept)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


@dataclass
class Tokens:
    """Hands out numbered tokens; raises the failures first."""

    number: int = 1
    forgotten: list[str] = field(default_factory=list)
    failures: list[TokenError] = field(default_factory=list)

    async def get(self) -> str:
        if self.failures:
            raise self.failures.pop(0)
        return f"token {self.number}"

    def forget(self, token: str) -> None:
        self.forgotten.append(token)
        self.number += 1


class LongestPauses(random.Random):
    def uniform(self, a: float, b: float) -> float:
        return max(a, b)


@dataclass(frozen=True)
class Bench:
    """A connector at work: where it sends to, how it sleeps, its tokens."""

    standin: Standin
    sleeper: Sleeper
    tokens: Tokens
    connector: Connector

    async def send(self, conversation: str = "c", reply_to: str = "q") -> str:
        return await self.connector.send(self.standin.url, conversation, {"type": "message"}, reply_to)


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    standin, sleeper, tokens = Standin(), Sleeper(), Tokens()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", standin.serve)
    # What hangs on purpose is not waited for at the end.
    async with TestServer(app, shutdown_timeout=0.01) as server, ClientSession() as session:
        standin.url = str(server.make_url("/"))
        sending = Connector(session, tokens, clock=sleeper.clock, sleep=sleeper.sleep, chance=LongestPauses())
        yield Bench(standin, sleeper, tokens, sending)


def refusal(status: int, code: str = "", headers: Mapping[str, str] | None = None) -> web.Response:
    return web.json_response({"error": {"code": code, "message": "…"}}, status=status, headers=headers)


async def test_a_message_is_posted_with_the_token_and_its_id_is_told(bench: Bench) -> None:
    sent = await bench.connector.send(bench.standin.url, "a:1", {"type": "message", "text": "Päivää 😀"})
    assert sent == "1:1"
    (seen,) = bench.standin.seen
    assert (seen.method, seen.authorization) == ("POST", "Bearer token 1")
    assert seen.json == {"type": "message", "text": "Päivää 😀"}
    assert "Päivää 😀".encode() in seen.body
    assert bench.sleeper.slept == []


async def test_every_call_has_its_address(bench: Bench) -> None:
    url = bench.standin.url.rstrip("/")
    await bench.connector.send(url, "c", {})
    await bench.connector.send(f"{url}/emea/", "c", {}, "q")
    await bench.connector.update(url, "c", "a", {})
    await bench.connector.delete(url, "c", "a")
    assert [(seen.method, seen.path) for seen in bench.standin.seen] == [
        ("POST", "/v3/conversations/c/activities"),
        ("POST", "/emea/v3/conversations/c/activities/q"),
        ("PUT", "/v3/conversations/c/activities/a"),
        ("DELETE", "/v3/conversations/c/activities/a"),
    ]


@pytest.mark.parametrize(
    "identity",
    ["19:ab@thread.tacv2;messageid=16", "a/b", "a?b#c", "a%2Fb", "ä ö", "../../evil", "a+b&c", "😀", "a:1_-~.x"],
)
async def test_ids_are_quoted_whole(bench: Bench, identity: str) -> None:
    await bench.connector.update(bench.standin.url, identity, identity, {})
    segments = [unquote(segment) for segment in bench.standin.seen[0].path.split("/")]
    assert segments == ["", "v3", "conversations", identity, "activities", identity]


async def test_an_address_of_local_mode_never_gets_the_token(bench: Bench) -> None:
    async with ClientSession() as session:
        sending = Connector(session, bench.tokens, https_only=True, clock=bench.sleeper.clock)
        with pytest.raises(SendError, match="not https") as caught:
            await sending.send(bench.standin.url, "c", {})
    assert caught.value.gone
    assert bench.standin.seen == []


async def test_in_local_mode_nothing_is_signed(bench: Bench) -> None:
    async with ClientSession() as session:
        await Connector(session, None).send(bench.standin.url, "c", {})
    assert bench.standin.seen[0].authorization is None


@pytest.mark.parametrize("passing", [408, 412, 429, 500, 501, 502, 503, 504, 507, 599, DROP])
async def test_what_passes_is_tried_again(bench: Bench, passing: object) -> None:
    bench.standin.answers = [passing, passing]
    assert await bench.send() == "1:3"
    assert bench.sleeper.slept == [0.5, 1]


async def test_a_time_out_is_tried_again(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connector, "_TIMEOUT", ClientTimeout(total=0.05))
    bench.standin.answers = [HANG]
    assert await bench.send() == "1:2"
    assert bench.sleeper.slept == [0.5]


@pytest.mark.parametrize(
    ("reply_to", "pauses"), [("q", [0.5, 1, 2, 2, 2]), ("", [0.5, 1, 2, 4, 8])], ids=["prompted", "unprompted"]
)
async def test_after_six_tries_it_gives_up_and_says_so(bench: Bench, reply_to: str, pauses: list[float]) -> None:
    bench.standin.answers = [refusal(503, "ServiceError") for _ in range(9)]
    with pytest.raises(SendError, match="gave up: 503 ServiceError") as failed:
        await bench.send(reply_to=reply_to)
    assert not failed.value.gone
    assert len(bench.standin.seen) == TRIES
    assert bench.sleeper.slept == pauses


async def test_whoever_waits_for_a_reply_hears_of_a_failure_before_teams_gives_up(bench: Bench) -> None:
    bench.standin.answers = [DROP] * TRIES
    with pytest.raises(SendError, match=r"ServerDisconnectedError|ClientOSError"):
        await bench.send()
    assert sum(bench.sleeper.slept) < 10


async def test_nobody_at_the_other_end_is_a_send_error(bench: Bench) -> None:
    with pytest.raises(SendError, match="gave up: ClientConnectorError"):
        await bench.connector.send("http://127.0.0.1:1", "c", {}, "q")


@pytest.mark.parametrize("address", ["http://127.0.0.1:99999", "http://", "ftp://127.0.0.1", "x"])
async def test_an_address_that_is_none_is_a_send_error(bench: Bench, address: str) -> None:
    with pytest.raises(SendError):
        await bench.connector.send(address, "c", {})


async def test_pauses_are_drawn_by_chance(bench: Bench) -> None:
    async with ClientSession() as session:
        sending = Connector(session, None, clock=bench.sleeper.clock, sleep=bench.sleeper.sleep)
        bench.standin.answers = [503] * 5
        await sending.send(bench.standin.url, "c", {})
    assert all(0 <= pause <= most for pause, most in zip(bench.sleeper.slept, [0.5, 1, 2, 4, 8], strict=True))


@pytest.mark.parametrize("status", [412, 429, 503])
async def test_retry_after_in_seconds_is_obeyed(bench: Bench, status: int) -> None:
    bench.standin.answers = [refusal(status, headers={"Retry-After": "7"})]
    await bench.send()
    assert bench.sleeper.slept == [0.5, 6.5]


async def test_retry_after_as_a_date_is_obeyed(bench: Bench) -> None:
    at = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)
    bench.standin.answers = [refusal(429, headers={"Retry-After": at})]
    await bench.send()
    assert 58 < sum(bench.sleeper.slept) <= 60.5


@pytest.mark.parametrize("thread", ["busy", "busy;messageid=16"])
async def test_retry_after_holds_the_whole_conversation_and_no_other(bench: Bench, thread: str) -> None:
    bench.standin.answers = [refusal(429, headers={"Retry-After": "100"})]
    with pytest.raises(SendError, match="429: asked to wait 100 s"):
        await bench.send("busy")
    assert bench.sleeper.slept == []  # longer than anybody waits for a reply: that is told at once
    await bench.send("other")
    assert bench.sleeper.slept == []
    await bench.send(thread)  # and is kept in full all the same
    assert sum(bench.sleeper.slept) == pytest.approx(100)


async def test_what_nobody_waits_for_has_the_patience_for_a_longer_retry_after(bench: Bench) -> None:
    bench.standin.answers = [refusal(429, headers={"Retry-After": "100"})]
    assert await bench.send(reply_to="") == "1:2"
    assert sum(bench.sleeper.slept) == pytest.approx(100)


async def test_a_prompted_send_is_given_up_after_its_patience_and_an_unprompted_one_has_more(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (connector.PROMPTED.patience, connector.UNPROMPTED.patience) == (60, 600)
    monkeypatch.setattr(connector, "PROMPTED", Backoff(patience=0.05))
    bench.standin.answers = [HANG]
    with pytest.raises(SendError, match="gave up after 0 s") as failed:
        await bench.send()
    assert not failed.value.gone


async def test_what_nobody_misses_is_tried_once(bench: Bench) -> None:
    bench.standin.answers = [503]
    with pytest.raises(SendError, match="gave up: 503"):
        await bench.connector.send(bench.standin.url, "c", {"type": "typing"}, "q", connector.ONCE)
    assert (len(bench.standin.seen), bench.sleeper.slept) == (1, [])


async def test_nonsense_in_retry_after_changes_nothing(bench: Bench) -> None:
    bench.standin.answers = [refusal(429, headers={"Retry-After": "soon"})]
    await bench.send()
    assert bench.sleeper.slept == [0.5]


@pytest.mark.parametrize(
    ("status", "code", "gone"),
    [
        (403, "BotNotInConversationRoster", True),
        (403, "ConversationBlockedByUser", True),
        (403, "MessageWritesBlocked", True),
        (403, "ForbiddenOperationException", True),
        (403, "BotDisabledByAdmin", True),
        (403, "NotEnoughPermissions", False),
        (403, "InvalidBotApiHost", False),
        (403, "", False),
        (404, "ConversationNotFound", True),
        (404, "", False),  # a proxy on the way, perhaps
        (404, "BotNotInConversationRoster", True),
        (404, "ActivityNotFoundInConversation", False),
        (400, "BadSyntax", False),
        (413, "MessageSizeTooBig", False),
    ],
)
async def test_what_does_not_pass_is_told_at_once_and_whether_the_conversation_is_gone(
    bench: Bench, status: int, code: str, gone: bool
) -> None:
    bench.standin.answers = [refusal(status, code)]
    with pytest.raises(SendError) as failed:
        await bench.send()
    assert (str(failed.value), failed.value.gone) == (f"{status} {code}".strip(), gone)
    assert len(bench.standin.seen) == 1
    assert bench.sleeper.slept == []


async def test_a_refused_token_is_renewed_once(bench: Bench) -> None:
    bench.standin.answers = [401]
    assert await bench.send() == "1:2"
    assert bench.tokens.forgotten == ["token 1"]
    assert [seen.authorization for seen in bench.standin.seen] == ["Bearer token 1", "Bearer token 2"]


async def test_a_token_refused_twice_is_a_send_error(bench: Bench) -> None:
    bench.standin.answers = [401, 401, 401]
    with pytest.raises(SendError, match="401"):
        await bench.send()
    assert bench.tokens.forgotten == ["token 1"]
    assert len(bench.standin.seen) == 2


async def test_without_a_token_a_401_is_final(bench: Bench) -> None:
    bench.standin.answers = [401]
    async with ClientSession() as session:
        with pytest.raises(SendError, match="401"):
            await Connector(session, None).send(bench.standin.url, "c", {})


async def test_a_token_that_cannot_be_had_now_is_asked_for_again(bench: Bench) -> None:
    bench.tokens.failures = [TokenError("the login service answers 503 (None)")]
    assert await bench.send() == "1:1"
    assert bench.sleeper.slept == [0.5]


async def test_a_wrong_secret_is_told_at_once(bench: Bench) -> None:
    bench.tokens.failures = [TokenError("the login service answers 401 (invalid_client)", lasting=True)]
    with pytest.raises(SendError, match="invalid_client"):
        await bench.send()
    assert bench.standin.seen == []
    assert bench.sleeper.slept == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_redirects_are_not_followed(bench: Bench, status: int) -> None:
    location = {"Location": f"{bench.standin.url}elsewhere"}
    bench.standin.answers = [web.Response(status=status, headers=location)]
    with pytest.raises(SendError, match=str(status)):
        await bench.send()
    assert len(bench.standin.seen) == 1


@pytest.mark.parametrize(
    "body", [b"", b"not json", b"[]", b"5", b"\xff\xfe", b"{}", b'{"id": null}', b"[" * 100_000, b'{"error": "x"}']
)
async def test_an_odd_answer_is_an_answer_without_an_id(bench: Bench, body: bytes) -> None:
    headers = {"Content-Type": "application/json; charset=no-such"}
    bench.standin.answers = [web.Response(status=200, body=body, headers=headers)]
    assert await bench.send() == ""
    bench.standin.answers = [web.Response(status=400, body=body, headers=headers)]
    with pytest.raises(SendError, match="400"):
        await bench.send()


async def test_half_an_emoji_goes_out_as_a_question_mark(bench: Bench) -> None:
    await bench.connector.send(bench.standin.url, "c", {"text": "\ud83d!"})
    assert bench.standin.seen[0].json == {"text": "?!"}


async def test_a_conversation_gets_seven_a_second_and_others_are_not_delayed(bench: Bench) -> None:
    for _ in range(8):
        await bench.send("busy")
    assert bench.sleeper.slept == [1]
    await bench.send("quiet")
    assert bench.sleeper.slept == [1]


async def test_of_its_own_accord_the_bot_sends_thirty_a_second_and_replies_go_at_once(bench: Bench) -> None:
    for number in range(40):
        await bench.send(f"reply {number}")
    assert bench.sleeper.slept == []
    for number in range(31):
        await bench.send(f"post {number}", reply_to="")
    assert bench.sleeper.slept == [1]


async def test_each_try_is_paced_too(bench: Bench) -> None:
    bench.standin.answers = [503] * 5
    for _ in range(3):
        await bench.send()
    assert len(bench.standin.seen) == 8
    assert sum(bench.sleeper.slept) == 0.5 + 1 + 2 + 2 + 2  # by then the window has moved on


async def test_messages_to_one_conversation_arrive_in_their_order(bench: Bench) -> None:
    sending = [bench.connector.send(bench.standin.url, "c", {"number": number}) for number in range(20)]
    await asyncio.gather(*sending)
    assert sorted(seen.json["number"] for seen in bench.standin.seen) == list(range(20))
    for second in range(0, 20, 7):
        numbers = {seen.json["number"] for seen in bench.standin.seen[second : second + 7]}
        assert numbers == set(range(second, min(second + 7, 20)))


async def test_with_real_sleep_a_retry_waits_as_long_as_asked(bench: Bench) -> None:
    bench.standin.answers = [refusal(429, headers={"Retry-After": "0.1"})]
    async with ClientSession() as session:
        started = time.monotonic()
        await Connector(session, None).send(bench.standin.url, "c", {}, "q")
    assert time.monotonic() - started >= 0.1
