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
        # Three flat machine arrays, sorted by term: an array a term would take three times the room.
        self._rows: dict[str, int] = {}
        rows, numbers, weights = array("i"), array("i"), array("f")
        number = -1
        for number, unit in enumerate(units):
            for term, weight in unit.items():
                rows.append(self._rows.setdefault(term, len(self._rows)))
                numbers.append(number)
                weights.append(weight)
        self.size = number + 1
        row_of = np.frombuffer(rows, np.int32)
        order = np.argsort(row_of, kind="stable")
        self._units: Ints = np.frombuffer(numbers, np.int32)[order]
        self._weights: Floats = np.frombuffer(weights, np.float32)[order]
        self._bounds: array[int] = array("i", [0, *np.cumsum(np.bincount(row_of, minlength=len(self._rows)))])

    def __contains__(self, term: str) -> bool:
        return term in self._rows

    def frequency(self, term: str) -> int:
        """In how many units the term stands."""
        held = self._held(term)
        return int(held.stop - held.start)

    def terms(self) -> Iterable[str]:
        """All terms."""
        return self._rows.keys()

    def scores(self, query: Iterable[tuple[str, float]]) -> Floats:
        """For each unit the sum over the query's terms of query weight times unit weight. Shape: (size,)."""
        found = [(self._held(term), weight) for term, weight in query if term in self._rows]
        if not found:
            return np.zeros(self.size, np.float32)
        units = np.concatenate([self._units[held] for held, _ in found])
        products = np.concatenate([weight * self._weights[held] for held, weight in found])
        return np.bincount(units, products, self.size).astype(np.float32)

    def _held(self, term: str) -> slice:
        """Where the term's units and weights stand."""
        row = self._rows.get(term)
        return slice(0, 0) if row is None else slice(self._bounds[row], self._bounds[row + 1])
