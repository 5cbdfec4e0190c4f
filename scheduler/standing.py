"""What stands already, corrected or taken back: one message after another, and none keeps the others back."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

from scheduler.deliveries import Ledger
from scheduler.models import Delivery, Destination, Planned
from scheduler.posting import Composer, Places, Publisher, PublishError, Run, plainly
from scheduler.tally import Tally


class Standing:
    """The messages of a platform. `slots` are how many are under way at a time, those that are posted counted."""

    def __init__(
        self,
        publisher: Publisher,
        composer: Composer,
        ledger: Ledger,
        places: Places,
        run: Run,
        now: Callable[[], datetime],
        slots: asyncio.Semaphore,
    ) -> None:
        self._publisher, self._composer, self._ledger, self._places = publisher, composer, ledger, places
        self._run, self._now, self._slots = run, now, slots

    async def correct(self, items: Sequence[tuple[Planned, str]]) -> Tally:
        """Writes anew the messages that went out for these. Raises DatabaseError."""
        tally, work = Tally(), []
        for item, message in items:

            async def correct(item: Planned = item, message: str = message) -> None:
                post = await self._run(lambda: self._composer.compose(item))
                await self._publisher.correct(item.destination, message, post)

            work.append(self._changed(item.destination, correct, tally))
        await asyncio.gather(*work)
        return tally

    async def withdraw(self, items: Sequence[tuple[Delivery, Destination]]) -> Tally:
        """Takes back the messages that went out as these. Raises DatabaseError."""
        tally, work = Tally(), []
        for delivery, destination in items:

            async def withdraw(delivery: Delivery = delivery, destination: Destination = destination) -> None:
                await self._publisher.withdraw(destination, delivery.message)
                await self._run(lambda: self._ledger.withdrawn(delivery.key, self._now()))

            work.append(self._changed(destination, withdraw, tally))
        await asyncio.gather(*work)
        return tally

    async def _changed(self, destination: Destination, change: Callable[[], Awaitable[None]], tally: Tally) -> None:
        async with self._slots:
            try:
                await plainly(change())
            except PublishError as error:
                if not error.gone:
                    tally.failed.append((destination.called, str(error)))
                elif await self._run(lambda why=str(error): self._places.lose(destination, why, self._now())):  # type: ignore[misc]
                    tally.lost.append((destination.called, str(error)))
            else:
                tally.sent += 1
