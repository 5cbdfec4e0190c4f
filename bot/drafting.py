"""'Tee tästä vinkki': an answer, or what somebody writes, becomes a draft, or a way of asking for a tip that is there.

What becomes of it then is `bot.approving`'s.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from bot.answers import Shelf
from bot.approving import LETTERS, Approving, refused
from bot.commands import command_in, followed
from bot.draftcards import KIND, button, make_button, reply
from bot.draftforms import FIELDS, form, new_form, new_offer
from bot.draftwords import LONGEST_TITLE, parted, signs, whole, whose
from bot.messages import say
from bot.models import Action, Choice, Message, Reply, Scope
from bot.outbox import Letter
from bot.people import Dialog
from bot.protection import protected
from bot.sharecards import pick_button, tips
from bot.stores import Stores
from bot.texts import cut
from tips.drafts import ENDED, Draft, RefusedError, State, Step, as_phrasing, edited, near_duplicates, suggested_theme
from tips.models import LANGUAGES, Language, language_in
from tips.moments import stamp

__all__ = ["ACTIONS", "COMMANDS", "KIND", "LETTERS", "Drafting", "make_button"]

_SHARE, _DRAFTS, _HISTORY, _LANGUAGES = "share_tip", "drafts", "tip_history", "missing_languages"
COMMANDS = (_SHARE, _DRAFTS, _HISTORY, _LANGUAGES)
ACTIONS = (KIND,)
_MOST_OFFERED = 5
_DECIDING = ("approve", "reason")
_TYPED = ("title", "body", "by", "reason")  # what is asked for in words


class Drafting:
    """The dialogs."""

    def __init__(self, stores: Stores, shelf: Callable[[], Shelf]) -> None:
        self._stores, self._drafts, self._shelf = stores, stores.drafts, shelf
        self.approving = Approving(stores, shelf, lambda: self._at_once)

    @property
    def _at_once(self) -> bool:
        """Whether tutors publish without a second person."""
        return self._stores.desk_rules.rules().at_once

    def written(self, message: Message, preferred: Language, shelf: Shelf, now: datetime) -> Reply | None:  # noqa: ARG002
        """The reply to one of `COMMANDS`, or to what a draft waits for; None where it is something else."""
        begun = followed(message.text, preferred, COMMANDS)
        if begun and (begun[0].name == _SHARE or not begun[1]):
            return self._commanded(begun[0].name, begun[1], message, begun[0].language, now)
        dialog = self._stores.people.dialog(message.person) if message.scope is Scope.PERSONAL else None
        if dialog is None or dialog.kind != KIND or not dialog.waits(now) or command_in(message.text, preferred):
            return None
        return self._told(message, dialog.data, dialog.language(preferred), now)

    def pressed(self, message: Message, action: Action, shelf: Shelf, language: Language, now: datetime) -> Reply:  # noqa: ARG002
        """What the buttons do. Nothing that they carry is trusted."""
        values, step = action.values, action.values.get("step", "")
        begins = {"make": self._made, "quote": self._quoted, "new": self._new, "new_written": self._new_written}
        if step in begins:
            return begins[step](message, values, language, now)
        if message.scope is not Scope.PERSONAL:
            return Reply(language, say(language, "privately"), kind="privately")
        if step == "undo":
            return self.approving.undone(message.person, values.get("number", ""), language, now)
        if step == "language":
            return self._in_language(message, values, language, now)
        draft = self._drafts.get(values.get("number", ""))
        if draft is None or not self.approving.sees(draft, message.person):
            late = draft is not None and draft.state in ENDED and self.approving.may(message.person)
            gone = Reply(language, say(language, "outdated_button"), kind="gone")
            return self.approving.late(draft, language) if draft and late else gone
        return self._stepped(draft, step, values, message, language, now)

    def begun(
        self, person: str, title: str, body: str, phrasings: tuple[str, ...], language: Language, now: datetime
    ) -> Reply:
        """A new draft of the person's; where there is no `body`, it is asked for."""
        shelf = self._shelf()
        theme = suggested_theme(shelf.snapshot.base, f"{title} {body}", language)
        theme = theme or next(iter(shelf.snapshot.themes), "")
        short = cut(title.strip().rstrip("?."), LONGEST_TITLE)
        return self._kept(Draft(0, person, language, short, body.strip(), theme, phrasings), language, now)

    def letter(self, letter: Letter, language: Language) -> Reply | None:
        """What a letter of `LETTERS` says; None where there is nothing to say any more."""
        return self.approving.letter(letter, language)

    def _commanded(self, name: str, about: str, message: Message, language: Language, now: datetime) -> Reply:
        if message.scope is not Scope.PERSONAL and name == _SHARE:
            return self._shared_there(about, message, language, now)
        if message.scope is not Scope.PERSONAL:
            return Reply(language, say(language, "privately"), kind="privately")
        lists: Mapping[str, Callable[[], Reply]] = {
            _DRAFTS: lambda: self.approving.listed(message.person, language),
            _HISTORY: lambda: self.approving.history(message.person, language),
            _LANGUAGES: lambda: self.approving.missing(language),
        }
        if name in lists:
            return lists[name]()
        if text := whole(about, message):
            return self._shared(text, message, language, now)
        self._open(message.person, {"step": "tip"}, language, now)
        if about:
            return self._offered(about, language)
        return reply(language, say(language, "draft_write_tip"), Choice("", (pick_button(language),)))

    def _shared_there(self, about: str, message: Message, language: Language, now: datetime) -> Reply:
        """'Jaa vinkki' where others read: the draft is the business of who wrote it."""
        if not (text := whole(about, message)):
            return new_offer(language)
        if protected(text).found:
            return reply(language, say(language, "draft_protected"))
        self._shared(text, message, language, now)
        return Reply(language, say(language, "draft_begun"), kind="privately")

    def _new(self, message: Message, _: Mapping[str, str], language: Language, now: datetime) -> Reply:
        """A new tip is written in a dialog; where none opens, in private."""
        if message.behind:
            return new_form(language)
        if message.scope is not Scope.PERSONAL:
            return Reply(language, say(language, "privately"), kind="privately")
        return self._commanded(_SHARE, "", message, language, now)

    def _new_written(self, message: Message, values: Mapping[str, str], language: Language, now: datetime) -> Reply:
        title, body = (values.get(name, "").strip() for name in ("title", "body"))
        if not message.behind or not title or not body:
            return Reply(language, say(language, "outdated_button"), kind="gone")
        if protected(f"{title}\n{body}").found:
            return replace(new_form(language, title, body), text=say(language, "draft_protected"))
        return self.begun(message.person, title, body, (), language, now)

    def _offered(self, about: str, language: Language) -> Reply:
        """'Jaa vinkki salasana': what there is about it, to be shared; or something new."""
        shelf = self._shelf()
        matches = shelf.snapshot.base.answer(about, preferred=language).matches
        found = tips({match.id: shelf.title(match.id, language) for match in matches[:_MOST_OFFERED]}, language)
        return replace(found, text=f"{found.text}\n\n{say(language, 'draft_write_tip')}")

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

    def _made(self, message: Message, values: Mapping[str, str], language: Language, now: datetime) -> Reply:
        """From an answer of a helper's."""
        item = self._stores.handovers.get(values.get("handover", ""))
        if item is None or item.breach or not item.answer:
            return Reply(language, say(language, "outdated_button"), kind="gone")
        told = language_in(item.language) or language
        begun = self.begun(message.person, item.question, item.answer, (item.question,), told, now)
        # In a channel the draft is the business of who pressed.
        private = message.scope is Scope.PERSONAL
        return begun if private else Reply(language, say(language, "draft_begun"), kind="privately")

    def _quoted(self, message: Message, _: Mapping[str, str], language: Language, now: datetime) -> Reply:
        """From any message, by an entry of its menu."""
        if not message.text.strip():
            return reply(language, say(language, "menu_no_text"))
        return self._shared(message.text, message, language, now)

    def _shared(self, text: str, message: Message, language: Language, now: datetime) -> Reply:
        """From what somebody writes: the first sentence or line is the title."""
        if protected(text).found:
            return reply(language, say(language, "draft_protected"))
        self._close(message.person)
        return self.begun(message.person, *parted(text), (), language, now)

    def _in_language(self, message: Message, values: Mapping[str, str], language: Language, now: datetime) -> Reply:
        """A tip is to be written in a language that it lacks."""
        tip, to = self._stores.tips.whole(values.get("tip", "")), values.get("to", "")
        if tip is None or to not in LANGUAGES or to in tip.texts:
            return Reply(language, say(language, "outdated_button"), kind="gone")
        text = tip.texts[tip.language_for(language)]
        self._open(message.person, {"step": "tip", "tip": tip.id, "to": to}, language, now)
        return reply(
            language,
            say(language, "draft_translate", title=text.title, body=text.body, language=say(language, f"in_{to}")),
        )

    def _translated(self, values: Mapping[str, str], message: Message, language: Language, now: datetime) -> Reply:
        tip, to = self._stores.tips.whole(values.get("tip", "")), language_in(values.get("to")) or language
        if tip is None or to in tip.texts:
            return refused(language)
        title, body = parted(message.text)
        draft = Draft(0, message.person, to, cut(title.strip(), LONGEST_TITLE), body.strip(), tip.theme)
        return self._kept(replace(draft, extends=tip.id), language, now)

    def _kept(self, draft: Draft, language: Language, now: datetime) -> Reply:
        """Stores a new draft and shows it; a title alone is asked for its text."""
        kept = self._drafts.add(draft, now)
        if kept.body:
            return self.approving.card(kept, kept.author, language)
        self._open(kept.author, {"number": str(kept.id), "step": "body"}, language, now)
        return reply(language, say(language, "draft_write_text", title=kept.title))

    def _told(self, message: Message, values: Mapping[str, str], language: Language, now: datetime) -> Reply:
        step, draft = values.get("step", ""), self._drafts.get(values.get("number", ""))
        if protected(message.text).found:
            return reply(language, say(language, "draft_protected"))
        self._close(message.person)
        if step == "tip" and "tip" in values:
            return self._translated(values, message, language, now)
        if step == "tip":
            return self._shared(message.text, message, language, now)
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
        version = str(draft.version)
        self._open(message.person, {"number": str(draft.id), "step": step, "version": version}, language, now)
        if step == "reason":
            return reply(language, say(language, "draft_write_reason"))
        if step == "by":
            return whose(draft, signs(self._stores, message), language)
        return reply(language, say(language, "draft_write_title" if step == "title" else "draft_write_body"))

    def _signed(self, draft: Draft, way: str, message: Message, language: Language, now: datetime) -> Reply:
        self._close(message.person)
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

    def _open(self, person: str, values: Mapping[str, str], language: Language, now: datetime) -> None:
        data = {"number": "", **values, "lang": language, "at": stamp(now)}
        self._stores.people.open_dialog(person, Dialog(KIND, data), now)

    def _close(self, person: str) -> None:
        self._stores.people.close_dialog(person, KIND)


def _changed(draft: Draft, values: Mapping[str, str]) -> bool:
    """Whether it waits in other words than those that were seen."""
    return draft.state is State.WAITING and values.get("version") != str(draft.version)
