"""`measure`: how good the answers are, naive FTS5 beside them."""

from __future__ import annotations

from pathlib import Path

import click

from commands.context import Context, database_option
from tips.analysis import voikko_analyser
from tips.errors import QuestionsError
from tips.measuring import measure as measured
from tips.measuring import table
from tips.questions import read

_file = click.Path(path_type=Path)


@click.command()
@click.argument("questions", type=_file)
@click.argument("unanswerable", type=_file)
@click.option("--themes", default="", help="Only the questions whose tips are of these themes: a,b.")
@database_option
@click.pass_obj
def measure(context: Context, questions: Path, unanswerable: Path, themes: str) -> None:
    """Ask all QUESTIONS and UNANSWERABLE ones and print recall, precision and coverage."""
    asked, without = read(questions), read(unanswerable)
    wanted = set(filter(None, themes.split(",")))
    with context.stores() as stores:
        snapshot = stores.library.snapshot
    if unknown := wanted - snapshot.themes.keys():
        raise QuestionsError(f"no such theme: {', '.join(sorted(unknown))}; there are {', '.join(snapshot.themes)}")
    tips = {tip.id for tip in snapshot.base.tips.values() if not wanted or tip.theme in wanted}
    voikko = "with Voikko" if voikko_analyser() else "without Voikko"
    click.echo(f"{len(snapshot.base.tips)} tips, light ranking, {voikko}; FTS5: unicode61, OR, as it comes\n")
    click.echo(table(measured(snapshot.base, asked, without, tips)))
