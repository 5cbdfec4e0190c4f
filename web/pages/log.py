"""The log of what was done on the pages: who, what, when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from aiohttp import web

from bot.retention import PERIODS
from bot.roles import called
from bot.signins import CONSOLE
from bot.stores import Stores
from scheduler.models import ZONE
from tips.fields import number_in
from tips.models import Language
from web.pages import words
from web.pages.frame import PAGES, frame_of, page

A_PAGE = 100


@dataclass(frozen=True, slots=True)
class Line:
    """A line as it is shown; `who` is '' of somebody who was erased."""

    id: int
    at: datetime
    who: str
    what: str
    about: str


async def show(request: web.Request) -> web.StreamResponse:
    """The newest lines; with `?ennen=` those before that number."""
    pages, language = request.app[PAGES], frame_of(request).language
    before = number_in(request.query.get("ennen", ""))
    lines = await pages.desk.run(lambda: _lines(pages.stores, before, language))
    older = lines[A_PAGE - 1].id if len(lines) > A_PAGE else None
    return page(request, "log.html", {"lines": lines[:A_PAGE], "older": older, "days": PERIODS["audit"]})


def _lines(stores: Stores, before: int | None, language: Language) -> list[Line]:
    notes = stores.audit.notes(A_PAGE + 1, before)
    names = {person: named(stores, person, language) for person in {note.person for note in notes}}
    return [
        Line(
            note.id,
            datetime.fromisoformat(note.at).astimezone(ZONE),
            names[note.person],
            acted(note.what, language),
            note.about,
        )
        for note in notes
    ]


def named(stores: Stores, person: str, language: Language) -> str:
    """What the person is called, '' of somebody who was erased."""
    if person == CONSOLE:
        return words.word(language, "log_console")
    return called(stores.people.person(person), language) if person else ""


def acted(what: str, language: Language) -> str:
    """What was done, in words; the word of the log where it has none."""
    return words.words(language).get(f"act_{what}", what)
