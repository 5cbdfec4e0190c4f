"""The front page once Digivinkki is connected: who opens the address sees that it runs, and nothing else."""

from __future__ import annotations

from aiohttp import web
from aiohttp_jinja2 import render_template

from bot.messages import say
from tips.models import LANGUAGES


async def front(request: web.Request) -> web.Response:
    """That it runs and where to ask, in every language."""
    lines = {language: say(language, "page_running") for language in LANGUAGES}
    return render_template("front.html", request, {"name": say("fi", "name"), "lines": lines})
