"""What a program can say about whether a text is easy to read: words, sentences, placeholders, spelling."""

from __future__ import annotations

import re
from collections.abc import Iterator
from statistics import mean

from tips.facts import filled, known_facts, placeholders
from tips.models import Language
from tips.reasons import reason
from tips.spelling import misspelt, speller

MOST_SENTENCE_WORDS = 18
MOST_MEAN_SENTENCE_WORDS = 10.0  # in Finnish, whose words are long

_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
_MARKER = re.compile(r"^\s*(?:\d+[.)]|[-*+])\s+", re.MULTILINE)
_MARKS = re.compile(r"[*_`#>|]")
_SENTENCE_END = re.compile(r"(?<=[.!?:])[^\S\u00a0]+|(?<=[.!?])[\"”']+[^\S\u00a0]+(?=[A-ZÅÄÖ])|\n+")
# 'p. 08' and 'esim. näin' end no sentence.
_ABBREVIATION = re.compile(r"\b(p|puh|tfn|tel|esim|mm|ym|yms|jne|ns|t\.ex|bl\.a|osv|e\.g|i\.e|etc)\.\s", re.IGNORECASE)


def plain(text: str) -> str:
    """The text without Markdown and list markers."""
    return _MARKS.sub("", _MARKER.sub("", _LINK.sub(r"\1", text)))


def word_count(text: str, language: Language) -> int:
    """The words of the text: what stands between white space, placeholders as they read when nobody filled them."""
    return len(plain(filled(text, {}, language)).split())


def sentences(text: str) -> list[str]:
    """The sentences of the text; a list item or a line of its own is one."""
    joined = _ABBREVIATION.sub(lambda found: found[0].replace(". ", ".\u00a0"), plain(text))
    return [part for part in _SENTENCE_END.split(joined) if part and part.strip()]


def sentence_lengths(text: str, language: Language) -> list[int]:
    """The words of each sentence."""
    return [len(sentence.split()) for sentence in sentences(filled(text, {}, language))]


def prose_problems(text: str, language: Language) -> Iterator[str]:
    """What is wrong with the text, or a part of one, as prose; see `mean_problem` too."""
    lengths = sentence_lengths(text, language)
    if not lengths:
        yield reason("no_words")
        return
    if max(lengths) > MOST_SENTENCE_WORDS:
        yield reason("sentence", count=max(lengths), most=MOST_SENTENCE_WORDS)
    for key in placeholders(text):
        if key not in known_facts():
            yield reason("placeholder", name=key)
    if (check := speller(language)) and (wrong := misspelt(plain(text), check)):
        yield reason("spelling", words=", ".join(wrong))


def mean_problem(text: str, language: Language) -> Iterator[str]:
    """Whether the sentences of a whole text are too long on average; three of them alone may be."""
    lengths = sentence_lengths(text, language)
    if language == "fi" and lengths and mean(lengths) > MOST_MEAN_SENTENCE_WORDS:
        yield reason("sentences", count=f"{mean(lengths):.1f}", most=f"{MOST_MEAN_SENTENCE_WORDS:.0f}")


def has_figure_or_law(text: str, language: Language) -> bool:
    """Whether the text rests on something that needs a source: a law, an authority, a share or a sum of money."""
    return bool(_NEEDS_SOURCE[language].search(text))


_NEEDS_SOURCE = {
    "fi": re.compile(
        r"\b(?:\w*laki|lain|laissa|tietosuoja-asetu\w+|\w*virasto\w*|"
        r"kyberturvallisuuskesku\w+|tietosuojavaltuutet\w+|traficom\w*|DVV\w*|supo\w*)\b|"
        r"\b\d+ (?:prosent|%|euro|tunnin|tuntia|vuorokau)",
        re.IGNORECASE,
    ),
    "sv": re.compile(
        r"\b(?:lagen|enligt lag|dataskyddsförordning\w*|cybersäkerhetscentr\w+|dataombudsman\w+|traficom\w*)\b|"
        r"\b\d+ (?:procent|%|euro|timmar|dygn)",
        re.IGNORECASE,
    ),
    "en": re.compile(
        r"\b(?:the law|by law|\w+ act\b|GDPR|cyber security centre|data protection ombudsman|traficom\w*)|"
        r"\b\d+ (?:per ?cent|%|euros?|hours)",
        re.IGNORECASE,
    ),
}
