"""How a way of asking is put: in spoken language, by the situation, or plainly."""

from __future__ import annotations

import re

from tips.analysis import Analyser
from tips.lexicon import lexicon
from tips.models import Language
from tips.tokens import all_words, words

# Chat English: contractions, a small 'i', and what nobody writes in a letter.
_CHAT_ENGLISH = re.compile(
    r"\bi\b|[a-z]['’](?:s|t|m|re|ll|ve|d)\b|\b(?:lol|ppl|kinda|cuz|btw|asap|dunno|yeah|hey|thx|wtf)\b"
)


def is_spoken(phrasing: str, language: Language) -> bool:
    """Whether the phrasing holds a form that is said, or typed in a chat, rather than written."""
    known = lexicon(language).spoken
    if any(word in known for word in words(phrasing)):
        return True
    return language == "en" and bool(_CHAT_ENGLISH.search(phrasing))


def is_by_situation(phrasing: str, title: str, language: Language, analyser: Analyser) -> bool:
    """Whether the phrasing tells what happened without a telling word of the tip's own title."""
    return not _terms(title, language, analyser) & _terms(phrasing, language, analyser)


def _terms(text: str, language: Language, analyser: Analyser) -> set[str]:
    known = lexicon(language)
    written = (part for word in all_words(text) for part in known.spoken.get(word, (word,)))
    return {term for word in written if word not in known.function_words for term, _ in analyser.terms(word)}
