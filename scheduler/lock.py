"""One scheduler per database: a lock on a file that the operating system lets go when the process dies."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from tips.errors import DatabaseError


class Lock:
    """A lock beside the database, held until it is released or the process ends, however it ends."""

    def __init__(self, database: Path) -> None:
        self.path = database.with_name(f"{database.name}.scheduler.lock")
        self._shared = str(database) != ":memory:"  # a database in memory is nobody else's
        self._file: int | None = None

    def take(self) -> bool:
        """Whether it is ours, now or already. Raises DatabaseError where the file cannot be opened."""
        if self._file is not None or not self._shared:
            return True
        try:
            file = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise DatabaseError(f"{self.path}: {error.strerror or error}") from error
        if not _locked(file):
            os.close(file)
            return False
        self._file = file
        return True

    def release(self) -> None:
        """Lets another process take it. The file stays: deleting it would let two hold one of its name each."""
        if self._file is not None:
            os.close(self._file)
            self._file = None


if sys.platform == "win32":
    import msvcrt

    def _locked(file: int) -> bool:
        try:
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _locked(file: int) -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True
