"""What waits for people: drafts, questions, tips that grow old; and the monthly quarter of an hour as a checklist."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.answers import Shelf
from bot.handover import OPEN, HandOver, State
from bot.people import IT, PROTECTION
from bot.stores import Stores
from scheduler.models import ZONE
from tips.drafts import Draft
from tips.models import Language

TICKED = "ticked"
STEPS = ("sent", "questions", "drafts", "stale", "coming")  # of the quarter of an hour, in their order


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits, read in the database's thread. `ticked` are the steps that somebody has ticked off this month."""

    drafts: Sequence[Draft]
    questions: Sequence[HandOver]
    ticked: frozenset[str]


@dataclass(frozen=True, slots=True)
class Question:
    """A question that waits: its number, its words, since when, and who helps, '' of nobody."""

    number: int
    text: str
    language: str
    asked: datetime
    claimed: bool


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the quarter of an hour; `left` is how many matters it still has, None where one only looks."""

    name: str
    left: int | None
    done: bool


def waiting(stores: Stores, roles: frozenset[str], now: datetime) -> Waiting:
    """Reads it. A suspected breach is the data protection officer's and IT's."""
    sees_breaches = not roles.isdisjoint({IT, PROTECTION})
    found = [each for each in stores.handovers.open() if each.state in (*OPEN, State.CLAIMED)]
    local = now.astimezone(ZONE)
    month = local.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return Waiting(
        stores.drafts.waiting(),
        [each for each in found if sees_breaches or not each.breach],
        stores.audit.abouts(TICKED, month),
    )


def questions(found: Waiting) -> list[Question]:
    """What waits for an answer, the oldest first."""
    return [
        Question(each.id, each.question, each.language, each.asked, each.state is State.CLAIMED)
        for each in found.questions
    ]


def stale(shelf: Shelf, now: datetime, language: Language) -> list[tuple[str, str, str]]:
    """The tips whose month of review has passed: id, title, month; the oldest first."""
    month = now.astimezone(ZONE).strftime("%Y-%m")
    old = [tip for tip in shelf.snapshot.base.tips.values() if tip.review_by and tip.review_by < month]
    old.sort(key=lambda tip: tip.review_by)
    return [(tip.id, shelf.title(tip.id, language), _month(tip.review_by)) for tip in old]


def steps(left: Mapping[str, int], found: Waiting) -> list[Step]:
    """The quarter of an hour. A step is done once nothing is left of it, or once somebody says that it will do."""
    return [Step(name, left.get(name), left.get(name) == 0 or name in found.ticked) for name in STEPS]


def _month(text: str) -> str:
    year, month = text.split("-")[:2]
    return f"{int(month)}/{year}"
