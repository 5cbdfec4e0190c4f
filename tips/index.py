"""A sparse index in memory: which units hold a term and with what weight, and the sums for a weighted query."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]


class SparseIndex:
    """Postings of `size` units. Built once from a mapping of term to weight for each unit; never changed."""

    def __init__(self, units: Iterable[Mapping[str, float]]) -> None:
        # Machine arrays while building: Python's own lists would take ten times the room.
        ids: dict[str, array[int]] = {}
        weights: dict[str, array[float]] = {}
        number = -1
        for number, unit in enumerate(units):
            for term, weight in unit.items():
                if term not in ids:
                    ids[term], weights[term] = array("i"), array("f")
                ids[term].append(number)
                weights[term].append(weight)
        self.size = number + 1
        self._postings: dict[str, tuple[Ints, Floats]] = {
            term: (np.frombuffer(ids[term], np.int32), np.frombuffer(weights[term], np.float32)) for term in ids
        }

    def __contains__(self, term: str) -> bool:
        return term in self._postings

    def frequency(self, term: str) -> int:
        """In how many units the term stands."""
        postings = self._postings.get(term)
        return len(postings[0]) if postings else 0

    def terms(self) -> Iterable[str]:
        """All terms."""
        return self._postings.keys()

    def scores(self, query: Iterable[tuple[str, float]]) -> Floats:
        """For each unit the sum over the query's terms of query weight times unit weight. Shape: (size,)."""
        sums = np.zeros(self.size, np.float32)
        for term, weight in query:
            postings = self._postings.get(term)
            if postings:
                sums[postings[0]] += weight * postings[1]
        return sums
