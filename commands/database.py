"""`backup` and `restore`: the whole database as one file."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from bot.stores import MIGRATIONS
from commands.context import Context, database_option
from tips import database
from tips.errors import DatabaseError

_path = click.Path(path_type=Path)


@click.command()
@click.argument("path", type=_path)
@database_option
@click.pass_obj
def backup(context: Context, path: Path) -> None:
    """Write a consistent copy of the database to PATH, also while the server runs."""
    if path.is_dir():
        raise DatabaseError(f"{path}: is a folder; give the name of a file")
    if path.resolve() == context.settings.database.resolve():
        raise DatabaseError(f"{path}: is the database itself")
    if path.exists():
        database.check(path, MIGRATIONS)  # an older backup may be replaced, anything else may not
    with context.stores() as stores:
        database.copy(stores.database, path)
    click.echo(f"backed up to {path} ({path.stat().st_size // 1024} KB)")


@click.command()
@click.argument("path", type=_path)
@database_option
@click.pass_obj
def restore(context: Context, path: Path) -> None:
    """Put the backup at PATH in the database's place. The database that was there is kept beside it."""
    target = context.settings.database
    if path.resolve() == target.resolve():
        raise DatabaseError(f"{path}: is the database itself")
    revision = _revision(context)
    kept = database.restore(path, target, MIGRATIONS)
    with context.stores() as stores:
        stores.tips.revise(beyond=revision)
        # What went out since the backup nobody knows: what is overdue waits for IT's word.
        stores.deliveries.hold_overdue(datetime.now(UTC))
        count = len(stores.tips.in_force().tips)
    click.echo(f"restored {path}: {count} tips in force" + (f"; the old database is kept as {kept}" if kept else ""))


def _revision(context: Context) -> int:
    """The revision of the database that is replaced; 0 where it cannot be read, which is why people restore."""
    if not context.settings.database.exists():
        return 0
    try:
        with context.stores() as stores, database.explained(context.settings.database):
            return stores.tips.revision()
    except DatabaseError:
        return 0
