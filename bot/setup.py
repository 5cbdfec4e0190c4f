"""The guided first run: the IT person claims the role and tells the organisation's facts, one at a time.

Every step is a row in the database, so that a restart in the middle loses nothing, and each fact is stored as
soon as it is told.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from bot.claims import ClaimStore
from bot.messages import say
from bot.models import Action, Button, Choice, Message, Reply, Scope
from bot.people import IT, Dialog, PeopleStore
from bot.protection import protected
from tips.facts import FactStore, known_facts
from tips.models import Language
from tips.packs import is_web_address
from tips.tokens import visible

KIND = "setup"


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
        text = say(language, "claimed", count=len(known_facts()))
        return Reply(language, text, choices=(_start(language),), kind="claim")

    def overview(self, person: str, language: Language) -> Reply:
        """The organisation's facts as they are, for IT."""
        if self._people.person(person).role != IT:
            return Reply(language, say(language, "setup_not_it"), kind="setup")
        return Reply(language, self._values(language), choices=(_start(language),), kind="setup")

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
        step = values.get("step")
        if step == "start":
            return self._ask(person, 0, language, now)
        dialog = self._people.dialog(person)
        if step == "skip" and dialog and dialog.kind == KIND:
            return self._ask(person, int(dialog.data["next"]) + 1, language, now)
        self._people.close_dialog(person)
        return Reply(language, say(language, "setup_postponed"), kind="setup")

    def told(self, message: Message, dialog: Dialog, language: Language, now: datetime) -> Reply:
        """Takes the message as the value asked for, and asks for the next."""
        number = int(dialog.data["next"])
        key = list(known_facts())[number]
        value = " ".join(visible(message.text).split())
        for step in ("skip", "stop"):
            if value.lower() == say(language, f"setup_{step}").lower():  # typed rather than pressed
                return self.press(message.person, {"step": step}, language, now)
        if not value:
            return self._ask(message.person, number, language, now)
        if protected(value).found:
            return self._ask(message.person, number, language, now, say(language, "setup_protected"))
        if key.endswith("_page") and not is_web_address(value):
            return self._ask(message.person, number, language, now, say(language, "setup_bad_address"))
        self._facts.put(key, value)
        return self._ask(message.person, number + 1, language, now)

    def _ask(self, person: str, number: int, language: Language, now: datetime, note: str = "") -> Reply:
        facts = list(known_facts().values())
        if number >= len(facts):
            self._people.close_dialog(person)
            return Reply(language, f"{self._values(language)}\n\n{say(language, 'setup_done')}", kind="setup")
        self._people.open_dialog(person, Dialog(KIND, {"next": str(number), "lang": language}), now)
        fact = facts[number]
        text = say(
            language,
            "setup_question",
            number=number + 1,
            count=len(facts),
            name=fact.name[language],
            example=fact.example[language],
        )
        present = self._facts.values().get(fact.key)
        lines = [note, text, say(language, "setup_now", value=present) if present else ""]
        buttons = (_button(language, "skip"), _button(language, "stop"))
        return Reply(language, "\n\n".join(filter(None, lines)), choices=(Choice("", buttons),), kind="setup")


def _start(language: Language) -> Choice:
    return Choice("", (_button(language, "start"), _button(language, "later")))


def _button(language: Language, step: str) -> Button:
    return Button(say(language, f"setup_{step}"), Action("setup", {"step": step, "lang": language}))
