"""From a message to words: one spelling of each character, no invisible characters, no punctuation."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from sys import intern

LONGEST_QUESTION = 1_000  # characters that the search looks at; the rest of a longer message is not a question
MOST_WORDS = 100

_WORD = re.compile(r"[^\W_]+(?:['’´`][^\W_]+)*")
_APOSTROPHES = re.compile(r"['’´`]")
# 'e-mail', 'e-post', 'wi-fi' are one word; 'Teams-kokous' is two.
_PREFIX = re.compile(r"\b(e|wi|i|pc)[-‐‑‒–](?=\w)", re.IGNORECASE)
# Letters and marks by category that nobody sees.
_UNSEEN = re.compile("[\u034f\u115f\u1160\u3164\uffa0\u2800\ufe0e\ufe0f]")
_DOTLESS = str.maketrans("äöåéüõ", "aoaeuo")


def visible(text: str) -> str:
    """The text in NFKC without control, zero-width and direction characters; line breaks stay."""
    text = _UNSEEN.sub("", unicodedata.normalize("NFKC", text))
    if not text.isprintable():
        kept = (char for char in text if char.isprintable() or char.isspace())
        text = "".join(char if char.isprintable() or char == "\n" else " " for char in kept)
    return unicodedata.normalize("NFC", text)  # an accent may have stood behind something invisible


def cleaned(text: str) -> str:
    """The visible text on one line, as much of it as the search looks at."""
    return " ".join(visible(text[: LONGEST_QUESTION * 4]).split())[:LONGEST_QUESTION]


def words(text: str) -> list[str]:
    """The words of the text in small letters, at most `MOST_WORDS` of them."""
    return list(_lately(text))


@lru_cache(16)  # a message is looked at a dozen times: as a command, as small talk, as a question
def _lately(text: str) -> tuple[str, ...]:
    return tuple(_words(cleaned(text))[:MOST_WORDS])


def all_words(text: str) -> list[str]:
    """The words of a text of any length, as `words` makes them: for what is searched rather than asked."""
    # Each word is kept once, however often the tips say it.
    return list(map(intern, _words(unicodedata.normalize("NFKC", text))))


def _words(text: str) -> list[str]:
    found = _WORD.findall(_PREFIX.sub(r"\1", text.lower()))
    return [_APOSTROPHES.sub("", word) for word in found] if _APOSTROPHES.search(text) else found


def undotted(word: str) -> str:
    """The word as typed where the keyboard has no ä, ö, å."""
    return word.translate(_DOTLESS)


def ngrams(word: str, size: int = 3) -> list[str]:
    """The word's runs of `size` characters, its beginning and end marked."""
    padded = f"^{word}$"
    return [padded[i : i + size] for i in range(max(1, len(padded) - size + 1))]
