"""The SQLite file: opening it, migrating it, copying it, and saying plainly when that fails.

Each package keeps its own set of `sqlite_utils.Migrations`; whoever opens the database hands them all in. A
database that is to be migrated is first copied beside itself; one that a later version wrote is refused.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from sqlite_utils import Database, Migrations

from tips.errors import DamagedDatabaseError, DatabaseError, NewerDatabaseError

BUSY_SECONDS = 5.0  # how long a write waits for another process's write
_MAGIC = b"SQLite format 3\x00"
_REASONS = {
    "SQLITE_BUSY": "is locked by another program; close that, or wait and try again",
    "SQLITE_LOCKED": "is locked by another program; close that, or wait and try again",
    "SQLITE_READONLY": "cannot be written: it, its folder, or a -wal or -shm file beside it is read-only",
    "SQLITE_PERM": "cannot be used: no permission",
    "SQLITE_CANTOPEN": "cannot be opened: no such folder, or no permission",
    "SQLITE_FULL": "cannot be written: the disk is full",
    "SQLITE_IOERR": "cannot be read or written: disk error, or the disk is full",
    "SQLITE_CORRUPT": "is damaged; restore a backup with 'python app.py restore PATH'",
    "SQLITE_NOTADB": "is not a Digivinkki database",
}
_DAMAGED = ("SQLITE_CORRUPT", "SQLITE_NOTADB")


def connect(path: Path, migrations: Sequence[Migrations]) -> Database:
    """The database at the path, created where missing, in WAL mode and migrated.

    Raises NewerDatabaseError where a later version of the program wrote it, DatabaseError where it cannot be used.
    """
    with explained(path):
        database = Database(_connection(path))
        try:
            _refuse_newer(path, database, migrations)
            database.conn.execute("PRAGMA journal_mode = WAL")  # changes the file, so not of one that is refused
            if any(known.pending(database) for known in migrations):
                _migrate(path, database, migrations)
        except BaseException:
            database.close()
            raise
    return database


def in_memory(migrations: Sequence[Migrations]) -> Database:
    """A database for tests and for commands that must leave nothing behind."""
    database = Database(_configured(sqlite3.connect(":memory:", check_same_thread=False)))
    for known in migrations:
        known.apply(database)
    return database


def copy(database: Database, target: Path) -> None:
    """A consistent copy of an open database, also while another process writes it. The target appears whole or not."""
    part = target.with_name(target.name + ".part")
    with explained(target):
        part.unlink(missing_ok=True)
        try:
            with closing(sqlite3.connect(part)) as out:
                database.conn.backup(out)
                # A single file travels best: no -wal beside it.
                out.execute("PRAGMA journal_mode = DELETE")
            os.chmod(part, 0o600)
            os.replace(part, target)
        finally:
            part.unlink(missing_ok=True)


def restore(source: Path, path: Path, migrations: Sequence[Migrations]) -> Path | None:
    """Puts the backup in the database's place, also while a server has that open; older ones are migrated after.

    Returns where the database that was there is kept, None where there was none. Raises DatabaseError, the old
    database untouched, where the source is no whole Digivinkki database or cannot be read.
    """
    check(source, migrations)
    kept = _set_aside(path) if path.exists() and path.stat().st_size else None
    with explained(path), closing(_read_only(source)) as backup, closing(_connection(path)) as target:
        backup.backup(target)
    connect(path, migrations).close()
    return kept


def _set_aside(path: Path) -> Path:
    kept = _spare_name(path, "before-restore")
    try:
        with explained(path), closing(_connection(path)) as connection:
            _try_writing(connection)  # SQLite's backup would try a locked database for ever
            copy(Database(connection), kept)
    except DamagedDatabaseError:
        # It cannot be copied page by page, so it is moved as it is, with what was not yet written into it.
        with explained(path):
            os.replace(path, kept)
            for suffix in ("-wal", "-shm"):
                if (beside := path.with_name(path.name + suffix)).exists():
                    os.replace(beside, kept.with_name(kept.name + suffix))
    return kept


def check(path: Path, migrations: Sequence[Migrations]) -> None:
    """Raises DatabaseError where the file is no whole Digivinkki database of this or an earlier version."""
    if not path.is_file():
        raise DatabaseError(f"{path}: no such file")
    with explained(path), closing(_read_only(path)) as connection:
        database = Database(connection)
        if not {"tips", "meta"} <= set(database.table_names()):
            raise DatabaseError(f"{path}: is not a Digivinkki database")
        _refuse_newer(path, database, migrations)
        if database.execute("PRAGMA quick_check").fetchone()[0] != "ok":
            raise DamagedDatabaseError(f"{path}: the database {_REASONS['SQLITE_CORRUPT']}")


def check_writable(database: Database, path: Path) -> None:
    """Raises DatabaseError where the open database can be read but not written. Changes nothing."""
    with explained(path):
        _try_writing(database.conn)


@contextmanager
def writing(database: Database) -> Iterator[None]:
    """A transaction that takes the write lock at its start, and waits for it: one that first reads and then writes
    fails at once where another process wrote in between."""
    if database.conn.in_transaction:
        with database.atomic():
            yield
        return
    database.execute("BEGIN IMMEDIATE")
    try:
        yield
        database.conn.commit()
    except BaseException:
        database.conn.rollback()
        raise


@contextmanager
def durably(database: Database) -> Iterator[None]:
    """A transaction that is on the disk at its end: not even a power cut takes it back."""
    database.execute("PRAGMA synchronous = FULL")
    try:
        with writing(database):
            yield
    finally:
        database.execute("PRAGMA synchronous = NORMAL")


@contextmanager
def explained(path: Path | str) -> Iterator[None]:
    """Turns what SQLite and the operating system raise into a DatabaseError that a person understands."""
    try:
        yield
    except sqlite3.Error as error:
        damaged = _code(error).startswith(_DAMAGED)
        kind = DamagedDatabaseError if damaged else DatabaseError
        raise kind(f"{path}: {reason(error)}") from error
    except OSError as error:
        raise DatabaseError(f"{path}: {error.strerror or error}") from error


def reason(error: sqlite3.Error) -> str:
    """What happened to the database, for a person."""
    known = next((text for code, text in _REASONS.items() if _code(error).startswith(code)), f"failed: {error}")
    return f"the database {known}"


def _code(error: sqlite3.Error) -> str:
    return getattr(error, "sqlite_errorname", "") or ""


def _connection(path: Path) -> sqlite3.Connection:
    if path.is_file() and not _begins_as_database(path):
        raise DamagedDatabaseError(f"{path}: the database {_REASONS['SQLITE_NOTADB']}")
    new = not path.exists()
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS, check_same_thread=False)
    try:
        if new:
            os.chmod(path, 0o600)
        _configured(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _begins_as_database(path: Path) -> bool:
    """Also true of an empty file, which SQLite takes for a new database."""
    with path.open("rb") as file:
        return file.read(len(_MAGIC)) in (b"", _MAGIC)


def _read_only(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=BUSY_SECONDS)


def _try_writing(connection: sqlite3.Connection) -> None:
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    connection.execute("BEGIN IMMEDIATE")  # waits for the lock, but minds no read-only file
    try:
        connection.execute(f"PRAGMA user_version = {version}")
    finally:
        connection.rollback()


def _configured(connection: sqlite3.Connection) -> sqlite3.Connection:
    # NORMAL is safe in WAL mode: a power cut can lose the last commits, never the database.
    for pragma in ("synchronous = NORMAL", "foreign_keys = ON", "secure_delete = ON"):
        connection.execute(f"PRAGMA {pragma}")
    return connection


def _migrate(path: Path, database: Database, migrations: Sequence[Migrations]) -> None:
    if database.table("meta").exists():
        copy(database, _spare_name(path, "backup"))
    for known in migrations:
        known.apply(database)


def _refuse_newer(path: Path, database: Database, migrations: Sequence[Migrations]) -> None:
    with closing(Database(memory=True)) as nothing:  # where every step is still pending
        ours = {known.name: {step.name for step in known.pending(nothing)} for known in migrations}
    if not database.table(Migrations.migrations_table).exists():
        if database.table_names():
            raise DatabaseError(f"{path}: is not a Digivinkki database")
        return
    for row in database.table(Migrations.migrations_table).rows:
        if row["name"] not in ours.get(row["migration_set"], set()):
            raise NewerDatabaseError(
                f"{path}: this database is from a newer version of Digivinkki; update the program first"
            )


def _spare_name(path: Path, word: str) -> Path:
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")
    return path.with_name(f"{path.name}.{word}-{stamp}")
