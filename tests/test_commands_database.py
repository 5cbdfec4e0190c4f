"""`backup`, `restore` and `doctor` as typed, on good days and bad ones."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

import app
from bot.settings import Settings
from bot.stores import MIGRATIONS
from commands import doctor
from tests.test_tips_database import NOBODY, full_disk, locked
from tips import database, store

Run = Callable[..., str]
DB = Path("digivinkki.db")
pytestmark = pytest.mark.usefixtures("here")


@pytest.fixture
def refused(capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command that must end with 2 and one line on standard error; returns all that it printed."""

    def refused(*arguments: str) -> str:
        capsys.readouterr()
        assert app.main(arguments) == 2
        printed = capsys.readouterr()
        assert printed.err.startswith("digivinkki: ")
        assert printed.err.endswith("\n")
        assert printed.err.count("\n") == 1
        return printed.out + printed.err

    return refused


def _own(run: Run, tip_id: str, *options: str) -> None:
    """Imports a tip of that id."""
    Path("own.csv").write_text(f"id,title,text\n{tip_id},Oma,Näin.\n", encoding="utf-8")
    run("tips", "import", "own.csv", *options)


def _has(run: Run, tip_id: str) -> bool:
    run("tips", "export", "in-force.csv")
    return f"\n{tip_id};" in Path("in-force.csv").read_text(encoding="utf-8")


def _kept() -> list[Path]:
    return sorted(Path().glob("digivinkki.db.before-restore-*"))


def _another_programs(path: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("create table bookmarks (url)")


def _newer(path: str) -> None:
    with closing(app.open_stores(Settings(database=Path(path))).database) as opened:
        opened.table("_sqlite_migrations").insert({"migration_set": "tips", "name": "later", "applied_at": "2030"})


def _older(path: str) -> None:
    database.connect(Path(path), (store.migrations,)).close()


def _damaged(path: str) -> None:
    Path(path).write_bytes(database._MAGIC + b"\xa5" * 40_000)


def _nothing(path: str) -> None:
    pass


def _text(path: str) -> None:
    Path(path).write_text("Hei", encoding="utf-8")


@pytest.fixture
def nobodys_folder(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of a user without rights to work in; the test runs as that user, for whom permissions hold."""
    if not hasattr(os, "geteuid"):
        pytest.skip("not on Windows")
    folder = Path(tempfile.mkdtemp(prefix="digivinkki-"))
    monkeypatch.chdir(folder)
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


# --- Backup and restore -------------------------------------------------------------------------------------------


def test_a_backup_brings_everything_back_and_the_old_database_is_kept(run: Run) -> None:
    _own(run, "before")
    assert run("backup", "backup.db").startswith("backed up to backup.db (")
    _own(run, "after")
    said = run("restore", "backup.db")
    assert (_has(run, "before"), _has(run, "after")) == (True, False)
    (kept,) = _kept()
    assert said.endswith(f" tips in force; the old database is kept as {kept}\n")
    run("restore", str(kept))
    assert _has(run, "after")


def test_a_restore_needs_no_database_to_be_there(run: Run) -> None:
    _own(run, "before")
    run("backup", "backup.db")
    DB.unlink()
    assert "kept" not in run("restore", "backup.db")
    assert _has(run, "before")
    assert not _kept()


def test_a_backup_is_whole_while_another_connection_writes(run: Run) -> None:
    _own(run, "before")
    with closing(sqlite3.connect(DB, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        other.execute("delete from tips")
        run("backup", "backup.db")
        other.execute("ROLLBACK")
    database.check(Path("backup.db"), MIGRATIONS)
    run("restore", "backup.db")
    assert _has(run, "before")


def test_an_older_backup_is_migrated_and_seeded(run: Run) -> None:
    _older("older.db")
    assert " 0 tips" not in run("restore", "older.db")
    run("doctor")


def test_an_earlier_backup_may_be_replaced(run: Run) -> None:
    run("backup", "backup.db")
    _own(run, "after")
    run("backup", "backup.db")
    run("restore", "backup.db")
    assert _has(run, "after")


@pytest.mark.parametrize(
    ("target", "make", "said"),
    [
        ("folder", lambda path: Path(path).mkdir(), "is a folder; give the name of a file"),
        ("notes.txt", _text, "is not a Digivinkki database"),
        ("places.db", _another_programs, "is not a Digivinkki database"),
        ("newer.db", _newer, "is from a newer version"),
        ("nowhere/backup.db", _nothing, "no such folder"),
        ("digivinkki.db", _nothing, "is the database itself"),
        ("folder/../digivinkki.db", _nothing, "is the database itself"),
        ("link.db", lambda path: Path(path).symlink_to(DB), "is the database itself"),
        ("x" * 5_000, _nothing, "File name too long"),
    ],
)
@pytest.mark.parametrize("there", [True, False])
def test_a_backup_replaces_nothing_but_a_backup(
    run: Run, refused: Run, target: str, make: Callable[[str], None], said: str, there: bool
) -> None:
    if there:
        run("doctor")
    make(target)
    is_file = target in ("notes.txt", "places.db", "newer.db")
    before = Path(target).read_bytes() if is_file else b""
    assert said in refused("backup", target)
    assert not is_file or Path(target).read_bytes() == before


def test_a_backup_onto_a_full_disk_is_refused_and_the_earlier_one_stays(run: Run, refused: Run) -> None:
    run("backup", "backup.db")
    before = Path("backup.db").read_bytes()
    with full_disk(64_000):
        assert "backup.db: the database cannot be" in refused("backup", "backup.db")
    assert Path("backup.db").read_bytes() == before


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (_nothing, "source.db: no such file"),
        (lambda path: Path(path).mkdir(), "source.db: no such file"),
        (_text, "source.db: the database is not a Digivinkki database"),
        (_another_programs, "source.db: is not a Digivinkki database"),
        (_damaged, "source.db: the database is"),
        (_newer, "source.db: this database is from a newer version of Digivinkki; update the program first"),
    ],
    ids=["missing", "folder", "text", "another program's", "damaged", "newer"],
)
@pytest.mark.parametrize("there", [True, False])
def test_a_bad_backup_is_refused_and_the_old_database_untouched(
    run: Run, refused: Run, make: Callable[[str], None], said: str, there: bool
) -> None:
    if there:
        _own(run, "before")
    make("source.db")
    before = DB.read_bytes() if there else None
    assert said in refused("restore", "source.db")
    assert (DB.read_bytes() if DB.exists() else None) == before
    assert not _kept()


def test_the_database_is_not_restored_from_itself(run: Run, refused: Run) -> None:
    run("doctor")
    assert "is the database itself" in refused("restore", "./digivinkki.db")


@pytest.mark.parametrize("spoil", [_damaged, _text, _newer, _another_programs])
def test_a_restore_mends_a_database_that_cannot_be_used(run: Run, refused: Run, spoil: Callable[[str], None]) -> None:
    _own(run, "before")
    run("backup", "backup.db")
    DB.unlink()
    spoil(str(DB))
    refused("tips", "export", "out")
    run("restore", "backup.db")
    assert _has(run, "before")
    assert len(_kept()) == 1


def test_a_database_damaged_in_the_middle_is_found_and_mended(run: Run, refused: Run) -> None:
    _own(run, "before")
    run("backup", "backup.db")
    data = bytearray(DB.read_bytes())
    data[8_192:] = b"\xa5" * (len(data) - 8_192)
    DB.write_bytes(data)
    assert "is damaged; restore a backup" in refused("doctor")
    assert "is damaged; restore a backup" in refused("tips", "export", "out")
    run("restore", "backup.db")
    assert _has(run, "before")


def test_a_locked_database_is_not_restored_over(run: Run, refused: Run) -> None:
    _own(run, "before")
    run("backup", "backup.db")
    _own(run, "after")
    with locked(DB):
        assert "digivinkki.db: the database is locked by another program" in refused("restore", "backup.db")
    assert _has(run, "after")
    assert not _kept()


@pytest.mark.parametrize("imports_after", [0, 1, 3])
def test_a_running_server_notices_a_restore(run: Run, imports_after: int) -> None:
    _own(run, "before")
    run("backup", "backup.db")
    for number in range(imports_after):
        _own(run, f"after-{number}")
    with closing(app.open_stores(Settings()).database) as opened:
        library = app.Stores.of(opened, DB).library
        read = library.read()
        run("restore", "backup.db")
        again = library.read()
    assert again.revision > read.revision
    ids = {tip.id for tip in again.pack.tips}
    assert "before" in ids
    assert not ids & {f"after-{number}" for number in range(imports_after)}


def test_a_server_notices_a_backup_of_the_same_revision(run: Run) -> None:
    _own(run, "there", "--database", "other.db")
    _own(run, "here")
    with closing(app.open_stores(Settings()).database) as opened:
        revision = store.TipStore(opened).revision()
        with closing(app.open_stores(Settings(database=Path("other.db"))).database) as other:
            assert store.TipStore(other).revision() == revision
        run("restore", "other.db")
        assert store.TipStore(opened).revision() > revision


# --- Doctor -------------------------------------------------------------------------------------------------------


def test_a_fresh_installation_is_well_and_says_what_is_left_to_do(run: Run) -> None:
    said = run("doctor")
    assert "ok     database digivinkki.db: whole, of this version, writable" in said
    assert "0 of them your own" in said
    assert "not told yet: organisation, it_support, phishing_report, password_page" in said
    assert "note   nobody has the role IT" in said
    assert "WRONG" not in said


def test_what_was_told_is_not_asked_for_again(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIGIVINKKI_IT", "anna")
    with closing(app.open_stores(Settings()).database) as opened:
        app.Stores.of(opened, DB).facts.put("organisation", "Mallila")
    _own(run, "own")
    said = run("doctor")
    assert "not told yet: it_support," in said
    assert "nobody has the role IT" not in said
    assert "1 of them your own" in said


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"MicrosoftAppId": "a", "MicrosoftAppTenantId": "t"}, "MicrosoftAppPassword"),
        ({"MicrosoftAppId": "a", "MicrosoftAppPassword": "p"}, "MicrosoftAppTenantId"),
        ({"SLACK_BOT_TOKEN": "x"}, "SLACK_SIGNING_SECRET"),
        ({"DIGIVINKKI_PUBLIC_URL": "http://vinkit.kunta.fi"}, "DIGIVINKKI_PUBLIC_URL"),
        ({"DIGIVINKKI_PUBLIC_URL": "vinkit.kunta.fi"}, "DIGIVINKKI_PUBLIC_URL must be a whole address"),
        ({"DIGIVINKKI_LANGUAGE": "de"}, "DIGIVINKKI_LANGUAGE must be fi, sv or en"),
    ],
)
def test_a_wrong_setting_is_named(
    refused: Run, monkeypatch: pytest.MonkeyPatch, settings: dict[str, str], said: str
) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    assert said in refused("doctor")


def test_no_secret_is_ever_printed(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MicrosoftAppPassword", "SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET", "SLACK_APP_TOKEN"):
        monkeypatch.setenv(name, "s3cret")
    monkeypatch.setenv("MicrosoftAppId", "a")
    app.main(["doctor"])
    printed = capsys.readouterr()
    assert "Slack" in printed.out
    assert "s3cret" not in printed.out + printed.err


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (_text, "WRONG  digivinkki.db: the database is not a Digivinkki database"),
        (_another_programs, "WRONG  digivinkki.db: is not a Digivinkki database"),
        (_newer, "WRONG  digivinkki.db: this database is from a newer version of Digivinkki"),
        (_damaged, "WRONG  digivinkki.db: the database is"),
    ],
)
def test_a_database_that_cannot_be_used_is_said(refused: Run, spoil: Callable[[str], None], said: str) -> None:
    spoil(str(DB))
    printed = refused("doctor")
    assert said in printed
    assert printed.endswith("digivinkki: 1 thing to mend, see above\n")


def test_a_locked_database_is_not_called_writable(run: Run, refused: Run) -> None:
    run("doctor")
    with locked(DB):
        assert "WRONG  digivinkki.db: the database is locked by another program" in refused("doctor")


def test_no_tips_in_force_is_wrong(run: Run, refused: Run) -> None:
    Path("hide.jsonl").write_text('{"id": "mfa-why", "hidden": true}\n', encoding="utf-8")
    run("tips", "import", "--only", "hide.jsonl")
    assert "WRONG  no tips in force" in refused("doctor")


def test_a_disk_that_is_nearly_full_is_wrong(refused: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "_LEAST_SPACE", 10**18)
    assert "MB of disk are free" in refused("doctor")


# --- A database that cannot be written ----------------------------------------------------------------------------


def test_a_read_only_database_is_said_and_its_tips_stay(run: Run, refused: Run, nobodys_folder: Path) -> None:
    _own(run, "before")
    os.chmod(DB, 0o400)
    assert "read-only" in refused("tips", "import", "--only", "own.csv")
    assert "WRONG  digivinkki.db: the database cannot be written" in refused("doctor")
    for file in Path().glob("digivinkki.db*"):
        os.chmod(file, 0o600)
    run("doctor")
    assert _has(run, "before")


@pytest.mark.parametrize("command", [["doctor"], ["backup", "x.db"], ["tips", "export", "x"], ["ask", "moi"]])
def test_a_read_only_folder_is_said_in_one_line(refused: Run, nobodys_folder: Path, command: list[str]) -> None:
    os.chmod(nobodys_folder, 0o500)
    assert "no permission" in refused(*command)


def test_a_full_disk_is_said_and_the_old_tips_stay(run: Run, refused: Run) -> None:
    _own(run, "before")
    rows = "".join(f"large-{number},Iso,{'sana ' * 3_000}\n" for number in range(50))
    Path("large.csv").write_text(f"id,title,text\n{rows}", encoding="utf-8")
    with full_disk(64_000):
        assert "the disk is full" in refused("tips", "import", "--only", "large.csv")
    assert (_has(run, "before"), _has(run, "large-0"), _has(run, "mfa-why")) == (True, False, True)


def test_a_database_that_cannot_be_created_leaves_nothing_half_made(run: Run, refused: Run) -> None:
    with full_disk(8192):
        assert "full" in refused("doctor")
    assert _has(run, "mfa-why")
    run("doctor")


@pytest.mark.parametrize("place", ["nowhere/digivinkki.db", "x" * 5_000, "a-file/digivinkki.db"])
def test_a_database_that_cannot_be_there_is_said_in_one_line(refused: Run, place: str) -> None:
    Path("a-file").touch()
    refused("backup", "backup.db", "--database", place)


def test_a_folder_in_the_place_of_the_database_is_said_in_one_line(
    refused: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("folder").mkdir()
    assert "is a directory" in refused("doctor", "--database", "folder")
    monkeypatch.setenv("DIGIVINKKI_DATABASE", "folder")
    assert "folder: the database cannot be opened" in refused("doctor")
