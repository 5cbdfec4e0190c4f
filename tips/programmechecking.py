"""The strict check of sessions and guides, beside that of tips."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from tips.errors import PackError
from tips.links import source_problem
from tips.models import LANGUAGES, Language
from tips.programme import Programme
from tips.prose import has_figure_or_law, mean_problem, plain, prose_problems, sentences, word_count
from tips.reasons import reason
from tips.sessions import QuizQuestion, Session, SessionText
from tips.spelling import misspelt, speller

POINTS = QUESTIONS = OPTIONS = SENTENCES_OF_WHY = 3
EXERCISE_MINUTES = 4
LONGEST_TITLE = 60  # characters
_WORDS = {"do_now": (1, 45), "exercise": (1, 90), "help": (1, 40), "invitation": (25, 50), "closing": (25, 50)}
_WORDS_OF_POINT = (10, 35)
_MOST_OF_QUESTION, _MOST_OF_OPTION, _MOST_OF_EXPLANATION = 30, 15, 40


def problems(programme: Programme, tips: Collection[str] | None = None) -> Iterator[PackError]:
    """All that is wrong with sessions and guides. `tips` are the ids that a session may point to, if known."""
    _spell_all(programme)
    for session in programme.sessions.values():
        for field, found in session_problems(session, tips):
            yield PackError(found, tip=session.id, field=field)
    for guide in programme.guides.values():
        for language in LANGUAGES:
            body = guide.texts[language].body if language in guide.texts else ""
            reasons = [*prose_problems(body, language), *mean_problem(body, language)] if body else [reason("missing")]
            yield from (PackError(found, tip=guide.id, field=language) for found in reasons)


def _spell_all(programme: Programme) -> None:
    """Has each speller, which remembers, see all words at once: starting one takes a tenth of a second."""
    for language in LANGUAGES:
        sessions = (one.texts[language] for one in programme.sessions.values() if language in one.texts)
        guides = (one.texts[language].body for one in programme.guides.values() if language in one.texts)
        if check := speller(language):
            misspelt(
                plain("\n".join([*(prose for text in sessions for prose in _texts(text).values()), *guides])), check
            )


def session_problems(session: Session, tips: Collection[str] | None) -> Iterator[tuple[str, str]]:
    """What is wrong with one session: the field and the reason."""
    missing = [field for field in ("reviewed", "review_by", "tips") if not getattr(session, field)]
    missing += [language for language in LANGUAGES if language not in session.texts]
    yield from ((field, reason("missing")) for field in missing)
    if session.source and (problem := source_problem(session.source)):
        yield "source", problem
    if tips is not None:
        yield from (("tips", reason("no_such_tip", tip=tip)) for tip in session.tips if tip not in tips)
    for language, text in session.texts.items():
        for field, found in (*_of_prose(text, language), *_of_quiz(text, language), *_of_host(text, session.minutes)):
            yield f"{language}.{field}", found
        if not session.source and has_figure_or_law(" ".join(_texts(text).values()), language):
            yield language, reason("source_session")
    if len({tuple(question.right for question in text.quiz) for text in session.texts.values()}) > 1:
        yield "quiz", reason("unlike_options")


def _of_prose(text: SessionText, language: Language) -> Iterator[tuple[str, str]]:
    if len(text.title) > LONGEST_TITLE:
        yield "title", reason("session_title_long", count=len(text.title), most=LONGEST_TITLE)
    for field, prose in _texts(text).items():
        yield from ((field, found) for found in prose_problems(prose, language))
    yield from (("text", found) for found in mean_problem("\n".join(_texts(text).values()), language))
    for field, (fewest, most) in _WORDS.items():
        yield from _words(field, getattr(text, field), language, fewest, most)
    for point in text.points:
        yield from _words("points", point, language, *_WORDS_OF_POINT)
    if (count := len(sentences(text.why))) != SENTENCES_OF_WHY:
        yield "why", reason("sentences_exactly", count=count, exactly=SENTENCES_OF_WHY)
    if len(text.points) != POINTS:
        yield "points", reason("count_exactly", count=len(text.points), exactly=POINTS)


def _of_quiz(text: SessionText, language: Language) -> Iterator[tuple[str, str]]:
    if len(text.quiz) != QUESTIONS:
        yield "quiz", reason("questions_exactly", count=len(text.quiz), exactly=QUESTIONS)
    for question in text.quiz:
        yield from (("quiz", found) for found in _of_question(question, language))
    if len({question.right for question in text.quiz}) == 1:
        yield "quiz", reason("same_place")


def _of_host(text: SessionText, minutes: int) -> Iterator[tuple[str, str]]:
    if (total := sum(step.minutes for step in text.host)) != minutes:
        yield "host", reason("minutes_sum", count=total, exactly=minutes)
    if not any(step.minutes == EXERCISE_MINUTES for step in text.host):
        yield "host", reason("no_exercise", exactly=EXERCISE_MINUTES)


def _of_question(question: QuizQuestion, language: Language) -> Iterator[str]:
    if len(question.options) != OPTIONS:
        yield reason("options_exactly", count=len(question.options), exactly=OPTIONS)
    lengths = [
        ("question_long", question.question, _MOST_OF_QUESTION),
        ("explanation_long", question.explanation, _MOST_OF_EXPLANATION),
        *(("option_long", option, _MOST_OF_OPTION) for option in question.options),
    ]
    for key, text, most in lengths:
        if (count := word_count(text, language)) > most:
            yield reason(key, count=count, most=most)


def _words(field: str, text: str, language: Language, fewest: int, most: int) -> Iterator[tuple[str, str]]:
    if not fewest <= (count := word_count(text, language)) <= most:
        yield field, reason("words_between", count=count, fewest=fewest, most=most)


def _texts(text: SessionText) -> dict[str, str]:
    """All prose of a session by field."""
    quiz = [part for item in text.quiz for part in (item.question, *item.options, item.explanation)]
    single = ("title", "invitation", "why", "do_now", "exercise", "help", "current", "closing")
    return {name: getattr(text, name) for name in single} | {
        "points": "\n".join(text.points),
        "quiz": "\n".join(quiz),
        "host": "\n".join(step.do for step in text.host),
    }
