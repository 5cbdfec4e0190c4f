"""`calendar import | export | show | simulate`: the year in and out, and a look ahead."""

from __future__ import annotations

from pathlib import Path

import click

from bot.known import known
from commands.context import Context, database_option
from scheduler.calendarfiles import read, write
from scheduler.errors import CalendarError
from tips import database

_path = click.Path(path_type=Path)


@click.group(invoke_without_command=True)
@database_option
@click.pass_context
def calendar(context: click.Context) -> None:
    """The annual calendar: .yaml or .ics."""
    if context.invoked_subcommand is None:
        raise click.UsageError("say what to do with the calendar: import, export, show or simulate")


@calendar.command("import")
@click.argument("path", type=_path)
@database_option
@click.pass_obj
def import_(context: Context, path: Path) -> None:
    """Lay entries of your own over the calendar: override by id, hide, add."""
    with context.stores() as stores, database.explained(context.settings.database):
        entries = read(path, stores.calendar.everything())
        try:
            known(stores).check(entries)
        except CalendarError as error:
            raise error.at(file=path) from None
        stores.calendar.add(entries)
        count = len(stores.calendar.in_force())
    click.echo(f"{len(entries)} entries imported from {path}; {count} entries in force")


@calendar.command()
@click.argument("path", type=_path)
@database_option
@click.pass_obj
def export(context: Context, path: Path) -> None:
    """Write the entries in force as a .yaml or .ics file."""
    with context.stores() as stores, database.explained(context.settings.database):
        entries = stores.calendar.in_force()
    write(entries, path)
    click.echo(f"{len(entries)} entries exported to {path}")
