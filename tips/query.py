"""A question as the search sees it: its words, repaired, each with the terms that may find it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property

from tips.analysis import Analyser, Terms
from tips.lexicon import Lexicon
from tips.reading import runs
from tips.tokens import words

SYNONYM_WEIGHT = 0.6
REPAIR_WEIGHT = 0.8


@dataclass(frozen=True, slots=True)
class QueryWord:
    """A word of a question: as typed, as read, the terms it searches with, and whether it `tells` anything."""

    typed: str
    read: str
    terms: Terms
    tells: bool = True


@dataclass(frozen=True)
class Query:
    """The words of a question in their order, each once; where function words are all there is, they tell (`tells`
    of the query is False then)."""

    words: tuple[QueryWord, ...]
    tells: bool = True

    @cached_property
    def telling(self) -> tuple[QueryWord, ...]:
        """The words that carry meaning of their own."""
        return tuple(word for word in self.words if word.tells)

    @cached_property
    def terms(self) -> dict[str, float]:
        """The terms of all words, function words too."""
        return _heaviest(self.words)

    @cached_property
    def telling_terms(self) -> dict[str, float]:
        """The terms of the words that tell."""
        return _heaviest(self.telling)

    @cached_property
    def runs(self) -> Counter[str]:
        """The runs of letters of the whole question."""
        return runs([[word.read for word in self.words]])

    @cached_property
    def gist(self) -> str:
        """The base forms of the words that tell, sorted: of other wordings of the same it is the same."""
        return " ".join(sorted({word.terms[0][0] for word in self.telling}))

    def notes(self) -> tuple[str, ...]:
        """What was read otherwise than typed, and the terms: for `--explain`."""
        repairs = (f"{word.typed} -> {word.read}" for word in self.words if word.typed != word.read)
        terms = (", ".join(f"{term}:{weight:.2f}" for term, weight in word.terms) for word in self.telling)
        return (*repairs, *terms)


def parse(text: str, lexicon: Lexicon, analyser: Analyser, repair: Callable[[str], str | None]) -> Query:
    """The query of a text. `repair` gives a better reading of a word, or None."""
    said = [(typed, written) for typed in words(text) for written in lexicon.spoken.get(typed, (typed,))]
    tells = any(written not in lexicon.function_words for _, written in said)
    found: dict[str, QueryWord] = {}
    for typed, written in said:
        known = tells and written in lexicon.function_words
        repaired = None if known else repair(written)
        word = repaired or written
        if known or (repaired in lexicon.function_words):
            found.setdefault(word, QueryWord(typed, word, analyser.terms(word), tells=False))
        else:
            weight = REPAIR_WEIGHT if repaired else 1.0
            found.setdefault(word, QueryWord(typed, word, _terms(word, weight, lexicon, analyser)))
    return Query(tuple(found.values()), tells)


def _heaviest(words: Iterable[QueryWord]) -> dict[str, float]:
    terms: dict[str, float] = {}
    for word in words:
        for term, weight in word.terms:
            terms[term] = max(weight, terms.get(term, 0.0))
    return terms


def _terms(word: str, weight: float, lexicon: Lexicon, analyser: Analyser) -> Terms:
    terms = {term: own * weight for term, own in analyser.terms(word)}
    for base in (word, *terms):
        for synonym in lexicon.synonyms.get(base, ()):
            for term, own in analyser.terms(synonym)[:1]:
                terms.setdefault(term, own * weight * SYNONYM_WEIGHT)
    return tuple(terms.items())
