"""Which tip a destination gets in a week, and why that one. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

from scheduler.models import Destination, Season
from scheduler.profiles import fits, spans
from tips.models import Tip

Week = tuple[int, int]  # ISO year and week
Slot = tuple[int, int, str]  # ISO year and week, and a destination, '' for all of them
REST = 52  # weeks in which a tip is not had again while another is left


@dataclass(frozen=True, slots=True)
class Choice:
    """An editor's choice for a week; `at` is when it is to go out in that week, None at the usual time."""

    tip: str
    at: datetime | None = None


Choices = Mapping[Slot, Choice]


@dataclass(frozen=True, slots=True)
class Why:
    """A reason as data: its key, and the one value that it speaks of. Whoever shows it finds the words.

    Keys of a choice: editor, season, day (that matters), theme, other_theme, again (when it was had).
    """

    key: str
    value: str = ""

    def text(self) -> str:
        """As it is stored and handed on, in one line."""
        return f"{self.key} {self.value}".rstrip()

    @classmethod
    def of(cls, text: str) -> Why:
        """From that line."""
        key, _, value = text.partition(" ")
        return cls(key, value)


def choose_tip(
    tips: Sequence[Tip],
    theme: str,
    destination: Destination,
    week: Week,
    had: Mapping[str, date],
    seasons: Sequence[Season] = (),
    editors_choice: str = "",
) -> tuple[str, Why] | None:
    """The tip of the week and why, None where no tip is for that destination.

    An editor's choice goes before all; then what is in season, the week's theme, any other theme, and only where all
    have been had within 52 weeks the one that was had longest ago. Ties go by the order of the tips.
    """
    if editors_choice and any(tip.id == editors_choice for tip in tips):
        return editors_choice, Why("editor")
    monday = date.fromisocalendar(*week, 1)
    in_season = {season.tip for season in seasons if is_in_season(season, monday)}
    if found := _longest_ago((tip for tip in tips if tip.id in in_season), destination, monday, had):
        return found.id, Why("season", found.theme)
    # Out of their season they wait for it, while another is left.
    waiting = {season.tip for season in seasons} - in_season
    if theme and (
        found := _longest_ago(
            (tip for tip in tips if tip.theme == theme and tip.id not in waiting), destination, monday, had
        )
    ):
        return found.id, Why("theme", theme)
    return _of_any_theme(tips, destination, monday, had, waiting)


def _of_any_theme(
    tips: Sequence[Tip], destination: Destination, monday: date, had: Mapping[str, date], waiting: set[str]
) -> tuple[str, Why] | None:
    suited = [tip for tip in tips if fits(tip, destination)]
    rested = [tip for tip in suited if _has_rested(tip, monday, had)]
    if rested:
        left: dict[str, int] = {}  # by theme, so that none is used up before its own week comes
        for tip in rested:
            left[tip.theme] = left.get(tip.theme, 0) + 1
        found = min(rested, key=lambda tip: (tip.id in waiting, -left[tip.theme], had.get(tip.id, date.min)))
        return found.id, Why("other_theme", found.theme)
    if suited:
        found = min(suited, key=lambda tip: had[tip.id])
        return found.id, Why("again", had[found.id].isoformat())
    return None


def _longest_ago(tips: Iterable[Tip], destination: Destination, monday: date, had: Mapping[str, date]) -> Tip | None:
    """Of those that fit and have rested, the first that was never had, else the one had longest ago."""
    rested = (tip for tip in tips if _has_rested(tip, monday, had) and fits(tip, destination))
    return min(rested, key=lambda tip: had.get(tip.id, date.min), default=None)


def _has_rested(tip: Tip, monday: date, had: Mapping[str, date]) -> bool:
    """By whole weeks, as the day within the week moves with holidays."""
    last = had.get(tip.id)
    return last is None or last < monday - timedelta(weeks=REST)


@lru_cache(maxsize=10_000)
def is_in_season(season: Season, monday: date) -> bool:
    """Whether a working day of the week is in the season."""
    return any(spans(season.begins, season.ends, monday + timedelta(days=day)) for day in range(5))
