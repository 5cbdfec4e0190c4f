"""What the adapter makes of the SDK's models: the same JSON as the SDK, without its price."""

from __future__ import annotations

import json

import pytest
from botbuilder.core import TurnContext
from botbuilder.schema import (
    Activity,
    ActivityTypes,
    Attachment,
    ChannelAccount,
    ConversationAccount,
    Entity,
    Mention,
)
from msrest.serialization import Model

from bot.teams.activities import activity_of
from bot.teams.adapter import Whole, serialized

ASKED = {
    "type": "message",
    "id": "1",
    "timestamp": "2027-01-12T07:15:00.437Z",
    "channelId": "msteams",
    "serviceUrl": "https://smba.trafficmanager.net/emea/",
    "from": {"id": "29:a", "name": "Megan", "aadObjectId": "7f"},
    "recipient": {"id": "28:bot", "name": "Digivinkki"},
    "conversation": {"id": "19:c;messageid=5", "conversationType": "channel", "isGroup": True, "tenantId": "t1"},
    "locale": "sv-FI",
    "entities": [{"type": "clientInfo", "locale": "sv-FI"}],
}


def answer() -> Activity:
    """A reply as the SDK addresses it before it is sent."""
    card = Attachment(content_type="application/vnd.microsoft.card.adaptive", content={"type": "AdaptiveCard"})
    reply = Activity(type=ActivityTypes.message, summary="Päivää 😀", attachments=[card])
    return TurnContext.apply_conversation_reference(reply, TurnContext.get_conversation_reference(activity_of(ASKED)))


@pytest.mark.parametrize(
    "model",
    [
        answer(),
        Activity(type=ActivityTypes.typing),
        Activity(type="message", text="", id="1:a", members_added=[ChannelAccount(id="a"), ChannelAccount(id="b")]),
        Activity(type="message", entities=[Mention(mentioned=ChannelAccount(id="a", name="A"), text="<at>A</at>")]),
        Activity(type="message", value={"a": [1, None, {"b": False}]}, channel_data={"team": {"id": "t"}}),
        ConversationAccount(id="a", is_group=False),
        Entity(type="x"),
    ],
    ids=lambda model: type(model).__name__,
)
def test_a_model_becomes_the_json_that_the_sdk_makes_of_it(model: Model) -> None:
    assert json.loads(json.dumps(serialized(model))) == json.loads(json.dumps(model.serialize()))


def test_a_card_is_not_copied_on_its_way() -> None:
    card = Whole({"type": "AdaptiveCard"})
    reply = Activity(type="message", attachments=[Attachment(content=card)])
    assert serialized(reply)["attachments"][0]["content"] is card


def test_an_activity_that_was_read_is_the_sdk_s_own_of_the_fields_that_are_read() -> None:
    read, theirs = activity_of(ASKED), Activity().deserialize(ASKED)
    for name in ("type", "id", "channel_id", "service_url", "text", "locale", "action", "name", "value"):
        assert getattr(read, name) == getattr(theirs, name)
    for name in ("from_property", "recipient"):
        assert serialized(getattr(read, name)) == serialized(getattr(theirs, name))
    told = {"id": "19:c;messageid=5", "conversationType": "channel", "isGroup": True}
    assert serialized(theirs.conversation) == told  # it looks for a 'tenantID', which Teams does not send
    assert serialized(read.conversation) == told | {"tenantID": "t1"}
