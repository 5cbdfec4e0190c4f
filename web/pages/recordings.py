"""Recordings of the sessions that have been held: those whose address is safe to follow, the newest first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from scheduler.models import SESSIONS, ZONE, Entry
from scheduler.recurrence import moment, occurrences
from tips.models import Language
from tips.sessions import Session

MOST = 50  # the newest, of all that are listed
_MOVED = timedelta(days=31)  # how far a time may lie from the date of its rule
_BACK = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Recording:
    """What was recorded when, and where it is seen."""

    day: date
    theme: str
    title: str
    link: str


def recordings(
    entries: Iterable[Entry], sessions: Mapping[str, Session], now: datetime, language: Language
) -> list[Recording]:
    """The recordings of what began before `now`; only addresses on https, whoever wrote them."""
    found = [
        Recording(day, entry.theme, _title(entry, sessions, language), link)
        for entry in entries
        if entry.kind in SESSIONS
        for day, link in _held(entry, now)
        if link.lower().startswith("https://")
    ]
    return sorted(found, key=lambda each: (each.day, each.title), reverse=True)


def _held(entry: Entry, now: datetime) -> Iterator[tuple[date, str]]:
    """The days on which the recorded times were held, and their links."""
    for nominal, link in entry.recordings.items():
        if (at := _at(entry, nominal)) < now:
            yield at.astimezone(ZONE).date(), link
    if entry.recording_link:
        today = now.astimezone(ZONE).date()
        gone = [each for each in occurrences(entry, today - _BACK, today) if each.at < now]
        # One that belongs to no date is of the last time.
        if gone and gone[-1].nominal not in entry.recordings:
            yield gone[-1].at.astimezone(ZONE).date(), entry.recording_link


def _at(entry: Entry, nominal: date) -> datetime:
    """When it was held; where the plan has changed since, at the end of its day."""
    near = occurrences(entry, nominal - _MOVED, nominal + _MOVED)
    return next((each.at for each in near if each.nominal == nominal), moment(nominal, time(23, 59)))


def _title(entry: Entry, sessions: Mapping[str, Session], language: Language) -> str:
    session = sessions.get(entry.theme)
    return session.text(language)[1].title if session else entry.title(language)
