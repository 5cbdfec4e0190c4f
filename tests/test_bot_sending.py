"""Sending whatever it is: tried again, paced, held, given up in time; and nobody is left without an answer."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence

import pytest

from bot.pacing import Pacer, Rate
from bot.retries import Backoff
from bot.sending import NotNowError, SendError, Sending


class Clock:
    """A clock that only sleeping moves on; it records how long was slept."""

    def __init__(self) -> None:
        self.now, self.slept = 1000.0, list[float]()

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


class Longest(random.Random):
    """Always the longest pause that might be drawn."""

    def uniform(self, a: float, b: float) -> float:
        return max(a, b)


class Platform:
    """Answers as scripted, then well; records when it was asked."""

    def __init__(self, clock: Clock, script: Sequence[Exception] = ()) -> None:
        self._clock, self._script = clock, list(script)
        self.asked: list[float] = []

    async def __call__(self) -> str:
        self.asked.append(self._clock.now - 1000)
        if self._script:
            raise self._script.pop(0)
        return "sent"


@pytest.fixture
def clock() -> Clock:
    return Clock()


def sending(clock: Clock, *rates: Rate) -> Sending:
    return Sending(Pacer(rates or [Rate(1_000, 1)], clock, clock.sleep), clock.sleep, Longest())


async def test_what_was_sent_comes_back(clock: Clock) -> None:
    assert await sending(clock).send("a", Platform(clock), Backoff()) == "sent"
    assert clock.slept == []


async def test_what_may_pass_is_tried_again_later_and_later(clock: Clock) -> None:
    platform = Platform(clock, [NotNowError("HTTP 503")] * 3)
    assert await sending(clock).send("a", platform, Backoff(first=1)) == "sent"
    assert platform.asked == [0, 1, 3, 7]


async def test_it_gives_up_after_its_tries_with_the_last_reason(clock: Clock) -> None:
    platform = Platform(clock, [NotNowError("HTTP 503"), NotNowError("HTTP 429")])
    with pytest.raises(SendError, match="gave up: HTTP 429") as told:
        await sending(clock).send("a", platform, Backoff(tries=2))
    assert told.value.gone is False
    assert len(platform.asked) == 2


@pytest.mark.parametrize("error", [SendError("is_archived", gone=True), SendError("invalid_blocks"), ValueError("odd")])
async def test_what_no_other_try_would_mend_is_told_at_once(clock: Clock, error: Exception) -> None:
    platform = Platform(clock, [error])
    with pytest.raises(type(error)) as told:
        await sending(clock).send("a", platform, Backoff())
    assert told.value is error
    assert len(platform.asked) == 1


async def test_a_pause_that_the_platform_asks_for_is_kept_in_full_by_all_of_its_key(clock: Clock) -> None:
    paced = sending(clock)
    platform, other = Platform(clock, [NotNowError("HTTP 429", wait=30)]), Platform(clock)
    await paced.send("a", platform, Backoff(first=1))
    assert platform.asked == [0, 30]
    with pytest.raises(SendError):
        await paced.send("a", Platform(clock, [NotNowError("HTTP 429", wait=20)]), Backoff(tries=1))
    at_b = clock.now
    await paced.send("b", other, Backoff())
    assert clock.now == at_b
    await paced.send("a", other, Backoff())
    assert other.asked == [30, 50]


async def test_a_pause_longer_than_anybody_waits_is_told_at_once_and_kept_by_the_next(clock: Clock) -> None:
    paced, platform = sending(clock), Platform(clock, [NotNowError("HTTP 429", wait=61)])
    with pytest.raises(SendError, match="HTTP 429: asked to wait 61 s"):
        await paced.send("a", platform, Backoff(patience=60))
    assert clock.slept == []
    await paced.send("a", platform, Backoff(patience=60))
    assert platform.asked == [0, 61]


async def test_each_try_is_paced(clock: Clock) -> None:
    paced, platform = sending(clock, Rate(1, 10)), Platform(clock, [NotNowError("HTTP 503")] * 2)
    await paced.send("a", platform, Backoff(first=1))
    await paced.send("a", platform, Backoff())
    assert platform.asked == [0, 10, 20, 30]


async def test_each_try_also_waits_for_the_other_pacer(clock: Clock) -> None:
    waited: list[float] = []

    async def also() -> None:
        waited.append(clock.now - 1000)
        await clock.sleep(5)

    platform = Platform(clock, [NotNowError("HTTP 503")])
    await sending(clock).send("a", platform, Backoff(first=1), also)
    assert (waited, platform.asked) == ([0, 6], [5, 11])


async def test_patience_ends_a_try_that_never_ends(clock: Clock) -> None:
    async def never() -> str:
        await asyncio.sleep(60)
        return ""

    with pytest.raises(SendError, match="gave up after 0 s") as told:
        await sending(clock).send("a", never, Backoff(patience=0.02))
    assert told.value.gone is False


async def test_patience_ends_the_waiting_for_a_turn_and_takes_none() -> None:
    paced = Sending(Pacer([Rate(1, 0.1)]), asyncio.sleep)
    sent: list[str] = []

    async def send(name: str, patience: float) -> None:
        async def once() -> None:
            sent.append(name)

        await paced.send("a", once, Backoff(patience=patience))

    results = await asyncio.gather(*(send(*each) for each in (("a", 1), ("b", 0.03), ("c", 1))), return_exceptions=True)
    assert [type(result) for result in results] == [type(None), SendError, type(None)]
    assert sent == ["a", "c"]


async def test_a_crowd_is_told_at_once_that_it_is_one() -> None:
    clock, held = Clock(), asyncio.Event()

    async def sleep(_: float) -> None:
        await held.wait()

    paced = Sending(Pacer([Rate(1, 100)], clock, sleep), sleep)
    platform = Platform(clock)
    await paced.send("a", platform, Backoff())
    waiting = [asyncio.create_task(paced.send("a", platform, Backoff())) for _ in range(4)]
    await asyncio.sleep(0)
    with pytest.raises(SendError, match="too many messages wait") as told:
        await paced.send("a", platform, Backoff())
    assert told.value.gone is False
    assert await paced.send("b", platform, Backoff()) == "sent"
    held.set()
    assert await asyncio.gather(*waiting) == ["sent"] * 4


async def test_whoever_is_cancelled_is_not_told_that_it_was_given_up(clock: Clock) -> None:
    async def never() -> None:
        await asyncio.sleep(60)

    task = asyncio.create_task(sending(clock).send("a", never, Backoff()))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
