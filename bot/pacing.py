"""Rates that a platform allows, kept before it has to say so."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

_LONGEST_WAIT = 400.0  # seconds: whoever would wait for longer would be answered when nobody reads it any more
_MOST_REMEMBERED = 20_000  # conversations; the longest silent are forgotten first


@dataclass(frozen=True, slots=True)
class Rate:
    """So many in so many seconds."""

    count: int
    seconds: float


class CrowdedError(Exception):
    """So many wait for a key already that another one would wait for too long."""


@dataclass(slots=True)
class _Line:
    """A key's queue: whose turn it is, when the last ones went, and until when the platform asked to wait."""

    went: deque[float]
    until: float = -float("inf")
    waiting: int = 0
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)


class Pacer:
    """Delays what would go over any of its rates. Keys are independent of each other; order within a key is kept."""

    def __init__(
        self,
        rates: Sequence[Rate],
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._rates, self._clock, self._sleep = tuple(rates), clock, sleep
        self._longest = max(rate.count for rate in self._rates)
        self._most_waiting = max(1, int(_LONGEST_WAIT * min(rate.count / rate.seconds for rate in self._rates)))
        self._lines: OrderedDict[str, _Line] = OrderedDict()

    async def wait(self, key: str = "", also: Callable[[], Awaitable[object]] | None = None) -> None:
        """Returns when one more may go under the key, and has waited for `also`, another pacer's turn.

        Raises CrowdedError where too many wait for the same.
        """
        line = self._line(key)
        if line.waiting >= self._most_waiting:
            raise CrowdedError
        line.waiting += 1
        try:
            async with line.turn:
                at = await self._awaited(line, self._clock())
                if also:
                    await also()
                    at = await self._awaited(line, max(at, self._clock()))
                line.went.append(at)
        finally:
            line.waiting -= 1

    async def _awaited(self, line: _Line, at: float) -> float:
        """When it is the line's turn: at once, or later and later where pauses are asked for meanwhile."""
        while (due := self._due(line, at)) > at:
            await self._sleep(due - at)
            at = max(due, self._clock())
        return at

    def hold(self, seconds: float, key: str = "") -> None:
        """The platform asked for a pause: nothing goes under the key before that, nor what waits already."""
        line = self._line(key)
        line.until = max(line.until, self._clock() + seconds)

    def _due(self, line: _Line, now: float) -> float:
        full = (line.went[-rate.count] + rate.seconds for rate in self._rates if len(line.went) >= rate.count)
        return max(now, line.until, *full)

    def _line(self, key: str) -> _Line:
        line = self._lines.get(key)
        if line is None:
            line = self._lines[key] = _Line(deque(maxlen=self._longest))
            self._forget()
        self._lines.move_to_end(key)
        return line

    def _forget(self) -> None:
        for _ in range(len(self._lines) - _MOST_REMEMBERED):
            key, line = self._lines.popitem(last=False)
            if line.waiting:  # that is not silence
                self._lines[key] = line
