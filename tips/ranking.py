"""The light ranking of one language's tips: words, ways of asking and characters, weighed together.

Each tip is seen from six sides for a query; every side lies near 0..1 so that one set of weights serves knowledge
bases of any size:

    title, body, asked   BM25 (k1 = 1.2, b = 0.5; Robertson & Zaragoza 2009, 'The Probabilistic Relevance Framework')
                         of the query's terms in the tip's title, in its body, in all its phrasings together,
                         divided by what the query could reach at most
    nearest              cosine of tf-idf with the nearest single title or phrasing
    spelling             the same over runs of three characters, which forgives inflection and typing
    covered              the share of the query's weight that stands anywhere in the tip

The score is their weighted sum. Nothing here is stored: the index is rebuilt from the tips when they change.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np

from tips.analysis import analyser
from tips.index import Floats, SparseIndex
from tips.lexicon import lexicon
from tips.models import Language, Text, Tip
from tips.query import Query, parse
from tips.repair import Repairer
from tips.tokens import all_words, ngrams, undotted, words

FEATURES = ("title", "body", "asked", "nearest", "spelling", "covered")

# Chosen on development questions; leaving any one out loses up to five points of recall@1.
DEFAULT_WEIGHTS = (0.6, 0.5, 0.7, 1.0, 1.0, 0.5)

_K1, _B = 1.2, 0.5


class Ranker:
    """The tips of one language, ready to be searched. Immutable, so any thread may use it."""

    def __init__(self, language: Language, tips: Sequence[Tip]) -> None:
        self.language = language
        self.ids = [tip.id for tip in tips]
        texts = [tip.texts[language] for tip in tips]
        self._lexicon = lexicon(language)
        vocabulary = {word for text in texts for word in _words_of(text)}
        self._analyser = analyser(language, vocabulary)
        self._repairer = Repairer(vocabulary, self._analyser)

        titles = [self._counts([text.title]) for text in texts]
        bodies = [self._counts([text.body]) for text in texts]
        asked = [self._counts(text.phrasings) for text in texts]
        everything = (title | body | ways for title, body, ways in zip(titles, bodies, asked, strict=True))
        self._all = SparseIndex([dict.fromkeys(terms, 1.0) for terms in everything])
        self._fields = {"title": _bm25(titles), "body": _bm25(bodies), "asked": _bm25(asked)}

        self.units = [(number, way) for number, text in enumerate(texts) for way in (text.title, *text.phrasings)]
        self._starts = np.cumsum([0, *(1 + len(text.phrasings) for text in texts)])[:-1]
        self._nearest = SparseIndex([self._unit(self._counts([way])) for _, way in self.units])
        runs = [Counter(self._runs(words(way))) for _, way in self.units]
        self._run_frequency = Counter(run for unit in runs for run in unit)
        self._spelling = SparseIndex([_normalised({r: n * self._run_idf(r) for r, n in unit.items()}) for unit in runs])

    def __len__(self) -> int:
        return len(self.ids)

    def query(self, text: str) -> Query:
        """The text as a query against this language's tips."""
        return parse(text, self._lexicon, self._analyser, self._repairer.repaired)

    def features(self, query: Query) -> Floats:
        """The sides of every tip for the query. Shape: (tips, len(FEATURES))."""
        terms = [pair for word in query.words for pair in word.terms]
        mass = self._mass(query) or 1.0
        weighted = [(term, weight * self._idf(term)) for term, weight in terms]
        columns = {name: field.scores(weighted) / (mass * (_K1 + 1)) for name, field in self._fields.items()}
        columns["covered"] = self._covered(query, mass)
        nearest = self._nearest.scores(weighted) / (math.sqrt(sum(w * w for _, w in weighted)) or 1.0)
        spelling = self._spelling_scores(query)
        columns["nearest"] = np.maximum.reduceat(nearest, self._starts)
        columns["spelling"] = np.maximum.reduceat(spelling, self._starts)
        return np.column_stack([columns[name] for name in FEATURES])

    def _covered(self, query: Query, mass: float) -> Floats:
        covered = np.zeros(len(self.ids), np.float32)
        for word in query.words:
            best = np.zeros(len(self.ids), np.float32)
            for term, weight in word.terms:
                np.maximum(best, self._all.scores([(term, weight * self._idf(term))]), out=best)
            covered += best
        return covered / mass

    def _spelling_scores(self, query: Query) -> Floats:
        runs = Counter(self._runs(word.read for word in query.words))
        weights = {run: n * self._run_idf(run) for run, n in runs.items()}
        return self._spelling.scores(_normalised(weights).items())

    def _mass(self, query: Query) -> float:
        return sum(self._idf_of(word.terms) for word in query.words)

    def _idf_of(self, terms: Iterable[tuple[str, float]]) -> float:
        """What a word can weigh at most; a word that no tip holds weighs as the rarest do."""
        known = [weight * self._idf(term) for term, weight in terms if term in self._all]
        return max(known) if known else self._idf("")

    def _idf(self, term: str) -> float:
        n, df = len(self.ids), self._all.frequency(term)
        return math.log(1 + (n - df + 0.5) / (df + 0.5))

    def _run_idf(self, run: str) -> float:
        return math.log(1 + len(self.units) / (1 + self._run_frequency[run]))

    def _counts(self, parts: Iterable[str]) -> Counter[str]:
        counts: Counter[str] = Counter()
        for part in parts:
            for word in all_words(part):
                for written in self._lexicon.spoken.get(word, (word,)):
                    if written not in self._lexicon.function_words:
                        for term, weight in self._analyser.terms(written):
                            counts[term] += weight  # type: ignore[assignment]
        return counts

    def _unit(self, counts: Counter[str]) -> dict[str, float]:
        return _normalised({term: n * self._idf(term) for term, n in counts.items()})

    def _runs(self, written: Iterable[str]) -> Iterable[str]:
        telling = (word for word in written if word not in self._lexicon.function_words)
        return (run for word in telling for run in ngrams(undotted(word)))


class _Field(SparseIndex):
    """BM25's term part, computed when built: the idf and the query's weights come with the query."""

    def __init__(self, counts: Sequence[Counter[str]]) -> None:
        lengths = [sum(unit.values()) for unit in counts]
        self.average = sum(lengths) / max(1, len(lengths)) or 1.0
        super().__init__(
            [
                {term: _saturated(n, length, self.average) for term, n in unit.items()}
                for unit, length in zip(counts, lengths, strict=True)
            ]
        )


def _bm25(counts: Sequence[Counter[str]]) -> _Field:
    return _Field(counts)


def _saturated(n: float, length: float, average: float) -> float:
    return n * (_K1 + 1) / (n + _K1 * (1 - _B + _B * length / average))


def _normalised(weights: dict[str, float]) -> dict[str, float]:
    length = math.sqrt(sum(weight * weight for weight in weights.values())) or 1.0
    return {term: weight / length for term, weight in weights.items()}


def _words_of(text: Text) -> list[str]:
    return all_words(" ".join((text.title, text.body, *text.phrasings)))
