"""The programme's figures: a year by months, beside the same months of the year before; as a table file too."""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain

from aiohttp import web

from bot.figures import Figures, Report, figures
from bot.needs import Month
from bot.tallies import Tally, What
from bot.units import FEWEST
from scheduler.models import ZONE
from tips.fields import number_in
from tips.models import Language
from web.charts import Chart, drawn
from web.pages import words
from web.pages.frame import PAGES, Pages, frame_of, missing, page
from web.pages.heldsessions import quizzes
from web.pages.lacking import lack
from web.pages.yearfigures import YEARS, Years, tallies_of

FIRST_YEAR = 2020
_MOST_THEMES, _MOST_ON_PAPER, _MOST_UNITS = 10, 6, 60
_ON_PAPER = ("asked", "share_answered", "share_helped", "handed_over", "finished", "people")

Value = Callable[[Figures], float | None]


@dataclass(frozen=True, slots=True)
class Measure:
    """A figure: its key in the catalogue, how it is read, and whether it is a share (0..1)."""

    key: str
    value: Value
    share: bool = False


MEASURES = (
    Measure("asked", lambda each: each.asked),
    Measure("share_answered", lambda each: each.share_answered, share=True),
    Measure("share_helped", lambda each: each.share_helped, share=True),
    Measure("handed_over", lambda each: each.handed_over),
    Measure("hours", lambda each: each.hours),
    Measure("finished", lambda each: each.finished),
    Measure("share_right", lambda each: each.share_right, share=True),
    Measure("people", lambda each: each.people),
)


@dataclass(frozen=True, slots=True)
class Row:
    """A month in the table: its name and both years' values, written out."""

    month: str
    now: str
    before: str


@dataclass(frozen=True, slots=True)
class Section:
    """One figure on the page."""

    key: str
    chart: Chart
    rows: Sequence[Row]
    now: str
    before: str


async def show(request: web.Request) -> web.StreamResponse:
    """The figures of `?vuosi=`, else of this year."""
    pages, frame = request.app[PAGES], frame_of(request)
    language, (year, today) = frame.language, _asked(request)
    if year is None:
        return missing(request)
    years = await request.app[YEARS].read(pages, year)
    names = await pages.desk.run(lambda: _names(pages, language))
    units = _units(years.now, names, language)
    held = await pages.desk.run(lambda: quizzes(pages.stores, year, language, names))
    this, edits = Month.of(pages.desk.now()), frame.visitor.administers
    wanted = Month.named(request.query.get("kuukausi", this.name))
    if wanted is None:
        return missing(request)
    context = {
        "year": year,
        "this_year": today.year,
        "sections": [_section(each, years, language, today) for each in MEASURES],
        "themes": _ranked(years.now.asked_about, names),
        "sessions": _ranked(years.now.finished, names),
        "units": units[:_MOST_UNITS],
        "more_units": max(len(units) - _MOST_UNITS, 0),
        "fewest": FEWEST,
        "quizzes": held,
        "lack": await lack(request, wanted, words=edits) if year == today.year else None,
        "month_name": words.months(language)[wanted.month - 1],
        "this_month": this,
        "edits": edits,
        "drawn": drawn,
        "empty": not years.now.months and not years.before.months,
    }
    return page(request, "figures.html", context)


async def table(request: web.Request) -> web.StreamResponse:
    """The same as a file for a spreadsheet: a line a month, for the whole organisation and for each unit."""
    pages, language = request.app[PAGES], frame_of(request).language
    year, _ = _asked(request)
    if year is None:
        return missing(request)
    tallies = await pages.desk.run(lambda: tallies_of(pages, year))
    names = await pages.desk.run(lambda: _names(pages, language))
    text = io.StringIO()
    # As spreadsheets in Finland read them: semicolons, decimal commas, and the mark that tells UTF-8.
    writer = csv.writer(text, delimiter=";")
    writer.writerow([words.word(language, f"csv_{key}") for key in ("month", "unit", *_COLUMNS)])
    writer.writerows(await asyncio.to_thread(lambda: list(_lines(tallies, names, language))))
    return _file(text.getvalue().encode("utf-8-sig"), "text/csv", f'attachment; filename="digivinkki-{year}.csv"')


async def leaflet(request: web.Request) -> web.StreamResponse:
    """The same on one page of paper."""
    # The library and the letters are loaded when somebody prints.
    from web.paper.leaflet import Leaflet, Line, printed  # noqa: PLC0415

    pages, language = request.app[PAGES], frame_of(request).language
    year, today = _asked(request)
    if year is None:
        return missing(request)
    years = await request.app[YEARS].read(pages, year)
    names = await pages.desk.run(lambda: _names(pages, language))
    shelf = await pages.desk.run(pages.desk.assistant.shelf)
    sections = [_section(each, years, language, today) for each in MEASURES if each.key in _ON_PAPER]
    sheet = Leaflet(
        title=f"Digivinkki · {words.word(language, 'figures_title', year=year)}",
        organisation=shelf.facts.get("organisation", ""),
        year=year,
        months=_letters(language),
        lines=[
            Line(
                words.word(language, f"figure_{each.key}"),
                each.chart.now,
                each.chart.before,
                each.now,
                each.before,
                each.chart.share,
            )
            for each in sections
        ],
        lists=[
            (words.word(language, "figures_themes"), _ranked(years.now.asked_about, names)[:_MOST_ON_PAPER]),
            (words.word(language, "figures_sessions"), _ranked(years.now.finished, names)[:_MOST_ON_PAPER]),
        ],
        notes=[
            words.word(language, "figures_intro"),
            *(f"{each.chart.title}: {words.word(language, f'means_{each.key}')}" for each in sections),
        ],
        language=language,
    )
    data = await asyncio.to_thread(printed, sheet)
    return _file(data, "application/pdf", f'inline; filename="digivinkki-{year}.pdf"')


_COLUMNS: Mapping[str, Value] = {
    "people": lambda each: each.people,
    "asked": lambda each: each.asked,
    "answered": lambda each: each.answered,
    "offered": lambda each: each.offered,
    "helped": lambda each: each.helped,
    "not_helped": lambda each: each.not_helped,
    "handed_over": lambda each: each.handed_over,
    "replied": lambda each: each.replied,
    "hours": lambda each: each.hours,
    "finished": lambda each: each.finished,
    "right": lambda each: each.right,
    "quizzed": lambda each: each.quizzed,
}


def written(value: float | None, language: Language, *, share: bool = False) -> str:
    """A value as the language writes it, '–' for none."""
    if value is None:
        return "–"
    text = f"{value * 100:.0f} %" if share else f"{value:g}"
    return text if language == "en" else text.replace(".", ",")


def _asked(request: web.Request) -> tuple[int | None, date]:
    """The year of `?vuosi=`, else this one, None for one of which there can be no figures; and the day it is."""
    today = request.app[PAGES].desk.now().astimezone(ZONE).date()
    year = number_in(request.query.get("vuosi", str(today.year)), 4)
    return (year if year and FIRST_YEAR <= year <= today.year else None), today


def _file(data: bytes, content_type: str, shown: str) -> web.Response:
    headers = {"Content-Disposition": shown, "Cache-Control": "no-store"}
    return web.Response(body=data, content_type=content_type, headers=headers)


def _names(pages: Pages, language: Language) -> Mapping[str, str]:
    """What units and themes are called, by id."""
    themes = pages.desk.assistant.shelf().snapshot.themes
    units = {unit.id: unit.name for unit in pages.stores.units.all()}
    return {**units, **{theme.id: theme.title(language) for theme in themes.values()}}


def _section(measure: Measure, years: Years, language: Language, today: date) -> Section:
    def text(value: float | None) -> str:
        return written(value, language, share=measure.share)

    # What has not come yet is nothing, not nought.
    so_far = today.month if years.year == today.year else 12
    now = [measure.value(years.month(number)) if number <= so_far else None for number in range(1, 13)]
    before = [measure.value(years.month(number, before=True)) for number in range(1, 13)]
    names = words.months(language)
    title = words.word(language, f"figure_{measure.key}")
    chart = Chart(title, _letters(language), now, before, measure.share)
    rows = [Row(name, text(one), text(other)) for name, one, other in zip(names, now, before, strict=True)]
    whole = (text(measure.value(each.whole)) for each in (years.now, years.before))
    return Section(measure.key, chart, rows, *whole)


def _letters(language: Language) -> list[str]:
    return [name[:1].upper() for name in words.months(language)]


def _ranked(counts: Mapping[str, int], names: Mapping[str, str]) -> list[tuple[str, int]]:
    return [(names.get(each, each), count) for each, count in list(counts.items())[:_MOST_THEMES]]


def _units(found: Report, names: Mapping[str, str], language: Language) -> list[tuple[str, ...]]:
    """A line a unit: its name, people, questions, the share answered, sessions; those with most people first."""
    largest = sorted(found.units.items(), key=lambda each: (-each[1].people, names.get(each[0], each[0])))
    return [
        (
            names.get(unit, unit),
            str(each.people),
            str(each.asked),
            written(each.share_answered, language, share=True),
            str(each.finished),
        )
        for unit, each in largest
    ]


def _lines(tallies: Sequence[Tally], names: Mapping[str, str], language: Language) -> Iterator[list[str]]:
    months: dict[date, dict[str, list[Tally]]] = {}
    for tally in tallies:
        months.setdefault(tally.month, {}).setdefault(tally.unit, []).append(tally)
    for month, units in sorted(months.items()):
        whole = figures(chain.from_iterable(units.values()))
        yield [f"{month:%Y-%m}", words.word(language, "csv_whole"), *_cells(whole, language)]
        for unit, here in sorted(units.items()):
            if unit and any(tally.what is What.PEOPLE for tally in here):
                yield [f"{month:%Y-%m}", _harmless(names.get(unit, unit)), *_cells(figures(here), language)]


def _cells(found: Figures, language: Language) -> list[str]:
    values = (value(found) for value in _COLUMNS.values())
    return ["" if each is None else written(each, language) for each in values]


def _harmless(text: str) -> str:
    """A spreadsheet takes what begins so for a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
