"""The year as a wheel: where each day, week, theme and event stands, and the SVG of it. Pure; January is on top.

From the rim inwards: months, ISO weeks, events (in lanes, so that none hides another), then a ring of themes for each
series, week by week; in the middle the year. Colours are classes, so that the page's style decides, on paper too.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import cos, pi, sin

from markupsafe import Markup

SIZE = 1000  # of the sheet, whose middle is 0, 0
RIM, MONTHS, WEEKS = 494.0, 462.0, 442.0  # outer edges of the months, the weeks and the events
NAMES = 478.0  # the middle of the months' names
LANES = (428.0, 408.0, 388.0)  # where events stand
MARK = 8.0  # radius of an event's mark, as the style draws it
APART = 2 * MARK + 3  # from one mark's centre to the next in its lane
RINGS = ((374.0, 264.0), (261.0, 151.0))  # the themes of each series, outer and inner edge
HUB = 145.0
_LETTERS = 19  # that fit across a ring
_GAP = 0.15  # degrees between a week and its edge
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Slice:
    """The theme of an ISO week, known by its Monday. `ring` is that of its series, 0 outermost."""

    monday: date
    ring: int
    kind: str
    label: str
    title: str
    href: str
    now: bool = False


@dataclass(frozen=True, slots=True)
class Mark:
    """An event. `kind` is its class, `title` what is told of it."""

    day: date
    kind: str
    title: str
    href: str


@dataclass(frozen=True, slots=True)
class Wheel:
    """What is to be drawn. `today` is None where it is in another year; `middle` are small lines below the year."""

    year: int
    months: Sequence[str]
    slices: Sequence[Slice]
    marks: Sequence[Mark]
    today: date | None
    title: str
    middle: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Placed:
    """A mark and its place."""

    mark: Mark
    x: float
    y: float
    lane: int


def angle(day: date, year: int) -> float:
    """Where midnight of the day stands, in degrees clockwise from the top; 360 is the end of the year."""
    first = date(year, 1, 1)
    return (day - first).days * 360 / (date(year + 1, 1, 1) - first).days


def point(degrees: float, radius: float) -> tuple[float, float]:
    """The place on the sheet."""
    turn = degrees * pi / 180
    return round(radius * sin(turn), 1), round(-radius * cos(turn), 1)


def placed(marks: Iterable[Mark], year: int) -> list[Placed]:
    """The marks at the middle of their days, each in the first lane where it hides no other.

    Where all lanes are full it moves on by as little as it must: later than its day, never into another mark.
    """
    last = [-360.0] * len(LANES)
    found = []
    for mark in sorted(marks, key=lambda each: (each.day, each.kind, each.title, each.href)):
        middle = angle(mark.day, year) + angle(date(year, 1, 2), year) / 2
        gaps = [last[lane] + APART / radius * 180 / pi for lane, radius in enumerate(LANES)]
        lane = next((lane for lane, gap in enumerate(gaps) if gap <= middle), None)
        if lane is None:
            lane = min(range(len(LANES)), key=lambda each: gaps[each])
            middle = gaps[lane]
        last[lane] = middle
        found.append(Placed(mark, *point(middle, LANES[lane]), lane))
    return found


def drawn(wheel: Wheel) -> Markup:
    """The wheel as SVG."""
    parts = [
        Markup('<svg class="wheel" viewBox="{0} {0} {1} {1}" role="group" aria-label="{2}">').format(
            -SIZE // 2, SIZE, wheel.title
        ),
        _months(wheel),
        _weeks(wheel.year),
        *(Markup('<path class="track" d="{}"/>').format(_arc(0, 359.99, *ring)) for ring in RINGS),
        _shapes(wheel.year),
        *(_slice(each, wheel.year) for each in wheel.slices),
        *(_mark(each) for each in placed(wheel.marks, wheel.year)),
        _hand(wheel),
        _middle(wheel),
        Markup("</svg>"),
    ]
    return Markup("").join(parts)


def _months(wheel: Wheel) -> Markup:
    ring, odd, names = _arc(0, 359.99, RIM, MONTHS), "", Markup("")
    for number, name in enumerate(wheel.months, start=1):
        begins = angle(date(wheel.year, number, 1), wheel.year)
        ends = angle(_next_month(wheel.year, number), wheel.year)
        odd += _arc(begins, ends, RIM, MONTHS) if number % 2 else ""
        middle = round((begins + ends) / 2, 1)
        flipped = 90 < middle < 270  # below the middle a name would stand on its head
        names += Markup('<text y="{:g}" transform="rotate({:g})">{}</text>').format(
            NAMES if flipped else -NAMES, middle - 180 if flipped else middle, name
        )
    return Markup('<path class="month" d="{}"/><path class="month odd" d="{}"/><g class="name">{}</g>').format(
        ring, odd, names
    )


def _weeks(year: int) -> Markup:
    """A number in the middle of each week, as far as it is in the year, and a line between."""
    numbers, lines = Markup(""), ""
    day = date.fromisocalendar(year, 1, 1)
    while (thursday := day + 3 * _DAY).year == year:
        begins, ends = max(angle(day, year), 0.0), min(angle(day + 7 * _DAY, year), 360.0)
        if day.year == year:
            (ax, ay), (bx, by) = point(begins, MONTHS), point(begins, WEEKS)
            lines += f"M{ax} {ay}L{bx} {by}"
        place = point((begins + ends) / 2, (MONTHS + WEEKS) / 2)
        numbers += Markup('<text x="{}" y="{}">{}</text>').format(*place, thursday.isocalendar().week)
        day += 7 * _DAY
    return Markup('<path class="tick" d="{}"/><g class="week">{}</g>').format(lines, numbers)


def _slice(each: Slice, year: int) -> Markup:
    begins = max(angle(each.monday, year), 0.0)
    ends = min(angle(each.monday + 7 * _DAY, year), 360.0)
    whole = ends - begins > 6.8
    # The shape stands at the beginning of the year and its name at the end of it: both are turned with their slice.
    shape = (
        Markup('<use href="#r{}"/>').format(each.ring)
        if whole
        else Markup('<path d="{}"/>').format(_arc(_GAP, ends - begins - _GAP, *RINGS[each.ring]))
    )
    text = _label(each.label) if whole else ""  # no room at New Year
    left = " l" if (begins + ends) / 2 > 180 else ""
    return Markup('<a href="{}" class="{}{}{}" transform="rotate({:g})"><title>{}</title>{}{}</a>').format(
        each.href, each.kind, left, " now" if each.now else "", round(begins, 2), each.title, shape, text
    )


def _shapes(year: int) -> Markup:
    """A whole week of each ring, drawn once at the beginning of the year: every other is a turn of it."""
    ends = angle(date(year, 1, 8), year) - _GAP
    shapes = (
        Markup('<path id="r{}" d="{}"/>').format(number, _arc(_GAP, ends, *ring)) for number, ring in enumerate(RINGS)
    )
    return Markup("<defs>{}</defs>").format(Markup("").join(shapes))


def _label(label: str) -> Markup:
    """The theme's name across its ring, in one line or two, to be read from the nearer side.

    Where it stands in its slice is the same for all of a ring, so the page's style puts it there.
    """
    first, *rest = lettered(label)
    if not rest:
        return Markup("<text>{}</text>").format(first)
    return Markup('<text><tspan dy="-5.2">{}</tspan><tspan x="0" dy="10.4">{}</tspan></text>').format(first, rest[0])


def lettered(label: str) -> list[str]:
    """The name in at most two lines that fit; what does not is left out, and dots say so."""
    lines = [""]
    for word in label.split():
        joined = f"{lines[-1]} {word}".strip()
        if len(joined) <= _LETTERS or not lines[-1]:
            lines[-1] = joined
        else:
            lines.append(word)
    shown = lines[:2]
    if len(lines) > 2:
        shown[1] += "…"
    return [line if len(line) <= _LETTERS else line[: _LETTERS - 1].rstrip("… ") + "…" for line in shown]


def _mark(each: Placed) -> Markup:
    return Markup('<a href="{}" class="{}"><title>{}</title><circle cx="{:.0f}" cy="{:.0f}"/></a>').format(
        each.mark.href, each.mark.kind, each.mark.title, each.x, each.y
    )


def _hand(wheel: Wheel) -> Markup:
    if wheel.today is None:
        return Markup("")
    degrees = angle(wheel.today, wheel.year) + 180 / 365
    (x1, y1), (x2, y2) = point(degrees, HUB), point(degrees, MONTHS)
    return Markup('<path class="hand" d="M{} {}L{} {}"/><circle class="tip-of-hand" cx="{}" cy="{}" r="6"/>').format(
        x1, y1, x2, y2, x2, y2
    )


def _middle(wheel: Wheel) -> Markup:
    lines = Markup("").join(
        Markup('<text class="middle" y="{}">{}</text>').format(32 + 34 * number, line)
        for number, line in enumerate(wheel.middle)
    )
    return Markup('<circle class="hub" r="{}"/><text class="year-name" y="{}">{}</text>{}').format(
        f"{HUB:g}", -26 if wheel.middle else 0, wheel.year, lines
    )


def _arc(begins: float, ends: float, outer: float, inner: float) -> str:
    """A piece of a ring."""
    far = int(ends - begins > 180)
    (ax, ay), (bx, by) = point(begins, outer), point(ends, outer)
    (cx, cy), (dx, dy) = point(ends, inner), point(begins, inner)
    return f"M{ax} {ay}A{outer:g} {outer:g} 0 {far} 1 {bx} {by}L{cx} {cy}A{inner:g} {inner:g} 0 {far} 0 {dx} {dy}Z"


def _next_month(year: int, month: int) -> date:
    return date(year + month // 12, month % 12 + 1, 1)
