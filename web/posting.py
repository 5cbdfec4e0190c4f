"""The scheduler beside the server: it posts over the same connections, at the same pace, as the server answers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Protocol

import structlog
from aiohttp import web

from bot.courier import Writer
from bot.publishing import PostPlaces, outlook_of
from bot.stores import Stores
from scheduler.lock import Lock
from scheduler.models import ZONE, Key
from scheduler.poster import Poster
from scheduler.posting import Composer, Publisher, Report
from scheduler.runner import Runner
from tips.database import durably
from web.desk import ServerDesk

_COUNT_EVERY = 300.0  # seconds

_log = structlog.get_logger()


class Platform(Publisher, Writer, Protocol):
    """A platform to which posts and letters go."""


Publishers = dict[str, Platform]  # by platform; a channel puts its own there when it opens

RUNNER = web.AppKey("runner", Runner)


@dataclass(frozen=True, slots=True)
class Posting:
    """What the scheduler works with: the stores, who writes posts, how IT is told of failures, and the platforms."""

    stores: Stores
    composer: Composer
    report: Report
    publishers: Publishers = field(default_factory=dict)

    @property
    def places(self) -> PostPlaces:
        """Where the destinations are."""
        return PostPlaces(self.stores.destinations, self.stores.conversations, self.stores.people)

    def runner(self, desk: ServerDesk) -> Runner:
        """The scheduler over the platforms that are open."""
        stores, places = self.stores, self.places
        posters = {
            platform: Poster(
                publisher,
                self.composer,
                stores.deliveries,
                places,
                desk.run,
                desk.now,
                lambda: durably(stores.database),
            )
            for platform, publisher in self.publishers.items()
        }
        outlook = outlook_of(stores)
        return Runner(posters, outlook, stores.deliveries, places, Lock(stores.path), desk.run, desk.now, self.report)


POSTING = web.AppKey("posting", Posting)


def add_posting(app: web.Application, desk: ServerDesk, posting: Posting) -> None:
    """Runs the scheduler while the server serves. After the channels, so that they are open before and after it."""

    async def running(app: web.Application) -> AsyncIterator[None]:
        app[RUNNER] = runner = posting.runner(desk)
        await runner.start()
        counting = asyncio.create_task(_counting(runner, posting.stores, desk))
        yield
        counting.cancel()
        with suppress(asyncio.CancelledError):
            await counting
        await runner.stop()

    app.cleanup_ctx.append(running)


async def _counting(runner: Runner, stores: Stores, desk: ServerDesk, every: float = _COUNT_EVERY) -> None:
    """Has the posts of sessions tell anew how many have gone through them, where somebody has."""
    before = desk.now()
    while True:
        await asyncio.sleep(every)
        now = desk.now()
        try:
            finished = await desk.run(lambda since=before: stores.progress.finished_since(since))  # type: ignore[misc]
            for key in map(Key.of, finished if runner.posts else ()):
                await runner.correct(key.entry, key.nominal, key.destination)
            before = now
        except Exception as error:  # noqa: BLE001  the next time tells it too
            _log.error("posts not counted anew", error=type(error).__name__)


async def details(app: web.Application, desk: ServerDesk) -> str:
    """What `/readyz` tells this computer: who posts, when the next post is due, what cannot be reached."""
    runner, posting = app[RUNNER], app[POSTING]
    lost = await desk.run(lambda: len(posting.stores.destinations.lost()))
    next_due = runner.next_due
    lines = [
        f"posting: {'this process' if runner.posts else 'another process, or none'}",
        f"next post: {next_due.astimezone(ZONE).isoformat(timespec='minutes') if next_due else 'none'}",
        f"unreachable destinations: {lost}",
    ]
    return "".join(f"{line}\n" for line in lines)
