"""What can go wrong with a calendar, as the person at the keyboard is told.

DigivinkkiError
└── CalendarError      a calendar does not fit; names file, entry and field
"""

from __future__ import annotations

from pathlib import Path

from tips.errors import DigivinkkiError


class CalendarError(DigivinkkiError):
    """A calendar does not fit.

    `file`, `entry` and `field` say where, as far as it is known; `reason` says what, for a person.
    """

    def __init__(self, reason: str, *, file: Path | str = "", entry: str = "", field: str = "") -> None:
        self.reason, self.file, self.entry, self.field = reason, str(file), entry, field
        where = [self.file, f"entry {entry}" if entry else "", f"field {field}" if field else ""]
        super().__init__(": ".join([*filter(None, where), reason]))

    def at(self, *, file: Path | str = "", entry: str = "", field: str = "") -> CalendarError:
        """The same error with what the caller knows of its place."""
        return CalendarError(self.reason, file=self.file or file, entry=self.entry or entry, field=self.field or field)
