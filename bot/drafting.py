"""'Tee tästä vinkki': an answer, or what somebody writes, becomes a draft, and by a second person's approval a tip."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from bot.answers import Shelf
from bot.commands import command_in, followed
from bot.messages import say
from bot.models import Action, Button, Choice, Message, Reply, Scope
from bot.outbox import PERSON, Letter
from bot.people import COORDINATOR, IT, TUTOR, Dialog, stamp
from bot.protection import protected
from bot.stores import Stores
from bot.texts import cut
from tips.database import writing
from tips.drafts import Draft, RefusedError, State, Step, edited, moved, near_duplicates, suggested_theme
from tips.models import LANGUAGES, Language

KIND = "draft"
WAITS, ENDED = "draft_waits", "draft_ended"
LETTERS = (WAITS, ENDED)
_SHARE, _DRAFTS, _HISTORY = "share_tip", "drafts", "tip_history"
COMMANDS = (_SHARE, _DRAFTS, _HISTORY)
ACTIONS = (KIND,)
_APPROVERS = (IT, COORDINATOR, TUTOR)
_OPEN_FOR = timedelta(days=1)  # so long what is typed may belong to a draft
_LONGEST_TITLE, _MOST_LISTED = 80, 10
_SENTENCES = re.compile(r"[.!?]\s*(\s\S|$)")  # a whole sentence is a text
_TYPED = ("title", "body", "reason")  # what is asked for in words


class Drafting:
    """The dialogs. `at_once`: tutors publish without a second person."""

    def __init__(self, stores: Stores, shelf: Callable[[], Shelf], *, at_once: bool = False) -> None:
        self._stores, self._drafts, self._shelf, self._at_once = stores, stores.drafts, shelf, at_once

    def written(self, message: Message, preferred: Language, shelf: Shelf, now: datetime) -> Reply | None:  # noqa: ARG002
        """The reply to one of `COMMANDS`, or to what a draft waits for; None where it is something else."""
        begun = followed(message.text, preferred, COMMANDS)
        if begun and (begun[0].name == _SHARE or not begun[1]):
            return self._commanded(begun[0].name, begun[1], message, begun[0].language, now)
        dialog = self._stores.people.dialog(message.person) if message.scope is Scope.PERSONAL else None
        if dialog is None or dialog.kind != KIND or command_in(message.text, preferred):
            return None
        if dialog.data.get("at", "") < stamp(now - _OPEN_FOR):
            return None
        language = next((each for each in LANGUAGES if each == dialog.data.get("lang")), preferred)
        return self._told(message, dialog.data, language, now)

    def pressed(self, message: Message, action: Action, shelf: Shelf, language: Language, now: datetime) -> Reply:  # noqa: ARG002
        """What the buttons do. Nothing that they carry is trusted."""
        values, step = action.values, action.values.get("step", "")
        if step == "make":
            return self._made(message, values, language, now)
        if message.scope is not Scope.PERSONAL:
            return Reply(language, say(language, "privately"), kind="privately")
        if step == "undo":
            return self._undone(message, values.get("number", ""), language, now)
        draft = self._drafts.get(values.get("number", ""))
        if draft is None or not self._sees(draft, message.person):
            return Reply(language, say(language, "outdated_button"), kind="gone")
        return self._stepped(draft, step, message, language, now)

    def _stepped(self, draft: Draft, step: str, message: Message, language: Language, now: datetime) -> Reply:
        if step in _TYPED:
            return self._ask(draft, step, message, language, now)
        if step == "theme":
            theme = message.action.values.get("theme", "") if message.action else ""
            return self._themed(draft, theme, message, language, now)
        if step == "show":
            return self._card(draft, message.person, language)
        known = next((each for each in Step if each == step and each is not Step.REJECT), None)
        return self._moved(draft, known, message, language, now) if known else self._refused(language)

    def letter(self, letter: Letter, language: Language) -> Reply | None:
        """What a letter of `LETTERS` says; None where there is nothing to say any more."""
        draft = self._drafts.get(letter.matter)
        if draft is None:
            return None
        if letter.kind == WAITS:
            return self._card(draft, letter.recipient.removeprefix(PERSON), language)
        if draft.state is State.APPROVED:
            return _reply(language, say(language, "draft_approved", title=draft.title))
        return _reply(language, say(language, "draft_returned", title=draft.title, reason=draft.reason))

    def _commanded(self, name: str, about: str, message: Message, language: Language, now: datetime) -> Reply:
        if message.scope is not Scope.PERSONAL:
            return Reply(language, say(language, "privately"), kind="privately")
        if name == _DRAFTS:
            return self._listed(message.person, language)
        if name == _HISTORY:
            return self._history(message.person, language)
        if ":" in about or (about and "\n" in message.text):  # as it was typed, line breaks and all
            command = len(message.text.split()) - len(about.split())
            return self._shared(message.text.split(None, command)[-1], message, language, now)
        self._open(message.person, "", "tip", language, now)
        return _reply(language, say(language, "draft_write_tip"))

    def _made(self, message: Message, values: Mapping[str, str], language: Language, now: datetime) -> Reply:
        """From an answer of a helper's."""
        item = self._stores.handovers.get(values.get("handover", ""))
        if item is None or item.breach or not item.answer:
            return Reply(language, say(language, "outdated_button"), kind="gone")
        told = next((each for each in LANGUAGES if each == item.language), language)
        reply = self._begun(message, item.question, item.answer, (item.question,), told, now)
        # In a channel the draft is the business of who pressed.
        private = message.scope is Scope.PERSONAL
        return reply if private else Reply(language, say(language, "draft_begun"), kind="privately")

    def _shared(self, text: str, message: Message, language: Language, now: datetime) -> Reply:
        """From what somebody writes: the first sentence or line is the title."""
        if protected(text).found:
            return _reply(language, say(language, "draft_protected"))
        self._close(message.person)
        title, _, body = text.partition("\n") if "\n" in text else text.partition(":")
        if body.strip() or len(text.strip()) > _LONGEST_TITLE or _SENTENCES.search(text):
            return self._begun(message, title if body else text, body or text, (), language, now)
        self._begun(message, text, text, (), language, now)  # a title alone: its text is asked for
        newest = max(self._drafts.of(message.person), key=lambda draft: draft.id)
        self._open(message.person, str(newest.id), "body", language, now)
        return _reply(language, say(language, "draft_write_text"))

    def _begun(
        self, message: Message, title: str, body: str, phrasings: tuple[str, ...], language: Language, now: datetime
    ) -> Reply:
        shelf = self._shelf()
        theme = suggested_theme(shelf.snapshot.base, f"{title} {body}", language)
        theme = theme or next(iter(shelf.snapshot.themes), "")
        short = cut(title.strip().rstrip("?."), _LONGEST_TITLE)
        draft = Draft(0, message.person, language, short, body.strip(), theme, phrasings)
        return self._card(self._drafts.add(draft, now), message.person, language)

    def _told(self, message: Message, values: Mapping[str, str], language: Language, now: datetime) -> Reply:
        step, draft = values.get("step", ""), self._drafts.get(values.get("number", ""))
        if step == "tip":
            return self._shared(message.text, message, language, now)
        if protected(message.text).found:
            return _reply(language, say(language, "draft_protected"))
        self._close(message.person)
        if draft is None:
            return self._refused(language)
        if step == "reason":
            return self._moved(draft, Step.REJECT, message, language, now, message.text.strip())
        return self._edited(draft, {step: message.text}, message, language, now)

    def _ask(self, draft: Draft, step: str, message: Message, language: Language, now: datetime) -> Reply:
        if (step == "reason") != (draft.author != message.person):
            return self._refused(language)
        self._open(message.person, str(draft.id), step, language, now)
        if step == "reason":
            return _reply(language, say(language, "draft_write_reason"))
        return _reply(language, say(language, "draft_write_title" if step == "title" else "draft_write_body"))

    def _themed(self, draft: Draft, theme: str, message: Message, language: Language, now: datetime) -> Reply:
        themes = self._shelf().snapshot.themes
        if theme in themes:
            return self._edited(draft, {"theme": theme}, message, language, now)
        values = {"step": "theme", "number": str(draft.id), "lang": language}
        buttons = tuple(
            Button(each.title(language), Action(KIND, {**values, "theme": each.id})) for each in themes.values()
        )
        return _reply(language, say(language, "draft_which_theme"), Choice("", buttons))

    def _edited(
        self, draft: Draft, fields: Mapping[str, str], message: Message, language: Language, now: datetime
    ) -> Reply:
        try:
            after = edited(draft, **fields)
        except RefusedError:
            return self._refused(language)
        if draft.author != message.person or not self._drafts.change(draft, after, now):
            return self._refused(language)
        return self._card(after, message.person, language)

    def _moved(
        self, draft: Draft, step: Step, message: Message, language: Language, now: datetime, reason: str = ""
    ) -> Reply:
        person = self._stores.people.person(message.person)
        if step in (Step.APPROVE, Step.REJECT) and not person.has(*_APPROVERS):
            return self._refused(language)
        try:
            after = moved(draft, step, person.id, alone=self._at_once, reason=reason)
        except RefusedError:
            return self._refused(language)
        with writing(self._stores.database):
            done = self._drafts.change(draft, after, now)
            if done is None:
                return self._refused(language)
            self._tell(draft, done, now)
        return _reply(language, _said(done, language))

    def _tell(self, before: Draft, after: Draft, now: datetime) -> None:
        matter = str(after.id)
        if after.state is State.WAITING:
            away = self._stores.units.away(now) | {after.author}
            people = dict.fromkeys(person for role in _APPROVERS for person in self._stores.people.having(role))
            for person in [person for person in people if person not in away][:_MOST_LISTED]:
                self._stores.outbox.put(Letter(PERSON + person, WAITS, matter), now)
        else:
            self._stores.outbox.again(WAITS, matter, now)
        if after.state in (State.APPROVED, State.REJECTED):
            self._stores.outbox.put(Letter(PERSON + before.author, ENDED, matter), now)

    def _listed(self, person: str, language: Language) -> Reply:
        approves = self._stores.people.person(person).has(*_APPROVERS)
        waiting = [draft for draft in self._drafts.waiting() if draft.author != person] if approves else []
        groups = [(say(language, "draft_mine"), self._drafts.of(person)), (say(language, "draft_waiting"), waiting)]
        choices = tuple(
            Choice(label, tuple(_button(draft.title, "show", draft, language) for draft in found[:_MOST_LISTED]))
            for label, found in groups
            if found
        )
        return _reply(language, "" if choices else say(language, "draft_none"), *choices)

    def _history(self, person: str, language: Language) -> Reply:
        if not self._stores.people.person(person).has(*_APPROVERS):
            return _reply(language, say(language, "draft_history_not_yours"))
        changes = self._drafts.history(_MOST_LISTED)
        buttons = []
        for change in changes:
            tip = change.after or change.before
            title = next(iter(tip.texts.values())).title if tip else change.tip
            label = say(language, "draft_undo", title=title)
            values = {"step": "undo", "number": str(change.id), "lang": language}
            buttons.append(Button(label, Action(KIND, values)))
        text = say(language, "draft_history" if buttons else "draft_none")
        return _reply(language, text, *((Choice("", tuple(buttons)),) if buttons else ()))

    def _undone(self, message: Message, number: str, language: Language, now: datetime) -> Reply:
        if not self._stores.people.person(message.person).has(*_APPROVERS):
            return self._refused(language)
        done = self._drafts.undo(number, now)
        return _reply(language, say(language, "draft_undone" if done else "draft_not_undone"))

    def _card(self, draft: Draft, person: str, language: Language) -> Reply:
        shelf = self._shelf()
        theme = shelf.snapshot.themes.get(draft.theme)
        lines = [
            say(language, "draft_card", title=draft.title, body=draft.body),
            say(language, "draft_theme", theme=theme.title(language) if theme else draft.theme),
            _said(draft, language) if draft.state not in (State.OPEN, State.WAITING) else "",
        ]
        if near := [shelf.title(tip, language) for tip in near_duplicates(shelf.snapshot.base, draft)]:
            lines.append(say(language, "draft_near", titles=", ".join(near)))
        buttons = self._buttons(draft, person, language)
        return _reply(language, "\n\n".join(filter(None, lines)), *((Choice("", buttons),) if buttons else ()))

    def _buttons(self, draft: Draft, person: str, language: Language) -> tuple[Button, ...]:
        mine, approver = draft.author == person, self._stores.people.person(person).has(*_APPROVERS)
        steps: list[str] = []
        if mine and draft.state in (State.OPEN, State.WAITING):
            steps += ["title", "body", "theme"]
            steps += ["submit"] if draft.state is State.OPEN else []
            steps += ["withdraw"]
        if approver and draft.state is State.WAITING and (self._at_once or not mine):
            steps += ["approve", "reason"]
        return tuple(_button(say(language, f"draft_do_{step}"), step, draft, language) for step in steps)

    def _sees(self, draft: Draft, person: str) -> bool:
        approver = self._stores.people.person(person).has(*_APPROVERS)
        return draft.author == person or (approver and draft.state is State.WAITING)

    def _open(self, person: str, number: str, step: str, language: Language, now: datetime) -> None:
        data = {"number": number, "step": step, "lang": language, "at": stamp(now)}
        self._stores.people.open_dialog(person, Dialog(KIND, data), now)

    def _close(self, person: str) -> None:
        dialog = self._stores.people.dialog(person)
        if dialog and dialog.kind == KIND:
            self._stores.people.close_dialog(person)

    def _refused(self, language: Language) -> Reply:
        return _reply(language, say(language, "draft_refused"))


def make_button(handover: int, language: Language) -> Button:
    """'Tee tästä vinkki', of the answer to that question."""
    values = {"step": "make", "handover": str(handover), "lang": language}
    return Button(say(language, "draft_make"), Action(KIND, values))


def _said(draft: Draft, language: Language) -> str:
    """How far it is."""
    match draft.state:
        case State.WAITING:
            return say(language, "draft_submitted")
        case State.APPROVED:
            return say(language, "draft_approved", title=draft.title)
        case State.REJECTED:
            return say(language, "draft_returned", title=draft.title, reason=draft.reason)
        case _:
            return say(language, "draft_withdrawn")


def _button(label: str, step: str, draft: Draft, language: Language) -> Button:
    return Button(label, Action(KIND, {"step": step, "number": str(draft.id), "lang": language}))


def _reply(language: Language, text: str, *choices: Choice) -> Reply:
    return Reply(language, text, choices=choices, kind=KIND)
