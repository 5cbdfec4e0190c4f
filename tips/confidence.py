"""How sure the first place of a ranking is, and which band that makes.

A logistic regression over three signals. Its coefficients were fitted on questions with and without an answer in
the starter content (`python app.py measure` prints what they come to: answered-precision and coverage).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tips.index import Floats
from tips.models import Band
from tips.ranking import FEATURES

_SPELLING = FEATURES.index("spelling")


@dataclass(frozen=True, slots=True)
class Confidence:
    """Coefficients of the first tip's score, its distance to the second, and its likeness in spelling.

    From `answer_from` on the first tip is *the* answer; from `suggest_from` on, three are offered.
    """

    score: float = 2.01
    margin: float = 1.38
    spelling: float = 2.85
    intercept: float = -2.96
    answer_from: float = 0.84
    suggest_from: float = 0.45

    def of(self, features: Floats, scores: Floats) -> float:
        """The probability that the first tip is right. Shapes: (tips, features), (tips,)."""
        if not len(scores) or scores.max() <= 0:
            return 0.0
        best = int(np.argmax(scores))
        second = float(np.partition(scores, -2)[-2]) if len(scores) > 1 else 0.0
        signal = self.score * scores[best] + self.margin * (scores[best] - second)
        signal += self.spelling * features[best, _SPELLING] + self.intercept
        return float(1 / (1 + np.exp(-signal)))

    def band(self, chance: float) -> Band:
        """What to do at that probability."""
        if chance >= self.answer_from:
            return Band.ANSWER
        return Band.SUGGEST if chance >= self.suggest_from else Band.HAND_OVER
