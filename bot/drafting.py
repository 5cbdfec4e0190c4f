"""'Tee tästä vinkki': an answer, or what somebody writes, becomes a draft, or a way of asking for a tip that is there.

What becomes of it then is `bot.approving`'s.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from bot.answers import Shelf
from bot.approving import LETTERS, Approving, refused
from bot.beginnings import Beginnings
from bot.commands import command_in, followed
from bot.draftcards import KIND, button, dialog, make_button, reply
from bot.draftforms import FIELDS, form
from bot.draftwords import signs, whose
from bot.messages import say
from bot.models import Action, Choice, Message, Reply, Scope
from bot.outbox import Letter
from bot.protection import protected
from bot.stores import Stores
from tips.drafts import ENDED, Draft, RefusedError, State, Step, as_phrasing, edited, near_duplicates
from tips.models import Language

__all__ = ["ACTIONS", "COMMANDS", "KIND", "LETTERS", "Drafting", "make_button"]

_SHARE, _DRAFTS, _HISTORY, _LANGUAGES = "share_tip", "drafts", "tip_history", "missing_languages"
COMMANDS = (_SHARE, _DRAFTS, _HISTORY, _LANGUAGES)
ACTIONS = (KIND,)
_DECIDING = ("approve", "reason")
_TYPED = ("title", "body", "by", "reason")  # what is asked for in words


class Drafting:
    """The dialogs about drafts; `beginnings` are where they come from, `approving` what becomes of them."""

    def __init__(self, stores: Stores, shelf: Callable[[], Shelf]) -> None:
        self._stores, self._drafts, self._shelf = stores, stores.drafts, shelf
        self.approving = Approving(stores, shelf, lambda: self._at_once)
        self.beginnings = Beginnings(stores, shelf, self.approving)

    @property
    def _at_once(self) -> bool:
        """Whether tutors publish without a second person."""
        return self._stores.desk_rules.rules().at_once

    def written(self, message: Message, preferred: Language, shelf: Shelf, now: datetime) -> Reply | None:  # noqa: ARG002
        """The reply to one of `COMMANDS`, or to what a draft waits for; None where it is something else."""
        begun = followed(message.text, preferred, COMMANDS)
        if begun and (begun[0].name == _SHARE or not begun[1]):
            return self._commanded(begun[0].name, begun[1], message, begun[0].language, now)
        waiting = self._stores.people.dialog(message.person) if message.scope is Scope.PERSONAL else None
        if waiting is None or waiting.kind != KIND or not waiting.waits(now) or command_in(message.text, preferred):
            return None
        return self._told(message, waiting.data, waiting.language(preferred), now)

    def pressed(self, message: Message, action: Action, shelf: Shelf, language: Language, now: datetime) -> Reply:  # noqa: ARG002
        """What the buttons do. Nothing that they carry is trusted."""
        values, step = action.values, action.values.get("step", "")
        start = self.beginnings
        begins = {
            "make": start.made,
            "quote": start.quoted,
            "new": start.new,
            "new_written": start.new_written,
        }
        if step in begins:
            return begins[step](message, values, language, now)
        if message.scope is not Scope.PERSONAL:
            return Reply(language, say(language, "privately"), kind="privately")
        if step == "undo":
            return self.approving.undone(message.person, values.get("number", ""), language, now)
        if step == "language":
            return self.beginnings.in_language(message, values, language, now)
        draft = self._drafts.get(values.get("number", ""))
        if draft is None or not self.approving.sees(draft, message.person):
            late = draft is not None and draft.state in ENDED and self.approving.may(message.person)
            gone = Reply(language, say(language, "outdated_button"), kind="gone")
            return self.approving.late(draft, language) if draft and late else gone
        return self._stepped(draft, step, values, message, language, now)

    def letter(self, letter: Letter, language: Language) -> Reply | None:
        """What a letter of `LETTERS` says; None where there is nothing to say any more."""
        return self.approving.letter(letter, language)

    def _commanded(self, name: str, about: str, message: Message, language: Language, now: datetime) -> Reply:
        if name == _SHARE:
            return self.beginnings.asked(about, message, language, now)
        if message.scope is not Scope.PERSONAL:
            return Reply(language, say(language, "privately"), kind="privately")
        lists: Mapping[str, Callable[[], Reply]] = {
            _DRAFTS: lambda: self.approving.listed(message.person, language),
            _HISTORY: lambda: self.approving.history(message.person, language),
            _LANGUAGES: lambda: self.approving.missing(language),
        }
        return lists[name]()

    def _stepped(
        self, draft: Draft, step: str, values: Mapping[str, str], message: Message, language: Language, now: datetime
    ) -> Reply:
        if step in _DECIDING and _changed(draft, values):
            return self.approving.changed(draft, message.person, language)
        if step in _TYPED:
            return self._ask(draft, step, message, language, now)
        steps: Mapping[str, Callable[[], Reply]] = {
            "theme": lambda: self._themed(draft, values.get("theme", ""), message, language, now),
            "sign": lambda: self._signed(draft, values.get("as", ""), message, language, now),
            "phrase": lambda: self._added(draft, values.get("tip", ""), message, language, now),
            "written": lambda: self._filled(draft, values, message, language, now),
            "show": lambda: self.approving.card(draft, message.person, language),
        }
        if step in steps:
            return steps[step]()
        known = next((each for each in Step if each == step and each is not Step.REJECT), None)
        return self.approving.moved(draft, known, message.person, language, now) if known else refused(language)

    def _told(self, message: Message, values: Mapping[str, str], language: Language, now: datetime) -> Reply:
        step, draft = values.get("step", ""), self._drafts.get(values.get("number", ""))
        if protected(message.text).found:
            return reply(language, say(language, "draft_protected"))
        self._stores.people.close_dialog(message.person, KIND)
        if step == "tip" and "tip" in values:
            return self.beginnings.translated(values, message, language, now)
        if step == "tip":
            return self.beginnings.shared(message.text, message, language, now)
        if draft is None:
            return refused(language)
        if step == "reason":
            return self._rejected(draft, values, message, language, now)
        return self._edited(draft, {step: message.text}, message, language, now)

    def _filled(
        self, draft: Draft, values: Mapping[str, str], message: Message, language: Language, now: datetime
    ) -> Reply:
        """What was written in the dialog."""
        what = values.get("what", "")
        text = values.get(what, "") if what in FIELDS else ""
        if not text.strip():
            return refused(language)
        if protected(text).found:
            return replace(form(draft, what, language, text), text=say(language, "draft_protected"))
        if what == "reason":
            return self._rejected(draft, values, replace(message, text=text), language, now)
        return self._edited(draft, {what: text}, message, language, now)

    def _rejected(
        self, draft: Draft, values: Mapping[str, str], message: Message, language: Language, now: datetime
    ) -> Reply:
        if _changed(draft, values):
            return self.approving.changed(draft, message.person, language)
        return self.approving.moved(draft, Step.REJECT, message.person, language, now, message.text.strip())

    def _ask(self, draft: Draft, step: str, message: Message, language: Language, now: datetime) -> Reply:
        if (step == "reason") != (draft.author != message.person):
            return refused(language)
        if message.behind and step in FIELDS:
            return form(draft, step, language)
        asked = dialog({"number": str(draft.id), "step": step, "version": str(draft.version)}, language, now)
        self._stores.people.open_dialog(message.person, asked, now)
        if step == "reason":
            return reply(language, say(language, "draft_write_reason"))
        if step == "by":
            return whose(draft, signs(self._stores, message), language)
        return reply(language, say(language, "draft_write_title" if step == "title" else "draft_write_body"))

    def _signed(self, draft: Draft, way: str, message: Message, language: Language, now: datetime) -> Reply:
        self._stores.people.close_dialog(message.person, KIND)
        return self._edited(draft, {"by": signs(self._stores, message).get(way, "")}, message, language, now)

    def _added(self, draft: Draft, tip_id: str, message: Message, language: Language, now: datetime) -> Reply:
        """The question becomes a way of asking for a tip that is there, and waits for approval as any draft."""
        shelf = self._shelf()
        near = near_duplicates(shelf.snapshot.base, draft)
        if tip_id not in near or draft.author != message.person:
            return refused(language)
        try:
            after = as_phrasing(draft, tip_id, shelf.title(tip_id, draft.language))
        except RefusedError:
            return self.approving.late(draft, language)
        if not self._drafts.change(draft, after, now):
            return self.approving.late(draft, language)
        return self.approving.moved(after, Step.SUBMIT, message.person, language, now)

    def _themed(self, draft: Draft, theme: str, message: Message, language: Language, now: datetime) -> Reply:
        themes = self._shelf().snapshot.themes
        if theme in themes:
            return self._edited(draft, {"theme": theme}, message, language, now)
        buttons = tuple(
            button(each.title(language), "theme", draft, language, theme=each.id) for each in themes.values()
        )
        return reply(language, say(language, "draft_which_theme"), Choice("", buttons))

    def _edited(
        self, draft: Draft, fields: Mapping[str, str], message: Message, language: Language, now: datetime
    ) -> Reply:
        try:
            after = edited(draft, **fields)
        except RefusedError:
            return refused(language)
        if draft.author != message.person or not self._drafts.change(draft, after, now):
            return refused(language)
        return self.approving.card(after, message.person, language)


def _changed(draft: Draft, values: Mapping[str, str]) -> bool:
    """Whether it waits in other words than those that were seen."""
    return draft.state is State.WAITING and values.get("version") != str(draft.version)
