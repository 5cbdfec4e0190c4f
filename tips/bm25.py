"""BM25 over one side of the tips, as a share of what the query could reach at most.

Robertson & Zaragoza 2009, 'The Probabilistic Relevance Framework: BM25 and Beyond', with k1 = 1.2 and b = 0.5. On the
development questions k1 from 0.6 to 2.5 and b from 0.25 to 1 change recall@1 by less than a point.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]
Codes = NDArray[np.int64]

_K1, _B = 1.2, 0.5


class Postings:
    """What units hold, collected for an index one unit after the other.

    Terms are known by their hash only, of 64 bits: their strings and a dictionary would take twice the room of all
    the rest, and that two of a hundred thousand terms share one has a chance of one in three thousand million.
    """

    def __init__(self) -> None:
        self.codes, self.counts = array("q"), array("f")  # of all units
        self.sizes, self.lengths = array("i"), array("d")  # of each unit: different terms, and all that they count

    def add(self, unit: Mapping[str, float]) -> None:
        """The next unit: its terms with their counts."""
        self.codes.extend(map(hash, unit))
        self.counts.extend(unit.values())
        self.sizes.append(len(unit))
        self.lengths.append(sum(unit.values()))


class Bm25:
    """Postings of `size` units in the smallest arrays that hold them, term after term; built once, never changed."""

    def __init__(self, postings: Postings) -> None:
        sizes, lengths = postings.sizes, np.frombuffer(postings.lengths, np.float64)
        self.size = len(sizes)
        self._average = float(lengths.sum() / max(1, self.size)) or 1.0
        codes = np.frombuffer(postings.codes, np.int64)
        by_code = np.argsort(codes, kind="stable")
        units = np.arange(self.size, dtype=np.min_scalar_type(self.size))
        self._owners = np.repeat(units, sizes)[by_code]
        self._codes, frequencies = np.unique(codes, return_counts=True)
        self._starts: Ints = np.concatenate([[0], np.cumsum(frequencies)]).astype(np.int32)
        self._idfs = np.log(1 + (self.size - frequencies + 0.5) / (frequencies + 0.5))
        self._unseen = math.log(1 + (self.size + 0.5) / 0.5)
        self._norms = self._norm(lengths.astype(np.float32))
        self._counts = _small(np.frombuffer(postings.counts, np.float32)[by_code])

    def __contains__(self, term: str) -> bool:
        code = hash(term)
        row = int(self._codes.searchsorted(code))  # asked a dozen times a question, where arrays of one are slow
        return row < len(self._codes) and bool(self._codes[row] == code)

    def idf(self, term: str) -> float:
        """How telling the term is; one that no unit holds is as telling as can be."""
        return float(self._telling(self._rows([term]))[0])

    def scores(self, query: Mapping[str, float]) -> Floats:
        """How well each unit fits the weighted terms, 0..1. Shape: (size,)."""
        rows = self._rows(query)
        telling = np.fromiter(query.values(), np.float64, len(query)) * self._telling(rows)
        known = rows >= 0
        if not known.any():
            return np.zeros(self.size, np.float32)
        rows, shares = rows[known], (telling / telling.sum())[known]
        starts = self._starts[rows]
        held = self._starts[rows + 1] - starts
        # The places of all postings of all terms, one term after the other.
        places = np.arange(held.sum()) + np.repeat(starts - (np.cumsum(held) - held), held)
        owners, counts = self._owners[places], self._counts[places].astype(np.float32)
        weights = np.repeat(shares, held) * (counts / (counts + self._norms[owners]))
        return np.bincount(owners, weights, self.size).astype(np.float32)

    def score(self, query: Mapping[str, float], unit: Mapping[str, float]) -> float:
        """How well a unit that is not in the index would fit."""
        telling = np.fromiter(query.values(), np.float64, len(query)) * self._telling(self._rows(query))
        counts = np.fromiter((unit.get(term, 0.0) for term in query), np.float64, len(query))
        most, norm = float(telling.sum()), float(self._norm(np.float32(sum(unit.values()))))
        return float((telling * counts / (counts + norm)).sum()) / most if most else 0.0

    def _rows(self, terms: Iterable[str]) -> Codes:
        """The place of each term among those of the index, -1 for one that no unit holds."""
        codes = np.fromiter(map(hash, terms), np.int64)
        if not len(self._codes):
            return np.full(len(codes), -1)
        rows = np.minimum(np.searchsorted(self._codes, codes), len(self._codes) - 1)
        return np.where(self._codes[rows] == codes, rows, -1)

    def _telling(self, rows: Codes) -> NDArray[np.float64]:
        if not len(self._idfs):
            return np.full(len(rows), self._unseen)
        found: NDArray[np.float64] = np.where(rows >= 0, self._idfs[rows], self._unseen)
        return found

    def _norm(self, length: Floats | np.float32) -> Floats:
        return np.asarray(_K1 * (1 - _B + _B * length / self._average), np.float32)


def _small(counts: Floats) -> NDArray[Any]:
    """The counts in a byte each, or in two, where none is greater than a byte holds and none changes by that: runs of
    letters are counted whole, and a part of a compound counts a half."""
    if counts.max(initial=0.0) > np.iinfo(np.uint8).max:
        return counts
    kinds = (np.uint8, np.float16)
    return next((small for kind in kinds if np.array_equal(small := counts.astype(kind), counts)), counts)
