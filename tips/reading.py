"""How texts of tips are read for the search: into terms, and into runs of letters that forgive typing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from tips.analysis import Analyser, Terms
from tips.lexicon import Lexicon
from tips.tokens import undotted

RUN = 4  # letters; three to five, alone and together, are within a point of each other


class Reader:
    """Reads words into terms and runs. Each word is worked out once: texts repeat theirs."""

    def __init__(self, lexicon: Lexicon, analyser: Analyser) -> None:
        self._lexicon, self._analyser = lexicon, analyser
        self._terms: dict[str, Terms] = {}

    def terms(self, words: Iterable[str], *, telling: bool = False) -> Mapping[str, float]:
        """The weight of each term in the words; of the `telling` ones only, where function words say nothing."""
        found: dict[str, float] = {}
        for word, times in Counter(words).items():
            for written in self._lexicon.spoken.get(word, (word,)):
                if telling and written in self._lexicon.function_words:
                    continue
                for term, weight in self.terms_of(written):
                    found[term] = found.get(term, 0.0) + times * weight
        return found

    def terms_of(self, word: str) -> Terms:
        """The terms of a single word as it is written."""
        terms = self._terms.get(word)
        if terms is None:
            terms = self._terms[word] = self._analyser.terms(word)
        return terms


def runs(texts: Iterable[Sequence[str]], beside: Counter[str] | None = None) -> Counter[str]:
    """How often each run of letters stands in the texts, dots left out, also across the words of a text; added to what
    was counted in others, `beside`."""
    counts = Counter(beside)
    for words in texts:
        text = undotted(f" {' '.join(words)} ")
        counts.update([text[start : start + RUN] for start in range(len(text) - RUN + 1)])
    return counts
