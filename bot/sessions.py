"""Going through a session alone in the chat: opened by its theme or from a post, resumed where it was left.

Every step is a row in the database, and a press says at which step it was made: what comes twice, late or changed is
answered with the step at which the person is, and changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from bot.answers import Shelf
from bot.commands import typed_form
from bot.messages import say
from bot.models import Action, Button, Choice, Reply, Scope
from bot.naming import meant
from bot.people import PeopleStore
from bot.progress import OWN, Progress, ProgressStore, Run
from bot.steps import KIND, Leaf, Part, answer, answered, right_answers, steps
from bot.tallies import TallyStore, What
from scheduler.deliveries import Ledger
from scheduler.models import SESSIONS, Key
from tips.fields import number_in
from tips.models import SERIES, Band, Language
from tips.moments import stamp
from tips.programme import Programme


def opening(theme: str, run: str, label: str, language: Language, *, dialog: bool = True) -> Button:
    """The button that opens a session. `run` is the text of the post's key; `dialog` where others read the post."""
    values = {"theme": theme, "run": run, "do": "open", "at": "0", "lang": language}
    return Button(label, Action(KIND, values, dialog=dialog))


def count_line(count: int, language: Language) -> str:
    """What a post tells of how many have gone through it, '' where nobody has."""
    return say(language, "session_count", count=count) if count else ""


@dataclass(frozen=True, slots=True)
class _Press:
    """What a button of a session sent back, read and found to be possible."""

    leaf: Leaf
    run: Run
    do: str
    at: int


class Sessions:
    """Opens sessions and does what their buttons say."""

    def __init__(
        self,
        progress: ProgressStore,
        people: PeopleStore,
        ledger: Ledger,
        tallies: TallyStore,
        programme: Callable[[], Programme],
    ) -> None:
        self._progress, self._people, self._ledger, self._programme = progress, people, ledger, programme
        self._tallies = tallies

    def named(self, text: str, shelf: Shelf) -> list[str]:
        """The themes that the text names by their titles, of those that have a session."""
        themes = (theme for theme in shelf.snapshot.themes.values() if theme.id in self._programme().sessions)
        return meant(text, {theme.id: [theme.id, *theme.titles.values()] for theme in themes})

    def searched(self, text: str, shelf: Shelf, language: Language) -> list[str]:
        """The theme of the tip that answers the text, where it has a session."""
        best = shelf.snapshot.base.answer(text, preferred=language)
        tip = shelf.tip(best.matches[0].id) if best.matches and best.band is Band.ANSWER else None
        return [tip.theme] if tip and tip.theme in self._programme().sessions else []

    def asked(
        self, themes: list[str], person: str, scope: Scope, shelf: Shelf, language: Language, now: datetime
    ) -> Reply:
        """One theme's session; else buttons, of those that are meant or of all."""
        if len(themes) != 1:
            return self._list(themes, scope, shelf, language)
        leaf = Leaf(self._programme().sessions[themes[0]], shelf, language, OWN)
        if scope is Scope.PERSONAL:
            run = self._run(person, leaf, now)
            return replace(self._shown(leaf, self._progress.get(run)), in_place=False)
        title, minutes = leaf.text.title, leaf.session.minutes
        said = say(language, "session_invited", kind=leaf.series, title=title, minutes=minutes)
        begin = leaf.button(say(language, "session_begin"), "open", 0, dialog=True)
        return Reply(language, said, choices=(Choice("", (begin,)),), kind=KIND)

    def press(
        self, person: str, scope: Scope, values: Mapping[str, str], shelf: Shelf, language: Language, now: datetime
    ) -> Reply:
        """What a press leads to. Where others would read the steps, where to go through them instead."""
        pressed = self._read(person, values, shelf, language, now)
        if pressed is None:
            return Reply(language, say(language, "outdated_button"), kind="gone")
        if scope is not Scope.PERSONAL:
            typed = f"{typed_form('session', language)} {self._title(pressed.leaf)}"
            return Reply(language, say(language, "session_privately", typed=typed), kind="privately")
        return self._opened(pressed) if pressed.do in ("open", "again") else self._went(person, pressed, now)

    def _opened(self, pressed: _Press) -> Reply:
        """Where the person is; who has finished and wants to go through it again is at the beginning."""
        again, progress = pressed.do == "again", self._progress.get(pressed.run)
        fresh = Progress() if again and progress and not progress.step else progress
        return replace(self._shown(pressed.leaf, fresh), in_place=again)

    def _went(self, person: str, pressed: _Press, now: datetime) -> Reply:
        """The step to which the press leads; where it leads nowhere, the one at which the person is."""
        leaf, before = pressed.leaf, self._progress.get(pressed.run)
        here = before or Progress()
        here = replace(here, step=min(here.step, len(steps(leaf.text)) - 1))  # the session may have become shorter
        after = self._moved(leaf, here, pressed.do, now) if pressed.at == here.step else None
        if after is None or not self._progress.move(pressed.run, before, after, now):
            return self._elsewhere(leaf, self._progress.get(pressed.run), pressed.at)
        if after.finished and not here.finished:
            self._count(person, leaf, after, now)
        if pressed.do == "next" and not after.step:
            correct, count = right_answers(leaf.text, here), len(leaf.text.quiz)
            return leaf.done(replace(after, correct=correct, questions=count))  # of this time, not of the first
        return leaf.step(after)

    def _count(self, person: str, leaf: Leaf, done: Progress, now: datetime) -> None:
        self._tallies.note(What.FINISHED, leaf.session.id, person, now, done.correct)
        self._tallies.note(What.QUIZZED, leaf.session.id, person, now, done.questions)

    def _read(
        self, person: str, values: Mapping[str, str], shelf: Shelf, language: Language, now: datetime
    ) -> _Press | None:
        """The press, None where it names what there is not."""
        session = self._programme().sessions.get(values.get("theme", ""))
        run, at = values.get("run", ""), number_in(values.get("at", ""), 3)
        if session is None or at is None or not self._is_run(run):
            return None
        leaf = Leaf(session, shelf, language, run)
        return _Press(leaf, self._run(person, leaf, now), values.get("do", ""), at)

    def _is_run(self, run: str) -> bool:
        if run == OWN:
            return True
        key = _key(run)
        delivery = self._ledger.get(key) if key else None
        return delivery is not None and delivery.kind in SESSIONS

    def _run(self, person: str, leaf: Leaf, now: datetime) -> Run:
        return Run(self._people.hashed(person, now), leaf.run, leaf.session.id)

    def _moved(self, leaf: Leaf, here: Progress, do: str, now: datetime) -> Progress | None:
        """Where the press leads, None where it leads nowhere."""
        text, every = leaf.text, steps(leaf.text)
        step = every[here.step]
        open_question = step.part is Part.QUESTION and answer(here, step.number) is None
        if do == "back" and here.step:
            return replace(here, step=here.step - 1)
        if do == "next" and not open_question:
            return self._ended(leaf, here, now) if step == every[-1] else replace(here, step=here.step + 1)
        options = len(text.quiz[step.number].options) if open_question else 0
        choices = {f"answer-{number}": number for number in range(options)}
        return replace(here, answers=answered(here, step.number, choices[do])) if do in choices else None

    def _ended(self, leaf: Leaf, here: Progress, now: datetime) -> Progress:
        """The end: the steps and the answers are forgotten. Who goes through it again is counted as the first time."""
        if here.finished:
            return replace(here, step=0, answers="")
        return Progress(0, "", stamp(now), right_answers(leaf.text, here), len(leaf.text.quiz))

    def _shown(self, leaf: Leaf, progress: Progress | None) -> Reply:
        """Where the person is: the first step, one in the middle, or the end."""
        if progress and progress.finished and not progress.step:
            return leaf.done(progress)
        note = say(leaf.language, "session_resumed") if progress and progress.step else ""
        return leaf.step(progress or Progress(), note)

    def _elsewhere(self, leaf: Leaf, progress: Progress | None, at: int) -> Reply:
        """The same for a press that changes nothing. One that came twice needs no word about it."""
        if progress and progress.step and abs(progress.step - at) <= 1:
            return leaf.step(progress)
        return self._shown(leaf, progress)

    def _list(self, themes: list[str], scope: Scope, shelf: Shelf, language: Language) -> Reply:
        sessions, choices = self._programme().sessions, []
        offered = [theme for theme in shelf.snapshot.themes.values() if theme.id in (themes or sessions)]
        for series in reversed(SERIES):  # security first, as on the page: the command is named for it
            buttons = tuple(
                opening(theme.id, OWN, theme.title(language), language, dialog=scope is not Scope.PERSONAL)
                for theme in offered
                if (theme.series == "digiturva") == (series == "digiturva")  # an own theme may be of no series
            )
            if buttons:
                key = "session_digiturva" if series == "digiturva" else "session_digivinkki"
                choices.append(Choice(say(language, key), buttons))
        text = say(language, "session_choose" if choices else "session_none")
        return Reply(language, text, choices=tuple(choices), kind=KIND)

    def _title(self, leaf: Leaf) -> str:
        theme = leaf.shelf.snapshot.themes.get(leaf.session.id)
        return theme.title(leaf.language) if theme else leaf.session.id


def _key(text: str) -> Key | None:
    """The delivery's key that was written so."""
    parts = text.split("/", 3)
    if len(parts) != 4 or len(text) > 1_000 or not text.isprintable():
        return None
    try:
        key = Key(parts[0], date.fromisoformat(parts[1]), parts[2], parts[3])
    except ValueError:
        return None
    return key if key.text() == text else None
