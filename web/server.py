"""The aiohttp application: routes, middlewares and what runs beside them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import aiohttp_jinja2
import jinja2
import structlog
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from bot.settings import Settings
from tips.errors import DatabaseError
from web import preview
from web.desk import ServerDesk
from web.front import front
from web.guard import is_own, local_only, loopback
from web.helping import add_helping
from web.metrics import CONTENT_TYPE, Metrics
from web.ordering import add_orders
from web.pages.frame import unknown
from web.pages.routes import add_pages
from web.policy import HEADERS
from web.posting import POSTING, Posting, add_posting, details
from web.preview import DESK

LARGEST_BODY = 256 * 1024  # bytes
_HERE = Path(__file__).parent

_log = structlog.get_logger()


def application(
    desk: ServerDesk, metrics: Metrics, settings: Settings, posting: Posting | None = None
) -> web.Application:
    """The server's application. Without credentials the preview is there, and everything is for this computer only."""
    local = not settings.has_credentials
    guards = [local_only()] if local else []
    app = web.Application(middlewares=[_reasoned(metrics), *guards], client_max_size=LARGEST_BODY)
    app[DESK] = desk
    if posting:
        app[POSTING] = posting
    aiohttp_jinja2.setup(app, loader=jinja2.FileSystemLoader(_HERE / "templates"), autoescape=True, auto_reload=False)
    app.router.add_get("/healthz", _healthz)
    app.router.add_get("/readyz", _readyz)
    app.router.add_get("/metrics", loopback(_metrics_page(metrics)))
    add_pages(app, desk, desk.stores, settings)
    _add_channels(app, settings, desk)
    if posting:
        add_posting(app, desk, posting)
        add_helping(app, desk, posting, settings.mail)
        add_orders(app, desk)
    if local:
        app.add_routes(preview.routes)
        app.router.add_static("/static", _HERE / "static")
    else:
        app.router.add_get("/", front)
    app.on_response_prepare.append(_secure)
    app.cleanup_ctx.append(_beside)
    return app


def _add_channels(app: web.Application, settings: Settings, desk: ServerDesk) -> None:
    """Each SDK is loaded where its platform is connected: they are a quarter of the server's memory."""
    if settings.app_id or not settings.has_credentials:
        from web.teams import add_teams  # noqa: PLC0415

        add_teams(app, settings, desk)
    if settings.slack_bot_token:
        from web.slack import add_slack  # noqa: PLC0415

        add_slack(app, settings, desk)


async def _healthz(_: web.Request) -> web.Response:
    return web.Response(text="ok\n")


async def _readyz(request: web.Request) -> web.Response:
    desk = request.app[DESK]
    text = "ready\n" if desk.ready else "reading the tips\n"
    if POSTING in request.app and is_own(request):
        text += await details(request.app, desk)
    return web.Response(text=text, status=200 if desk.ready else 503)


def _metrics_page(metrics: Metrics) -> Handler:
    async def page(_: web.Request) -> web.StreamResponse:
        return web.Response(body=metrics.text(), headers={"Content-Type": CONTENT_TYPE})

    return page


async def _secure(_: web.Request, response: web.StreamResponse) -> None:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)  # a page that may be embedded has a policy of its own


async def _beside(app: web.Application) -> AsyncIterator[None]:
    """Runs the desk's housekeeping while the server serves."""
    tasks = [asyncio.create_task(app[DESK].keep_fresh()), asyncio.create_task(app[DESK].keep_clean())]
    yield
    for task in tasks:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def _reads_pages(request: web.Request) -> bool:
    """Whether a person looks for a page; programs, pictures and scripts get a plain line."""
    return request.method == "GET" and "text/html" in request.headers.get("Accept", "")


def _reasoned(metrics: Metrics) -> Middleware:
    """A plain reason for every error; no traceback reaches a user, no query and no body the log."""

    @web.middleware
    async def reasoned(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except web.HTTPException as error:
            if error.status < 400:
                raise
            if error.status == 404 and _reads_pages(request):
                return unknown(request)
            headers = {"Allow": error.headers["Allow"]} if "Allow" in error.headers else {}
            return web.Response(status=error.status, text=f"{error.text or error.reason}\n", headers=headers)
        except web.RequestPayloadError:
            request.content.feed_eof()  # aiohttp would read on, fail again and log a traceback
            response = web.Response(status=400, text="the body cannot be read: it is not encoded as its headers say\n")
            response.force_close()
            return response
        except DatabaseError as error:
            metrics.failures.inc()
            _log.error("database", reason=str(error))
            return web.Response(status=503, text="the database cannot be used now; try again\n")
        except Exception as error:  # noqa: BLE001  the last resort: no traceback may reach a user
            request.app[DESK].failed(error)
            return web.Response(status=500, text="something went wrong here; it has been noted\n")

    return reasoned
