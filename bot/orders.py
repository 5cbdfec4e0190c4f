"""What IT ordered in the chat: to post at once, to correct, to withdraw.

Rows, for the process that posts may be another than the one that heard it, or be restarted meanwhile.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Protocol

import structlog
from sqlite_utils import Database, Migrations

from bot.shares import ITSELF
from scheduler.models import Key, Planned
from scheduler.parts import POST
from scheduler.planning import is_open
from scheduler.posting import NotPostingError, Run
from scheduler.tally import Tally
from tips.errors import DatabaseError
from tips.moments import stamp

_LATE = timedelta(hours=1)

migrations = Migrations("orders")

_log = structlog.get_logger()


@migrations()
def create_orders(database: Database) -> None:
    """`done` is when it was carried out, '' before. The same order stands once until then."""
    columns = {"id": int, "what": str, "entry": str, "nominal": str, "destination": str, "at": str, "done": str}
    database.table("orders").create(
        columns, pk="id", not_null={"what", "entry", "nominal", "destination", "at", "done"}
    )
    database.execute("create unique index orders_open on orders (what, entry, nominal, destination) where done = ''")


@migrations()
def add_due(database: Database) -> None:
    """An order may be for later: `due` is when, '' for at once."""
    database.table("orders").add_column("due", str, not_null_default="")


class What(StrEnum):
    """What is to be done."""

    PUBLISH = "publish"
    CORRECT = "correct"
    WITHDRAW = "withdraw"


@dataclass(frozen=True, slots=True)
class Order:
    """An order about an occurrence. `destination` is '' where it is for everywhere it went."""

    what: What
    entry: str
    nominal: date
    destination: str = ""

    @property
    def key(self) -> Key:
        """The delivery that is to be posted."""
        return Key(self.entry, self.nominal, POST, self.destination)


class OrderStore:
    """Reads and writes orders."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def place(self, order: Order, now: datetime, due: datetime | None = None) -> None:
        """It is to be done, at once or later; nothing where that is so already."""
        sql = """
            insert or ignore into orders (what, entry, nominal, destination, at, done, due)
            values (?, ?, ?, ?, ?, '', ?)
        """
        self._db.execute(sql, [*_values(order), stamp(now), stamp(due) if due else ""])

    def cancel(self, order: Order) -> bool:
        """It is not to be done any more; False where it was not, or is done."""
        sql = "delete from orders where what = ? and entry = ? and nominal = ? and destination = ? and done = ''"
        return self._db.execute(sql, _values(order)).rowcount > 0

    def open(self, now: datetime | None = None) -> list[Order]:
        """What is to be done, in the order in which it was ordered: all of it, or what is due by then."""
        until = stamp(now) if now else "~"
        sql = "select what, entry, nominal, destination from orders where done = '' and due <= ? order by id"
        rows = self._db.execute(sql, [until]).fetchall()
        return [Order(What(what), entry, date.fromisoformat(day), place) for what, entry, day, place in rows]

    def done(self, order: Order, now: datetime) -> None:
        """It is done, or cannot be."""
        sql = (
            "update orders set done = ? where what = ? and entry = ? and nominal = ? and destination = ? and done = ''"
        )
        self._db.execute(sql, [stamp(now), *_values(order)])


class Hands(Protocol):
    """Who carries orders out: `scheduler.runner.Runner`."""

    posts: bool

    async def post_now(self, items: Sequence[Planned]) -> Tally:
        """Posts these at once."""

    async def correct(self, entry: str, nominal: date, destination: str = "") -> Tally:
        """Writes anew what went out for the occurrence: everywhere, or at one destination."""

    async def withdraw(self, entry: str, nominal: date, destination: str = "") -> Tally:
        """Takes back what went out for the occurrence: everywhere, or at one destination."""


class Clerk:
    """Carries orders out. `item` is the delivery of a key, as it is planned."""

    def __init__(
        self,
        orders: OrderStore,
        item: Callable[[Key, datetime], Planned | None],
        hands: Hands,
        run: Run,
        now: Callable[[], datetime],
    ) -> None:
        self._orders, self._item, self._hands, self._run, self._now = orders, item, hands, run, now

    async def carry_out(self) -> int:
        """Carries out what is open, where this process posts; how many that were. Raises DatabaseError.

        What cannot be delivered is in the ledger, and IT is told; an order is done all the same.
        """
        if not self._hands.posts:
            return 0
        found = await self._run(lambda: self._orders.open(self._now()))
        publish = await self._run(lambda: self._items([order for order in found if order.what is What.PUBLISH]))
        if publish:
            await self._hands.post_now([item for item in publish.values() if item and not item.skipped])
            await self._done([*publish])
        for order in found:
            if order.what is not What.PUBLISH:
                change = self._hands.correct if order.what is What.CORRECT else self._hands.withdraw
                await change(order.entry, order.nominal, order.destination)
                await self._done([order])
        return len(found)

    async def keep_on(self, seconds: float = 2.0) -> None:
        """The same for ever. What fails is tried again: every order may be carried out twice."""
        while True:
            try:
                await self.carry_out()
            except (DatabaseError, NotPostingError) as error:
                _log.error("order not carried out", reason=str(error))
            except Exception as error:  # noqa: BLE001  the loop must outlive it
                _log.error("order not carried out", error=type(error).__name__)
            await asyncio.sleep(seconds)

    def _items(self, orders: Sequence[Order]) -> dict[Order, Planned | None]:
        """What is ordered, by its order; without what waits for the day."""
        now = self._now()
        found = {order: self._item(order.key, now) for order in orders}
        return {order: item for order, item in found.items() if not (item and _waits(item, now))}

    async def _done(self, orders: Sequence[Order]) -> None:
        def mark() -> None:
            for order in orders:
                self._orders.done(order, self._now())

        await self._run(mark)


def _waits(item: Planned, now: datetime) -> bool:
    """Whether what somebody shared was to go out while nobody posted, and now is no time for it."""
    late = item.key.entry.startswith(ITSELF) and now - item.at > _LATE
    return late and not is_open(item.destination, now)


def _values(order: Order) -> list[str]:
    return [order.what.value, order.entry, order.nominal.isoformat(), order.destination]
