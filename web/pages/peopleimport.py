"""A table of people taken in: what it changes is shown before any of it is stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aiohttp import web

from bot.granting import may_give
from bot.peoplefiles import Change, PeopleFileError, changes, read, store
from bot.rolenames import named
from bot.roles import called
from bot.welcoming import welcome_tutor
from tips.models import LANGUAGES
from web.pages import words
from web.pages.acting import act as acted
from web.pages.forms import Form, Problem
from web.pages.frame import PAGES, frame_of, page
from web.pages.people import PATH, giver_of
from web.pages.visitors import visitor_of

MOST = 100  # people whose changes are shown
LONGEST = 200_000  # characters


@dataclass(frozen=True, slots=True)
class Line:
    """A person with what changes about them."""

    name: str
    changes: Sequence[str]


async def show(request: web.Request) -> web.StreamResponse:
    """The form."""
    return page(request, "peopleimport.html", {"text": "", "problem": None, "lines": None, "more": 0})


async def take(request: web.Request) -> web.StreamResponse:
    """Shows what the table changes, or stores it where the button says so. All of it is checked again then."""
    posted, pages = await request.post(), request.app[PAGES]
    text = _text(posted.get("taulukko"), posted.get("tiedosto"))
    if text is None:
        return _page(request, "", Problem("people_file_not_text"))
    shelf = await pages.desk.run(pages.desk.assistant.shelf)
    themes = {
        theme.id: [theme.id, *(theme.title(each) for each in LANGUAGES)] for theme in shelf.snapshot.themes.values()
    }
    try:
        rows = read(text, "", themes)
    except PeopleFileError as error:
        values = {"line": error.line, "value": error.value}
        return _page(request, text, Problem(f"people_file_{error.key}", values))
    stores, giver = pages.stores, giver_of(visitor_of(request))
    found = await pages.desk.run(lambda: changes(rows, stores.people, stores.units))
    if any(each.role and not may_give(giver, each.role.name) for each in found):
        return _page(request, text, Problem("people_cannot_refused"))
    if Form.of(posted).one("tee") != "store":
        return await _looked(request, text, found)

    def stored() -> None:
        now = pages.desk.now()
        for tutor in store(rows, stores.people, stores.units, now):
            stores.outbox.put(welcome_tutor(tutor), now)

    await acted(request, "people_imported", str(len(rows)), stored)
    raise web.HTTPSeeOther(frame_of(request).url(PATH, tehty="imported"))


async def _looked(request: web.Request, text: str, found: Sequence[Change]) -> web.StreamResponse:
    pages, language = request.app[PAGES], frame_of(request).language
    by_person: dict[str, list[str]] = {}
    for each in found:
        what = named(each.role, language) if each.role else each.value
        by_person.setdefault(each.person, []).append(words.word(language, f"people_change_{each.what}", what=what))
    shown, people = list(by_person)[:MOST], pages.stores.people
    names = await pages.desk.run(lambda: [called(people.person(each), language) for each in shown])
    lines = [Line(name, by_person[person]) for name, person in zip(names, shown, strict=True)]
    context = {"text": text, "problem": None, "lines": lines, "more": max(len(by_person) - MOST, 0)}
    return page(request, "peopleimport.html", context)


def _text(pasted: object, file: object) -> str | None:
    """What was pasted, else the file's text; None where that is no text."""
    if isinstance(file, web.FileField) and file.filename:
        try:
            return file.file.read(4 * LONGEST).decode("utf-8-sig")[:LONGEST]
        except UnicodeDecodeError:
            return None
    return pasted[:LONGEST] if isinstance(pasted, str) else ""


def _page(request: web.Request, text: str, problem: Problem) -> web.Response:
    context = {"text": text, "problem": problem, "lines": None, "more": 0}
    return page(request, "peopleimport.html", context, status=422)
