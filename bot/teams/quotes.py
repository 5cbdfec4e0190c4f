"""Reading the message on which somebody chose an entry of its menu.

https://learn.microsoft.com/microsoftteams/platform/messaging-extensions/how-to/action-commands/create-task-module
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from botbuilder.schema import Activity

from bot.menu import menu_action
from bot.models import Message
from bot.teams.activities import task_of

_BREAKS = re.compile(r"\s*(?:<br\s*/?>|</(?:p|div|li|tr|h[1-6]|blockquote)>)\s*", re.IGNORECASE)
_TAGS = re.compile(r"<[^>]*>")
_LONGEST_QUOTE = 3_000  # characters


def quote_of(activity: Activity) -> Message:
    """The message on which an entry of its menu was chosen, as what the person who did says; the action is named by
    the entry. Of one of another app there may be no text."""
    value = activity.value if isinstance(activity.value, dict) else {}
    told = value.get("messagePayload")
    payload = told if isinstance(told, dict) else {}
    body, under = payload.get("body"), payload.get("replyToId")
    return replace(
        task_of(activity),
        text=_quoted(body)[:_LONGEST_QUOTE] if isinstance(body, dict) else "",
        action=menu_action(value.get("commandId")),
        thread=under if isinstance(under, str) else "",
    )


def _quoted(body: Mapping[str, Any]) -> str:
    """The words of a message that Teams tells, mostly as HTML; its lines as lines."""
    text = body.get("content")
    if not isinstance(text, str):
        return ""
    if body.get("contentType") != "text":
        text = html.unescape(_TAGS.sub("", _BREAKS.sub("\n", text)))
    lines = (" ".join(line.split()) for line in text.replace("\xa0", " ").splitlines())
    return "\n".join(filter(None, lines))
