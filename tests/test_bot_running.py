"""Work that outlives its request: begun, waited for when the server stops, given up where it takes too long."""

from __future__ import annotations

import asyncio
import gc

import pytest

from bot import running
from bot.running import Running


class Work:
    """Work that lasts as long as it is told, and records how it ended."""

    def __init__(self) -> None:
        self.ended: list[str] = []

    async def lasting(self, seconds: float, name: str = "") -> str:
        try:
            await asyncio.sleep(seconds)
        except asyncio.CancelledError:
            self.ended.append(f"{name} given up")
            raise
        self.ended.append(f"{name} done")
        return name


@pytest.fixture
def work() -> Work:
    return Work()


async def test_the_work_goes_on_while_nobody_holds_its_task(work: Work) -> None:
    under_way = Running()
    under_way.begin(work.lasting(0.01, "a"))
    gc.collect()
    await asyncio.sleep(0.03)
    assert work.ended == ["a done"]


async def test_whoever_holds_it_gets_what_comes_of_it(work: Work) -> None:
    assert await Running().begin(work.lasting(0, "a")) == "a"


async def test_stopping_waits_for_what_is_under_way(work: Work) -> None:
    under_way = Running()
    for name in "ab":
        under_way.begin(work.lasting(0.02, name))
    await under_way.stop()
    assert work.ended == ["a done", "b done"]


async def test_stopping_gives_up_what_takes_too_long_and_lets_it_clear_up(
    work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "_FINISH_WITHIN", 0.05)
    under_way = Running()
    late = under_way.begin(work.lasting(60, "late"))
    under_way.begin(work.lasting(0.01, "soon"))
    await under_way.stop()
    assert work.ended == ["soon done", "late given up"]
    assert late.cancelled()


async def test_work_that_failed_stops_no_other_and_not_the_stopping(work: Work) -> None:
    async def failing() -> None:
        raise ValueError

    under_way = Running()
    failed = under_way.begin(failing())
    under_way.begin(work.lasting(0.01, "a"))
    await under_way.stop()
    assert work.ended == ["a done"]
    assert isinstance(failed.exception(), ValueError)


async def test_stopping_where_nothing_is_under_way_returns_at_once(work: Work) -> None:
    under_way = Running()
    await under_way.stop()
    await under_way.begin(work.lasting(0))
    await under_way.stop()
    await under_way.stop()
