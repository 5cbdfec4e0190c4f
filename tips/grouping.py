"""Questions grouped by meaning: what staff ask for in many words is seen as one need.

A question is its telling terms: base forms, compound parts and synonyms as the light ranking reads them, weighted by
how rare they are among the questions (idf), at the length 1. Wordings of the same terms are one to begin with.
Then each, the commonest first, joins the group whose mean it is most like, or begins one; groups whose means are alike
are joined; and each wording goes once more to the group it is most like. Deterministic, whatever the order of the
questions; 5,000 take a second or two. The means are searched by term, so that only what shares a term is compared.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

Terms = Mapping[str, float]

# Cosine with a group's mean, from which on a question belongs to it. On the starter's Finnish phrasings, 14 a tip and
# written to differ, B-cubed precision is .75 here, .53 at .3 and .92 at .5; recall .11, .13 and .09.
_ALIKE = 0.4
_AS_IF = 100  # questions more: in a small month what two of them share is not commonplace


@dataclass(slots=True)
class _Group:
    """The sum of its members' vectors, and which these are."""

    number: int
    total: dict[str, float] = field(default_factory=dict)
    members: list[int] = field(default_factory=list)
    length: float = 0.0

    def add(self, vector: Terms, weight: float) -> None:
        for term, value in vector.items():
            before = self.total.get(term, 0.0)
            self.total[term] = before + weight * value
            self.length += self.total[term] ** 2 - before**2


class _Groups:
    """The groups, found by the terms of their means."""

    def __init__(self) -> None:
        self._by_term: dict[str, dict[int, _Group]] = {}
        self.all: list[_Group] = []

    def nearest(self, vector: Terms) -> _Group | None:
        """The group whose mean is most like the vector, where it is like enough; of equals the older."""
        found: dict[int, float] = {}
        for term, value in vector.items():
            for number, group in self._by_term.get(term, {}).items():
                found[number] = found.get(number, 0.0) + value * group.total[term]
        alike = [
            (round(cosine, 9), -number)
            for number, product in found.items()
            if (cosine := product / math.sqrt(self.all[number].length)) >= _ALIKE
        ]
        return self.all[-max(alike)[1]] if alike else None

    def put(self, member: int, vector: Terms, weight: float, group: _Group | None) -> None:
        """Puts it into the group, into a new one where there is none."""
        if group is None:
            group = _Group(len(self.all))
            self.all.append(group)
        group.members.append(member)
        group.add(vector, weight)
        for term in vector:
            self._by_term.setdefault(term, {})[group.number] = group


def grouped(questions: Sequence[Terms]) -> list[list[int]]:
    """The places of the questions in groups, the largest group first, the most typical question of a group first.

    What has no terms stands alone.
    """
    same: dict[tuple[tuple[str, float], ...], list[int]] = {}
    for place, terms in enumerate(questions):
        same.setdefault(tuple(sorted(terms.items())) or ((f"\0{place}", 1.0),), []).append(place)
    order = sorted(same, key=lambda terms: (-len(same[terms]), terms))
    vectors = _vectors([dict(terms) for terms in order], [len(same[terms]) for terms in order])
    counts = [len(same[terms]) for terms in order]
    settled = _settled(vectors, counts)
    groups = [
        [place for member in _typical_first(group, vectors, counts) for place in same[order[member]]]
        for group in settled
    ]
    return sorted(groups, key=lambda group: (-len(group), min(group)))


def _settled(vectors: Sequence[Terms], counts: Sequence[int]) -> Iterable[_Group]:
    first = _Groups()
    for member, vector in enumerate(vectors):
        first.put(member, vector, counts[member], first.nearest(vector))
    seeds = _joined(first, vectors, counts)
    last = _Groups()
    for group in seeds:  # the means stay while each goes to the nearest
        last.put(-1, _unit(group.total), 1.0, None)
    found: dict[int, _Group] = {}
    for member, vector in enumerate(vectors):
        nearest = last.nearest(vector)
        home = found.setdefault(nearest.number if nearest else -1 - member, _Group(0))
        home.members.append(member)
        home.add(vector, counts[member])
    return found.values()


def _joined(groups: _Groups, vectors: Sequence[Terms], counts: Sequence[int]) -> list[_Group]:
    """Groups whose means are alike as one, the largest first."""
    joined = _Groups()
    for group in sorted(groups.all, key=lambda each: (-sum(counts[m] for m in each.members), each.number)):
        home = joined.nearest(_unit(group.total))
        for member in group.members:
            joined.put(member, vectors[member], counts[member], home)
            home = home or joined.all[-1]
    return joined.all


def _typical_first(group: _Group, vectors: Sequence[Terms], counts: Sequence[int]) -> list[int]:
    """The members by how like they are to the mean, what was asked often before what was asked once."""

    def likeness(member: int) -> float:
        return sum(value * group.total.get(term, 0.0) for term, value in vectors[member].items())

    return sorted(group.members, key=lambda member: (-counts[member], -round(likeness(member), 9), member))


def _vectors(questions: Sequence[Terms], counts: Sequence[int]) -> list[Terms]:
    total, held = sum(counts) + _AS_IF, Counter[str]()
    for terms, count in zip(questions, counts, strict=True):
        held.update(dict.fromkeys(terms, count))
    return [
        _unit({term: weight * math.log(1 + total / held[term]) for term, weight in terms.items()})
        for terms in questions
    ]


def _unit(vector: Terms) -> dict[str, float]:
    length = math.sqrt(sum(value**2 for value in vector.values())) or 1.0
    return {term: value / length for term, value in vector.items()}
