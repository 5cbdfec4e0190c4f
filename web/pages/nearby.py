"""Who helps at a unit, for those who ask on the pages: the support number, and the tutors by their names.

The unit is the asker's to tell or not. It stands in a cookie that says a unit and no person.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote, unquote

from aiohttp import web

from bot.people import TUTOR
from bot.stores import Stores
from bot.units import Unit
from web.pages.frame import PAGES, page

PATH = "/digitutorit"
_COOKIE = "digivinkki_yksikko"
_MOST_UNITS, _MOST_NAMED = 500, 10


@dataclass(frozen=True, slots=True)
class Nearby:
    """The units to choose from, by id and by their whole names; the chosen one; its tutors' names."""

    units: Sequence[tuple[str, str]]
    unit: Unit | None
    names: Sequence[str]
    support: str


async def show(request: web.Request) -> web.StreamResponse:
    """The tutors of `?yksikko=`, which is remembered; of the one that was chosen before where none is named."""
    wanted = request.query.get("yksikko")
    found = await nearby(request, _remembered(request) if wanted is None else wanted)
    response = page(request, "nearby.html", {"nearby": found})
    if found.unit is not None:
        kept = quote(found.unit.id, safe="")
        response.set_cookie(_COOKIE, kept, path="/", httponly=True, samesite="Lax", secure=request.secure)
    elif wanted is not None:
        response.del_cookie(_COOKIE, path="/")
    return response


async def nearby(request: web.Request, unit: str | None = None) -> Nearby:
    """Who helps at a unit, by default at the one that this browser chose before."""
    pages, wanted = request.app[PAGES], _remembered(request) if unit is None else unit
    shelf = await pages.desk.run(pages.desk.assistant.shelf)
    now = pages.desk.now()

    def read() -> Nearby:
        stores, support = pages.stores, shelf.facts.get("it_support", "")
        tutors = [each for each in stores.people.having(TUTOR) if each not in stores.units.away(now)]
        every = {unit.id: unit for unit in stores.units.all()}
        chosen = every.get(wanted)
        return Nearby(_choices(every) if tutors else (), chosen, _names(stores, tutors, chosen), support)

    return await pages.desk.run(read)


def _names(stores: Stores, tutors: Sequence[str], unit: Unit | None) -> list[str]:
    """Names only: an id of the chat tells the asker nothing, and is nobody's business."""
    near = stores.units.nearest(tutors, unit.id) if unit else []
    return [name for each in near if (name := stores.people.person(each).name)][:_MOST_NAMED]


def _choices(every: Mapping[str, Unit]) -> list[tuple[str, str]]:
    return sorted(((unit.id, _whole(unit, every)) for unit in every.values()), key=lambda each: each[1])[:_MOST_UNITS]


def _whole(unit: Unit, known: Mapping[str, Unit]) -> str:
    """'Sivistys / Päiväkoti Aurinko'."""
    names, seen = [unit.name], {unit.id}
    while (unit := known.get(unit.parent, unit)) and unit.id not in seen:
        seen.add(unit.id)
        names.append(unit.name)
    return " / ".join(reversed(names))


def _remembered(request: web.Request) -> str:
    return unquote(request.cookies.get(_COOKIE, ""))[:300]
