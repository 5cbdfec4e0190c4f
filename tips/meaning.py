"""Likeness in meaning: the second opinion on questions that the light ranking is not sure of.

The cosine between the question's vector and that of each tip, in the question's language or, for tips that do not
have it, in one that they have: the model puts the same thing said in two languages near each other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from tips.bm25 import Floats, Ints
from tips.embedding import Embedder
from tips.models import LANGUAGES, Language, Text, Tip
from tips.vectors import Bytes, Source, packed, substance_of, title_of, unit

# Unrelated texts are as like as this to multilingual-e5; the rest counts, so much beside the light ranking's 0..1. On
# the development questions weights from 2 to 4 are within a point of each other (of bare tips from 1 to 3).
_NOTHING = 0.75
_WEIGHT, _BARE_WEIGHT = 3.0, 2.0
# What the title weighs beside phrasings, and beside the body.
_TITLE, _BARE_TITLE = 0.1, 0.5
# Characters of a question that are embedded, which take 0.2 ms each; the rest of a longer one changes nothing (recall@1
# .910 whole, .909 by the first 80, .902 by 60, .898 by 50, by 60 without function words, by the last 80). Of the
# processor's time the slowest hundredth takes 25 ms by 80 and 22 by 60, where half of all take 15.
_LONGEST = 80


class Meaning:
    """The vectors of all tips, ready to be searched. Immutable."""

    def __init__(self, embedder: Embedder, tips: Sequence[Tip], vectors: Mapping[str, Bytes]) -> None:
        """Raises KeyError where a vector is missing."""
        self._embedder, self._kept, self._size = embedder, vectors, len(tips)
        self._places = {tip.id: place for place, tip in enumerate(tips)}
        texts = [(tip.id, language) for tip in tips for language in tip.texts]
        rows = {text: row for row, text in enumerate(texts)}
        by_id = {tip.id: tip for tip in tips}
        whole = [self._whole(by_id[tip_id].texts[language]) for tip_id, language in texts]
        self._vectors = packed(np.array(whole, np.float32)) if whole else np.zeros((0, 1), np.int8)
        self._lengths: Floats = np.linalg.norm(self._vectors.astype(np.float32), axis=1)
        self._rows: dict[Language, Ints] = {
            language: np.array([rows[tip.id, tip.language_for(language)] for tip in tips], np.int32)
            for language in LANGUAGES
        }
        phrased = [bool(tip.texts[tip.language_for(language)].phrasings) for language in LANGUAGES for tip in tips]
        self._weight = _WEIGHT if 2 * sum(phrased) >= len(phrased) else _BARE_WEIGHT

    def likeness(self, question: str, language: Language, ids: Sequence[str]) -> Floats:
        """How like each of the tips is to the question, from 0. Shape: (ids,). Raises ModelError."""
        if not ids:
            return np.zeros(0, np.float32)
        return self._weighed(self._embedder.query(_shortened(question)), language, ids)

    def rehearsed(self, tip: Tip, language: Language, ids: Sequence[str]) -> Floats:
        """The same for the tip's title, asked while the tip stands there without it."""
        text = tip.texts[language]
        title = self._vector(title_of(text))
        found = self._weighed(title, language, ids)
        found[ids.index(tip.id)] = self._counted(self._vector(substance_of(text, self._size)) @ title)
        return found

    def _weighed(self, query: Floats, language: Language, ids: Sequence[str]) -> Floats:
        rows = self._rows[language][[self._places[tip_id] for tip_id in ids]]
        # Not by BLAS, which would wake its threads for a millisecond's work.
        alike = np.einsum("ij,j->i", self._vectors[rows], query.astype(np.float32))
        return self._counted(alike / self._lengths[rows])

    def _counted(self, cosines: Floats) -> Floats:
        return np.asarray(self._weight * np.maximum(cosines - _NOTHING, 0.0), np.float32)

    def _whole(self, text: Text) -> Floats:
        title = _TITLE if text.phrasings else _BARE_TITLE
        return unit(self._vector(substance_of(text, self._size)) + np.float32(title) * self._vector(title_of(text)))

    def _vector(self, source: Source) -> Floats:
        return unit(self._kept[source.key].astype(np.float32))


def _shortened(question: str) -> str:
    if len(question) <= _LONGEST:
        return question
    return question[:_LONGEST].rsplit(" ", 1)[0]
