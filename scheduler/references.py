"""What entries name outside the calendar: themes, tips, destinations. What is not there is refused."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from scheduler.entryfields import EVERYBODY, PROFILE
from scheduler.errors import CalendarError
from scheduler.models import Entry
from tips.fields import shown


@dataclass(frozen=True, slots=True)
class Known:
    """The ids of what is there."""

    themes: Collection[str]
    tips: Collection[str]
    destinations: Collection[str]

    def check(self, entries: Iterable[Entry]) -> None:
        """Raises CalendarError, naming entry and field, where one names what is not there."""
        for entry in entries:
            for field, what, name in self._unknown(entry):
                raise CalendarError(f"unknown {what} {shown(name)}", entry=entry.id, field=field)

    def _unknown(self, entry: Entry) -> Iterator[tuple[str, str, str]]:
        """What the entry names that is not there: its field, what it should be, and its name."""
        for field, theme in (("theme", entry.theme), *((f"weeks.{week}", name) for week, name in entry.weeks.items())):
            if theme and theme not in self.themes:
                yield field, "theme", theme
        for number, season in enumerate(entry.seasons, 1):
            if season.tip not in self.tips:
                yield f"seasons.{number}.tip", "tip", season.tip
        for to in entry.to:
            if to != EVERYBODY and not to.startswith(PROFILE) and to not in self.destinations:
                yield "to", "destination", to
