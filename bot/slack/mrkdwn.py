"""From Markdown to Slack's mrkdwn, by the tokens of a Markdown parser rather than by patterns."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.token import Token

from bot.texts import cut
from tips.fields import is_web_address

_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_MARKS = {"strong_open": "*", "strong_close": "*", "em_open": "_", "em_close": "_"}
# Slack makes a mention of these even where nothing marks them; with a word joiner they are words.
_CALLS = re.compile(r"@(?=(?:channel|here|everyone)\b)", re.IGNORECASE)


def mrkdwn(text: str) -> str:
    """The text as Slack shows it. '<!channel>', '@here' and the like are shown, never obeyed."""
    return "\n".join(_lines(_parser().parse(text))).strip()


def fitted(text: str, longest: int) -> str:
    """As `mrkdwn`, in at most `longest` characters. The Markdown is cut, so that no entity or link is halved."""
    room = longest
    while len(shown := mrkdwn(cut(text, room))) > longest:
        room //= 2
    return shown


def link(address: str, label: str) -> str:
    """A link; of what is no web address only the label."""
    if not is_web_address(address):
        return escaped(label)
    return f"<{address.replace('|', '%7C').translate(_ESCAPES)}|{escaped(label)}>"


def escaped(text: str) -> str:
    """The text with nothing in it that Slack would take for markup of its own."""
    return _CALLS.sub("@\u2060", text.translate(_ESCAPES))


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
                if not numbers:
                    yield ""
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
    address = ""
    for token in tokens:
        if token.type == "link_open":
            href = str(token.attrs.get("href", ""))
            address = href if is_web_address(href) else ""
            out.append(f"<{address.translate(_ESCAPES)}|" if address else "")
        elif token.type == "link_close":
            out.append(">" if address else "")
        elif token.type in ("softbreak", "hardbreak"):
            out.append(" " if address else "\n")
        elif token.type == "code_inline":
            out.append(f"`{escaped(token.content)}`")
        else:
            out.append(_MARKS.get(token.type, escaped(token.content)))
    return "".join(out)
