"""The words of a language that the search knows before it has seen a tip, read from `words/*.yaml`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from tips import yamldocs
from tips.models import Language
from tips.tokens import undotted

_WORDS = Path(__file__).with_name("words")


@dataclass(frozen=True, slots=True)
class FollowUp:
    """How a question begins that leans on the one before; pronouns, and what may fail of that which they stand for.

    `doing` are verbs for whatever it was, `devices` beginnings of words, without dots, for that on which it is done.
    """

    beginnings: tuple[str, ...]
    pronouns: frozenset[str]
    negations: frozenset[str]
    failing: frozenset[str]
    doing: frozenset[str]
    devices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Lexicon:
    """`spoken` maps a spoken form to the written one, `synonyms` a base form to the others of its group,
    `small_talk` a kind of small talk to the words that tell it and those that may stand beside them, `phrases` a
    whole message without dots to its kind; `follow_up` is what leans on the question before."""

    function_words: frozenset[str]
    spoken: Mapping[str, tuple[str, ...]]
    synonyms: Mapping[str, tuple[str, ...]]
    small_talk: Mapping[str, tuple[frozenset[str], frozenset[str]]]
    phrases: Mapping[str, str]
    fillers: frozenset[str]
    follow_up: FollowUp

    def with_synonyms(self, groups: Iterable[Sequence[str]]) -> Lexicon:
        """The same lexicon, knowing these groups of words that mean the same as well."""
        return replace(self, synonyms=_joined(self.synonyms, _synonyms(groups)))


@cache
def lexicon(language: Language) -> Lexicon:
    """The lexicon of the language, read once."""
    data = yamldocs.shipped(_WORDS / f"{language}.yaml")
    return Lexicon(
        function_words=_words(data["function_words"]),
        spoken=_spoken(data["spoken"]),
        synonyms=_synonyms(data["synonyms"]),
        small_talk={
            kind: (_words(words["telling"]), _words(words["with"])) for kind, words in data["small_talk"].items()
        },
        phrases={
            undotted(phrase): kind for kind, words in data["small_talk"].items() for phrase in words.get("phrases", ())
        },
        fillers=_words(data["fillers"]),
        follow_up=_follow_up(data["follow_up"]),
    )


def _follow_up(data: Mapping[str, Any]) -> FollowUp:
    words = {name: _words(data[name]) for name in ("pronouns", "negations", "failing", "doing")}
    return FollowUp(
        beginnings=tuple(undotted(start) for start in data["beginnings"]),
        devices=tuple(undotted(data["devices"]).split()),
        **words,
    )


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _spoken(forms: Mapping[Any, Any]) -> dict[str, tuple[str, ...]]:
    """The spoken forms, also as typed without dots: 'mä' and 'ma'."""
    written = {str(spoken): tuple(str(form).split()) for spoken, form in forms.items()}
    return {undotted(spoken): form for spoken, form in written.items()} | written


def _joined(some: Mapping[str, tuple[str, ...]], more: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    return {word: tuple(dict.fromkeys((*some.get(word, ()), *more.get(word, ())))) for word in {**some, **more}}


def _synonyms(groups: Iterable[Sequence[Any]]) -> dict[str, tuple[str, ...]]:
    others: dict[str, tuple[str, ...]] = {}
    for group in groups:
        names = [str(name) for name in group]
        for name in names:
            others[name] = (*others.get(name, ()), *(other for other in names if other != name))
    return others
