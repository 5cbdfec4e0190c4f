"""Repair of what the search does not recognise: missing dots, typing errors and spoken endings.

A word is repaired towards the words that stand in the tips themselves, never towards a dictionary at large: a
repair that finds nothing is worth nothing.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import lru_cache

from rapidfuzz import process
from rapidfuzz.distance import OSA

from tips.analysis import Analyser
from tips.tokens import undotted

_SHORTEST = 4  # letters; below that, one changed letter makes another word
_MOST_DOTS = 6
_MOST_CACHED = 8_192  # words

# Finnish as spoken: what an ending, or a sound, was when written. Tried one at a time, kept where a word results.
_SPOKEN_ENDINGS = (
    (r"oo$", ("oa", "ota")), (r"öö$", ("öä", "ötä")), (r"ee$", ("ea", "eä")), (r"ii$", ("ia", "iä")),
    (r"uu$", ("ua",)), (r"yy$", ("yä",)), (r"(?<=[aeiouyäö])ks$", ("ko", "kö")), (r"(?<=[oö])$", ("i",)),
    (r"t$", ("tä", "ta")), (r"s$", ("ssa", "ssä")), (r"l$", ("lla", "llä")), (r"n$", ("na", "nä")),
    (r"$", ("n",)), (r"(?<=[aeiouyäöh])(?=[aeiouyäö][a-zäö]+$)", ("d",)), (r"h(?=[äa]$)", ("hd",)),
    (r"(?<=[st])t(?=[aä])", ("", )), (r"tt(?=[aä])", ("tet", "itt")), (r"kk(?=[aä])", ("k",)),
)  # fmt: skip


class Repairer:
    """Repairs words against the vocabulary of one language's tips."""

    def __init__(self, vocabulary: Iterable[str], analyser: Analyser) -> None:
        """`vocabulary` holds a word as often as the tips do: of two that are equally near, the commoner was meant."""
        self._analyser = analyser
        self._counts = Counter(vocabulary)
        self._words = frozenset(word for word in self._counts if len(word) >= _SHORTEST and not word.isdigit())
        self._terms = {term for word in self._words for term, _ in analyser.terms(word)}
        self._undotted: dict[str, str] = {}
        self._by_start: dict[tuple[str, int], list[str]] = {}
        for word in sorted(self._words):
            self._undotted.setdefault(undotted(word), word)
            self._by_start.setdefault((undotted(word[0]), len(word)), []).append(word)
        self._known = lru_cache(_MOST_CACHED)(self._repaired)

    def repaired(self, word: str) -> str | None:
        """The word as it was probably meant, or None where it is best left as it is."""
        return self._known(word)

    def _repaired(self, word: str) -> str | None:
        if len(word) < _SHORTEST or word.isdigit() or self._findable(word):
            return None
        dots = self._undotted.get(word)
        if dots and dots != word:
            return dots
        if self._analyser.knows(word):
            return None
        return next(filter(self._findable, self._variants(word)), None) or self._nearest(word)

    def _findable(self, word: str) -> bool:
        return word in self._words or any(term in self._terms for term, _ in self._analyser.terms(word)[:1])

    def _variants(self, word: str) -> Iterator[str]:
        if self._analyser.language == "fi":
            yield from _dotted(word)
            yield from _written(word)
        elif self._analyser.language == "sv":
            yield from _dotted(word, "aäåoö")

    def _nearest(self, word: str) -> str | None:
        """The nearest word within one typing error (two from nine letters on), the first letter being right."""
        most = 1 if len(word) < 9 else 2
        start = undotted(word[0])
        near = (other for n in range(-most, most + 1) for other in self._by_start.get((start, len(word) + n), ()))
        # The first of the nearest is taken, so the commonest come first.
        candidates = sorted(near, key=lambda other: -self._counts[other])
        found = process.extractOne(word, candidates, scorer=OSA.distance, score_cutoff=most)
        return found[0] if found else None


def _dotted(word: str, letters: str = "aäoö") -> Iterator[str]:
    """The word with dots put back: on all vowels first (vowel harmony), then on any of them."""
    both = {"a": "aäå", "o": "oö"} if "å" in letters else {"a": "aä", "o": "oö"}
    places = [i for i, letter in enumerate(word) if letter in both][:_MOST_DOTS]
    if not places:
        return
    yield word.replace("a", "ä").replace("o", "ö")
    variants = [""]
    for i, letter in enumerate(word):
        choices = both[letter] if i in places else letter
        variants = [variant + choice for variant in variants for choice in choices]
    yield from (variant for variant in variants if variant != word)


def _written(word: str) -> Iterator[str]:
    for ending, written in _SPOKEN_ENDINGS:
        for text in written:
            variant = re.sub(ending, text, word, count=1)
            if variant != word:
                yield variant
