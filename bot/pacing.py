"""Rates that a platform allows, kept before it has to say so."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

_MOST_REMEMBERED = 20_000  # conversations; the longest silent are forgotten first


@dataclass(frozen=True, slots=True)
class Rate:
    """So many in so many seconds."""

    count: int
    seconds: float


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
        self._slots: OrderedDict[str, deque[float]] = OrderedDict()
        self._until: dict[str, float] = {}

    async def wait(self, key: str = "") -> None:
        """Returns when one more may go under the key. The slot is taken at once, so waiters do not pile up."""
        now = self._clock()
        slots = self._slots.setdefault(key, deque(maxlen=self._longest))
        self._slots.move_to_end(key)
        at = max(now, self._until.get(key, now))
        for rate in self._rates:
            if len(slots) >= rate.count:
                at = max(at, slots[-rate.count] + rate.seconds)
        slots.append(at)
        while len(self._slots) > _MOST_REMEMBERED:
            forgotten, _ = self._slots.popitem(last=False)
            self._until.pop(forgotten, None)
        if at > now:
            await self._sleep(at - now)

    def hold(self, seconds: float, key: str = "") -> None:
        """The platform asked for a pause: nothing goes under the key before that."""
        self._until[key] = max(self._until.get(key, 0.0), self._clock() + seconds)
