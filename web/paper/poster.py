"""A poster for the wall of a coffee room: for those who read no e-mail. One A4 sheet, whatever its text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from web.paper.blocks import Block, blocks
from web.paper.sheet import HEIGHT, INSIDE, MARGIN, SOFT, WIDTH, Colour, Sheet, on

_BAND, _CODE = 30.0, 42.0  # millimetres: the coloured band on top, the QR code's side
_FOOT = HEIGHT - MARGIN - _CODE
_TITLES = (44, 38, 32, 28, 24, 20)  # points, the largest that fits is taken
_BODIES = (22, 20, 18, 16, 14, 13, 12, 11, 10)
_TITLE_HEIGHT = 60.0
_INDENT = 11.0
_BETWEEN = 0.22  # of a line's height between items


@dataclass(frozen=True, slots=True)
class Poster:
    """What stands on it. `lines` are a date and a place, if any; `invites` says what the QR code opens."""

    organisation: str
    kind: str  # 'Viikon digivinkki'
    title: str
    lines: Sequence[str]
    markdown: str
    invites: str
    address: str
    note: str
    language: str
    colour: Colour


def printed(poster: Poster) -> bytes:
    """The poster as PDF."""
    sheet = Sheet(poster.title, poster.language)
    sheet.box(0, 0, WIDTH, _BAND, poster.colour)
    white = on(poster.colour)
    sheet.write_at(MARGIN, 10, poster.kind, size=20, bold=True, colour=white, width=INSIDE * 0.62)
    sheet.write_at(
        MARGIN + INSIDE * 0.62, 11.5, poster.organisation, size=14, colour=white, width=INSIDE * 0.38, right=True
    )
    size = _fitting(sheet, poster.title)
    y = sheet.write_at(MARGIN, _BAND + 12, poster.title, size=size, bold=True) + 3
    for line in poster.lines:
        y = sheet.write_at(MARGIN, y, line, size=20, bold=True, colour=_dark(poster.colour))
    _body(sheet, blocks(poster.markdown), y + 4)
    _foot(sheet, poster)
    return bytes(sheet.output())


def _fitting(sheet: Sheet, title: str) -> float:
    for size in _TITLES:
        longest = max(sheet.width_of(word, size=size, bold=True) for word in title.split() or [""])
        if longest <= INSIDE and sheet.height_of(title, size=size, bold=True) <= _TITLE_HEIGHT:
            return size
    return _TITLES[-1]


def _body(sheet: Sheet, found: Sequence[Block], top: float) -> None:
    room = _FOOT - 8 - top
    size = next((each for each in _BODIES if _height(sheet, found, each) <= room), _BODIES[-1])
    y = top
    for block in found:
        high = _high(sheet, block, size)
        if y + high > _FOOT - 4:  # the rest is behind the code
            break
        x = MARGIN + (_INDENT if block.mark else 0)
        if block.mark:
            sheet.write_at(MARGIN, y, block.mark, size=size, bold=True, width=_INDENT)
        sheet.write_at(x, y, block.text, size=size, width=INSIDE - (x - MARGIN), marked=True)
        y += high


def _height(sheet: Sheet, found: Sequence[Block], size: float) -> float:
    return sum(_high(sheet, block, size) for block in found)


def _high(sheet: Sheet, block: Block, size: float) -> float:
    width = INSIDE - (_INDENT if block.mark else 0)
    return sheet.height_of(block.text, size=size, width=width) + size * _BETWEEN


def _foot(sheet: Sheet, poster: Poster) -> None:
    sheet.code(WIDTH - MARGIN - _CODE, _FOOT, _CODE, poster.address)
    width = INSIDE - _CODE - 8
    y = sheet.write_at(MARGIN, _FOOT + 4, poster.invites, size=18, bold=True, width=width)
    y = sheet.write_at(MARGIN, y + 1, poster.address.split("?")[0], size=11, width=width, colour=SOFT)
    if poster.note:
        sheet.write_at(MARGIN, y + 2, poster.note, size=11, width=width, colour=SOFT)


def _dark(colour: Colour) -> Colour:
    """The colour as it may be read on white."""
    return colour if on(colour) == (255, 255, 255) else (26, 33, 36)
