"""From a word to the terms by which it is found: base forms and the parts of compounds.

Finnish uses Voikko where it is installed, for its base forms and compound parts; else, and for Swedish and
English, Snowball stems, with compounds split by the knowledge base's own vocabulary.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection, Iterable
from functools import cache, lru_cache
from threading import Lock
from typing import Any, Protocol

import Stemmer

from tips.models import Language

Terms = tuple[tuple[str, float], ...]

PART_WEIGHT = 0.5  # of a compound's part, or a derived word's root, against the word itself
_MOST_CACHED = 65_536  # words
_SHORTEST_COMPOUND = 8
_SNOWBALL = {"fi": "finnish", "sv": "swedish", "en": "english"}


class Analyser(Protocol):
    """What the search asks of a language."""

    language: Language

    def terms(self, word: str) -> Terms:
        """The terms of a word in small letters, each with its weight; the first is its base form or stem."""

    def knows(self, word: str) -> bool:
        """Whether the word is surely a word of the language; False also where nobody can tell."""


class StemAnalyser:
    """Snowball stems. `vocabulary`, stems that stand in the tips, is what compounds are split by."""

    def __init__(self, language: Language, vocabulary: Collection[str] = ()) -> None:
        self.language = language
        self._stem: Callable[[str], str] = Stemmer.Stemmer(_SNOWBALL[language], 0).stemWord
        self._vocabulary = frozenset(vocabulary)
        self._terms = lru_cache(_MOST_CACHED)(self._analysed)

    def terms(self, word: str) -> Terms:
        return self._terms(word)

    def knows(self, word: str) -> bool:  # noqa: ARG002  a stemmer cannot tell
        return False

    def with_vocabulary(self, words: Iterable[str]) -> StemAnalyser:
        """The same analyser, splitting compounds by the stems of these words."""
        return StemAnalyser(self.language, {self._stem(word) for word in words if len(word) >= 4})

    def _analysed(self, word: str) -> Terms:
        stem = self._stem(word)
        parts = self._parts(word) if len(word) >= _SHORTEST_COMPOUND else ()
        return ((stem, 1.0), *((part, PART_WEIGHT) for part in parts if part != stem))

    def _parts(self, word: str) -> tuple[str, ...]:
        # The longest head wins: 'sähköposti|viesti' rather than 'sähkö|postiviesti'.
        for cut in range(len(word) - 3, 3, -1):
            head, tail = self._stem(word[:cut]), self._stem(word[cut:])
            if head in self._vocabulary and tail in self._vocabulary:
                return (head, tail)
        return ()


class VoikkoAnalyser:
    """Base forms, compound parts and roots by Voikko (https://voikko.puimula.org/); stems for what it does not know."""

    language: Language = "fi"
    _BASE = re.compile(r"\(([^+()][^()]*)\)")

    def __init__(self, voikko: Any) -> None:
        self._voikko = voikko
        self._stems = StemAnalyser("fi")
        # The native handle serves one thread at a time; the index may be rebuilt while questions come in.
        self._lock = Lock()
        self._terms = lru_cache(_MOST_CACHED)(self._analysed)

    def terms(self, word: str) -> Terms:
        return self._terms(word)

    def knows(self, word: str) -> bool:
        with self._lock:
            return bool(self._voikko.analyze(word))

    def is_name(self, word: str) -> bool:
        """Whether the word, in its own letters, can only be a person's name."""
        with self._lock:
            classes = {analysis.get("CLASS") for analysis in self._voikko.analyze(word)}
        return bool(classes) and classes <= {"etunimi", "sukunimi"}

    def spells(self, word: str) -> bool:
        """Whether the word, in its own letters, is spelt right."""
        with self._lock:
            return bool(self._voikko.spell(word))

    def _analysed(self, word: str) -> Terms:
        bases: dict[str, float] = {}
        parts: dict[str, float] = {}
        with self._lock:
            analyses = self._voikko.analyze(word)
        for analysis in analyses:
            if base := analysis.get("BASEFORM", "").lower():
                bases.setdefault(base, 1.0)
            for part in self._BASE.findall(analysis.get("WORDBASES", "")):
                if len(part) > 2:
                    parts.setdefault(part.lower().replace("=", "").replace("|", ""), PART_WEIGHT)
        if not bases:
            return self._stems.terms(word)
        return tuple({**parts, **bases}.items())[::-1]


@cache
def voikko_analyser() -> VoikkoAnalyser | None:
    """Voikko's analyser where it is installed. DIGIVINKKI_VOIKKO=off leaves it out, for comparisons."""
    if os.environ.get("DIGIVINKKI_VOIKKO", "").lower() in ("off", "0", "no"):
        return None
    try:
        import libvoikko  # noqa: PLC0415  the native library and its dictionary are optional
    except (ImportError, OSError):
        return None
    try:
        return VoikkoAnalyser(libvoikko.Voikko("fi"))
    except (OSError, libvoikko.VoikkoException):
        return None


def analyser(language: Language, words: Iterable[str] = ()) -> Analyser:
    """The best analyser of the language on this machine; `words` of the tips help those that need a vocabulary."""
    voikko = voikko_analyser() if language == "fi" else None
    if voikko:
        return voikko
    stems = StemAnalyser(language)
    return stems if language == "en" else stems.with_vocabulary(words)
