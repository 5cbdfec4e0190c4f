"""Reading activities: what the Connector posts, checked before anything is done with it."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from typing import Any, cast

from botbuilder.schema import Activity

from bot.conversations import Conversation
from bot.models import Action, Message, Scope
from bot.teams.cards import pressed
from tips.models import LANGUAGES, Language

# What Teams writes around mentions, files and inserted cards.
_MARKUP = re.compile(r"</?(?:at|attachment|span)(?:\s[^>]*)?>")
_SCOPES = {"personal": Scope.PERSONAL, "groupChat": Scope.GROUP, "channel": Scope.CHANNEL}


class BadActivityError(Exception):
    """What was posted is no activity; the text says why."""


def activity_of(data: object) -> Activity:
    """The activity of a JSON body. Raises BadActivityError where a field that everything needs is not there."""
    if not isinstance(data, dict):
        raise BadActivityError("the body must be a JSON object")
    for name in ("type", "channelId", "serviceUrl"):
        if not isinstance(data.get(name), str) or not data[name]:
            raise BadActivityError(f"{name} must be text")
    for name in ("conversation", "from", "recipient"):
        account = data.get(name)
        if not isinstance(account, dict) or not isinstance(account.get("id"), str) or not account["id"]:
            raise BadActivityError(f"{name} must have an id")
    for name in ("text", "id", "name", "locale", "textFormat", "action", "replyToId"):
        if not isinstance(data.get(name), (str, type(None))):
            raise BadActivityError(f"{name} must be text")
    for name, kind in (("entities", list), ("membersAdded", list), ("membersRemoved", list), ("channelData", dict)):
        if not isinstance(data.get(name), (kind, type(None))):
            raise BadActivityError(f"{name} must be a {'list' if kind is list else 'object'}")
    return _built(data)


def _built(data: Mapping[str, Any]) -> Activity:
    try:
        return cast(Activity, Activity.deserialize(_without_odd_members(data)))
    except Exception as error:  # noqa: BLE001  msrest raises what it meets: TypeError, AttributeError, its own
        raise BadActivityError(f"not an activity ({type(error).__name__})") from None


def _without_odd_members(data: Mapping[str, Any]) -> dict[str, Any]:
    """Lists of objects hold objects only: what else stands there would break the SDK, and means nothing."""
    lists = ("entities", "membersAdded", "membersRemoved", "attachments", "reactionsAdded", "reactionsRemoved")
    kept = {
        name: [item for item in data[name] if isinstance(item, dict)]
        for name in lists
        if isinstance(data.get(name), list)
    }
    return {**data, **kept}


def scope_of(activity: Activity) -> Scope:
    """Who else reads the conversation."""
    return _SCOPES.get(activity.conversation.conversation_type or "personal", Scope.GROUP)


def conversation_of(activity: Activity) -> Conversation:
    """The place where the activity happened. A thread belongs to its channel."""
    data = activity.channel_data if isinstance(activity.channel_data, dict) else {}
    tenant = activity.conversation.tenant_id or _id(data.get("tenant"))
    return Conversation(
        id=activity.conversation.id.split(";messageid=")[0],
        channel="teams",
        scope=scope_of(activity),
        address=activity.service_url,
        tenant=tenant if isinstance(tenant, str) else "",
        bot=activity.recipient.id,
        team=_id(data.get("team")),
    )


def message_of(activity: Activity) -> Message | None:
    """The message for the assistant; None where nobody spoke to the bot: in a channel, only a mention does."""
    scope = scope_of(activity)
    action = pressed_action(activity.value)
    if scope is not Scope.PERSONAL and action is None and not _mentions_bot(activity):
        return None
    return Message(
        text=_spoken_text(activity),
        person=person_of(activity),
        channel="teams",
        scope=scope,
        action=action,
        locale=locale_of(activity),
    )


def pressed_action(value: object) -> Action | None:
    """The action of a button's value."""
    found = pressed(value)
    return Action(*found) if found else None


def person_of(activity: Activity) -> str:
    """The person's id: the directory's where it is told, which IT can look up, else Teams' own."""
    return f"teams:{activity.from_property.aad_object_id or activity.from_property.id}"


def locale_of(activity: Activity) -> Language | None:
    """The language of the person's client, where it is one of ours."""
    code = (activity.locale or "")[:2].lower()
    return cast(Language, code) if code in LANGUAGES else None


def _mentions_bot(activity: Activity) -> bool:
    return any(_mentioned(entity) == activity.recipient.id for entity in activity.entities or ())


def _mentioned(entity: Any) -> str:
    more = entity.additional_properties if entity.type == "mention" else {}
    return _id(more.get("mentioned"))


def _spoken_text(activity: Activity) -> str:
    """The text without the mention of the bot."""
    text = activity.text or ""
    for entity in activity.entities or ():
        if _mentioned(entity) == activity.recipient.id:
            written = entity.additional_properties.get("text")
            if isinstance(written, str) and written:
                text = text.replace(written, " ")
    if activity.text_format in (None, "plain", "markdown"):
        text = html.unescape(text) if "&" in text else text
    return _MARKUP.sub(" ", text).strip()


def _id(account: object) -> str:
    found = account.get("id") if isinstance(account, dict) else None
    return found if isinstance(found, str) else ""
