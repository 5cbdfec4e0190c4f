"""The database's thread: in order, one at a time; whatever happens to a call or its caller, the others are served."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import NoReturn

import pytest

from web.worker import Worker


@pytest.fixture
def worker() -> Iterator[Worker]:
    worker = Worker()
    yield worker
    with suppress(RuntimeError):
        worker.stop()


class Gate:
    """A call that lasts until it is let go."""

    def __init__(self) -> None:
        self.begun, self._go_on = threading.Event(), threading.Event()

    def __call__(self) -> str:
        self.begun.set()
        assert self._go_on.wait(5)
        return "gone"

    def open(self) -> None:
        self._go_on.set()


def raising(error: BaseException) -> Callable[[], NoReturn]:
    def call() -> NoReturn:
        raise error

    return call


def nobody_is_told(error: Exception) -> None:
    raise AssertionError(error)


async def test_a_result_comes_back_from_one_thread_that_is_not_the_loops(worker: Worker) -> None:
    threads = [await worker.run(threading.get_ident) for _ in range(5)]
    assert len(set(threads)) == 1
    assert threads[0] != threading.get_ident()
    assert await worker.run(lambda: None) is None


async def test_many_at_once_are_done_one_at_a_time_in_order_and_each_gets_its_own_result(worker: Worker) -> None:
    done: list[int] = []
    inside = threading.Lock()

    def call(number: int) -> int:
        assert inside.acquire(blocking=False), "two at once"
        done.append(number)
        inside.release()
        return number * 2

    results = await asyncio.gather(*(worker.run(lambda number=number: call(number)) for number in range(2000)))
    assert results == [number * 2 for number in range(2000)]
    assert done == list(range(2000))


async def test_results_are_told_in_the_order_of_their_calls(worker: Worker) -> None:
    gate, told = Gate(), list[int]()

    async def one(number: int) -> None:
        await worker.run(lambda: number)
        told.append(number)

    held = asyncio.create_task(worker.run(gate))
    tasks = [asyncio.create_task(one(number)) for number in range(50)]
    await asyncio.sleep(0)
    gate.open()
    await asyncio.gather(held, *tasks)
    assert told == list(range(50))


async def test_a_result_does_not_wait_for_all_that_is_queued(worker: Worker) -> None:
    slow = [asyncio.create_task(worker.run(lambda: time.sleep(0.03))) for _ in range(10)]
    await slow[0]
    assert not any(task.done() for task in slow[5:])
    await asyncio.gather(*slow)


@pytest.mark.parametrize("error", [ValueError("odd"), LookupError(), MemoryError(), GeneratorExit("rare")])
async def test_an_error_reaches_its_caller_and_no_other(worker: Worker, error: BaseException) -> None:
    before, failing, after = (asyncio.create_task(worker.run(call)) for call in (lambda: 1, raising(error), lambda: 3))
    with pytest.raises(type(error)) as caught:
        await failing
    assert caught.value is error
    assert await asyncio.gather(before, after) == [1, 3]


async def test_an_error_that_a_future_does_not_take_reaches_its_caller_too(worker: Worker) -> None:
    failing, after = (asyncio.create_task(worker.run(call)) for call in (raising(StopIteration()), lambda: 3))
    async with asyncio.timeout(1):
        with pytest.raises(RuntimeError, match="StopIteration"):
            await failing
        assert await after == 3


async def test_a_caller_that_is_cancelled_does_no_harm(worker: Worker) -> None:
    gate, done = Gate(), list[str]()
    running = asyncio.create_task(worker.run(gate))
    queued = asyncio.create_task(worker.run(lambda: done.append("queued")))
    failing = asyncio.create_task(worker.run(raising(ValueError())))
    other = asyncio.create_task(worker.run(lambda: "other"))
    assert await asyncio.to_thread(gate.begun.wait, 5)
    for task in (running, queued, failing):
        task.cancel()
    gate.open()
    assert await other == "other"
    results = await asyncio.gather(running, queued, failing, return_exceptions=True)
    assert [type(result) for result in results] == [asyncio.CancelledError] * 3
    assert done == ["queued"], "what was taken on is done all the same"


async def test_what_nobody_waits_for_is_done_in_its_turn(worker: Worker) -> None:
    done: list[int] = []
    worker.begin(lambda: done.append(1), nobody_is_told)
    await worker.run(lambda: done.append(2))
    worker.begin(lambda: done.append(3), nobody_is_told)
    assert await worker.run(lambda: list(done)) == [1, 2, 3]


async def test_where_that_fails_it_is_told_and_the_next_are_served(worker: Worker) -> None:
    told, error = list[Exception](), RuntimeError("no table")
    worker.begin(raising(error), told.append)
    assert await worker.run(lambda: "served") == "served"
    assert told == [error]


async def test_it_ends_after_what_is_queued(worker: Worker) -> None:
    gate, done = Gate(), list[int]()
    tasks = [asyncio.create_task(worker.run(gate))]
    tasks += [asyncio.create_task(worker.run(lambda number=number: done.append(number))) for number in range(20)]
    await asyncio.sleep(0)
    worker.begin(lambda: done.append(20), nobody_is_told)
    stopping = asyncio.create_task(asyncio.to_thread(worker.stop))
    await asyncio.sleep(0.01)
    assert not stopping.done()
    gate.open()
    await stopping
    assert done == list(range(21))
    async with asyncio.timeout(1):
        await asyncio.gather(*tasks)


async def test_after_it_has_ended_nobody_waits_in_vain(worker: Worker) -> None:
    worker.stop()
    with pytest.raises(RuntimeError, match="stopped"):
        await worker.run(lambda: 1)
    with pytest.raises(RuntimeError, match="stopped"):
        worker.begin(lambda: 1, nobody_is_told)


def test_a_loop_that_was_closed_meanwhile_is_no_matter(worker: Worker) -> None:
    gate = Gate()

    async def give_up() -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(0.01):
                await worker.run(gate)

    asyncio.run(give_up())
    gate.open()
    assert asyncio.run(worker.run(lambda: "served")) == "served"


def test_callers_of_several_loops_are_each_told_in_their_own(worker: Worker) -> None:
    results: list[int] = []

    async def many(first: int) -> None:
        results.extend(await asyncio.gather(*(worker.run(lambda n=n: n) for n in range(first, first + 100))))

    threads = [threading.Thread(target=asyncio.run, args=(many(first),)) for first in (0, 100, 200)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(5)
    assert sorted(results) == list(range(300))
