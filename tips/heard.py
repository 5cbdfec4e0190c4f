"""What a question has in common with the learnt phrasings: a share by which their tips are raised in the ranking.

A learnt phrasing speaks for its tip where the question says much the same, and is silent otherwise. Mixed into the
words of the tip, as the authors' phrasings are, it takes more than it gives: people's wordings hold many words beside
the point, and draw questions to it that are another tip's. Measured on the Finnish development questions, one of each
tip's two fed back with the weight .8 and the other asked (recall@1): mixed in .904 -> .895, bare tips .525 -> .488; as
here both stay, for the two were written to have nothing in common, and the one that was fed back is found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

from tips.query import Query

_MUCH = 0.5  # likeness from which on a phrasing speaks; from .4 on it took 3 questions of 322 from other tips
_MOST = 0.5  # by which the score is raised at most, at the weight 1 and the same words
_MOST_CACHED = 8_192  # terms

Idf = Callable[[str], float]


@dataclass(frozen=True)
class Phrasing:
    """A learnt phrasing as a question is read, of the tip in the `row` of the ranking."""

    row: int
    weight: float
    query: Query

    @cached_property
    def terms(self) -> Mapping[str, float]:
        """The terms of the words that tell."""
        return self.query.telling_terms


class Heard:
    """The learnt phrasings of one language. `idf` tells how telling a term is, `idf_runs` a run of letters."""

    def __init__(self, phrasings: Iterable[Phrasing], idf: Idf, idf_runs: Idf) -> None:
        self._idf, self._idf_runs = lru_cache(_MOST_CACHED)(idf), lru_cache(_MOST_CACHED)(idf_runs)
        self._by_term: dict[str, list[Phrasing]] = {}
        for phrasing in phrasings:
            for term in phrasing.terms:
                self._by_term.setdefault(term, []).append(phrasing)

    def __contains__(self, term: str) -> bool:
        return term in self._by_term

    def raised(self, query: Query) -> dict[int, float]:
        """By how much the score of which rows is raised, 0.._MOST; of several phrasings of a tip the nearest counts."""
        found = {id(each): each for term in query.telling_terms for each in self._by_term.get(term, ())}
        rows: dict[int, float] = {}
        for phrasing in found.values():
            above = (self.likeness(query, phrasing) - _MUCH) / (1 - _MUCH)
            if above > 0:
                rows[phrasing.row] = max(rows.get(phrasing.row, 0.0), _MOST * phrasing.weight * above)
        return rows

    def likeness(self, query: Query, phrasing: Phrasing) -> float:
        """How much of the telling words, and of the runs of letters, either has of the other, 0..1."""
        words = (self._share(query, phrasing.terms) + self._share(phrasing.query, query.telling_terms)) / 2
        mine, theirs = query.runs, phrasing.query.runs
        common = sum(self._idf_runs(run) * min(count, theirs[run]) for run, count in mine.items() if run in theirs)
        both = sum(self._idf_runs(run) * count for runs in (mine, theirs) for run, count in runs.items())
        return (words + (2 * common / both if both else 0.0)) / 2

    def _share(self, query: Query, terms: Mapping[str, float]) -> float:
        """How much of the query's telling words stands in the terms."""
        total = found = 0.0
        for word in query.telling:
            telling = self._idf(word.terms[0][0])
            total += telling
            found += telling * max((min(own, terms.get(term, 0.0)) for term, own in word.terms), default=0.0)
        return found / total if total else 0.0
