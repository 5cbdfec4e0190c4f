"""`tips import | export | check`: packs in and out."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import click

from bot.signins import CONSOLE
from commands.context import Context, database_option
from tips import database
from tips.checking import figures, problems, unchecked
from tips.database import writing
from tips.errors import PackError
from tips.learnt import with_phrasings
from tips.models import LANGUAGES, Pack
from tips.packcsv import left_out
from tips.packfiles import read, write
from tips.programme import is_programme, sessions_of, text_of
from tips.programme import read as read_programme
from tips.programmechecking import problems as programme_problems
from tips.starter import starter_pack

_path = click.Path(path_type=Path)


@click.group(invoke_without_command=True)
@database_option
@click.pass_context
def tips(context: click.Context) -> None:
    """Packs of tips: .yaml, .jsonl, .csv, or a folder of them."""
    if context.invoked_subcommand is None:
        raise click.UsageError("say what to do with tips: import, export or check (tips --help tells more)")


@tips.command("import")
@click.argument("path", type=_path)
@click.option("--only/--with-others", default=None, help="Hide all tips that are not in this pack / show them again.")
@database_option
@click.pass_obj
def import_(context: Context, path: Path, only: bool | None) -> None:
    """Lay a pack of your own over the tips, or sessions, that are there: override by id, hide, add."""
    if is_programme(path):
        _import_sessions(context, path, only)
        return
    pack = read(path)
    with context.stores() as stores, database.explained(context.settings.database):
        unknown = stores.tips.without_a_tip(pack)
        with writing(stores.database):
            now = datetime.now(UTC)
            stores.history.add(pack, only, now)
            stores.audit.note(CONSOLE, "imported_vinkit", path.name, now)
        count = len(stores.tips.in_force().tips)
    for tip_id in unknown:
        click.echo(f"warning: no tip has the id {tip_id}; hiding or showing it changes nothing")
    click.echo(f"{len(pack.tips)} tips imported from {path}; {count} tips in force")


def _import_sessions(context: Context, path: Path, only: bool | None) -> None:
    if only is not None:
        raise click.UsageError("--only and --with-others are for tips: a pack of sessions hides nothing")
    sessions = sessions_of(read_programme(path))
    with context.stores() as stores, database.explained(context.settings.database):
        known, tips = stores.tips.themes(), stores.tips.ids()
        changed = stores.sessions.add(sessions, datetime.now(UTC))
    for session in sessions:
        if session.id not in known:
            click.echo(f"warning: no theme has the id {session.id}; its session shows when a tip has that theme")
        for tip in session.tips:
            if tip not in tips:
                click.echo(f"warning: session {session.id}: no tip has the id {tip}; it is left out")
    click.echo(f"{len(sessions)} sessions imported from {path}; {changed} changed")


@tips.command()
@click.argument("path", type=_path)
@click.option("--sessions", is_flag=True, help="The sessions in force instead, to a .yaml file.")
@database_option
@click.pass_obj
def export(context: Context, path: Path, *, sessions: bool) -> None:
    """Write the tips in force: by suffix a .yaml, .jsonl or .csv file, else a folder with a file a theme."""
    if sessions:
        _export_sessions(context, path)
        return
    with context.stores() as stores, database.explained(context.settings.database):
        pack = stores.tips.in_force()
        # Wordings that nobody has read may hold somebody's name: those that a tutor approved go along.
        pack = replace(pack, tips=with_phrasings(pack.tips, stores.lessons.approved()))
        pack = stores.tips.with_images(pack)
    write(pack, path)
    click.echo(f"{len(pack.tips)} tips exported to {path}")
    if path.suffix.lower() == ".csv" and (lost := left_out(pack)):
        click.echo(f"note: CSV cannot hold {', '.join(lost)}: left out; .yaml, .jsonl or a folder keeps all")


def _export_sessions(context: Context, path: Path) -> None:
    if path.suffix.lower() != ".yaml":
        raise PackError("sessions are written to a .yaml file", file=path)
    with context.stores() as stores, database.explained(context.settings.database):
        found = stores.sessions.in_force().sessions.values()
    try:
        path.write_text(text_of(found), encoding="utf-8")
    except OSError as error:
        raise PackError(f"cannot be written: {error.strerror}", file=path) from error
    click.echo(f"{len(found)} sessions exported to {path}")


@tips.command()
@click.argument("path", type=_path)
@click.option("--strict", is_flag=True, help="As the starter content must be: languages, lengths, phrasings, spelling.")
@database_option
def check(path: Path, strict: bool) -> None:
    """Say what is wrong with a pack, or with sessions and guides, or that nothing is. Nothing is imported."""
    if is_programme(path):
        _check_programme(path, strict)
        return
    pack = read(path)
    if strict:
        _check_strictly(pack, path)
    click.echo(f"{path}: {len(pack.tips)} tips in {len(pack.themes)} themes, nothing wrong")


def _check_programme(path: Path, strict: bool) -> None:
    programme = read_programme(path)
    if strict:
        _refuse(list(programme_problems(programme, {tip.id for tip in starter_pack().tips})), path)
        _note_unchecked()
    click.echo(f"{path}: {len(programme.sessions)} sessions, {len(programme.guides)} guides, nothing wrong")


def _check_strictly(pack: Pack, path: Path) -> None:
    _refuse(list(problems(pack)), path)
    _note_unchecked()
    click.echo(f"{'':4}{'tips':>6}{'words a body':>14}{'words a sentence':>18}{'phrasings a tip':>17}")
    for language in LANGUAGES:
        if of_language := figures(pack, language):
            row = of_language
            click.echo(f"{language:4}{row.tips:6}{row.words:14.1f}{row.sentence:18.1f}{row.phrasings:17.1f}")


def _refuse(found: list[PackError], path: Path) -> None:
    """Raises the last of the problems, the others shown before it."""
    for problem in found[:-1]:
        click.echo(str(problem.at(file=path)))
    if found:
        last = found[-1].at(file=path)
        more = f" ({len(found)} problems in all)" if len(found) > 1 else ""
        raise PackError(last.reason + more, file=last.file, tip=last.tip, field=last.field)


def _note_unchecked() -> None:
    for language in unchecked():
        click.echo(f"note: spelling in {language} was not checked: no speller installed")
