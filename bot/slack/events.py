"""Reading Slack's payloads: whether they can be worked on, who said what and where, what was pressed."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from bot.conversations import Conversation
from bot.menu import menu_action
from bot.models import Action, Mention, Message, Scope
from bot.slack.blocks import DIALOG, pressed
from bot.slack.modals import behind, submitted

COMMAND = "/digivinkki"

# Slack's ids and time stamps: nothing that could not be stored or sent back.
_LONGEST_QUOTE = 3_000  # characters
_ID = re.compile(r"[\w.:-]{1,255}", re.ASCII)
_LINK = re.compile(r"<(?:mailto:|tel:|(?=https?:))([^|<>]+)(?:\|([^<>]*))?>")
_PERSON = re.compile(r"<@([A-Z0-9]{1,40})(?:\|[^<>]*)?>")
_MENTION = re.compile(r"<[@#!][^<>]*>")
# Of the subtypes of messages those that people write; the others tell of joins, topics, bots, deletions.
SUBTYPES = (None, "file_share", "thread_broadcast")
# Without these an event of the kind says nothing.
_NEEDED = {
    "app_mention": ("channel", "user", "ts"),
    "member_joined_channel": ("channel", "user"),
    "app_home_opened": ("channel", "user"),
}


@dataclass(frozen=True, slots=True)
class Said:
    """What a person said: where, when (Slack's id of it), in which thread to answer, when it was edited, else ''."""

    message: Message
    place: Conversation
    ts: str
    thread: str = ""
    edited: str = ""


@dataclass(frozen=True, slots=True)
class Press:
    """A press or a slash command: where the answer belongs, or the address to which it is sent for one person only.

    `private`: it was made where nobody else reads, in a message that only this person sees. `id` is Slack's own of it,
    and opens a modal where it is a `dialog`. `view` is the modal in which it was made.
    """

    message: Message
    url: str
    channel: str = ""
    thread: str = ""
    private: bool = False
    id: str = ""
    dialog: bool = False
    view: str = ""


def refusal(payload: Mapping[str, Any]) -> str:
    """Why a payload cannot be worked on, '' where it can. What is of an unknown kind can: it is ignored."""
    if "command" in payload:
        return _lacking(payload, ("command", "user_id", "response_url"), ids=("user_id",))
    if payload.get("type") == "event_callback":
        return _event_refusal(payload.get("event"))
    if payload.get("type") == "block_actions":
        return _press_refusal(payload)
    if payload.get("type") in ("view_submission", "message_action"):
        return _lacking(_object(payload, "user"), ("id",), ids=("id",))
    return "" if isinstance(payload.get("type"), str) else "type is missing or no text"


def said_of(event: Mapping[str, Any], team: str, bot: str = "") -> Said | None:
    """What a `message` or `app_mention` event says; None where no person said anything in it. `bot` is our own id."""
    channel, user, ts = (id_in(event, key) for key in ("channel", "user", "ts"))
    text = event.get("text")
    if not (channel and user and ts) or not isinstance(text, str) or event.get("bot_id"):
        return None
    place = place_of(event, team)
    under = id_in(event, "thread_ts")
    thread = under or ("" if place.scope is Scope.PERSONAL else ts)
    named = tuple(Mention(f"slack:{each}") for each in dict.fromkeys(_PERSON.findall(text)) if each != bot)
    message = Message(
        spoken(text), f"slack:{user}", "slack", scope=place.scope, place=channel, mentions=named, thread=thread
    )
    return Said(message, place, ts, thread, id_in(_object(event, "edited"), "ts"))


def edit_of(event: Mapping[str, Any], team: str) -> Said | None:
    """What a `message_changed` event says anew; None where the words are the same, as where a link was unfurled."""
    now, before = _object(event, "message"), _object(event, "previous_message")
    if now.get("text") == before.get("text") or now.get("subtype") not in SUBTYPES:
        return None
    where = {key: event[key] for key in ("channel", "channel_type") if key in event}
    edited = now.get("edited") or {"ts": event.get("event_ts")}
    return said_of({**now, **where, "edited": edited}, team)


def command_of(payload: Mapping[str, Any]) -> Press:
    """What a slash command says: the answer is for the one who typed it."""
    text = payload.get("text")
    message = Message(spoken(text) if isinstance(text, str) else "", f"slack:{payload['user_id']}", "slack")
    return Press(message, str(payload["response_url"]), private=True, id=id_in(payload, "trigger_id"))


def press_of(payload: Mapping[str, Any]) -> Press:
    """What a `block_actions` payload says. A value that is none of ours becomes an action that nobody knows."""
    container = _object(payload, "container")
    channel = id_in(_object(payload, "channel"), "id")
    view, dialog = id_in(_object(payload, "view"), "id"), payload["actions"][0]["action_id"].endswith(DIALOG)
    private = bool(view) or dialog or container.get("is_ephemeral") is True
    alone = private or channel.startswith("D")
    scope = Scope.PERSONAL if alone else Scope.CHANNEL
    name, values = pressed(payload["actions"][0].get("value")) or ("", {})
    thread = id_in(container, "thread_ts") or ("" if alone else id_in(container, "message_ts"))
    message = Message(
        "",
        f"slack:{payload['user']['id']}",
        "slack",
        scope=scope,
        action=Action(name, values),
        place="" if private else channel,
        place_name="" if alone else _name(payload.get("channel")),
        name=id_in(payload["user"], "username"),
        thread=thread,
        behind=behind(_object(payload, "view")) if view else channel if dialog else "",
    )
    url = payload.get("response_url")
    url = url if isinstance(url, str) else ""
    return Press(message, url, channel, thread, private, id_in(payload, "trigger_id"), dialog and not view, view)


def submission_of(payload: Mapping[str, Any]) -> Press:
    """What a `view_submission` says: the form of a modal, filled in."""
    view = _object(payload, "view")
    name, values = submitted(view) or ("", {})
    message = _aside(payload, Action(name, values), behind(view))
    return Press(message, "", private=True, id=id_in(payload, "trigger_id"), view=id_in(view, "id"))


def quote_of(payload: Mapping[str, Any]) -> Press:
    """What a `message_action` says: the message on which a shortcut was chosen, as what the person who did says."""
    quoted, text = _object(payload, "message"), _object(payload, "message").get("text")
    message = replace(
        _aside(payload, menu_action(payload.get("callback_id")), id_in(_object(payload, "channel"), "id")),
        text=spoken(text)[:_LONGEST_QUOTE] if isinstance(text, str) else "",
        thread=id_in(quoted, "thread_ts"),
    )
    url = payload.get("response_url")
    url = url if isinstance(url, str) else ""
    return Press(message, url, private=True, id=id_in(payload, "trigger_id"), dialog=True)


def _aside(payload: Mapping[str, Any], action: Action, where: str) -> Message:
    """What is done where only the person sees it."""
    user = payload["user"]
    name = id_in(user, "username") or id_in(user, "name")
    return Message("", f"slack:{user['id']}", "slack", action=action, name=name, behind=where)


def _name(channel: object) -> str:
    """The channel's name, where it is told: not of one that the app may not look into."""
    name = channel.get("name") if isinstance(channel, dict) else None
    return f"#{name}" if isinstance(name, str) and name not in ("", "privategroup", "directmessage") else ""


def bot_in(payload: Mapping[str, Any]) -> str:
    """The bot's own user id, where the payload tells to whom it was sent; else ''."""
    told = payload.get("authorizations")
    first = told[0] if isinstance(told, list) and told and isinstance(told[0], dict) else {}
    return id_in(first, "user_id") if first.get("is_bot") is True else ""


def place_of(event: Mapping[str, Any], team: str) -> Conversation:
    """The place of an event. A workspace stands as its team, so that all of it can be lost at once."""
    channel = id_in(event, "channel")
    kind = event.get("channel_type") or ("im" if channel.startswith("D") else "channel")
    scope = {"im": Scope.PERSONAL, "mpim": Scope.GROUP}.get(str(kind), Scope.CHANNEL)
    user = id_in(event, "user")
    person = f"slack:{user}" if user and scope is Scope.PERSONAL else ""
    return Conversation(channel, "slack", scope, tenant=team, team=team, person=person)


def spoken(text: str) -> str:
    """Slack's text as it was typed: without mentions, links as their words."""
    text = _MENTION.sub(" ", _LINK.sub(lambda found: found[2] or found[1], text))
    return html.unescape(text).encode("utf-8", "replace").decode().strip()


def id_in(data: Mapping[str, Any], key: str) -> str:
    """The id under the key, '' where there is none."""
    value = data.get(key)
    return value if isinstance(value, str) and _ID.fullmatch(value) else ""


def _object(data: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = data.get(key)
    return value if isinstance(value, dict) else {}


def _event_refusal(event: object) -> str:
    if not isinstance(event, dict):
        return "event must be an object"
    if not isinstance(event.get("type"), str):
        return "event.type is missing or no text"
    needed = _NEEDED.get(event["type"], ())
    if event["type"] == "message" and event.get("channel_type") == "im" and "subtype" not in event:
        needed = _NEEDED["app_mention"]
    if event.get("bot_id"):
        return ""  # said by an app: ignored whatever it holds
    texts = ("text",) if "ts" in needed else ()
    return _lacking(event, (*needed, *texts), ids=needed)


def _press_refusal(payload: Mapping[str, Any]) -> str:
    actions = payload.get("actions")
    if not isinstance(actions, list) or not actions or not isinstance(actions[0], dict):
        return "actions must hold an object"
    if not isinstance(actions[0].get("action_id"), str):
        return "action_id is missing or no text"
    return _lacking(_object(payload, "user"), ("id",), ids=("id",))


def _lacking(data: Mapping[str, Any], needed: tuple[str, ...], *, ids: tuple[str, ...]) -> str:
    for key in needed:
        if not isinstance(data.get(key), str) or (key in ids and not id_in(data, key)):
            return f"{key} is missing or mistyped"
    return ""
