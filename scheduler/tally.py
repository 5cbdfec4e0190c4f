"""What became of what was due, and how it is told: counted, and named no more than people read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

_MOST = 10  # names in a line


@dataclass(slots=True)
class Tally:
    """What became of what was due: how many of each, and what IT should hear of: (where, why), or how many by entry."""

    sent: int = 0
    skipped: int = 0
    later: int = 0  # to be tried again
    released: int = 0  # of what was left behind, what had not arrived: due again at once
    missed: Counter[str] = field(default_factory=Counter)
    failed: list[tuple[str, str]] = field(default_factory=list)
    lost: list[tuple[str, str]] = field(default_factory=list)


def summed(tallies: Sequence[Tally]) -> Tally:
    """All of them together."""
    whole = Tally()
    for tally in tallies:
        whole.sent += tally.sent
        whole.skipped += tally.skipped
        whole.later += tally.later
        whole.released += tally.released
        whole.missed.update(tally.missed)
        whole.failed += tally.failed
        whole.lost += tally.lost
    return whole


def named(names: Sequence[str]) -> str:
    """The names in a line, not more than people read."""
    more = len(names) - _MOST
    return ", ".join(names[:_MOST]) + (f", +{more}" if more > 0 else "")
