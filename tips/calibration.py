"""What confidence means in a knowledge base: learnt from questions that it can put to itself.

A tip's title is asked while the tip stands there without its title. The answer is known, and its difficulty is much
like that of people's questions: where the starter content finds .91 of its titles, it finds .87 of the development
questions. The same title asked without its tip is a question *near* the content that nothing answers; without the
tip's ten nearest neighbours as well, a question *far* from it. A held-out phrasing is far harder (.39, for phrasings
are written to differ), one left in its place far too easy (1.0): thresholds learnt from them let next to nothing
pass.

Bare tips, of title and body alone, have no other text to be found by when the title is out. For them the
coefficients and thresholds were fitted once, on the starter content stripped bare and asked with its phrasings. What
they can still be asked are near questions that nothing answers: the threshold moves halfway to where no more of those
are answered than in the starter content.

Where likeness in meaning is weighed in, the same is done with it: the title's vector asks, the tip stands there with
that of its phrasings alone. So .91 of the titles are found, and as many of the development questions.

The fit is a logistic regression by Newton's method, pulled towards the coefficients of the starter content as by some
thirty questions of their own, so that a few tips cannot lead it astray. It is deterministic.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from tips.analysis import voikko_analyser
from tips.bm25 import Floats
from tips.confidence import SIGNALS, Confidence, signals
from tips.meaning import Meaning
from tips.models import Language, Tip
from tips.ranking import Ranker, scores

DEFAULT_PRECISION = 0.95
VERSION = 3  # of what is learnt: another one where the ranking or the learning changes

WITH_PHRASINGS = Confidence()
BARE = Confidence(13.4, 18.7, -1.7, -0.8, -1.4, suggest_from=0.25)
# The same where likeness in meaning counts as well, for the questions that the light ranking is not sure of.
HYBRID = Confidence(7.4, 24.3, -1.7, 1.2, -8.7, suggest_from=0.2)
HYBRID_BARE = Confidence(6.2, 21.6, 0.0, -1.0, -2.1, suggest_from=0.2)

_ENOUGH_WAYS = 4  # phrasings, to find a tip by without its title
_MOST_ASKED = 600  # titles: half a second for the starter content, two for 5,000 tips
_FEWEST_ASKED = 40
_NEAR, _FAR = 0.1, 0.05  # unanswerable questions for each answerable one
_NEIGHBOURS = 10
# Around which values and how widely the signals vary; the intercept last.
_SPREAD = np.array([0.12, 0.1, 0.15, 0.35, 1.0])
_PULL = 1.0
# For the precision wanted, from where on to answer; on the starter content as above.
_PRECISIONS = (0.8, 0.9, 0.95, 0.99)
_FROM = {
    WITH_PHRASINGS: (0.4, 0.6, 0.76, 0.9),
    BARE: (0.5, 0.69, 0.916, 0.98),
    HYBRID: (0.1, 0.34, 0.58, 0.94),
    HYBRID_BARE: (0.5, 0.75, 0.84, 0.98),
}

# How many near questions that nothing answers are answered at those thresholds in the starter content, stripped bare.
_NEAR_ANSWERED = {BARE: (0.27, 0.11, 0.017, 0.001), HYBRID_BARE: (0.32, 0.12, 0.064, 0.006)}


@dataclass(frozen=True, slots=True)
class Examples:
    """Signals of questions, whether the first tip was right, and how much each counts."""

    signals: Floats
    right: Floats
    weights: Floats

    def __len__(self) -> int:
        return len(self.right)


def learnt_from(precision: float, model: str = "") -> str:
    """What the confidence depends on beside the tips; with likeness in meaning, by which model."""
    words = "voikko" if voikko_analyser() else "stems"
    return f"{VERSION} {words} {precision} {model}"


def calibrated(
    rankers: Mapping[Language, Ranker],
    tips: Iterable[Tip],
    precision: float = DEFAULT_PRECISION,
    meaning: Meaning | None = None,
) -> Confidence:
    """The confidence of the knowledge base, with which `precision` of the answers are right; with likeness in meaning
    weighed in or without."""
    texts = [(language, tip) for tip in tips for language in tip.texts]
    if _are_bare(texts):
        return _of_bare(rankers, texts, precision, meaning)
    askable = [(language, tip) for language, tip in texts if _has_ways(language, tip)]
    examples = _examples(rankers, askable[:: 1 + len(askable) // _MOST_ASKED], meaning)
    prior = HYBRID if meaning else WITH_PHRASINGS
    if examples is None or len(examples) < 3 * _FEWEST_ASKED:
        return _at(prior, precision)
    fitted = _fitted(examples, prior)
    return replace(fitted, answer_from=_threshold(fitted, examples, precision))


def _of_bare(
    rankers: Mapping[Language, Ranker],
    texts: Sequence[tuple[Language, Tip]],
    precision: float,
    meaning: Meaning | None,
) -> Confidence:
    prior = HYBRID_BARE if meaning else BARE
    usual, least = _at(prior, precision), _at(prior, precision - 0.05).answer_from
    examples = _examples(rankers, texts[:: 1 + len(texts) // _MOST_ASKED], meaning)
    if examples is None or len(examples) < 3 * _FEWEST_ASKED:
        return usual
    near = examples.signals[examples.weights == np.float32(_NEAR)]
    share = np.interp(precision, _PRECISIONS, _NEAR_ANSWERED[prior])
    own = float(np.quantile([usual.of(each) for each in near], 1 - share))
    return replace(usual, answer_from=round(max(least, (usual.answer_from + own) / 2), 6))


def _are_bare(texts: Sequence[tuple[Language, Tip]]) -> bool:
    return 2 * sum(_has_ways(language, tip) for language, tip in texts) < len(texts)


def _has_ways(language: Language, tip: Tip) -> bool:
    return len(tip.texts[language].phrasings) >= _ENOUGH_WAYS


def _at(prior: Confidence, precision: float) -> Confidence:
    return replace(prior, answer_from=float(np.interp(precision, _PRECISIONS, _FROM[prior])))


def _examples(
    rankers: Mapping[Language, Ranker], asked: Sequence[tuple[Language, Tip]], meaning: Meaning | None
) -> Examples | None:
    rows = [row for language, tip in asked for row in _rehearsed(rankers[language], tip, meaning)]
    if not rows:
        return None
    found, right, weights = zip(*rows, strict=True)
    return Examples(np.array(found), np.array(right, np.float32), np.array(weights, np.float32))


def _rehearsed(ranker: Ranker, tip: Tip, meaning: Meaning | None) -> Iterator[tuple[Floats, bool, float]]:
    """The tip's title, asked where the tip has no title, where it is missing, and where its neighbours are too."""
    text = tip.texts[ranker.language]
    query, own = ranker.query(text.title), ranker.ids.index(tip.id)
    features = ranker.features(query)
    features[own] = ranker.features_of(replace(text, title=""), query)
    total = scores(features)
    if meaning:
        total += meaning.rehearsed(tip, ranker.language, ranker.ids)
    others = np.delete(np.arange(len(total)), own)
    far = others[np.argsort(-total[others], kind="stable")[_NEIGHBOURS:]]
    right = int(np.argmax(total)) == own
    for kept, is_right, weight in ((slice(None), right, 1.0), (others, False, _NEAR), (far, False, _FAR)):
        found = signals(features[kept], total[kept], query)
        if found is not None:
            yield found, is_right, weight


def _fitted(examples: Examples, prior: Confidence) -> Confidence:
    matrix = np.column_stack([examples.signals, np.ones(len(examples))]) * 1.0
    start = np.array([prior.score, prior.lead, prior.letters, prior.words, prior.intercept])
    pull = np.diag(_PULL * _SPREAD**2)
    coefficients = np.zeros_like(start)  # from there the method always arrives
    for _ in range(25):
        chances = 1 / (1 + np.exp(-matrix @ coefficients))
        slope = matrix.T @ (examples.weights * (examples.right - chances)) - pull @ (coefficients - start)
        curve = (matrix.T * (examples.weights * chances * (1 - chances))) @ matrix + pull
        coefficients = coefficients + np.linalg.solve(curve, slope)
    return replace(prior, **dict(zip((*SIGNALS, "intercept"), coefficients.round(6).tolist(), strict=True)))


def _threshold(confidence: Confidence, examples: Examples, precision: float) -> float:
    """The lowest chance from which on so many of the examples' answers are right."""
    chances = np.array([confidence.of(row) for row in examples.signals])
    order = np.argsort(-chances, kind="stable")
    answered = np.cumsum(examples.weights[order])
    enough = np.flatnonzero(np.cumsum((examples.weights * examples.right)[order]) >= precision * answered)
    return round(float(chances[order][enough[-1]]), 6) if len(enough) else 1.01
