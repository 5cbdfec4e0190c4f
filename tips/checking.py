"""The strict check of a pack: what a program can say about whether a tip is good. The rest is for readers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from statistics import mean

from tips.errors import PackError
from tips.facts import filled, known_facts, placeholders
from tips.models import LANGUAGES, Language, Pack, Text, Tip
from tips.spelling import misspelt, speller
from tips.tokens import words

MOST_BODY_WORDS = 80
MOST_SENTENCE_WORDS = 18
MOST_MEAN_SENTENCE_WORDS = 10.0
FEWEST_PHRASINGS = 8
LONGEST_TITLE = 80  # characters

_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
_MARKER = re.compile(r"^\s*(?:\d+[.)]|[-*+])\s+", re.MULTILINE)
_MARKS = re.compile(r"[*_`#>]")
_SENTENCE_END = re.compile(r"(?<=[.!?:])[^\S\u00a0]+|\n+")
# 'p. 08' and 'esim. näin' end no sentence.
_ABBREVIATION = re.compile(r"\b(p|puh|tfn|tel|esim|mm|ym|yms|jne|ns|t\.ex|bl\.a|osv|e\.g|i\.e|etc)\.\s", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Figures:
    """What `tips check` prints of a language: tips, words a body, words a sentence (mean), phrasings a tip."""

    tips: int
    words: float
    sentence: float
    phrasings: float


def plain(body: str) -> str:
    """The body without Markdown and list markers."""
    return _MARKS.sub("", _MARKER.sub("", _LINK.sub(r"\1", body)))


def body_words(text: Text, language: Language) -> int:
    """Words of the body: what stands between white space, placeholders as they read when nobody filled them."""
    return len(plain(filled(text.body, {}, language)).split())


def sentences(body: str) -> list[str]:
    """The sentences of the body; a list item or a line of its own is one."""
    text = _ABBREVIATION.sub(lambda found: found[0].replace(". ", ".\u00a0"), plain(body))
    return [part for part in _SENTENCE_END.split(text) if part and part.strip()]


def problems(pack: Pack) -> Iterator[PackError]:
    """All that the strict check finds wrong, tip by tip."""
    asked: dict[tuple[Language, str], str] = {}
    _spell_all(pack)
    for tip in pack.tips:
        if tip.hidden and not tip.texts:
            continue
        yield from (PackError(reason, tip=tip.id, field=field) for field, reason in _of_tip(tip))
        for language, text in tip.texts.items():
            for way in text.phrasings:
                other = asked.setdefault((language, " ".join(words(way))), tip.id)
                if other != tip.id:
                    yield PackError(f"{way!r} is a phrasing of {other} too", tip=tip.id, field=f"{language}.phrasings")


def unchecked() -> list[Language]:
    """The languages whose spelling cannot be checked on this machine."""
    return [language for language in LANGUAGES if speller(language) is None]


def figures(pack: Pack, language: Language) -> Figures | None:
    """The pack in numbers, None where it has nothing in that language."""
    texts = [tip.texts[language] for tip in pack.tips if language in tip.texts]
    if not texts:
        return None
    lengths = [len(sentence.split()) for text in texts for sentence in sentences(filled(text.body, {}, language))]
    return Figures(
        len(texts),
        mean(body_words(text, language) for text in texts),
        mean(lengths),
        mean(len(text.phrasings) for text in texts),
    )


def _prose(text: Text) -> str:
    return f"{text.title}\n{plain(text.body)}"


def _spell_all(pack: Pack) -> None:
    """Has each speller, which remembers, see all words at once."""
    for language in LANGUAGES:
        if check := speller(language):
            misspelt("\n".join(_prose(tip.texts[language]) for tip in pack.tips if language in tip.texts), check)


def _of_tip(tip: Tip) -> Iterable[tuple[str, str]]:
    for language in LANGUAGES:
        if language not in tip.texts:
            yield language, "is missing"
    for field in ("audience", "reviewed", "review_by"):
        if not getattr(tip, field):
            yield field, "is missing"
    for language, text in tip.texts.items():
        for field, reason in _of_text(text, language):
            yield f"{language}.{field}", reason


def _of_text(text: Text, language: Language) -> Iterable[tuple[str, str]]:
    if len(text.title) > LONGEST_TITLE:
        yield "title", f"is {len(text.title)} characters long, at most {LONGEST_TITLE} fit a phone"
    if (count := body_words(text, language)) > MOST_BODY_WORDS:
        yield "body", f"has {count} words, at most {MOST_BODY_WORDS} are read in half a minute"
    yield from (("body", reason) for reason in _of_sentences(filled(text.body, {}, language), language))
    for key in placeholders(text.title + text.body):
        if key not in known_facts():
            yield "body", f"{{{key}}} is not a known placeholder"
    if len(text.phrasings) < FEWEST_PHRASINGS:
        yield "phrasings", f"has {len(text.phrasings)}, at least {FEWEST_PHRASINGS} are needed"
    if (check := speller(language)) and (wrong := misspelt(_prose(text), check)):
        yield "body", f"spelling: {', '.join(wrong)}"


def _of_sentences(body: str, language: Language) -> Iterable[str]:
    lengths = [len(sentence.split()) for sentence in sentences(body)]
    if not lengths:
        yield "has no words"
        return
    if max(lengths) > MOST_SENTENCE_WORDS:
        yield f"a sentence of {max(lengths)} words, at most {MOST_SENTENCE_WORDS}"
    if language == "fi" and mean(lengths) > MOST_MEAN_SENTENCE_WORDS:
        yield f"sentences of {mean(lengths):.1f} words on average, at most {MOST_MEAN_SENTENCE_WORDS:.0f}"
