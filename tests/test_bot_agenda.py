"""What is said to be coming is what comes: the same moment, whenever somebody asks or subscribes."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import TypeVar

import pytest

from bot.agenda import Agenda
from bot.publishing import outlook_of
from bot.stores import Stores
from scheduler import starter
from scheduler.models import ZONE, Destination, Kind, Planned, Profile
from scheduler.recurrence import moment

T = TypeVar("T")

KINDS = (Kind.WEEKLY_TIP, Kind.SECURITY_QUARTER, Kind.TIP_SESSION, Kind.REMINDER)
TIMES = (time(7), time(9), time(12, 15), time(18))


@pytest.fixture
def year(stores: Stores) -> Stores:
    """Stores with the ready year."""
    starter.seed(stores.calendar)
    return stores


async def at_once(call: Callable[[], T]) -> T:
    return call()


async def due(stores: Stores, now: datetime) -> list[Planned]:
    """What the scheduler posts at that moment."""
    pages = outlook_of(stores).due("teams", "teams", now, at_once)
    items = [item async for page in pages for item in page]
    return [item for item in items if not item.skipped and item.kind is not Kind.TASK]


def drawn(seed: int) -> Destination:
    """A channel with its wishes, which subscribes at some moment: at night, in July, on the minute."""
    draw = random.Random(seed)  # noqa: S311  which ones does not matter, only that they are the same each time
    day = datetime(2026, 11, 1, tzinfo=ZONE) + timedelta(days=draw.randrange(800))
    at = draw.choice([time(draw.randrange(24), draw.randrange(60)), draw.choice(TIMES)])
    weekday, clock = draw.choice([(None, None), (draw.randrange(5), draw.choice(TIMES))])
    profile = draw.choice(list(Profile))
    kinds = draw.choice([KINDS, KINDS[:1], KINDS[1:]])
    since = moment(day.date(), at)
    return Destination("d1", "teams", "19:1", profile=profile, kinds=kinds, weekday=weekday, time=clock, since=since)


@pytest.mark.parametrize("seed", range(40))
async def test_the_first_post_comes_when_it_was_said_at_subscribing(year: Stores, seed: int) -> None:
    place = drawn(seed)
    now = place.since
    assert now
    (said,) = Agenda(year).coming(place, now, 1)
    year.destinations.put(place, now)
    if said.at > now:
        assert await due(year, now) == []
        assert await due(year, said.at - timedelta(minutes=1)) == []
    came = await due(year, said.at)
    assert (came[0].key, came[0].at, came[0].tip) == (said.key, said.at, said.tip)
