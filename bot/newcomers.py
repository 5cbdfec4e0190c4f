"""People who were imported by their e-mail address, and are recognised when they first speak."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from bot.people import MAIL
from bot.stores import Stores
from tips.database import writing


class Newcomers:
    """Who is waited for, and what becomes theirs."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores

    def wanted(self, person: str, now: datetime) -> bool:
        """Whether the platform should be asked for the person's address: while somebody who was imported has not come,
        and once in two days a person."""
        awaited = self._stores.people.awaits() or self._stores.units.awaits()
        return awaited and self._stores.events.take(f"met:{person}", now)

    def arrived(self, person: str, addresses: Iterable[str], now: datetime) -> None:
        """What was imported under one of the addresses is the person's."""
        with writing(self._stores.database):
            for address in addresses:
                known = MAIL + address.strip().lower()
                self._stores.people.recognise(person, address, now)
                self._stores.units.move(known, person)
                self._stores.outbox.move(known, person)
