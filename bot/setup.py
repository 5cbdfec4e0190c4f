"""The guided first run: the IT person claims the role and tells the organisation's facts, one at a time.

The first run asks for the few that most tips need; a second one, when IT wishes, for the rest. Every step is a row in
the database, so that a restart in the middle loses nothing, and each fact is stored as soon as it is told.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from bot.claims import ClaimStore
from bot.messages import say
from bot.models import Action, Button, Choice, Message, Reply, Scope
from bot.people import IT, Dialog, PeopleStore
from bot.protection import protected
from bot.rulebook import rules_button
from tips.facts import Fact, FactStore, known_facts
from tips.models import Language
from tips.smalltalk import small_talk
from tips.tokens import visible

KIND = "setup"
_FIRST, _REST = "first", "rest"
_STEPS = ("skip", "previous", "clear", "stop")


@dataclass(frozen=True, slots=True)
class _Question:
    """Where the dialog is: in which run, at which of its facts."""

    run: str
    number: int

    @classmethod
    def of(cls, dialog: Dialog) -> Self:
        """The question that waits for its answer."""
        return cls(_REST if dialog.data.get("run") == _REST else _FIRST, int(dialog.data["next"]))

    @property
    def facts(self) -> list[Fact]:
        """What the run asks for."""
        return [fact for fact in known_facts().values() if fact.first is (self.run == _FIRST)]

    @property
    def fact(self) -> Fact | None:
        """What the question asks for; None after the last."""
        return self.facts[self.number] if self.number < len(self.facts) else None

    @property
    def values(self) -> dict[str, str]:
        """What its buttons carry, so that a press that comes twice is done once."""
        return {"run": self.run, "number": str(self.number)}

    def moved(self, by: int) -> _Question:
        """The next one, or the one before."""
        return _Question(self.run, max(self.number + by, 0))


class Setup:
    """The dialog of the first run; also what `asetukset` opens later."""

    def __init__(self, people: PeopleStore, facts: FactStore, claims: ClaimStore) -> None:
        self._people, self._facts, self._claims = people, facts, claims

    def claim(self, message: Message, code: str, language: Language, now: datetime) -> Reply:
        """What a message that looks like the one-time code leads to."""
        if message.scope is not Scope.PERSONAL:
            self._claims.withdraw()
            return Reply(language, say(language, "claim_shared"), kind="claim")
        if not self._claims.claim(code):
            return Reply(language, say(language, "claim_wrong"), kind="claim")
        self._people.give_role(message.person, IT, now)
        text = say(language, "claimed", count=len(_Question(_FIRST, 0).facts))
        return Reply(language, text, choices=_buttons(language, "start", "later"), kind="claim")

    def overview(self, person: str, language: Language) -> Reply:
        """The organisation's facts as they are, for IT."""
        if self._people.person(person).role != IT:
            return Reply(language, say(language, "setup_not_it"), kind="setup")
        choices = (*_buttons(language, "start", "rest", "later"), Choice("", (rules_button(language),)))
        return Reply(language, self._values(language), choices=choices, kind="setup")

    def _values(self, language: Language) -> str:
        """The organisation's facts as a list."""
        values = self._facts.values()
        lines = [
            say(
                language,
                "setup_value",
                name=fact.name[language],
                value=values.get(key) or say(language, "setup_missing"),
            )
            for key, fact in known_facts().items()
        ]
        return "\n".join([say(language, "setup_title"), "", *lines])

    def press(self, person: str, values: Mapping[str, str], language: Language, now: datetime) -> Reply:
        """What the buttons of this dialog do."""
        if self._people.person(person).role != IT:
            return Reply(language, say(language, "setup_not_it"), kind="setup")
        step, dialog = values.get("step"), self._people.dialog(person)
        if step in ("start", "rest"):
            return self._ask(person, _Question(_FIRST if step == "start" else _REST, 0), language, now)
        if step in _STEPS and dialog and dialog.kind == KIND:
            question = _Question.of(dialog)
            if step != "stop" and not question.values.items() <= values.items():
                return self._ask(person, question, language, now)  # of a question that is done: the press came twice
            return self._step(person, step, question, language, now)
        return self.postponed(person, language)

    def told(self, message: Message, dialog: Dialog, language: Language, now: datetime) -> Reply:
        """Takes the message as the value asked for, and asks for the next."""
        person, question = message.person, _Question.of(dialog)
        value = " ".join(visible(message.text).split())
        for step in _STEPS:
            if value.lower() == say(language, f"setup_{step}").lower():  # typed rather than pressed
                return self._step(person, step, question, language, now)
        if value.lower().rstrip(".!") in say(language, "setup_unknown").split("|"):  # no fact to sign tips with
            return self._step(person, "skip", question, language, now)
        if not value or question.fact is None:
            return self._ask(person, question, language, now)
        if protected(value).found:
            return self._ask(person, question, language, now, say(language, "setup_protected"))
        lacking = question.fact.lacks(value) or ("value" if small_talk(value, language) else "")
        if lacking:
            return self._ask(person, question, language, now, say(language, f"setup_bad_{lacking}"))
        self._facts.put(question.fact.key, value)
        return self._ask(person, question.moved(1), language, now)

    def _step(self, person: str, step: str, question: _Question, language: Language, now: datetime) -> Reply:
        if step == "stop":
            return self.postponed(person, language)
        if step == "clear":
            return self._cleared(person, question, language, now)
        return self._ask(person, question.moved(1 if step == "skip" else -1), language, now)

    def _cleared(self, person: str, question: _Question, language: Language, now: datetime) -> Reply:
        note = ""
        if question.fact and question.fact.key in self._facts.values():
            self._facts.put(question.fact.key, "")
            note = say(language, "setup_cleared")
        return self._ask(person, question, language, now, note)

    def postponed(self, person: str, language: Language) -> Reply:
        """Leaves the dialog; what was told until now stays."""
        self._people.close_dialog(person)
        return Reply(language, say(language, "setup_postponed"), kind="setup")

    def _ask(self, person: str, question: _Question, language: Language, now: datetime, note: str = "") -> Reply:
        if question.fact is None:
            return self._done(person, question, language)
        self._people.open_dialog(
            person, Dialog(KIND, {"next": str(question.number), "run": question.run, "lang": language}), now
        )
        text = say(
            language,
            "setup_question",
            number=question.number + 1,
            count=len(question.facts),
            name=question.fact.name[language],
            example=question.fact.example[language],
        )
        present = self._facts.values().get(question.fact.key)
        lines = [note, text, say(language, "setup_now", value=present) if present else ""]
        useless = {"previous": question.number == 0, "clear": not present}
        steps = [step for step in _STEPS if not useless.get(step)]
        choices = _buttons(language, *steps, **question.values)
        return Reply(language, "\n\n".join(filter(None, lines)), choices=choices, kind="setup")

    def _done(self, person: str, question: _Question, language: Language) -> Reply:
        self._people.close_dialog(person)
        text = f"{self._values(language)}\n\n{say(language, 'setup_done')}"
        choices = _buttons(language, "rest") if question.run == _FIRST else ()
        return Reply(language, text, choices=choices, kind="setup")


def _buttons(language: Language, *steps: str, **values: str) -> tuple[Choice]:
    buttons = (
        Button(say(language, f"setup_{step}"), Action("setup", {"step": step, "lang": language, **values}))
        for step in steps
    )
    return (Choice("", tuple(buttons)),)
