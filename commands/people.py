"""`people import`: who has which role, from a table."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from bot import peoplefiles
from bot.peoplefiles import PeopleFileError
from bot.welcoming import welcome_tutor
from commands.context import Context, database_option
from tips import database
from tips.database import writing


@click.group(invoke_without_command=True)
@database_option
@click.pass_context
def people(context: click.Context) -> None:
    """Roles, units and what tutors know."""
    if context.invoked_subcommand is None:
        raise click.UsageError("say what to do with people: import (people --help tells more)")


@people.command("import")
@click.argument("path", type=click.Path(path_type=Path))
@database_option
@click.pass_obj
def import_(context: Context, path: Path) -> None:
    """Add what a CSV table tells: person, name, role, unit, topics, systems. Nobody is removed."""
    text, now = _text(path), datetime.now(UTC)
    with context.stores() as stores, database.explained(context.settings.database):
        names = {theme.id: [theme.id, *theme.titles.values()] for theme in stores.tips.in_force().themes}
        rows = peoplefiles.read(text, str(path), names)
        with writing(stores.database):
            new = peoplefiles.store(rows, stores.people, stores.units, now)
            for person in new:
                stores.outbox.put(welcome_tutor(person), now)
    click.echo(f"{len(rows)} people imported from {path}; {len(new)} new tutors")


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise PeopleFileError(f"{path}: is not UTF-8 text; save it as UTF-8") from None
    except OSError as error:
        raise PeopleFileError(f"{path}: cannot be read: {error.strerror}") from None
