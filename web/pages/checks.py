"""The checks of a tip, as its editor shows them: figures a language, and what could be better, by field."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tips.checking import MOST_BODY_WORDS, tip_problems
from tips.models import LANGUAGES, Language, Tip
from tips.prose import sentence_lengths, word_count
from tips.reasons import Reason
from tips.spelling import speller
from web.pages import words


@dataclass(frozen=True, slots=True)
class Advice:
    """What could be better in a field, in words; `field` is '' where it is about the whole."""

    field: str
    text: str


@dataclass(frozen=True, slots=True)
class Checked:
    """A text of a tip in figures, and the advice. `spelt`: whether the spelling could be looked at."""

    words: int
    most: int
    sentence: int
    advice: Sequence[Advice]
    spelt: bool


def checked(tip: Tip, language: Language) -> tuple[Mapping[Language, Checked], Sequence[Advice]]:
    """By the tip's languages, and about the tip as a whole. `language` is the reader's."""
    found = [(field, said(reason, language)) for field, reason in tip_problems(tip)]
    by_language = {each: _of_language(tip, each, found) for each in LANGUAGES if each in tip.texts}
    heads = [f"{each}." for each in by_language]
    whole = [Advice(_named(field, language), text) for field, text in found if not field.startswith(tuple(heads))]
    return by_language, whole


def said(reason: str, language: Language) -> str:
    """The reason in the reader's language, where it has a key; else as the command line says it."""
    if not isinstance(reason, Reason):
        return reason
    return words.words(language)[f"check_{reason.key}"].strip().format(**reason.values)


def _of_language(tip: Tip, language: Language, found: Iterable[tuple[str, str]]) -> Checked:
    body = tip.texts[language].body
    advice = [Advice(field.partition(".")[2], text) for field, text in found if field.startswith(f"{language}.")]
    return Checked(
        word_count(body, language),
        MOST_BODY_WORDS,
        max(sentence_lengths(body, language), default=0),
        advice,
        speller(language) is not None,
    )


def _named(field: str, language: Language) -> str:
    key = f"tipfield_{field}"
    return words.words(language).get(key) or words.words(language).get(f"language_{field}", field)
