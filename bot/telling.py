"""What IT is told in private of posts that failed: each failure once, with what to do."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

import structlog

from bot.messages import say
from bot.publications import HELD
from bot.publishing import OWNER
from bot.stores import Stores
from scheduler.models import ZONE, Destination, Key
from scheduler.posting import Post, PostButton, Publisher, PublishError, Run, Section
from tips.models import Language

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Listener:
    """A person of IT's, where they are written to in private."""

    destination: Destination
    language: Language


class Alerts:
    """Tells IT (`scheduler.posting.Report`). `place` finds a person's private conversation by `owner:<person>`."""

    def __init__(
        self,
        stores: Stores,
        publishers: Mapping[str, Publisher],
        place: Callable[[str], Destination | None],
        run: Run,
        now: Callable[[], datetime],
        language: Language = "fi",
    ) -> None:
        self._stores, self._publishers, self._place = stores, publishers, place
        self._run, self._now, self._language = run, now, language

    async def report(self, key: str, values: Mapping[str, str]) -> None:
        """Tells everybody of IT who can be reached, unless they were told."""
        now, failure = self._now(), _digest(key, values)
        named = await self._run(lambda: self._named(values))
        if not await self._run(lambda: self._stores.alerts.first(failure, now)):
            return
        reached = 0
        for listener in await self._run(self._listeners):
            publisher = self._publishers.get(listener.destination.platform)
            try:
                if publisher:
                    await publisher.publish(alert(key, named, listener.destination, listener.language, now))
                    reached += 1
            except PublishError as error:
                _log.error("IT not told", reason=str(error))
        if not reached:
            await self._run(lambda: self._stores.alerts.forget(failure))

    def _listeners(self) -> list[_Listener]:
        found = []
        for person in self._stores.people.it():
            if destination := self._place(f"{OWNER}{person}"):
                language = self._stores.people.person(person).language or self._language
                found.append(_Listener(destination, language))
        return found

    def _named(self, values: Mapping[str, str]) -> dict[str, str]:
        """The values with titles for the ids of entries: 'weekly-tip (3)' is 'Viikon vinkki (3)'."""
        titles = {entry.id: entry.title(self._language) for entry in self._stores.calendar.in_force()}
        named = re.sub(r"[\w.:-]+", lambda found: titles.get(found[0], found[0]), values.get("what", ""))
        return {**values, "what": named}


def alert(key: str, values: Mapping[str, str], destination: Destination, language: Language, now: datetime) -> Post:
    """What IT is told. A key that has no text of its own is told as it is."""
    title, _, body = _text(key, values, language).partition("\n\n")
    where = Key(key, now.astimezone(ZONE).date(), "alert", destination.id)
    section = Section(language, title.replace("**", ""), body)
    return Post(where, destination, (section,), _buttons(key, language))


def _text(key: str, values: Mapping[str, str], language: Language) -> str:
    where, why, count = values.get("where", ""), values.get("why", ""), values.get("count", "")
    if key == "posts_unreachable":
        return say(language, "posts_unreachable", where=where, why=why)
    if key == "posts_missed":
        return say(language, "posts_missed", what=values.get("what", ""))
    if key == "posts_held":
        return say(language, "posts_held", count=count)
    if key == "entry_broken":
        return say(language, "entry_broken", what=values.get("what", ""), why=why)
    if key == "destination_broken":
        return say(language, "destination_broken", where=where)
    if key != "posts_failed":  # no words for it: as it is
        where, why = key, ", ".join(values.values())
    return say(language, "posts_failed", where=where, why=why)


def _buttons(key: str, language: Language) -> tuple[PostButton, ...]:
    if key != "posts_held":
        return ()
    return (
        PostButton(say(language, "posts_send"), HELD, {"send": "yes", "lang": language}),
        PostButton(say(language, "posts_leave_out"), HELD, {"send": "no", "lang": language}),
    )


def _digest(key: str, values: Mapping[str, str]) -> str:
    """What makes it the same failure; how many they are does not."""
    told = [key, *(f"{name}={value}" for name, value in sorted(values.items()) if name != "count")]
    return hashlib.sha256("\n".join(told).encode()).hexdigest()
