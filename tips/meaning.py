"""Likeness in meaning: the second opinion on questions that the light ranking is not sure of.

The cosine between the question's vector and that of each tip, in the question's language or, for tips that do not
have it, in one that they have: the model puts the same thing said in two languages near each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from tips.bm25 import Floats
from tips.embedding import Embedder
from tips.models import LANGUAGES, Language, Tip
from tips.vectors import Bytes, digest, passage

# Unrelated texts are as like as this to multilingual-e5; the rest counts.
_NOTHING = 0.75


class Meaning:
    """The vectors of all tips, ready to be searched. Immutable."""

    def __init__(self, embedder: Embedder, tips: Iterable[Tip], vectors: Mapping[str, Bytes]) -> None:
        """Raises KeyError where a vector is missing."""
        self._embedder = embedder
        tips = list(tips)
        self._ids = {tip.id: place for place, tip in enumerate(tips)}
        self._vectors = {
            language: np.stack([vectors[digest(passage(tip.texts[tip.language_for(language)]))] for tip in tips])
            for language in LANGUAGES
            if tips
        }

    def likeness(self, question: str, language: Language) -> dict[str, float]:
        """How like each tip is to the question, 0..0.25, by its id."""
        if not self._ids:
            return {}
        query = self._embedder.query(question)
        cosines: Floats = self._vectors[language].astype(np.float32) @ (query / np.float32(127))
        return dict(zip(self._ids, np.maximum(cosines - _NOTHING, 0.0).tolist(), strict=True))
