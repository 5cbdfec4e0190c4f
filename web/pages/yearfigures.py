"""A year's figures and those of the year before, worked out anew only where something was counted since."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import date

from aiohttp import web

from bot.figures import Figures, Report, report
from bot.tallies import Tally
from web.pages.frame import Pages

_MOST_KEPT = 10  # years


@dataclass(frozen=True, slots=True)
class Years:
    """A year's figures and those of the year before."""

    year: int
    now: Report
    before: Report

    def month(self, number: int, *, before: bool = False) -> Figures:
        """The figures of one month, nought where nothing happened."""
        found = (self.before if before else self.now).months
        return found.get(date(self.year - before, number, 1), Figures())


class YearFigures:
    """Reads in the database's thread, counts in another, and keeps what came of it."""

    def __init__(self) -> None:
        self._kept: dict[int, tuple[tuple[int, ...], Report]] = {}

    async def read(self, pages: Pages, year: int) -> Years:
        """The figures of a year and of the one before."""
        return Years(year, await self._report(pages, year), await self._report(pages, year - 1))

    async def _report(self, pages: Pages, year: int) -> Report:
        mark = await pages.desk.run(lambda: pages.stores.tallies.mark(*_span(year)))
        kept = self._kept.get(year)
        if kept and kept[0] == mark:
            return kept[1]
        tallies = await pages.desk.run(lambda: tallies_of(pages, year))
        found = await asyncio.to_thread(report, tallies)
        if len(self._kept) >= _MOST_KEPT:
            self._kept.clear()
        self._kept[year] = mark, found
        return found


YEARS = web.AppKey("years", YearFigures)


def tallies_of(pages: Pages, year: int) -> list[Tally]:
    """What was counted in the year. In the database's thread."""
    return pages.stores.tallies.between(*_span(year))


def _span(year: int) -> tuple[date, date]:
    return date(year, 1, 1), date(year, 12, 31)
