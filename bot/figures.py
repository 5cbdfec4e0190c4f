"""The programme's figures, from counts: what each month and each unit comes to. Pure.

What each figure means is told on the page that shows it; presses are counted, reading is not claimed.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from bot.tallies import Tally, What
from tips.models import Band


@dataclass(frozen=True, slots=True)
class Figures:
    """What happened in a month, or in a unit."""

    people: int = 0
    asked: int = 0
    answered: int = 0  # with one tip
    offered: int = 0  # several tips to choose from
    helped: int = 0  # presses
    not_helped: int = 0
    handed_over: int = 0
    replied: int = 0
    hours: float | None = None  # working hours until a person replied: the median
    finished: int = 0  # sessions
    right: int = 0
    quizzed: int = 0

    @property
    def share_answered(self) -> float | None:
        """The share of questions that the bot answered with one tip, 0..1."""
        return self.answered / self.asked if self.asked else None

    @property
    def share_helped(self) -> float | None:
        """The share of presses that say that it helped, 0..1."""
        felt = self.helped + self.not_helped
        return self.helped / felt if felt else None

    @property
    def share_right(self) -> float | None:
        """The share of quiz questions that were answered rightly, 0..1."""
        return self.right / self.quizzed if self.quizzed else None


@dataclass(frozen=True, slots=True)
class Report:
    """All figures of some months."""

    whole: Figures
    months: Mapping[date, Figures]
    units: Mapping[str, Figures]  # by id; of those only where enough people did something in a month
    asked_about: Mapping[str, int] = field(default_factory=dict)  # themes, the commonest first
    finished: Mapping[str, int] = field(default_factory=dict)  # sessions by theme, the commonest first


def report(tallies: Iterable[Tally]) -> Report:
    """The figures that the counts come to."""
    tallies = list(tallies)
    months: dict[date, list[Tally]] = defaultdict(list)
    units: dict[str, list[Tally]] = defaultdict(list)
    for tally in tallies:
        months[tally.month].append(tally)
        units[tally.unit].append(tally)
    themes: Counter[str] = Counter()
    for tally in tallies:
        band, _, theme = tally.about.partition(":")
        if tally.what is What.ASKED and theme and band != Band.HAND_OVER:
            themes[theme] += tally.count
    finished: Counter[str] = Counter()
    for tally in tallies:
        if tally.what is What.FINISHED:
            finished[tally.about] += tally.count
    return Report(
        figures(tallies),
        {month: figures(found) for month, found in sorted(months.items())},
        {unit: figures(found) for unit, found in sorted(units.items()) if unit},
        _ordered(themes),
        _ordered(finished),
    )


def figures(tallies: Iterable[Tally]) -> Figures:
    """What the counts come to. People are those of the month that had the most: a year's are not known by then."""
    counts: Counter[tuple[What, str]] = Counter()
    amounts: Counter[What] = Counter()
    people: Counter[date] = Counter()
    hours: Counter[int] = Counter()
    for tally in tallies:
        about = tally.about.partition(":")[0]
        counts[tally.what, about] += tally.count
        amounts[tally.what] += tally.amount
        if tally.what is What.PEOPLE:
            people[tally.month] += tally.count
        if tally.what is What.REPLIED:
            hours[int(tally.about)] += tally.count

    def total(what: What) -> int:
        return sum(count for (each, _), count in counts.items() if each is what)

    return Figures(
        max(people.values(), default=0),
        total(What.ASKED),
        counts[What.ASKED, Band.ANSWER],
        counts[What.ASKED, Band.SUGGEST],
        counts[What.FELT, "yes"],
        counts[What.FELT, "no"],
        total(What.HANDED_OVER),
        total(What.REPLIED),
        _median(hours),
        total(What.FINISHED),
        amounts[What.FINISHED],
        amounts[What.QUIZZED],
    )


def _median(hours: Mapping[int, int]) -> float | None:
    every = sorted(Counter(hours).elements())
    if not every:
        return None
    middle = len(every) // 2
    return float(every[middle]) if len(every) % 2 else (every[middle - 1] + every[middle]) / 2


def _ordered(counter: Mapping[str, int]) -> Mapping[str, int]:
    return dict(sorted(counter.items(), key=lambda each: (-each[1], each[0])))
