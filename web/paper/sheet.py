"""An A4 sheet: the letters that come with the product, sizes that fit, QR codes. Millimetres and points."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any, cast

import segno
from fpdf import FPDF
from fpdf.enums import Align, MethodReturnValue, WrapMode, XPos, YPos
from fpdf.fonts import TTFFont

WIDTH, HEIGHT, MARGIN = 210.0, 297.0, 18.0
INSIDE = WIDTH - 2 * MARGIN
INK, SOFT, LINE = (26, 33, 36), (85, 99, 106), (217, 223, 222)
ACCENT = (11, 92, 107)
_FONTS = Path(__file__).parent.parent / "fonts"
_FAMILY = "Hyperlegible"
_POINT = 25.4 / 72  # millimetres
_LEADING, _LARGE = 1.35, 1.15  # of a line, of a large one
_LARGE_FROM = 24.0  # points

Colour = tuple[int, int, int]


class Sheet(FPDF):
    """One sheet or more, in the letters of the product. What they lack is written with the nearest that they have."""

    def __init__(self, title: str, language: str) -> None:
        super().__init__("portrait", "mm", "A4")
        for style, name in (("", "Regular"), ("B", "Bold")):
            self.add_font(_FAMILY, style, _FONTS / f"AtkinsonHyperlegibleNext-{name}.ttf")
        for font in self.fonts.values():
            # fpdf2 would leave their files open for as long as they live: they are read from memory instead.
            reader = cast(Any, font).ttfont.reader
            with reader.file as file:
                file.seek(0)
                reader.file = BytesIO(file.read())
        self.set_margins(MARGIN, MARGIN, MARGIN)
        self.set_auto_page_break(auto=False)
        self.set_title(self._in_letters(title))
        self.set_lang(language)
        self.set_creator("Digivinkki")
        self.add_page()

    def write_at(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size: float,
        width: float = INSIDE,
        bold: bool = False,
        colour: Colour = INK,
        right: bool = False,
        marked: bool = False,
    ) -> float:
        """Writes a paragraph, its top left corner there; returns where it ends. `marked`: **bold** is bold."""
        self._style(size, bold=bold, colour=colour)
        self.set_xy(x, y)
        self.multi_cell(
            width,
            _line(size),
            self._in_letters(text),
            align=Align.R if right else Align.L,
            new_x=XPos.LMARGIN,
            new_y=YPos.NEXT,
            markdown=marked,
            wrapmode=WrapMode.WORD,
        )
        return float(self.get_y())

    def height_of(self, text: str, *, size: float, width: float = INSIDE, bold: bool = False) -> float:
        """How high the paragraph would be."""
        self._style(size, bold=bold)
        found: object = self.multi_cell(
            width,
            _line(size),
            self._in_letters(text),
            align=Align.L,
            dry_run=True,
            output=MethodReturnValue.HEIGHT,
            markdown=True,
        )
        return cast(float, found)

    def width_of(self, text: str, *, size: float, bold: bool = False) -> float:
        """How wide the text is on one line."""
        self._style(size, bold=bold)
        return float(self.get_string_width(self._in_letters(text)))

    def box(self, x: float, y: float, width: float, height: float, colour: Colour) -> None:
        """A filled rectangle."""
        self.set_fill_color(*colour)
        self.rect(x, y, width, height, style="F")

    def code(self, x: float, y: float, size: float, address: str) -> None:
        """A QR code of the address, as squares: sharp at any size. A rim of four squares is part of it."""
        rows: Sequence[Sequence[int]] = [list(row) for row in segno.make(address, error="m").matrix_iter(border=4)]
        side = size / len(rows)
        self.box(x, y, size, size, (255, 255, 255))
        self.set_fill_color(0, 0, 0)
        for number, row in enumerate(rows):
            # A run of dark squares is one rectangle: hairlines between them would be seen.
            for run in re.finditer("1+", "".join("1" if dark else "0" for dark in row)):
                self.rect(x + run.start() * side, y + number * side, (run.end() - run.start()) * side, side, style="F")

    def _style(self, size: float, *, bold: bool = False, colour: Colour = INK) -> None:
        self.set_font(_FAMILY, "B" if bold else "", size)
        self.set_text_color(*colour)

    def _in_letters(self, text: str) -> str:
        known = cast(TTFFont, self.fonts[_FAMILY.lower()]).cmap
        return "".join(char if char == "\n" or ord(char) in known else _nearest(char, known) for char in text)


def _line(size: float) -> float:
    return size * _POINT * (_LARGE if size >= _LARGE_FROM else _LEADING)


def _nearest(char: str, known: Container[int]) -> str:
    plain = unicodedata.normalize("NFKD", {"ŋ": "n", "Ŋ": "N", "ŧ": "t", "Ŧ": "T", "→": ">", "✓": "·"}.get(char, char))
    return "".join(part for part in plain if ord(part) in known)


def on(colour: Colour) -> Colour:
    """Black or white, whichever is read better on the colour (WCAG 2.1, relative luminance)."""
    red, green, blue = (_linear(part / 255) for part in colour)
    return (0, 0, 0) if 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.179 else (255, 255, 255)


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)
