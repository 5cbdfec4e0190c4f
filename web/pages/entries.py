"""A calendar entry: the form that makes and changes it, hiding it and bringing it back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from aiohttp import web

from scheduler.models import ZONE, Entry
from web.pages import entrypage
from web.pages.acting import act
from web.pages.entryforms import blank, entry_from, form_of, version
from web.pages.entrypage import Read
from web.pages.forms import Form, Problem, day_of
from web.pages.frame import PAGES, frame_of, missing, page

DONE = ("saved", "hidden", "shown", "reset", "left_out", "moved", "taken_back", "other_theme")


async def show(request: web.Request) -> web.StreamResponse:
    """The form as the entry fills it in; `?tehty=` says what was done just before."""
    read = await _read(request)
    return _page(request, read, form_of(read.entry), {}, read.entry) if read else missing(request)


async def save(request: web.Request) -> web.StreamResponse:
    """What the pressed button says: look at the dates, save, hide, show again, as the ready year has it, remove."""
    read, form = await _read(request), Form.of(await request.post())
    if read is None:
        return missing(request)
    what, entry = form.one("tee"), read.entry
    if what in ("hide", "show", "reset", "remove") and entry.id:
        return await _put_aside(request, read, what)
    made, problems = entry_from(form, entry, read.taken, read.themes)
    if made is None or what != "save":
        return _page(request, read, form, problems, made or entry, status=422 if problems else 200)
    if not await _stored(request, made, form.one("versio")):
        return await _stale(request, form, made)
    raise web.HTTPSeeOther(frame_of(request).url("vuosikello", made.id, tehty="saved"))


async def _stored(request: web.Request, made: Entry, seen: str) -> bool:
    """False where somebody has saved since the form was shown."""
    calendar = request.app[PAGES].stores.calendar

    def unchanged() -> bool:
        now = calendar.get(made.id)
        return version(now) == seen if now else not seen

    if not await request.app[PAGES].desk.run(unchanged):
        return False
    await act(request, "entry_saved", made.id, lambda: calendar.save(made))
    return True


async def _stale(request: web.Request, form: Form, made: Entry) -> web.StreamResponse:
    """The form as it was sent, beside what somebody else has saved; saving again puts it over that."""
    read = await _read(request)
    if read is None:
        return missing(request)
    form = Form({**form.values, "versio": (version(read.entry),)})
    return _page(request, read, form, {}, made, status=409, theirs=form_of(read.entry))


async def _put_aside(request: web.Request, read: Read, what: str) -> web.StreamResponse:
    calendar, entry, url = request.app[PAGES].stores.calendar, read.entry, frame_of(request).url
    if what in ("hide", "show"):
        hidden = what == "hide"
        await act(request, f"entry_{what}", entry.id, lambda: calendar.save(replace(entry, hidden=hidden)))
        raise web.HTTPSeeOther(url("vuosikello", entry.id, tehty="hidden" if hidden else "shown"))
    # An own entry is hidden before it is removed: one press alone loses nothing.
    if what == "remove" and (read.ready or not entry.hidden):
        return missing(request)
    await act(request, f"entry_{what}", entry.id, lambda: calendar.remove(entry.id))
    raise web.HTTPSeeOther(url("vuosikello", entry.id, tehty="reset") if read.ready else url("vuosikello"))


async def _read(request: web.Request) -> Read | None:
    pages, wanted = request.app[PAGES], request.match_info.get("entry", "")
    today, language = pages.desk.now().astimezone(ZONE).date(), frame_of(request).language
    shelf = await pages.desk.run(pages.desk.assistant.shelf)

    def read() -> Read | None:
        first = day_of(request.query.get("paiva", "")) or today
        entry = pages.stores.calendar.get(wanted) if wanted else blank(first)
        return entrypage.read(pages.stores, entry, shelf.snapshot.themes, today, language) if entry else None

    return await pages.desk.run(read)


def _page(
    request: web.Request,
    read: Read,
    form: Form,
    problems: Mapping[str, Problem],
    told: Entry,
    status: int = 200,
    theirs: Form | None = None,
) -> web.Response:
    done = request.query.get("tehty", "")
    found = entrypage.context(read, form, problems, told, theirs, frame_of(request).language)
    return page(request, "entry.html", {**found, "done": done if done in DONE else ""}, status=status)
