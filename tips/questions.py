"""Files of questions: the development and test sets of `measure`, and the lines of `ask --jsonl`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tips.errors import QuestionsError
from tips.models import LANGUAGES, Language


@dataclass(frozen=True, slots=True)
class Question:
    """A question with what is known of it: the ids of the tips that answer it, its style or kind; `gold` is the tip
    that it was written for."""

    text: str
    language: Language
    right: frozenset[str] = frozenset()
    style: str = ""
    gold: str = ""


def read(path: Path) -> list[Question]:
    """The questions of a JSONL file with q, lang and either gold, also and style, or kind."""
    try:
        with path.open(encoding="utf-8-sig") as lines:
            return [_question(data, path, number) for number, data in objects(lines, path)]
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "is not UTF-8 text"
        raise QuestionsError(f"{path}: {reason}") from error


def objects(lines: Iterable[str], name: Path | str) -> Iterator[tuple[int, dict[str, Any]]]:
    """The JSON objects of the lines with their line numbers; each must hold a text `q`."""
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            data = json.loads(line)
        except (ValueError, RecursionError):
            raise QuestionsError(f"{name}: line {number} is not JSON") from None
        if not isinstance(data, dict) or not isinstance(data.get("q"), str):
            raise QuestionsError(f'{name}: line {number} needs a question as text: {{"q": "…"}}')
        if data.get("lang") not in (None, *LANGUAGES):
            raise QuestionsError(f"{name}: line {number}: lang must be fi, sv or en")
        yield number, data


def _question(data: dict[str, Any], path: Path, number: int) -> Question:
    if not data.get("lang") or not ("gold" in data or "kind" in data):
        raise QuestionsError(f"{path}: line {number} needs lang, and gold or kind")
    also = data.get("also") or []
    right = [data["gold"]] if data.get("gold") else []
    right += also if isinstance(also, list) else [None]
    if not all(isinstance(tip, str) for tip in right):
        raise QuestionsError(f"{path}: line {number}: gold must be the id of a tip, also a list of ids")
    return Question(
        data["q"],
        data["lang"],
        frozenset(right),
        str(data.get("style") or data.get("kind") or ""),
        data.get("gold") or "",
    )
