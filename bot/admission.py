"""'Avaa hallinta' and 'avaa ohjeet': a one-time link to the pages, for the one who asks for it in private."""

from __future__ import annotations

from datetime import datetime

from bot.commands import Command
from bot.messages import say
from bot.models import Message, Reply, Scope
from bot.people import READER, RUNS
from bot.signins import LINK_LASTS
from bot.stores import Stores

ADMIN, GUIDE = "open_admin", "open_guide"
COMMANDS = (ADMIN, GUIDE)
KIND = "admission"
_GUIDE, _YEAR, _FIGURES = "/ohjeet", "/vuosikello", "/luvut"


class Admission:
    """Gives links. `address` is where the server is reached, '' where nobody has said."""

    def __init__(self, stores: Stores, address: str) -> None:
        self._stores, self._address = stores, address

    def commanded(self, command: Command, message: Message, now: datetime) -> Reply:
        """What one of `COMMANDS` leads to. The role is looked at again when the link is used, and at every page."""
        language = command.language
        if message.scope is not Scope.PERSONAL:
            return Reply(language, say(language, "privately"), kind="privately")
        page = self._page(command, message.person)
        if not page:
            return Reply(language, say(language, "open_admin_no_role"), kind=KIND)
        if not self._address:
            return Reply(language, say(language, "open_no_address"), kind=KIND)
        token = self._stores.signins.new_link(message.person, page, now)
        text = say(
            language,
            "open_admin" if command.name == ADMIN else "open_guide",
            link=f"{self._address}/kirjaudu/{token}?lang={language}",
            minutes=int(LINK_LASTS.total_seconds() // 60),
        )
        return Reply(language, text, kind=KIND)

    def _page(self, command: Command, person: str) -> str:
        """To which page the link leads, '' where the person may see none of them."""
        if command.name == GUIDE:
            return _GUIDE
        known = self._stores.people.person(person)
        return _YEAR if known.has(*RUNS) else _FIGURES if known.has(READER) else ""
