"""Sessions to read: what a security quarter or a tip session goes through, and the sheet for its host."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from aiohttp import web

from bot.answers import Shelf
from tips.facts import filled
from tips.models import Language, Theme
from tips.sessions import Session
from web.pages.frame import PAGES, frame_of, missing, page
from web.pages.recordings import MOST, Recording, recordings


@dataclass(frozen=True, slots=True)
class Listed:
    """A session in the list."""

    session: Session
    theme: Theme
    title: str
    language: Language


@dataclass(frozen=True, slots=True)
class Step:
    """What the host does from minute to minute."""

    begins: int
    ends: int
    do: str


async def every(request: web.Request) -> web.StreamResponse:
    """All sessions by series."""
    shelf, sessions = await _material(request)
    language = frame_of(request).language
    listed = []
    for session in sessions.values():
        shown, text = session.text(language)
        theme = shelf.snapshot.themes.get(session.id, Theme(session.id))
        listed.append(Listed(session, theme, text.title, shown))
    listed.sort(key=lambda each: each.title)
    security = [each for each in listed if each.theme.series == "digiturva"]
    series = {"digiturva": security, "digivinkki": [each for each in listed if each not in security]}
    hidden, without = await _to_edit(request, sessions) if frame_of(request).visitor.administers else ([], [])
    found = (await _recorded(request, sessions))[:MOST]
    return page(request, "sessions.html", {"series": series, "hidden": hidden, "without": without, "recordings": found})


async def _to_edit(
    request: web.Request, sessions: Mapping[str, Session]
) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """What only those who run the programme see: hidden sessions, and themes without one; by theme, with titles."""
    pages, language = request.app[PAGES], frame_of(request).language
    there = await pages.desk.run(pages.stores.sessions.hidden)
    themes = await pages.desk.run(pages.stores.tips.themes)
    hidden = {session.id: session.text(language)[1].title for session in there}
    without = [(theme.id, theme.title(language)) for theme in themes.values() if theme.id not in {**sessions, **hidden}]
    return list(hidden.items()), without


async def one(request: web.Request) -> web.StreamResponse:
    """A session, as staff read it; with `/isannalle` the sheet of its host."""
    shelf, sessions = await _material(request)
    session = sessions.get(request.match_info["theme"])
    if session is None:
        return missing(request)
    frame = frame_of(request)
    shown, text = session.text(frame.language)

    def fill(markdown: str) -> str:
        return filled(markdown, shelf.facts, shown, markdown=True)

    tips = [
        (shelf.snapshot.base.tips[each], shelf.title(each, frame.language)) for each in session.tips if shelf.tip(each)
    ]
    context = {
        "session": session,
        "theme": shelf.snapshot.themes.get(session.id, Theme(session.id)),
        "text": text,
        "shown": shown,
        "fill": fill,
        "reviewed": _month(session.reviewed),
        "steps": _steps(session, frame.language),
        "tips": tips,
        "recordings": [each for each in await _recorded(request, sessions) if each.theme == session.id],
    }
    return page(request, "host.html" if request.path.endswith("/isannalle") else "session.html", context)


async def _recorded(request: web.Request, sessions: Mapping[str, Session]) -> list[Recording]:
    pages = request.app[PAGES]
    entries = await pages.desk.run(pages.stores.calendar.in_force)
    return recordings(entries, sessions, pages.desk.now(), frame_of(request).language)


def _steps(session: Session, language: Language) -> list[Step]:
    steps, minute = [], 0
    for step in session.text(language)[1].host:
        steps.append(Step(minute, minute + step.minutes, step.do))
        minute += step.minutes
    return steps


def _month(reviewed: str) -> str:
    """'2026-11' as it is read: '11/2026'."""
    found = re.fullmatch(r"(\d{4})-(\d{2})", reviewed)
    return f"{int(found[2])}/{found[1]}" if found else ""


async def _material(request: web.Request) -> tuple[Shelf, Mapping[str, Session]]:
    pages = request.app[PAGES]
    now = pages.desk.now()
    found = await pages.desk.run(lambda: pages.desk.assistant.material(now))
    return found.shelf, found.sessions
