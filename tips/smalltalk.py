"""Greetings, thanks, goodbyes and calls for help: messages that are no questions."""

from __future__ import annotations

from tips.lexicon import lexicon
from tips.models import LANGUAGES, Language
from tips.tokens import undotted, words

_LONGEST = 8  # words
# What is said without a word. A thumb answers 'Auttoiko tämä?'.
_SIGNS = {"agreed": "👍👌✅😊🙂😀😃😄😁", "declined": "👎", "anger": "😡😠🤬", "thanks": "❤💙💚🙏🎉👏🤗"}


def small_talk(text: str, language: Language) -> tuple[str, Language] | None:
    """The kind of small talk that the whole message is, and in which language: that one or any other. Else None.

    'apua' is a call for help, 'apua, klikkasin linkkiä' a question: one word beyond small talk makes it one.
    Whole phrases of any language go before single words: 'what do I do now' is no 'what do you do'.
    """
    said = words(text)
    if not said:
        return (kind, language) if (kind := _sign(text)) else None
    if len(said) > _LONGEST:
        return None
    order = (language, *(other for other in LANGUAGES if other != language))
    ways = ((way, each) for way in (_phrase, _kind) for each in order)
    return next(((kind, each) for way, each in ways if (kind := way(said, each))), None)


def _sign(text: str) -> str:
    return next((kind for kind, signs in _SIGNS.items() if any(sign in text for sign in signs)), "")


def _phrase(said: list[str], language: Language) -> str:
    known = lexicon(language)
    greetings, _ = known.small_talk["greeting"]
    start = next((place for place, word in enumerate(said) if word not in greetings), 0)
    return known.phrases.get(undotted(" ".join(said[start:])), "")


def _kind(said: list[str], language: Language) -> str:
    known = lexicon(language)
    for kind, (telling, beside) in known.small_talk.items():
        if any(word in telling for word in said) and all(
            word in telling or word in beside or word in known.fillers for word in said
        ):
            return kind
    return ""
