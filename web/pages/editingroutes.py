"""Where the pages are on which tips and sessions are edited, and where what was done is seen."""

from __future__ import annotations

from aiohttp import web

from web.pages import changes, current, door, draftdesk, exchange, exports, log, sessionediting, tipediting, tiplist


def add_editing(router: web.UrlDispatcher) -> None:
    """Adds them."""
    router.add_get("/vinkit", door.administrators(tiplist.show))
    router.add_get("/uusi-vinkki", door.administrators(tipediting.new))
    router.add_post("/uusi-vinkki", door.editors(tipediting.add))
    router.add_get("/vinkit/{tip}", door.administrators(tipediting.show))
    router.add_post("/vinkit/{tip}", door.editors(tipediting.act))
    router.add_get("/vartit/{theme}/muokkaa", door.administrators(sessionediting.show))
    router.add_post("/vartit/{theme}/muokkaa", door.editors(sessionediting.act))
    router.add_get("/historia", door.administrators(changes.show))
    router.add_post("/historia", door.administrators(changes.undo))
    router.add_get("/luonnokset", door.administrators(draftdesk.every))
    router.add_get("/luonnokset/{number}", door.administrators(draftdesk.show))
    router.add_post("/luonnokset/{number}", door.administrators(draftdesk.act))
    router.add_get("/loki", door.administrators(log.show))
    router.add_get("/tuonti", door.administrators(exchange.show))
    router.add_post("/tuonti", door.uploaders(exchange.look, exchange.LARGEST))
    router.add_post("/tuonti/hyvaksy", door.administrators(exchange.accept))
    router.add_get("/vienti/{name}", door.administrators(exports.download))
    router.add_get("/ajankohtaista", door.administrators(current.show))
    router.add_post("/ajankohtaista", door.editors(current.act))
