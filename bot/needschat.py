"""'Vastausta vailla tässä kuussa': what staff lack, for those who can write a tip; and a note of it each month."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta

from bot.answers import Shelf
from bot.commands import followed
from bot.deskrules import MONTHLY, NO, YES
from bot.drafting import Drafting
from bot.messages import say
from bot.models import Action, Button, Choice, Message, Reply, Scope
from bot.needs import Month, Need, need_of, needs_of
from bot.outbox import PERSON, Letter
from bot.people import IT, TENDS
from bot.stores import Stores
from bot.texts import cut
from scheduler.models import ZONE
from scheduler.workdays import next_working_day
from tips.database import writing
from tips.fields import number_in
from tips.models import Language

KIND = "needs"
COMMANDS = ("needs", "needs_before")
ACTIONS = (KIND,)
NOTE = "needs_note"
_MOST_LISTED, _MOST_NOTED, _LONGEST_LABEL = 6, 3, 120
_HOUR = time(9)
_LATEST = timedelta(days=7)  # after the first working day: a server that was down tells it later than never


class NeedsChat:
    """The list, its buttons, and the monthly note. `shelf` gives the tips of the moment."""

    def __init__(self, stores: Stores, drafting: Drafting, shelf: Callable[[], Shelf]) -> None:
        self._stores, self._drafting, self._shelf = stores, drafting, shelf
        self._known: tuple[tuple[Month, object, object], list[Need]] | None = None  # the same note goes to many

    def written(self, message: Message, preferred: Language, shelf: Shelf, now: datetime) -> Reply | None:
        """The reply to one of `COMMANDS`; None where it is something else."""
        begun = followed(message.text, preferred, COMMANDS)
        if begun is None or begun[1]:
            return None
        command, this = begun[0], Month.of(now)
        month = this if command.name == COMMANDS[0] else this.before
        return self._refused(message, command.language) or self._listed(month, shelf, message.person, command.language)

    def pressed(self, message: Message, action: Action, shelf: Shelf, language: Language, now: datetime) -> Reply:
        """What the buttons do: the list, and a draft with the questions as its ways of asking."""
        values, month = action.values, Month.named(action.values.get("month", ""))
        if refused := self._refused(message, language):
            return refused
        pressed, question = values.get("question", ""), number_in(values.get("question", ""))
        if month is None or (pressed and question is None):
            return Reply(language, say(language, "outdated_button"), kind="gone")
        if question is None:
            if self._stores.people.person(message.person).has(IT):
                self._stores.desk_rules.choose(MONTHLY, values.get("monthly", ""))
            return self._listed(month, shelf, message.person, language)
        base, need = shelf.snapshot.base, self._need(month, shelf, question)
        if need is None:
            return Reply(language, say(language, "outdated_button"), kind="gone")
        phrasings = need.phrasings(base)
        title = phrasings[0] if phrasings else need.example
        return self._drafting.beginnings.begun(message.person, title, "", phrasings, need.language, now)

    def tick(self, now: datetime) -> int:
        """Writes the note of the month before, once, from its first working day on; how many letters that were."""
        local, month = now.astimezone(ZONE), Month.of(now)
        due = datetime.combine(next_working_day(date(month.year, month.month, 1)), _HOUR, ZONE)
        if not due <= local < due + _LATEST or not self._stores.desk_rules.rules().monthly:
            return 0
        matter, outbox = month.before.name, self._stores.outbox
        with writing(self._stores.database):
            if outbox.recipients(NOTE, matter):
                return 0
            people = dict.fromkeys(person for role in TENDS for person in self._stores.people.having(role))
            for person in people:
                outbox.put(Letter(PERSON + person, NOTE, matter), now)
        return len(people)

    def letter(self, letter: Letter, language: Language) -> Reply | None:
        """The note; None where there is nothing to say, or the person has no such role any more."""
        month, person = Month.named(letter.matter), letter.recipient.removeprefix(PERSON)
        if month is None or not self._stores.people.person(person).has(*TENDS):
            return None
        found = self._needs(month, self._shelf())
        if not found:
            return None
        values = {"month": month.name, "lang": language}
        every = Choice("", (Button(say(language, "needs_all"), Action(KIND, values)),))
        choices = [_choice(need, month, language) for need in found[:_MOST_NOTED]]
        text = say(language, "needs_note", month=_shown(month))
        return Reply(language, text, choices=(*choices, every), kind=KIND)

    def _needs(self, month: Month, shelf: Shelf) -> list[Need]:
        """Those of the month, worked out anew where a question, an answer or a tip has come since."""
        asked = self._stores.journal.unhelped(*month.span)
        key = (month, shelf.snapshot.revision, tuple(question.id for question in asked))
        if self._known is None or self._known[0] != key:
            self._known = key, needs_of(asked, shelf.snapshot.base, _MOST_LISTED)
        return self._known[1]

    def _need(self, month: Month, shelf: Shelf, question: int) -> Need | None:
        """The need of the question: as it was listed, where that is known still, for to group a month takes long."""
        listed = self._known[1] if self._known and self._known[0][0] == month else []
        known = next((need for need in listed if any(each.id == question for each in need.questions)), None)
        if known and self._stores.journal.question(str(question)):
            return known
        return need_of(self._stores.journal, shelf.snapshot.base, month, question)

    def _refused(self, message: Message, language: Language) -> Reply | None:
        if message.scope is not Scope.PERSONAL:
            return Reply(language, say(language, "privately"), kind="privately")
        if not self._stores.people.person(message.person).has(*TENDS):
            return Reply(language, say(language, "needs_not_yours"), kind=KIND)
        return None

    def _listed(self, month: Month, shelf: Shelf, person: str, language: Language) -> Reply:
        found = self._needs(month, shelf)
        key = "needs_list" if found else "needs_none"
        choices = [_choice(need, month, language) for need in found]
        if self._stores.people.person(person).has(IT):
            choices.append(self._switch(month, language))
        return Reply(language, say(language, key, month=_shown(month)), choices=tuple(choices), kind=KIND)

    def _switch(self, month: Month, language: Language) -> Choice:
        """IT turns the monthly note off and on."""
        on = self._stores.desk_rules.rules().monthly
        values = {"month": month.name, "monthly": NO if on else YES, "lang": language}
        label = say(language, "needs_note_off" if on else "needs_note_on")
        return Choice(say(language, "rule_monthly"), (Button(label, Action(KIND, values)),))


def _choice(need: Need, month: Month, language: Language) -> Choice:
    values = {"month": month.name, "question": str(need.questions[0].id), "lang": language}
    label = f"{need.count} × {cut(need.example, _LONGEST_LABEL)}"
    return Choice(label, (Button(say(language, "needs_write"), Action(KIND, values)),))


def _shown(month: Month) -> str:
    return f"{month.month}/{month.year}"
