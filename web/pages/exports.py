"""Tips, sessions and the calendar in force, as files to take along."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from aiohttp import web

from bot.stores import Stores
from scheduler.calendarfiles import text_of
from tips.archives import zipped
from tips.models import Pack
from tips.packfiles import write
from tips.programme import text_of as sessions_text
from web.pages.frame import PAGES, frame_of, missing

_TYPES = {
    ".zip": "application/zip",
    ".yaml": "application/yaml",
    ".jsonl": "application/jsonl",
    ".csv": "text/csv",
    ".ics": "text/calendar",
}
TIPS, SESSIONS, CALENDAR = "digivinkit", "vartit", "vuosikello"


async def download(request: web.Request) -> web.StreamResponse:
    """The file of that name; what it is made of is read in the database's thread, made in another."""
    pages, name = request.app[PAGES], request.match_info["name"]
    make = FILES.get(name)
    if make is None:
        return missing(request)

    def read() -> Callable[[], bytes]:
        pages.stores.audit.note(frame_of(request).visitor.person, "exported", name, pages.desk.now())
        return make(pages.stores)

    body = await asyncio.to_thread(await pages.desk.run(read))
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return web.Response(body=body, content_type=_TYPES[Path(name).suffix], headers=headers)


def _tips(suffix: str) -> Callable[[Stores], Callable[[], bytes]]:
    def read(stores: Stores) -> Callable[[], bytes]:
        pack = stores.tips.with_images(stores.tips.in_force())
        return lambda: zipped(pack) if suffix == ".zip" else _file(pack, suffix)

    return read


def _calendar(suffix: str) -> Callable[[Stores], Callable[[], bytes]]:
    def read(stores: Stores) -> Callable[[], bytes]:
        entries = stores.calendar.in_force()
        return lambda: text_of(entries, suffix).encode()

    return read


def _sessions(stores: Stores) -> Callable[[], bytes]:
    sessions = stores.sessions.in_force().sessions
    return lambda: sessions_text(sessions.values()).encode()


def _file(pack: Pack, suffix: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{TIPS}{suffix}"
        write(pack, path)
        return path.read_bytes()


FILES: Mapping[str, Callable[[Stores], Callable[[], bytes]]] = MappingProxyType(
    {
        **{f"{TIPS}{suffix}": _tips(suffix) for suffix in (".zip", ".csv", ".jsonl")},
        f"{SESSIONS}.yaml": _sessions,
        **{f"{CALENDAR}{suffix}": _calendar(suffix) for suffix in (".yaml", ".ics")},
    }
)
