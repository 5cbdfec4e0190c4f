"""What can go wrong, as the person at the keyboard is told.

    DigivinkkiError
    ├── PackError           a pack of tips does not fit; names file, tip and field
    ├── QuestionsError      a file of questions cannot be read
    ├── SettingsError       a setting is missing or wrong
    ├── ModelError          the model that likeness in meaning is measured by cannot be used
    └── DatabaseError       the database cannot be used
        ├── NewerDatabaseError    it was made by a later version
        └── DamagedDatabaseError  it is broken, or no database at all

Every one of them says in one line what is wrong and, where there is one, the way out. The command line prints
that line and ends with 2; nothing else may reach a user.
"""

from __future__ import annotations

from pathlib import Path


class DigivinkkiError(Exception):
    """The base of all errors that a user is meant to read."""


class SettingsError(DigivinkkiError):
    """A setting is missing, wrong or unsafe."""


class QuestionsError(DigivinkkiError):
    """A file of questions to be answered or measured cannot be read."""


class ModelError(DigivinkkiError):
    """The model that likeness in meaning is measured by cannot be loaded or asked."""


class DatabaseError(DigivinkkiError):
    """The database cannot be opened, read or written."""


class NewerDatabaseError(DatabaseError):
    """The database was written by a later version of Digivinkki."""


class DamagedDatabaseError(DatabaseError):
    """The file is broken, or holds something else than a database."""


class PackError(DigivinkkiError):
    """A pack of tips does not fit.

    `file`, `tip` and `field` say where, as far as it is known; `reason` says what, for a person.
    """

    def __init__(self, reason: str, *, file: Path | str = "", tip: str = "", field: str = "") -> None:
        self.reason, self.file, self.tip, self.field = reason, str(file), tip, field
        where = [self.file, f"tip {tip}" if tip else "", f"field {field}" if field else ""]
        super().__init__(": ".join([*filter(None, where), reason]))

    def at(self, *, file: Path | str = "", tip: str = "") -> PackError:
        """The same error with what the caller knows of its place."""
        return PackError(self.reason, file=self.file or file, tip=self.tip or tip, field=self.field)
