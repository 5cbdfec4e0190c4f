"""What becomes of a draft that was handed in, and of a tip that was published: approved, sent back, undone; and who is
told of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from bot import draftcards
from bot.answers import Shelf
from bot.deskroutes import COMMON
from bot.draftcards import reply
from bot.messages import say
from bot.models import Reply
from bot.outbox import PERSON, PLACE, Letter
from bot.people import TENDS
from bot.stores import Stores
from tips.database import writing
from tips.drafts import ENDED as OVER
from tips.drafts import Draft, RefusedError, State, Step, missing_languages, moved
from tips.models import LANGUAGES, Language

WAITS, ENDED, NEW = "draft_waits", "draft_ended", "draft_new"
LETTERS = (WAITS, ENDED, NEW)


class Approving:
    """The steps. `at_once`: whether tutors publish without a second person."""

    def __init__(self, stores: Stores, shelf: Callable[[], Shelf], at_once: Callable[[], bool]) -> None:
        self._stores, self._drafts, self._shelf, self._at_once = stores, stores.drafts, shelf, at_once

    def may(self, person: str) -> bool:
        """Whether the person is one of those who approve. Asked at each act: roles are taken away, too."""
        return self._stores.people.person(person).has(*TENDS)

    def sees(self, draft: Draft, person: str) -> bool:
        """Whether the draft is the person's business: its author's, and theirs who approve while it waits."""
        return draft.author == person or (draft.state is State.WAITING and self.may(person))

    def card(self, draft: Draft, person: str, language: Language) -> Reply:
        """The draft as the person sees it."""
        mine = draft.author == person
        approves = self.may(person) and (self._at_once() or not mine)
        return draftcards.card(draft, self._shelf(), language, mine=mine, approves=approves)

    def moved(
        self, draft: Draft, step: Step, person: str, language: Language, now: datetime, reason: str = ""
    ) -> Reply:
        """Makes the step, and the letters that tell of it; or says why not."""
        if step in (Step.APPROVE, Step.REJECT) and not self.may(person):
            return refused(language)
        try:
            after = moved(draft, step, person, alone=self._at_once(), reason=reason)
        except RefusedError:
            return self.late(draft, language)
        with writing(self._stores.database):
            done = self._drafts.change(draft, after, now)
            if done is None:
                return self.late(draft, language)
            if done.state is State.APPROVED and draft.by:
                self._stores.authors.put(done.tip, draft.author, draft.by, now)
            self._tell(draft, done, now)
            self._stores.audit.note(person, f"draft_{step.value}", f"{done.id} {done.tip}".strip(), now)
        return self._done(done, language)

    def changed(self, draft: Draft, person: str, language: Language) -> Reply:
        """Whoever decides on words that have changed since sees them first."""
        if not self.sees(draft, person):
            return self.late(draft, language)
        fresh = self.card(draft, person, language)
        return replace(fresh, text=f"{say(language, 'draft_changed')}\n\n{fresh.text}")

    def late(self, draft: Draft, language: Language) -> Reply:
        """What whoever comes too late is told."""
        now_so = self._drafts.get(draft.id)
        if now_so is None or now_so.state not in OVER:
            return refused(language)
        return reply(language, f"{say(language, 'draft_late')}\n\n{draftcards.said(now_so, language)}")

    def letter(self, letter: Letter, language: Language) -> Reply | None:
        """What a letter of `LETTERS` says; None where there is nothing to say any more."""
        draft, person = self._drafts.get(letter.matter), letter.recipient.removeprefix(PERSON)
        if draft is None:  # its author had it erased: it goes from where it was shown, too
            return reply(language, say(language, "draft_withdrawn")) if letter.message else None
        if letter.kind == WAITS:
            return self.card(draft, person, language) if self.may(person) else None
        if letter.kind == NEW:
            days = self._drafts.tutors_first
            return reply(language, say(language, "draft_new", title=draft.title, body=draft.body, days=days))
        return draftcards.ended(draft, language)

    def listed(self, person: str, language: Language) -> Reply:
        """The person's own drafts, and for those who approve what waits."""
        waiting = [draft for draft in self._drafts.waiting() if draft.author != person] if self.may(person) else []
        mine = self._drafts.of(person)
        groups = [(say(language, "draft_mine"), mine), (say(language, "draft_waiting"), waiting)]
        shown = [choice for label, found in groups if (choice := draftcards.listed(label, found, language))]
        return reply(language, "" if shown else say(language, "draft_none"), *shown)

    def history(self, person: str, language: Language) -> Reply:
        """The newest changes of tips."""
        if not self.may(person):
            return reply(language, say(language, "draft_history_not_yours"))
        changes = self._drafts.history(draftcards.MOST_LISTED)
        return draftcards.history(changes, self._stores.tips.whole, language)

    def undone(self, person: str, number: str, language: Language, now: datetime) -> Reply:
        """Takes a change of a tip back."""
        if not self.may(person):
            return refused(language)
        change = self._stores.history.get(number)
        done = self._stores.history.undo(number, now)
        if change and done:
            self._stores.audit.note(person, "tip_undone", f"{change.tip} {done}", now)
        return reply(language, say(language, "draft_undone" if done else "draft_not_undone"))

    def missing(self, language: Language) -> Reply:
        """The tips that lack a language."""
        return draftcards.missing(missing_languages(self._stores.tips), language)

    def _done(self, draft: Draft, language: Language) -> Reply:
        tip = self._stores.tips.whole(draft.tip)
        lacks = [each for each in LANGUAGES if tip and each not in tip.texts]
        if tip is None or not lacks or draft.state is not State.APPROVED:
            return draftcards.ended(draft, language)
        return draftcards.ended(draft, language, draftcards.lacking(tip, lacks, language, say(language, "draft_lacks")))

    def _tell(self, before: Draft, after: Draft, now: datetime) -> None:
        matter, outbox = str(after.id), self._stores.outbox
        if after.state is State.WAITING:
            away = self._stores.units.away(now) | {after.author}
            people = dict.fromkeys(person for role in TENDS for person in self._stores.people.having(role))
            for person in [person for person in people if person not in away][: draftcards.MOST_LISTED]:
                outbox.put(Letter(PERSON + person, WAITS, matter), now)
        else:
            outbox.again(WAITS, matter, now)
        if after.state in (State.APPROVED, State.REJECTED):
            outbox.put(Letter(PERSON + before.author, ENDED, matter), now)
        room = self._stores.handovers.room(COMMON)
        if after.state is State.APPROVED and not after.extends and self._drafts.tutors_first and room:
            outbox.put(Letter(PLACE + room, NEW, matter), now)


def refused(language: Language) -> Reply:
    """A polite no."""
    return reply(language, say(language, "draft_refused"))
