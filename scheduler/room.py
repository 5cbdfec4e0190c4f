"""Few pings: how many posts a week has room for, and which of an occurrence's parts get in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from scheduler.models import SESSIONS, Kind
from scheduler.parts import POST, Part, has_host

A_WEEK, A_SESSION_WEEK = 1, 2  # posts that a destination gets at most
TOO_MANY = "too_many"


@dataclass(slots=True)
class Room:
    """The posts of each week, known by its Monday. A week with a session has room for two.

    `tips` are the weeks that have a weekly tip, to which everything of lesser importance leaves its place.
    """

    tips: frozenset[date] = frozenset()
    taken: Counter[date] = field(default_factory=Counter)
    sessions: set[date] = field(default_factory=set)

    def has(self, monday: date, *, session: bool = False, beside_tip: bool = False) -> bool:
        """Whether there is room for one more; `beside_tip`: and for the week's tip, too."""
        limit = A_SESSION_WEEK if session or monday in self.sessions else A_WEEK
        return self.taken[monday] + (beside_tip and monday in self.tips) < limit

    def take(self, monday: date, *, session: bool = False) -> None:
        """One more post."""
        self.taken[monday] += 1
        if session:
            self.sessions.add(monday)


def fitted(parts: Iterable[Part], room: Room, *, beside_tip: bool = False) -> Iterator[Part]:
    """An occurrence's parts in order: the first that gets in is a message of its own, the later ones edit it."""
    first = None
    for part in parts:
        session = part.entry.kind in SESSIONS
        if part.skipped:
            yield part
        elif first and (part.name.startswith("reminder") or _is_told(part, first)):
            yield replace(part, edits=first.name)
        elif part.entry.kind is Kind.TASK or room.has(part.monday, session=session, beside_tip=beside_tip):
            room.take(part.monday, session=session)
            first = first or part
            yield part
        else:
            yield replace(part, skipped=TOO_MANY)


def reserved(parts: Sequence[Part], room: Room) -> bool:
    """Takes room for the post of a session that each goes through at their own pace: it comes before all else."""
    post = next(part for part in parts if part.name == POST)
    if post.skipped or not room.has(post.monday, session=True):
        return False
    room.take(post.monday, session=True)
    return True


def around_post(parts: Sequence[Part], room: Room, *, has_post: bool) -> Iterator[Part]:
    """The parts of such a session once its post has its place: reminders take what the weekly tips leave.

    A reminder in the post's own week takes the post's place, and the post edits it.
    """
    post = next(part for part in parts if part.name == POST)
    first = None
    for part in parts:
        if not part.skipped and not has_post:
            yield replace(part, skipped=TOO_MANY)
        elif part.skipped or (part.name == POST and not first):
            yield part
        elif part.name == POST:
            yield replace(part, edits=first.name) if first and first.monday == part.monday else part
        elif first:
            yield replace(part, edits=first.name)
        elif part.monday == post.monday or room.has(part.monday, session=True, beside_tip=True):
            if part.monday != post.monday:
                room.take(part.monday, session=True)
            first = part
            yield part
        else:
            yield replace(part, skipped=TOO_MANY)


def _is_told(part: Part, first: Part) -> bool:
    """Whether its post or follow-up edits the first message: in the same week, or for those who were invited."""
    return part.monday == first.monday or (part.name == POST and has_host(part.entry))
