"""The checks of a session, as its editor shows them, and what its parts are called."""

from __future__ import annotations

from collections.abc import Collection

from tips.models import LANGUAGES, Language
from tips.programme import Programme
from tips.programmechecking import problems
from tips.sessions import Session
from web.pages import words
from web.pages.checks import Advice, said

PARTS = (
    *("title", "invitation", "why", "point", "points", "do_now", "exercise", "quiz", "help", "current", "host"),
    *("closing", "text", "question", "option", "right", "explanation", "do", "minutes", "tip", "tips", "reviewed"),
    *("review_by", "source"),
)


def advice_on(session: Session, tips: Collection[str], shown: Language, language: Language) -> list[Advice]:
    """What could be better in the language that is shown and in what is common to all."""
    found = [
        (*_place(each.field), said(each.reason, language)) for each in problems(Programme({session.id: session}), tips)
    ]
    return [
        Advice(label(field, language) if field else words.word(language, f"language_{of}"), text)
        for of, field, text in dict.fromkeys(found)
        if of in ("", shown) or not field
    ]


def _place(field: str) -> tuple[str, str]:
    """'fi.title' as language and field."""
    first, _, rest = field.partition(".")
    return (first, rest) if first in LANGUAGES else ("", field)


def label(name: str, language: Language) -> str:
    """'quiz.2.option.1' as people call it: 'Kysymys 2, vaihtoehto 1'."""
    parts = name.split(".")
    word = words.word(language, f"sessionpart_{parts[0]}")
    if len(parts) == 1:
        return word
    named = f"{word} {parts[1]}"
    if len(parts) > 2:
        named = f"{named}, {' '.join([words.word(language, f'sessionpart_{parts[2]}').lower(), *parts[3:]])}"
    return named
