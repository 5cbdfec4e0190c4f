"""Questions that lean on the one before: 'entä puhelimella?', 'och på mobilen?', 'what if it does not work'."""

from __future__ import annotations

from tips.lexicon import FollowUp, lexicon
from tips.models import Language
from tips.tokens import LONGEST_QUESTION, undotted, words

_SHORTEST = 3  # words of which none but a device tells anything: 'ja puhelimella?'
_TELLING = 5  # letters of a word that tell it from others
_LONGEST = 6  # words that tell something by themselves, in a question that begins as a follow-up does


def follows(question: str, language: Language) -> bool:
    """Whether the question can only be understood with the one before."""
    leaning, telling = lexicon(language).follow_up, _telling(question, language)
    if _beginning(question, leaning):
        return len([word for word in telling if word not in leaning.failing]) <= _LONGEST
    return fails(question, language) or _elsewhere(question, telling, leaning)


def fails(question: str, language: Language) -> bool:
    """Whether all that the question tells is that something fails, and what that is was said before."""
    leaning, said = lexicon(language).follow_up, _said(question, language)
    says_what = said & (leaning.negations if not said & leaning.pronouns else leaning.pronouns)
    known = leaning.pronouns | leaning.failing | leaning.negations | lexicon(language).fillers
    return bool(says_what and said & leaning.failing) and all(word in known for word in _telling(question, language))


def devices(question: str, language: Language) -> list[str]:
    """The beginnings of the devices' names in the question: 'puhelimella' has 'puhelim'."""
    known = lexicon(language).follow_up.devices
    return [device for word in _said(question, language) if (device := _device(word, known))]


def asks_of(question: str, language: Language) -> list[str]:
    """What a follow-up asks of the matter, as beginnings of words without dots: its devices, else what else tells."""
    if named := devices(question, language):
        return named
    leaning = lexicon(language).follow_up
    general = leaning.pronouns | leaning.failing | leaning.negations | leaning.doing
    telling = [word for word in _telling(question, language) if word not in general]
    return [undotted(word)[:_TELLING] for word in telling if len(word) >= _TELLING]


def joined(question: str, previous: str, language: Language) -> str:
    """What to search for: the question alone, or after the previous one where it leans on that."""
    if not previous.strip() or not follows(question, language):
        return question
    return f"{previous[: LONGEST_QUESTION // 2]} {question}"


def _beginning(question: str, leaning: FollowUp) -> int:
    """How many words the question's beginning has, 0 where it begins otherwise."""
    text = undotted(" ".join(words(question)))
    found = (start for start in leaning.beginnings if text == start or text.startswith(f"{start} "))
    return max((len(start.split()) for start in found), default=0)


def _elsewhere(question: str, telling: list[str], leaning: FollowUp) -> bool:
    """'Miten se tehdään macilla', 'puhelimella?': the same thing on a device, and nothing else."""
    others = [word for word in telling if word not in leaning.pronouns and word not in leaning.doing]
    named = [word for word in others if _device(word, leaning.devices)]
    said = words(question)
    leans = len(said) <= _SHORTEST or bool(leaning.pronouns.intersection(said))
    return bool(named) and len(named) == len(others) and leans


def _device(word: str, known: tuple[str, ...]) -> str:
    plain = undotted(word)
    return next((device for device in known if plain.startswith(device)), "")


def _said(question: str, language: Language) -> set[str]:
    """The words as typed, and as they are written."""
    spoken = lexicon(language).spoken
    return {form for word in words(question) for form in (word, *spoken.get(word, ()))}


def _telling(question: str, language: Language) -> list[str]:
    known = lexicon(language)
    said = words(question)[_beginning(question, known.follow_up) :]
    written = [form for word in said for form in known.spoken.get(word, (word,))]
    return [word for word in written if word not in known.function_words]
