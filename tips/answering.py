"""From a question to an answer: which language, which tip, how sure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from tips.confidence import Confidence
from tips.index import Floats
from tips.languages import LanguageDetector
from tips.models import LANGUAGES, Answer, Band, Language, Match, Tip
from tips.query import Query
from tips.ranking import DEFAULT_WEIGHTS, FEATURES, Ranker
from tips.smalltalk import small_talk
from tips.tokens import all_words, cleaned

MOST_MATCHES = 10
# A language this improbable is not searched; a message this clear is answered in its own language whatever the
# asker has chosen.
_WORTH_SEARCHING = 0.1
_CLEAR = 0.8


class KnowledgeBase:
    """The tips in force, ready to answer. Immutable: when tips change, another one is built and takes its place."""

    def __init__(self, tips: Iterable[Tip], confidence: Confidence | None = None, also: Iterable[Tip] = ()) -> None:
        """`also` are tips that are not in force, from which the languages may be learnt all the same."""
        self.tips = {tip.id: tip for tip in tips}
        self._confidence = confidence or Confidence()
        self._weights = np.array(DEFAULT_WEIGHTS, np.float32)
        by_language = {lang: [tip for tip in self.tips.values() if lang in tip.texts] for lang in LANGUAGES}
        self._rankers = {language: Ranker(language, tips) for language, tips in by_language.items() if tips}
        samples = [*self.tips.values(), *also]
        self._detector = LanguageDetector({language: _samples(language, samples) for language in LANGUAGES})

    def answer(self, question: str, language: Language | None = None, preferred: Language | None = None) -> Answer:
        """The answer. `language` is certain; `preferred` decides where the question itself does not tell."""
        chances = self._chances(question, language, preferred)
        spoken = max(chances, key=lambda each: chances[each])
        if talk := small_talk(question, spoken):
            kind, said_in = talk
            return Answer(question, language or said_in, Band.CHAT, 1.0, small_talk=kind)
        found = [self._search(question, each) for each in self._worth_searching(chances, certain=language is not None)]
        if not found:
            return Answer(question, spoken, Band.HAND_OVER, 0.0)
        # Where two languages are possible, the one that the tips answer better was meant.
        confidence, matches, notes, _ = max(found, key=lambda each: (each[0] * chances[each[3]], each[3] == spoken))
        return Answer(question, spoken, self._confidence.band(confidence), confidence, matches, notes=notes)

    def _chances(self, question: str, language: Language | None, preferred: Language | None) -> dict[Language, float]:
        if language:
            return {each: float(each == language) for each in LANGUAGES}
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

    def _search(self, question: str, language: Language) -> tuple[float, tuple[Match, ...], tuple[str, ...], Language]:
        ranker = self._rankers[language]
        query = ranker.query(cleaned(question))
        features = ranker.features(query)
        scores = features @ self._weights
        # 'ei' or 'miten' alone finds something, but means nothing.
        confidence = self._confidence.of(features, scores) if query.tells else 0.0
        return confidence, _matches(ranker, features, scores), _notes(language, query), language


def _matches(ranker: Ranker, features: Floats, scores: Floats) -> tuple[Match, ...]:
    # Stable, so that equal scores keep the order of the tips: the same question, the same answer.
    order = np.argsort(-scores, kind="stable")[:MOST_MATCHES]
    return tuple(
        Match(ranker.ids[i], float(scores[i]), dict(zip(FEATURES, map(float, features[i]), strict=True)))
        for i in order
        if scores[i] > 0
    )


def _notes(language: Language, query: Query) -> tuple[str, ...]:
    return (f"searched in {language}", *query.notes())


def _samples(language: Language, tips: Iterable[Tip]) -> set[str]:
    texts = (tip.texts[language] for tip in tips if language in tip.texts)
    return {word for text in texts for word in all_words(" ".join((text.title, text.body, *text.phrasings)))}
