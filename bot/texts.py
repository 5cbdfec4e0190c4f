"""Cutting and splitting Markdown for platforms that take only so much at a time."""

from __future__ import annotations

import re


def cut(text: str, longest: int) -> str:
    """The text, or its beginning up to a word's end and '…', in at most `longest` characters."""
    if len(text) <= longest:
        return text
    kept = text[: max(longest - 1, 0)].rsplit(None, 1)
    return (kept[0].rstrip() if kept else "") + "…"


def paragraphs(text: str) -> list[str]:
    """The blocks of a Markdown text that blank lines part: paragraphs, and lists whole."""
    return [part.strip("\n") for part in re.split(r"\n\s*\n", text.strip()) if part.strip()]
