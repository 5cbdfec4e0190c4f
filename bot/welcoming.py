"""What a new digitutor is told in private: what is expected, and a question to practise on."""

from __future__ import annotations

from datetime import datetime

from bot.messages import say
from bot.models import Action, Button, Choice, Message, Reply
from bot.outbox import PERSON, Letter
from bot.people import TUTOR, Dialog, PeopleStore
from tips.models import Language

KIND = "tutor"


def welcome_tutor(person: str) -> Letter:
    """The letter to somebody who has become a tutor."""
    return Letter(PERSON + person, KIND)


class Welcoming:
    """What the letter says, and the practice."""

    def __init__(self, people: PeopleStore) -> None:
        self._people = people

    def letter(self, person: str, language: Language) -> Reply | None:
        """The welcome; None where they are no tutor any more."""
        if not self._people.person(person).has(TUTOR):
            return None
        button = Button(say(language, "tutor_practise"), Action(KIND, {"lang": language}))
        return Reply(language, say(language, "tutor_welcome"), choices=(Choice("", (button,)),), kind=KIND)

    def pressed(self, message: Message, language: Language, now: datetime) -> Reply:
        """Asks the practice question; what is typed next is its answer."""
        self._people.open_dialog(message.person, Dialog(KIND, {"lang": language}), now)
        return Reply(language, say(language, "tutor_question"), kind=KIND)

    def told(self, message: Message, language: Language) -> Reply:
        """Takes the answer, which goes nowhere."""
        self._people.close_dialog(message.person)
        return Reply(language, say(language, "tutor_well_done"), kind=KIND)
