"""A database as it is after a busy year: many tips, questions, people, destinations, and all that was sent to them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from app import open_stores
from bench.corpus import SEED, pack_of, questions
from bot.people import READER, TUTOR
from bot.progress import Progress, Run
from bot.settings import Settings
from bot.stores import Stores
from bot.tallies import What, close
from scheduler.models import SESSIONS, Destination, Entry, Key, Kind, Planned
from scheduler.recurrence import occurrences
from tips.database import writing
from tips.models import Answer, Band, Match

TIPS, QUESTIONS, PEOPLE, UNITS, TUTORS, PLACES = 5_000, 100_000, 38_000, 400, 200, 200
_YEAR = timedelta(days=365)
_BANDS = (Band.ANSWER,) * 7 + (Band.SUGGEST, Band.SUGGEST, Band.HAND_OVER)


def filled(path: Path, now: datetime) -> None:
    """Writes the database. Some two minutes."""
    stores, chance = open_stores(Settings(database=path, embedder="off")), random.Random(SEED)  # noqa: S311
    stores.tips.add(pack_of(TIPS), only=True)
    with writing(stores.database):
        _people(stores, chance, now)
        _asked(stores, chance, now)
        _sent(stores, chance, now)
        close(stores.database, now)
    stores.database.close()


def _people(stores: Stores, chance: random.Random, now: datetime) -> None:
    units = [stores.units.put([f"Toimiala {number % 8}", f"Yksikkö {number}"]).id for number in range(UNITS)]
    for number in range(PEOPLE):
        stores.units.join(_person(number), chance.choice(units))
    for number in range(TUTORS):
        stores.people.give_role(_person(number), TUTOR if number % 20 else READER, now)
        stores.people.call(_person(number), f"Tutori {number}", now)


def _asked(stores: Stores, chance: random.Random, now: datetime) -> None:
    """As many questions over the year, as people type them; one in ten finds nothing."""
    asked, themes = questions(QUESTIONS), sorted(stores.tips.themes())
    for text, before in zip(asked, sorted((chance.random() for _ in asked), reverse=True), strict=True):
        at, band, theme = now - before * _YEAR, chance.choice(_BANDS), chance.choice(themes)
        matches = () if band is Band.HAND_OVER else (Match(theme, 1.0),)
        stores.journal.record(Answer(text, "fi", band, 0.5, matches), "teams", at)
        person = _person(chance.randrange(PEOPLE))
        stores.tallies.note(What.ASKED, f"{band}:{theme if matches else ''}", person, at)
        if chance.random() < 0.2:
            stores.tallies.note(What.FELT, chance.choice(("yes", "yes", "no")), person, at)


def _sent(stores: Stores, chance: random.Random, now: datetime) -> None:
    """What the ready year's plan would have sent to each place, and who went through its sessions."""
    places = [Destination(f"p{number}", "teams", f"19:{number}", f"Kanava {number}") for number in range(PLACES)]
    for place in places:
        stores.destinations.put(place, now - _YEAR)
    for entry, nominal, at in _times(stores, now):
        keys = [Key(entry.id, nominal, "post", place.id) for place in places]
        stores.deliveries.plan(
            *(
                Planned(key, entry.kind, at, entry, place, "password-strong" if entry.kind is Kind.WEEKLY_TIP else "")
                for key, place in zip(keys, places, strict=True)
            )
        )
        for key in keys:
            stores.deliveries.claim(key, at)
            stores.deliveries.sent(key, "1", at)
        if entry.kind in SESSIONS:
            for number in range(20):
                done = Progress(9, "", at.isoformat(), chance.randrange(4), 3)
                run = Run(f"hash{number}", keys[0].text(), entry.theme)
                stores.progress.move(run, None, done, at)


def _times(stores: Stores, now: datetime) -> Iterator[tuple[Entry, date, datetime]]:
    last = now.date() - timedelta(days=1)
    for entry in stores.calendar.in_force():
        if entry.kind in (Kind.WEEKLY_TIP, *SESSIONS):
            for each in occurrences(entry, last - _YEAR, last):
                yield entry, each.nominal, each.at.astimezone(UTC)


def _person(number: int) -> str:
    return f"teams:{number:08}"
