"""A municipality with two years behind it, all of it pretended: for pages that are empty at first, and for pictures."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random

from app import open_stores
from bot.people import COORDINATOR
from bot.settings import Settings
from bot.stores import Stores
from bot.tallies import What
from scheduler.models import Destination, Key, Kind, Planned
from tips.drafts import Draft, State

THEMES = ("passwords", "phishing", "teams-meetings", "onedrive-files", "mfa", "outlook-mail", "excel", "ai-everyday")
UNITS = (("Varhaiskasvatus", "Päiväkoti Aurinko"), ("Varhaiskasvatus", "Päiväkoti Metsätähti"), ("Ruokapalvelut",))
UNITS += (("Kunnantalo", "Hallinto"), ("Kunnantalo", "Tekninen"), ("Kirjasto",))
TIINA = "teams:tiina"
HALL = Destination("d1", "teams", "19:hall", "Kunnantalon kanava")
ASKED = ("miten valtuustosalin projektori menee päälle", "valtuustosalin tykki")  # what the draft answers
KITCHEN = Destination("d2", "teams", "19:kitchen", "Keittiön kanava")
_A_MONTH = (34, 38, 41, 29, 33, 18, 6, 37, 52, 49, 46, 24)  # questions, by month


def fill(database: Path, now: datetime) -> None:
    """Makes the database and fills it with what is pretended."""
    stores = open_stores(Settings(database=database))
    try:
        counts(stores, now)
        posts(stores, now)
        stores.people.call(TIINA, "Tiina", now)
        stores.people.give_role(TIINA, COORDINATOR, now)
    finally:
        stores.database.close()


def counts(stores: Stores, now: datetime) -> None:
    """What 45 people of six units asked, pressed and went through, since the January of last year."""
    random = Random(8)  # noqa: S311  the same pretending at each run
    people = [(f"p{number}", stores.units.put(UNITS[number % len(UNITS)])) for number in range(45)]
    for person, unit in people:
        stores.units.join(person, unit.id)
    themes = [theme for place, theme in enumerate(THEMES) for _ in range(len(THEMES) - place)]
    first = date(now.year - 1, 1, 1)
    for months in range(12 + now.month):
        at = datetime(first.year + months // 12, months % 12 + 1, 1, 9, tzinfo=UTC)
        grown = 1.0 if months < 12 else 1.45
        for _ in range(int(_A_MONTH[months % 12] * grown)):
            person, theme = random.choice(people)[0], random.choice(themes)
            _one(stores, random, person, theme, at, answered=0.68 if months < 12 else 0.83)


def _one(stores: Stores, random: Random, person: str, theme: str, at: datetime, *, answered: float) -> None:
    note, band = stores.tallies.note, random.random()
    told = "answer" if band < answered else "suggest" if band < 0.95 else "hand_over"
    note(What.ASKED, f"{told}:{theme}", person, at)
    if random.random() < 0.4:
        note(What.FELT, "yes" if random.random() < answered else "no", person, at)
    if band > 0.93:
        note(What.HANDED_OVER, "", person, at)
        note(What.REPLIED, str(random.randint(1, 9)), person, at)
    if random.random() < 0.2:
        note(What.FINISHED, theme, person, at, random.randint(1, 3))
        note(What.QUIZZED, theme, person, at, 3)


def posts(stores: Stores, now: datetime) -> None:
    """Two channels: the hall's got the week's tip, the kitchen's could not be reached; a draft waits for approval."""
    entry = next(each for each in stores.calendar.in_force() if each.kind is Kind.WEEKLY_TIP)
    at = now - timedelta(days=2)
    for place in (HALL, KITCHEN):
        stores.destinations.put(place, at)
        key = Key(entry.id, at.date(), "post", place.id)
        stores.deliveries.plan(Planned(key, entry.kind, at, entry, place, "password-strong"))
        stores.deliveries.claim(key, at)
        if place is HALL:
            stores.deliveries.sent(key, "m1", at)
        else:
            stores.deliveries.failed(key, "403 Forbidden", at)
    stores.destinations.lose(KITCHEN.id, "403 Forbidden")
    steps = "Avaa projektorin luukku ja paina virtanappia.\n\n1. Valitse tulo **HDMI 2**.\n2. Odota hetki."
    draft = Draft(0, TIINA, "fi", "Valtuustosalin projektori päälle", steps, "teams-meetings", ASKED)
    stores.drafts.add(replace(draft, by="Tiina", state=State.WAITING), at)
