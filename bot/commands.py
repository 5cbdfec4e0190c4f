"""The fixed things that people type: help, themes, language, my data, settings."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import cast

from rapidfuzz import process
from rapidfuzz.distance import OSA

from tips import yamldocs
from tips.models import LANGUAGES, Language
from tips.tokens import undotted, words

_MOST_WORDS = 4  # of a command
_SHORTEST, _TWO_SLIPS, _LONGEST = 6, 11, 40  # letters of one that may be mistyped


@dataclass(frozen=True, slots=True)
class Command:
    """A command and the language in which it was typed."""

    name: str
    language: Language


@dataclass(frozen=True, slots=True)
class Typed:
    """How a command is typed, and in which language."""

    phrase: str
    language: Language


def command_in(text: str, preferred: Language) -> Command | None:
    """The command that the whole message is, None where it is none. 'tips' is Swedish and English: as preferred."""
    said = undotted(" ".join(words(text)))
    known = _commands().get(said, {})
    first, _, rest = said.partition(" ")
    if not known and "language" in _commands().get(first, {}).values():
        # 'kieli svenska', 'language suomi': the name in any language
        named = _commands().get(rest, {}).items()
        known = {language: name for language, name in named if name.startswith("speak_")}
    language = preferred if preferred in known else next((lang for lang in LANGUAGES if lang in known), None)
    return Command(known[language], language) if language else None


def nearly(text: str, preferred: Language) -> Typed | None:
    """The command that the whole message seems to be, mistyped by a letter, two in a long one; else None."""
    said = undotted(" ".join(words(text)))
    if not _SHORTEST <= len(said) <= _LONGEST or len(said.split()) > _MOST_WORDS:
        return None
    slips = 1 if len(said) < _TWO_SLIPS else 2
    found = process.extract(said, list(_typed()), scorer=OSA.distance, score_cutoff=slips, limit=None)
    least = min((distance for _, distance, _ in found), default=0)
    near = [_typed()[phrase] for phrase, distance, _ in found if distance == least]
    return next((each for each in near if each.language == preferred), near[0] if near else None)


def begun_in(text: str, preferred: Language, names: Collection[str]) -> tuple[Command, str] | None:
    """The command of those names that the message begins with, and the words that follow, '' where none do."""
    return _begun(words(text), preferred, names)


def followed(text: str, preferred: Language, names: Collection[str]) -> tuple[Command, str] | None:
    """The same, with what follows as it was typed."""
    return _begun(text.split(), preferred, names)


def _begun(parts: Sequence[str], preferred: Language, names: Collection[str]) -> tuple[Command, str] | None:
    # Every question passes here several times, and hardly any begins as a command does.
    if not {undotted(word) for word in words(" ".join(parts[:_MOST_WORDS]))[:1]} & _first_words():
        return None
    for count in range(min(len(parts), _MOST_WORDS), 0, -1):
        command = command_in(" ".join(parts[:count]), preferred)
        if command and command.name in names:
            return command, " ".join(parts[count:])
    return None


def typed_form(name: str, language: Language) -> str:
    """How the command is typed in the language, for help texts and tests."""
    return _phrases()[name][language][0]


@cache
def _phrases() -> Mapping[str, Mapping[Language, list[str]]]:
    file = Path(__file__).with_name("catalogue") / "commands.yaml"
    return cast(Mapping[str, Mapping[Language, list[str]]], yamldocs.shipped(file))


@cache
def _typed() -> Mapping[str, Typed]:
    """The commands as they are typed, by their words without dots. Short ones are too like other words."""
    phrases = ((phrase, language) for by in _phrases().values() for language, each in by.items() for phrase in each)
    found = {undotted(" ".join(words(phrase))): Typed(phrase, language) for phrase, language in phrases}
    return {said: typed for said, typed in found.items() if len(said) >= _SHORTEST}


@cache
def _commands() -> Mapping[str, Mapping[Language, str]]:
    found: dict[str, dict[Language, str]] = {}
    for name, by_language in _phrases().items():
        for language, phrases in by_language.items():
            for phrase in phrases:
                found.setdefault(undotted(" ".join(words(phrase))), {})[language] = name
    return found


@cache
def _first_words() -> frozenset[str]:
    return frozenset(phrase.partition(" ")[0] for phrase in _commands())
