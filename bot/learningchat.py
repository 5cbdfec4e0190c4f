"""'Opitut kysymystavat': what was learnt from use, to be approved, removed, and taken back person by person."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from bot.answers import Shelf
from bot.commands import followed
from bot.dates import capital, day
from bot.learning import Learning
from bot.messages import say
from bot.models import Action, Button, Choice, Message, Reply, Scope
from bot.people import TENDS
from bot.stores import Stores
from bot.texts import cut
from tips.fields import number_in
from tips.learnt import Lesson
from tips.models import Language

KIND = "learnt"
COMMANDS = ("learnt",)
ACTIONS = (KIND,)
_MOST_LISTED, _LONGEST_LABEL = 8, 60


class LearningChat:
    """The list and its buttons, for tutors, the coordinator and IT; each press is checked anew."""

    def __init__(self, stores: Stores, learning: Learning) -> None:
        self._people, self._lessons, self._learning = stores.people, stores.lessons, learning

    def written(self, message: Message, preferred: Language, shelf: Shelf, now: datetime) -> Reply | None:  # noqa: ARG002
        """The reply to the command; None where it is something else."""
        begun = followed(message.text, preferred, COMMANDS)
        if begun is None or begun[1]:
            return None
        return self._refused(message, begun[0].language) or self._listed(begun[0].language)

    def pressed(self, message: Message, action: Action, shelf: Shelf, language: Language, now: datetime) -> Reply:
        """What the buttons do. Nothing that they carry is trusted."""
        values, step = action.values, action.values.get("step", "")
        if refused := self._refused(message, language):
            return refused
        if step == "history":
            return self._history(shelf, language)
        number = number_in(values.get("number", "")) or 0
        if step == "restore":
            done = self._lessons.revert(number, now)
            return _reply(language, say(language, "learnt_restored" if done else "learnt_not_restored"))
        lesson = self._lessons.get(number)
        if lesson is None or lesson.removed:
            return Reply(language, say(language, "outdated_button"), kind="gone")
        steps: dict[str, Callable[[], Reply]] = {
            "show": lambda: self._card(lesson, shelf, language),
            "approve": lambda: self._approved(lesson, message, shelf, language, now),
            "remove": lambda: self._removed(lesson, language, now),
            "take_back": lambda: self._taken_back(lesson, values.get("voter", ""), language, now),
        }
        known = steps.get(step)
        return known() if known else Reply(language, say(language, "outdated_button"), kind="gone")

    def _refused(self, message: Message, language: Language) -> Reply | None:
        if message.scope is not Scope.PERSONAL:
            return Reply(language, say(language, "privately"), kind="privately")
        if not self._people.person(message.person).has(*TENDS):
            return _reply(language, say(language, "learnt_not_yours"))
        return None

    def _listed(self, language: Language) -> Reply:
        lessons = self._lessons.all()
        groups = (
            (say(language, "learnt_in_force"), [each for each in lessons if each.weight]),
            (say(language, "learnt_waiting"), [each for each in lessons if not each.weight]),
        )
        choices = [
            Choice(label, tuple(_show(lesson, language) for lesson in found[:_MOST_LISTED]))
            for label, found in groups
            if found
        ]
        if self._lessons.history(1):
            values = {"step": "history", "lang": language}
            choices.append(Choice("", (Button(say(language, "learnt_history"), Action(KIND, values)),)))
        key = "learnt_list" if lessons else "learnt_none"
        return _reply(language, say(language, key), *choices)

    def _card(self, lesson: Lesson, shelf: Shelf, language: Language) -> Reply:
        key = "learnt_approved" if lesson.approved else "learnt_used" if lesson.weight else "learnt_waits"
        text = say(language, "learnt_card", wording=lesson.text, tip=_title(lesson.tip, shelf, language))
        approve = Button(say(language, "learnt_approve"), _action("approve", lesson, language))
        remove = Button(say(language, "learnt_remove"), _action("remove", lesson, language))
        voters = tuple(
            Button(
                say(language, "learnt_take_back", number=number, votes=voter.votes),
                _action("take_back", lesson, language, voter=voter.id),
            )
            for number, voter in enumerate(self._lessons.voters(lesson.id)[:_MOST_LISTED], 1)
        )
        choices = [Choice("", (remove,) if lesson.approved else (approve, remove))]
        if voters:
            choices.append(Choice(say(language, "learnt_by_person"), voters))
        return _reply(language, f"{text}\n\n{say(language, key)}", *choices)

    def _approved(self, lesson: Lesson, message: Message, shelf: Shelf, language: Language, now: datetime) -> Reply:
        self._lessons.approve(lesson.id, self._learning.voter(message, now), now)
        return self._card(self._lessons.get(lesson.id) or lesson, shelf, language)

    def _removed(self, lesson: Lesson, language: Language, now: datetime) -> Reply:
        self._lessons.remove(lesson.id, now)
        return self._undoable(say(language, "learnt_removed", wording=lesson.text), language)

    def _taken_back(self, lesson: Lesson, voter: str, language: Language, now: datetime) -> Reply:
        votes = self._lessons.take_back(lesson.id, voter, now)
        if not votes:
            return Reply(language, say(language, "outdated_button"), kind="gone")
        return self._undoable(say(language, "learnt_taken_back", votes=votes), language)

    def _undoable(self, text: str, language: Language) -> Reply:
        newest = self._lessons.history(1)
        buttons = tuple(_restore(change.id, say(language, "learnt_restore"), language) for change in newest)
        return _reply(language, text, Choice("", buttons))

    def _history(self, shelf: Shelf, language: Language) -> Reply:
        lines, buttons = [], []
        for number, change in enumerate(self._lessons.history(_MOST_LISTED), 1):
            about = f"{change.text} ({_title(change.tip, shelf, language)})"
            done = say(language, f"learnt_did_{change.kind}", votes=change.count)
            lines.append(f"{number}. {capital(day(datetime.fromisoformat(change.at).date(), language))} {done} {about}")
            if change.kind in ("removed", "undone") and not change.reverted:
                label = f"{say(language, 'learnt_restore')} {number}"
                buttons.append(_restore(change.id, label, language))
        text = "\n".join([say(language, "learnt_history_title"), "", *lines])
        return _reply(language, text, *((Choice("", tuple(buttons)),) if buttons else ()))


def _title(tip_id: str, shelf: Shelf, language: Language) -> str:
    return shelf.title(tip_id, language) if shelf.tip(tip_id) else tip_id


def _action(step: str, lesson: Lesson, language: Language, **more: str) -> Action:
    return Action(KIND, {"step": step, "number": str(lesson.id), "lang": language, **more})


def _show(lesson: Lesson, language: Language) -> Button:
    return Button(cut(lesson.text, _LONGEST_LABEL), _action("show", lesson, language))


def _restore(change: int, label: str, language: Language) -> Button:
    return Button(label, Action(KIND, {"step": "restore", "number": str(change), "lang": language}))


def _reply(language: Language, text: str, *choices: Choice) -> Reply:
    return Reply(language, text, choices=choices, kind=KIND)
