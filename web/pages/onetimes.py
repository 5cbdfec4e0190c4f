"""One time of an entry: moved to another day, left out, about another theme; the rule stays as it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from aiohttp import web

from scheduler import onetimes
from scheduler.errors import CalendarError
from scheduler.models import SESSIONS, ZONE, Entry
from scheduler.onetimes import left_out, moved, taken_back
from scheduler.recurrence import occurrences
from scheduler.workdays import FURTHEST
from tips.models import LANGUAGES, Theme
from web.pages import ics, words
from web.pages.acting import act
from web.pages.forms import Form, day_of
from web.pages.frame import PAGES, frame_of, missing, page
from web.pages.kinds import KINDS, by_title
from web.pages.times import times


async def show(request: web.Request) -> web.StreamResponse:
    """What can be done about the time."""
    entry, nominal = await _entry(request), day_of(request.match_info["day"])
    if entry is None or nominal is None:
        return missing(request)
    return await _page(request, entry, nominal)


async def change(request: web.Request) -> web.StreamResponse:
    """Does what the button says, and shows the entry."""
    entry, nominal, form = await _entry(request), day_of(request.match_info["day"]), Form.of(await request.post())
    if entry is None or nominal is None:
        return missing(request)
    what, day = form.one("tee"), day_of(form.one("paiva"))
    if what == "move" and day is None:
        return await _page(request, entry, nominal, problem="entry_start", status=422)
    themes, theme = await _themes(request), form.one("teema")
    if what == "theme" and (theme not in themes or theme == entry.theme):
        return await _page(request, entry, nominal, problem="entry_theme_other", status=422)
    actions: Mapping[str, tuple[str, Callable[[], str]]] = {
        "leave_out": ("left_out", lambda: _saved(request, left_out(_now(request), nominal))),
        "move": ("moved", lambda: _saved(request, moved(_now(request), nominal, day or nominal))),
        "back": ("taken_back", lambda: _saved(request, taken_back(_now(request), nominal))),
        "theme": ("other_theme", lambda: _split(request, nominal, themes[theme])),
    }
    if what not in actions:
        return missing(request)
    done, call = actions[what]
    try:
        shown = await act(request, f"time_{done}", f"{entry.id} {nominal.isoformat()}", call)
    except CalendarError:
        # Of the only time, one on the day that is chosen, or a press that comes twice.
        return await _page(request, entry, nominal, problem=f"time_cannot_{what}", status=422)
    raise web.HTTPSeeOther(frame_of(request).url("vuosikello", shown, tehty=done))


def _now(request: web.Request) -> Entry:
    """The entry as it is at the moment of the change. Raises CalendarError where it is gone."""
    if found := request.app[PAGES].stores.calendar.get(request.match_info["entry"]):
        return found
    raise CalendarError("is gone", entry=request.match_info["entry"])


def _saved(request: web.Request, entry: Entry) -> str:
    request.app[PAGES].stores.calendar.save(entry)
    return entry.id


def _split(request: web.Request, nominal: date, theme: Theme) -> str:
    """The time becomes an entry of its own, which is shown."""
    entry, calendar = _now(request), request.app[PAGES].stores.calendar
    titles = {
        language: f"{words.word(language, f'kind_{KINDS[entry.kind]}')}: {theme.title(language)}"
        for language in LANGUAGES
    }
    rest, alone = onetimes.about(entry, nominal, theme.id, titles)
    if rest is None:
        raise CalendarError("is the only one", entry=entry.id)
    calendar.save(rest)
    calendar.save(alone)
    return alone.id


async def _entry(request: web.Request) -> Entry | None:
    pages, wanted = request.app[PAGES], request.match_info["entry"]
    return await pages.desk.run(lambda: pages.stores.calendar.get(wanted))


async def _themes(request: web.Request) -> Mapping[str, Theme]:
    desk = request.app[PAGES].desk
    return (await desk.run(desk.assistant.shelf)).snapshot.themes


async def _page(
    request: web.Request, entry: Entry, nominal: date, problem: str = "", status: int = 200
) -> web.Response:
    language = frame_of(request).language
    today = request.app[PAGES].desk.now().astimezone(ZONE).date()
    found = [each for each in occurrences(entry, nominal - FURTHEST, nominal + FURTHEST) if each.nominal == nominal]
    if not found and nominal not in entry.but_not:
        return missing(request)
    titles = by_title(await _themes(request), language)
    context = {
        "entry": entry,
        "nominal": nominal,
        "time": times(found, language)[0] if found else None,
        "told": words.date_of(nominal, language),
        "past": nominal < today and not (found and found[0].at.date() >= today),
        "themes": [each for each in titles if each[0] != entry.theme] if entry.kind in SESSIONS else [],
        "alone": not entry.rrule and len(entry.dates) < 2,
        "invitation": f"{entry.id}/{nominal.isoformat()}.ics" if found and ics.is_hosted(entry) else "",
        "problem": problem,
    }
    return page(request, "onetime.html", context, status=status)
