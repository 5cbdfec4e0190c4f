"""`doctor`: what is wrong, and how to mend it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from enum import StrEnum

import click

from bot.settings import Settings
from bot.stores import MIGRATIONS, Stores
from commands.context import Context, database_option
from tips import database
from tips.analysis import voikko_analyser
from tips.errors import DatabaseError, DigivinkkiError
from tips.facts import known_facts

_LEAST_SPACE = 200_000_000  # bytes


class State(StrEnum):
    """How bad it is. Only `WRONG` makes the command end with 2."""

    OK = "ok"
    NOTE = "note"
    WRONG = "WRONG"


Finding = tuple[State, str, str]  # state, what, how to mend it


@click.command()
@database_option
@click.pass_obj
def doctor(context: Context) -> None:
    """Look at settings, database, credentials and content; say what is wrong and how to mend it."""
    findings = [*_of_settings(context.settings), *_of_database(context)]
    for state, what, mend in findings:
        click.echo(f"{state.value:6} {what}" + (f"\n       -> {mend}" if mend else ""))
    wrong = sum(state is State.WRONG for state, _, _ in findings)
    if wrong:
        raise DigivinkkiError(f"{wrong} thing{'s' if wrong > 1 else ''} to mend, see above")


def _of_settings(settings: Settings) -> Iterator[Finding]:
    if settings.app_id and not (settings.app_password or settings.app_type == "UserAssignedMSI"):
        yield State.WRONG, "MicrosoftAppId is set without MicrosoftAppPassword", "copy the secret from Azure to .env"
    elif settings.app_id:
        yield State.OK, "Teams: credentials are set", ""
    if settings.app_id and not settings.app_tenant:
        yield State.WRONG, "MicrosoftAppTenantId is missing", "the registration is single-tenant: name its tenant"
    if settings.slack_bot_token and not (settings.slack_signing_secret or settings.slack_app_token):
        mend = "set SLACK_SIGNING_SECRET (HTTP) or SLACK_APP_TOKEN (Socket Mode)"
        yield State.WRONG, "SLACK_BOT_TOKEN is set alone", mend
    elif settings.slack_bot_token:
        yield State.OK, "Slack: credentials are set", ""
    if not settings.has_credentials:
        yield State.NOTE, "no credentials: chat preview only, on this computer", ""
    if not settings.public_url:
        yield (
            State.NOTE,
            "DIGIVINKKI_PUBLIC_URL is not set",
            "links in posts need the address under which staff reach this",
        )
    elif not settings.public_url.startswith("https://"):
        yield State.WRONG, f"DIGIVINKKI_PUBLIC_URL is {settings.public_url}", "Teams and browsers want https://"
    if voikko_analyser():
        yield State.OK, "Voikko: Finnish is analysed by its base forms", ""
    else:
        mend = "Debian: apt-get install libvoikko1 voikko-fi. Finnish is found better with it"
        yield State.NOTE, "Voikko is not installed: Finnish is searched by stems", mend


def _of_database(context: Context) -> Iterator[Finding]:
    path = context.settings.database
    try:
        with context.stores() as stores:
            database.check(path, MIGRATIONS)
            database.check_writable(stores.database, path)
            yield State.OK, f"database {path}: whole, of this version, writable", ""
            yield from _of_content(stores)
    except DatabaseError as error:
        yield State.WRONG, str(error), ""
        return
    free = shutil.disk_usage(path.resolve().parent).free
    if free < _LEAST_SPACE:
        yield State.WRONG, f"only {free // 1_000_000} MB of disk are free", "make room: the database cannot grow"


def _of_content(stores: Stores) -> Iterator[Finding]:
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
