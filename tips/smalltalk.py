"""Greetings, thanks, goodbyes and calls for help: messages that are no questions."""

from __future__ import annotations

from tips.lexicon import lexicon
from tips.models import LANGUAGES, Language
from tips.tokens import words

_LONGEST = 8  # words


def small_talk(text: str, language: Language) -> tuple[str, Language] | None:
    """The kind of small talk that the whole message is, and in which language: that one or any other. Else None.

    'apua' is a call for help, 'apua, klikkasin linkkiä' a question: one word beyond small talk makes it one.
    """
    said = words(text)
    if not said or len(said) > _LONGEST:
        return None
    order = (language, *(other for other in LANGUAGES if other != language))
    return next(((kind, each) for each in order if (kind := _kind(said, each))), None)


def _kind(said: list[str], language: Language) -> str:
    known = lexicon(language)
    for kind, (telling, beside) in known.small_talk.items():
        if any(word in telling for word in said) and all(
            word in telling or word in beside or word in known.fillers for word in said
        ):
            return kind
    return ""
