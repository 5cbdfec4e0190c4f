"""A year in moments: the real planner and ledger under a stepped clock, on a copy of the database."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlite_utils import Database

from scheduler.choosing import Choices
from scheduler.deliveries import Ledger
from scheduler.models import ZONE, Delivery, Destination, Entry, Kind, Planned
from scheduler.planning import due, planned
from tips.database import in_memory
from tips.models import Tip

PRETENDED = Destination("pretended-office", "preview", "pretended-office", kinds=tuple(Kind))

_AT_A_TIME = timedelta(weeks=4)


@dataclass(slots=True)
class Recorder:
    """A platform that takes everything and remembers it."""

    posts: list[Planned] = field(default_factory=list)

    def publish(self, post: Planned) -> str:
        """Returns the message's id."""
        self.posts.append(post)
        return f"simulated-{len(self.posts)}"


def private_copy(database: Database) -> Database:
    """All of it in memory: whatever happens there, the real one is untouched."""
    copy = in_memory(())
    database.conn.backup(copy.conn)
    return copy


def simulate(
    copy: Database,
    entries: Sequence[Entry],
    tips: Sequence[Tip],
    start: datetime,
    end: datetime,
    destinations: Iterable[Destination] = (),
    choices: Choices | None = None,
    recorder: Recorder | None = None,
    ripe: Mapping[str, datetime] | None = None,
) -> Iterator[Delivery]:
    """Everything due from `start` up to before `end`, as it stands in the ledger afterwards, by time.

    `copy` is written to. Without destinations an office channel is pretended. What was sent there already is not sent
    again, so a simulation of the past shows what is missing.
    """
    ledger, platform = Ledger(copy), recorder or Recorder()
    ledger.end_hold(start, send=True)  # IT's word is not simulated
    # A destination of today stands for one that was there all along.
    places = [replace(place, since=None) for place in destinations] or [PRETENDED]
    for begins, ends in _spans(start, end):
        plan = planned(
            entries,
            places,
            tips,
            begins,
            ends,
            had=ledger.had_everywhere(),
            choices=choices or {},
            sent=ledger.tips(begins - timedelta(weeks=1)),
            ripe=ripe or {},
        )
        done = ledger.done(begins)
        for batch in _by_moment(plan):
            now = batch[0].at
            ledger.plan(*(item for item in batch if item.key not in done))
            for item in due(batch, now, done):
                yield _handled(item, ledger, platform, now)


def _handled(item: Planned, ledger: Ledger, platform: Recorder, now: datetime) -> Delivery:
    if item.skipped:
        ledger.skip(item.key, item.skipped, now)
    elif ledger.claim(item.key, now):
        ledger.sent(item.key, platform.publish(item), now)
    delivery = ledger.get(item.key)
    assert delivery is not None, "planned a moment ago"  # noqa: S101
    return delivery


def _spans(start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Whole weeks at a time, each from a Monday's first moment, but for the first and the last."""
    local = start.astimezone(ZONE)
    monday = datetime.combine(local.date() - timedelta(days=local.weekday()), datetime.min.time(), ZONE)
    while start < end:
        monday += _AT_A_TIME  # wall-clock arithmetic: midnight stays midnight
        yield start, min(monday, end)
        start = monday


def _by_moment(plan: Iterable[Planned]) -> Iterator[list[Planned]]:
    batch: list[Planned] = []
    for item in plan:
        if batch and item.at != batch[0].at:
            yield batch
            batch = []
        batch.append(item)
    if batch:
        yield batch
