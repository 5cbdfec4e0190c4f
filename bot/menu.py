"""What the menu of any message offers, in Teams and in Slack alike: entries that hand the message to the bot."""

from __future__ import annotations

from collections.abc import Mapping

from bot import deskcards, drafting
from bot.models import Action

# Entries by name, and to what they lead.
ENTRIES: Mapping[str, Action] = {
    "tip": Action(drafting.KIND, {"step": "quote"}),
    "answer": Action(deskcards.KIND, {"step": "quote"}),
}


def menu_action(entry: object) -> Action:
    """The action of the entry; one that nobody knows where there is no such entry."""
    return ENTRIES.get(entry, Action("")) if isinstance(entry, str) else Action("")
