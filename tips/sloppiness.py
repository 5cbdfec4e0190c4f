"""Questions typed carelessly: how `measure` makes them from plain ones. Seeded, so that they are the same each time."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Mapping

from tips.models import Language
from tips.tokens import undotted

# Written Finnish and how it is said, tried in this order on each word; what the repair knows is only part of it.
_SAID: tuple[tuple[str, str], ...] = (
    (r"^minä$", "mä"), (r"^minun$", "mun"), (r"^minulla$", "mulla"), (r"^sinä$", "sä"), (r"^olen$", "oon"),
    (r"^että$", "et"), (r"^tämä$", "tää"), (r"^tämän$", "tän"), (r"^nämä$", "nää"), (r"^miten$", "miten mä"),
    (r"^pitäisi$", "pitäs"), (r"^voisi$", "vois"), (r"^mitä$", "mitä"), (r"^kanssa$", "kaa"),
    (r"(?<=[aeiouyäö])ss[aä]$", "s"), (r"(?<=[aeiouyäö])st[aä]$", "st"), (r"(?<=[aeiouyäö])ll[aä]$", "l"),
    (r"(?<=[aeiouyäö])lt[aä]$", "lt"), (r"oa$", "oo"), (r"öä$", "öö"), (r"(?<=[^i])ia$", "ii"), (r"iä$", "ii"),
    (r"ea$", "ee"), (r"eä$", "ee"), (r"(?<=[aeiouyäö])k[oö]$", "ks"), (r"(?<=[oö])i(?=[nt]|$)", ""),
    (r"(?<=i)si$", "s"),
)  # fmt: skip


def mistyped(text: str, chance: random.Random) -> str:
    """The text with one typing error in its longest word: two letters swapped, one left out or one doubled."""
    words = re.findall(r"\w+", text)
    long = max(words, key=len, default="")
    if len(long) < 5:
        return text
    place = chance.randrange(1, len(long) - 2)
    before, one, other, after = long[:place], long[place], long[place + 1], long[place + 2 :]
    variants = (before + other + one + after, before + other + after, before + one + one + other + after)
    return text.replace(long, chance.choice(variants), 1)


def without_dots(text: str, _: random.Random) -> str:
    """The text as typed on a keyboard that has no ä, ö, å."""
    return undotted(text.lower())


def as_spoken(text: str, _: random.Random) -> str:
    """Finnish text as it is said."""
    return re.sub(r"\w+", lambda word: _as_said(word[0]), text.lower())


def _as_said(word: str) -> str:
    for written, said in _SAID:
        changed = re.sub(written, said, word, count=1)
        if changed != word:
            return changed
    return word


# What is done to the plain questions of which languages.
KINDS: Mapping[str, tuple[Callable[[str, random.Random], str], tuple[Language, ...]]] = {
    "mistyped": (mistyped, ("fi", "sv", "en")),
    "undotted": (without_dots, ("fi", "sv")),
    "as spoken": (as_spoken, ("fi",)),
}


def variants(text: str, language: Language) -> Iterator[tuple[str, str]]:
    """The ways in which the question may be typed carelessly, by kind; those that leave it as it is are left out."""
    for kind, (change, languages) in KINDS.items():
        changed = change(text, random.Random(text))  # noqa: S311  a seed, not a secret
        if language in languages and changed.lower() != text.lower():
            yield kind, changed
