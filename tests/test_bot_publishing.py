"""Posts to Teams and Slack, against a stand-in for both on loopback: sent, corrected, withdrawn, found by their key."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer
from slack_sdk.web.async_client import AsyncWebClient

from bot.conversations import Conversation
from bot.models import Scope
from bot.publishing import PostPlaces, reply_of
from bot.retries import Backoff
from bot.slack.blocks import blocks, plain
from bot.slack.logs import sdk_logger
from bot.slack.publisher import SlackPublisher
from bot.slack.sender import SlackSender
from bot.stores import Stores
from bot.teams.cards import LARGEST_CARD, card
from bot.teams.connector import Connector
from bot.teams.publisher import TeamsPublisher
from scheduler.models import Key, Kind
from scheduler.posting import Post, PostButton, PublishError, Section
from scheduler.starter import starter_year
from tests.posts import DAY, NOW, place

T = TypeVar("T")
Fault = web.StreamResponse | float | str  # 'lost': it arrives, and the line is cut before the answer

KEY = Key("tietoisku", DAY, "post", "d1")
FI = Section(
    "fi", "Vahva salasana", "Kolme **sanaa** peräkkäin.", "Perusvinkki", "https://vinkit.kunta.fi/1", "Lue lisää"
)
SV = Section("sv", "Ett starkt lösenord", "Tre **ord** i rad.")
POST = Post(KEY, place(1), (FI,), (PostButton("Aloita", "session", {"run": "r1"}),), "Kun sinulle sopii")
SLACK_POST = replace(POST, destination=place(1, "slack"))
QUICK = Backoff(tries=4, first=0.001, longest=0.002, patience=10.0)


class Platform:
    """Teams and Slack. `faults` are what the next sends meet; `channel` is what stands there, by id."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self.history_faults: list[Fault] = []
        self.channel: dict[str, Any] = {}
        self.calls: list[str] = []

    async def teams(self, request: web.Request) -> web.StreamResponse:
        self.calls.append(f"{request.method} {request.path}")
        return await self._answered(request, self.faults, await request.text(), {"id": f"a{len(self.calls)}"})

    async def slack(self, request: web.Request) -> web.StreamResponse:
        method, sent = request.match_info["method"], await _sent(request)
        self.calls.append(method)
        if method == "conversations.history":
            if self.history_faults:
                return await self._faulty(request, self.history_faults.pop(0))
            return web.json_response({"ok": True, "messages": self._page(sent), **self._more(sent)})
        if method == "chat.delete" and sent["ts"] not in self.channel:
            return web.json_response({"ok": False, "error": "message_not_found"})
        if method == "chat.delete":
            del self.channel[sent["ts"]]
            return web.json_response({"ok": True})
        ts = sent.get("ts") or f"{datetime.now(UTC).timestamp():.6f}"
        return await self._answered(request, self.faults, sent, {"ok": True, "ts": ts}, ts)

    def _page(self, sent: dict[str, Any]) -> list[Any]:
        assert sent["include_all_metadata"] in {True, "1"}
        newest = sorted(self.channel, reverse=True)[int(sent.get("cursor") or 0) :]
        return [{"ts": ts, **self.channel[ts]} for ts in newest[:2] if sent["oldest"] <= ts <= sent["latest"]]

    def _more(self, sent: dict[str, Any]) -> dict[str, Any]:
        place = int(sent.get("cursor") or 0) + 2
        return {"response_metadata": {"next_cursor": str(place)}} if place < len(self.channel) else {}

    async def _answered(
        self, request: web.Request, faults: list[Fault], sent: Any, answer: dict[str, Any], ts: str = ""
    ) -> web.StreamResponse:
        fault = faults.pop(0) if faults else None
        if fault is None or fault == "lost":
            self.channel[ts or answer["id"]] = sent
        return web.json_response(answer) if fault is None else await self._faulty(request, fault)

    async def _faulty(self, request: web.Request, fault: Fault) -> web.StreamResponse:
        if isinstance(fault, web.StreamResponse):
            return fault
        if isinstance(fault, float):
            await asyncio.sleep(fault)
        assert request.transport is not None
        request.transport.close()
        return web.Response()


async def _sent(request: web.Request) -> dict[str, Any]:
    if request.method == "GET":
        return dict(request.query)
    sent = dict(await request.json() if request.content_type == "application/json" else await request.post())
    sent |= request.query  # where slack_sdk puts what is deleted
    metadata = sent.get("metadata")
    return {**sent, "metadata": json.loads(metadata)} if isinstance(metadata, str) else sent


class Desk:
    """Publishers over that platform and a database in memory; pauses pass at once."""

    def __init__(self, stores: Stores, platform: Platform, address: str, session: ClientSession) -> None:
        self.stores, self.platform, self.slept = stores, platform, list[float]()
        self.places = PostPlaces(stores.destinations, stores.conversations, stores.people)
        for channel in ("teams", "slack"):
            where = place(1, channel)
            conversation = Conversation(f"{channel}-{where.conversation}", channel, Scope.CHANNEL, f"{address}teams/")
            stores.conversations.seen(conversation, NOW)
        client = AsyncWebClient(
            "xoxb-1", base_url=f"{address}slack/", session=session, logger=sdk_logger(), retry_handlers=[], timeout=1
        )
        self.sender = SlackSender(client, sleep=self.sleep, patience=0.2)
        self.teams = TeamsPublisher(Connector(session, None, sleep=self.sleep), self.places, self.run, QUICK)
        self.slack = SlackPublisher(self.sender, self.places, self.run, QUICK, settled=timedelta(0))

    async def run(self, call: Callable[[], T]) -> T:
        return call()

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


@pytest.fixture
async def desk(stores: Stores) -> AsyncIterator[Desk]:
    platform, app = Platform(), web.Application()
    app.router.add_route("*", "/teams/{path:.*}", platform.teams)
    app.router.add_route("*", "/slack/{method:.*}", platform.slack)
    async with TestServer(app) as server, ClientSession() as session:
        yield Desk(stores, platform, str(server.make_url("/")), session)


@asynccontextmanager
async def failing() -> AsyncIterator[list[PublishError]]:
    errors: list[PublishError] = []
    with pytest.raises(PublishError) as caught:
        yield errors
    errors.append(caught.value)


def of(post: Post, platform: str) -> Post:
    where = replace(post.destination, platform=platform, conversation=f"{platform}-{post.destination.conversation}")
    return replace(post, destination=where)


def limited(after: str = "0") -> web.Response:
    return web.json_response({"ok": False, "error": "ratelimited"}, status=429, headers={"Retry-After": after})


def slack_says(error: str) -> web.Response:
    return web.json_response({"ok": False, "error": error})


class TestReply:
    def test_a_post_is_a_reply_with_its_buttons_below(self) -> None:
        reply = reply_of(POST)
        assert reply.tip is not None
        assert (reply.tip.title, reply.tip.link_label) == ("Vahva salasana", "Lue lisää")
        [choice] = reply.choices
        assert (choice.label, choice.buttons[0].action.name) == ("Kun sinulle sopii", "session")

    def test_in_several_languages_their_texts_follow_each_other_on_both_platforms(self) -> None:
        reply = reply_of(replace(POST, sections=(FI, SV)))
        for shown in (json.dumps(card(reply), ensure_ascii=False), json.dumps(blocks(reply), ensure_ascii=False)):
            assert (
                shown.index("Kolme") < shown.index("Ett starkt lösenord") < shown.index("Tre") < shown.index("Aloita")
            )

    def test_a_post_that_is_too_long_is_cut_with_its_link_and_never_dropped(self) -> None:
        long = tuple(replace(FI, language=language, body="Sana sanasta. " * 3_000) for language in ("fi", "sv", "en"))
        reply = reply_of(replace(POST, sections=long))
        made = json.dumps(card(reply), ensure_ascii=False)
        assert len(made.encode()) <= LARGEST_CARD
        assert made.count("https://vinkit.kunta.fi/1") == 3
        assert len(json.dumps(blocks(reply), ensure_ascii=False)) <= 13_000
        assert plain(reply)


class TestTeams:
    async def test_it_is_sent_corrected_and_withdrawn(self, desk: Desk) -> None:
        post = of(POST, "teams")
        sent = await desk.teams.publish(post)
        await desk.teams.correct(post.destination, sent, replace(post, sections=(SV,)))
        await desk.teams.withdraw(post.destination, sent)
        path = "/teams/v3/conversations/teams-19:1@thread.tacv2/activities"
        assert desk.platform.calls == [f"POST {path}", f"PUT {path}/{sent}", f"DELETE {path}/{sent}"]
        assert await desk.teams.find(KEY, post.destination, NOW) is None

    async def test_what_passes_is_tried_again(self, desk: Desk) -> None:
        desk.platform.faults = [limited("7"), web.Response(status=500), "lost"]
        await desk.teams.publish(of(POST, "teams"))
        assert len(desk.platform.calls) == 4
        assert max(desk.slept) == pytest.approx(7, abs=0.1)

    async def test_what_does_not_pass_may_later(self, desk: Desk) -> None:
        desk.platform.faults = [web.Response(status=503) for _ in range(4)]
        async with failing() as errors:
            await desk.teams.publish(of(POST, "teams"))
        assert (errors[0].again, errors[0].gone) == (True, False)

    async def test_where_the_bot_was_removed_it_is_gone(self, desk: Desk) -> None:
        desk.platform.faults = [web.json_response({"error": {"code": "BotNotInConversationRoster"}}, status=403)]
        async with failing() as errors:
            await desk.teams.publish(of(POST, "teams"))
        assert errors[0].gone

    async def test_a_message_that_somebody_deleted_is_withdrawn(self, desk: Desk) -> None:
        code = {"error": {"code": "ActivityNotFoundInConversation"}}
        desk.platform.faults = [web.json_response(code, status=404)]
        await desk.teams.withdraw(of(POST, "teams").destination, "a1")

    async def test_a_broadcast_keeps_the_tenants_pace(self, desk: Desk) -> None:
        for number in range(35):
            conversation = Conversation(f"c{number}", "teams", Scope.CHANNEL, f"{desk_address(desk)}")
            desk.stores.conversations.seen(conversation, NOW)
            await desk.teams.publish(replace(POST, destination=replace(place(number), conversation=f"c{number}")))
        assert len(desk.slept) >= 1
        assert sum(desk.slept) > 0.5


def desk_address(desk: Desk) -> str:
    found = desk.stores.conversations.get("teams-19:1@thread.tacv2")
    assert found is not None
    return found[0].address


class TestSlack:
    post = of(SLACK_POST, "slack")

    async def test_it_is_sent_with_its_key_and_found_by_it(self, desk: Desk) -> None:
        for number in range(5):
            await desk.slack.publish(replace(self.post, key=replace(KEY, part=f"post-{number}")))
        sent = await desk.slack.publish(self.post)
        for number in range(5):
            await desk.slack.publish(replace(self.post, key=replace(KEY, part=f"post-{number}")))
        assert await desk.slack.find(KEY, self.post.destination, datetime.now(UTC)) == sent
        assert await desk.slack.find(replace(KEY, part="follow-up"), self.post.destination, datetime.now(UTC)) is None
        assert desk.platform.channel[sent]["metadata"] == {
            "event_type": "digivinkki_delivery",
            "event_payload": {"key": "tietoisku/2027-01-12/post/d1"},
        }

    async def test_what_a_correction_made_of_a_message_is_found_by_the_correction(self, desk: Desk) -> None:
        sent = await desk.slack.publish(self.post)
        later = replace(KEY, part="reminder-PT15M")
        await desk.slack.correct(self.post.destination, sent, replace(self.post, key=later))
        assert await desk.slack.find(later, self.post.destination, datetime.now(UTC)) == sent

    async def test_it_is_withdrawn_and_one_that_is_gone_is_no_error(self, desk: Desk) -> None:
        sent = await desk.slack.publish(self.post)
        await desk.slack.withdraw(self.post.destination, sent)
        await desk.slack.withdraw(self.post.destination, sent)
        assert desk.platform.channel == {}

    @pytest.mark.parametrize("fault", ["lost", 0.3])
    async def test_where_nobody_knows_what_became_of_a_try_the_channel_is_read_first(
        self, desk: Desk, fault: Fault
    ) -> None:
        desk.platform.faults = [fault]
        await desk.slack.publish(self.post)
        assert len(desk.platform.channel) == 1
        sends = desk.platform.calls.count("chat.postMessage")
        assert (sends, "conversations.history" in desk.platform.calls) == (1 if fault == "lost" else 2, True)

    async def test_a_limit_is_obeyed_without_reading(self, desk: Desk) -> None:
        desk.platform.faults = [limited("5")]
        await desk.slack.publish(self.post)
        assert desk.platform.calls == ["chat.postMessage", "chat.postMessage"]
        assert max(desk.slept) == pytest.approx(5, abs=0.1)

    async def test_where_the_channel_cannot_be_read_either_it_is_in_doubt(self, desk: Desk) -> None:
        desk.platform.faults = ["lost"]
        desk.platform.history_faults = [web.Response(status=500) for _ in range(3)]
        async with failing() as errors:
            await desk.slack.publish(self.post)
        assert (errors[0].again, errors[0].doubtful) == (True, True)
        assert await desk.slack.find(KEY, self.post.destination, datetime.now(UTC)) is not None

    async def test_without_the_scope_to_read_it_is_sent_again_rather_than_lost(self, desk: Desk) -> None:
        desk.platform.faults = [0.3]
        desk.platform.history_faults = [slack_says("missing_scope")]
        await desk.slack.publish(self.post)
        assert len(desk.platform.channel) == 1

    @pytest.mark.parametrize(
        ("error", "gone", "again"),
        [("is_archived", True, False), ("token_revoked", False, True), ("invalid_blocks", False, False)],
    )
    async def test_a_refusal_says_whether_it_may_pass(self, desk: Desk, error: str, gone: bool, again: bool) -> None:
        desk.platform.faults = [slack_says(error)]
        async with failing() as errors:
            await desk.slack.publish(self.post)
        assert (errors[0].gone, errors[0].again, errors[0].doubtful) == (gone, again, False)


class TestPlaces:
    def test_a_place_where_the_bot_never_was_or_is_no_more_cannot_be_written_to(self, desk: Desk) -> None:
        with pytest.raises(PublishError) as never:
            desk.places.conversation(place(77), "teams")
        assert never.value.gone
        known = of(POST, "teams").destination
        desk.stores.conversations.lose(known.conversation, "the app was removed", NOW)
        with pytest.raises(PublishError, match="the app was removed"):
            desk.places.conversation(known, "teams")

    def test_what_was_lost_is_regained_when_it_is_heard_of(self, desk: Desk) -> None:
        known, destinations = of(POST, "teams").destination, desk.stores.destinations
        destinations.put(known, NOW)
        assert desk.places.lose(known, "403", NOW)
        assert not desk.places.lose(known, "404", NOW)
        desk.places.regain()
        assert destinations.all() == []
        found = desk.stores.conversations.get(known.conversation)
        assert found is not None
        desk.stores.conversations.seen(found[0], NOW)
        desk.places.regain()
        assert [one.id for one in destinations.all()] == ["d1"]

    def test_a_tasks_owner_is_found_in_private_without_having_subscribed(self, desk: Desk) -> None:
        private = Conversation("a:aino", "teams", Scope.PERSONAL, "https://x", person="teams:29:aino")
        desk.stores.conversations.seen(private, NOW)
        desk.stores.people.choose_language("teams:29:aino", "sv", NOW)
        [owner] = desk.places.owners("teams:29:aino")
        assert owner == desk.places.get("owner:teams:29:aino")
        assert (owner.platform, owner.person, owner.languages) == ("teams", "teams:29:aino", ("sv",))
        assert desk.places.conversation(owner, "teams").id == "a:aino"
        assert desk.places.get("d77") is None

    def test_a_task_of_a_role_goes_to_everybody_who_has_it_where_they_are(self, desk: Desk) -> None:
        for person, platform in (("teams:29:a", "teams"), ("slack:U1", "slack"), ("teams:29:gone", "")):
            desk.stores.people.give_role(person, "it", NOW)
            if platform:
                place = Conversation(f"a:{person}", platform, Scope.PERSONAL, person=person)
                desk.stores.conversations.seen(place, NOW)
        assert _reached(desk, "it") == ["a:slack:U1", "a:teams:29:a"]

    def test_who_has_subscribed_in_private_gets_a_task_there(self, desk: Desk) -> None:
        desk.stores.conversations.seen(Conversation("a:it", "slack", Scope.PERSONAL, person="slack:U1"), NOW)
        desk.stores.people.give_role("slack:U1", "it", NOW)
        desk.stores.destinations.put(replace(place(9, "slack"), conversation="a:it", person="slack:U1"), NOW)
        assert [one.id for one in desk.places.owners("it")] == ["d9"]

    def test_a_task_of_a_role_that_nobody_has_goes_to_the_coordinator_else_to_it(self, desk: Desk) -> None:
        assert desk.places.owners("tutor") == []
        for role, person in (("it", "slack:U1"), ("coordinator", "slack:U2"), ("tutor", "slack:U3")):
            desk.stores.conversations.seen(Conversation(f"a:{role}", "slack", Scope.PERSONAL, person=person), NOW)
            desk.stores.people.give_role(person, role, NOW)
            assert _reached(desk, "tutor") == [f"a:{role}"]
        assert _reached(desk, "supervisors") == ["a:coordinator"]  # no role of ours
        assert desk.places.owners("slack:U77") == []

    @pytest.mark.parametrize("owner", sorted({entry.owner for entry in starter_year() if entry.kind is Kind.TASK}))
    def test_every_task_of_the_ready_year_reaches_it_where_nobody_else_is(self, desk: Desk, owner: str) -> None:
        desk.stores.conversations.seen(Conversation("a:it", "slack", Scope.PERSONAL, person="slack:U1"), NOW)
        desk.stores.people.give_role("slack:U1", "it", NOW)
        assert _reached(desk, owner) == ["a:it"]

    def test_it_hears_of_each_task_that_reached_nobody(self, desk: Desk) -> None:
        owner = desk.places.get("owner:slack:U77")
        assert owner is not None
        assert desk.places.lose(owner, "gone", NOW)
        assert desk.places.lose(owner, "gone", NOW)


def _reached(desk: Desk, owner: str) -> list[str]:
    """The private conversations to which a task goes."""
    return sorted(desk.places.conversation(one, one.platform).id for one in desk.places.owners(owner))
