"""The calendar in the chat: which words and buttons lead to a subscription, to IT's handling of posts, to a session's
links."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from bot import hosting, outcomes, publications, subscriptions
from bot.agenda import Agenda
from bot.answers import Shelf, theme_tips
from bot.commands import Command
from bot.hosting import Hosting
from bot.messages import say
from bot.models import Action, Message, Reply, Scope
from bot.outcomes import Outcomes
from bot.posts import Material
from bot.publications import Publications
from bot.stores import Stores
from bot.subscriptions import Subscriptions
from tips.models import Language

ASK_MORE = "ask_more"
_OF_SESSIONS = (hosting.RECORDING, hosting.MEETING_LINK, hosting.TOPICAL, outcomes.RESULTS)
COMMANDS = (*subscriptions.COMMANDS, *publications.COMMANDS, *_OF_SESSIONS)
ACTIONS = (*subscriptions.ACTIONS, *publications.ACTIONS, ASK_MORE)


class CalendarChat:
    """What the assistant asks about the calendar. `who` may subscribe a channel, `changed` is called after a change."""

    def __init__(
        self,
        stores: Stores,
        material: Callable[[datetime], Material],
        who: str = subscriptions.ANYONE,
        changed: Callable[[], object] = bool,
    ) -> None:
        self.agenda = agenda = Agenda(stores)
        self._subscriptions = Subscriptions(stores, agenda, who, changed)
        self._publications = Publications(stores, agenda, material, changed)
        self._hosting = Hosting(stores, agenda, changed)
        self._outcomes = Outcomes(stores, agenda)

    def written(self, message: Message, preferred: Language, shelf: Shelf, now: datetime) -> Reply | None:
        """The reply to what is typed with something behind it, or into an open card; None where it is none of these."""
        return self._hosting.written(message, preferred, shelf, now) or self._subscriptions.written(
            message, preferred, now
        )

    def commanded(self, command: Command, message: Message, shelf: Shelf, now: datetime) -> Reply:
        """The reply to one of `COMMANDS`."""
        if command.name in subscriptions.COMMANDS:
            return self._subscriptions.commanded(command, message, shelf, now)
        if command.name in publications.COMMANDS:
            return self._publications.commanded(command, message, shelf, now)
        if command.name == outcomes.RESULTS:
            return self._outcomes.commanded(command, message, now)
        return self._hosting.alone(command)

    def pressed(self, message: Message, action: Action, shelf: Shelf, language: Language, now: datetime) -> Reply:
        """What one of `ACTIONS` leads to."""
        if action.name in subscriptions.ACTIONS:
            return self._subscriptions.pressed(message, action.values, language, now)
        if action.name in publications.ACTIONS:
            return self._publications.pressed(action, message, language, shelf, now)
        return _asked_more(message, action, shelf, language)


def _asked_more(message: Message, action: Action, shelf: Shelf, language: Language) -> Reply:
    """'Kysy lisää' under a post: in a channel a note for who pressed, so that the post stays for the others."""
    text = say(language, "post_asked_more")
    if message.scope is not Scope.PERSONAL:
        return Reply(language, text, kind="privately")
    tips = theme_tips(shelf, action.values.get("theme", ""), language)
    return Reply(language, text, choices=tips.choices, kind="theme")
