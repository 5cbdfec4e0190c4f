"""Questions that lean on the one before: 'entä puhelimella?', 'och på mobilen?', 'what if it does not work'."""

from __future__ import annotations

from tips.lexicon import lexicon
from tips.models import Language
from tips.tokens import LONGEST_QUESTION, undotted, words

_LONGEST = 6  # words that tell something by themselves, in a question that begins as a follow-up does


def follows(question: str, language: Language) -> bool:
    """Whether the question can only be understood with the one before."""
    said, known = words(question), lexicon(language)
    leaning = known.follow_up
    written = [form for word in said for form in known.spoken.get(word, (word,))]
    telling = [word for word in written if word not in known.function_words and word not in leaning.failing]
    text = undotted(" ".join(said))
    if any(text == start or text.startswith(f"{start} ") for start in leaning.beginnings):
        return len(telling) <= _LONGEST
    # All that tells something is that it fails, and what 'it' is was said before.
    words_said = {*said, *written}
    fails = bool(words_said & leaning.pronouns and words_said & leaning.failing)
    return fails and all(word in leaning.pronouns for word in telling)


def joined(question: str, previous: str, language: Language) -> str:
    """What to search for: the question alone, or after the previous one where it leans on that."""
    if not previous.strip() or not follows(question, language):
        return question
    return f"{previous[: LONGEST_QUESTION // 2]} {question}"
