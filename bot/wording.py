"""Whether somebody's wording may be learnt: a question in its own words, with nothing in it of people."""

from __future__ import annotations

import re

from bot.protection import MASKS, protected
from tips.analysis import voikko_analyser
from tips.answering import KnowledgeBase
from tips.followup import follows
from tips.models import Language
from tips.smalltalk import small_talk
from tips.tokens import cleaned, words

_FEWEST, _MOST = 2, 20  # words
_LONGEST = 150  # characters
# Addresses, and numbers that may be somebody's: a phone, a customer, a case.
_CONTACT = re.compile(r"@|https?:|www\.|\d[\d\s./-]{3,}\d")
_STARTS = re.compile(r"(?:^|[.!?:]\s+|[-–•]\s*)$")


def teachable(text: str, language: Language, base: KnowledgeBase) -> str | None:
    """The wording as it may be learnt, on one line; None where it may not."""
    said = cleaned(text)
    if len(said) > _LONGEST or not _FEWEST <= len(words(said)) <= _MOST:
        return None
    if protected(text).found or any(mask in said for mask in MASKS.values()) or _CONTACT.search(said):
        return None
    query = base.read(said, language)
    if query is None or not query.tells or not query.telling:
        return None
    if small_talk(said, language) or follows(said, language) or _names_somebody(said, language, base):
        return None
    return said


def _names_somebody(said: str, language: Language, base: KnowledgeBase) -> bool:
    """Whether a word may be a name: known as one, or with a capital inside a sentence and in no tip."""
    voikko = voikko_analyser()
    for found in re.finditer(r"[^\W\d_]+", said):
        word = found[0]
        if not word[0].isupper() or word.isupper():
            continue
        if voikko and voikko.is_name(word) and not base.holds(word, language):
            return True
        inside = not _STARTS.search(said[: found.start()])
        if inside and len(word) > 1 and not base.holds(word, language):
            return True
    return False
