"""`measure`: how good the answers are, naive FTS5 beside them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from time import perf_counter

import click

from commands.context import Context, database_option
from commands.waiting import whole
from tips.analysis import voikko_analyser
from tips.answering import KnowledgeBase
from tips.errors import QuestionsError
from tips.gain import gain, told
from tips.library import Library, Snapshot
from tips.measuring import measure as measured
from tips.measuring import table
from tips.models import Tip
from tips.questions import read

_file = click.Path(path_type=Path)


@click.command()
@click.argument("questions", type=_file)
@click.argument("unanswerable", type=_file)
@click.option("--themes", default="", help="Only the questions whose tips are of these themes: a,b.")
@click.option("--bare", is_flag=True, help="As if the tips had titles and bodies alone, as imported ones may.")
@click.option("--light", is_flag=True, help="Without likeness in meaning.")
@click.option("--learning", is_flag=True, help="What a question fed back as a learnt phrasing does for others.")
@database_option
@click.pass_obj
def measure(
    context: Context, questions: Path, unanswerable: Path, themes: str, bare: bool, light: bool, learning: bool
) -> None:
    """Ask all QUESTIONS and UNANSWERABLE ones and print recall, precision and coverage."""
    asked, without = read(questions), read(unanswerable)
    wanted = set(filter(None, themes.split(",")))
    with context.stores() as stores:
        library = Library(stores.tips, precision=context.settings.precision) if light else stores.library
        snapshot = library.read()
        if bare:
            snapshot = replace(snapshot, pack=replace(snapshot.pack, tips=tuple(_bare(snapshot.pack.tips))))
        snapshot = whole(library, snapshot)
    if unknown := wanted - snapshot.themes.keys():
        raise QuestionsError(f"no such theme: {', '.join(sorted(unknown))}; there are {', '.join(snapshot.themes)}")
    base = snapshot.base
    tips = {tip.id for tip in base.tips.values() if not wanted or tip.theme in wanted}
    voikko = "with Voikko" if voikko_analyser() else "without Voikko"
    kind = "bare tips" if bare else "tips"
    ranking = f"hybrid ranking by {snapshot.embedder.name}" if snapshot.embedder else "light ranking"
    click.echo(f"{len(base.tips)} {kind}, {ranking}, {voikko}; FTS5: unicode61, OR, as it comes\n")
    if learning:
        chosen = [question for question in asked if question.gold in tips]
        click.echo(told(gain(snapshot.pack.tips, chosen, lambda taught: _of(snapshot, taught))))
        return
    click.echo(table(measured(base, asked, without, tips, perf_counter)))


def _of(snapshot: Snapshot, tips: Sequence[Tip]) -> KnowledgeBase:
    """The knowledge base of those tips in the place of the snapshot's."""
    pack = replace(snapshot.pack, tips=tuple(tips))
    return replace(snapshot, pack=pack, confidence=snapshot.base.confidence, built=None).base


def _bare(tips: Iterable[Tip]) -> Iterator[Tip]:
    for tip in tips:
        yield replace(
            tip, texts={language: replace(text, phrasings=(), learnt=()) for language, text in tip.texts.items()}
        )
