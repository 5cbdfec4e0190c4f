"""The README's table of commands: every word that the assistant understands, no other, each in its language."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from bot.commands import _phrases
from tips.models import LANGUAGES, Language

README = Path(__file__).parent.parent / "README.md"


def rows() -> list[list[str]]:
    """The table's rows as cells, those that only name who it is for left out."""
    section = README.read_text(encoding="utf-8").split("## What people type")[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def forms(column: int) -> list[tuple[str, ...]]:
    """What is typed, row by row."""
    return [tuple(re.findall("`([^`]+)`", row[column])) for row in rows()]


@pytest.mark.parametrize(("column", "language"), list(enumerate(LANGUAGES)))
def test_each_command_stands_once_with_all_its_words(column: int, language: Language) -> None:
    assert Counter(forms(column)) == Counter(tuple(phrases[language]) for phrases in _phrases().values())


def test_the_languages_of_a_row_are_of_one_command() -> None:
    by_words = {tuple(phrases["fi"]): name for name, phrases in _phrases().items()}
    wrong = [
        by_words[finnish]
        for finnish, swedish, english in zip(forms(0), forms(1), forms(2), strict=True)
        if (swedish, english) != tuple(tuple(_phrases()[by_words[finnish]][each]) for each in ("sv", "en"))
    ]
    assert wrong == []


def test_each_row_says_what_it_does() -> None:
    assert all(len(row) == 4 and row[3] for row in rows())
