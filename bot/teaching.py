"""'Onko tästä jo vinkki?': whoever answered a question says which tip answers it, and the tip learns the wording."""

from __future__ import annotations

from datetime import datetime

from bot.answers import Shelf
from bot.handover import HandOver
from bot.journal import Asked
from bot.learning import Learning
from bot.messages import say
from bot.models import Action, Button, Choice, Message, Reply, Scope
from bot.people import TENDS
from bot.stores import Stores
from tips.learnt import Outcome
from tips.models import Language

KIND = "teach"
ACTIONS = (KIND,)


class Teaching:
    """The press. A tutor's word approves the wording; another helper's counts as one person's."""

    def __init__(self, stores: Stores, learning: Learning) -> None:
        self._people, self._handovers, self._learning = stores.people, stores.handovers, learning

    def written(self, message: Message, preferred: Language, shelf: Shelf, now: datetime) -> Reply | None:  # noqa: ARG002
        """Nothing is typed here."""
        return None

    def pressed(self, message: Message, action: Action, shelf: Shelf, language: Language, now: datetime) -> Reply:
        """Nothing that the button carries is trusted: the tip must be one that came with the question."""
        item, tip_id = self._handovers.get(action.values.get("handover", "")), action.values.get("tip", "")
        tutor = self._people.person(message.person).has(*TENDS)
        known = item and item.answer and not item.breach and tip_id in item.tips and shelf.tip(tip_id)
        if item is None or not known or not (tutor or item.helper == message.person):
            return Reply(language, say(language, "outdated_button"), kind="gone")
        asked = Asked(0, item.question, item.language, tip_id)
        teach = self._learning.taught if tutor else self._learning.helped
        outcome = teach(message, asked, tip_id, shelf, now)
        title = shelf.title(tip_id, language)
        if outcome not in (Outcome.COUNTED, Outcome.KNOWN):
            return _note(message, say(language, "teach_not"), language)
        return _note(message, say(language, "teach_done" if tutor else "teach_noted", tip=title), language)


def offered(item: HandOver, shelf: Shelf, language: Language) -> tuple[Choice, ...]:
    """The tips that came with the question, for whoever answered it."""
    tips = [tip for tip in item.tips if shelf.tip(tip)] if not item.breach else []
    buttons = tuple(
        Button(shelf.title(tip, language), Action(KIND, {"handover": str(item.id), "tip": tip, "lang": language}))
        for tip in tips
    )
    return (Choice(say(language, "teach_which"), buttons),) if buttons else ()


def _note(message: Message, text: str, language: Language) -> Reply:
    return Reply(language, text, kind=KIND if message.scope is Scope.PERSONAL else "privately")
