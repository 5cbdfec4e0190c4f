"""The strict check of sessions and guides, beside that of tips."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from tips.errors import PackError
from tips.links import source_problem
from tips.models import LANGUAGES, Language
from tips.programme import Programme
from tips.prose import has_figure_or_law, mean_problem, plain, prose_problems, sentences, word_count
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
        for field, reason in _of_session(session, tips):
            yield PackError(reason, tip=session.id, field=field)
    for guide in programme.guides.values():
        for language in LANGUAGES:
            body = guide.texts[language].body if language in guide.texts else ""
            reasons = [*prose_problems(body, language), *mean_problem(body, language)] if body else ["is missing"]
            yield from (PackError(reason, tip=guide.id, field=language) for reason in reasons)


def _spell_all(programme: Programme) -> None:
    """Has each speller, which remembers, see all words at once: starting one takes a tenth of a second."""
    for language in LANGUAGES:
        sessions = (one.texts[language] for one in programme.sessions.values() if language in one.texts)
        guides = (one.texts[language].body for one in programme.guides.values() if language in one.texts)
        if check := speller(language):
            misspelt(
                plain("\n".join([*(prose for text in sessions for prose in _texts(text).values()), *guides])), check
            )


def _of_session(session: Session, tips: Collection[str] | None) -> Iterator[tuple[str, str]]:
    missing = [field for field in ("reviewed", "review_by", "tips") if not getattr(session, field)]
    missing += [language for language in LANGUAGES if language not in session.texts]
    yield from ((field, "is missing") for field in missing)
    if session.source and (problem := source_problem(session.source)):
        yield "source", problem
    if tips is not None:
        yield from (("tips", f"{tip} is no tip") for tip in session.tips if tip not in tips)
    for language, text in session.texts.items():
        for field, reason in (*_of_prose(text, language), *_of_quiz(text, language), *_of_host(text, session.minutes)):
            yield f"{language}.{field}", reason
        if not session.source and has_figure_or_law(" ".join(_texts(text).values()), language):
            yield language, "names a law, an authority or a figure, and the session has no source"
    if len({tuple(question.right for question in text.quiz) for text in session.texts.values()}) > 1:
        yield "quiz", "the right options are not the same in all languages"


def _of_prose(text: SessionText, language: Language) -> Iterator[tuple[str, str]]:
    if len(text.title) > LONGEST_TITLE:
        yield "title", f"is {len(text.title)} characters long, at most {LONGEST_TITLE}"
    for field, prose in _texts(text).items():
        yield from ((field, reason) for reason in prose_problems(prose, language))
    yield from (("text", reason) for reason in mean_problem("\n".join(_texts(text).values()), language))
    for field, (fewest, most) in _WORDS.items():
        yield from _words(field, getattr(text, field), language, fewest, most)
    for point in text.points:
        yield from _words("points", point, language, *_WORDS_OF_POINT)
    if (count := len(sentences(text.why))) != SENTENCES_OF_WHY:
        yield "why", f"has {count} sentences, must have {SENTENCES_OF_WHY}"
    if len(text.points) != POINTS:
        yield "points", f"are {len(text.points)}, must be {POINTS}"


def _of_quiz(text: SessionText, language: Language) -> Iterator[tuple[str, str]]:
    if len(text.quiz) != QUESTIONS:
        yield "quiz", f"has {len(text.quiz)} questions, must have {QUESTIONS}"
    for question in text.quiz:
        yield from (("quiz", reason) for reason in _of_question(question, language))
    if len({question.right for question in text.quiz}) == 1:
        yield "quiz", "the right option stands in the same place each time"


def _of_host(text: SessionText, minutes: int) -> Iterator[tuple[str, str]]:
    if (total := sum(step.minutes for step in text.host)) != minutes:
        yield "host", f"the minutes sum to {total}, not {minutes}"
    if not any(step.minutes == EXERCISE_MINUTES for step in text.host):
        yield "host", f"no step takes the {EXERCISE_MINUTES} minutes of the exercise"


def _of_question(question: QuizQuestion, language: Language) -> Iterator[str]:
    if len(question.options) != OPTIONS:
        yield f"{len(question.options)} options, must be {OPTIONS}"
    lengths = [
        ("the question", question.question, _MOST_OF_QUESTION),
        ("the explanation", question.explanation, _MOST_OF_EXPLANATION),
        *(("an option", option, _MOST_OF_OPTION) for option in question.options),
    ]
    for name, text, most in lengths:
        if (count := word_count(text, language)) > most:
            yield f"{name} has {count} words, at most {most}"


def _words(field: str, text: str, language: Language, fewest: int, most: int) -> Iterator[tuple[str, str]]:
    if not fewest <= (count := word_count(text, language)) <= most:
        yield field, f"has {count} words, must have {fewest} to {most}"


def _texts(text: SessionText) -> dict[str, str]:
    """All prose of a session by field."""
    quiz = [part for item in text.quiz for part in (item.question, *item.options, item.explanation)]
    single = ("title", "invitation", "why", "do_now", "exercise", "help", "current", "closing")
    return {name: getattr(text, name) for name in single} | {
        "points": "\n".join(text.points),
        "quiz": "\n".join(quiz),
        "host": "\n".join(step.do for step in text.host),
    }
