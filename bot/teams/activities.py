"""Reading activities: what the Connector posts, checked before anything is done with it."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from botbuilder.schema import Activity, ChannelAccount, ConversationAccount

from bot.conversations import Conversation
from bot.models import Action, Mention, Message, Scope
from bot.teams.addresses import is_service_url
from bot.teams.cards import pressed
from tips.models import Language, language_in

# What Teams writes around mentions, files and inserted cards.
_MARKUP = re.compile(r"</?(?:at|attachment|span)(?:\s[^>]*)?>")
# The SDK's name of a field that is text, and Teams' own.
_TEXTS = {
    "type": "type",
    "id": "id",
    "timestamp": "timestamp",
    "channel_id": "channelId",
    "service_url": "serviceUrl",
    "name": "name",
    "text": "text",
    "text_format": "textFormat",
    "locale": "locale",
    "action": "action",
    "reply_to_id": "replyToId",
}
_LONGEST_NAME = 100  # characters
_SCOPES = {"personal": Scope.PERSONAL, "groupChat": Scope.GROUP, "channel": Scope.CHANNEL}


class BadActivityError(Exception):
    """What was posted is no activity; the text says why."""


def vouched_of(data: object) -> tuple[str, str]:
    """What a token must vouch for: the channel and the service URL of a JSON body. Raises BadActivityError."""
    if not isinstance(data, dict):
        raise BadActivityError("the body must be a JSON object")
    for name in ("type", "channelId", "serviceUrl"):
        if not isinstance(data.get(name), str) or not data[name]:
            raise BadActivityError(f"{name} must be text")
    if not is_service_url(data["serviceUrl"]):
        raise BadActivityError("serviceUrl must be a web address")
    return data["channelId"], data["serviceUrl"]


def activity_of(data: Any) -> Activity:
    """The activity of a JSON body. Raises BadActivityError where a field that everything needs is not there."""
    vouched_of(data)
    for name in ("conversation", "from", "recipient"):
        account = data.get(name)
        if not isinstance(account, dict) or not isinstance(account.get("id"), str) or not account["id"]:
            raise BadActivityError(f"{name} must have an id")
        _check_texts(account, ("name", "aadObjectId", "conversationType", "tenantId"), f"{name}.")
    # Who else reads hangs on it: what is mistyped must not pass for a private chat.
    if not isinstance(data["conversation"].get("isGroup"), (bool, type(None))):
        raise BadActivityError("conversation.isGroup must be true or false")
    _check_texts(data, _TEXTS.values())
    for name, kind in (("entities", list), ("membersAdded", list), ("membersRemoved", list), ("channelData", dict)):
        if not isinstance(data.get(name), (kind, type(None))):
            raise BadActivityError(f"{name} must be {'a list' if kind is list else 'an object'}")
    return _built(data)


def _check_texts(data: Mapping[str, Any], names: Iterable[str], where: str = "") -> None:
    for name in names:
        if not isinstance(data.get(name), (str, type(None))):
            raise BadActivityError(f"{where}{name} must be text")


def _built(data: Mapping[str, Any]) -> Activity:
    """The SDK's activity, of the fields that are read here. Its own `deserialize` reads all, at ten times the price,
    raises what it meets, and takes 'deliveryMode: expectReplies', with which it would keep replies to itself."""
    place = data["conversation"]
    conversation = ConversationAccount(
        id=place["id"],
        name=place.get("name"),
        conversation_type=place.get("conversationType"),
        tenant_id=place.get("tenantId"),
        is_group=place.get("isGroup") is True,
    )
    return Activity(
        **{name: data.get(key) for name, key in _TEXTS.items()},
        from_property=_account(data["from"]),
        recipient=_account(data["recipient"]),
        conversation=conversation,
        channel_data=data.get("channelData"),
        value=data.get("value"),
        entities=_objects(data.get("entities")),
        members_added=_accounts(data.get("membersAdded")),
        members_removed=_accounts(data.get("membersRemoved")),
    )


def _account(data: Mapping[str, Any]) -> ChannelAccount:
    return ChannelAccount(id=data["id"], name=data.get("name"), aad_object_id=data.get("aadObjectId"))


def _accounts(data: list[Any] | None) -> list[ChannelAccount]:
    """The accounts in a list; what has no id is none."""
    return [_account(item) for item in _objects(data) if isinstance(item.get("id"), str)]


def _objects(data: list[Any] | None) -> list[dict[str, Any]]:
    return [item for item in data or () if isinstance(item, dict)]


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
        person=person_of(activity) if scope_of(activity) is Scope.PERSONAL else "",
    )


def event_of(activity: Activity) -> str:
    """What Teams says has happened to a team or channel, '' where it says nothing."""
    told = (activity.channel_data or {}).get("eventType")
    return told if isinstance(told, str) else ""


def edited_at(activity: Activity) -> str:
    """When an edit was made, written so that of two the later is the greater; '' where that is not told."""
    try:  # Teams leaves out the zeros at the end of a fraction
        return datetime.fromisoformat(activity.timestamp or "").astimezone(UTC).isoformat(timespec="microseconds")
    except (ValueError, OverflowError):
        return ""


def channel_of(activity: Activity) -> str:
    """The channel to which it happened; the conversation of such an activity is the team's."""
    return _id((activity.channel_data or {}).get("channel"))


def place_name_of(activity: Activity) -> str:
    """The names of the team and the channel, as far as Teams tells them."""
    data = activity.channel_data or {}
    named = (data.get(part, {}).get("name") for part in ("team", "channel") if isinstance(data.get(part), dict))
    return " / ".join(name.strip() for name in named if isinstance(name, str) and name.strip())


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
        place=conversation_of(activity).id,
        place_name=place_name_of(activity),
        name=name_of(activity),
        mentions=mentions_of(activity),
        thread=_thread_of(activity),
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
        place=conversation_of(activity).id,
        place_name=place_name_of(activity),
        name=name_of(activity),
        thread=_thread_of(activity),
    )


def task_of(activity: Activity) -> Message:
    """The press that opens a dialog, or is made in one. Nobody else sees it, whatever conversation it belongs to."""
    data = activity.value.get("data") if isinstance(activity.value, dict) else None
    return Message(
        text="",
        person=person_of(activity),
        channel="teams",
        scope=Scope.PERSONAL,
        action=_pressed(data) or Action(""),
        locale=locale_of(activity),
        name=name_of(activity),
        behind=conversation_of(activity).id,
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


def mentions_of(activity: Activity) -> tuple[Mention, ...]:
    """The others whom the message names, by Teams' own ids."""
    named = [entity["mentioned"] for entity in activity.entities or () if _mentioned(entity)]
    others = [account for account in named if account["id"] != activity.recipient.id]
    return tuple(Mention(f"teams:{account['id']}", _said_name(account.get("name"))) for account in others)


def name_of(activity: Activity) -> str:
    """What the person is called, '' where Teams does not tell."""
    return _said_name(activity.from_property.name)


def _said_name(name: object) -> str:
    return " ".join(name.split())[:_LONGEST_NAME] if isinstance(name, str) else ""


def _thread_of(activity: Activity) -> str:
    """The message under which it was written or pressed; in a channel a message begins a thread of its own."""
    return str(activity.conversation.id).partition(";messageid=")[2]


def locale_of(activity: Activity) -> Language | None:
    """The language of the person's client, where it is one of ours."""
    return language_in(re.split("[-_]", activity.locale or "")[0].lower())


def _mentions_bot(activity: Activity) -> bool:
    return any(_mentioned(entity) == activity.recipient.id for entity in activity.entities or ())


def _mentioned(entity: Mapping[str, Any]) -> str:
    return _id(entity.get("mentioned")) if entity.get("type") == "mention" else ""


def _spoken_text(activity: Activity) -> str:
    """The text without the mention of the bot."""
    text = activity.text or ""
    for entity in activity.entities or ():
        if _mentioned(entity) == activity.recipient.id:
            written = entity.get("text")
            if isinstance(written, str) and written:
                text = text.replace(written, " ")
    return html.unescape(_MARKUP.sub(" ", text)).strip()


def _id(account: object) -> str:
    found = account.get("id") if isinstance(account, dict) else None
    return found if isinstance(found, str) else ""
