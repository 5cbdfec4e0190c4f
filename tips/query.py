"""A question as the search sees it: its meaningful words, repaired, each with the terms that may find it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tips.analysis import Analyser, Terms
from tips.lexicon import Lexicon
from tips.tokens import words

SYNONYM_WEIGHT = 0.6
REPAIR_WEIGHT = 0.8


@dataclass(frozen=True, slots=True)
class QueryWord:
    """A word of a question: as typed, as read, and the terms it searches with."""

    typed: str
    read: str
    terms: Terms


@dataclass(frozen=True, slots=True)
class Query:
    """The words that a question searches with, function words left out unless there is nothing else (`tells`)."""

    words: tuple[QueryWord, ...]
    tells: bool = True

    def notes(self) -> tuple[str, ...]:
        """What was read otherwise than typed, and the terms: for `--explain`."""
        repairs = (f"{word.typed} -> {word.read}" for word in self.words if word.typed != word.read)
        terms = (", ".join(f"{term}:{weight:.2f}" for term, weight in word.terms) for word in self.words)
        return (*repairs, *terms)


def parse(text: str, lexicon: Lexicon, analyser: Analyser, repair: Callable[[str], str | None]) -> Query:
    """The query of a text. `repair` gives a better reading of a word, or None."""
    read = [(typed, written) for typed in words(text) for written in lexicon.spoken.get(typed, (typed,))]
    telling = [pair for pair in read if pair[1] not in lexicon.function_words]
    found: dict[str, QueryWord] = {}
    for typed, written in telling or read:
        repaired = repair(written)
        if repaired in lexicon.function_words:
            continue
        weight = REPAIR_WEIGHT if repaired else 1.0
        word = repaired or written
        found.setdefault(word, QueryWord(typed, word, _terms(word, weight, lexicon, analyser)))
    return Query(tuple(found.values()), tells=bool(telling))


def _terms(word: str, weight: float, lexicon: Lexicon, analyser: Analyser) -> Terms:
    terms = {term: own * weight for term, own in analyser.terms(word)}
    for base in (word, *terms):
        for synonym in lexicon.synonyms.get(base, ()):
            for term, own in analyser.terms(synonym)[:1]:
                terms.setdefault(term, own * weight * SYNONYM_WEIGHT)
    return tuple(terms.items())
