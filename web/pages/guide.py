"""The tip guide (Digiohjeet): themes, tips, search, and a box to ask for those who have no Teams or Slack."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass

from aiohttp import web

from bot.answers import Shelf
from bot.models import Reply
from tips.fields import number_in
from tips.models import Language, Theme
from tips.packimages import image_type
from web.pages.feeling import ANSWERS, question_of
from web.pages.frame import PAGES, Frame, frame_of, missing, page
from web.pages.nearby import nearby
from web.pages.pacing import Pace, address_of

LONGEST_QUESTION = 2_000  # characters
MOST_FOUND = 10
A_PAGE = 200  # tips of a theme
_ALL_SHOWN = 400  # tips in force, up to which the first page lists every one
_FIRST = 3  # tips of a theme that the first page shows openly
_RELATED = 6
_CHANNEL = "web"

SEARCHES, QUESTIONS = web.AppKey("searches", Pace), web.AppKey("questions", Pace)


@dataclass(frozen=True, slots=True)
class Line:
    """A tip in a list."""

    id: str
    theme: str
    title: str
    language: Language


@dataclass(frozen=True, slots=True)
class Group:
    """A theme with its tips; `more` are those that stand behind the first ones, `count` is all of them."""

    theme: Theme
    tips: tuple[Line, ...]
    more: tuple[Line, ...]
    count: int


def paces() -> tuple[Pace, Pace]:
    """How often one address may search and ask."""
    return Pace(240, 60), Pace(30, 60)


async def front(request: web.Request) -> web.StreamResponse:
    """All themes; with `?q=` what the bot's own ranking finds, with `osa=tulokset` only that list."""
    frame = frame_of(request)
    query = request.query.get("q", "").strip()[:LONGEST_QUESTION]
    if query:
        return await _searched(request, frame, query)
    shelf = await _shelf(request)
    groups = _groups(shelf, frame.language)
    series = {name: [group for group in groups if group.theme.series == name] for name in _series(groups)}
    return page(request, "guide.html", {"series": series, "query": "", "count": len(shelf.snapshot.base.tips)})


async def asked(request: web.Request) -> web.StreamResponse:
    """The bot's answer to a question, as a page. Stored as in the chat: the text, not the asker."""
    if request.headers.get("Sec-Fetch-Site") == "cross-site":
        raise web.HTTPForbidden(text="another site's form")
    frame, form = frame_of(request), await request.post()
    text = form.get("kysymys", "")
    text = text.strip() if isinstance(text, str) else ""
    if not text:
        raise web.HTTPSeeOther(frame.url("ohjeet"))
    if len(text) > LONGEST_QUESTION:
        return page(request, "answer.html", {"problem": "too_long", "question": text[:200]}, status=413)
    if not request.app[QUESTIONS].allows(address_of(request), time.monotonic()):
        return page(request, "answer.html", {"problem": "too_often", "question": text}, status=429)
    pages = request.app[PAGES]
    assistant, now = pages.desk.assistant, pages.desk.now()
    reply: Reply = await pages.desk.run(lambda: assistant.asked(text, frame.language, _CHANNEL, now))
    shelf = await _shelf(request)
    tip = shelf.tip(reply.tip.id) if reply.tip else None
    context = {
        "problem": "",
        "question": text,
        "reply": reply,
        "theme": _theme(shelf, tip.theme) if tip else None,
        "token": question_of(request, tip.id) if tip else "",
        "nearby": await nearby(request) if reply.kind == "hand_over" else None,
        "choices": [(choice.label, lines) for choice in reply.choices if (lines := _offered(shelf, choice, frame))],
    }
    response = page(request, "answer.html", context)
    response.headers["Cache-Control"] = "no-store"
    return response


async def theme(request: web.Request) -> web.StreamResponse:
    """The tips of a theme, in pages where they are many."""
    shelf, language = await _shelf(request), frame_of(request).language
    found = shelf.snapshot.themes.get(request.match_info["theme"])
    if found is None:
        return missing(request)
    lines = _lines(shelf, _tips_of(shelf, found.id), language)
    number = number_of(request.query.get("sivu", "1"))
    shown = lines[(number - 1) * A_PAGE : number * A_PAGE]
    if not shown:
        return missing(request)
    pages = -(-len(lines) // A_PAGE)
    session = found.id in (await _sessions(request))
    context = {"theme": found, "tips": shown, "number": number, "pages": pages, "session": session}
    return page(request, "theme.html", context)


async def tip(request: web.Request) -> web.StreamResponse:
    """A tip under its own address; an address with another theme leads to the right one."""
    shelf, frame = await _shelf(request), frame_of(request)
    found = shelf.tip(request.match_info["tip"])
    if found is None:
        return missing(request)
    if request.match_info["theme"] != found.theme:
        raise web.HTTPFound(frame.url("ohjeet", found.theme, found.id))
    view = shelf.view(found, frame.language)
    others = [other for other in _tips_of(shelf, found.theme) if other != found.id][:_RELATED]
    context = {
        "theme": _theme(shelf, found.theme),
        "tip": view,
        "token": question_of(request, found.id),
        "thanks": request.query["kiitos"] if request.query.get("kiitos") in ANSWERS else "",
        "related": _lines(shelf, others, frame.language),
    }
    return page(request, "tip.html", context)


async def picture(request: web.Request) -> web.Response:
    """A picture of a tip, by its digest: it never changes."""
    data = await request.app[PAGES].desk.image(request.match_info["digest"])
    if data is None:
        raise web.HTTPNotFound
    headers = {"Cache-Control": "private, max-age=31536000, immutable"}
    return web.Response(body=data, content_type=image_type(data), headers=headers)


async def _searched(request: web.Request, frame: Frame, query: str) -> web.StreamResponse:
    part = request.query.get("osa") == "tulokset"
    template = "results.html" if part else "found.html"
    if not request.app[SEARCHES].allows(address_of(request), time.monotonic()):
        return page(request, template, {"query": query, "found": (), "problem": "too_often"}, status=429)
    pages = request.app[PAGES]
    replies = await pages.desk.run(lambda: pages.desk.assistant.found(query, frame.language, MOST_FOUND))
    shelf = await _shelf(request)
    found = _lines(shelf, (reply.tip.id for reply in replies if reply.tip), frame.language)
    context = {"query": query, "found": found, "problem": "", "themes": shelf.snapshot.themes}
    return page(request, template, context)


async def _shelf(request: web.Request) -> Shelf:
    pages = request.app[PAGES]
    return await pages.desk.run(pages.desk.assistant.shelf)


async def _sessions(request: web.Request) -> Iterable[str]:
    pages = request.app[PAGES]
    now = pages.desk.now()
    return await pages.desk.run(lambda: pages.desk.assistant.material(now).sessions)


def _groups(shelf: Shelf, language: Language) -> list[Group]:
    whole = len(shelf.snapshot.base.tips) <= _ALL_SHOWN
    ids: dict[str, list[str]] = {}
    for each in shelf.snapshot.base.tips.values():
        ids.setdefault(each.theme, []).append(each.id)
    groups = []
    for found in shelf.snapshot.themes.values():
        mine = ids.get(found.id, [])
        first, rest = mine[:_FIRST], mine[_FIRST:] if whole else []
        groups.append(
            Group(found, tuple(_lines(shelf, first, language)), tuple(_lines(shelf, rest, language)), len(mine))
        )
    return groups


def _series(groups: Iterable[Group]) -> list[str]:
    return list(dict.fromkeys(["digivinkki", "digiturva", *(group.theme.series for group in groups)]))


def _tips_of(shelf: Shelf, theme_id: str) -> list[str]:
    return [each.id for each in shelf.snapshot.base.tips.values() if each.theme == theme_id]


def _lines(shelf: Shelf, ids: Iterable[str], language: Language) -> list[Line]:
    tips = (shelf.snapshot.base.tips[each] for each in ids)
    return [Line(each.id, each.theme, shelf.title(each.id, language), each.language_for(language)) for each in tips]


def _offered(shelf: Shelf, choice: object, frame: Frame) -> list[Line]:
    """The tips that a choice of the reply offers; its other buttons are for the chat."""
    buttons = getattr(choice, "buttons", ())
    ids = [button.action.values.get("tip", "") for button in buttons if button.action.name == "tip"]
    return _lines(shelf, (each for each in ids if shelf.tip(each)), frame.language)


def _theme(shelf: Shelf, theme_id: str) -> Theme:
    return shelf.snapshot.themes.get(theme_id, Theme(theme_id))


def number_of(text: str) -> int:
    """The number of a page, 1 for what is none."""
    return number_in(text, 4) or 1
