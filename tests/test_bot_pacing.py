"""No window of time holds more than a platform allows, whatever comes when: a pretend clock, and many arrivals."""

from __future__ import annotations

import asyncio
import heapq
import random
from collections.abc import Coroutine, Iterable, Sequence
from itertools import count, pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import pacing
from bot.pacing import CrowdedError, Pacer, Rate
from bot.teams.connector import PER_CONVERSATION, PER_TENANT


class PretendTime:
    """A clock that stands still while anybody can go on, and jumps to whoever wakes next; `late` is how late."""

    def __init__(self, late: Iterable[float] = ()) -> None:
        self.now, self._late, self._number = 1000.0, iter(late), count()
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []

    def clock(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        woken = asyncio.get_running_loop().create_future()
        at = self.now + seconds + next(self._late, 0.0)
        heapq.heappush(self._sleepers, (at, next(self._number), woken))
        await woken

    async def run(self, *work: Coroutine[Any, Any, None]) -> None:
        tasks = [asyncio.create_task(each) for each in work]
        while not all(task.done() for task in tasks):
            for _ in range(6):
                await asyncio.sleep(0)
            if self._sleepers:
                self.now, _, woken = heapq.heappop(self._sleepers)
                if not woken.cancelled():
                    woken.set_result(None)
        for task in tasks:
            task.result()


class Sends:
    """Sends under a pacer, and remembers when each went."""

    def __init__(self, time: PretendTime, rates: Sequence[Rate], shared: Sequence[Rate] = ()) -> None:
        self.time, self.went = time, list[tuple[float, str, int]]()
        self.pacer = Pacer(rates, time.clock, time.sleep)
        self._shared = Pacer(shared, time.clock, time.sleep) if shared else None

    async def one(self, key: str = "", number: int = 0, at: float = 0.0) -> None:
        if at:
            await self.time.sleep(at)
        await self.pacer.wait(key, self._shared.wait if self._shared else None)
        self.went.append((self.time.now, key, number))

    def times(self, key: str | None = None) -> list[float]:
        return [at for at, whose, _ in self.went if key in (None, whose)]


def assert_within(times: Sequence[float], rates: Iterable[Rate]) -> None:
    for rate in rates:
        for first, beyond in zip(times, times[rate.count :], strict=False):
            assert beyond - first >= rate.seconds - 1e-6, (rate, first, beyond)


arrivals = st.lists(st.tuples(st.sampled_from("ab"), st.floats(0, 40)), max_size=150)


@settings(max_examples=60)
@given(arrivals=arrivals, late=st.lists(st.floats(0, 0.9), max_size=60))
def test_no_window_of_a_conversation_holds_too_many_even_when_sleepers_wake_late(
    arrivals: list[tuple[str, float]], late: list[float]
) -> None:
    time = PretendTime(late)
    sends = Sends(time, PER_CONVERSATION)
    asyncio.run(time.run(*(sends.one(key, n, at) for n, (key, at) in enumerate(arrivals))))
    assert len(sends.went) == len(arrivals)
    assert_within(sends.times("a"), PER_CONVERSATION)
    assert_within(sends.times("b"), PER_CONVERSATION)


@settings(max_examples=40)
@given(arrivals=st.lists(st.tuples(st.integers(0, 40), st.floats(0, 3)), max_size=150))
def test_no_second_of_the_tenant_holds_more_than_thirty_nor_one_of_a_conversation_seven(
    arrivals: list[tuple[int, float]],
) -> None:
    time = PretendTime()
    sends = Sends(time, PER_CONVERSATION, PER_TENANT)
    asyncio.run(time.run(*(sends.one(str(key), n, at) for n, (key, at) in enumerate(arrivals))))
    assert_within(sends.times(), PER_TENANT)
    for key in {str(key) for key, _ in arrivals}:
        assert_within(sends.times(key), PER_CONVERSATION)


async def test_no_hour_of_a_conversation_holds_more_than_1800() -> None:
    time = PretendTime()
    sends = Sends(time, PER_CONVERSATION)

    async def many(count: int) -> None:
        for _ in range(count):
            await sends.one()

    await time.run(*(many(20) for _ in range(100)))
    assert len(sends.went) == 2000
    assert_within(sends.times(), PER_CONVERSATION)
    assert sum(at < 1000 + 3600 for at in sends.times()) == 1800


async def test_what_is_allowed_goes_at_once() -> None:
    time = PretendTime()
    sends = Sends(time, PER_CONVERSATION)
    await time.run(*(sends.one(key) for key in "abcd" for _ in range(7)))
    assert sends.times() == [1000.0] * 28


async def test_a_full_conversation_does_not_delay_another() -> None:
    time = PretendTime()
    sends = Sends(time, PER_CONVERSATION)
    await time.run(*(sends.one("busy") for _ in range(70)), sends.one("quiet"))
    assert sends.times("quiet") == [1000.0]


@settings(max_examples=30)
@given(keys=st.lists(st.sampled_from("ab"), max_size=60))
def test_the_order_of_a_conversation_is_kept(keys: list[str]) -> None:
    time = PretendTime()
    sends = Sends(time, [Rate(3, 1)], [Rate(4, 1)])
    asyncio.run(time.run(*(sends.one(key, number) for number, key in enumerate(keys))))
    for whose in "ab":
        numbers = [number for _, key, number in sends.went if key == whose]
        assert numbers == sorted(numbers)


async def test_a_pause_that_the_platform_asks_for_holds_its_conversation_only() -> None:
    time = PretendTime()
    sends = Sends(time, PER_CONVERSATION)
    sends.pacer.hold(10, "a")
    await time.run(sends.one("a"), sends.one("b"))
    assert sends.times("a") == [1010.0]
    assert sends.times("b") == [1000.0]


async def test_a_pause_also_holds_those_that_wait_already_and_lets_them_go_within_the_rates() -> None:
    time = PretendTime()
    sends = Sends(time, PER_CONVERSATION)

    async def pause() -> None:
        await time.sleep(0.5)
        sends.pacer.hold(10)

    await time.run(*(sends.one(number=number) for number in range(21)), pause())
    assert sends.times()[:7] == [1000.0] * 7
    assert sends.times()[7] == 1010.5
    assert_within(sends.times(), PER_CONVERSATION)
    assert [number for _, _, number in sends.went] == list(range(21))


@pytest.mark.parametrize("pauses", [(10, 3), (3, 10)])
async def test_of_two_pauses_the_longer_counts(pauses: tuple[float, ...]) -> None:
    time = PretendTime()
    sends = Sends(time, PER_CONVERSATION)
    for pause in pauses:
        sends.pacer.hold(pause)
    await time.run(sends.one())
    assert sends.times() == [1010.0]


async def test_whoever_gives_up_waiting_takes_no_place() -> None:
    time = PretendTime()
    sends = Sends(time, [Rate(1, 60)])
    await sends.one()
    waiter = asyncio.create_task(sends.one(number=1))
    await asyncio.sleep(0)
    waiter.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiter
    await time.run(sends.one(number=2))
    assert sends.times() == [1000.0, 1060.0]


@pytest.mark.parametrize(("rates", "most"), [(PER_CONVERSATION, 200), ([Rate(1, 4)], 100), ([Rate(1, 3600)], 1)])
async def test_whoever_would_wait_for_too_long_is_told_at_once(rates: Sequence[Rate], most: int) -> None:
    time = PretendTime()
    sends = Sends(time, rates)
    waiting = [asyncio.create_task(sends.one(number=number)) for number in range(rates[0].count + most)]
    await asyncio.sleep(0)
    with pytest.raises(CrowdedError):
        await sends.one()
    await sends.one("another")
    await time.run(*(waiter_done(waiter) for waiter in waiting[:most]))


async def test_a_crowd_that_is_served_fast_enough_is_none() -> None:
    time = PretendTime()
    sends = Sends(time, [Rate(1, 1)], PER_TENANT)
    await time.run(*(sends.one(str(number)) for number in range(1000)))
    assert len(sends.went) == 1000
    assert_within(sends.times(), PER_TENANT)


async def test_those_who_gave_up_make_room() -> None:
    time = PretendTime()
    sends = Sends(time, [Rate(1, 100)])
    await sends.one()
    waiting = [asyncio.create_task(sends.one()) for _ in range(4)]
    await asyncio.sleep(0)
    with pytest.raises(CrowdedError):
        await sends.one()
    waiting.pop().cancel()
    await asyncio.sleep(0)
    await time.run(*(waiter_done(waiter) for waiter in waiting), sends.one(number=9))
    assert [at - 1000 for at in sends.times()] == [0, 100, 200, 300, 400]


async def test_conversations_long_silent_are_forgotten_but_not_those_in_which_somebody_waits(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pacing, "_MOST_REMEMBERED", 5)
    time = PretendTime()
    sends = Sends(time, [Rate(1, 60)])
    await sends.one("first")
    waiter = asyncio.create_task(sends.one("first"))
    await asyncio.sleep(0)
    for number in range(100):
        await sends.one(f"other {number}")
    assert len(sends.pacer._lines) <= 7
    await time.run(waiter_done(waiter))
    assert sends.times("first") == [1000.0, 1060.0]


async def waiter_done(waiter: asyncio.Task[None]) -> None:
    await waiter


async def test_with_a_real_clock_the_eighth_waits_for_its_second() -> None:
    pacer = Pacer([Rate(7, 0.05)])
    loop = asyncio.get_running_loop()
    times = []
    for _ in range(15):
        await pacer.wait()
        times.append(loop.time())
    assert_within(times, [Rate(7, 0.049)])
    assert all(earlier <= later for earlier, later in pairwise(times))


def test_a_sleep_that_only_records_is_enough_for_a_test() -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    async def work() -> None:
        pacer = Pacer([Rate(1, 1)], lambda: 5.0, sleep)
        for _ in range(3):
            await pacer.wait()

    asyncio.run(work())
    assert slept == [1.0, 2.0]


@pytest.mark.parametrize("seed", range(3))
async def test_chance_arrivals_over_two_hours_keep_all_rates(seed: int) -> None:
    chance, time = random.Random(seed), PretendTime()  # noqa: S311  arrivals, no secret
    sends = Sends(time, PER_CONVERSATION, PER_TENANT)
    await time.run(*(sends.one(chance.choice("abc"), at=chance.uniform(0, 7200)) for _ in range(1500)))
    assert_within(sends.times(), PER_TENANT)
    for key in "abc":
        assert_within(sends.times(key), PER_CONVERSATION)
