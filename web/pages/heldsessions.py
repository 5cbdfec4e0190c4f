"""How the quizzes of held sessions went, where five or more people have done them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from bot.stores import Stores
from tips.models import Language

MOST = 60


@dataclass(frozen=True, slots=True)
class Quiz:
    """What came of one time of a session. `share` is of right answers, in per cent."""

    day: date
    title: str
    people: int
    share: int


def quizzes(stores: Stores, year: int, language: Language, names: Mapping[str, str]) -> list[Quiz]:
    """Those of the year, the newest first. In the database's thread."""
    entries = {entry.id: entry for entry in stores.calendar.in_force()}
    found = []
    for each in stores.progress.held(date(year, 1, 1), date(year, 12, 31)):
        if each.results:
            entry = entries.get(each.entry)
            title = entry.title(language) if entry else names.get(each.theme, each.theme)
            found.append(Quiz(each.nominal, title, each.results.people, each.results.share))
    return found[:MOST]
