"""Markdown of tips and messages to HTML. Raw HTML in it is shown as text; only http(s) links become links."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Any

from markdown_it import MarkdownIt
from markupsafe import Markup

from tips.fields import is_web_address


@cache
def _renderer() -> MarkdownIt:
    renderer = MarkdownIt("commonmark", {"html": False, "linkify": False}).disable(["image", "heading", "lheading"])
    renderer.validateLink = is_web_address  # type: ignore[assignment,method-assign]
    renderer.add_render_rule("link_open", _open_link)
    return renderer


@lru_cache(maxsize=1_024)
def html(text: str) -> Markup:
    """The text as HTML, safe to put into a page."""
    return Markup(_renderer().render(text))  # noqa: S704  the renderer escapes everything


def _open_link(self: Any, tokens: Any, index: int, options: Any, env: Any) -> str:
    tokens[index].attrSet("target", "_blank")
    tokens[index].attrSet("rel", "noopener noreferrer")
    return str(self.renderToken(tokens, index, options, env))
