"""What of a draft is read off what people write and are: its title and text, and how its author may be shown."""

from __future__ import annotations

import re
from collections.abc import Mapping

from bot.draftcards import button, reply
from bot.messages import say
from bot.models import Choice, Message, Reply
from bot.stores import Stores
from tips.drafts import Draft
from tips.models import Language

LONGEST_TITLE = 80  # characters
_SENTENCES = re.compile(r"[.!?]\s*(\s\S|$)")  # a whole sentence is a text


def whole(about: str, message: Message) -> str:
    """What follows the command, where it is a tip: as it was typed, line breaks and all."""
    if ":" not in about and not (about and "\n" in message.text):
        return ""
    return message.text.split(None, len(message.text.split()) - len(about.split()))[-1]


def parted(text: str) -> tuple[str, str]:
    """Title and text: by the first line or colon; a long text is its own title, a short one has no text yet."""
    title, _, body = text.partition("\n") if "\n" in text else text.partition(":")
    if body.strip():
        return title, body
    return (text, text) if len(text.strip()) > LONGEST_TITLE or _SENTENCES.search(text) else (text, "")


def signs(stores: Stores, message: Message) -> dict[str, str]:
    """The ways in which the person may be shown."""
    name = message.name or stores.people.person(message.person).name
    unit = stores.units.of(message.person)
    shown = stores.units.shown(unit.id) if unit else ""  # a unit of a few people would be a name
    ways = {"both": f"{name}, {unit.name}" if name and unit else "", "name": name, "unit": shown}
    return {way: text for way, text in ways.items() if text}


def whose(draft: Draft, ways: Mapping[str, str], language: Language) -> Reply:
    """How the author is to be shown; the name and the unit are offered as far as they are known."""
    buttons = [button(label, "sign", draft, language, **{"as": name}) for name, label in ways.items()]
    buttons.append(button(say(language, "draft_unsigned"), "sign", draft, language))
    return reply(language, say(language, "draft_whose"), Choice("", tuple(buttons)))
