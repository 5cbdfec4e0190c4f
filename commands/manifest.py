"""`manifest teams | slack`: the files with which the bot is added to Teams and to Slack."""

from __future__ import annotations

from pathlib import Path

import click

from bot.settings import Settings
from bot.slack import manifest as slack_app
from bot.teams import manifest as teams_app
from commands.connection import is_guid
from commands.context import Context, database_option
from tips.errors import DigivinkkiError, SettingsError
from tips.fields import is_web_address
from web.paths import SLACK_PATH, TEAMS_PATH

_out = click.argument("out", type=click.Path(path_type=Path))


@click.group()
def manifest() -> None:
    """Write the app's manifest for Teams or for Slack."""


@manifest.command()
@_out
@click.option("--rsc", is_flag=True, help="Ask for every message of a team's channels, not only mentions.")
@click.option("--about", default="", metavar="URL", help="Your page on the bot and its privacy (else its address).")
@database_option
@click.pass_obj
def teams(context: Context, out: Path, rsc: bool, about: str) -> None:
    """Write the app package for Teams, a zip, to OUT."""
    settings = context.settings
    _check_app_id(settings)
    _check_address(settings, "Teams needs")
    if about and not is_web_address(about):
        raise SettingsError("--about must be a whole address such as https://www.kunta.fi/digivinkki")
    files = teams_app.package(settings, context.version, about=about, hears_all=rsc)
    _write(out, teams_app.zipped(files))
    click.echo(f"wrote {out}: Digivinkki {context.version} for app {settings.app_id}")
    click.echo(f"The messaging endpoint to write in Azure: {settings.public_url}{TEAMS_PATH}")


@manifest.command()
@_out
@click.option("--socket/--http", "socket", default=None, help="Else Socket Mode where SLACK_APP_TOKEN is set.")
@database_option
@click.pass_obj
def slack(context: Context, out: Path, socket: bool | None) -> None:
    """Write the app manifest for Slack, YAML, to OUT."""
    settings = context.settings
    by_socket = bool(settings.slack_app_token) if socket is None else socket
    if not by_socket:
        _check_address(settings, "without --socket Slack needs")
    data = slack_app.manifest(settings, SLACK_PATH, socket=by_socket)
    _write(out, slack_app.written(data).encode())
    how = "Socket Mode, no public address" if by_socket else f"HTTP, {settings.public_url}{SLACK_PATH}"
    click.echo(f"wrote {out}: {how}")


def _check_app_id(settings: Settings) -> None:
    if not settings.app_id:
        raise SettingsError("MicrosoftAppId is not set: register the bot first, docs/connect-teams.md")
    if not is_guid(settings.app_id):
        raise SettingsError("MicrosoftAppId is no app id; one is like 00000000-0000-0000-0000-000000000000")


def _check_address(settings: Settings, who_needs: str) -> None:
    if not settings.public_url:
        raise SettingsError(f"DIGIVINKKI_PUBLIC_URL is not set: {who_needs} a public https:// address, docs/server.md")
    if not settings.public_url.startswith("https://"):
        raise SettingsError(f"DIGIVINKKI_PUBLIC_URL is {settings.public_url}: {who_needs} https://, docs/server.md")


def _write(out: Path, content: bytes) -> None:
    if out.is_dir():
        raise DigivinkkiError(f"{out}: is a folder; give the name of a file")
    if not out.parent.is_dir():
        raise DigivinkkiError(f"{out}: there is no folder {out.parent}")
    try:
        out.write_bytes(content)
    except OSError as error:
        raise DigivinkkiError(f"{out}: {error.strerror or error}") from None
