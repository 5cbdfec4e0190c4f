"""A session step by step, as replies: pure functions of the session and of how far a person has come."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from bot.answers import Shelf, tip_buttons
from bot.messages import say
from bot.models import Action, Button, Choice, Reply
from bot.progress import Progress
from tips.facts import filled
from tips.models import Language
from tips.sessions import QuizQuestion, Session, SessionText

KIND = "session"
_LONGEST_LABEL = 70  # characters that a button shows whole; Slack cuts at 75


class Part(Enum):
    """What a step is."""

    START = auto()
    POINT = auto()
    DO_NOW = auto()
    EXERCISE = auto()
    QUESTION = auto()
    HELP = auto()


@dataclass(frozen=True, slots=True)
class Step:
    """A step; `number` counts the steps of its part from 0."""

    part: Part
    number: int = 0


def steps(text: SessionText) -> list[Step]:
    """The steps of a session, in their order."""
    return [
        Step(Part.START),
        *(Step(Part.POINT, number) for number in range(len(text.points))),
        Step(Part.DO_NOW),
        Step(Part.EXERCISE),
        *(Step(Part.QUESTION, number) for number in range(len(text.quiz))),
        Step(Part.HELP),
    ]


def answer(progress: Progress, number: int) -> int | None:
    """The option that was chosen at the question, None where none was."""
    chosen = progress.answers[number : number + 1]
    return int(chosen) if chosen.isdigit() else None


def answered(progress: Progress, number: int, option: int) -> str:
    """The answers, with that one."""
    before = progress.answers.ljust(number, "-")
    return f"{before[:number]}{option}{before[number + 1 :]}"


def right_answers(text: SessionText, progress: Progress) -> int:
    """How many questions were answered rightly."""
    return sum(answer(progress, number) == question.right for number, question in enumerate(text.quiz))


@dataclass(frozen=True, slots=True)
class Leaf:
    """A session as one person sees it: in a language, in a run. Its buttons carry where they were shown."""

    session: Session
    shelf: Shelf
    language: Language
    run: str

    @property
    def text(self) -> SessionText:
        """The session in the reader's language."""
        return self.session.text(self.language)[1]

    @property
    def series(self) -> str:
        """What such a session is called, which a dialog bears as its title."""
        theme = self.shelf.snapshot.themes.get(self.session.id)
        security = theme is not None and theme.series == "digiturva"
        return say(self.language, "session_digiturva" if security else "session_digivinkki")

    def step(self, progress: Progress, note: str = "") -> Reply:
        """The step at which the person is."""
        every = steps(self.text)
        at = min(progress.step, len(every) - 1)
        step = every[at]
        place = "" if step.part is Part.START else f"{self.text.title} · {at}/{len(every) - 1}"
        said = "\n\n".join(filter(None, [note, place, self._said(step, progress)]))
        return self._reply(said, self._buttons(step, progress, at))

    def done(self, progress: Progress) -> Reply:
        """The end, with what to read on."""
        title, correct, count = self.text.title, progress.correct, progress.questions
        said = say(self.language, "session_done", title=title, correct=correct, count=count)
        ids = [tip for tip in self.session.tips if self.shelf.tip(tip)]
        buttons = tip_buttons(self.shelf, ids, self.language)
        read_on = (Choice(say(self.language, "session_read_on"), buttons),) if buttons else ()
        again = Choice("", (self.button(say(self.language, "session_again"), "again", 0),))
        return self._reply(said, (*read_on, again))

    def button(self, label: str, do: str, at: int, *, dialog: bool = False) -> Button:
        """A button of the session. `at` is the step that it stands under: a press that comes twice is done once."""
        values = {"theme": self.session.id, "run": self.run, "do": do, "at": str(at), "lang": self.language}
        return Button(label, Action(KIND, values, dialog=dialog))

    def _reply(self, said: str, choices: tuple[Choice, ...]) -> Reply:
        return Reply(self.language, said, choices=choices, in_place=True, title=self.series, kind=KIND)

    def _said(self, step: Step, progress: Progress) -> str:
        text, language, number = self.text, self.language, step.number + 1
        match step.part:
            case Part.START:
                why, minutes = self._filled(text.why), self.session.minutes
                return say(language, "session_start", title=text.title, why=why, minutes=minutes)
            case Part.POINT:
                label = say(language, "session_point", number=number, count=len(text.points))
                return f"**{label}**\n\n{self._filled(text.points[step.number])}"
            case Part.DO_NOW:
                return f"**{say(language, 'session_do_now')}**\n\n{self._filled(text.do_now)}"
            case Part.EXERCISE:
                return f"**{say(language, 'session_exercise')}**\n\n{self._filled(text.exercise)}"
            case Part.QUESTION:
                label = say(language, "session_question", number=number, count=len(text.quiz))
                return f"**{label}**\n\n{self._quiz(text.quiz[step.number], answer(progress, step.number))}"
            case Part.HELP:
                return f"**{say(language, 'session_help')}**\n\n{self._filled(text.help)}"

    def _quiz(self, question: QuizQuestion, chosen: int | None) -> str:
        asked = self._filled(question.question)
        if chosen is None:
            listed = "\n".join(f"{number}. {option}" for number, option in enumerate(question.options, 1))
            return asked if _fit(question) else f"{asked}\n\n{listed}"
        right = question.options[question.right]
        key = "session_right" if chosen == question.right else "session_wrong"
        return f"{asked}\n\n{say(self.language, key, answer=right)}\n\n{self._filled(question.explanation)}"

    def _buttons(self, step: Step, progress: Progress, at: int) -> tuple[Choice, ...]:
        language, choices = self.language, []
        asks = step.part is Part.QUESTION and answer(progress, step.number) is None
        if asks:
            question = self.text.quiz[step.number]
            whole = _fit(question)
            options = tuple(
                self.button(option if whole else f"{number + 1}. {option}", f"answer-{number}", at)
                for number, option in enumerate(question.options)
            )
            choices.append(Choice(say(language, "session_options"), options, once=True))
        back = (self.button(say(language, "session_back"), "back", at),) if at else ()
        last = "session_finish" if step.part is Part.HELP else "session_next"
        onward = last if at else "session_begin"
        forward = () if asks else (self.button(say(language, onward), "next", at),)
        if back or forward:
            choices.append(Choice("", (*back, *forward)))
        return tuple(choices)

    def _filled(self, text: str) -> str:
        return filled(text, self.shelf.facts, self.language, markdown=True)


def _fit(question: QuizQuestion) -> bool:
    return all(len(option) <= _LONGEST_LABEL for option in question.options)
