"""Questions and what is pressed under their answers: a tip that was meant, whether it helped, none of these."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import datetime

import structlog

from bot import answers
from bot.answers import Shelf
from bot.breach import is_suspected
from bot.deskcards import offer
from bot.following import Following
from bot.journal import Asked
from bot.learning import Learning
from bot.messages import say
from bot.models import Action, Button, Choice, Message, Reply
from bot.protection import Protected, protected, unmasked
from bot.stores import Stores
from bot.tallies import What
from tips.errors import DatabaseError
from tips.models import Answer, Band, Language
from tips.smalltalk import small_talk
from tips.tokens import words

ACTIONS = ("tip", "feedback", "none", "ask")
# Questions to try, and the starter tips that answer them.
_EXAMPLES = ("example_1", "example_2", "example_3")
_ANSWERED_BY = ("password-change-expired", "phishing-recognise", "meeting-join-phone")

_log = structlog.get_logger()


class Questions:
    """Answers questions, and does what the buttons of answers say."""

    def __init__(self, stores: Stores, following: Following, learning: Learning) -> None:
        self._stores, self._following, self._learning = stores, following, learning

    def written(self, message: Message, preferred: Language, shelf: Shelf, now: datetime) -> Reply:
        """The answer: whatever nobody else takes is a question."""
        safe = protected(message.text)
        asked = unmasked(safe.text)
        if not words(asked) and safe.found:
            return Reply(preferred, warnings=_warnings(safe, preferred), kind="masked")
        if not words(asked) and not small_talk(asked, preferred):
            return Reply(preferred, say(preferred, "empty", example=say(preferred, "example_1")), kind="empty")
        answer = replace(shelf.snapshot.base.answer(asked, preferred=preferred), question=safe.text)
        led = self._following.led(message, asked, answer, shelf, now)
        if led:
            answer = led.answer
        if answer.band is Band.CHAT:
            kind = "thanks_helped" if self._following.helped(message, answer, now) else answer.small_talk
            reply = self._small_talk(shelf, kind, answer.language)
        else:
            number = self._recorded(answer, message, shelf, now)
            reply = led.reply(shelf, number) if led else answers.answered(shelf, answer, number)
            breach = is_suspected(safe.text)
            if breach or reply.kind in ("hand_over", "follow_up"):
                people = _to_people(message, number, answer.language, breach=breach)
                reply = replace(reply, choices=(*people, *reply.choices) if breach else (*reply.choices, *people))
        return replace(reply, warnings=_warnings(safe, answer.language))

    def _recorded(self, answer: Answer, message: Message, shelf: Shelf, now: datetime) -> int | None:
        """The question's number in the journal, None where it cannot be stored: the asker gets the answer anyway."""
        first = shelf.tip(answer.matches[0].id) if answer.matches else None
        try:
            number = self._stores.journal.record(answer, message.channel, now)
            about = f"{answer.band}:{first.theme if first else ''}"
            self._stores.tallies.note(What.ASKED, about, message.person, now)
            return number
        except DatabaseError as error:
            _log.error("question not stored", reason=str(error))
            return None

    def _small_talk(self, shelf: Shelf, kind: str, language: Language) -> Reply:
        choices = (examples(shelf, language),) if kind in ("greeting", "who_are_you") else ()
        return Reply(language, shelf.say(language, kind), choices=choices, band=Band.CHAT, kind=kind)

    def pressed(self, message: Message, action: Action, shelf: Shelf, language: Language, now: datetime) -> Reply:
        """What one of `ACTIONS` leads to."""
        match action.name:
            case "tip":
                return self._chose_tip(message, action, shelf, language, now)
            case "feedback":
                return self._felt(message, action, shelf, language, now)
            case "none":
                return self._none(message, action, shelf, language, now)
            case _:
                return self.written(replace(message, text=action.values.get("text", "")), language, shelf, now)

    def _chose_tip(self, message: Message, action: Action, shelf: Shelf, language: Language, now: datetime) -> Reply:
        asked = self._stores.journal.question(action.values.get("question", ""))
        tip_id = action.values.get("tip", "")
        if asked and shelf.tip(tip_id):
            with suppress(DatabaseError):  # as with a question: the tip is shown all the same
                self._stores.journal.choose(asked.id, tip_id)
            self._learning.helped(message, asked, tip_id, shelf, now)
        return answers.shown_tip(shelf, tip_id, language, asked.id if asked else None)

    def _felt(self, message: Message, action: Action, shelf: Shelf, language: Language, now: datetime) -> Reply:
        asked = self._stores.journal.question(action.values.get("question", ""))
        tip_id, helped = action.values.get("tip", ""), action.values.get("helped")
        tip = shelf.tip(tip_id)
        if asked is None or tip is None or helped not in ("yes", "no"):
            return Reply(language, say(language, "outdated_button"), kind="gone")
        person = self._stores.people.hashed(message.person, now)
        if self._stores.journal.give_feedback(asked.id, person, tip_id, helped == "yes", now):
            self._stores.tallies.note(What.FELT, helped, message.person, now)
        learn = self._learning.helped if helped == "yes" else self._learning.not_helped
        learn(message, asked, tip_id, shelf, now)
        settled = Reply(
            language, shelf.say(language, "thanks_helped"), settles=shelf.view(tip, language), kind="feedback"
        )
        if helped == "yes":
            return settled
        choices = (*self._others(shelf, asked, tip_id, language), *_to_people(message, asked.id, language))
        return replace(settled, text=shelf.say(language, "thanks_not_helped"), choices=choices)

    def _none(self, message: Message, action: Action, shelf: Shelf, language: Language, now: datetime) -> Reply:
        asked = self._stores.journal.question(action.values.get("question", ""))
        if asked and message.person:
            person = self._stores.people.hashed(message.person, now)
            self._stores.journal.give_feedback(asked.id, person, "", False, now)  # none of the tips helped
        choices = _to_people(message, asked.id if asked else None, language)
        return Reply(language, shelf.say(language, "sorry_none"), choices=choices, kind="none")

    def _others(self, shelf: Shelf, asked: Asked, tip_id: str, language: Language) -> tuple[Choice, ...]:
        """The next best tips, for whom the first did not help."""
        matches = shelf.snapshot.base.answer(unmasked(asked.text), preferred=language).matches
        ids = [match.id for match in matches if match.id != tip_id][: answers.ALSO_SHOWN]
        buttons = answers.tip_buttons(shelf, ids, language, asked.id)
        return (Choice(say(language, "did_you_mean"), buttons),) if buttons else ()


def examples(shelf: Shelf, language: Language) -> Choice:
    """Questions that the tips in force answer: an organisation may have hidden the starter's."""
    texts = [say(language, key) for key, tip in zip(_EXAMPLES, _ANSWERED_BY, strict=True) if shelf.tip(tip)]
    texts = texts or [shelf.title(tip, language) for tip in list(shelf.snapshot.base.tips)[: len(_EXAMPLES)]]
    buttons = tuple(Button(text, Action("ask", {"text": text, "lang": language})) for text in texts)
    return Choice(say(language, "examples"), buttons)


def _to_people(
    message: Message, question: int | None, language: Language, *, breach: bool = False
) -> tuple[Choice, ...]:
    """'Kysy digitutorilta'. Not in the preview: nobody can be told there of an answer that comes later."""
    reachable = message.person and message.channel in ("teams", "slack")
    return (offer(question, language, breach=breach),) if question is not None and reachable else ()


def _warnings(safe: Protected, language: Language) -> tuple[str, ...]:
    return tuple(say(language, f"warn_{kind}") for kind in safe.found)
