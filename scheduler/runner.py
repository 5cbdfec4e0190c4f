"""When posts go out: woken when the next is due and every minute, in one process per database, caught up at the start.

APScheduler only wakes us; what is due is read from the calendar and the ledger each time. So a clock that jumps, a
process that dies and a wake-up too many change nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime, timedelta

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from scheduler.deliveries import Ledger
from scheduler.lock import Lock
from scheduler.models import Delivery, Destination, Planned, Status
from scheduler.outlook import Outlook
from scheduler.poster import Poster
from scheduler.posting import NotPostingError, Places, Report, Run
from scheduler.tally import Tally, named, summed
from tips.errors import DatabaseError, DigivinkkiError

MINUTE = timedelta(minutes=1)
LOOK = timedelta(minutes=10)  # after this long all is looked at anew: another process may have changed something
_FINISH_WITHIN = 10.0  # seconds, when the server stops

_log = structlog.get_logger()


class Runner:
    """Runs the posters of the connected platforms, a lane each: one platform's trouble keeps no other back."""

    def __init__(
        self,
        posters: Mapping[str, Poster],
        outlook: Outlook,
        ledger: Ledger,
        places: Places,
        lock: Lock,
        run: Run,
        now: Callable[[], datetime],
        report: Report,
    ) -> None:
        self._posters, self._outlook, self._ledger, self._places = posters, outlook, ledger, places
        self._lock, self._run, self._now, self._report = lock, run, now, report
        self._wakes = AsyncIOScheduler(timezone="UTC")
        self._lanes: dict[str, asyncio.Task[bool]] = {}
        self._owed: set[str] = set()
        self._watch: asyncio.Task[None] | None = None
        self._look_at = now()  # when all is looked at the next time
        self._looked_at: tuple[datetime, int] | None = None  # when it was, and the calendar's revision then
        self._next: dict[str, datetime | None] = {}  # by platform
        self._told: set[str] = set()
        self.posts = False  # whether the lock is ours

    @property
    def next_due(self) -> datetime | None:
        """When the next post is due, as far as is known."""
        return min((at for at in self._next.values() if at), default=None)

    async def start(self) -> None:
        """Begins: catches up, then wakes when something is due."""
        self._wakes.start()
        self._wakes.add_job(
            self.tick, "interval", minutes=1, id="minute", coalesce=True, misfire_grace_time=None, max_instances=1
        )
        self._watch = asyncio.create_task(self._watched())
        await self.tick()

    async def stop(self, within: float = _FINISH_WITHIN) -> None:
        """Lets what is on its way arrive; what has not by then is resolved at the next start."""
        if self._watch:
            self._watch.cancel()
        if self._wakes.running:
            self._wakes.shutdown(wait=False)
        for _ in range(2):  # at the first, no more is begun; at the second, what is on its way is given up
            for lane in self._lanes.values():
                lane.cancel()
            if self._lanes:
                await asyncio.wait(self._lanes.values(), timeout=within)
        self._lanes.clear()
        self._lock.release()
        self.posts = False

    def wake(self) -> None:
        """Something changed: destinations, the calendar, IT's word. Looks at once where the loop runs."""
        self._look_at = self._now()
        if self._wakes.running:
            self._wakes.add_job(self.tick, id="soon", replace_existing=True, misfire_grace_time=None)

    async def tick(self) -> None:
        """Posts what is due, where this process is the one that does. Never raises."""
        try:
            if not self._is_ours() or not await self._is_time():
                return
            for platform, poster in self._posters.items():
                lane = self._lanes.get(platform)
                if lane is None or lane.done():
                    self._lanes[platform] = asyncio.create_task(self._lane(platform, poster))
                else:
                    self._owed.add(platform)  # it looks again when it is through
        except DatabaseError as error:
            _log.error("scheduler", reason=str(error))

    async def idle(self) -> None:
        """Returns when nothing is under way."""
        while lanes := [lane for lane in self._lanes.values() if not lane.done()]:
            await asyncio.wait(lanes)

    async def post_now(self, items: Sequence[Planned]) -> Tally:
        """Posts these at once, whenever they are due; in the calendar they count as sent. Raises NotPostingError."""
        self._is_allowed()

        async def pages(platform: str) -> AsyncIterator[Sequence[Planned]]:
            yield [item for item in items if (item.destination.platform or self._first) == platform]

        posted = (poster.post(pages(platform)) for platform, poster in self._posters.items())
        nowhere = self._not_connected(item.destination for item in items)
        return await self._told_of(summed([*await asyncio.gather(*posted), nowhere]))

    async def correct(self, entry: str, nominal: date, destination: str = "") -> Tally:
        """Writes anew what went out for the occurrence, as the calendar and the tips are now: everywhere, or at one
        destination."""
        self._is_allowed()
        messages = await self._messages(entry, nominal)
        messages = [one for one in messages if destination in ("", one.key.destination)]
        items = await self._run(lambda: [(self._outlook.again(one), one.message) for one in messages])
        found = [(item, message) for item, message in items if item]
        by_platform = (
            poster.standing.correct([one for one in found if one[0].destination.platform == platform])
            for platform, poster in self._posters.items()
        )
        nowhere = self._not_connected(item.destination for item, _ in found)
        return await self._told_of(summed([*await asyncio.gather(*by_platform), nowhere]))

    async def withdraw(self, entry: str, nominal: date, destination: str = "") -> Tally:
        """Takes back what went out for the occurrence: everywhere, or at one destination."""
        self._is_allowed()
        messages = await self._messages(entry, nominal)
        messages = [one for one in messages if destination in ("", one.key.destination)]
        places = await self._run(lambda: [(one, self._places.get(one.key.destination)) for one in messages])
        found = [(one, place) for one, place in places if place]
        by_platform = (
            poster.standing.withdraw([one for one in found if one[1].platform == platform])
            for platform, poster in self._posters.items()
        )
        nowhere = self._not_connected(place for _, place in found)
        return await self._told_of(summed([*await asyncio.gather(*by_platform), nowhere]))

    def _not_connected(self, places: Iterable[Destination]) -> Tally:
        """What is ordered for a platform that this server does not reach fails, and is told."""
        tally = Tally()
        for place in places:
            if (place.platform or self._first) not in self._posters:
                tally.failed.append((place.called, f"{place.platform or 'no platform'} is not connected"))
        return tally

    @property
    def _first(self) -> str:
        return next(iter(self._posters), "")

    def _is_allowed(self) -> None:
        if not self.posts:
            raise NotPostingError("another process of this database posts; ask that one")

    async def _messages(self, entry: str, nominal: date) -> list[Delivery]:
        """What stands for the occurrence. A message that was edited stands once, as what it was made last."""
        deliveries = await self._run(lambda: self._ledger.of(entry, nominal))
        sent = [one for one in deliveries if one.status is Status.SENT and one.message]
        return list({(one.key.destination, one.message): one for one in sent}.values())

    def _is_ours(self) -> bool:
        """Takes the lock where nobody has it. A process that stands by takes over when the other dies."""
        had, self.posts = self.posts, self._lock.take()
        if self.posts and not had:
            _log.info("this process posts", lock=str(self._lock.path))
        if not self.posts and "other" not in self._told:
            self._told.add("other")
            _log.warning("another process posts; this one only answers", lock=str(self._lock.path))
        return self.posts

    async def _is_time(self) -> bool:
        """Whether all is to be looked at: something is due or changed, or it was long ago, or the clock went back."""
        now, revision = self._now(), await self._run(self._outlook.revision)
        before = self._looked_at
        if before and before[1] == revision and before[0] <= now < self._look_at:
            return False
        self._look_at, self._looked_at = now + LOOK, (now, revision)
        return True

    async def _lane(self, platform: str, poster: Poster) -> bool:
        """Posts what is due on a platform; whether all went well."""
        try:
            now = self._now()
            await self._run(self._places.regain)
            resolved, posted = await asyncio.gather(poster.resolve(platform), self._posted(platform, poster, now))
            # What had been left behind and had not arrived goes out at once, and what waited for it.
            again = await self._posted(platform, poster, now) if resolved.released else Tally()
            tally = await self._told_of(summed([resolved, posted, again]))
            await self._tell_of_hold()
            await self._tell_of_broken()
            if tally.later:
                self._soon(self._now() + MINUTE)
            # From when this look began: what fell due during it is found as well.
            self._next[platform] = at = await self._outlook.next_due(platform, now, self._run)
            if platform in self._owed:
                self._owed.discard(platform)
                at = now
            if at:
                self._soon(at)
        except Exception as error:  # noqa: BLE001  the next tick tries again
            reason = str(error) if isinstance(error, DigivinkkiError) else type(error).__name__
            _log.error("not posted", platform=platform, reason=reason)
            self._soon(self._now() + MINUTE)
            return False
        return True

    async def _posted(self, platform: str, poster: Poster, now: datetime) -> Tally:
        return await poster.post(self._outlook.due(platform, self._first, now, self._run))

    def _soon(self, at: datetime) -> None:
        """Wakes then, and looks."""
        self._look_at = min(self._look_at, at)
        if self._wakes.running:
            self._wakes.add_job(
                self.tick, "date", run_date=self._look_at, id="due", replace_existing=True, misfire_grace_time=None
            )

    async def _told_of(self, tally: Tally) -> Tally:
        """Tells IT of what failed, once, all of a run together."""
        for key, found in (("posts_failed", tally.failed), ("posts_unreachable", tally.lost)):
            reasons: dict[str, list[str]] = {}
            for where, why in found:
                reasons.setdefault(why, []).append(where)
            for why, places in reasons.items():
                await self._reported(key, {"count": str(len(places)), "where": named(places), "why": why})
        if tally.missed:
            entries = named([f"{entry} ({count})" for entry, count in sorted(tally.missed.items())])
            await self._reported("posts_missed", {"count": str(tally.missed.total()), "what": entries})
        return tally

    async def _tell_of_hold(self) -> None:
        held = await self._run(lambda: len(self._ledger.held()) if self._ledger.is_holding() else 0)
        if held and "held" not in self._told:
            self._told.add("held")
            await self._reported("posts_held", {"count": str(held)})
        elif not held:
            self._told.discard("held")

    async def _tell_of_broken(self) -> None:
        """An entry or a destination that cannot be read keeps the others from nothing, and IT hears of it."""
        entries = await self._run(self._outlook.broken)
        found = [("entry_broken", {"what": error.entry, "why": error.reason}) for error in entries]
        found += [("destination_broken", {"where": name}) for name in await self._run(self._outlook.unreadable)]
        for key, values in found:
            if (told := f"{key} {values}") not in self._told:
                self._told.add(told)
                await self._reported(key, values)

    async def _reported(self, key: str, values: Mapping[str, str]) -> None:
        _log.warning(key, **values)
        try:
            await self._report(key, values)
        except Exception as error:  # noqa: BLE001  it is in the log
            _log.error("not reported to IT", error=type(error).__name__)

    async def _watched(self) -> None:
        """Where the clock went back, the next wake-up would be as far away: it is brought near again."""
        while True:
            await asyncio.sleep(MINUTE.total_seconds())
            job, now = self._wakes.get_job("minute"), self._now()
            if job and job.next_run_time - now > 2 * MINUTE:
                _log.warning("the clock went back")
                with suppress(Exception):
                    job.modify(next_run_time=now)
