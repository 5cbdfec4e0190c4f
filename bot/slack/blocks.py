"""From a reply to Slack's Block Kit: pure functions, within Slack's limits (tests check them with slack_sdk's models).

Limits: https://docs.slack.dev/reference/block-kit/blocks: 50 blocks, 3,000 characters a section, 150 a header, 75 a
button, 25 buttons a row, 2,000 a button's value. Besides, a message whose blocks are some 13,200 characters together is
refused as 'msg_blocks_too_long' (https://github.com/slackapi/bolt-js/issues/2509), so a long body is cut here, with its
link to the rest.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

from bot.models import Button, Choice, Reply, TipView
from bot.slack.mrkdwn import escaped, fitted, link
from bot.texts import cut, paragraphs

MOST_BLOCKS, LONGEST_SECTION, LONGEST_HEADER = 50, 3_000, 150
MOST_BUTTONS, LONGEST_BUTTON, LONGEST_VALUE = 25, 75, 2_000
LARGEST = 12_000  # characters of JSON
ACTION = "digivinkki"  # every button's action_id begins so
DIALOG = ":dialog"  # and ends so, where it opens a modal
_MOST_SECTIONS = 12  # of one text: what is over goes into the last

_USER = re.compile(r"[A-Z0-9]{1,40}")

Block = dict[str, Any]


def blocks(reply: Reply) -> list[Block]:
    """The reply as blocks."""
    for longest in (8_000, 4_000, 2_000, 1_000, 300):
        made = list(islice(_blocks(reply, longest), MOST_BLOCKS))
        if _size(made) <= LARGEST:
            break
    while _size(made) > LARGEST:  # more buttons than anybody reads
        made.pop()
    return made or [_section("…")]


def plain(reply: Reply) -> str:
    """The reply as text, for notifications and screen readers."""
    tip = (reply.tip.title, reply.tip.body) if reply.tip else ()
    said = "\n\n".join(filter(None, [*reply.warnings, reply.text, *tip]))
    return fitted(said, LONGEST_SECTION) or next((escaped(choice.label) for choice in reply.choices), "") or "…"


def pressed(value: object) -> tuple[str, dict[str, str]] | None:
    """The action's name and values in a button's value; None where it is none of ours."""
    try:
        data = json.loads(value) if isinstance(value, str) else None
    except (ValueError, RecursionError):
        return None
    if not isinstance(data, list) or len(data) != 2 or not isinstance(data[0], str) or not isinstance(data[1], dict):
        return None
    return data[0], {str(key): text for key, text in data[1].items() if isinstance(text, str)}


def _blocks(reply: Reply, longest: int) -> Iterator[Block]:
    if named := " ".join(f"<@{identity}>" for identity in _mentioned(reply)):
        yield _section(named)
    yield from (_section(f":warning: {fitted(text, 500)}") for text in reply.warnings)
    if reply.settles:
        yield from _tip(reply.settles, longest)
    yield from _sections(reply.text, longest)
    if reply.tip:
        yield from _tip(reply.tip, longest)
    for tip in reply.more:
        yield from _tip(tip, longest)
    for number, choice in enumerate(reply.choices):
        yield from _choice(choice, number)


def _mentioned(reply: Reply) -> Iterator[str]:
    """The ids of those whom the reply names; of another platform's people there are none."""
    ids = (mention.person.removeprefix("slack:") for mention in reply.mentions if mention.person.startswith("slack:"))
    yield from filter(_USER.fullmatch, ids)


def _size(made: list[Block]) -> int:
    return len(json.dumps(made, ensure_ascii=False))


def _sections(text: str, longest: int) -> Iterator[Block]:
    parts = paragraphs(cut(text, longest))
    first, rest = parts[: _MOST_SECTIONS - 1], parts[_MOST_SECTIONS - 1 :]
    for part in [*first, "\n\n".join(rest)]:
        if shown := fitted(part, LONGEST_SECTION):
            yield _section(shown)


def _section(text: str) -> Block:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def _context(text: str) -> Block:
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": text}]}


def _tip(tip: TipView, longest: int) -> Iterator[Block]:
    yield {"type": "header", "text": plain_text(tip.title, LONGEST_HEADER)}
    yield from _sections(tip.body, longest)
    more = link(tip.link, tip.link_label) if tip.link else ""
    details = escaped(cut(tip.details, 200))
    if small := "  ·  ".join(filter(None, [more if len(more) <= 1_500 else "", details])):
        yield _context(small)


def _choice(choice: Choice, number: int) -> Iterator[Block]:
    if choice.label:
        yield _context(f"*{escaped(cut(choice.label, 300))}*")
    elements = (
        _button(button, f"{ACTION}:{number}:{place}{DIALOG if button.action.dialog else ''}")
        for place, button in enumerate(choice.buttons)
    )
    usable = (element for element in elements if len(element["value"]) <= LONGEST_VALUE)
    while row := list(islice(usable, MOST_BUTTONS)):
        yield {"type": "actions", "elements": row}


def _button(button: Button, action_id: str) -> Block:
    value = json.dumps([button.action.name, dict(button.action.values)], ensure_ascii=False)
    return {
        "type": "button",
        "action_id": action_id,
        "text": plain_text(button.label, LONGEST_BUTTON),
        "value": value,
    }


def plain_text(text: str, longest: int) -> Block:
    """A text without markup."""
    return {"type": "plain_text", "text": cut(text, longest).strip() or "…", "emoji": False}
