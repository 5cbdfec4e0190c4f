"""The strict check of a pack: what a program can say about whether a tip is good. The rest is for readers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from statistics import mean

from tips.analysis import analyser
from tips.errors import PackError
from tips.links import link_problem, source_problem
from tips.models import LANGUAGES, Language, Pack, Text, Tip
from tips.prose import has_figure_or_law, mean_problem, plain, prose_problems, sentence_lengths, word_count
from tips.reasons import reason
from tips.spelling import misspelt, speller
from tips.styles import is_by_situation, is_spoken
from tips.tokens import words

MOST_BODY_WORDS = 80
FEWEST_PHRASINGS = 8
FEWEST_SPOKEN = FEWEST_BY_SITUATION = 2
LONGEST_TITLE = 80  # characters


@dataclass(frozen=True, slots=True)
class Figures:
    """What `tips check` prints of a language: tips, words a body, words a sentence (mean), phrasings a tip."""

    tips: int
    words: float
    sentence: float
    phrasings: float


def problems(pack: Pack) -> Iterator[PackError]:
    """All that the strict check finds wrong, tip by tip."""
    asked: dict[tuple[Language, str], str] = {}
    _spell_all(pack)
    for theme in pack.themes:
        for language in LANGUAGES:
            if not theme.synonyms.get(language):
                yield PackError("has no synonyms", tip=f"(theme {theme.id})", field=f"synonyms.{language}")
    for tip in pack.tips:
        if tip.hidden and not tip.texts:
            continue
        yield from (PackError(found, tip=tip.id, field=field) for field, found in tip_problems(tip))
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
    return Figures(
        len(texts),
        mean(word_count(text.body, language) for text in texts),
        mean(length for text in texts for length in sentence_lengths(text.body, language)),
        mean(len(text.phrasings) for text in texts),
    )


def _spell_all(pack: Pack) -> None:
    """Has each speller, which remembers, see all words at once."""
    for language in LANGUAGES:
        if check := speller(language):
            texts = [tip.texts[language] for tip in pack.tips if language in tip.texts]
            misspelt("\n".join(f"{text.title}\n{plain(text.body)}" for text in texts), check)


def tip_problems(tip: Tip) -> Iterable[tuple[str, str]]:
    """What is wrong with one tip: the field ('fi.body', 'reviewed', …) and the reason."""
    for language in LANGUAGES:
        if language not in tip.texts:
            yield language, reason("missing")
    for field in ("audience", "reviewed", "review_by"):
        if not getattr(tip, field):
            yield field, reason("missing")
    if tip.source and (problem := source_problem(tip.source)):
        yield "source", problem
    for language, text in tip.texts.items():
        for field, found in _of_text(text, language):
            yield f"{language}.{field}", found
        if not tip.source and has_figure_or_law(text.body, language):
            yield f"{language}.body", reason("source")


def _of_text(text: Text, language: Language) -> Iterable[tuple[str, str]]:
    if len(text.title) > LONGEST_TITLE:
        yield "title", reason("title_long", count=len(text.title), most=LONGEST_TITLE)
    if (count := word_count(text.body, language)) > MOST_BODY_WORDS:
        yield "body", reason("words", count=count, most=MOST_BODY_WORDS)
    yield from (("title", found) for found in prose_problems(text.title, language))
    yield from (("body", found) for found in prose_problems(text.body, language))
    yield from (("body", found) for found in mean_problem(text.body, language))
    if text.link and (problem := link_problem(text.link)):
        yield "link", problem
    yield from (("phrasings", found) for found in _of_phrasings(text, language))


def _of_phrasings(text: Text, language: Language) -> Iterable[str]:
    if len(text.phrasings) < FEWEST_PHRASINGS:
        yield reason("phrasings", count=len(text.phrasings), fewest=FEWEST_PHRASINGS)
    if (spoken := sum(is_spoken(way, language) for way in text.phrasings)) < FEWEST_SPOKEN:
        yield reason("spoken", count=spoken, fewest=FEWEST_SPOKEN)
    reading = analyser(language)
    by_situation = sum(is_by_situation(way, text.title, language, reading) for way in text.phrasings)
    if by_situation < FEWEST_BY_SITUATION:
        yield reason("situations", count=by_situation, fewest=FEWEST_BY_SITUATION)
