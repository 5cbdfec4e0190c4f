"""From Markdown to Slack's mrkdwn, by the tokens of a Markdown parser rather than by patterns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.token import Token

from tips.packs import is_web_address

_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_MARKS = {"strong_open": "*", "strong_close": "*", "em_open": "_", "em_close": "_"}


def mrkdwn(text: str) -> str:
    """The text as Slack shows it. '<!channel>' and the like are shown, never obeyed."""
    return "\n".join(_lines(_parser().parse(text))).strip()


@cache
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).disable(["image", "heading", "lheading", "code", "fence"])


def _lines(tokens: Sequence[Token]) -> Iterator[str]:
    numbers: list[int | None] = []  # of the lists that are open: the next number, None where bulleted
    mark = ""
    for token in tokens:
        match token.type:
            case "ordered_list_open":
                numbers.append(int(token.attrs.get("start", 1)))
            case "bullet_list_open":
                numbers.append(None)
            case "ordered_list_close" | "bullet_list_close":
                numbers.pop()
            case "list_item_open":
                mark = "• " if numbers[-1] is None else f"{numbers[-1]}. "
                numbers[-1] = None if numbers[-1] is None else numbers[-1] + 1
            case "inline":
                yield "   " * (len(numbers) - 1) + mark + _inline(token.children or [])
                mark = ""
            case "paragraph_close" if not numbers:
                yield ""


def _inline(tokens: Sequence[Token]) -> str:
    out: list[str] = []
    link = ""
    for token in tokens:
        if token.type == "link_open":
            href = str(token.attrs.get("href", ""))
            link = href if is_web_address(href) else ""
            out.append(f"<{link.translate(_ESCAPES)}|" if link else "")
        elif token.type == "link_close":
            out.append(">" if link else "")
        elif token.type in ("softbreak", "hardbreak"):
            out.append("\n")
        else:
            out.append(_MARKS.get(token.type, token.content.translate(_ESCAPES)))
    return "".join(out)
