"""A week of tips: which tip an editor chooses for it, and which theme it has in every year."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

from aiohttp import web

from bot.answers import Shelf
from scheduler.choosing import Choices
from scheduler.models import ZONE, Entry, Kind
from scheduler.recurrence import nominal_dates
from tips.models import Language
from web.pages import words
from web.pages.acting import act
from web.pages.forms import Form
from web.pages.frame import PAGES, Pages, frame_of, missing, page
from web.pages.kinds import by_title

PATH = "/viikko/{year:20[2-9][0-9]}-{week:[0-9]{1,2}}"
DONE = ("tip_chosen", "tip_free", "week_theme")
MOST, MOST_FOUND = 60, 10  # tips of the theme that are offered, and of a search
_WEEK = timedelta(days=6)


@dataclass(frozen=True, slots=True)
class _Week:
    """The week: its Monday, the entry whose tip it is, its theme, and the tip that is chosen, '' of none."""

    monday: date
    entry: Entry
    theme: str
    chosen: str


async def show(request: web.Request) -> web.StreamResponse:
    """The tips to choose from: those of the week's theme, or with `?q=` what the bot's ranking finds."""
    pages, frame = request.app[PAGES], frame_of(request)
    week, shelf = await _week(request), await pages.desk.run(pages.desk.assistant.shelf)
    if week is None:
        return missing(request)
    query = request.query.get("q", "").strip()[:300]
    found = await pages.desk.run(lambda: _found(pages, shelf, week, query, frame.language))
    if week.chosen and week.chosen not in found:
        found = [week.chosen, *found]
    done, (year, number, _) = request.query.get("tehty", ""), week.monday.isocalendar()
    today = pages.desk.now().astimezone(ZONE).date()
    titles = by_title(shelf.snapshot.themes, frame.language)
    context = {
        "week": week,
        "year": year,
        "number": number,
        "name": f"{year}-{number}",
        "last": words.date_of(week.monday + _WEEK, frame.language),
        "past": week.monday + _WEEK < today,
        "query": query,
        "tips": [(each, shelf.title(each, frame.language)) for each in found],
        "chosen_title": shelf.title(week.chosen, frame.language) if shelf.tip(week.chosen) else "",
        "theme_title": dict(titles).get(week.theme, ""),
        "themes": titles,
        "done": done if done in DONE else "",
    }
    return page(request, "week.html", context)


async def change(request: web.Request) -> web.StreamResponse:
    """Chooses the tip, leaves the choice to the planner again, or gives the week another theme in every year."""
    pages, form, week = request.app[PAGES], Form.of(await request.post()), await _week(request)
    shelf = await pages.desk.run(pages.desk.assistant.shelf)
    if week is None:
        return missing(request)
    year, number, _ = week.monday.isocalendar()
    what, tip, theme, calendar = form.one("tee"), form.one("vinkki"), form.one("teema"), pages.stores.calendar
    name = f"{year}-{number}"
    if what == "choose" and (not tip or shelf.tip(tip)):
        done = "tip_chosen" if tip else "tip_free"
        await act(request, done, f"{name} {tip}".strip(), lambda: calendar.choose(year, number, tip))
    elif what == "theme" and theme in shelf.snapshot.themes:
        done, weeks = "week_theme", {**week.entry.weeks, number: theme}
        await act(request, done, f"{name} {theme}", lambda: calendar.save(replace(week.entry, weeks=weeks)))
    else:
        return missing(request)
    raise web.HTTPSeeOther(frame_of(request).url("viikko", name, tehty=done))


def _found(pages: Pages, shelf: Shelf, week: _Week, query: str, language: Language) -> list[str]:
    if query:
        replies = pages.desk.assistant.found(query, language, MOST_FOUND)
        return [reply.tip.id for reply in replies if reply.tip]
    return [tip.id for tip in shelf.snapshot.pack.tips if tip.theme == week.theme and shelf.tip(tip.id)][:MOST]


async def _week(request: web.Request) -> _Week | None:
    year, number = (int(request.match_info[name]) for name in ("year", "week"))
    try:
        monday = date.fromisocalendar(year, number, 1)
    except ValueError:
        return None
    pages = request.app[PAGES]

    def read() -> tuple[list[Entry], Choices]:
        return pages.stores.calendar.in_force(), pages.stores.calendar.choices()

    entries, choices = await pages.desk.run(read)
    for entry in entries:
        if entry.kind is Kind.WEEKLY_TIP and nominal_dates(entry, monday, monday + _WEEK):
            chosen = choices.get((year, number, ""))
            theme = entry.weeks.get(number) or entry.theme
            return _Week(monday, entry, theme, chosen.tip if chosen else "")
    return None
