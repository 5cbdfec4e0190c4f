"""What is around every page: its language, its links, its headers."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import quote, urlencode

import aiohttp_jinja2
from aiohttp import web

from bot.messages import catalogue
from bot.settings import Settings
from bot.stores import Stores
from scheduler.models import ZONE
from tips.models import LANGUAGES, Language, language_in
from web.desk import ServerDesk
from web.markdown import html
from web.pages import words
from web.pages.visitors import Visitor, visitor_of
from web.policy import POLICY, policy

STATIC = Path(__file__).parent.parent / "static"
_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_ASSETS = ("pages.css", "pages.js", "icon.svg")
_YEAR = 365 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Pages:
    """What the pages are made from."""

    desk: ServerDesk
    stores: Stores
    settings: Settings


PAGES = web.AppKey("pages", Pages)
_SPOKEN = web.RequestKey("spoken", str)  # the language of the reader's browser, where that goes before the usual one


@dataclass(frozen=True, slots=True)
class Frame:
    """How a page is shown: in which language, to whom, and whether inside another site's page."""

    path: str
    language: Language
    usual: Language  # the organisation's: links say another only
    embed: bool
    query: Mapping[str, str]
    visitor: Visitor

    def url(self, *parts: str, **query: str) -> str:
        """The address of a page, which keeps the language and the embedding."""
        kept = {"lang": "" if self.language == self.usual else self.language, "embed": "1" if self.embed else ""}
        given = {name: value for name, value in {**query, **kept}.items() if value}
        path = "/" + "/".join(quote(part, safe="") for part in parts)
        return f"{path}?{urlencode(given)}" if given else path

    def switched(self, language: Language) -> str:
        """The address of this page in another language."""
        given = {**self.query, "lang": language}
        return f"{quote(self.path)}?{urlencode(given)}"


def frame_of(request: web.Request) -> Frame:
    """The frame of a request; `?lang=` goes before what the visitor chose in the chat."""
    pages, visitor = request.app[PAGES], visitor_of(request)
    usual = visitor.language or pages.desk.assistant.language
    asked = request.query.get("lang")
    spoken = language_in(request.get(_SPOKEN)) or usual
    language = asked if asked in LANGUAGES else visitor.language or spoken
    kept = {name: value for name, value in request.query.items() if name != "lang"}
    return Frame(request.path, language, usual, "embed" in request.query, kept, visitor)


def page(request: web.Request, template: str, context: Mapping[str, object], status: int = 200) -> web.Response:
    """The template as a page. One that may be embedded is framed by the origins that the settings name."""
    frame = frame_of(request)
    language = frame.language

    def t(key: str, /, **values: object) -> str:
        return words.word(language, key, **values)

    common = {
        "frame": frame,
        "url": frame.url,
        "t": t,
        "counted": lambda key, count: words.counted(language, key, count),
        "day": lambda on: words.day(on, language),
        "day_with_year": lambda on: words.date_of(on, language),
        "clock": words.clock,
        "zone": ZONE,
        "html": html,
        "asset": lambda name: f"/sivut/{name}?v={_digest(name)}",
        "languages": {each: catalogue(each)["language_name"] for each in LANGUAGES},
        "guide": request.app[PAGES].settings.guide_mode,
    }
    response = aiohttp_jinja2.render_template(f"pages/{template}", request, {**common, **context}, status=status)
    response.headers["Cache-Control"] = "no-store" if frame.visitor.signed_in else "no-cache"
    # With 'no-referrer' a browser calls the origin of a form's POST 'null', as it does a stranger's.
    response.headers["Referrer-Policy"] = "same-origin"
    if frame.embed and frame.path.startswith(("/ohjeet", "/vartit", "/digitutorit")):
        response.headers[POLICY] = policy(request.app[PAGES].settings.embed)
    return response


def missing(request: web.Request) -> web.Response:
    """The page that says that there is no such page."""
    return page(request, "missing.html", {}, status=404)


def unknown(request: web.Request) -> web.Response:
    """The same for an address that leads nowhere, of whatever kind: in the language of the reader's browser."""
    codes = [part.strip()[:2].lower() for part in request.headers.get("Accept-Language", "").split(",")]
    request[_SPOKEN] = next((code for code in codes if code in LANGUAGES), "")
    return missing(request)


async def asset(request: web.Request) -> web.Response:
    """A file of the pages. Its address changes with it, so that it may be kept for a year."""
    name = request.match_info["name"]
    if name not in _ASSETS:
        raise web.HTTPNotFound
    headers = {"Cache-Control": f"public, max-age={_YEAR}, immutable"}
    return web.Response(body=_read(name), content_type=_TYPES[Path(name).suffix], charset="utf-8", headers=headers)


@cache
def _read(name: str) -> bytes:
    return (STATIC / name).read_bytes()


@cache
def _digest(name: str) -> str:
    return hashlib.sha256(_read(name)).hexdigest()[:10]
