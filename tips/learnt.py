"""Learnt phrasings: askers' wordings that lead to a tip, kept apart from the authors'.

A lesson is a wording of a tip in a language; wordings of the same base forms are one lesson. Whether it is in force is
never stored: it follows from the votes of different people, so that whoever's votes are taken back, their effect is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from tips.models import Language, Tip

# Weights beside the authors' phrasings, before anybody doubts.
APPROVED, USED = 0.8, 0.5
PEOPLE = 2  # that it takes where nobody approves; an approval counts as so many

Learnt = Mapping[tuple[str, Language], Sequence[tuple[str, float]]]  # by tip and language: wording and weight


class Vote(StrEnum):
    """What somebody says of a wording."""

    UP = "up"  # it led to this tip, and that was right
    DOWN = "down"
    APPROVED = "approved"  # by a tutor


class Outcome(StrEnum):
    """What became of a vote."""

    COUNTED = "counted"
    KNOWN = "known"  # the person has had their say on this tip
    LIMITED = "limited"  # enough for today
    MUTED = "muted"  # what the person taught was taken back
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Lesson:
    """A wording with what people say of it."""

    id: int
    tip: str
    language: Language
    text: str
    at: str
    ups: int = 0
    downs: int = 0
    approved: bool = False
    removed: bool = False

    @property
    def weight(self) -> float:
        """How much it counts beside an author's phrasing; 0 where it is not in force."""
        support = self.ups + (PEOPLE if self.approved else 0)
        if self.removed or support < PEOPLE or self.downs >= support:
            return 0.0
        return round((APPROVED if self.approved else USED) * support / (support + self.downs), 3)


@dataclass(frozen=True, slots=True)
class Change:
    """What a tutor did: approved or removed a wording, or took back all that one person taught (`count` votes)."""

    id: int
    kind: str
    text: str
    tip: str
    count: int
    at: str
    reverted: bool


@dataclass(frozen=True, slots=True)
class Voter:
    """Somebody whose vote a lesson has: an id that holds for this lesson only, and how many votes of theirs count."""

    id: str
    votes: int


def with_learnt(tips: Iterable[Tip], learnt: Learnt) -> tuple[Tip, ...]:
    """The tips with what was learnt of them; what an author wrote as well is left to the author."""
    return tuple(_taught(tip, learnt) for tip in tips)


def with_phrasings(tips: Iterable[Tip], learnt: Learnt) -> tuple[Tip, ...]:
    """The tips with what was learnt as phrasings like the authors', for a pack that leaves the house."""
    return tuple(
        replace(
            tip,
            texts={
                language: replace(text, phrasings=(*text.phrasings, *(said for said, _ in text.learnt)), learnt=())
                for language, text in tip.texts.items()
            },
        )
        for tip in with_learnt(tips, learnt)
    )


def _taught(tip: Tip, learnt: Learnt) -> Tip:
    found = {
        language: tuple(each for each in learnt.get((tip.id, language), ()) if each[0] not in text.phrasings)
        for language, text in tip.texts.items()
    }
    if not any(found.values()):
        return tip
    return replace(tip, texts={lang: replace(text, learnt=found[lang]) for lang, text in tip.texts.items()})


def alike(one: str, other: str) -> float:
    """The share of base forms that two gists have in common, 0..1."""
    mine, theirs = set(one.split()), set(other.split())
    return len(mine & theirs) / len(mine | theirs) if mine or theirs else 0.0
