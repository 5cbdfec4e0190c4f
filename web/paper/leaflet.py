"""The year's figures on one page, for the management team."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from web.charts import top_of
from web.paper.sheet import ACCENT, INK, INSIDE, LINE, MARGIN, SOFT, Colour, Sheet

_COLUMNS, _GAP = 2, 8.0
_WIDE = (INSIDE - _GAP) / _COLUMNS
_HIGH, _BARS = 52.0, 29.0  # of a figure, of its highest bar
_LINES = 2  # above the floor
_BEFORE: Colour = (178, 187, 190)


@dataclass(frozen=True, slots=True)
class Line:
    """A figure: its values by month, those of the year before, and both years' as they are written."""

    title: str
    now: Sequence[float | None]
    before: Sequence[float | None]
    whole: str
    whole_before: str
    share: bool = False


@dataclass(frozen=True, slots=True)
class Leaflet:
    """What stands on the page. `lists` are a title and lines of names and numbers each."""

    title: str
    organisation: str
    year: int
    months: Sequence[str]  # a letter each
    lines: Sequence[Line]
    lists: Sequence[tuple[str, Sequence[tuple[str, int]]]]
    notes: Sequence[str]
    language: str


def printed(leaflet: Leaflet) -> bytes:
    """The page as PDF."""
    sheet = Sheet(f"{leaflet.title} · {leaflet.organisation}", leaflet.language)
    y = sheet.write_at(MARGIN, MARGIN - 4, leaflet.title, size=24, bold=True)
    y = sheet.write_at(MARGIN, y, leaflet.organisation, size=12, colour=SOFT) + 5
    for number, line in enumerate(leaflet.lines):
        x = MARGIN + number % _COLUMNS * (_WIDE + _GAP)
        _figure(sheet, x, y + number // _COLUMNS * (_HIGH + 5), line, leaflet)
    y += -(-len(leaflet.lines) // _COLUMNS) * (_HIGH + 5)
    below = y
    for number, (title, lines) in enumerate(leaflet.lists):
        x = MARGIN + number % _COLUMNS * (_WIDE + _GAP)
        below = max(below, _list(sheet, x, y, title, lines))
    y = below + 3
    for note in leaflet.notes:
        y = sheet.write_at(MARGIN, y, note, size=7, colour=SOFT)
    return bytes(sheet.output())


def _figure(sheet: Sheet, x: float, y: float, line: Line, leaflet: Leaflet) -> None:
    sheet.write_at(x, y, line.title, size=10, bold=True, width=_WIDE)
    sheet.write_at(x, y + 5, line.whole, size=18, bold=True, width=_WIDE, colour=ACCENT)
    beside = x + sheet.width_of(line.whole, size=18, bold=True) + 4
    for colour, told in ((ACCENT, str(leaflet.year)), (_BEFORE, f"{leaflet.year - 1}: {line.whole_before}")):
        sheet.box(beside, y + 8.4, 2.6, 2.6, colour)
        sheet.write_at(beside + 3.8, y + 7.6, told, size=9, width=x + _WIDE - beside - 3.8, colour=SOFT)
        beside += sheet.width_of(told, size=9) + 7.5
    top, floor, high = top_of([*line.now, *line.before], share=line.share), y + _HIGH - 5, _BARS
    for part in range(_LINES + 1):
        sheet.box(x, floor - high * part / _LINES, _WIDE, 0.2, LINE)
    highest = f"{top * 100:.0f} %" if line.share else f"{top:g}"
    sheet.write_at(x, floor - high - 4, highest, size=7, width=20, colour=SOFT)
    room = _WIDE / len(leaflet.months)
    for month, (name, now, before) in enumerate(zip(leaflet.months, line.now, line.before, strict=True)):
        left = x + month * room
        for value, colour, start in ((before, _BEFORE, 0.08), (now, ACCENT, 0.5)):
            if value:
                tall = high * min(value / top, 1.0)
                sheet.box(left + start * room, floor - tall, room * 0.38, tall, colour)
        wide = sheet.width_of(name, size=7)
        sheet.write_at(left + (room - wide) / 2, floor + 0.6, name, size=7, width=wide + 2.5, colour=SOFT)


def _list(sheet: Sheet, x: float, y: float, title: str, lines: Sequence[tuple[str, int]]) -> float:
    if not lines:
        return y
    y = sheet.write_at(x, y, title, size=10, bold=True, width=_WIDE) + 0.5
    for name, count in lines:
        sheet.write_at(x + _WIDE - 14, y, str(count), size=9, width=14, colour=INK, right=True)
        y = max(y + 4.3, sheet.write_at(x, y, name, size=9, width=_WIDE - 16))
    return y
