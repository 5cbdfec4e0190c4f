"""A day of the calendar: leads to its entry where it has one, else shows what it has."""

from __future__ import annotations

from aiohttp import web

from scheduler.models import Kind
from scheduler.recurrence import occurrences
from web.pages import words
from web.pages.forms import day_of
from web.pages.frame import PAGES, frame_of, missing, page
from web.pages.times import times


async def show(request: web.Request) -> web.StreamResponse:
    """What comes on the day, the weekly tip left out: that belongs to its week."""
    pages, frame, day = request.app[PAGES], frame_of(request), day_of(request.match_info["day"])
    if day is None:
        return missing(request)
    entries = await pages.desk.run(pages.stores.calendar.in_force)
    found = [each for entry in entries if entry.kind is not Kind.WEEKLY_TIP for each in occurrences(entry, day, day)]
    if len(found) == 1:
        raise web.HTTPFound(frame.url("vuosikello", found[0].entry.id, found[0].nominal.isoformat()))
    lines = [
        (each.entry.id, each.entry.title(frame.language), time)
        for each, time in zip(found, times(found, frame.language), strict=True)
    ]
    context = {"on": day.isoformat(), "told": words.date_of(day, frame.language), "lines": lines}
    return page(request, "day.html", context)
