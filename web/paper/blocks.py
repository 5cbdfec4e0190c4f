"""Markdown as what paper can show: paragraphs, and items with their numbers or dots."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.token import Token


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph; `mark` is '1.', '•' or ''. What is **bold** is marked so."""

    mark: str
    text: str


def blocks(markdown: str) -> list[Block]:
    """The blocks of a text. Links are their words, raw HTML is text."""
    return list(_read(MarkdownIt("commonmark", {"html": False}).parse(markdown)))


def _read(tokens: list[Token]) -> Iterator[Block]:
    numbers: list[int | None] = []
    mark = ""
    for token in tokens:
        match token.type:
            case "ordered_list_open":
                numbers.append(int(token.attrGet("start") or 1))
            case "bullet_list_open":
                numbers.append(None)
            case "ordered_list_close" | "bullet_list_close":
                numbers.pop()
            case "list_item_open":
                number = numbers[-1]
                mark = "•" if number is None else f"{number}."
                numbers[-1] = None if number is None else number + 1
            case "inline":
                yield Block(mark, "".join(map(_said, token.children or [])).strip())
                mark = ""
            case "code_block" | "fence":
                yield Block(mark, _plain(token.content.strip()))


def _said(token: Token) -> str:
    match token.type:
        case "strong_open" | "strong_close":
            return "**"
        case "softbreak" | "hardbreak":
            return " "
        case _:
            return _plain(token.content)


def _plain(text: str) -> str:
    """The text without what the sheet would take for its own marks."""
    for mark, instead in (("**", "*"), ("__", "_"), ("--", "–"), ("~~", "~")):
        while mark in text:
            text = text.replace(mark, instead)
    return text
