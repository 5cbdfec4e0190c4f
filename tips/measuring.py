"""How good the answers are, on questions whose right tips are known; definitions as in the field.

recall@k            share of the answerable questions with a right tip among the first k, whatever the band
answered-precision  right answers / answers given in the band 'answer', the unanswerable questions included
coverage            answerable questions that got an answer, right or wrong / answerable questions
p50, p99            within so many milliseconds half of the questions, or 99 of 100, were ranked; nothing else is timed
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from math import ceil
from typing import TypeVar

from tips.answering import KnowledgeBase
from tips.models import LANGUAGES, Band
from tips.naive import NaiveSearch
from tips.questions import Question
from tips.sloppiness import KINDS, variants

T = TypeVar("T")
Clock = Callable[[], float]  # seconds


@dataclass(slots=True)
class Tally:
    """Counts of one group of questions."""

    asked: int = 0
    first: int = 0
    among_three: int = 0
    answered: int = 0
    answered_right: int = 0
    suggested: int = 0
    suggested_right: int = 0


@dataclass(frozen=True, slots=True)
class Measured:
    """Tallies by group (`all`, a language, a style, `fi plain` …), the same for the baseline, what was left out,
    of the unanswerable questions by kind: asked, answered, suggested; of plain questions typed carelessly by kind: as
    they were, and as typed; and the seconds that each answerable question took, the baseline's beside them."""

    groups: dict[str, Tally] = field(default_factory=dict)
    baseline: dict[str, Tally] = field(default_factory=dict)
    unanswerable: dict[str, tuple[int, int, int]] = field(default_factory=dict)
    sloppy: dict[str, tuple[Tally, Tally]] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)
    baseline_seconds: list[float] = field(default_factory=list)
    left_out: int = 0

    def answered_precision(self) -> float | None:
        """Over both files together; None where nothing was answered."""
        total = self.groups["all"]
        answered = total.answered + sum(answered for _, answered, _ in self.unanswerable.values())
        return total.answered_right / answered if answered else None


def measure(
    base: KnowledgeBase,
    questions: Iterable[Question],
    unanswerable: Iterable[Question],
    tips: Collection[str],
    clock: Clock,
) -> Measured:
    """Asks the questions that one of the `tips` answers, and all that have no answer; each in its own language."""

    def timed(seconds: list[float], call: Callable[[], T]) -> T:
        began = clock()
        result = call()
        seconds.append(clock() - began)
        return result

    asked = list(questions)
    there = [question for question in asked if question.right.intersection(tips)]
    naive = NaiveSearch(base.tips.values())
    measured = Measured(left_out=len(asked) - len(there))
    for question in there:
        answer = timed(measured.seconds, partial(base.answer, question.text, question.language))
        theirs = timed(measured.baseline_seconds, partial(naive.search, question.text, question.language))
        three = [match.id for match in answer.matches[:3]]
        for group in _groups(question):
            tally = measured.groups.setdefault(group, Tally())
            _count(tally, three, question)
            _count_band(tally, answer.band, tally_right=bool(three) and three[0] in question.right,
                        among_three=any(tip in question.right for tip in three))  # fmt: skip
            _count(measured.baseline.setdefault(group, Tally()), theirs, question)
        if question.style == "plain":
            _count_sloppy(measured, base, question, three)
    for question in unanswerable:
        band = base.answer(question.text, question.language).band
        asked_of, answered, suggested = measured.unanswerable.get(question.style, (0, 0, 0))
        measured.unanswerable[question.style] = (
            asked_of + 1,
            answered + (band is Band.ANSWER),
            suggested + (band is Band.SUGGEST),
        )
    return measured


def _count_sloppy(measured: Measured, base: KnowledgeBase, question: Question, three: Sequence[str]) -> None:
    for kind, typed in variants(question.text, question.language):
        before, after = measured.sloppy.setdefault(kind, (Tally(), Tally()))
        _count(before, three, question)
        _count(after, [match.id for match in base.answer(typed, question.language).matches[:3]], question)


def _groups(question: Question) -> tuple[str, ...]:
    return ("all", question.language, question.style, f"{question.language} {question.style}")


def _count(tally: Tally, three: Sequence[str], question: Question) -> None:
    tally.asked += 1
    tally.first += bool(three) and three[0] in question.right
    tally.among_three += any(tip in question.right for tip in three)


def _count_band(tally: Tally, band: Band, *, tally_right: bool, among_three: bool) -> None:
    if band is Band.ANSWER:
        tally.answered += 1
        tally.answered_right += tally_right
    elif band is Band.SUGGEST:
        tally.suggested += 1
        tally.suggested_right += among_three


def table(measured: Measured) -> str:
    """The figures as a table of plain text, naive FTS5 beside them."""
    if "all" not in measured.groups:
        return "no question has its tip in this knowledge base"
    rows = [f"{'':16}{'questions':>9} | {'recall@1':>8}{'FTS5':>7} | {'recall@3':>8}{'FTS5':>7} | {'coverage':>8}"]
    styles = sorted({group for group in measured.groups if " " not in group} - {"all", *LANGUAGES})
    order = ["all", *LANGUAGES, *styles, *(f"{lang} {style}" for lang in LANGUAGES for style in styles)]
    for group in (name for name in order if name in measured.groups):
        ours, naive = measured.groups[group], measured.baseline[group]
        rows.append(
            f"{group:16}{ours.asked:9} | {ours.first / ours.asked:8.3f}{naive.first / naive.asked:7.3f} | "
            f"{ours.among_three / ours.asked:8.3f}{naive.among_three / naive.asked:7.3f} | "
            f"{ours.answered / ours.asked:8.3f}"
        )
    return "\n".join([*rows, "", *_notes(measured)])


def _notes(measured: Measured) -> Iterable[str]:
    total, precision = measured.groups["all"], measured.answered_precision()
    shown = "-" if precision is None else f"{precision:.3f}"
    yield f"answered-precision  {shown} at coverage {total.answered / total.asked:.3f}"
    if total.suggested:
        share = total.suggested_right / total.suggested
        yield f"suggestions         {total.suggested}, the right tip among the three in {share:.3f}"
    for kind, (asked, answered, suggested) in sorted(measured.unanswerable.items()):
        yield f"unanswerable {kind:6} {asked}: declined {1 - answered / asked:.3f}, of these suggestions {suggested}"
    for kind in filter(measured.sloppy.__contains__, KINDS):
        before, after = measured.sloppy[kind]
        shown = f"recall@1 {after.first / after.asked:.3f}, as written {before.first / before.asked:.3f}"
        yield f"plain, {kind:12} {after.asked}: {shown}"
    (half, nearly_all), theirs = _within(measured.seconds), _within(measured.baseline_seconds)
    yield f"a query             p50 {half:.2f} ms, p99 {nearly_all:.2f} ms; FTS5 {theirs[0]:.2f} and {theirs[1]:.2f} ms"
    if measured.left_out:
        yield f"left out            {measured.left_out} questions: tips not there, or not of the themes asked for"


def _within(seconds: Iterable[float]) -> tuple[float, float]:
    """The p50 and p99 in milliseconds."""
    found = sorted(seconds)
    half, nearly_all = (found[ceil(len(found) * share) - 1] * 1e3 for share in (0.5, 0.99))
    return half, nearly_all
