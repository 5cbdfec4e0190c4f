"""What is added to a session in the chat: the meeting link, the recording, a line for its slot for what is current.

'tallenne salasanat https://…' is for the last one held, the others for the next. Who runs the programme may, and the
host, where the calendar names the host by their id in the chat.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta

from bot.agenda import Agenda
from bot.answers import Shelf
from bot.commands import Command, begun_in
from bot.dates import day
from bot.messages import say
from bot.models import Message, Reply, Scope
from bot.naming import meant
from bot.people import RUNS
from bot.protection import protected
from bot.stores import Stores
from bot.topical import LONGEST
from scheduler.models import SESSIONS, ZONE, Entry, Occurrence
from scheduler.parts import has_host
from tips.fields import is_web_address
from tips.models import LANGUAGES, Language

KIND = "hosting"
RECORDING, MEETING_LINK, TOPICAL = "recording", "meeting_link", "topical"
_ADDRESS = re.compile(r"\bhttps?://\S+", re.IGNORECASE)
_BACK, _AHEAD = timedelta(days=120), timedelta(days=370)

Found = tuple[Entry, Occurrence]


class Hosting:
    """Adds to sessions what is known late. `changed` is called after a change."""

    def __init__(self, stores: Stores, agenda: Agenda, changed: Callable[[], object] = bool) -> None:
        self._stores, self._agenda, self._changed = stores, agenda, changed

    def written(self, message: Message, preferred: Language, shelf: Shelf, now: datetime) -> Reply | None:
        """The reply to such a message; None where it is something else, a question perhaps."""
        if address := _ADDRESS.search(message.text):
            rest = message.text[: address.start()] + " " + message.text[address.end() :]
            begun = begun_in(rest, preferred, (RECORDING, MEETING_LINK))
            value = address[0].rstrip(".,;)>")
        else:
            about, colon, value = message.text.partition(":")
            begun = begun_in(about, preferred, (TOPICAL,)) if colon and value.strip() else None
        if begun is None or not begun[1]:
            return None
        command, about = begun
        if message.scope is not Scope.PERSONAL:
            return Reply(command.language, say(command.language, "privately"), kind="privately")
        return self._added(message, command, about, " ".join(value.split()), shelf, now)

    def alone(self, command: Command) -> Reply:
        """Such a command without what it is about: how it is typed."""
        return Reply(command.language, _how(command.name, command.language), kind=KIND)

    def _added(self, message: Message, command: Command, about: str, value: str, shelf: Shelf, now: datetime) -> Reply:
        language, found = command.language, self._found(command.name, about, shelf, now)
        runs = self._stores.people.person(message.person).has(*RUNS)
        if not runs and not (found and found[0].host == message.person):
            return Reply(language, say(language, "hosting_not_yours"), kind=KIND)
        if found is None:
            return Reply(language, _unknown(command.name, about, language), kind=KIND)
        if command.name == TOPICAL:
            return self._topical(found, value, language)
        if not is_web_address(value):
            return Reply(language, say(language, "recording_bad"), kind=KIND)
        return self._linked(found, command.name, value, language)

    def _topical(self, found: Found, value: str, language: Language) -> Reply:
        entry, occurrence = found
        if protected(value).found:
            return Reply(language, say(language, "topical_protected"), kind=KIND)
        if len(value) > LONGEST:
            return Reply(language, say(language, "topical_long", most=LONGEST), kind=KIND)
        self._stores.topical.put(entry.id, occurrence.nominal, value)
        return Reply(
            language,
            say(language, "topical_stored", title=entry.title(language), day=_day(occurrence, language)),
            kind=KIND,
        )

    def _linked(self, found: Found, name: str, link: str, language: Language) -> Reply:
        entry, occurrence = found
        title, on = entry.title(language), _day(occurrence, language)
        if name == RECORDING:
            self._stores.calendar.set_links(entry.id, recording_link=link, nominal=occurrence.nominal)
            text = say(language, "recording_stored", title=title, day=on)
        else:
            self._stores.calendar.set_links(entry.id, meeting_link=link)
            text = say(language, "meeting_link_stored", title=title, day=on)
        self._changed()
        return Reply(language, text, kind=KIND)

    def _found(self, name: str, about: str, shelf: Shelf, now: datetime) -> Found | None:
        """The session meant: the last one that was held, or the next one."""
        entries = [entry for entry in self._agenda.entries() if entry.kind in SESSIONS]
        named = meant(about, {entry.id: self._names(entry, shelf) for entry in entries})
        today = now.astimezone(ZONE).date()
        chosen = [entry for entry in entries if entry.id in named]
        if name == RECORDING:
            held = self._near([entry for entry in chosen if has_host(entry)], today - _BACK, today)
            return next((found for found in reversed(held) if found[1].at <= now), None)
        return next((found for found in self._near(chosen, today, today + _AHEAD) if found[1].at > now), None)

    def _near(self, entries: list[Entry], first: date, last: date) -> list[Found]:
        return list(self._agenda.near(entries, first, last))

    def _names(self, entry: Entry, shelf: Shelf) -> list[str]:
        theme = shelf.snapshot.themes.get(entry.theme)
        titles = [theme.title(language) for language in LANGUAGES] if theme else []
        return [entry.id, entry.theme, *entry.titles.values(), *titles]


def _unknown(name: str, about: str, language: Language) -> str:
    found = "session_not_held" if name == RECORDING else "session_not_coming"
    return f"{say(language, found, theme=about)} {_how(name, language)}"


def _how(name: str, language: Language) -> str:
    """How the command is typed."""
    return say(language, f"type_{name}")


def _day(occurrence: Occurrence, language: Language) -> str:
    return day(occurrence.at.astimezone(ZONE).date(), language)
