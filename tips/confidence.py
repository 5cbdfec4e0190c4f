"""How sure the first place of a ranking is, and which band that makes.

A logistic regression over four signals of the ranking:

    score    of the first tip
    lead     over the second
    letters  how much of the question's runs of letters stands in the first tip's title and phrasings
    words    the logarithm of the number of words that tell: the same share of a longer question says more

On the development questions these four reach an AUROC of .93, as do all sixteen that were tried (cover, agreement of
the sides, likeness in spelling, the lead over the third to sixth…); score and lead alone .90.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from tips.bm25 import Floats
from tips.models import Band
from tips.query import Query
from tips.ranking import FEATURES

SIGNALS = ("score", "lead", "letters", "words")
_LETTERS = FEATURES.index("asked_letters")


@dataclass(frozen=True, slots=True)
class Confidence:
    """Coefficients of the signals and the bands' thresholds; `calibration` finds those of a knowledge base.

    From `answer_from` on the first tip is *the* answer; from `suggest_from` on, three are offered. What stands here
    was fitted on the starter content.
    """

    score: float = 5.9
    lead: float = 12.7
    letters: float = 4.7
    words: float = 1.9
    intercept: float = -6.3
    answer_from: float = 0.76
    suggest_from: float = 0.45

    def of(self, signals: Floats) -> float:
        """The probability that the first tip is right, from its signals. Shape: (len(SIGNALS),)."""
        coefficients = (self.score, self.lead, self.letters, self.words)
        odds = float(np.dot(coefficients, signals)) + self.intercept
        return 1 / (1 + math.exp(min(-odds, 700.0)))

    def band(self, chance: float) -> Band:
        """What to do at that probability."""
        if chance >= self.answer_from:
            return Band.ANSWER
        return Band.SUGGEST if chance >= self.suggest_from else Band.HAND_OVER


def signals(features: Floats, total: Floats, query: Query) -> Floats | None:
    """What the ranking says of its first place, None where it has none.

    Shapes: (tips, len(FEATURES)), (tips,), (len(SIGNALS),).
    """
    # 'ei' or 'miten' alone finds something, but means nothing.
    if not query.tells or not len(total) or total.max() <= 0:
        return None
    best = int(np.argmax(total))
    second = float(np.partition(total, -2)[-2]) if len(total) > 1 else 0.0
    words = math.log1p(len(query.telling))
    return np.array([total[best], total[best] - second, features[best, _LETTERS], words], np.float32)
