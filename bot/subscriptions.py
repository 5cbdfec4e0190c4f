"""'Tilaa vinkit': a channel, or a person in private, becomes a destination; also its pause, its end and what is coming.

One press suffices; every wish can be changed on a card of its own. The buttons carry the draft, so that nothing is lost
by a restart and anybody in the channel can press; what is typed needs the open dialog, which is a row.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.agenda import Agenda, told
from bot.answers import Shelf
from bot.commands import Command, begun_in
from bot.dates import day_from
from bot.messages import say
from bot.models import Action, Button, Choice, Message, Reply, Scope
from bot.people import IT, Dialog
from bot.stores import Stores
from bot.wishcards import KIND, PAGES, Draft, first, page, summary, wishes
from bot.wishes import Wish, is_nearly_span, is_nearly_wish, is_not_now, pause_end, wish_in
from scheduler.models import ZONE, Destination
from tips.models import Language
from tips.moments import stamp

SUBSCRIBE, UNSUBSCRIBE, PAUSE, RESUME, COMING = "subscribe", "unsubscribe", "pause", "resume", "coming"
COMMANDS = (SUBSCRIBE, UNSUBSCRIBE, PAUSE, RESUME, COMING)
ACTIONS = (KIND,)
ANYONE, ONLY_IT = "anyone", "it"
_PAUSES = ("7", "14", "30")  # days


@dataclass(frozen=True, slots=True)
class Asked:
    """A message or a press, its place and its destination: what all of these dialogs begin from."""

    message: Message
    language: Language
    now: datetime
    place: str
    destination: Destination | None

    @property
    def private(self) -> bool:
        """Whether a person subscribes rather than a channel."""
        return self.message.scope is Scope.PERSONAL

    @property
    def in_preview(self) -> bool:
        """Whether it is asked in the browser, where nothing is posted."""
        return self.message.channel == "preview"

    def reply(self, text: str, *choices: Choice) -> Reply:
        """A reply of this dialog."""
        return Reply(self.language, text, choices=choices, kind=KIND)


class Subscriptions:
    """The dialogs. `who` may subscribe a channel: `ANYONE` in it, or `ONLY_IT`. `changed` is called after a change."""

    def __init__(self, stores: Stores, agenda: Agenda, who: str = ANYONE, changed: Callable[[], object] = bool) -> None:
        self._stores, self._agenda, self._who, self._changed = stores, agenda, who, changed

    def commanded(self, command: Command, message: Message, shelf: Shelf, now: datetime) -> Reply:
        """What one of `COMMANDS` leads to."""
        asked = self._asked(message, command.language, now)
        if command.name != COMING and (refused := self._refused(asked)):
            return refused
        if command.name == SUBSCRIBE:
            return self._offer(asked, self._draft(asked))
        if asked.destination is None:
            # 'Jatka' may be about a quarter of an hour as well.
            return asked.reply(say(asked.language, "resume_nothing" if command.name == RESUME else "subscribe_none"))
        destination = asked.destination
        commands: dict[str, Callable[[], Reply]] = {
            UNSUBSCRIBE: lambda: _sure(asked),
            PAUSE: lambda: _how_long(asked),
            RESUME: lambda: self._resumed(asked, destination),
            COMING: lambda: self._coming(asked, destination, shelf),
        }
        return commands[command.name]()

    def written(self, message: Message, preferred: Language, now: datetime) -> Reply | None:
        """'tauko 2 viikkoa', and what is typed while a card is open; None where the text is something else."""
        if (begun := begun_in(message.text, preferred, (PAUSE,))) and begun[1]:
            return self._paused_for(message, begun[0], now)
        dialog = self._stores.people.dialog(message.person)
        if dialog is None or dialog.kind != KIND or not dialog.waits(now):
            return None
        asked = self._asked(message, dialog.language(preferred), now)
        if dialog.data.get("place") != asked.place or self._refused(asked) or message.text.rstrip().endswith("?"):
            return None
        return self._told(asked, Draft.of(dialog.data, Draft()))

    def pressed(self, message: Message, values: Mapping[str, str], language: Language, now: datetime) -> Reply:
        """What the buttons of these dialogs do."""
        asked, step = self._asked(message, language, now), values.get("step", "")
        if refused := self._refused(asked):
            return refused
        draft = Draft.of(values, self._draft(asked))
        steps: dict[str, Callable[[], Reply]] = {
            "show": lambda: self._offer(asked, draft),
            "yes": lambda: self._subscribed(asked, draft),
            "no": lambda: self._not_now(asked),
        }
        if step in steps:
            return steps[step]()
        if step in PAGES:
            self._open(asked, draft)
            return page(step, draft, language)
        if asked.destination is None:
            return asked.reply(say(language, "subscribe_none"))
        return self._changed_by(step, values, asked, asked.destination)

    def _changed_by(self, step: str, values: Mapping[str, str], asked: Asked, destination: Destination) -> Reply:
        """What a button does to a destination that is there."""
        language = asked.language
        if step == "end":
            return _sure(asked)
        if step == "end_yes":
            self._stores.destinations.remove(destination.id)
            self._close(asked)
            return asked.reply(say(language, "unsubscribe_done"))
        if step == "end_no":
            return asked.reply(say(language, "unsubscribe_kept"))
        if step == "pause" and (days := values.get("days")) in _PAUSES:
            return self._paused(asked, destination, timedelta(days=int(days or 0)))
        return Reply(language, say(language, "outdated_button"), kind="gone")

    def _asked(self, message: Message, language: Language, now: datetime) -> Asked:
        place, store = message.place, self._stores.destinations
        private = message.scope is Scope.PERSONAL
        if private and not place:
            known = self._stores.conversations.private_with(message.person)  # a slash command has no place of its own
            place = known[0].id if known else ""
        mine = store.known(message.person) if private else []
        found = mine[0] if mine else store.by_conversation(message.channel, place) if place else None
        return Asked(message, language, now, found.conversation if found else place, found)

    def _refused(self, asked: Asked) -> Reply | None:
        if not asked.place:
            return asked.reply(say(asked.language, "subscribe_nowhere"))
        allowed = asked.private or self._who == ANYONE or self._stores.people.person(asked.message.person).has(IT)
        return None if allowed else asked.reply(say(asked.language, "subscribe_only_it"))

    def _draft(self, asked: Asked) -> Draft:
        return Draft.of_destination(asked.destination) if asked.destination else Draft((asked.language,))

    def _offer(self, asked: Asked, draft: Draft, note: str = "") -> Reply:
        """The summary, to be agreed to or changed."""
        self._open(asked, draft)
        exists = asked.destination is not None
        heading = "subscribe_change" if exists else "subscribe_private" if asked.private else "subscribe_here"
        text = "\n\n".join(filter(None, [note, say(asked.language, heading), _preview(asked)]))
        return summary(draft, text, self._first(asked, draft), asked.language, exists=exists)

    def _told(self, asked: Asked, draft: Draft) -> Reply | None:
        text, language = asked.message.text, asked.language
        if is_not_now(text):
            return self._not_now(asked)
        if wish := wish_in(text):
            if trouble := _trouble(wish, language):
                return page("when", draft, language, trouble)
            return self._offer(asked, draft.wishing(wish))
        if is_nearly_wish(text):
            return page("when", draft, language, say(language, "subscribe_unclear"))
        return None

    def _subscribed(self, asked: Asked, draft: Draft) -> Reply:
        exists, language = asked.destination is not None, asked.language
        destination = self._destination(asked, draft)
        self._stores.destinations.put(destination, asked.now)
        self._close(asked)
        self._changed()
        done = say(language, "subscribe_saved" if exists else "subscribe_done")
        parts = [done, _preview(asked), wishes(draft, language), self._first(asked, draft)]
        parts.append(say(language, "subscribe_how_to_end"))
        return asked.reply("\n\n".join(filter(None, parts)))

    def _destination(self, asked: Asked, draft: Draft) -> Destination:
        message, known = asked.message, asked.destination
        if known is None:
            person = message.person if asked.private else ""
            known = Destination(
                _new_id(message.channel, "" if person else asked.place), message.channel, asked.place, person=person
            )
        return draft.wished_in(replace(known, name="" if asked.private else message.place_name or known.name))

    def _first(self, asked: Asked, draft: Draft) -> str:
        """When the first one comes; to the browser preview nothing does."""
        place = self._destination(asked, draft)
        coming = self._agenda.coming(replace(place, since=place.since or asked.now), asked.now, 1)
        at, exists = coming[0].at if coming else None, asked.destination is not None
        return first(at, asked.language, exists=exists, trial=asked.in_preview)

    def _not_now(self, asked: Asked) -> Reply:
        self._close(asked)
        return asked.reply(say(asked.language, "unsubscribe_kept" if asked.destination else "subscribe_not_now"))

    def _paused_for(self, message: Message, command: Command, now: datetime) -> Reply | None:
        """'tauko 2 viikkoa'; a question about a pause is a question."""
        _, _, span = " ".join(message.text.split()).partition(" ")
        end = pause_end(span, now.astimezone(ZONE).date())
        asked = self._asked(message, command.language, now)
        if end is None and (asked.destination is None or not is_nearly_span(span)):
            return None
        if refused := self._refused(asked):
            return refused
        if asked.destination is None:
            return asked.reply(say(command.language, "subscribe_none"))
        if end is None:
            return _how_long(asked, say(command.language, "pause_unclear"))
        return self._paused(asked, asked.destination, end - now.astimezone(ZONE).date())

    def _paused(self, asked: Asked, destination: Destination, span: timedelta) -> Reply:
        today = asked.now.astimezone(ZONE).date()
        end = today + span
        self._stores.destinations.pause(destination.id, end)
        self._changed()
        return asked.reply(say(asked.language, "pause_done", day=day_from(today, end, asked.language)))

    def _resumed(self, asked: Asked, destination: Destination) -> Reply:
        paused = destination.paused_until is not None and destination.paused_until > asked.now.astimezone(ZONE).date()
        self._stores.destinations.pause(destination.id, None)
        self._changed()
        return asked.reply(say(asked.language, "pause_over" if paused else "pause_none"))

    def _coming(self, asked: Asked, destination: Destination, shelf: Shelf) -> Reply:
        language = asked.language
        items = self._agenda.coming(destination, asked.now)
        paused = destination.paused_until
        lines = [say(language, "coming"), "", *(f"- {told(item, shelf, language)}" for item in items)]
        today = asked.now.astimezone(ZONE).date()
        if paused and paused > today:
            until = day_from(today, paused, language)
            lines = [say(language, "coming_paused", day=until), "", *(lines if items else [])]
        elif not items:
            lines = [say(language, "coming_nothing")]
        return asked.reply("\n".join(lines).rstrip())

    def _open(self, asked: Asked, draft: Draft) -> None:
        data = {**draft.values, "lang": asked.language, "place": asked.place, "at": stamp(asked.now)}
        self._stores.people.open_dialog(asked.message.person, Dialog(KIND, data), asked.now)

    def _close(self, asked: Asked) -> None:
        self._stores.people.close_dialog(asked.message.person, KIND)


def _trouble(wish: Wish, language: Language) -> str:
    if wish.at_weekend:
        return say(language, "subscribe_weekend")
    return say(language, "subscribe_night") if wish.at_night else ""


def _sure(asked: Asked) -> Reply:
    language = asked.language
    buttons = (
        _button(say(language, "subscribe_end"), "end_yes", language),
        _button(say(language, "unsubscribe_no"), "end_no", language),
    )
    return asked.reply(say(language, "unsubscribe_sure"), Choice("", buttons, once=True))


def _how_long(asked: Asked, note: str = "") -> Reply:
    language = asked.language
    labels = (say(language, "pause_week"), say(language, "pause_two_weeks"), say(language, "pause_month"))
    buttons = tuple(_button(label, "pause", language, days=days) for label, days in zip(labels, _PAUSES, strict=True))
    text = "\n\n".join(filter(None, [note, say(language, "pause_how_long")]))
    return asked.reply(text, Choice("", buttons))


def _button(label: str, step: str, language: Language, **values: str) -> Button:
    return Button(label, Action(KIND, {"step": step, "lang": language, **values}))


def _new_id(platform: str, channel: str) -> str:
    """An id that a calendar can name: `to: [teams-3f9a1c20de]`. A channel that subscribes again has its old one, so
    that no tip comes there twice within a year; who subscribes in private ('' for a channel) is not known again."""
    name = hashlib.sha256(channel.encode()).hexdigest()[:10] if channel else secrets.token_hex(5)
    return f"{platform}-{name}"


def _preview(asked: Asked) -> str:
    """Nothing can be posted to the browser preview: said, so that nobody waits for it."""
    return say(asked.language, "subscribe_preview") if asked.in_preview else ""
