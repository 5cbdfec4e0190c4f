"""From a question to an answer: which language, which tip, how sure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from copy import copy
from dataclasses import dataclass, replace

import numpy as np

from tips.bm25 import Floats
from tips.calibration import DEFAULT_PRECISION, calibrated
from tips.confidence import SIGNALS, Confidence, signals
from tips.errors import ModelError
from tips.languages import LanguageDetector
from tips.lexicon import lexicon
from tips.meaning import Meaning
from tips.models import LANGUAGES, Answer, Band, Language, Match, Theme, Tip
from tips.query import Query
from tips.ranking import FEATURES, Ranker, scores
from tips.smalltalk import small_talk
from tips.tokens import all_words, cleaned, words

MOST_MATCHES = 10
# A language this improbable is not searched; a message this clear is answered in its own language whatever the
# asker has chosen.
_WORTH_SEARCHING = 0.1
_CLEAR = 0.8
# Tips in another language only that are put before the others: how many, from how many letters of a name on, and how
# good beside the best of them.
_STRANGERS, _NAME, _AS_GOOD = 2, 3, 0.6
_SUGGESTED = 3
_ADDRESS = re.compile(r"https?://\S+|www\.\S+|\S+@\S+")


class KnowledgeBase:
    """The tips in force, ready to answer. Immutable: when tips change, another one is built and takes its place."""

    def __init__(
        self,
        tips: Iterable[Tip],
        confidence: Confidence | None = None,
        also: Iterable[Tip] = (),
        themes: Iterable[Theme] = (),
        precision: float = DEFAULT_PRECISION,
    ) -> None:
        """`also` are tips that are not in force, from which the languages may be learnt all the same; of the `themes`
        the synonyms are taken; so great a share of the answers is to be right as `precision` says."""
        self.tips, themes = {tip.id: tip for tip in tips}, tuple(themes)
        by_language = {lang: [tip for tip in self.tips.values() if lang in tip.texts] for lang in LANGUAGES}
        synonyms = {lang: [group for theme in themes for group in theme.synonyms.get(lang, ())] for lang in LANGUAGES}
        self._rankers = {lang: Ranker(lang, tips, synonyms[lang]) for lang, tips in by_language.items() if tips}
        self._ids = {lang: list(dict.fromkeys([*ranker.ids, *self.tips])) for lang, ranker in self._rankers.items()}
        self.confidence = confidence or calibrated(self._rankers, self.tips.values(), precision)
        self._precision = precision
        self.meaning: Meaning | None = None
        self.hybrid: Confidence | None = None
        self._lacking = {lang: {tip.id for tip in self.tips.values() if lang not in tip.texts} for lang in LANGUAGES}
        self._titles: dict[tuple[Language, Language | None], Collection[str]] = {}  # as they are asked for
        samples = [*self.tips.values(), *also]
        self._detector = LanguageDetector({language: _samples(language, samples) for language in LANGUAGES})

    def with_meaning(self, meaning: Meaning, confidence: Confidence | None = None) -> KnowledgeBase:
        """The same tips, likeness in meaning asked where the light ranking is not sure; so sure it is then."""
        other = copy(self)
        other.meaning = meaning
        other.hybrid = confidence or calibrated(self._rankers, self.tips.values(), self._precision, meaning)
        return other

    def answer(self, question: str, language: Language | None = None, preferred: Language | None = None) -> Answer:
        """The answer. `language` is certain; `preferred` decides where the question itself does not tell."""
        chances = self._chances(question, language, preferred)
        spoken = max(chances, key=lambda each: chances[each])
        if talk := small_talk(question, spoken):
            kind, said_in = talk
            return Answer(question, language or said_in, Band.CHAT, 1.0, small_talk=kind)
        searched = self._worth_searching(chances, certain=language is not None)
        found = [self._search(question, each) for each in searched]
        if not found:
            return Answer(question, spoken, Band.HAND_OVER, 0.0)
        # Where two languages are possible, the one that the tips answer better was meant.
        best = max(found, key=lambda each: (each.confidence * chances[each.language], each.language == spoken))
        # Where words are sure, meaning has little to say. Of 454 answers to development questions, 17 of them wrong,
        # the weighed sum would change none; a veto where meaning alone prefers another by .04 takes 3 wrong, 13 right.
        if self.meaning and self.hybrid and best.band is not Band.ANSWER:
            with suppress(ModelError):  # the light ranking's word stands
                best = self._reconsidered(question, spoken, best, self.meaning, self.hybrid)
        best = self._with_strangers(question, spoken, best)
        return Answer(question, spoken, best.band, best.confidence, best.matches, notes=best.notes)

    def read(self, text: str, language: Language) -> Query | None:
        """The text as it is searched for in the language, None where no tip has it."""
        ranker = self._rankers.get(language)
        return ranker.query(cleaned(text)) if ranker else None

    def holds(self, word: str, language: Language) -> bool:
        """Whether the tips of the language hold the word, in whatever form."""
        return language in self._rankers and self._rankers[language].holds(word)

    def _chances(self, question: str, language: Language | None, preferred: Language | None) -> dict[Language, float]:
        if language:
            return {each: float(each == language) for each in LANGUAGES}
        question = _ADDRESS.sub(" ", question)  # an address is in no language
        chances = self._detector.probabilities(question)
        likely = max(chances, key=lambda each: chances[each])
        if preferred and (chances[likely] < _CLEAR or not self._detector.tells(question, likely, preferred)):
            # What the asker chose counts as much as a doubtful message does.
            chances = {each: (chance + (each == preferred)) / 2 for each, chance in chances.items()}
        return chances

    def _worth_searching(self, chances: dict[Language, float], certain: bool) -> Sequence[Language]:
        there = [language for language in LANGUAGES if language in self._rankers]
        likely = [language for language in there if chances[language] >= (1.0 if certain else _WORTH_SEARCHING)]
        # Tips in one language only are better than none: names of programs are the same in all.
        return likely or there

    def _search(self, question: str, language: Language) -> _Found:
        ranker = self._rankers[language]
        query = ranker.query(cleaned(question))
        features = ranker.features(query)
        found = signals(features, scores(features), query)
        # Where the tips know less than three quarters of the words that tell, likeness in the others says little.
        known = min(1.0, ranker.known(query) / 0.75)
        confidence = 0.0 if found is None else known * self.confidence.of(found)
        notes = (*_notes(language, query), *_why(found, known, self.confidence))
        matches = _matches(ranker.ids, features, scores(features))
        return _Found(language, confidence, self.confidence.band(confidence), matches, notes, query, features)

    def _reconsidered(
        self, question: str, spoken: Language, light: _Found, meaning: Meaning, confidence: Confidence
    ) -> _Found:
        """What was found, weighed together with likeness in meaning; tips without the language are there as well."""
        ids = self._ids[light.language]
        alike = meaning.likeness(cleaned(question), spoken, ids)
        features = np.zeros((len(ids), len(FEATURES)), np.float32)
        features[: len(light.features)] = light.features
        total = scores(features) + alike
        found = signals(features, total, light.query)
        if found is None:
            return light
        chance = confidence.of(found)
        matches = _matches(ids, features, total, alike)
        notes = (*light.notes, "likeness in meaning weighed in", *_why(found, 1.0, confidence))
        return replace(light, confidence=chance, band=confidence.band(chance), matches=matches, notes=notes)

    def _with_strangers(self, question: str, spoken: Language, found: _Found) -> _Found:
        """What was found, and before it tips that are not there in the asker's language but have words of the question
        in their titles, as no tip of that language has: names, mostly. They are suggested, as nothing has taught how
        sure that is."""
        if found.band is Band.ANSWER and found.matches[0].id in self._lacking[spoken]:
            return found
        named = [match for language in self._rankers for match in self._named(question, spoken, language)][:_STRANGERS]
        ids = {match.id for match in named}
        if not named or (found.band is Band.SUGGEST and ids <= {match.id for match in found.matches[:_SUGGESTED]}):
            return found
        matches = (*named, *(match for match in found.matches if match.id not in ids))[:MOST_MATCHES]
        notes = (*found.notes, f"not there in {spoken}, found by name: {', '.join(sorted(ids))}")
        chance = self.confidence.suggest_from
        return replace(found, confidence=chance, band=Band.SUGGEST, matches=matches, notes=notes)

    def _named(self, question: str, spoken: Language, language: Language) -> Sequence[Match]:
        theirs = self._titled(language, spoken)
        if language == spoken or not theirs:
            return ()
        ranker, own, titled = self._rankers[language], self._rankers.get(spoken), self._titled(spoken)
        known = lexicon(spoken).function_words | lexicon(spoken).spoken.keys()
        strange = [word for word in words(question) if _is_name(word) and word not in known]
        names = [word for word in strange if ranker.base(word) in theirs and not (own and own.base(word) in titled)]
        if not names:
            return ()
        lacking = [tip_id in self._lacking[spoken] for tip_id in ranker.ids]
        features = ranker.features(ranker.query(" ".join(names)))
        # As words: likeness in letters alone is none.
        telling = features[:, FEATURES.index("whole")] * np.array(lacking)
        matches = _matches(ranker.ids, features, np.where(telling > 0, scores(features), np.float32(0)))
        return [match for match in matches if match.score >= _AS_GOOD * matches[0].score]

    def _titled(self, language: Language, lacking: Language | None = None) -> Collection[str]:
        """The words of the titles in a language, of the tips that are not there in another, where one is named."""
        key = language, lacking
        if key not in self._titles:
            ranker = self._rankers.get(language)
            ids = [each for each in ranker.ids if not lacking or each in self._lacking[lacking]] if ranker else []
            said = (word for each in ids for word in words(self.tips[each].texts[language].title))
            self._titles[key] = {ranker.base(word) for word in said} if ranker else set()
        return self._titles[key]


@dataclass(frozen=True, slots=True)
class _Found:
    """What a search in one language found, and what it was made of."""

    language: Language
    confidence: float
    band: Band
    matches: tuple[Match, ...]
    notes: tuple[str, ...]
    query: Query
    features: Floats


def _matches(ids: Sequence[str], features: Floats, total: Floats, alike: Floats | None = None) -> tuple[Match, ...]:
    # Stable, so that equal scores keep the order of the tips: the same question, the same answer.
    order = np.argsort(-total, kind="stable")[:MOST_MATCHES]
    meaning = [{} if alike is None else {"meaning": float(alike[i])} for i in order]
    return tuple(
        Match(ids[i], float(total[i]), dict(zip(FEATURES, map(float, features[i]), strict=True)) | also)
        for i, also in zip(order, meaning, strict=True)
        if total[i] > 0
    )


def _notes(language: Language, query: Query) -> tuple[str, ...]:
    return (f"searched in {language}", *query.notes())


def _why(found: Floats | None, known: float, confidence: Confidence) -> Iterable[str]:
    if found is not None:
        yield ", ".join(f"{name} {value:.3f}" for name, value in zip(SIGNALS, map(float, found), strict=True))
        bands = f"answers from {confidence.answer_from:.2f}, suggests from {confidence.suggest_from:.2f}"
        yield f"known {known:.2f}; {bands}"


def _is_name(word: str) -> bool:
    """Whether a word may be one: 'M2' is, 'i' is not."""
    return len(word) >= _NAME or any(character.isdigit() for character in word)


def _samples(language: Language, tips: Iterable[Tip]) -> set[str]:
    texts = (tip.texts[language] for tip in tips if language in tip.texts)
    return {word for text in texts for word in all_words(" ".join((text.title, text.body, *text.phrasings)))}
