"""The helpdesk beside the server: letters go out over the same connections, and what is due by itself is done."""

from __future__ import annotations

import asyncio
from collections import ChainMap
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import cast

import structlog
from aiohttp import web

from bot.courier import Courier, Writer
from bot.letters import Letters
from bot.mail import Mailer
from bot.mailserver import CHANNEL, MailServer
from tips.errors import DatabaseError
from web.desk import ServerDesk
from web.posting import RUNNER, Posting

_TICK = 60.0  # seconds

_log = structlog.get_logger()


def add_helping(app: web.Application, desk: ServerDesk, posting: Posting, mail: MailServer | None) -> None:
    """Runs while the server serves, in the process that posts. After the scheduler, so that this is known."""
    by_mail: dict[str, Writer] = {CHANNEL: Mailer(mail)} if mail else {}
    writers = ChainMap(by_mail, cast(dict[str, Writer], posting.publishers))  # these come when their channels open
    stores, assistant = posting.stores, desk.assistant
    helpdesk, needs = assistant.helpdesk, assistant.needs
    letters = Letters(stores.people, stores.outbox, helpdesk, assistant.drafting, assistant.language, needs)
    courier = Courier(stores.outbox, letters.compose, stores.conversations, writers, desk.run, desk.now)

    async def ticking() -> None:
        while True:
            try:
                if app[RUNNER].posts:
                    await desk.run(lambda: helpdesk.book.tick(desk.now()))
                    await desk.run(lambda: needs.tick(desk.now()))
            except DatabaseError as error:
                _log.error("helpdesk", reason=str(error))
            except Exception as error:  # noqa: BLE001  the loop must outlive it
                desk.failed(error)
            await asyncio.sleep(_TICK)

    async def running(app: web.Application) -> AsyncIterator[None]:
        tasks = [asyncio.create_task(courier.keep_on(lambda: app[RUNNER].posts)), asyncio.create_task(ticking())]
        yield
        for task in tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    app.cleanup_ctx.append(running)
