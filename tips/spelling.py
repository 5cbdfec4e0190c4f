"""Spelling of the tips' texts: Voikko for Finnish, hunspell with Debian's dictionaries for Swedish and English."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path

from tips.analysis import voikko_analyser
from tips.models import Language

Speller = Callable[[Iterable[str]], set[str]]  # words in, the misspelt ones out

_DICTIONARIES: dict[Language, str] = {"sv": "sv_SE", "en": "en_GB"}
_LONGEST_ENDING = 5  # letters
_NOT_WORDS = re.compile(r"https?://\S+|\S+@\S+|\{\w+\}|\b[\w-]+\.(?:fi|com|org|net|ms)\b\S*")
# Words of two letters and more; 'arbets-' in 'arbets- eller skolkonto' is half a word.
_WORD = re.compile(r"[^\W\d_]{2,}(?:[-'’][^\W\d_]+)*(?![\w-])")


def misspelt(text: str, speller: Speller) -> list[str]:
    """The words of the text that are neither right nor among the known names, in order.

    A compound with hyphens is right where each of its parts is.
    """
    found = list(dict.fromkeys(_WORD.findall(_NOT_WORDS.sub(" ", text))))
    wrong = speller(word for word in found if not _is_name(word))
    parts = {word: [part for part in word.split("-") if not _is_name(part)] for word in wrong}
    wrong_parts = speller(part for word in parts if "-" in word for part in parts[word])
    return [word for word in found if word in wrong and ("-" not in word or wrong_parts.intersection(parts[word]))]


@cache
def speller(language: Language) -> Speller | None:
    """The speller of the language, or None where it is not installed."""
    if language == "fi":
        voikko = voikko_analyser()
        return (lambda words: {word for word in words if not voikko.spells(word)}) if voikko else None
    command = shutil.which("hunspell")
    dictionary = _DICTIONARIES[language]
    if not command or _run([command, "-d", dictionary, "-l"], "").returncode != 0:
        return None
    return _remembering(lambda words: set(_run([command, "-d", dictionary, "-l"], "\n".join(words)).stdout.split()))


@cache
def known_names() -> frozenset[str]:
    """Names of products and other words that no dictionary has, in small letters."""
    lines = Path(__file__).with_name("words").joinpath("names.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(line.strip().lower() for line in lines if line.strip() and not line.startswith("#"))


def _remembering(speller: Speller) -> Speller:
    """Asks for no word twice: starting hunspell takes a tenth of a second."""
    right: set[str] = set()
    wrong: set[str] = set()

    def asked(words: Iterable[str]) -> set[str]:
        wanted = set(words)
        if new := wanted - right - wrong:
            wrong.update(speller(new))
            right.update(new - wrong)
        return wanted & wrong

    return asked


def _is_name(word: str) -> bool:
    """Whether the word is a known name or one with a case ending: 'Teamsissa', 'Authenticatorin'."""
    small = word.lower()
    return any(small[:cut] in known_names() for cut in range(max(2, len(small) - _LONGEST_ENDING), len(small) + 1))


def _run(command: list[str], text: str) -> subprocess.CompletedProcess[str]:
    # The command is ours; the words go in by standard input.
    return subprocess.run(  # noqa: S603
        command, input=text, capture_output=True, text=True, check=False, timeout=60
    )
