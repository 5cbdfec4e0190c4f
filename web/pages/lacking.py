"""Questions of a month that nobody was helped with, by meaning: worked out beside the pages, and kept until one comes.

Their words may hold somebody's name: who only reads figures sees how many there are, and no words.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from aiohttp import web

from bot.journal import Unhelped
from bot.needs import Month, Need, needs_of
from bot.texts import cut
from tips.answering import KnowledgeBase
from tips.editing import Filled
from tips.fields import number_in
from web.pages.frame import PAGES, Pages

MOST = 20  # needs that are listed
_MOST_ASKED = 1_000  # the newest questions of the month that are grouped: it is work
_PATIENCE = 1.0  # seconds that a page waits for them
_LONGEST = 120  # characters of an example

Key = tuple[str, int, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Line:
    """A need in the list: a question by which it is known, how often it was asked, and how."""

    question: int
    count: int
    example: str


@dataclass(frozen=True, slots=True)
class Lack:
    """What a month lacked; `lines` is None while it is being worked out."""

    month: Month
    asked: int
    lines: Sequence[Line] | None


class Lacking:
    """Works the needs out in a thread of its own, one month at a time."""

    def __init__(self) -> None:
        self._key: Key | None = None
        self._task: asyncio.Task[list[Need]] | None = None
        self._base: KnowledgeBase | None = None

    async def of(self, pages: Pages, month: Month) -> tuple[int, list[Need] | None]:
        """How many questions nobody was helped with, and their needs; None for these where it takes too long."""
        asked, base, revision = await pages.desk.run(lambda: _read(pages, month))
        key = (month.name, revision, tuple(each.id for each in asked))
        if self._task is None or (self._task.done() and (self._key != key or self._task.exception())):
            self._key, self._base = key, base
            self._task = asyncio.create_task(asyncio.to_thread(needs_of, asked, base, MOST))
        done, _ = await asyncio.wait([self._task], timeout=_PATIENCE)
        return len(asked), self._task.result() if done and self._key == key else None

    async def prefilled(self, pages: Pages, month: Month, question: int) -> Filled | None:
        """The fields of a tip for a need: its questions as ways of asking, but for those that may name somebody."""
        _, found = await self.of(pages, month)
        need = next((each for each in found or () if any(one.id == question for one in each.questions)), None)
        if need is None or self._base is None:
            return None
        ways, language = need.phrasings(self._base), need.language
        return Filled({f"{language}.phrasings": "\n".join(ways)} if ways else {})


LACKING = web.AppKey("lacking", Lacking)


async def lack(request: web.Request, month: Month, *, words: bool) -> Lack:
    """What the month lacked; with the words of the questions for those who may see them."""
    count, found = await request.app[LACKING].of(request.app[PAGES], month)
    if found is None:
        return Lack(month, count, None)
    return Lack(
        month,
        count,
        [Line(each.questions[0].id, each.count, cut(each.example, _LONGEST) if words else "") for each in found],
    )


async def asked_for(request: web.Request) -> Filled | None:
    """What `?kysymys=&kuukausi=` lays into the editor of a new tip, None where they name nothing (any more)."""
    question, month = number_in(request.query.get("kysymys", "")), Month.named(request.query.get("kuukausi", ""))
    if month is None or question is None:
        return None
    return await request.app[LACKING].prefilled(request.app[PAGES], month, question)


def _read(pages: Pages, month: Month) -> tuple[list[Unhelped], KnowledgeBase, int]:
    snapshot = pages.desk.assistant.shelf().snapshot
    start, end = month.span
    return pages.stores.journal.unhelped(start, end, _MOST_ASKED), snapshot.base, snapshot.revision
