"""Next up: one page of what goes out, what failed, what waits and what has grown old, each with its button."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from aiohttp import web

from bot.deskcards import FIELD
from bot.deskcards import KIND as DESK
from bot.models import Action, Message
from bot.orders import Order, What
from bot.signins import CONSOLE
from bot.stores import Stores
from scheduler.models import Destination, Planned
from web.pages import coming, waiting
from web.pages.acting import act as acted
from web.pages.coming import key_of, name_of
from web.pages.forms import Form
from web.pages.frame import PAGES, frame_of, missing, page
from web.pages.visitors import visitor_of

MOST = 8  # of each list
DONE = ("retry", "send_held", "skip_held", "remove", "publish", "withdraw", "ticked", "answered")


async def show(request: web.Request) -> web.StreamResponse:
    """The page. `?tehty=` says what was done just before."""
    return await _page(request)


async def act(request: web.Request) -> web.StreamResponse:
    """Does what a button says, writes it into the log, and shows the page again."""
    pages, form = request.app[PAGES], Form.of(await request.post())
    what, about, now = form.one("tee"), form.one("kohde"), pages.desk.now()
    if what == "answered":
        return await _answer(request, about, form.one(FIELD))
    stores = pages.stores
    actions: Mapping[str, Callable[[], object]] = {
        "retry": lambda: _retry(stores, about),
        "send_held": lambda: stores.deliveries.end_hold(now, send=True),
        "skip_held": lambda: stores.deliveries.end_hold(now, send=False),
        "remove": lambda: stores.destinations.remove(about),
        "publish": lambda: _publish(stores, pages.desk.assistant.agenda.tip_now, about, now),
        "withdraw": lambda: _withdraw(stores, about, now),
        waiting.TICKED: lambda: None,  # its line in the log is all there is
    }
    if what not in actions or (what == waiting.TICKED and about not in waiting.STEPS):
        return missing(request)
    await acted(request, what, about, actions[what])
    raise web.HTTPSeeOther(frame_of(request).url("seuraavaksi", tehty=what))


async def _answer(request: web.Request, number: str, text: str) -> web.StreamResponse:
    """An answer to a question that waits, as it is given in the chat: by the same rules, brought to the asker."""
    pages, frame = request.app[PAGES], frame_of(request)
    action = Action(DESK, {"step": "answer", "number": number, FIELD: text, "lang": frame.language})
    message = Message("", visitor_of(request).person, "web", action=action, locale=frame.language)
    reply = await pages.desk.respond(message)
    item = await pages.desk.run(lambda: pages.stores.handovers.get(number))
    if item is None or not item.answer or item.answer.split() != text.split():
        return await _page(request, refused=reply.text, unsent=(number, text), status=409)
    await acted(request, "answered", number, lambda: None)
    raise web.HTTPSeeOther(frame.url("seuraavaksi", tehty="answered"))


async def _page(
    request: web.Request, refused: str = "", unsent: tuple[str, str] = ("", ""), status: int = 200
) -> web.StreamResponse:
    pages, language = request.app[PAGES], frame_of(request).language
    now, roles = pages.desk.now(), visitor_of(request).roles
    shelf = await pages.desk.run(pages.desk.assistant.shelf)
    read, waits = await pages.desk.run(
        lambda: (coming.read(pages.stores, shelf, now), waiting.waiting(pages.stores, roles, now))
    )
    posts = await asyncio.to_thread(coming.coming_posts, read, now, language)
    stale, failed = waiting.stale(shelf, now, language), coming.failed_posts(read, language)
    left = {
        "sent": len(failed) + len(read.lost) + read.held,
        "questions": len(waits.questions),
        "drafts": len(waits.drafts),
        "stale": len(stale),
    }
    done = request.query.get("tehty", "")
    context = {
        "coming": posts[:MOST],
        "gone": coming.gone_posts(read, language)[:MOST],
        "failed": failed[:MOST],
        "failed_count": len(failed),
        "lost": [(place.id, name_of(place, language), why) for place, why in read.lost],
        "held": read.held,
        "stale": stale[:MOST],
        "stale_count": len(stale),
        "drafts": waits.drafts[:MOST],
        "draft_count": len(waits.drafts),
        "questions": waiting.questions(waits)[:MOST],
        "question_count": len(waits.questions),
        "steps": waiting.steps(left, waits),
        "places": len(read.places),
        "can_answer": visitor_of(request).person != CONSOLE,
        "refused": refused,
        "unsent": unsent,
        "done": done if done in DONE else "",
    }
    return page(request, "upcoming.html", context, status=status)


def _retry(stores: Stores, about: str) -> None:
    if key := key_of(about):
        stores.deliveries.release(key)


def _publish(
    stores: Stores, tip_now: Callable[[Destination, datetime], Planned | None], about: str, now: datetime
) -> None:
    """This week's tip goes out now, to every destination that still waits for it."""
    if not (key := key_of(about)):
        return
    items: Iterable[Planned | None] = (tip_now(place, now) for place in stores.destinations.all())
    for item in items:
        if item and item.key.entry == key.entry:
            stores.orders.place(Order(What.PUBLISH, item.key.entry, item.key.nominal, item.key.destination), now)


def _withdraw(stores: Stores, about: str, now: datetime) -> None:
    if key := key_of(about):
        stores.orders.place(Order(What.WITHDRAW, key.entry, key.nominal), now)
