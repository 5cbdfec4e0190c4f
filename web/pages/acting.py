"""What every button of the administration does besides its own: a line in the log, and the scheduler looks again."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from aiohttp import web

from tips.database import writing
from web.pages.frame import PAGES
from web.pages.visitors import visitor_of
from web.posting import RUNNER

T = TypeVar("T")


async def act(request: web.Request, what: str, about: str, call: Callable[[], T]) -> T:
    """What the call returns. It and its line in the log are one commit; what it raises leaves neither."""
    pages, person = request.app[PAGES], visitor_of(request).person

    def noted() -> T:
        with writing(pages.stores.database):
            done = call()
            pages.stores.audit.note(person, what, about, pages.desk.now())
        return done

    done = await pages.desk.run(noted)
    if runner := request.app.get(RUNNER):
        runner.wake()
    return done
