"""Knowledge bases of any size and questions for them, made from the starter content by a seeded generator."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

from tips.models import LANGUAGES, Language, Pack, Text, Tip
from tips.shipped import shipped
from tips.starter import starter_pack
from tips.vectors import Bytes, sources

SEED = 2027


def pack_of(size: int) -> Pack:
    """The starter tips, and as many more made of their words as `size` asks for: half of each text's words changed."""
    starter = starter_pack()
    chance = random.Random(SEED)  # noqa: S311  a benchmark must be the same each time
    words = {language: _words(starter.tips, language) for language in LANGUAGES}
    made = [
        replace(
            tip,
            id=f"made-{number}",
            texts={language: _changed(text, words[language], chance) for language, text in tip.texts.items()},
        )
        for number, tip in enumerate(chance.choices(starter.tips, k=max(0, size - len(starter.tips))))
    ]
    return Pack(starter.themes, (*starter.tips, *made))


def questions(count: int) -> list[str]:
    """Questions as people type them: phrasings of the starter tips with a word lost, doubled or mistyped."""
    chance = random.Random(SEED)  # noqa: S311
    ways = [way for tip in starter_pack().tips for text in tip.texts.values() for way in text.phrasings]
    return [_sloppy(way, chance) for way in chance.choices(ways, k=count)]


def vectors_of(pack: Pack, model: str) -> dict[str, Bytes]:
    """A vector for each text of the pack that none came for: one of the starter content's, as it takes hours to compute
    them all and a question takes as long with any."""
    keys = sources(pack.tips)
    there = shipped(model, keys)
    known, chance = sorted(there), random.Random(SEED)  # noqa: S311
    return {key: there[chance.choice(known)] for key in keys if key not in there} if known else {}


def _words(tips: Sequence[Tip], language: Language) -> list[str]:
    return sorted({word for tip in tips if language in tip.texts for word in tip.texts[language].body.split()})


def _changed(text: Text, words: Sequence[str], chance: random.Random) -> Text:
    def other(part: str) -> str:
        return " ".join(chance.choice(words) if chance.random() < 0.5 else word for word in part.split())

    return replace(text, title=other(text.title), body=other(text.body), phrasings=tuple(map(other, text.phrasings)))


def _sloppy(question: str, chance: random.Random) -> str:
    words = question.split()
    place = chance.randrange(len(words))
    word = words[place]
    if len(word) > 4:
        cut = chance.randrange(1, len(word) - 1)
        words[place] = word[:cut] + word[cut + 1 :]
    return " ".join(words).replace("ä", "a") if chance.random() < 0.2 else " ".join(words)
