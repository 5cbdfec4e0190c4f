"""Where a draft comes from: an answer of a helper's, what somebody writes or reads, a language that a tip lacks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from bot.answers import Shelf
from bot.approving import Approving, refused
from bot.draftcards import KIND, dialog, reply
from bot.draftforms import new_form, new_offer
from bot.draftwords import LONGEST_TITLE, parted, whole
from bot.messages import say
from bot.models import Choice, Message, Reply, Scope
from bot.protection import protected
from bot.sharecards import pick_button, tips
from bot.stores import Stores
from bot.texts import cut
from tips.drafts import Draft, suggested_theme
from tips.models import LANGUAGES, Language, language_in

_MOST_OFFERED = 5


class Beginnings:
    """Begins drafts. `shelf` gives the tips of the moment, `approving` shows what was begun."""

    def __init__(self, stores: Stores, shelf: Callable[[], Shelf], approving: Approving) -> None:
        self._stores, self._people, self._drafts = stores, stores.people, stores.drafts
        self._shelf, self._approving = shelf, approving

    def begun(
        self, person: str, title: str, body: str, phrasings: tuple[str, ...], language: Language, now: datetime
    ) -> Reply:
        """A new draft of the person's; where there is no `body`, it is asked for."""
        shelf = self._shelf()
        theme = suggested_theme(shelf.snapshot.base, f"{title} {body}", language)
        theme = theme or next(iter(shelf.snapshot.themes), "")
        short = cut(title.strip().rstrip("?."), LONGEST_TITLE)
        return self._kept(Draft(0, person, language, short, body.strip(), theme, phrasings), language, now)

    def asked(self, about: str, message: Message, language: Language, now: datetime) -> Reply:
        """'Jaa vinkki', and what may stand behind it."""
        if message.scope is not Scope.PERSONAL:
            return self._shared_there(about, message, language, now)
        if text := whole(about, message):
            return self.shared(text, message, language, now)
        self._people.open_dialog(message.person, dialog({"step": "tip"}, language, now), now)
        if about:
            return self._offered(about, language)
        return reply(language, say(language, "draft_write_tip"), Choice("", (pick_button(language),)))

    def _shared_there(self, about: str, message: Message, language: Language, now: datetime) -> Reply:
        """'Jaa vinkki' where others read: the draft is the business of who wrote it."""
        if not (text := whole(about, message)):
            return new_offer(language)
        if protected(text).found:
            return reply(language, say(language, "draft_protected"))
        self.shared(text, message, language, now)
        return Reply(language, say(language, "draft_begun"), kind="privately")

    def new(self, message: Message, _: Mapping[str, str], language: Language, now: datetime) -> Reply:
        """A new tip is written in a dialog; where none opens, in private."""
        if message.behind:
            return new_form(language)
        if message.scope is not Scope.PERSONAL:
            return Reply(language, say(language, "privately"), kind="privately")
        return self.asked("", message, language, now)

    def new_written(self, message: Message, values: Mapping[str, str], language: Language, now: datetime) -> Reply:
        """From what was written in that dialog."""
        title, body = (values.get(name, "").strip() for name in ("title", "body"))
        if not message.behind or not title or not body:
            return Reply(language, say(language, "outdated_button"), kind="gone")
        if protected(f"{title}\n{body}").found:
            return replace(new_form(language, title, body), text=say(language, "draft_protected"))
        return self.begun(message.person, title, body, (), language, now)

    def made(self, message: Message, values: Mapping[str, str], language: Language, now: datetime) -> Reply:
        """From an answer of a helper's."""
        item = self._stores.handovers.get(values.get("handover", ""))
        if item is None or item.breach or not item.answer:
            return Reply(language, say(language, "outdated_button"), kind="gone")
        told = language_in(item.language) or language
        begun = self.begun(message.person, item.question, item.answer, (item.question,), told, now)
        # In a channel the draft is the business of who pressed.
        private = message.scope is Scope.PERSONAL
        return begun if private else Reply(language, say(language, "draft_begun"), kind="privately")

    def quoted(self, message: Message, _: Mapping[str, str], language: Language, now: datetime) -> Reply:
        """From any message, by an entry of its menu."""
        if not message.text.strip():
            return reply(language, say(language, "menu_no_text"))
        return self.shared(message.text, message, language, now)

    def shared(self, text: str, message: Message, language: Language, now: datetime) -> Reply:
        """From what somebody writes: the first sentence or line is the title."""
        if protected(text).found:
            return reply(language, say(language, "draft_protected"))
        self._people.close_dialog(message.person, KIND)
        return self.begun(message.person, *parted(text), (), language, now)

    def in_language(self, message: Message, values: Mapping[str, str], language: Language, now: datetime) -> Reply:
        """A tip is to be written in a language that it lacks."""
        tip, to = self._stores.tips.whole(values.get("tip", "")), values.get("to", "")
        if tip is None or to not in LANGUAGES or to in tip.texts:
            return Reply(language, say(language, "outdated_button"), kind="gone")
        text = tip.texts[tip.language_for(language)]
        self._people.open_dialog(message.person, dialog({"step": "tip", "tip": tip.id, "to": to}, language, now), now)
        return reply(
            language,
            say(language, "draft_translate", title=text.title, body=text.body, language=say(language, f"in_{to}")),
        )

    def translated(self, values: Mapping[str, str], message: Message, language: Language, now: datetime) -> Reply:
        """What was typed is the tip in that language."""
        tip, to = self._stores.tips.whole(values.get("tip", "")), language_in(values.get("to")) or language
        if tip is None or to in tip.texts:
            return refused(language)
        title, body = parted(message.text)
        draft = Draft(0, message.person, to, cut(title.strip(), LONGEST_TITLE), body.strip(), tip.theme)
        return self._kept(replace(draft, extends=tip.id), language, now)

    def _offered(self, about: str, language: Language) -> Reply:
        """'Jaa vinkki salasana': what there is about it, to be shared; or something new."""
        shelf = self._shelf()
        matches = shelf.snapshot.base.answer(about, preferred=language).matches
        found = tips({match.id: shelf.title(match.id, language) for match in matches[:_MOST_OFFERED]}, language)
        return replace(found, text=f"{found.text}\n\n{say(language, 'draft_write_tip')}")

    def _kept(self, draft: Draft, language: Language, now: datetime) -> Reply:
        """Stores a new draft and shows it; a title alone is asked for its text."""
        kept = self._drafts.add(draft, now)
        if kept.body:
            return self._approving.card(kept, kept.author, language)
        self._people.open_dialog(kept.author, dialog({"number": str(kept.id), "step": "body"}, language, now), now)
        return reply(language, say(language, "draft_write_text", title=kept.title))
