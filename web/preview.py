"""The chat preview: the same assistant in a browser, for trying tips out on this computer."""

from __future__ import annotations

import json
import re
import secrets
from typing import Any

import aiohttp_jinja2
from aiohttp import web
from markupsafe import Markup

from bot.messages import catalogue
from bot.models import Action, Message, Reply, Scope
from tips.models import LANGUAGES, language_in
from tips.packimages import image_type
from web.desk import ServerDesk
from web.markdown import html

LONGEST_TEXT = 20_000  # characters; the search looks at the first thousand
_COOKIE = "digivinkki_preview"
_TOKEN = re.compile(r"[A-Za-z0-9_-]{22}")
_YEAR = 365 * 24 * 3600

DESK = web.AppKey("desk", ServerDesk)

routes = web.RouteTableDef()


@routes.get("/")
async def page(request: web.Request) -> web.Response:
    """The page, with the welcome in it."""
    language = language_in(request.query.get("lang")) or request.app[DESK].assistant.language
    welcome = await request.app[DESK].welcome(Scope.PERSONAL, language)
    context = {
        "language": language,
        "languages": {each: catalogue(each)["language_name"] for each in LANGUAGES},
        "text": catalogue(language),
        "welcome": _fragment(request, welcome),
    }
    response = aiohttp_jinja2.render_template("preview.html", request, context)
    if not _TOKEN.fullmatch(request.cookies.get(_COOKIE, "")):
        token = secrets.token_urlsafe(16)
        response.set_cookie(_COOKIE, token, httponly=True, samesite="Strict", max_age=_YEAR)
    return response


@routes.post("/preview/messages")
async def message(request: web.Request) -> web.Response:
    """Takes {"text"} or {"action": {"name", "values"}}, with "lang"; answers with the reply as a piece of HTML."""
    said = _message(await _json(request), request.cookies.get(_COOKIE, ""))
    reply = await request.app[DESK].respond(said)
    answer = {
        "html": _fragment(request, reply),
        "language": reply.language,
        "kind": reply.kind,
        "in_place": reply.in_place,
    }
    return web.json_response(answer, dumps=lambda data: json.dumps(data, ensure_ascii=False))


@routes.get("/images/{digest:[0-9a-f]{64}}")
async def image(request: web.Request) -> web.Response:
    """A picture of a tip, by its digest: it never changes."""
    data = await request.app[DESK].image(request.match_info["digest"])
    if data is None:
        raise web.HTTPNotFound
    headers = {"Cache-Control": "private, max-age=31536000, immutable"}
    return web.Response(body=data, content_type=image_type(data), headers=headers)


def _message(data: dict[str, Any], token: str) -> Message:
    person = f"preview:{token if _TOKEN.fullmatch(token) else 'nobody'}"
    locale = language_in(data.get("lang"))
    if "action" in data:
        return Message("", person, "preview", action=_action(data["action"]), locale=locale, place=person)
    text = data.get("text")
    if not isinstance(text, str):
        raise web.HTTPBadRequest(text="text must be text")
    if len(text) > LONGEST_TEXT:
        raise web.HTTPRequestEntityTooLarge(
            LONGEST_TEXT, len(text), text=f"text is longer than {LONGEST_TEXT} characters"
        )
    return Message(text, person, "preview", locale=locale, place=person)


def _action(data: object) -> Action:
    if not isinstance(data, dict) or not isinstance(data.get("name"), str):
        raise web.HTTPBadRequest(text="action must have a name")
    values = data.get("values", {})
    if not isinstance(values, dict) or not all(isinstance(value, str) for value in values.values()):
        raise web.HTTPBadRequest(text="an action's values must be texts")
    return Action(data["name"], values)


async def _json(request: web.Request) -> dict[str, Any]:
    if request.content_type != "application/json":
        raise web.HTTPUnsupportedMediaType(text="the body must be application/json")
    try:
        data = json.loads((await request.read()).decode())
    except (ValueError, RecursionError):
        raise web.HTTPBadRequest(text="the body is not JSON") from None
    if not isinstance(data, dict):
        raise web.HTTPBadRequest(text="the body must be a JSON object")
    return data


def _fragment(request: web.Request, reply: Reply) -> Markup:
    context = {"reply": reply, "tip": reply.tip, "text": catalogue(reply.language), "html": html, "as_json": _as_json}
    return Markup(aiohttp_jinja2.render_string("reply.html", request, context))  # noqa: S704  autoescaped template


def _as_json(action: Action) -> str:
    return json.dumps({"name": action.name, "values": dict(action.values)}, ensure_ascii=False)
