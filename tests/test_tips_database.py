"""The SQLite file under every misfortune: nothing is lost, and one line says what to do."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlite_utils import Database, Migrations

from tips import database, facts, store
from tips.database import check, check_writable, connect, copy, explained, restore
from tips.errors import DamagedDatabaseError, DatabaseError, NewerDatabaseError

OLD = (store.migrations,)
NEW = (store.migrations, facts.migrations)
NOBODY = 65534


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "digivinkki.db"


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.05)


def _made(path: Path, value: str, migrations: tuple[Migrations, ...] = NEW) -> Path:
    """A database at the path whose one value is that."""
    with closing(connect(path, migrations)) as opened:
        opened.table("meta").upsert({"key": "value", "value": value}, pk="key")
    return path


def _no_change(opened: Database) -> None:
    """A migration of a later version."""


def _value(path: Path, migrations: tuple[Migrations, ...] = NEW) -> str:
    with closing(connect(path, migrations)) as opened:
        return str(opened.table("meta").get("value")["value"])


def _beside(path: Path, word: str) -> list[Path]:
    return sorted(path.parent.glob(f"{path.name}.{word}*"))


def _another_programs(path: Path) -> Path:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("create table bookmarks (url)")
    return path


def _damaged(path: Path) -> Path:
    """A database with a good beginning and nothing but noise after it."""
    path.write_bytes(database._MAGIC + b"\xa5" * 40_000)
    return path


@contextmanager
def locked(path: Path) -> Iterator[None]:
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield


@contextmanager
def full_disk(largest: int) -> Iterator[None]:
    """No file may grow beyond so many bytes: the nearest thing to a full disk that needs no disk."""
    resource = pytest.importorskip("resource", reason="not on Windows")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (largest, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)


@pytest.fixture
def nobodys_folder() -> Iterator[Path]:
    """A folder of a user without rights; the test runs as that user, for whom permissions hold."""
    if not hasattr(os, "geteuid"):
        pytest.skip("not on Windows")
    folder = Path(tempfile.mkdtemp(prefix="digivinkki-"))
    root = os.geteuid() == 0
    try:
        if root:
            os.chown(folder, NOBODY, NOBODY)
            os.seteuid(NOBODY)
        yield folder
    except PermissionError:
        pytest.skip("cannot become another user")
    finally:
        if root:
            os.seteuid(0)
        os.chmod(folder, 0o700)
        shutil.rmtree(folder)


# --- Opening ------------------------------------------------------------------------------------------------------


def test_a_missing_database_is_created_for_its_owner_only(path: Path) -> None:
    connect(path, NEW).close()
    assert path.stat().st_mode & 0o777 == 0o600
    assert not _beside(path, "backup")


def _opened(path: Path, kind: str) -> Database:
    return connect(path, NEW) if kind == "file" else database.in_memory(NEW)


@pytest.mark.parametrize("kind", ["file", "memory"])
def test_a_database_serves_several_threads(path: Path, kind: str) -> None:
    with closing(_opened(path, kind)) as opened, ThreadPoolExecutor() as threads:
        assert threads.submit(lambda: opened.table("facts").count).result() == 0


@pytest.mark.parametrize("kind", ["file", "memory"])
def test_keys_are_kept_whole_and_deleted_text_is_overwritten(path: Path, kind: str) -> None:
    with closing(_opened(path, kind)) as opened:
        pragmas = {name: opened.execute(f"PRAGMA {name}").fetchone()[0] for name in ("foreign_keys", "secure_delete")}
    assert pragmas == {"foreign_keys": 1, "secure_delete": 1}


def test_an_empty_file_becomes_a_database(path: Path) -> None:
    path.touch()
    assert _value(_made(path, "x")) == "x"


def test_writers_do_not_stop_readers(path: Path) -> None:
    _made(path, "x")
    with locked(path):
        assert _value(path) == "x"


def test_a_current_database_is_opened_without_a_copy(path: Path) -> None:
    _made(path, "x")
    assert _value(path) == "x"
    assert not _beside(path, "backup")


# --- Migrating ----------------------------------------------------------------------------------------------------


def test_a_backup_copy_is_made_before_a_migration(path: Path) -> None:
    _made(path, "before", OLD)
    with closing(connect(path, NEW)) as opened:
        assert opened.table("facts").exists()
    (backup,) = _beside(path, "backup")
    with closing(sqlite3.connect(backup)) as copied:
        assert "facts" not in Database(copied).table_names()
    assert _value(backup, OLD) == "before"


def test_a_migration_that_fails_leaves_the_old_database_and_its_copy(path: Path) -> None:
    broken = Migrations("broken")

    @broken()
    def half(opened: Database) -> None:
        opened.table("halves").create({"id": int})
        opened.execute("insert into nowhere values (1)")

    _made(path, "before", OLD)
    with pytest.raises(DatabaseError, match="the database failed: no such table: nowhere"):
        connect(path, (*OLD, broken))
    with closing(sqlite3.connect(path)) as opened:
        assert "halves" not in Database(opened).table_names()
    assert _value(path, OLD) == "before"
    assert len(_beside(path, "backup")) == 1


def test_no_migration_happens_where_the_backup_copy_cannot_be_made(path: Path) -> None:
    _made(path, "before", OLD)
    with full_disk(4096), pytest.raises(DatabaseError):
        connect(path, NEW)
    assert not _beside(path, "backup")
    assert _value(path, OLD) == "before"


@pytest.mark.parametrize("newer", [NEW, (*OLD, Migrations("later"))])
def test_a_newer_database_is_refused_untouched(path: Path, newer: tuple[Migrations, ...]) -> None:
    if newer is not NEW:
        newer[-1](name="a_step")(_no_change)
    _made(path, "x", newer)
    before = path.read_bytes()
    with pytest.raises(NewerDatabaseError, match=r"digivinkki\.db: this database is from a newer version"):
        connect(path, OLD)
    assert path.read_bytes() == before


def test_a_newer_step_of_a_known_set_is_refused(path: Path) -> None:
    _made(path, "x", OLD)
    with closing(connect(path, OLD)) as opened:
        opened.table("_sqlite_migrations").insert({"migration_set": "tips", "name": "split_tips", "applied_at": "2030"})
    with pytest.raises(NewerDatabaseError):
        connect(path, OLD)


# --- What cannot be opened ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("content", [b"Hei maailma\n", b"x", b"\0" * 8192, b"SQLite format 2\0" * 500])
def test_a_file_that_is_no_database_is_refused_untouched(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(DatabaseError, match=r"digivinkki\.db: the database is not a Digivinkki database"):
        connect(path, NEW)
    assert path.read_bytes() == content


def test_another_programs_database_is_refused_untouched(path: Path) -> None:
    before = _another_programs(path).read_bytes()
    with pytest.raises(DatabaseError, match="is not a Digivinkki database"):
        connect(path, NEW)
    assert path.read_bytes() == before


def test_a_damaged_file_is_refused_untouched(path: Path) -> None:
    before = _damaged(path).read_bytes()
    with pytest.raises(DamagedDatabaseError, match=r"is not a Digivinkki database|is damaged"):
        connect(path, NEW)
    assert path.read_bytes() == before


@pytest.mark.parametrize("name", ["", "no-folder/digivinkki.db", "x" * 300])
def test_a_place_where_no_database_can_be_is_said_plainly(tmp_path: Path, name: str) -> None:
    with pytest.raises(DatabaseError, match=r"no such folder|too long"):
        connect(tmp_path / name, NEW)


def test_a_locked_database_that_needs_migrating_is_refused_in_one_line(path: Path) -> None:
    _made(path, "before", OLD)
    with locked(path), pytest.raises(DatabaseError, match=r"digivinkki\.db: the database is locked by another"):
        connect(path, NEW)
    assert _value(path, OLD) == "before"


def test_a_locked_backup_is_refused_in_one_line(tmp_path: Path, path: Path) -> None:
    with closing(connect(_made(path, "x"), NEW)) as opened:
        copy(opened, tmp_path / "backup.db")
    with locked(tmp_path / "backup.db"), pytest.raises(DatabaseError, match="is locked by another"):
        connect(tmp_path / "backup.db", NEW)


def test_a_full_disk_is_said_plainly_and_what_was_there_stays(path: Path) -> None:
    _made(path, "before")
    with closing(connect(path, NEW)) as opened:
        opened.execute(f"PRAGMA max_page_count = {opened.execute('PRAGMA page_count').fetchone()[0]}")
        with pytest.raises(DatabaseError, match="the disk is full"), explained(path), opened.atomic():
            opened.table("meta").upsert({"key": "value", "value": "x" * 1_000_000}, pk="key")
    assert _value(path) == "before"


def test_a_read_only_connection_is_said_plainly(path: Path) -> None:
    _made(path, "x")
    with closing(Database(database._read_only(path))) as opened:
        with pytest.raises(DatabaseError, match=r"digivinkki\.db: the database cannot be written: .*read-only"):
            check_writable(opened, path)
        with pytest.raises(DatabaseError, match="read-only"), explained(path):
            opened.table("meta").upsert({"key": "value", "value": "y"}, pk="key")


def test_a_read_only_file_can_be_read_but_is_not_called_writable(nobodys_folder: Path) -> None:
    path = _made(nobodys_folder / "digivinkki.db", "x")
    os.chmod(path, 0o400)
    with closing(connect(path, NEW)) as opened, pytest.raises(DatabaseError, match="read-only"):
        check_writable(opened, path)


@pytest.mark.parametrize("exists", [True, False])
def test_a_read_only_folder_is_said_plainly(nobodys_folder: Path, exists: bool) -> None:
    path = nobodys_folder / "digivinkki.db"
    if exists:
        _made(path, "x")
    os.chmod(nobodys_folder, 0o500)
    with pytest.raises(DatabaseError, match=r"read-only|no permission"):
        connect(path, NEW)


def test_a_file_of_somebody_else_is_said_plainly(nobodys_folder: Path) -> None:
    path = _made(nobodys_folder / "digivinkki.db", "x")
    os.chmod(path, 0)
    with pytest.raises(DatabaseError, match=r"Permission denied|no permission"):
        connect(path, NEW)


def test_a_writable_database_is_left_as_it_is_by_the_check(path: Path) -> None:
    with closing(connect(_made(path, "x"), NEW)) as opened:
        check_writable(opened, path)
        assert not opened.conn.in_transaction
    assert _value(path) == "x"


# --- Checking a file ----------------------------------------------------------------------------------------------


def test_a_whole_database_of_this_or_an_earlier_version_passes(path: Path) -> None:
    check(_made(path, "x", OLD), NEW)
    assert _value(path, OLD) == "x"


def test_noise_in_the_middle_is_found(path: Path) -> None:
    with closing(connect(_made(path, "x"), NEW)) as opened:
        opened.table("images").insert_all({"digest": str(n), "data": b"x" * 3_000} for n in range(50))
    data = bytearray(path.read_bytes())
    data[40_000:80_000] = b"\xa5" * 40_000
    path.write_bytes(data)
    with pytest.raises(DamagedDatabaseError, match="is damaged; restore a backup"):
        check(path, NEW)


# --- Copying ------------------------------------------------------------------------------------------------------


def test_a_copy_is_one_private_file(tmp_path: Path, path: Path) -> None:
    with closing(connect(_made(path, "x"), NEW)) as opened:
        copy(opened, tmp_path / "copies.db")
    assert [file.name for file in tmp_path.glob("copies*")] == ["copies.db"]
    assert (tmp_path / "copies.db").stat().st_mode & 0o777 == 0o600
    check(tmp_path / "copies.db", NEW)


def test_a_copy_does_not_stumble_over_what_a_crash_left(tmp_path: Path, path: Path) -> None:
    (tmp_path / "copy.db.part").write_text("half a copy", encoding="utf-8")
    with closing(connect(_made(path, "x"), NEW)) as opened:
        copy(opened, tmp_path / "copy.db")
    assert _value(tmp_path / "copy.db") == "x"


def test_a_copy_holds_no_half_of_what_is_being_written(tmp_path: Path, path: Path) -> None:
    _made(path, "before")
    with closing(connect(path, NEW)) as opened, closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        other.execute("update meta set value = 'after'")
        copy(opened, tmp_path / "copy.db")
        other.execute("COMMIT")
        assert _value(tmp_path / "copy.db") == "before"
        copy(opened, tmp_path / "copy.db")
    assert _value(tmp_path / "copy.db") == "after"


def test_copies_while_another_connection_writes_are_consistent(tmp_path: Path, path: Path) -> None:
    _made(path, "x")
    stop, rounds = threading.Event(), 0

    def write() -> None:
        nonlocal rounds
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            while not stop.is_set():
                rounds += 1
                other.execute("BEGIN IMMEDIATE")
                for table in ("themes", "tips"):
                    row = f"insert into {table} (layer, id, {'series' if table == 'themes' else 'theme'}, data)"
                    other.execute(f"{row} values ('own', ?, '', ?)", [str(rounds), "x" * 500])
                other.execute("COMMIT")

    writer = threading.Thread(target=write)
    writer.start()
    counts = []
    try:
        with closing(connect(path, NEW)) as opened:
            while writer.is_alive() and (len(counts) < 5 or len(set(counts)) < 2):
                copy(opened, tmp_path / "copy.db")
                check(tmp_path / "copy.db", NEW)
                with closing(sqlite3.connect(tmp_path / "copy.db")) as copied:
                    themes, tips = copied.execute(
                        "select (select count(*) from themes), (select count(*) from tips)"
                    ).fetchone()
                assert themes == tips
                counts.append(tips)
    finally:
        stop.set()
        writer.join()
    assert len(counts) >= 5
    assert counts[0] < counts[-1] <= rounds


def test_a_copy_that_fails_leaves_the_earlier_one(tmp_path: Path, path: Path) -> None:
    target = tmp_path / "copy.db"
    with closing(connect(_made(path, "x"), NEW)) as opened:
        copy(opened, target)
        before = target.read_bytes()
        with full_disk(4096), pytest.raises(DatabaseError, match=r"copy\.db: the database cannot be .*full"):
            copy(opened, target)
    assert target.read_bytes() == before
    assert not list(tmp_path.glob("*.part"))


def test_a_copy_into_no_folder_is_said_plainly(tmp_path: Path, path: Path) -> None:
    with (
        closing(connect(_made(path, "x"), NEW)) as opened,
        pytest.raises(DatabaseError, match=r"nowhere/copy\.db: the database cannot be opened: no such folder"),
    ):
        copy(opened, tmp_path / "nowhere" / "copy.db")


# --- Restoring ----------------------------------------------------------------------------------------------------


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    """A backup that holds the value 'backup'."""
    with closing(connect(_made(tmp_path / "source.db", "backup"), NEW)) as opened:
        copy(opened, tmp_path / "backup file #1?.db")
    return tmp_path / "backup file #1?.db"


def test_a_backup_is_restored_and_the_old_database_kept_beside(path: Path, backup: Path) -> None:
    _made(path, "old")
    kept = restore(backup, path, NEW)
    assert _value(path) == "backup"
    assert [kept] == _beside(path, "before-restore")
    assert kept
    assert _value(kept) == "old"


def test_a_backup_is_restored_where_nothing_was(path: Path, backup: Path) -> None:
    assert restore(backup, path, NEW) is None
    assert _value(path) == "backup"
    assert path.stat().st_mode & 0o777 == 0o600


def test_an_empty_file_is_restored_over_and_not_kept(path: Path, backup: Path) -> None:
    path.touch()
    assert restore(backup, path, NEW) is None
    assert _value(path) == "backup"


def test_an_older_backup_is_migrated_after(tmp_path: Path, path: Path) -> None:
    restore(_made(tmp_path / "older.db", "older", OLD), path, NEW)
    with closing(sqlite3.connect(path)) as opened:
        assert "facts" in Database(opened).table_names()
    assert _value(path) == "older"


def test_a_backup_is_restored_under_an_open_connection(path: Path, backup: Path) -> None:
    _made(path, "old")
    with closing(connect(path, NEW)) as server:
        assert server.table("meta").get("value")["value"] == "old"
        restore(backup, path, NEW)
        assert server.table("meta").get("value")["value"] == "backup"
        server.table("meta").upsert({"key": "value", "value": "on"}, pk="key")
    assert _value(path) == "on"


@pytest.mark.parametrize("kind", ["missing", "folder", "text", "another program's", "damaged", "newer", "empty"])
def test_a_bad_backup_is_refused_and_the_old_database_untouched(tmp_path: Path, path: Path, kind: str) -> None:
    source = tmp_path / "source.db"
    later = Migrations(f"later than {kind}")
    later(name="a_step")(_no_change)
    {
        "missing": lambda: None,
        "folder": source.mkdir,
        "text": lambda: source.write_text("Hei", encoding="utf-8"),
        "another program's": lambda: _another_programs(source),
        "damaged": lambda: _damaged(source),
        "newer": lambda: _made(source, "newer", (*NEW, later)),
        "empty": source.touch,
    }[kind]()
    before = _made(path, "old").read_bytes()
    with pytest.raises(DatabaseError, match=r"source\.db: "):
        restore(source, path, NEW)
    assert path.read_bytes() == before
    assert not _beside(path, "before-restore")


@pytest.mark.parametrize("kind", ["text", "damaged"])
def test_a_damaged_database_is_replaced_and_kept_as_it_is(path: Path, backup: Path, kind: str) -> None:
    damaged = _damaged(path).read_bytes() if kind == "damaged" else b"Hei"
    path.write_bytes(damaged)
    kept = restore(backup, path, NEW)
    assert kept
    assert kept.read_bytes() == damaged
    assert _value(path) == "backup"


def test_what_a_damaged_database_had_not_yet_written_is_kept_with_it(path: Path, backup: Path) -> None:
    path.write_text("Hei", encoding="utf-8")
    path.with_name(f"{path.name}-wal").write_bytes(b"unwritten")
    kept = restore(backup, path, NEW)
    assert kept
    assert kept.with_name(f"{kept.name}-wal").read_bytes() == b"unwritten"


def test_a_locked_database_is_not_restored_over(path: Path, backup: Path) -> None:
    _made(path, "old")
    with locked(path), pytest.raises(DatabaseError, match="is locked by another"):
        restore(backup, path, NEW)
    assert _value(path) == "old"
    assert not _beside(path, "before-restore")


def test_a_full_disk_stops_a_restore_before_anything_is_replaced(path: Path, backup: Path) -> None:
    _made(path, "old")
    with closing(connect(path, NEW)) as server:
        server.table("meta").upsert({"key": "value", "value": "written to the log only"}, pk="key")
        with full_disk(4096), pytest.raises(DatabaseError, match="disk"):
            restore(backup, path, NEW)
        assert path.with_name(f"{path.name}-wal").stat().st_size
    assert _value(path) == "written to the log only"
    assert not _beside(path, "before-restore")


def test_a_place_that_is_a_folder_is_not_restored_to(path: Path, backup: Path) -> None:
    path.mkdir()
    with pytest.raises(DatabaseError, match="cannot be opened"):
        restore(backup, path, NEW)
    assert path.is_dir()
