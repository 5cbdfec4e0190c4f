"""Where the pages are. Addresses are Finnish: people see them in posts and on posters."""

from __future__ import annotations

from aiohttp import web

from bot.settings import Settings
from bot.stores import Stores
from web.desk import ServerDesk
from web.pages import accessibility, door, feeling, figures, guide, ics, nearby, posters, sessions
from web.pages.editingroutes import add_editing
from web.pages.frame import PAGES, Pages, asset
from web.pages.lacking import LACKING, Lacking
from web.pages.planningroutes import add_planning
from web.pages.yearfigures import YEARS, YearFigures


def add_pages(app: web.Application, desk: ServerDesk, stores: Stores, settings: Settings) -> None:
    """Adds the pages that are whole."""
    app[PAGES] = Pages(desk, stores, settings)
    app[guide.SEARCHES], app[guide.QUESTIONS] = guide.paces()
    app[feeling.PRESSES], app[feeling.PACE] = feeling.Presses(), feeling.pace()
    app[YEARS], app[LACKING] = YearFigures(), Lacking()
    router = app.router
    router.add_get("/sivut/{name}", asset)
    router.add_get("/ohjeet", door.guide(guide.front))
    router.add_post("/ohjeet", door.guide(guide.asked))
    router.add_get("/ohjeet/{theme}", door.guide(guide.theme))
    router.add_get("/ohjeet/{theme}/{tip}", door.guide(guide.tip))
    router.add_post(feeling.PATH, door.guide(feeling.press))
    router.add_get(nearby.PATH, door.guide(nearby.show))
    router.add_get("/kuvat/{digest:[0-9a-f]{64}}", door.guide(guide.picture))
    router.add_get("/vartit", door.guide(sessions.every))
    router.add_get("/vartit/{theme}", door.guide(sessions.one))
    router.add_get("/vartit/{theme}/isannalle", door.guide(sessions.one))
    router.add_get(accessibility.PATH, door.seen(accessibility.show))
    router.add_get(ics.PATH, ics.subscription)
    add_planning(router)
    add_editing(router)
    router.add_get("/luvut", door.readers(figures.show))
    router.add_get("/luvut.csv", door.readers(figures.table))
    router.add_get("/luvut.pdf", door.readers(figures.leaflet))
    router.add_get("/julisteet", door.administrators(posters.every))
    router.add_get("/julisteet/vinkki/{tip}.pdf", door.administrators(posters.of_tip))
    router.add_get("/julisteet/kerta/{entry}/{day}.pdf", door.administrators(posters.of_session))
    router.add_get("/kirjaudu/{token}", door.seen(door.show))
    router.add_post("/kirjaudu/{token}", door.seen(door.enter))
    router.add_post("/ulos", door.leave)
