"""Reading Slack's events: who said what, where, and whether it was said to the bot."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from typing import Any

from bot.conversations import Conversation
from bot.models import Action, Message, Scope
from bot.slack.blocks import pressed

_LINK = re.compile(r"<(https?://[^|>]+)(?:\|([^>]*))?>")
_MENTION = re.compile(r"<[@#!][^>]*>")


def message_of(event: Mapping[str, Any]) -> Message | None:
    """The message of a `message` or `app_mention` event; None where a person said nothing in it."""
    user, text = event.get("user"), event.get("text")
    if not isinstance(user, str) or not isinstance(text, str) or event.get("bot_id"):
        return None
    return Message(spoken(text), f"slack:{user}", "slack", scope=scope_of(event))


def pressed_of(body: Mapping[str, Any]) -> Message | None:
    """The press of a `block_actions` payload; None where the button is none of ours."""
    actions, user, channel = body.get("actions"), body.get("user"), body.get("channel")
    first = actions[0] if isinstance(actions, list) and actions and isinstance(actions[0], dict) else {}
    found = pressed(first.get("value"))
    if found is None or not isinstance(user, dict) or not isinstance(user.get("id"), str):
        return None
    place = channel.get("id", "") if isinstance(channel, dict) else ""
    scope = Scope.PERSONAL if _is_personal(body, str(place)) else Scope.CHANNEL
    return Message("", f"slack:{user['id']}", "slack", scope=scope, action=Action(*found))


def conversation_of(event: Mapping[str, Any], team: str) -> Conversation:
    """The place of an event."""
    return Conversation(str(event.get("channel") or ""), "slack", scope_of(event), tenant=team)


def scope_of(event: Mapping[str, Any]) -> Scope:
    """Who else reads the channel of an event."""
    kind = event.get("channel_type") or ("im" if str(event.get("channel") or "").startswith("D") else "channel")
    return {"im": Scope.PERSONAL, "mpim": Scope.GROUP}.get(str(kind), Scope.CHANNEL)


def spoken(text: str) -> str:
    """Slack's text as it was typed: without mentions, links as their words."""
    text = _LINK.sub(lambda link: link[2] or link[1], text)
    return html.unescape(_MENTION.sub(" ", text)).strip()


def _is_personal(body: Mapping[str, Any], channel: str) -> bool:
    # An ephemeral message, as the slash command's answers are, is read by one person in whatever channel.
    container = body.get("container")
    return channel.startswith("D") or (isinstance(container, dict) and bool(container.get("is_ephemeral")))
