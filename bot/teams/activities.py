"""Reading activities: what the Connector posts, checked before anything is done with it."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping
from typing import Any, cast
from urllib.parse import urlsplit

from botbuilder.schema import Activity

from bot.conversations import Conversation
from bot.models import Action, Message, Scope
from bot.teams.cards import pressed
from bot.texts import cut
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
    if not _is_web_address(data["serviceUrl"]):
        raise BadActivityError("serviceUrl must be a web address")
    for name in ("conversation", "from", "recipient"):
        account = data.get(name)
        if not isinstance(account, dict) or not isinstance(account.get("id"), str) or not account["id"]:
            raise BadActivityError(f"{name} must have an id")
        _check_texts(account, ("name", "aadObjectId", "conversationType", "tenantId"), f"{name}.")
    _check_texts(data, ("text", "id", "name", "locale", "textFormat", "action", "replyToId"))
    for name, kind in (("entities", list), ("membersAdded", list), ("membersRemoved", list), ("channelData", dict)):
        if not isinstance(data.get(name), (kind, type(None))):
            raise BadActivityError(f"{name} must be {'a list' if kind is list else 'an object'}")
    return _built(data)


def _check_texts(data: Mapping[str, Any], names: Iterable[str], where: str = "") -> None:
    for name in names:
        if not isinstance(data.get(name), (str, type(None))):
            raise BadActivityError(f"{where}{name} must be text")


def _is_web_address(value: str) -> bool:
    try:
        parts = urlsplit(value)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # of the host, or a port beyond 65535
        return False


def _built(data: Mapping[str, Any]) -> Activity:
    try:
        activity = cast(Activity, Activity.deserialize(_without_odd_members(data)))
    except Exception as error:  # noqa: BLE001  msrest raises what it meets: TypeError, AttributeError, its own
        raise BadActivityError(f"not an activity: {cut(str(error), 200)}") from None
    activity.delivery_mode = None  # with 'expectReplies' the SDK would keep replies to itself
    return activity


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
    told = activity.conversation.conversation_type or ("groupChat" if activity.conversation.is_group else "personal")
    return _SCOPES.get(told, Scope.GROUP)


def conversation_of(activity: Activity) -> Conversation:
    """The place where the activity happened. A thread belongs to its channel."""
    data = activity.channel_data or {}
    return Conversation(
        id=activity.conversation.id.split(";messageid=")[0],
        channel="teams",
        scope=scope_of(activity),
        address=activity.service_url,
        tenant=activity.conversation.tenant_id or _id(data.get("tenant")),
        bot=activity.recipient.id,
        team=_id(data.get("team")),
    )


def event_of(activity: Activity) -> str:
    """What Teams says has happened to a team or channel, '' where it says nothing."""
    told = (activity.channel_data or {}).get("eventType")
    return told if isinstance(told, str) else ""


def channel_of(activity: Activity) -> str:
    """The channel to which it happened; the conversation of such an activity is the team's."""
    return _id((activity.channel_data or {}).get("channel"))


def message_of(activity: Activity) -> Message | None:
    """The message for the assistant; None where nobody spoke to the bot: in a channel, only a mention does."""
    scope, action = scope_of(activity), _submitted(activity)
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


def press_of(activity: Activity) -> Message:
    """The press of an Action.Execute. What is none of our buttons is an action without a name, which nothing does."""
    executed = activity.value.get("action") if isinstance(activity.value, dict) else None
    return Message(
        text="",
        person=person_of(activity),
        channel="teams",
        scope=scope_of(activity),
        action=_pressed(executed.get("data") if isinstance(executed, dict) else None) or Action(""),
        locale=locale_of(activity),
    )


def _submitted(activity: Activity) -> Action | None:
    """The action of an Action.Submit, a message that holds a value and no text."""
    if activity.value is None:
        return None
    return _pressed(activity.value) or (None if activity.text else Action(""))


def _pressed(value: object) -> Action | None:
    found = pressed(value)
    return Action(*found) if found else None


def person_of(activity: Activity) -> str:
    """The person's id: the directory's where it is told, which IT can look up, else Teams' own."""
    return f"teams:{activity.from_property.aad_object_id or activity.from_property.id}"


def locale_of(activity: Activity) -> Language | None:
    """The language of the person's client, where it is one of ours."""
    code = re.split("[-_]", activity.locale or "")[0].lower()
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
    return html.unescape(_MARKUP.sub(" ", text)).strip()


def _id(account: object) -> str:
    found = account.get("id") if isinstance(account, dict) else None
    return found if isinstance(found, str) else ""
