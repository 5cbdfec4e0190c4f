"""Carries out what IT ordered in the chat, beside the scheduler of this server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

from aiohttp import web

from bot.orders import Clerk
from web.desk import ServerDesk
from web.posting import POSTING, RUNNER


def add_orders(app: web.Application, desk: ServerDesk) -> None:
    """Looks for orders while the server serves. After the scheduler, so that it is there before and after."""

    async def carrying_out(app: web.Application) -> AsyncIterator[None]:
        orders, item = app[POSTING].stores.orders, desk.assistant.agenda.item
        task = asyncio.create_task(Clerk(orders, item, app[RUNNER], desk.run, desk.now).keep_on())
        yield
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    app.cleanup_ctx.append(carrying_out)
