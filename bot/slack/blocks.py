"""From a reply to Slack's Block Kit: pure functions, within Slack's limits (tests check them with slack_sdk's models).

Limits: https://docs.slack.dev/reference/block-kit/blocks: 50 blocks, 3,000 characters a section, 150 a header, 75 a
button, 25 buttons a row, 2,000 a button's value.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice
from typing import Any

from bot.models import Button, Choice, Reply, TipView
from bot.slack.mrkdwn import mrkdwn
from bot.texts import cut, paragraphs

MOST_BLOCKS, LONGEST_SECTION, LONGEST_HEADER, LONGEST_BUTTON, MOST_BUTTONS = 50, 3_000, 150, 75, 25
ACTION = "digivinkki"  # every button's action_id begins so

Block = dict[str, Any]


def blocks(reply: Reply) -> list[Block]:
    """The reply as blocks."""
    parts = [
        *(_section(f":warning: {mrkdwn(text)}") for text in reply.warnings),
        *(_tip(reply.settles) if reply.settles else ()),
        *_sections(reply.text),
        *(_tip(reply.tip) if reply.tip else ()),
    ]
    choices = [block for number, choice in enumerate(reply.choices) for block in _choice(choice, number)]
    room = MOST_BLOCKS - len(choices)
    return [*parts[:room], *choices][:MOST_BLOCKS] or [_section("…")]


def plain(reply: Reply) -> str:
    """The reply as text, for notifications and screen readers."""
    parts = [*reply.warnings, reply.text, reply.tip.title if reply.tip else "", reply.tip.body if reply.tip else ""]
    return cut(mrkdwn("\n\n".join(filter(None, parts))), LONGEST_SECTION)


def pressed(value: object) -> tuple[str, dict[str, str]] | None:
    """The action's name and values in a button's value; None where it is none of ours."""
    try:
        data = json.loads(value) if isinstance(value, str) else None
    except (ValueError, RecursionError):
        return None
    if not isinstance(data, list) or len(data) != 2 or not isinstance(data[0], str) or not isinstance(data[1], dict):
        return None
    return data[0], {str(key): text for key, text in data[1].items() if isinstance(text, str)}


def _sections(text: str) -> Iterator[Block]:
    yield from (_section(mrkdwn(part)) for part in paragraphs(text))


def _section(text: str) -> Block:
    return {"type": "section", "text": {"type": "mrkdwn", "text": cut(text, LONGEST_SECTION)}}


def _context(text: str) -> Block:
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": cut(text, LONGEST_SECTION)}]}


def _tip(tip: TipView) -> Iterator[Block]:
    header = {"type": "plain_text", "text": cut(tip.title, LONGEST_HEADER), "emoji": False}
    yield {"type": "header", "text": header}
    yield from _sections(tip.body)
    link = f"<{tip.link}|{mrkdwn(tip.link_label)}>  ·  " if tip.link else ""
    yield _context(link + mrkdwn(tip.details))


def _choice(choice: Choice, number: int) -> Iterator[Block]:
    if choice.label:
        yield _context(f"*{mrkdwn(choice.label)}*")
    buttons = iter(enumerate(choice.buttons))
    while row := list(islice(buttons, MOST_BUTTONS)):
        elements = [_button(button, f"{ACTION}:{number}:{place}") for place, button in row]
        yield {"type": "actions", "elements": elements}


def _button(button: Button, action_id: str) -> Block:
    value = json.dumps([button.action.name, dict(button.action.values)], ensure_ascii=False)
    text = {"type": "plain_text", "text": cut(button.label, LONGEST_BUTTON), "emoji": False}
    return {"type": "button", "action_id": action_id, "text": text, "value": cut(value, 2_000)}
