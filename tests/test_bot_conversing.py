"""What both platforms do alike: a welcome is said once and owed until it was, an edit finds the answer it changes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any, TypeVar, cast

import pytest

from bot import conversations, events
from bot.conversations import Conversation, ConversationStore
from bot.conversing import answer_to, greet
from bot.desk import Desk
from bot.events import EventStore
from bot.models import Reply, Scope
from bot.sending import SendError
from tests.conftest import NOW
from tips import database
from tips.models import Language

HALL = Conversation("19:hall", "teams", Scope.CHANNEL, "https://a/", "t1", "28:bot", "19:team")

T = TypeVar("T")


class FakeDesk:
    """A desk whose thread is the loop's own."""

    def __init__(self, opened: Any) -> None:
        self.conversations, self.events = ConversationStore(opened), EventStore(opened)

    async def run(self, call: Callable[[], T]) -> T:
        await asyncio.sleep(0)
        return call()

    async def welcome(self, scope: Scope, language: Language | None) -> Reply:
        return Reply(language or "fi", f"Hei, {scope.value}!")

    def now(self) -> Any:
        return NOW


class Said:
    """Records what was said; fails as often as scripted."""

    def __init__(self, *failures: BaseException) -> None:
        self.texts, self._failures = list[str](), list(failures)

    async def __call__(self, reply: Reply) -> None:
        if self._failures:
            raise self._failures.pop(0)
        self.texts.append(reply.text)


@pytest.fixture
def desk() -> Iterator[Desk]:
    opened = database.in_memory([conversations.migrations, events.migrations])
    yield cast(Desk, FakeDesk(opened))
    opened.close()


async def test_welcome_is_said_once(desk: Desk) -> None:
    said = Said()
    for _ in range(3):
        await greet(desk, HALL, None, said)
    assert said.texts == ["Hei, channel!"]
    assert desk.conversations.all() == [HALL]


async def test_of_many_who_tell_of_the_bot_at_once_one_has_it_said(desk: Desk) -> None:
    said = Said()
    await asyncio.gather(*(greet(desk, HALL, None, said) for _ in range(10)))
    assert len(said.texts) == 1


async def test_where_somebody_has_spoken_already_nothing_is_said(desk: Desk) -> None:
    said = Said()
    desk.conversations.seen(HALL, NOW)
    await greet(desk, HALL, None, said)
    assert said.texts == []


@pytest.mark.parametrize("failure", [SendError("gave up"), SendError("404", gone=True), asyncio.CancelledError()])
async def test_a_welcome_that_failed_is_told_and_owed_also_after_a_message(desk: Desk, failure: BaseException) -> None:
    said = Said(failure)
    with pytest.raises(type(failure)):
        await greet(desk, HALL, None, said)
    desk.conversations.seen(HALL, NOW)
    for _ in range(2):
        await greet(desk, HALL, None, said)
    assert said.texts == ["Hei, channel!"]


async def test_a_welcome_that_failed_twice_is_said_the_third_time(desk: Desk) -> None:
    said = Said(SendError("gave up"), SendError("gave up"))
    for _ in range(2):
        with pytest.raises(SendError):
            await greet(desk, HALL, None, said)
    await greet(desk, HALL, None, said)
    assert len(said.texts) == 1


class Sleeper:
    """Sleeps at once; at its third time something happens."""

    def __init__(self, happens: Callable[[], object] = lambda: None) -> None:
        self.slept, self._happens = 0.0, happens
        self._times = 0

    async def __call__(self, seconds: float) -> None:
        self.slept += seconds
        self._times += 1
        if self._times == 3:
            self._happens()


async def test_the_answer_to_a_question_is_found_at_once(desk: Desk) -> None:
    desk.events.take("q", NOW)
    desk.events.answered("q", "1:answer")
    sleeper = Sleeper()
    assert await answer_to(desk, "q", sleeper) == "1:answer"
    assert sleeper.slept == 0


async def test_a_question_that_nobody_asked_has_none_and_nobody_waits_for_it(desk: Desk) -> None:
    sleeper = Sleeper()
    assert await answer_to(desk, "q", sleeper) is None
    assert sleeper.slept == 0


async def test_an_answer_that_is_being_written_is_waited_for(desk: Desk) -> None:
    desk.events.take("q", NOW)
    sleeper = Sleeper(lambda: desk.events.answered("q", "1:answer"))
    assert await answer_to(desk, "q", sleeper) == "1:answer"
    assert 0 < sleeper.slept <= 2


async def test_of_a_question_that_was_given_back_no_answer_is_waited_for(desk: Desk) -> None:
    desk.events.take("q", NOW)
    assert await answer_to(desk, "q", Sleeper(lambda: desk.events.give_back("q"))) is None


async def test_an_answer_that_never_comes_is_waited_for_a_minute(desk: Desk) -> None:
    desk.events.take("q", NOW)
    sleeper = Sleeper()
    assert await answer_to(desk, "q", sleeper) == ""
    assert sleeper.slept == 60
