"""A question goes to people, and their answer comes back: what presses and words do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from bot.answers import Shelf
from bot.breach import is_suspected
from bot.deskbook import DeskBook
from bot.deskcards import FIELD, KIND, how_far, listed, status, writing_form
from bot.deskletters import CARD, REMIND, DeskLetters
from bot.deskroutes import Routes
from bot.draftcards import make_button
from bot.handover import HandOver, RefusedError, State, Step, Why, moved
from bot.handovers import HandOverStore
from bot.journal import Asked
from bot.messages import say
from bot.models import Choice, Message, Reply, Scope
from bot.outbox import PERSON, PLACE
from bot.people import Dialog
from bot.protection import protected, unmasked
from bot.stores import Stores
from bot.teaching import offered
from tips.models import Language
from tips.moments import stamp

_NEAREST, _LONGEST_ANSWER, _MOST_LISTED = 3, 3_000, 10


class Helpdesk:
    """The dialogs. `shelf` gives the tips and facts of the moment, `support` is IT support's e-mail address."""

    def __init__(
        self, stores: Stores, shelf: Callable[[], Shelf], language: Language = "fi", support: str = ""
    ) -> None:
        self._stores, self._shelf = stores, shelf
        self._handovers: HandOverStore = stores.handovers
        self._outbox, rules = stores.outbox, stores.desk_rules.rules
        self._routes = Routes(stores.people, stores.units, stores.handovers, rules, support)
        self.letters = DeskLetters(stores, shelf, language, self._routes.may_help)
        self.book = DeskBook(stores, self._routes, rules)

    def pressed(self, message: Message, values: Mapping[str, str], language: Language, now: datetime) -> Reply:
        """What the buttons do. Nothing that they carry is trusted."""
        if values.get("step") == "ask":
            asked = self._stores.journal.question(values.get("question", ""))
            return self._ask(message, asked, values.get("named") == "yes", language, now) if asked else _gone(language)
        if values.get("step") == "quote":
            return self._quoted(message, language, now)
        item = self._handovers.get(values.get("number", ""))
        if item is None:
            return _gone(language)
        if item.ended:
            return self._refused(Why.ENDED, item, message, language)
        asker = item.asker == message.person
        steps: dict[str, Callable[[], Reply]] = {
            "helped": lambda: self._felt(item, Step.HELPED, message, language, now),
            "not_helped": lambda: self._felt(item, Step.NOT_HELPED, message, language, now),
            "solve": lambda: self._ended(item, Step.SOLVE, message, language, now),
            "withdraw": lambda: self._ended(item, Step.WITHDRAW, message, language, now),
            "show": lambda: status(item, language) if asker else self._card(item, message, language),
            "claim": lambda: self._claimed(item, message, language, now),
            "release": lambda: self._released(item, message, language, now),
            "pass": lambda: self._passed(item, message, language, now),
            "write": lambda: self._write(item, "write", message, language, now),
            "adopt": lambda: self._write(item, "adopt", message, language, now),
            "answer": lambda: self._answered(
                item,
                replace(message, text=values.get(FIELD, "")),
                language,
                now,
                adopted=values.get("adopted") == "yes",
            ),
        }
        step = steps.get(values.get("step", ""))
        if step is None or not (asker or self._sees(item, message)):
            return _gone(language)
        return step()

    def told(self, message: Message, preferred: Language, now: datetime) -> Reply | None:
        """What is typed as an answer, in private after 'Vastaa' or under the card; None where it is something else."""
        if found := self._under_card(message):
            return self._answered(found, message, preferred, now)
        dialog = self._stores.people.dialog(message.person) if message.scope is Scope.PERSONAL else None
        if dialog is None or dialog.kind != KIND or not dialog.waits(now):
            return None
        language = dialog.language(preferred)
        item = self._handovers.get(dialog.data.get("number", ""))
        adopted = dialog.data.get("adopted") == "yes"
        return self._answered(item, message, language, now, adopted=adopted) if item else None

    def mine(self, message: Message, language: Language) -> Reply:
        """'omat kysymykset': how far one's own are."""
        items = self._handovers.of_asker(message.person)
        if not items:
            return _reply(language, say(language, "desk_mine_none"))
        choice = listed(say(language, "desk_mine"), items[:_MOST_LISTED], language)
        return _reply(language, "", *((choice,) if choice else ()))

    def queue(self, message: Message, language: Language) -> Reply:
        """'kysymykset': a helper's list, what is open, what one has, what waits for its asker."""
        items = [item for item in self._handovers.open() if self._routes.may_help(item, message.person)]
        mine = [item for item in items if item.helper == message.person]
        groups = (
            listed(say(language, "desk_list_open"), [item for item in items if not item.helper], language),
            listed(say(language, "desk_list_mine"), [item for item in mine if item.state is State.CLAIMED], language),
            listed(say(language, "desk_list_waiting"), [i for i in mine if i.state is State.ANSWERED], language),
        )
        shown = tuple(Choice(group.label, group.buttons[:_MOST_LISTED]) for group in groups if group)
        return _reply(language, "" if shown else say(language, "desk_list_none"), *shown)

    def _ask(self, message: Message, asked: Asked, named: bool, language: Language, now: datetime) -> Reply:
        safe, unit = protected(asked.text).text, self._stores.units.of(message.person)
        shelf = self._shelf()
        found = shelf.snapshot.base.answer(unmasked(safe), preferred=language)
        tips = tuple(match.id for match in found.matches[:_NEAREST])
        new = HandOver(
            id=0,
            question=safe,
            language=language,
            asker=message.person,
            where=message.place,
            asked=now,
            since=now,
            waits_since=now,
            asker_name=message.name if named else "",
            unit=unit.id if unit else "",
            topic=shelf.snapshot.base.tips[tips[0]].theme if tips else "",
            tips=tips,
            breach=is_suspected(safe),
        )
        return status(self.book.begin(new, now), language)

    def _claimed(self, item: HandOver, message: Message, language: Language, now: datetime) -> Reply:
        refused = self._move(item, Step.CLAIM, message, language, now)
        return refused or self._card(item, message, language)

    def _released(self, item: HandOver, message: Message, language: Language, now: datetime) -> Reply:
        refused = self._move(item, Step.RELEASE, message, language, now)
        return refused or self._card(item, message, language)

    def _passed(self, item: HandOver, message: Message, language: Language, now: datetime) -> Reply:
        self._handovers.pass_by(item.id, message.person, now)
        return _note(message, language, say(language, "desk_passed"))

    def _ended(self, item: HandOver, step: Step, message: Message, language: Language, now: datetime) -> Reply:
        if refused := self._move(item, step, message, language, now):
            return refused
        return status(self._handovers.get(item.id) or item, language)

    def _felt(self, item: HandOver, step: Step, message: Message, language: Language, now: datetime) -> Reply:
        if refused := self._move(item, step, message, language, now):
            return refused
        return _reply(language, say(language, "thanks_helped" if step is Step.HELPED else "desk_again"))

    def _write(self, item: HandOver, step: str, message: Message, language: Language, now: datetime) -> Reply:
        """Asks for the answer, in a dialog where there is one; else what is typed next is it."""
        try:
            moved(item, Step.ANSWER, message.person, now)
        except RefusedError as error:
            return self._refused(error.why, item, message, language)
        if message.behind:
            return writing_form(item, language, adopted=step == "adopt")
        adopted = step == "adopt"
        data = {"number": str(item.id), "lang": language, "at": stamp(now), "adopted": "yes" if adopted else ""}
        self._stores.people.open_dialog(message.person, Dialog(KIND, data), now)
        key = "desk_write_adopted" if adopted else "desk_write_answer"
        return _note(message, language, say(language, key, question=item.question))

    def _quoted(self, message: Message, language: Language, now: datetime) -> Reply:
        """A message in the thread of a question is its answer: it is shown before it goes to the asker."""
        letter = self._outbox.of(message.thread) if message.thread else None
        item = self._handovers.get(letter.matter) if letter and letter.kind in (CARD, REMIND) else None
        if item is None or letter is None or letter.recipient != PLACE + message.behind:
            return _reply(language, say(language, "menu_no_question"))
        try:
            moved(item, Step.ANSWER, message.person, now)
        except RefusedError as error:
            return self._refused(error.why, item, message, language)
        return writing_form(item, language, adopted=True, written=message.text)

    def _answered(
        self, item: HandOver, message: Message, language: Language, now: datetime, *, adopted: bool = False
    ) -> Reply:
        safe = protected(message.text[:_LONGEST_ANSWER])
        if safe.found:
            return _again(item, message, say(language, "desk_answer_protected"), language, adopted)
        if not safe.text.strip():
            asked = say(language, "desk_write_answer", question=item.question)
            return _again(item, message, asked, language, adopted)
        self._close(message.person)
        if not self._may_answer(item, message):
            return _gone(language)
        step = Step.ADOPT if adopted else Step.ANSWER
        refused = self._move(item, step, message, language, now, safe.text.strip())
        if refused:
            return refused
        note = _note(message, language, say(language, "desk_answer_sent"))
        choices = (Choice("", (make_button(item.id, language),)), *offered(item, self._shelf(), language))
        return note if item.breach else replace(note, choices=choices)

    def _move(
        self, item: HandOver, step: Step, message: Message, language: Language, now: datetime, answer: str = ""
    ) -> Reply | None:
        """Makes the step; the refusal where it is not to be had."""
        name = message.name or self._stores.people.person(message.person).name
        try:
            self.book.move(item, step, message.person, now, name, answer)
        except RefusedError as error:
            return self._refused(error.why, self._handovers.get(item.id) or item, message, language)
        return None

    def _refused(self, why: Why, item: HandOver, message: Message, language: Language) -> Reply:
        match why:
            case Why.TAKEN:
                helper = item.helper_name or say(language, "desk_colleague")
                text = say(language, "desk_taken", helper=helper)
            case Why.OWN:
                text = say(language, "desk_own")
            case Why.NOT_YOURS:
                text = say(language, "desk_not_yours")
            case Why.ENDED:
                text = say(language, "desk_ended")
            case Why.OUTDATED:
                text = f"{say(language, 'desk_moved_on')}\n\n{how_far(item, language)}"
        return _note(message, language, text)

    def _sees(self, item: HandOver, message: Message) -> bool:
        """Whether the question is the person's to see now: by their role, or by where they pressed."""
        reached = self._outbox.recipients(CARD, str(item.id))
        here = any(PLACE + place in reached for place in (message.place, message.behind) if place)
        return here or self._routes.may_help(item, message.person)

    def _may_answer(self, item: HandOver, message: Message) -> bool:
        """The dialog was opened by who saw it, so a private message may be the answer."""
        return self._sees(item, message) or (message.scope is Scope.PERSONAL and not item.breach)

    def _under_card(self, message: Message) -> HandOver | None:
        """The question under whose card its helper writes."""
        letter = self._outbox.of(message.thread) if message.thread else None
        item = self._handovers.get(letter.matter) if letter and letter.kind in (CARD, REMIND) else None
        if item is None or letter is None or letter.recipient not in (PLACE + message.place, PERSON + message.person):
            return None
        return item if item.state is State.CLAIMED and item.helper == message.person else None

    def _card(self, item: HandOver, message: Message, language: Language) -> Reply:
        fresh = self._handovers.get(item.id) or item
        return self.letters.card(fresh, language, private=message.scope is Scope.PERSONAL)

    def _close(self, person: str) -> None:
        self._stores.people.close_dialog(person, KIND)


def _note(message: Message, language: Language, text: str) -> Reply:
    """In a channel for the one who pressed, so that the card stays for the others."""
    return Reply(language, text, kind=KIND if message.scope is Scope.PERSONAL else "privately")


def _again(item: HandOver, message: Message, text: str, language: Language, adopted: bool) -> Reply:
    """What is wrong with what was written, which stands in the dialog still."""
    if message.behind:
        return replace(writing_form(item, language, adopted=adopted, written=message.text), text=text)
    return _note(message, language, text)


def _reply(language: Language, text: str, *choices: Choice) -> Reply:
    return Reply(language, text, choices=choices, kind=KIND)


def _gone(language: Language) -> Reply:
    return Reply(language, say(language, "outdated_button"), kind="gone")
