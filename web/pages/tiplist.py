"""All tips for those who run them: by theme, the organisation's own, the hidden ones, or by search."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from aiohttp import web

from scheduler.models import ZONE
from tips.models import LANGUAGES, Language, Theme, Tip
from tips.store import layered
from web.pages.frame import PAGES, frame_of, missing, page
from web.pages.guide import LONGEST_QUESTION, number_of

A_PAGE = 100
_MOST_FOUND = 20
SHOWN = ("omat", "piilotetut")


@dataclass(frozen=True, slots=True)
class Row:
    """A tip in the list. `marks` are words for what is to be known of it; `lacks` the languages that it has not."""

    id: str
    title: str
    language: Language
    theme: str
    marks: Sequence[str]
    lacks: Sequence[Language]


async def show(request: web.Request) -> web.StreamResponse:
    """The themes; with `?teema=` its tips, with `?nayta=` the own or the hidden ones, with `?q=` what is found."""
    query = request.query.get("q", "").strip()[:LONGEST_QUESTION]
    if query:
        return await _searched(request, query)
    if theme := request.query.get("teema", ""):
        return await _of_theme(request, theme)
    shown = request.query.get("nayta", "")
    if shown in SHOWN:
        return await _listed(request, shown)
    return await _themes(request)


async def _themes(request: web.Request) -> web.StreamResponse:
    pages = request.app[PAGES]
    shelf = await pages.desk.run(pages.desk.assistant.shelf)
    themes = await pages.desk.run(pages.stores.tips.themes)
    counts = Counter(tip.theme for tip in shelf.snapshot.pack.tips)
    groups: dict[str, list[tuple[Theme, int]]] = {"digivinkki": [], "digiturva": []}
    for theme in themes.values():
        groups.setdefault(theme.series or "digivinkki", []).append((theme, counts[theme.id]))
    context = {
        "series": groups,
        "count": len(shelf.snapshot.pack.tips),
        "own": sum(tip.own for tip in shelf.snapshot.pack.tips),
        "hidden": len(await pages.desk.run(pages.stores.tips.hidden)),
        "waiting": len(await pages.desk.run(pages.stores.drafts.waiting)),
    }
    return page(request, "tips.html", context)


async def _searched(request: web.Request, query: str) -> web.StreamResponse:
    pages, language = request.app[PAGES], frame_of(request).language
    replies = await pages.desk.run(lambda: pages.desk.assistant.found(query, language, _MOST_FOUND))
    shelf = await pages.desk.run(pages.desk.assistant.shelf)
    tips = [tip for reply in replies if reply.tip and (tip := shelf.tip(reply.tip.id))]
    return await _page(request, "search", tips, query=query)


async def _of_theme(request: web.Request, theme: str) -> web.StreamResponse:
    pages = request.app[PAGES]
    themes = await pages.desk.run(pages.stores.tips.themes)
    if theme not in themes:
        return missing(request)
    pairs = await pages.desk.run(lambda: pages.stores.tips.standing(theme))
    return await _page(request, "theme", [layered(*pair) for pair in pairs], theme=themes[theme])


async def _listed(request: web.Request, shown: str) -> web.StreamResponse:
    pages = request.app[PAGES]
    if shown == "piilotetut":
        pairs = await pages.desk.run(pages.stores.tips.hidden)
        return await _page(request, "hidden", [layered(*pair) for pair in pairs])
    shelf = await pages.desk.run(pages.desk.assistant.shelf)
    return await _page(request, "own", [tip for tip in shelf.snapshot.pack.tips if tip.own])


async def _page(
    request: web.Request, what: str, tips: Sequence[Tip], *, query: str = "", theme: Theme | None = None
) -> web.StreamResponse:
    pages, language = request.app[PAGES], frame_of(request).language
    number, count = number_of(request.query.get("sivu", "1")), max(1, -(-len(tips) // A_PAGE))
    if number > count:
        return missing(request)
    month = pages.desk.now().astimezone(ZONE).strftime("%Y-%m")
    only = await pages.desk.run(pages.stores.tips.only)
    begun = set(only) if only is not None else None
    part = tips[(number - 1) * A_PAGE : number * A_PAGE]
    rows = [_row(tip, language, month, shown=begun is None or tip.id in begun) for tip in part if tip.texts]
    kept = {
        "teema": theme.id if theme else "",
        "q": query,
        "nayta": {"own": "omat", "hidden": "piilotetut"}.get(what, ""),
    }
    context = {
        "what": what,
        "rows": rows,
        "number": number,
        "pages": count,
        "query": query,
        "theme": theme,
        "kept": kept,
    }
    return page(request, "tiplist.html", context)


def _row(tip: Tip, language: Language, month: str, *, shown: bool) -> Row:
    given = tip.language_for(language)
    marks = list(_marks(tip, month, shown=shown))
    lacks = [each for each in LANGUAGES if each not in tip.texts]
    return Row(tip.id, tip.texts[given].title, given, tip.theme, marks, lacks)


def _marks(tip: Tip, month: str, *, shown: bool) -> Iterable[str]:
    if tip.hidden or not shown:
        yield "hidden"
    if tip.own:
        yield "own"
    if tip.review_by and tip.review_by < month:
        yield "stale"
