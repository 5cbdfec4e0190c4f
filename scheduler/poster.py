"""How what is due reaches the destinations of a platform: claimed in the ledger, published, marked.

A claim is durable before its request goes out, and the delivery is marked when the platform has answered. What is
claimed and not marked after a crash is ambiguous: a platform that can be read back is asked whether the message is
there (`Publisher.find`), on any other it is sent again. So nothing is lost, and per destination and crash at most one
post comes twice, only where nothing can be read back.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from scheduler.deliveries import WITHDRAWN, Ledger
from scheduler.models import Delivery, Destination, Key, Planned, Status
from scheduler.planning import MISSED
from scheduler.posting import Composer, Places, Post, Publisher, PublishError, Run, plainly
from scheduler.standing import Standing
from scheduler.tally import Tally
from tips.errors import DatabaseError, DigivinkkiError

IN_FLIGHT = 64  # posts that are on their way at the same time
PAGE = 50  # deliveries that are claimed together
GIVEN_UP = timedelta(hours=24)  # after this long, what fails in a way that may pass is given up

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Claimed:
    """A delivery that is ours to publish. `stands` is the message that it replaces, '' for a new one."""

    item: Planned
    post: Post
    stands: str = ""


class Poster:
    """Posts to the destinations of one platform: so many at a time, in order at each destination."""

    def __init__(
        self,
        publisher: Publisher,
        composer: Composer,
        ledger: Ledger,
        places: Places,
        run: Run,
        now: Callable[[], datetime],
        durably: Callable[[], AbstractContextManager[None]],
        in_flight: int = IN_FLIGHT,
    ) -> None:
        self._publisher, self._composer, self._ledger, self._places = publisher, composer, ledger, places
        self._run, self._now, self._durably = run, now, durably
        self._slots = asyncio.Semaphore(in_flight)
        self.standing = Standing(publisher, composer, ledger, places, run, now, self._slots)
        self._ours: set[Key] = set()  # claimed by us, and under way
        self._unmarked: dict[Key, str] = {}  # published, and the database could not be told
        self._since: dict[Key, datetime] = {}  # when it first failed in a way that may pass

    async def post(self, pages: AsyncIterable[Sequence[Planned]]) -> Tally:
        """Claims and publishes what is due, and records what is skipped. Raises DatabaseError.

        What fails in a way that may pass waits in the ledger for the next time, and what follows it there with it.
        """
        tally = Tally()
        ways: dict[str, asyncio.Task[bool]] = {}  # the last one that goes to a destination
        tasks: set[asyncio.Task[bool]] = set()
        try:
            async for page in pages:
                for some in _cut(page):
                    for claimed in await self._claimed(some, tally):
                        await self._slots.acquire()
                        where = claimed.item.key.destination
                        task = asyncio.create_task(self._carried(claimed, ways.get(where), tally))
                        ways[where] = task
                        tasks.add(task)
                        task.add_done_callback(_forgetting(tasks, ways, where))
        finally:
            if tasks:
                await asyncio.gather(*tasks)
        return tally

    async def resolve(self, platform: str) -> Tally:
        """Finds out what became of the platform's deliveries that were claimed and left behind: by a process that
        died, or by this one where the platform never answered. Raises DatabaseError."""
        tally = Tally()
        await self._mark_late()
        left = await self._run(lambda: list(self._left(platform)))
        await asyncio.gather(*(self._resolved(delivery, place, tally) for delivery, place in left))
        return tally

    async def _claimed(self, items: Sequence[Planned], tally: Tally) -> list[_Claimed]:
        """Those that are ours now, with their posts; what is skipped is recorded."""

        def claimed() -> list[Planned]:
            with self._durably():
                self._ledger.plan(*items)
                unclear = {delivery.key.destination for delivery in self._left_behind()}
                taken = [item for item in items if self._is_taken(item, unclear, tally)]
            # Still in the database's thread, so that nothing there takes them for left behind.
            self._ours.update(item.key for item in taken)
            return taken

        def composed(item: Planned) -> _Claimed | Exception:
            try:
                return _Claimed(item, self._composer.compose(item), self._standing(item))
            except Exception as error:  # noqa: BLE001  one bad text must not keep the others back
                return error

        def work() -> list[tuple[Planned, _Claimed | Exception]]:
            return [(item, composed(item)) for item in claimed()]

        ready = []
        for item, made in await self._run(work):
            if isinstance(made, _Claimed):
                ready.append(made)
            else:
                _log.error("not composed", entry=item.key.entry, error=type(made).__name__)
                why = str(made) if isinstance(made, DigivinkkiError) else type(made).__name__
                await self._unsent(item, PublishError(f"cannot be written: {why}"), tally)
                self._ours.discard(item.key)
        return ready

    def _is_taken(self, item: Planned, unclear: Collection[str], tally: Tally) -> bool:
        """Whether it is ours to publish. In the database's thread."""
        why = item.skipped or self._withdrawn(item)
        if not why:
            if item.key.destination in unclear:  # in order: what was left behind there comes first
                tally.later += 1
                return False
            return self._ledger.claim(item.key, self._now())
        if self._ledger.skip(item.key, why, self._now()):
            self._since.pop(item.key, None)
            tally.skipped += 1
            tally.missed.update([item.key.entry] if why == MISSED else [])
        return False

    def _standing(self, item: Planned) -> str:
        """The message that the item replaces. In the database's thread."""
        if not item.edits:
            return ""
        key = item.key
        first = self._ledger.get(Key(key.entry, key.nominal, item.edits, key.destination))
        return first.message if first and first.status is Status.SENT else ""

    def _withdrawn(self, item: Planned) -> str:
        """The reason for not sending what would bring back a message that was withdrawn, '' where there is none. In the
        database's thread."""
        return WITHDRAWN if item.edits and self._ledger.is_withdrawn(item.key) else ""

    async def _carried(self, claimed: _Claimed, before: asyncio.Task[bool] | None, tally: Tally) -> bool:
        """Whether the next one may go to the destination."""
        key = claimed.item.key
        try:
            if before and not await before:
                await self._run(lambda: self._ledger.release(key))
                tally.later += 1
                return False
            return await self._published(claimed, tally)
        except DatabaseError as error:  # it stays claimed, and is resolved the next time
            _log.error("not marked", reason=str(error))
            tally.later += 1
            return False
        finally:
            self._ours.discard(key)
            self._slots.release()

    async def _published(self, claimed: _Claimed, tally: Tally) -> bool:
        key = claimed.item.key
        try:
            message = await plainly(self._sent(claimed))
        except PublishError as error:
            return await self._unsent(claimed.item, error, tally)
        self._since.pop(key, None)
        if message is None:
            tally.skipped += 1
            await self._run(lambda: self._ledger.drop(key, WITHDRAWN, self._now()))
            return True
        tally.sent += 1
        await self._mark(key, message)
        return True

    async def _sent(self, claimed: _Claimed) -> str | None:
        """The id of the message that went out, or of the one that it replaced; None where that was withdrawn while
        this was on its way."""
        if claimed.stands:
            try:
                await self._publisher.correct(claimed.item.destination, claimed.stands, claimed.post)
            except PublishError as error:
                if error.gone or error.again:
                    raise
            else:
                return claimed.stands
            if await self._run(lambda: self._withdrawn(claimed.item)):
                return None
        return await self._publisher.publish(claimed.post)  # also where the message is no more

    async def _mark(self, key: Key, message: str) -> None:
        try:
            await self._run(lambda: self._ledger.sent(key, message, self._now()))
        except DatabaseError as error:
            self._unmarked[key] = message  # known here as long as this process lives
            _log.error("not marked", reason=str(error))

    async def _mark_late(self) -> None:
        late = dict(self._unmarked)
        await self._run(lambda: [self._ledger.sent(key, message, self._now()) for key, message in late.items()])
        for key in late:
            del self._unmarked[key]

    async def _unsent(self, item: Planned, error: PublishError, tally: Tally) -> bool:
        """Records why; whether the next one may go to the destination."""
        key, why, now = item.key, str(error), self._now()
        if error.again and now - self._since.setdefault(key, now) < GIVEN_UP:
            if not error.doubtful:  # else it stays claimed until the platform was asked
                await self._run(lambda: self._ledger.release(key))
            tally.later += 1
            return False
        self._since.pop(key, None)
        await self._run(lambda: self._ledger.failed(key, why, now))
        if error.gone:
            await self._lost(item.destination, why, tally)
        else:
            tally.failed.append((item.destination.called, why))
        _log.warning("not posted", entry=key.entry, reason=why)
        return True

    async def _lost(self, destination: Destination, why: str, tally: Tally) -> None:
        if await self._run(lambda: self._places.lose(destination, why, self._now())):
            tally.lost.append((destination.called, why))

    def _left(self, platform: str) -> Iterator[tuple[Delivery, Destination]]:
        """What was left behind on the platform, and where. In the database's thread."""
        for delivery in self._left_behind():
            place = self._places.get(delivery.key.destination)
            if place is None:
                self._ledger.failed(delivery.key, "the destination was removed", self._now())
            elif place.platform == platform:
                yield delivery, place

    def _left_behind(self) -> list[Delivery]:
        """What was claimed and may have gone out or not. In the database's thread."""
        ours = self._ours.copy()  # which the loop's thread changes meanwhile
        found = (delivery for delivery in self._ledger.ambiguous() if delivery.key not in ours)
        return [delivery for delivery in found if delivery.key not in self._unmarked]

    async def _resolved(self, delivery: Delivery, destination: Destination, tally: Tally) -> None:
        key = delivery.key
        try:
            message = await plainly(self._publisher.find(key, destination, delivery.changed or delivery.at))
        except PublishError as error:
            if error.gone:
                why = str(error)
                await self._run(lambda: self._ledger.failed(key, why, self._now()))
                await self._lost(destination, why, tally)
            else:
                tally.later += 1  # asked again the next time: better late than twice
            return
        if message:
            tally.sent += 1
            await self._mark(key, message)
        else:
            tally.released += 1
            await self._run(lambda: self._ledger.release(key))


def _cut(items: Sequence[Planned]) -> Iterator[Sequence[Planned]]:
    return (items[start : start + PAGE] for start in range(0, len(items), PAGE))


def _forgetting(
    tasks: set[asyncio.Task[bool]], ways: dict[str, asyncio.Task[bool]], where: str
) -> Callable[[asyncio.Task[bool]], None]:
    """Lets go of a task that has ended, and of its destination where nothing follows it."""

    def forget(task: asyncio.Task[bool]) -> None:
        tasks.discard(task)
        went_well = not task.cancelled() and task.exception() is None and task.result()
        if went_well and ways.get(where) is task:
            del ways[where]

    return forget
