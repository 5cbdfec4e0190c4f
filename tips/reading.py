"""How the texts of tips are read for the search: which words tell, by which terms and runs of letters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from tips.analysis import Analyser, Terms
from tips.lexicon import Lexicon
from tips.tokens import ngrams, undotted


class Reader:
    """Reads words into terms and runs. Each word is worked out once: texts repeat theirs."""

    def __init__(self, lexicon: Lexicon, analyser: Analyser) -> None:
        self._lexicon, self._analyser = lexicon, analyser
        self._terms: dict[str, Terms] = {}
        self._runs: dict[str, tuple[str, ...]] = {}

    def terms(self, words: Iterable[str]) -> Counter[str]:
        """The weight of each term in the words, function words left out."""
        counts: Counter[str] = Counter()
        known = self._terms
        for word in words:
            terms = known.get(word)
            if terms is None:
                terms = known[word] = self._terms_of(word)
            for term, weight in terms:
                counts[term] += weight  # type: ignore[assignment]
        return counts

    def runs(self, words: Iterable[str]) -> Counter[str]:
        """How often each run of three letters stands in the words, dots and function words left out."""
        counts: Counter[str] = Counter()
        known = self._runs
        for word in words:
            runs = known.get(word)
            if runs is None:
                tells = word not in self._lexicon.function_words
                runs = known[word] = tuple(ngrams(undotted(word))) if tells else ()
            counts.update(runs)
        return counts

    def _terms_of(self, word: str) -> Terms:
        written = (part for part in self._lexicon.spoken.get(word, (word,)))
        telling = (part for part in written if part not in self._lexicon.function_words)
        return tuple(pair for part in telling for pair in self._analyser.terms(part))
