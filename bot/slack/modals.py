"""Replies as modals, with what is to be written in them: https://docs.slack.dev/reference/views/modal-views

A modal keeps in its metadata, which nobody but the app can write, from which channel it was opened and what its form
leads to.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from bot.messages import say
from bot.models import Field, Form, Reply
from bot.slack.blocks import ACTION, Block, blocks, plain_text, pressed

LONGEST_TITLE, LONGEST_LABEL, LONGEST_WRITTEN = 24, 2_000, 3_000  # characters
_TEXT = "text"  # the action_id of every field


def view(reply: Reply, behind: str = "") -> Block:
    """The reply as a modal that was opened from the channel."""
    language, form = reply.language, reply.form
    made = {
        "type": "modal",
        "callback_id": ACTION,
        "private_metadata": json.dumps([behind, _value(form) if form else ""], ensure_ascii=False),
        "title": plain_text(reply.title or say(language, "name"), LONGEST_TITLE),
        "close": plain_text(say(language, "dialog_close"), LONGEST_TITLE),
        "blocks": [*blocks(reply), *(_input(field) for field in (form.fields if form else ()))],
    }
    return made | ({"submit": plain_text(form.submit.label, LONGEST_TITLE)} if form else {})


def behind(modal: Mapping[str, Any]) -> str:
    """The channel from which the modal was opened, '' where it is not known."""
    return _kept(modal)[0]


def submitted(modal: Mapping[str, Any]) -> tuple[str, dict[str, str]] | None:
    """The action to which the modal's form leads, what was written among its values; None where it is none of ours."""
    found = pressed(_kept(modal)[1])
    if found is None:
        return None
    name, values = found
    return name, _written(modal) | values


def _value(form: Form) -> str:
    action = form.submit.action
    return json.dumps([action.name, dict(action.values)], ensure_ascii=False)


def _kept(modal: Mapping[str, Any]) -> tuple[str, str]:
    text = modal.get("private_metadata")
    try:
        data = json.loads(text) if isinstance(text, str) else None
    except (ValueError, RecursionError):
        data = None
    if isinstance(data, list) and len(data) == 2 and all(isinstance(part, str) for part in data):
        return data[0], data[1]
    return "", ""


def _written(modal: Mapping[str, Any]) -> dict[str, str]:
    state = modal.get("state")
    values = state.get("values") if isinstance(state, dict) else None
    found = {}
    for name, field in (values if isinstance(values, dict) else {}).items():
        element = field.get(_TEXT) if isinstance(field, dict) else None
        text = element.get("value") if isinstance(element, dict) else None
        if isinstance(text, str):
            found[str(name)] = text.encode("utf-8", "replace").decode()
    return found


def _input(field: Field) -> Block:
    element: Block = {
        "type": "plain_text_input",
        "action_id": _TEXT,
        "multiline": field.lines,
        "max_length": LONGEST_WRITTEN,
    }
    if field.text:
        element["initial_value"] = field.text[:LONGEST_WRITTEN]
    return {
        "type": "input",
        "block_id": field.name,
        "label": plain_text(field.label, LONGEST_LABEL),
        "element": element,
    }
