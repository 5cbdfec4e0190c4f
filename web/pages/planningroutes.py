"""Where the pages of those who run the programme are: the year, what comes next, destinations, people."""

from __future__ import annotations

from aiohttp import web
from aiohttp.typedefs import Handler

from web.pages import (
    days,
    destinations,
    door,
    entries,
    ics,
    onetimes,
    people,
    peopleimport,
    upcoming,
    weeks,
    year,
)


def add_planning(router: web.UrlDispatcher) -> None:
    """Adds them."""
    router.add_get("/vuosikello", door.administrators(year.show))
    router.add_get("/vuosikello/{entry}/{day}.ics", door.administrators(ics.invitation))
    router.add_get(f"/{destinations.PATH}", door.administrators(destinations.every))
    router.add_get("/paiva/{day}", door.administrators(days.show))
    router.add_get(f"/{people.PATH}", door.administrators(people.every))
    router.add_post(f"/{people.PATH}", door.administrators(people.change))
    forms: dict[str, tuple[Handler, Handler]] = {
        "/vuosikello/uusi": (entries.show, entries.save),
        "/vuosikello/{entry}": (entries.show, entries.save),
        "/vuosikello/{entry}/{day}": (onetimes.show, onetimes.change),
        weeks.PATH: (weeks.show, weeks.change),
        f"/{destinations.PATH}/{{id}}": (destinations.one, destinations.change),
        f"/{people.PATH}/tuonti": (peopleimport.show, peopleimport.take),
        f"/{people.PATH}/{{person}}": (people.one, people.change),
        "/seuraavaksi": (upcoming.show, upcoming.act),
    }
    for path, (show, change) in forms.items():
        router.add_get(path, door.administrators(show))
        router.add_post(path, door.administrators(change))
