"""Which of some named things a few words mean: by whole words, by their beginnings, with a slip of the finger."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import SequenceMatcher

from tips.tokens import undotted, words

_ALIKE = 0.85  # of 1: one wrong letter in seven


def meant(text: str, names: Mapping[str, Iterable[str]]) -> list[str]:
    """The ids of what the text names: the one so called, else all in whose names every word of the text is found."""
    said = _words(text)
    known = {identity: [_words(name) for name in of] for identity, of in names.items()}
    if called := [identity for identity, of in known.items() if said and said in of]:
        return called
    return [
        identity
        for identity, of in known.items()
        if said and all(any(_same(word, other) for name in of for other in name) for word in said)
    ]


def _words(text: str) -> list[str]:
    return [undotted(word) for word in words(text)]


def _same(said: str, word: str) -> bool:
    """Whether it is the word, in another form perhaps: 'salasanoista' is 'salasanat'."""
    if said == word:
        return True
    shorter = min(len(said), len(word))
    if shorter < 4:
        return False
    differ = (place for place, (one, other) in enumerate(zip(said, word, strict=False)) if one != other)
    common = next(differ, shorter)
    alike = shorter >= 6 and SequenceMatcher(None, said, word).ratio() >= _ALIKE
    return alike or common >= min(6, max(4, shorter - 3))
