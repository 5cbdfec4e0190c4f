"""The ready year that comes with the product."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

from scheduler.calendar import CalendarStore
from scheduler.calendarfiles import read
from scheduler.models import Entry

YEAR = Path(__file__).with_name("content") / "year.yaml"


def seed(store: CalendarStore) -> bool:
    """Lays the ready year beneath what is there, where it is new or has changed. True where it did."""
    digest = hashlib.sha256(YEAR.read_bytes()).hexdigest()
    return store.seed(digest, lambda: starter_year(digest))


@lru_cache(maxsize=1)
def starter_year(_: str = "") -> tuple[Entry, ...]:
    """The entries of the ready year, read once for each of its fingerprints."""
    return tuple(read(YEAR))
