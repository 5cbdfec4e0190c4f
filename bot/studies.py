"""Which words that people type, and which buttons that they press, lead to a session, a host's sheet or a guide."""

from __future__ import annotations

from datetime import datetime

from bot import guides as guides_
from bot import steps
from bot.answers import Shelf
from bot.commands import begun_in
from bot.guides import Guides
from bot.models import Action, Message, Reply
from bot.sessions import Sessions
from bot.stores import Stores
from tips.models import Language

# 'vartti' and 'opas' are ordinary words too: what follows them must be the name of one.
_SESSION, _LOOSELY, _HOST, _GUIDES = "session", "session_loosely", "host_sheet", "guides"
COMMANDS = (_SESSION, _LOOSELY, _HOST, _GUIDES)
ACTIONS = (steps.KIND, guides_.KIND, guides_.HOST)


class Studies:
    """Sessions and guides, as the assistant asks for them."""

    def __init__(self, stores: Stores) -> None:
        programme = stores.sessions.in_force
        self._sessions = Sessions(stores.progress, stores.people, stores.deliveries, stores.tallies, programme)
        self._guides = Guides(programme)

    def written(self, message: Message, preferred: Language, shelf: Shelf, now: datetime) -> Reply | None:
        """The reply to one of `COMMANDS`, alone or with what it is about behind it; None where it is something else."""
        begun = begun_in(message.text, preferred, COMMANDS)
        if begun is None:
            return None
        command, about = begun
        if command.name == _GUIDES:
            found = self._guides.named(about)
            return self._guides.asked(found, shelf, command.language) if found or not about else None
        themes = self._sessions.named(about, shelf)
        if about and not themes:
            if command.name == _LOOSELY:
                return None
            themes = self._sessions.searched(about, shelf, command.language)
        if command.name == _HOST:
            return self._guides.host(themes, message.scope, shelf, command.language)
        return self._sessions.asked(themes, message.person, message.scope, shelf, command.language, now)

    def pressed(self, message: Message, action: Action, shelf: Shelf, language: Language, now: datetime) -> Reply:
        """What one of `ACTIONS` leads to."""
        if action.name == steps.KIND:
            return self._sessions.press(message.person, message.scope, action.values, shelf, language, now)
        if action.name == guides_.HOST:
            return self._guides.press_host(action.values, message.scope, shelf, language)
        return self._guides.press(action.values, shelf, language)
