"""Tips, themes and answers: plain values, no behaviour that needs anything else."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Literal, get_args

Language = Literal["fi", "sv", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)


def language_in(value: object) -> Language | None:
    """The language of a code, None where it is none of ours (never trust a button)."""
    return next((each for each in LANGUAGES if each == value), None)


AUDIENCES = ("all", "desk", "mobile", "supervisor", "tutor")
SERIES = ("digivinkki", "digiturva")


def language_for(wanted: Language, texts: Collection[Language]) -> Language:
    """The wanted language where there is a text in it, else the first of fi, sv, en that there is."""
    return wanted if wanted in texts else next(language for language in LANGUAGES if language in texts)


@dataclass(frozen=True, slots=True)
class Image:
    """A picture of a tip: `file` is its path inside the pack, `digest` the SHA-256 under which it is stored."""

    file: str
    alt: str
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Text:
    """A tip in one language. `body` is Markdown; `phrasings` are ways of asking for this tip.

    `learnt` are ways that came from use, each with its weight, 0..1, beside the authors'; no pack holds them.
    """

    title: str
    body: str
    phrasings: tuple[str, ...] = ()
    link: str = ""
    image: Image | None = None
    learnt: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Theme:
    """What tips are grouped by; a theme belongs to one of the two series.

    `synonyms` are groups of words that mean the same where the theme is concerned.
    """

    id: str
    series: str = "digivinkki"
    titles: Mapping[Language, str] = field(default_factory=dict)
    synonyms: Mapping[Language, tuple[tuple[str, ...], ...]] = field(default_factory=dict)

    def title(self, language: Language) -> str:
        """The theme's title in the language, else in any that it has, else its id."""
        return self.titles.get(language) or next(iter(self.titles.values()), self.id)

    def laid_over(self, base: Theme) -> Theme:
        """This theme over the one of the same id beneath it."""
        titles, synonyms = {**base.titles, **self.titles}, {**base.synonyms, **self.synonyms}
        return Theme(self.id, self.series or base.series, titles, synonyms)


@dataclass(frozen=True, slots=True)
class Tip:
    """A tip in the languages that it has.

    `asked` are ways of asking by language that go beside those of the text beneath, which stays as it is.
    `hidden` is None where a pack does not say. A tip of an organisation's pack (`own`) may hold a part only:
    what it lacks comes from the tip of the same id in the starter content (see `laid_over`).
    """

    id: str
    theme: str = ""
    texts: Mapping[Language, Text] = field(default_factory=dict)
    audience: tuple[str, ...] = ()
    reviewed: str = ""
    review_by: str = ""
    source: str = ""
    hidden: bool | None = None
    own: bool = False
    asked: Mapping[Language, tuple[str, ...]] = field(default_factory=dict)

    def language_for(self, wanted: Language) -> Language:
        """The wanted language where the tip has it, else the first of fi, sv, en that it has."""
        return language_for(wanted, self.texts)

    def laid_over(self, base: Tip) -> Tip:
        """This tip over the one of the same id beneath it: what this one does not say, the base says.

        A language given here replaces the base's text in that language whole, but the phrasings stay where
        none are given: the need is the same, so people ask for it in the same words.
        """
        texts = dict(base.texts)
        for language, text in self.texts.items():
            beneath = base.texts.get(language)
            keep = beneath.phrasings if beneath and not text.phrasings else text.phrasings
            texts[language] = replace(text, phrasings=keep)
        asked = {
            language: _joined(base.asked.get(language, ()), self.asked.get(language, ()))
            for language in {**base.asked, **self.asked}
        }
        for language in [language for language in asked if language in texts]:
            more = asked.pop(language)
            texts[language] = replace(texts[language], phrasings=_joined(texts[language].phrasings, more))
        return Tip(
            id=self.id,
            theme=self.theme or base.theme,
            texts=texts,
            audience=self.audience or base.audience,
            # The base's review does not vouch for words that the organisation changed.
            reviewed=self.reviewed if self.texts else self.reviewed or base.reviewed,
            review_by=self.review_by if self.texts else self.review_by or base.review_by,
            source=self.source or base.source,
            hidden=base.hidden if self.hidden is None else self.hidden,
            own=bool(self.texts),
            asked=asked,
        )


@dataclass(frozen=True, slots=True)
class Pack:
    """Themes and tips that travel together as files."""

    themes: tuple[Theme, ...] = ()
    tips: tuple[Tip, ...] = ()
    images: Mapping[str, bytes] = field(default_factory=dict)

    def theme(self, theme_id: str) -> Theme:
        """The theme of that id; one without a title where the pack does not hold it."""
        return next((theme for theme in self.themes if theme.id == theme_id), Theme(theme_id))


class Band(StrEnum):
    """How sure the answer is: one tip, three to choose from, none; or small talk."""

    ANSWER = "answer"
    SUGGEST = "suggest"
    HAND_OVER = "hand_over"
    CHAT = "chat"


@dataclass(frozen=True, slots=True)
class Match:
    """A tip found, its score (higher is better, 0 is nothing) and what made the score."""

    id: str
    score: float
    features: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the knowledge base has to say of a question.

    `language` is the asker's; `confidence` the probability that the first match is right; `matches` the best
    ten, best first; `small_talk` names the kind in the band `chat`; `notes` explain the way there.
    """

    question: str
    language: Language
    band: Band
    confidence: float
    matches: tuple[Match, ...] = ()
    small_talk: str = ""
    notes: tuple[str, ...] = ()


def _joined(first: tuple[str, ...], second: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*first, *second)))
