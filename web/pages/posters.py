"""Posters: which there are, and each as a PDF. A tip's, or a session's that comes."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import quote, urlsplit

from aiohttp import web

from bot.answers import Shelf
from scheduler.models import SESSIONS, ZONE, Entry, Kind, Occurrence
from scheduler.parts import has_host
from scheduler.recurrence import nominal_dates, occurrences
from tips.facts import filled
from tips.models import Language, Theme
from tips.sessions import Session
from web.pages import words
from web.pages.frame import PAGES, frame_of, missing, page
from web.pages.kinds import KINDS

_AHEAD = timedelta(weeks=13)
_WEEKS = 4
_MOST = 12  # tips of a week's theme; those of any other are on their own pages
_MEETINGS = {"teams.microsoft.com": "teams", "teams.live.com": "teams", "slack.com": "slack"}


@dataclass(frozen=True, slots=True)
class Week:
    """The theme of a week to come, and its tips by id and title."""

    monday: date
    theme: Theme
    tips: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Coming:
    """A session to come."""

    entry: str
    day: date
    nominal: date
    title: str


async def every(request: web.Request) -> web.StreamResponse:
    """The posters of the weeks and sessions to come; any other tip's is on the tip's own page."""
    pages, language = request.app[PAGES], frame_of(request).language
    today = pages.desk.now().astimezone(ZONE).date()
    entries = await pages.desk.run(pages.stores.calendar.in_force)
    shelf = await pages.desk.run(pages.desk.assistant.shelf)
    sessions = await _packs(request)
    coming = [
        Coming(each.entry.id, each.at.astimezone(ZONE).date(), each.nominal, _title(each.entry, sessions, language))
        for each in _sessions(entries, sessions, today, today + _AHEAD)
    ]
    context = {"weeks": _weeks(entries, today, shelf, language), "coming": coming}
    return page(request, "posters.html", context)


async def of_tip(request: web.Request) -> web.StreamResponse:
    """The poster of a tip."""
    pages, frame = request.app[PAGES], frame_of(request)
    shelf = await pages.desk.run(pages.desk.assistant.shelf)
    tip = shelf.tip(request.match_info["tip"])
    if tip is None:
        return missing(request)
    view = shelf.view(tip, frame.language)
    language = view.language
    kind = words.word(language, "poster_tip")
    return await _pdf(request, shelf, kind, view.title, [], view.body, f"/ohjeet/{tip.theme}/{tip.id}", language)


async def of_session(request: web.Request) -> web.StreamResponse:
    """The poster of one time of a session."""
    pages, frame, wanted = request.app[PAGES], frame_of(request), request.match_info
    entries = await pages.desk.run(pages.stores.calendar.in_force)
    shelf = await pages.desk.run(pages.desk.assistant.shelf)
    sessions = await _packs(request)
    occurrence = _occurrence(entries, sessions, wanted["entry"], wanted["day"])
    session = sessions.get(occurrence.entry.theme) if occurrence else None
    if occurrence is None or session is None:
        return missing(request)
    language, text = session.text(frame.language)
    kind = words.word(language, f"kind_{KINDS[occurrence.entry.kind]}")
    host = await pages.desk.run(lambda: pages.stores.people.called(occurrence.entry.host))
    lines = [_when(occurrence, session, language), *_where(occurrence.entry, host, language)]
    body = filled(f"{text.why}\n\n{text.invitation}", shelf.facts, language, markdown=True)
    return await _pdf(request, shelf, kind, text.title, lines, body, f"/vartit/{session.id}", language)


async def _pdf(
    request: web.Request,
    shelf: Shelf,
    kind: str,
    title: str,
    lines: Sequence[str],
    markdown: str,
    path: str,
    language: Language,
) -> web.Response:
    # The library and the letters are loaded when somebody prints.
    from web.paper.poster import Poster, printed  # noqa: PLC0415

    pages = request.app[PAGES]
    support = shelf.facts.get("it_support", "")
    poster = Poster(
        organisation=shelf.facts.get("organisation", "") or "Digivinkki",
        kind=kind,
        title=title,
        lines=lines,
        markdown=markdown,
        invites=words.word(language, "poster_read"),
        address=_address(request, path, language),
        note=words.word(language, "poster_support", support=support) if support else "",
        language=language,
        colour=pages.settings.colour,
    )
    data = await asyncio.to_thread(printed, poster)
    name = quote(path.rpartition("/")[2], safe="")
    headers = {"Content-Disposition": f'inline; filename="{name}.pdf"', "Cache-Control": "no-store"}
    return web.Response(body=data, content_type="application/pdf", headers=headers)


def _address(request: web.Request, path: str, language: Language) -> str:
    """Where the code on the wall leads, in the language of the poster."""
    settings = request.app[PAGES].settings
    shown = "" if language == settings.language else f"?lang={language}"
    return f"{settings.public_url or request.url.origin()}{quote(path)}{shown}"


async def _packs(request: web.Request) -> Mapping[str, Session]:
    pages = request.app[PAGES]
    return await pages.desk.run(lambda: pages.stores.sessions.in_force().sessions)


def _title(entry: Entry, sessions: Mapping[str, Session], language: Language) -> str:
    session = sessions.get(entry.theme)
    return session.text(language)[1].title if session else entry.title(language)


def _sessions(entries: Sequence[Entry], sessions: Mapping[str, Session], first: date, last: date) -> list[Occurrence]:
    """The sessions that have a pack, by time."""
    wanted = [entry for entry in entries if entry.kind in SESSIONS and entry.theme in sessions]
    found = [each for entry in wanted for each in occurrences(entry, first, last)]
    return sorted(found, key=lambda each: (each.at, each.entry.id))


def _occurrence(
    entries: Sequence[Entry], sessions: Mapping[str, Session], entry_id: str, day: str
) -> Occurrence | None:
    try:
        nominal = date.fromisoformat(day)
        month = timedelta(days=31)
        named = [entry for entry in entries if entry.id == entry_id]
        found = _sessions(named, sessions, nominal - month, nominal + month)
    except (ValueError, OverflowError):
        return None
    return next((each for each in found if each.nominal == nominal), None)


def _when(occurrence: Occurrence, session: Session, language: Language) -> str:
    local, entry = occurrence.at.astimezone(ZONE), occurrence.entry
    when = words.day(local.date(), language)
    if not entry.time:
        return when
    end = local + timedelta(minutes=entry.minutes or session.minutes)
    return f"{when} {words.word(language, 'at', time=f'{words.clock(local)}–{words.clock(end)}')}"


def _where(entry: Entry, host: str, language: Language) -> list[str]:
    """Where it is held and by whom. The link itself is no use on a wall."""
    if not has_host(entry):
        return [words.word(language, "poster_own")]
    server = urlsplit(entry.meeting_link).hostname or ""
    known = next((name for at, name in _MEETINGS.items() if f".{server}".endswith(f".{at}")), "remote")
    where = [words.word(language, f"poster_{known}")] if server else []
    return [*where, *([words.word(language, "poster_host", name=host)] if host else [])]


def _weeks(entries: Sequence[Entry], today: date, shelf: Shelf, language: Language) -> list[Week]:
    monday = today - timedelta(days=today.weekday())
    themes = _themes(entries, monday, monday + timedelta(weeks=_WEEKS) - timedelta(days=1))
    every_theme = shelf.snapshot.themes
    return [
        Week(day, every_theme[theme], _tips(shelf, theme, language))
        for day, theme in themes.items()
        if theme in every_theme
    ]


def _tips(shelf: Shelf, theme: str, language: Language) -> list[tuple[str, str]]:
    found = [tip.id for tip in shelf.snapshot.base.tips.values() if tip.theme == theme]
    return [(tip_id, shelf.title(tip_id, language)) for tip_id in found[:_MOST]]


def _themes(entries: Sequence[Entry], first: date, last: date) -> Mapping[date, str]:
    """The theme of each week in which a weekly tip comes, by its Monday."""
    found: dict[date, str] = {}
    for entry in (each for each in entries if each.kind is Kind.WEEKLY_TIP):
        for day in nominal_dates(entry, first, last):
            monday = day - timedelta(days=day.weekday())
            found.setdefault(monday, entry.weeks.get(day.isocalendar().week) or entry.theme)
    return dict(sorted(found.items()))
