"""A question on its way through people: a pure state machine. Time is an argument.

    asked ----> claimed -> answered -> solved
     |  ^________|  ^         |  ^___ it did not help: asked, and it goes on from there
     |              |         v
     |-> escalated -+      solved, by the asker or after a while
     '-> withdrawn, solved: by the asker, from anywhere before the end

A question that went to IT support (`escalated_at`) goes back there, and not to the tutors, when somebody lets it go.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from scheduler.models import ZONE
from scheduler.workdays import is_working_day

_OPENS, _CLOSES = time(8), time(16)
_DAY = timedelta(days=1)
_FURTHEST = timedelta(days=60)  # that anybody counts hours back


class State(StrEnum):
    """How far it has come."""

    ASKED = "asked"
    CLAIMED = "claimed"
    ANSWERED = "answered"
    SOLVED = "solved"
    WITHDRAWN = "withdrawn"
    ESCALATED = "escalated"


class Step(StrEnum):
    """What happens to it."""

    CLAIM = "claim"  # 'Minä autan'
    RELEASE = "release"  # 'Vapauta muille'
    LAPSE = "lapse"  # it lets go by itself
    ANSWER = "answer"
    ADOPT = "adopt"  # an answer that somebody else gave is brought
    HELPED = "helped"
    NOT_HELPED = "not_helped"
    SOLVE = "solve"
    WITHDRAW = "withdraw"
    REMIND = "remind"
    ESCALATE = "escalate"
    CLOSE = "close"  # nobody said whether it helped


OPEN = (State.ASKED, State.ESCALATED)  # somebody may claim it
ENDED = (State.SOLVED, State.WITHDRAWN)
_FROM: Mapping[Step, tuple[State, ...]] = {
    Step.CLAIM: OPEN,
    Step.RELEASE: (State.CLAIMED,),
    Step.LAPSE: (State.CLAIMED,),
    Step.ANSWER: (*OPEN, State.CLAIMED),
    Step.ADOPT: (*OPEN, State.CLAIMED),
    Step.HELPED: (State.ANSWERED,),
    Step.NOT_HELPED: (State.ANSWERED,),
    Step.SOLVE: (*OPEN, State.CLAIMED, State.ANSWERED),
    Step.WITHDRAW: (*OPEN, State.CLAIMED, State.ANSWERED),
    Step.REMIND: (State.ASKED,),
    Step.ESCALATE: (State.ASKED,),
    Step.CLOSE: (State.ANSWERED,),
}
_ANSWERS = (Step.ANSWER, Step.ADOPT)
_ASKERS = (Step.HELPED, Step.NOT_HELPED, Step.SOLVE, Step.WITHDRAW)
_BY_ITSELF = (Step.LAPSE, Step.REMIND, Step.ESCALATE, Step.CLOSE)


class Why(StrEnum):
    """Why a step is refused."""

    TAKEN = "taken"  # somebody else has it
    OWN = "own"  # one does not help oneself
    NOT_YOURS = "not_yours"
    ENDED = "ended"
    OUTDATED = "outdated"


class RefusedError(Exception):
    """The step is not to be had; nothing changes."""

    def __init__(self, why: Why) -> None:
        super().__init__(why.value)
        self.why = why


@dataclass(frozen=True, slots=True)
class Limits:
    """Working hours: until a reminder, until IT, until a claim lapses, until an answer counts as one that helped."""

    remind: float = 4
    escalate: float = 8
    lapse: float = 8
    close: float = 40


@dataclass(frozen=True, slots=True)
class HandOver:
    """A question to people. Who asked and who helps stand here while it is open only.

    `where` is the conversation in which it was asked and to which the answer goes. `since` is when it came into its
    state, `waits_since` when it last began to wait for a helper. `adopted`: the helper brought somebody else's answer.
    `unit` and `topic` say whose it is, `breach` that it is the data protection officer's.
    """

    id: int
    question: str
    language: str
    asker: str
    where: str
    asked: datetime
    since: datetime
    waits_since: datetime
    state: State = State.ASKED
    helper: str = ""
    answer: str = ""
    adopted: bool = False
    asker_name: str = ""
    helper_name: str = ""
    unit: str = ""
    topic: str = ""
    tips: tuple[str, ...] = ()
    breach: bool = False
    reminded: bool = False
    escalated_at: datetime | None = None
    version: int = 1

    @property
    def ended(self) -> bool:
        """Whether nothing happens to it any more."""
        return self.state in ENDED


def moved(before: HandOver, step: Step, person: str, now: datetime, name: str = "", answer: str = "") -> HandOver:
    """What becomes of it. `person` does it, '' for the clock, and is called `name`. Raises RefusedError."""
    _check(before, step, person)
    after = replace(before, since=now, version=before.version + 1)
    name = name or (before.helper_name if before.helper == person else "")
    match step:
        case Step.CLAIM:
            after = replace(after, state=State.CLAIMED, helper=person, helper_name=name)
        case Step.RELEASE | Step.LAPSE | Step.NOT_HELPED:
            after = _waiting(after, now)
        case Step.ANSWER | Step.ADOPT:
            adopted = step is Step.ADOPT
            after = replace(
                after, state=State.ANSWERED, helper=person, helper_name=name, answer=answer, adopted=adopted
            )
        case Step.REMIND:
            after = replace(after, since=before.since, reminded=True)
        case Step.ESCALATE:
            after = replace(after, state=State.ESCALATED, escalated_at=now)
        case Step.WITHDRAW:
            after = _ended(after, State.WITHDRAWN)
        case Step.HELPED | Step.SOLVE | Step.CLOSE:
            after = _ended(after, State.SOLVED)
    return after


def due(before: HandOver, limits: Limits, now: datetime) -> Step | None:
    """What is to happen to it by now by itself."""
    if before.state is State.CLAIMED and hours_between(before.since, now) >= limits.lapse:
        return Step.LAPSE
    if before.state is State.ANSWERED and hours_between(before.since, now) >= limits.close:
        return Step.CLOSE
    if before.state is not State.ASKED:
        return None
    waited = hours_between(before.waits_since, now)
    if waited >= limits.escalate:
        return Step.ESCALATE
    return Step.REMIND if waited >= limits.remind and not before.reminded else None


def hours_between(start: datetime, end: datetime) -> float:
    """How many working hours lie between: on working days, from eight to four, in Finland."""
    first, last = max(start, end - _FURTHEST).astimezone(ZONE), end.astimezone(ZONE)
    total, day = timedelta(), first.date()
    while day <= last.date():
        if is_working_day(day):
            total += max(min(last, _at(day, _CLOSES)) - max(first, _at(day, _OPENS)), timedelta())
        day += _DAY
    return total / timedelta(hours=1)


def _at(day: date, hour: time) -> datetime:
    return datetime.combine(day, hour, ZONE)


def _check(before: HandOver, step: Step, person: str) -> None:
    if before.ended:
        raise RefusedError(Why.ENDED)
    if (step in _ASKERS and person != before.asker) or (step in _BY_ITSELF) == bool(person):
        raise RefusedError(Why.NOT_YOURS)
    if step in (Step.CLAIM, *_ANSWERS) and person == before.asker:
        raise RefusedError(Why.OWN)
    if step is Step.CLAIM and before.state is State.CLAIMED and person != before.helper:
        raise RefusedError(Why.TAKEN)
    if before.state not in _FROM[step]:
        raise RefusedError(Why.OUTDATED)
    if before.state is State.CLAIMED and step in (Step.RELEASE, *_ANSWERS) and person != before.helper:
        raise RefusedError(Why.TAKEN if step in _ANSWERS else Why.NOT_YOURS)


def _waiting(after: HandOver, now: datetime) -> HandOver:
    state = State.ESCALATED if after.escalated_at else State.ASKED
    return replace(
        after, state=state, helper="", helper_name="", answer="", adopted=False, waits_since=now, reminded=False
    )


def _ended(after: HandOver, state: State) -> HandOver:
    return replace(after, state=state, where="", asker="", asker_name="", helper="", helper_name="")
