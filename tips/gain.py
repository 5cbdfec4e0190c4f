"""What learning gains: a question is fed back as a learnt phrasing of its tip, and what that does for questions.

Of each tip's first two Finnish questions one is fed back as approved, all tips at once; then the other way round. Asked
are the other one, the same one again, and the same one typed carelessly. Recall@1 before and after are of the same
questions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from tips.answering import KnowledgeBase
from tips.learnt import APPROVED, with_learnt
from tips.models import Language, Tip
from tips.questions import Question
from tips.sloppiness import variants

_LANGUAGE: Language = "fi"

Build = Callable[[Sequence[Tip]], KnowledgeBase]
Pairs = Sequence[tuple[Question, Question]]  # the one that is fed back, the one that is asked


@dataclass(slots=True)
class Gain:
    """Of a kind of questions: how many were asked, how many found a right tip first before, after, before only."""

    asked: int = 0
    before: int = 0
    after: int = 0
    lost: int = 0

    def count(self, before: bool, after: bool) -> None:
        """One question more."""
        self.asked, self.lost = self.asked + 1, self.lost + (before and not after)
        self.before, self.after = self.before + before, self.after + after


def gain(tips: Sequence[Tip], questions: Iterable[Question], build: Build) -> dict[str, Gain]:
    """The gain by kind of question, over the tips that have two; `build` makes a knowledge base of tips."""
    pairs, base = _pairs({tip.id for tip in tips}, questions), build(tips)
    found = {kind: Gain() for kind in ("the other one", "the same again", "typed carelessly")} if pairs else {}
    for way in (pairs, [(second, first) for first, second in pairs]):
        learnt = build(with_learnt(tips, {(fed.gold, _LANGUAGE): [(fed.text, APPROVED)] for fed, _ in way}))
        for fed, other in way:
            careless = [replace(fed, text=typed) for _, typed in variants(fed.text, _LANGUAGE)]
            for kind, asked in zip(found, ([other], [fed], careless), strict=True):
                for question in asked:
                    found[kind].count(_found(base, question), _found(learnt, question))
    return found


def _pairs(tips: set[str], questions: Iterable[Question]) -> Pairs:
    found: dict[str, list[Question]] = {}
    for question in questions:
        if question.language == _LANGUAGE and question.gold in tips:
            found.setdefault(question.gold, []).append(question)
    return [(of_tip[0], of_tip[1]) for of_tip in found.values() if len(of_tip) > 1]


def _found(base: KnowledgeBase, question: Question) -> bool:
    matches = base.answer(question.text, question.language).matches
    return bool(matches) and matches[0].id in question.right


def told(found: Mapping[str, Gain]) -> str:
    """The figures in lines."""
    if not found:
        return "no tip of this knowledge base has two Finnish questions"
    lines = ["learning: of each tip's two Finnish questions one fed back as an approved phrasing, both ways; recall@1"]
    for kind, each in found.items():
        before, after = each.before / each.asked, each.after / each.asked
        lines.append(f"{kind:18}{each.asked:6} | {before:.3f} before, {after:.3f} after; {each.lost} lost by it")
    return "\n".join(lines)
