"""How a reply would look in Teams and in Slack: what the channels send, as HTML. The channels themselves decide."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import unescape
from typing import Any

import nh3
from markupsafe import Markup, escape

from bot.answers import Shelf, previewed
from bot.slack.blocks import blocks
from bot.teams.cards import card
from tips.fields import is_web_address
from tips.models import Language, Tip

_LINK = re.compile(r"<([^|<>]+)\|([^<>]*)>")
_MARKS = (
    (re.compile(r"(?<![\w*])\*(?=\S)([^*\n]+)(?<=\S)\*(?![\w*])"), "b"),
    (re.compile(r"(?<![\w_])_(?=\S)([^_\n]+)(?<=\S)_(?![\w_])"), "i"),
)


@dataclass(frozen=True, slots=True)
class Looks:
    """An Adaptive Card's elements and Slack's blocks, for the templates."""

    language: Language
    card: Sequence[Mapping[str, Any]]
    blocks: Sequence[Mapping[str, Any]]


def looks(shelf: Shelf, tip: Tip, language: Language) -> Looks:
    """The tip as both platforms would show it to a reader of the language."""
    reply = previewed(shelf, tip, language)
    return Looks(tip.language_for(language), card(reply)["body"], blocks(reply))


def slack_html(mrkdwn: str) -> Markup:
    """Slack's mrkdwn as HTML: its links, bold and italic; everything else is only text."""
    parts: list[str] = []
    end = 0
    for found in _LINK.finditer(mrkdwn):
        parts.append(_marked(mrkdwn[end : found.start()]))
        address, label = unescape(found[1]), _marked(found[2])
        parts.append(f'<a href="{escape(address)}">{label}</a>' if is_web_address(address) else label)
        end = found.end()
    parts.append(_marked(mrkdwn[end:]))
    # The parts are escaped; nh3 is the second belt.
    clean = nh3.clean("".join(parts), tags={"a", "b", "i", "br"}, attributes={"a": {"href"}}, link_rel="noopener")
    return Markup(clean)  # noqa: S704  cleaned just now


def _marked(text: str) -> str:
    shown = str(escape(unescape(text)))
    for mark, tag in _MARKS:
        shown = mark.sub(rf"<{tag}>\1</{tag}>", shown)
    return shown.replace("\n", "<br>")
