"""`calendar import | export | show | simulate`: the year in and out, and a look ahead."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import click

from bot.stores import Stores
from commands.context import Context, database_option
from scheduler.calendarfiles import read, write
from scheduler.entryfields import EVERYBODY, PROFILE
from scheduler.errors import CalendarError
from scheduler.models import Entry
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
        _refuse_unknown(entries, stores, path)
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


def _refuse_unknown(entries: Iterable[Entry], stores: Stores, path: Path) -> None:
    """Raises CalendarError where an entry names a theme that no tip has, or a destination that nobody subscribed."""
    tips = [*stores.tips.starter(), *stores.tips.in_force().tips]
    themes = {tip.theme for tip in tips}
    destinations = {destination.id for destination in stores.destinations.all(active=False)} | {EVERYBODY}
    for entry in entries:
        for field, theme in [("theme", entry.theme), *((f"weeks.{week}", name) for week, name in entry.weeks.items())]:
            if theme and theme not in themes:
                raise CalendarError(f"unknown theme {theme!r}", file=path, entry=entry.id, field=field)
        for to in entry.to:
            if not to.startswith(PROFILE) and to not in destinations:
                raise CalendarError(f"unknown destination {to!r}", file=path, entry=entry.id, field="to")
