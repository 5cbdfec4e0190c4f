"""Digivinkki's composition root and command line: everything is put together here and nowhere else."""

from __future__ import annotations

import asyncio
import io
import logging
import sqlite3
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import click
import structlog
from aiohttp import web

from bot.assistant import Assistant
from bot.posts import Posts
from bot.publishing import PostPlaces
from bot.retention import purge
from bot.settings import Settings, environment
from bot.signins import CONSOLE
from bot.stores import MIGRATIONS, Stores
from bot.telling import Alerts
from commands.ask import ask
from commands.calendar import calendar
from commands.context import Context, database_option
from commands.database import backup, restore
from commands.doctor import doctor
from commands.manifest import manifest
from commands.measure import measure
from commands.people import people
from commands.planning import show, simulate_
from commands.serve import serve as serve_command
from commands.tips import tips
from scheduler import starter as scheduler_starter
from scheduler.posting import Composer, Report
from tips import database, starter
from tips.embedding import embedder
from tips.errors import DatabaseError, DigivinkkiError, SettingsError
from web.desk import Clock, ServerDesk
from web.guard import is_loopback
from web.metrics import Metrics

VERSION = "0.1.0"
_SERVER_WAITS = 500  # milliseconds for another process's write


@click.group()
@click.version_option(VERSION, prog_name="digivinkki")
@database_option
def cli() -> None:
    """Digivinkki: digital tips for staff, in Teams, Slack and the browser."""


for command in (serve_command, ask, tips, calendar, people, measure, manifest, doctor, backup, restore):
    cli.add_command(command)
for command in (show, simulate_):
    calendar.add_command(command)


def now() -> datetime:
    """The clock of the running program."""
    return datetime.now(UTC)


def open_stores(settings: Settings) -> Stores:
    """The database of the settings, created, migrated and seeded where needed."""
    opened = database.connect(settings.database, MIGRATIONS)
    try:
        model = embedder(settings.embedder)
        stores = Stores.of(
            opened, settings.database, settings.it_people, settings.precision, model, settings.tutors_first
        )
        with database.explained(settings.database):
            starter.seed(stores.tips)
            scheduler_starter.seed(stores.calendar)
    except BaseException:
        opened.close()
        raise
    return stores


def build(
    settings: Settings,
    stores: Stores,
    clock: Clock = now,
    composer: Composer | None = None,
    report: Report | None = None,
    *,
    posts: bool = False,
) -> tuple[web.Application, ServerDesk]:
    """The server's application over open stores. Tests hand in their own clock and stores.

    Where it `posts`, or somebody else writes the posts, the scheduler runs beside it; `report` tells IT of what failed,
    in the chat where nothing else is given.
    """
    # Here, so that `ask` and the other commands need not wait for the chat SDKs.
    from web.posting import Posting, Publishers  # noqa: PLC0415
    from web.server import application  # noqa: PLC0415

    language, support = settings.language, settings.mail.support if settings.mail else ""
    assistant = Assistant(
        stores, language, settings.organisation, settings.subscribe, settings.public_url, support=support
    )
    metrics = Metrics()
    desk = ServerDesk(assistant, stores, lambda moment: purge(stores.database, moment), metrics, clock)
    publishers: Publishers = {}
    if posts and composer is None:
        composer = Posts(assistant.material, clock)
    if composer and report is None:
        places = PostPlaces(stores.destinations, stores.conversations, stores.people)
        report = Alerts(stores, publishers, places.get, desk.run, clock, settings.language).report
    posting = Posting(stores, composer, report, publishers) if composer and report else None
    return application(desk, metrics, settings, posting), desk


def serve(settings: Settings, host: str, port: int) -> None:
    """Serves until it is stopped. Raises SettingsError where it may not, or cannot, listen there."""
    if not settings.has_credentials and not is_loopback(host):
        raise SettingsError(f"without credentials Digivinkki listens on this computer only, not on {host}")
    _log_to_stderr()
    if not settings.has_credentials and not settings.public_url:
        settings = replace(settings, public_url=_address(host, port))  # on this computer, that is how it is reached
    stores = open_stores(settings)
    # People wait: better an answer that is not stored than five seconds for another program's lock.
    stores.database.execute(f"PRAGMA busy_timeout = {_SERVER_WAITS}")
    try:
        app, desk = build(settings, stores, now, posts=True)
        asyncio.run(desk.refresh())

        def invite() -> None:
            try:
                with database.explained(settings.database):
                    for line in _invitations(stores, host, port, local=not settings.has_credentials):
                        click.echo(line)
            except DatabaseError as error:
                click.echo(f"{error}. For IT's code and the link, start again")

        def announce(_: str) -> None:
            # Once the port is ours: a second server that fails must not void the first one's code.
            click.echo(f"Digivinkki answers on {_address(host, port)} (Ctrl+C stops it)")
            # The scheduler is at work by now, and two threads' transactions on one connection end each other.
            desk.later(invite)

        try:
            web.run_app(app, host=host, port=port, access_log=None, print=announce)
        except OSError as error:
            raise SettingsError(f"cannot listen on {host}:{port}: {error.strerror or error}; try --port") from None
        finally:
            desk.stop()
    finally:
        stores.database.close()


def _address(host: str, port: int) -> str:
    return f"http://{'localhost' if host in ('127.0.0.1', '::1') else host}:{port}"


def _invitations(stores: Stores, host: str, port: int, *, local: bool) -> Iterator[str]:
    """The code for the role of IT, where nobody has it, and on this computer a link to the pages."""
    if not stores.people.has_it():
        yield f"IT: type this one-time code to the bot to take the role: {stores.claims.new_code()}"
    if local:
        token = stores.signins.new_link(CONSOLE, "/vuosikello", now())
        address = f"{_address(host, port)}/kirjaudu/{token}"
        yield f"The programme's pages, by a link that works once, for ten minutes: {address}"


class _TypesOnly(logging.Handler):
    """What libraries log, without their words: a message or a traceback may quote what a person wrote."""

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[0] if record.exc_info else None
        structlog.get_logger().log(
            record.levelno, "library_message", logger=record.name, error=error.__name__ if error else None
        )


def _log_to_stderr() -> None:
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    logging.captureWarnings(True)
    root = logging.getLogger()
    if not any(isinstance(handler, _TypesOnly) for handler in root.handlers):
        root.addHandler(_TypesOnly())  # aiohttp.server and asyncio have none of their own: theirs come here


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line; 0, or 2 with one line on standard error."""
    _write_utf8()
    given = _with_command(list(sys.argv[1:] if arguments is None else arguments))
    try:
        context = Context(Settings.from_environ(environment()), open_stores, serve, VERSION)
        cli.main(given, prog_name="app.py", standalone_mode=False, obj=context)
    except DigivinkkiError as error:
        return _fail(str(error))
    except click.ClickException as error:
        return _fail(error.format_message())
    except (KeyboardInterrupt, click.Abort):
        return 130
    except BrokenPipeError:
        return 0
    except (sqlite3.Error, OSError) as error:
        return _fail(_plainly(error))
    return 0


def _write_utf8() -> None:
    """Makes output UTF-8, whatever the code page; a console of another encoding shows ? for what it lacks."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding=stream.encoding if stream.isatty() else "utf-8", errors="replace")


def _with_command(given: list[str]) -> list[str]:
    """The arguments with `serve` where they name no command; --database may stand before one."""
    if given[:1] in (["--help"], ["--version"]):
        return given
    database_first = given[:1] == ["--database"]
    rest = given[2:] if database_first else given[1:] if given and given[0].startswith("--database=") else given
    return given if rest and not rest[0].startswith("-") else ["serve", *given]


def _plainly(error: sqlite3.Error | OSError) -> str:
    if isinstance(error, sqlite3.Error):
        return database.reason(error)
    return ": ".join(str(part) for part in (error.filename, error.strerror or error) if part)


def _fail(reason: str) -> int:
    click.echo(f"digivinkki: {' '.join(reason.split())}", err=True)
    return 2


if __name__ == "__main__":
    sys.exit(main())
