"""Destinations: where posts go and how that is; each can be paused, resumed, called by another name, removed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from aiohttp import web

from bot.wishcards import languages, moment, profile
from scheduler.models import ZONE, Destination
from tips.fields import number_in
from tips.models import Language
from web.pages import words
from web.pages.acting import act as acted
from web.pages.coming import name_of
from web.pages.forms import Form, day_of
from web.pages.frame import PAGES, frame_of, missing, page

PATH = "vastaanottajat"
A_PAGE = 50
LONGEST_NAME = 100  # characters
DONE = ("paused", "resumed", "renamed", "removed")
_FURTHEST = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Line:
    """A destination in the list; `lost` is why it cannot be reached, `paused` until when nothing goes there."""

    id: str
    name: str
    platform: str
    profile: str
    when: str
    languages: str
    sent: str
    paused: str
    lost: str


async def every(request: web.Request) -> web.StreamResponse:
    """All that are shared, those that cannot be reached first; private ones are counted only."""
    pages, language = request.app[PAGES], frame_of(request).language
    lines, private = await pages.desk.run(lambda: _lines(request))
    text = request.query.get("sivu", "1")
    number = number_in(text) if text.isdecimal() else 1
    shown = lines[(number - 1) * A_PAGE : number * A_PAGE] if number else []
    if not shown and (lines or number != 1):
        return missing(request)
    done = request.query.get("tehty", "")
    context = {
        "lines": shown,
        "count": len(lines),
        "private": private,
        "number": number,
        "pages": -(-len(lines) // A_PAGE),
        "language": language,
        "done": done if done in DONE else "",
    }
    return page(request, "destinations.html", context)


async def one(request: web.Request) -> web.StreamResponse:
    """A destination with what can be done about it."""
    return await _one(request)


async def change(request: web.Request) -> web.StreamResponse:
    """Does what the button says."""
    pages, form, wanted = request.app[PAGES], Form.of(await request.post()), request.match_info["id"]
    store, what = pages.stores.destinations, form.one("tee")
    if await pages.desk.run(lambda: store.get(wanted)) is None:
        return missing(request)
    today = pages.desk.now().astimezone(ZONE).date()
    name, until = " ".join(form.one("nimi").split()), day_of(form.one("asti"))
    if what == "pause" and not (until and today < until <= today + _FURTHEST):
        return await _one(request, problem="destination_until", status=422)
    if what == "rename" and not 0 < len(name) <= LONGEST_NAME:
        return await _one(request, problem="destination_name", status=422)
    actions = {
        "pause": ("paused", lambda: store.pause(wanted, until)),
        "resume": ("resumed", lambda: store.pause(wanted, None)),
        "rename": ("renamed", lambda: store.rename(wanted, name)),
        "remove": ("removed", lambda: store.remove(wanted)),
    }
    if what not in actions:
        return missing(request)
    done, call = actions[what]
    await acted(request, f"destination_{done}", wanted, call)
    path = [PATH] if done == "removed" else [PATH, wanted]
    raise web.HTTPSeeOther(frame_of(request).url(*path, tehty=done))


async def _one(request: web.Request, problem: str = "", status: int = 200) -> web.StreamResponse:
    pages, wanted = request.app[PAGES], request.match_info["id"]
    lines, _ = await pages.desk.run(lambda: _lines(request, wanted))
    if not lines:
        return missing(request)
    done, today = request.query.get("tehty", ""), pages.desk.now().astimezone(ZONE).date()
    context = {
        "line": lines[0],
        "problem": problem,
        "soonest": (today + timedelta(days=1)).isoformat(),
        "usual": (today + timedelta(weeks=2)).isoformat(),
        "done": done if done in DONE else "",
    }
    return page(request, "destination.html", context, status=status)


def _lines(request: web.Request, wanted: str = "") -> tuple[list[Line], int]:
    """The shared ones, of the wanted id where one is wanted, and how many are private."""
    pages, language = request.app[PAGES], frame_of(request).language
    now, stores = pages.desk.now(), pages.stores
    lost = {place.id: why for place, why in stores.destinations.lost()}
    found = stores.destinations.all(active=False)
    shared = [place for place in found if not place.person and wanted in ("", place.id)]
    sent, today = pages.desk.assistant.agenda.last_sent(now), now.astimezone(ZONE).date()
    lines = [_line(place, lost, sent, today, language) for place in shared]
    lines.sort(key=lambda line: (not line.lost, line.name.casefold()))
    return lines, sum(bool(place.person) for place in found)


def _line(
    place: Destination, lost: Mapping[str, str], sent: Mapping[str, date], today: date, language: Language
) -> Line:
    paused = place.paused_until if place.paused_until and place.paused_until > today else None
    return Line(
        place.id,
        name_of(place, language),
        place.platform.capitalize(),
        profile(place.profile, language),
        moment(place.weekday, place.time, language),
        languages(place.languages, language),
        words.date_of(sent[place.id], language) if place.id in sent else "",
        words.date_of(paused, language) if paused else "",
        lost.get(place.id, ""),
    )
