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
from dataclasses import dataclass
from itertools import chain

import numpy as np

from tips.analysis import analyser
from tips.index import Floats, SparseIndex
from tips.lexicon import lexicon
from tips.models import Language, Text, Tip
from tips.query import Query, parse
from tips.reading import Reader
from tips.repair import Repairer
from tips.tokens import all_words

FEATURES = ("title", "body", "asked", "nearest", "spelling", "covered")

# Chosen on development questions; leaving any one out loses up to five points of recall@1.
DEFAULT_WEIGHTS = (0.6, 0.5, 0.7, 1.0, 1.0, 0.5)

_K1, _B = 1.2, 0.5


class Ranker:
    """The tips of one language, ready to be searched. Immutable, so any thread may use it."""

    def __init__(self, language: Language, tips: Sequence[Tip]) -> None:
        self.language = language
        self.ids = [tip.id for tip in tips]
        read = [_Words.of(tip.texts[language]) for tip in tips]
        vocabulary = {word for words in read for word in words.all()}
        self._lexicon = lexicon(language)
        self._analyser = analyser(language, vocabulary)
        self._repairer = Repairer(vocabulary, self._analyser)
        reader = Reader(self._lexicon, self._analyser)

        titles = [reader.terms(words.title) for words in read]
        bodies = [reader.terms(words.body) for words in read]
        asked = [reader.terms(word for way in words.ways for word in way) for words in read]
        everything = (title | body | ways for title, body, ways in zip(titles, bodies, asked, strict=True))
        self._all = SparseIndex(dict.fromkeys(terms, 1.0) for terms in everything)
        self._idfs = {term: self._idf_at(self._all.frequency(term)) for term in self._all.terms()}
        self._fields = {"title": _Field(titles), "body": _Field(bodies), "asked": _Field(asked)}

        units = [unit for words in read for unit in (words.title, *words.ways)]
        self._starts = np.cumsum([0, *(1 + len(words.ways) for words in read)])[:-1]
        self._nearest = SparseIndex(self._normalised_terms(reader.terms(unit)) for unit in units)
        frequencies = Counter(run for unit in units for run in reader.runs(unit))
        self._run_idfs = {run: math.log(1 + len(units) / (1 + n)) for run, n in frequencies.items()}
        self._spelling = SparseIndex(self._normalised_runs(reader.runs(unit)) for unit in units)

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
        runs = Reader(self._lexicon, self._analyser).runs(word.read for word in query.words)
        return self._spelling.scores(self._normalised_runs(runs).items())

    def _mass(self, query: Query) -> float:
        return sum(self._idf_of(word.terms) for word in query.words)

    def _idf_of(self, terms: Iterable[tuple[str, float]]) -> float:
        """What a word can weigh at most; a word that no tip holds weighs as the rarest do."""
        known = [weight * self._idf(term) for term, weight in terms if term in self._all]
        return max(known) if known else self._idf("")

    def _idf(self, term: str) -> float:
        found = self._idfs.get(term)
        return self._idf_at(0) if found is None else found

    def _idf_at(self, frequency: int) -> float:
        return math.log(1 + (len(self.ids) - frequency + 0.5) / (frequency + 0.5))

    def _normalised_terms(self, counts: Counter[str]) -> dict[str, float]:
        return _normalised({term: n * self._idf(term) for term, n in counts.items()})

    def _normalised_runs(self, counts: Counter[str]) -> dict[str, float]:
        unseen = math.log(1 + self._nearest.size)
        return _normalised({run: n * self._run_idfs.get(run, unseen) for run, n in counts.items()})


@dataclass(frozen=True, slots=True)
class _Words:
    """The words of a text, field by field."""

    title: list[str]
    body: list[str]
    ways: list[list[str]]

    @classmethod
    def of(cls, text: Text) -> _Words:
        return cls(all_words(text.title), all_words(text.body), [all_words(way) for way in text.phrasings])

    def all(self) -> Iterable[str]:
        return chain(self.title, self.body, *self.ways)


class _Field(SparseIndex):
    """BM25's term part, computed when built: the idf and the query's weights come with the query."""

    def __init__(self, counts: Sequence[Counter[str]]) -> None:
        lengths = [sum(unit.values()) for unit in counts]
        average = sum(lengths) / max(1, len(lengths)) or 1.0
        pairs = zip(counts, lengths, strict=True)
        super().__init__({term: _saturated(n, size, average) for term, n in unit.items()} for unit, size in pairs)


def _saturated(n: float, length: float, average: float) -> float:
    return n * (_K1 + 1) / (n + _K1 * (1 - _B + _B * length / average))


def _normalised(weights: dict[str, float]) -> dict[str, float]:
    length = math.sqrt(sum(weight * weight for weight in weights.values())) or 1.0
    return {term: weight / length for term, weight in weights.items()}
