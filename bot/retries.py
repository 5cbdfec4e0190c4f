"""How often and how long to try again: exponential backoff with full jitter, and what the platform asks for.

'Exponential Backoff And Jitter', https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


@dataclass(frozen=True, slots=True)
class Backoff:
    """Tries at most `tries` times; waits 0..`first`, 0..2·`first` … seconds between, `longest` at most.

    `patience` is for how many seconds at most, with all pauses and the tries themselves.
    """

    tries: int = 6
    first: float = 0.5
    longest: float = 30.0
    patience: float = 600.0

    def pauses(self, chance: random.Random) -> Iterator[float]:
        """Seconds to wait before the second try, the third … as many as there may be."""
        for number in range(self.tries - 1):
            yield chance.uniform(0, min(self.longest, self.first * 2**number))


def retry_after(headers: Mapping[str, str], now: datetime | None = None, longest: float = 86_400.0) -> float:
    """Seconds that a Retry-After header asks for, as a number or a date; 0 where it does not, or makes no sense."""
    value = headers.get("Retry-After", "").strip()
    try:
        seconds = float(value)
    except ValueError:
        try:
            seconds = (parsedate_to_datetime(value) - (now or datetime.now(UTC))).total_seconds()
        except (ValueError, TypeError, OverflowError):
            return 0.0
    return min(max(seconds, 0.0), longest) if seconds == seconds else 0.0  # noqa: PLR0124  NaN is not itself
