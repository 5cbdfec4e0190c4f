"""A figure month by month, beside the same months of the year before, as bars: the SVG of it. Pure.

Colours are classes, so that the page's style decides, on paper too. The table beside it says the same in numbers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import log10

from markupsafe import Markup, escape

WIDTH, HEIGHT = 480, 200
LEFT, RIGHT, TOP, BOTTOM = 60, 478, 12, 176  # of where bars may stand
_BAR, _GAP = 0.36, 0.04  # of a month's width
_LINES = 4


@dataclass(frozen=True, slots=True)
class Chart:
    """What is drawn: a value a month, None where there is none; `before` are those of the year before."""

    title: str
    months: Sequence[str]  # a letter or two each
    now: Sequence[float | None]
    before: Sequence[float | None]
    share: bool = False  # values are 0..1 and shown as per cent


def top_of(values: Sequence[float | None], *, share: bool = False) -> float:
    """Where the scale ends: at a round number that no value passes."""
    if share:
        return 1.0
    most = max((value for value in values if value is not None), default=0.0)
    if most <= _LINES:
        return float(_LINES)
    unit = 10 ** int(log10(most / _LINES))
    return float(next(unit * factor * _LINES for factor in (1, 2, 5, 10) if unit * factor * _LINES >= most))


def drawn(chart: Chart) -> Markup:
    """The chart as SVG. Without a value there is no bar."""
    top = top_of([*chart.now, *chart.before], share=chart.share)
    parts = [
        f'<svg class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(chart.title)}">',
        *_scale(top, share=chart.share),
        *_bars(chart, top),
        "</svg>",
    ]
    return Markup("".join(parts))  # noqa: S704  numbers of this module, and texts that are escaped


def _scale(top: float, *, share: bool) -> Iterator[str]:
    for number in range(_LINES + 1):
        value = top * number / _LINES
        y = _y(value, top)
        label = f"{value * 100:.0f} %" if share else f"{value:g}"
        yield f'<path class="grid" d="M{LEFT} {y:.1f}H{RIGHT}"/>'
        yield f'<text class="scale" x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{label}</text>'


def _bars(chart: Chart, top: float) -> Iterator[str]:
    room = (RIGHT - LEFT) / len(chart.months)
    for place, (name, now, before) in enumerate(zip(chart.months, chart.now, chart.before, strict=True)):
        middle = LEFT + room * (place + 0.5)
        yield f'<text class="month" x="{middle:.1f}" y="{BOTTOM + 18}" text-anchor="middle">{escape(name)}</text>'
        for value, kind, start in ((before, "before", -_BAR - _GAP / 2), (now, "now", _GAP / 2)):
            if value:
                y = _y(value, top)
                x, width = middle + room * start, room * _BAR
                yield f'<rect class="{kind}" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{BOTTOM - y:.1f}"/>'


def _y(value: float, top: float) -> float:
    return BOTTOM - (BOTTOM - TOP) * min(value / top, 1.0)
