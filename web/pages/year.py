"""The year wheel and the same as a list: what the calendar in force says of a year."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from aiohttp import web

from scheduler.models import SESSIONS, ZONE, Entry, Kind, Occurrence
from scheduler.recurrence import nominal_dates, occurrences
from tips.fields import number_in
from tips.models import Language, Theme
from web.pages import ics, words
from web.pages.frame import PAGES, Frame, frame_of, missing, page
from web.pages.kinds import KINDS
from web.wheel import Mark, Slice, Wheel, drawn

YEARS = range(2020, 2100)
_RINGS = {"digiturva": 0, "digivinkki": 1}
_WEEK = timedelta(weeks=1)


@dataclass(frozen=True, slots=True)
class Line:
    """An occurrence in the list. `path` is what can be done about it."""

    path: str
    day: date
    kind: str
    title: str
    theme: str
    when: str


@dataclass(frozen=True, slots=True)
class WeekLine:
    """The theme of a week in the list. `path` is where its tip is chosen."""

    path: str
    week: int
    monday: date
    theme: Theme


@dataclass(frozen=True, slots=True)
class Month:
    """A month of the list."""

    number: int
    name: str
    weeks: Sequence[WeekLine]
    lines: Sequence[Line]


async def show(request: web.Request) -> web.StreamResponse:
    """The wheel of `?vuosi=`, else of this year."""
    pages, frame = request.app[PAGES], frame_of(request)
    today = pages.desk.now().astimezone(ZONE).date()
    year = number_in(request.query.get("vuosi", str(today.year)), 4)
    if year is None or year not in YEARS:
        return missing(request)
    calendar = pages.stores.calendar
    entries, hidden = await pages.desk.run(lambda: (calendar.in_force(), calendar.hidden()))
    shelf = await pages.desk.run(pages.desk.assistant.shelf)
    themes = shelf.snapshot.themes
    weeks = list(_weeks(entries, year, themes, frame))
    events = _events(entries, year)
    alone = {day for day, count in Counter(_day(each) for each in events).items() if count == 1}
    lines = [_line(each, frame, themes, alone=_day(each) in alone) for each in events]
    wheel = _wheel(year, today, weeks, lines, frame)
    context = {
        "year": year,
        "years": YEARS,
        "wheel": drawn(wheel),
        "months": _months(weeks, lines, frame.language),
        "today": today,
        "hidden": [(entry.id, entry.title(frame.language)) for entry in hidden],
        "kinds": [kind for kind in KINDS.values() if kind != "tip"],
        "subscription": ics.address(
            pages.settings, request, await pages.desk.run(pages.stores.calendar.subscription_key)
        ),
    }
    return page(request, "year.html", context)


def _events(entries: Sequence[Entry], year: int) -> list[Occurrence]:
    """Everything but weekly tips, by time."""
    first, last = date(year, 1, 1), date(year, 12, 31)
    others = [entry for entry in entries if entry.kind is not Kind.WEEKLY_TIP]
    found = [each for entry in others for each in occurrences(entry, first, last)]
    return sorted(found, key=lambda each: (each.at, each.entry.id))


def _weeks(entries: Sequence[Entry], year: int, themes: Mapping[str, Theme], frame: Frame) -> Iterator[WeekLine]:
    """The theme of each ISO week of the year in which a weekly tip comes."""
    found: dict[int, str] = {}
    for entry in (each for each in entries if each.kind is Kind.WEEKLY_TIP):
        for day in nominal_dates(entry, date(year, 1, 1) - _WEEK, date(year, 12, 31) + _WEEK):
            iso = day.isocalendar()
            theme = entry.weeks.get(iso.week) or entry.theme
            if iso.year == year and theme in themes:
                found.setdefault(iso.week, theme)
    for week, theme in sorted(found.items()):
        yield WeekLine(frame.url("viikko", f"{year}-{week}"), week, date.fromisocalendar(year, week, 1), themes[theme])


def _day(each: Occurrence) -> date:
    return each.at.astimezone(ZONE).date()


def _line(each: Occurrence, frame: Frame, themes: Mapping[str, Theme], *, alone: bool) -> Line:
    """`alone`: nothing else is on its day, whose shorter address leads to it."""
    entry, local = each.entry, each.at.astimezone(ZONE)
    theme = themes.get(entry.theme)
    return Line(
        frame.url("paiva", local.date().isoformat())
        if alone
        else frame.url("vuosikello", entry.id, each.nominal.isoformat()),
        local.date(),
        KINDS[entry.kind],
        entry.title(frame.language),
        entry.theme if entry.kind in SESSIONS and theme else "",
        words.clock(local) if entry.time else "",
    )


def _wheel(year: int, today: date, weeks: Sequence[WeekLine], lines: Sequence[Line], frame: Frame) -> Wheel:
    language = frame.language
    this = today.isocalendar()
    slices = [
        Slice(
            week.monday,
            _RINGS.get(week.theme.series, 1),
            week.theme.series if week.theme.series in _RINGS else "digivinkki",
            week.theme.title(language),
            words.word(language, "wheel_week", week=week.week, theme=week.theme.title(language)),
            week.path,
            (this.year, this.week) == (year, week.week),
        )
        for week in weeks
    ]
    marks = [
        Mark(
            line.day,
            line.kind,
            f"{words.day(line.day, language)} {line.title}",
            frame.url("paiva", line.day.isoformat()),
        )
        for line in lines
    ]
    now = today if today.year == year else None
    middle = [words.day(today, language), words.word(language, "wheel_this_week", week=this.week)] if now else []
    title = words.word(language, "wheel_title", year=year)
    return Wheel(year, words.months(language), slices, marks, now, title, middle)


def _months(weeks: Sequence[WeekLine], lines: Sequence[Line], language: Language) -> list[Month]:
    """The list by month; a week stands in the month of its Thursday."""
    return [
        Month(
            number,
            name,
            [week for week in weeks if (week.monday + timedelta(days=3)).month == number],
            [line for line in lines if line.day.month == number],
        )
        for number, name in enumerate(words.months(language), start=1)
    ]
