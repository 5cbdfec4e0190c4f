"""How security quarters and tip sessions went: how many have gone through each, and the quiz of five people or more.

IT and the coordinator ask for all of them, a host for their own: 'tulokset'.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from bot.agenda import Agenda
from bot.commands import Command
from bot.dates import day
from bot.messages import say
from bot.models import Message, Reply, Scope
from bot.people import RUNS
from bot.progress import FEWEST, Held
from bot.stores import Stores
from scheduler.models import ZONE, Entry
from tips.models import Language

KIND = "outcomes"
RESULTS = "results"
MOST = 12  # sessions that are listed
_BACK = timedelta(days=366)


class Outcomes:
    """Answers who planned or held a session."""

    def __init__(self, stores: Stores, agenda: Agenda) -> None:
        self._stores, self._agenda = stores, agenda

    def commanded(self, command: Command, message: Message, now: datetime) -> Reply:
        """The last sessions, each in a line."""
        language, entries = command.language, {entry.id: entry for entry in self._agenda.entries()}
        if message.scope is not Scope.PERSONAL:
            return Reply(language, say(language, "privately"), kind="privately")
        asks_all = self._stores.people.person(message.person).has(*RUNS)
        mine = {name for name, entry in entries.items() if entry.host == message.person}
        if not asks_all and not mine:
            return Reply(language, say(language, "results_not_yours"), kind=KIND)
        today = now.astimezone(ZONE).date()
        held = self._stores.progress.held(today - _BACK, today + _BACK)
        lines = [_line(one, entries, language) for one in held if asks_all or one.entry in mine]
        if not lines:
            return Reply(language, say(language, "results_none"), kind=KIND)
        return Reply(language, "\n".join([say(language, "results_title"), "", *lines[:MOST]]), kind=KIND)


def _line(held: Held, entries: Mapping[str, Entry], language: Language) -> str:
    entry = entries.get(held.entry)
    title = entry.title(language) if entry else held.entry
    count = say(language, "results_count", count=held.finished)
    if held.results is None:
        quiz = say(language, "results_few", fewest=FEWEST)
    else:
        quiz = say(language, "results_right", share=held.results.share)
    return f"- **{title}**, {day(held.nominal, language)}: {count}, {quiz}"
