"""When a tip can go to a destination: in the place of a week's own tip, so that nobody gets more posts than before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta

from bot.agenda import Agenda
from bot.wishes import Wish
from scheduler.choosing import Why
from scheduler.models import ZONE, Destination, Planned
from scheduler.planning import is_open
from scheduler.recurrence import moment
from scheduler.workdays import is_working_day

NOW, SLOT = "now", "slot"  # beside a moment: at once, or when the week's tip comes anyway
_MORNING = time(9)
_AHEAD = 10  # days in which the next working day is found, Christmas and all


@dataclass(frozen=True, slots=True)
class Way:
    """How a tip goes to a place. `at` is None where it cannot; `slot` is the week's tip whose place it takes.

    `moved`: the slot's time is changed for it. `late`: not when it was wished, for the place has had its tip.
    """

    place: Destination
    at: datetime | None = None
    slot: Planned | None = None
    is_now: bool = False
    moved: bool = False
    late: bool = False

    def slot_with(self, tip: str) -> Planned | None:
        """The week's tip with that one in its place."""
        return replace(self.slot, tip=tip, why=Why("editor").text()) if self.slot else None


class Slots:
    """Finds ways. Called in the thread that owns the database."""

    def __init__(self, agenda: Agenda) -> None:
        self._agenda = agenda

    def way(self, place: Destination, when: str, now: datetime) -> Way:
        """Into the weekly tips of the place: at the moment that is wished, else at the next free one."""
        free = self._agenda.slots(place, now)
        at = wished(when, now)
        slot = _of_week(free, at) if at and is_open(place, at) else None
        if at and slot:
            return Way(place, at, slot, is_now=when == NOW, moved=True)
        usual = next((item for item in free if item.at > now), None)
        return Way(place, usual.at, usual, late=when != SLOT) if usual else Way(place)


def alone(place: Destination, when: str, now: datetime) -> Way:
    """By itself, where no weekly tips go."""
    at = wished(when, now)
    return Way(place, at or now, is_now=at is None or at <= now)


def wished(when: str, now: datetime) -> datetime | None:
    """The moment that is wished, None where it is whenever the week's tip comes. Never trust a button."""
    if when == NOW:
        return now
    try:
        at = datetime.fromisoformat(when)
    except ValueError:
        return None
    return at if at.tzinfo and at > now else None


def next_at(wish: Wish, now: datetime) -> datetime | None:
    """The next such moment, None where nothing is posted on that day or at that hour."""
    if wish.at_weekend or wish.at_night:
        return None
    today = now.astimezone(ZONE).date()
    days = (today + timedelta(days=number) for number in range(_AHEAD))
    fitting = (day for day in days if wish.weekday in (None, day.weekday()) and is_working_day(day))
    moments = (moment(day, wish.time or _MORNING) for day in fitting)
    return next((at for at in moments if at > now), None)


def _of_week(free: Sequence[Planned], at: datetime) -> Planned | None:
    week = at.astimezone(ZONE).isocalendar()[:2]
    return next((item for item in free if item.key.nominal.isocalendar()[:2] == week), None)
