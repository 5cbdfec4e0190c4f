"""Which language a short text is in: Finnish, Swedish or English.

A naive Bayes classifier over character runs of one to four letters (after Cavnar & Trenkle, 'N-Gram-Based Text
Categorization', 1994), learnt from the tips themselves and the lexicons' function words, which as whole words
weigh most. A question of three words gives it little to go by, so it returns probabilities.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from functools import lru_cache

import numpy as np

from tips.lexicon import lexicon
from tips.models import LANGUAGES, Language
from tips.tokens import words

_SIZES = (2, 3, 4)
_MOST_CACHED = 8_192  # words
_WORD_WEIGHT = 3.0  # a known whole word against a run of letters
_TEMPERATURE = 0.5  # runs overlap, so their evidence is not independent: the sum is tempered


class LanguageDetector:
    """Learnt once from words by language; `probabilities` is then a pure function of the text."""

    def __init__(self, samples: Mapping[Language, Iterable[str]]) -> None:
        self._likelihoods: dict[Language, _Likelihoods] = {}
        for language in LANGUAGES:
            known = lexicon(language)
            seen = [*samples.get(language, ()), *known.function_words, *known.spoken, *known.synonyms]
            self._likelihoods[language] = _Likelihoods(run for word in set(seen) for run in _runs(word))
        self._vocabulary = {language: _vocabulary(language, samples.get(language, ())) for language in LANGUAGES}
        self._scores = lru_cache(_MOST_CACHED)(self._scored)

    def tells(self, text: str, language: Language, other: Language) -> bool:
        """Whether any word of the text has been learnt as the language's and not as the other's: 'teams' is both's."""
        own, theirs = self._vocabulary[language], self._vocabulary[other]
        return any(word in own and word not in theirs for word in words(text))

    def probabilities(self, text: str) -> dict[Language, float]:
        """The probability of each language; equal ones where the text says nothing. They add up to 1."""
        sums = dict.fromkeys(LANGUAGES, 0.0)
        for word in words(text):
            for language, score in zip(LANGUAGES, self._scores(word), strict=True):
                sums[language] += score
        best = max(sums.values())
        weights = {language: math.exp(score - best) for language, score in sums.items()}
        total = sum(weights.values())
        return {language: weight / total for language, weight in weights.items()}

    def _scored(self, word: str) -> tuple[float, ...]:
        """What the word says for each language, as tempered log likelihoods."""
        runs = _runs(word)
        holders = [language for language in LANGUAGES if word in self._vocabulary[language]]
        return tuple(
            _TEMPERATURE * self._likelihoods[language].log(runs) / math.sqrt(len(runs))
            + (_WORD_WEIGHT / len(holders) if language in holders else 0.0)
            for language in LANGUAGES
        )


class _Likelihoods:
    """How likely runs of letters are in a language. They are known by their hash only: strings and a dictionary of
    them would take six times the room."""

    def __init__(self, runs: Iterable[str]) -> None:
        codes, counts = np.unique(np.fromiter(map(hash, runs), np.int64), return_counts=True)
        total = int(counts.sum()) + len(codes) + 1
        # One more, of no run that there is, for those that were not seen.
        self._codes, self._logs = codes, np.log(np.append(counts + 1, 1) / total)

    def log(self, runs: Iterable[str]) -> float:
        """The log likelihood of the runs together."""
        codes = np.fromiter(map(hash, runs), np.int64)
        places = np.searchsorted(self._codes, codes)
        seen = np.append(self._codes, 0)[places] == codes
        return float(self._logs[np.where(seen, places, len(self._codes))].sum())


def _vocabulary(language: Language, samples: Iterable[str]) -> frozenset[str]:
    known = lexicon(language)
    small_talk = (word for telling, beside in known.small_talk.values() for word in (*telling, *beside))
    return frozenset((*samples, *known.function_words, *known.spoken, *small_talk))


def _runs(word: str) -> list[str]:
    padded = f"^{word}$"
    return [padded[i : i + size] for size in _SIZES for i in range(len(padded) - size + 1)]
