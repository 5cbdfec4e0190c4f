"""Every page over a database as it is after a busy year: how large it is and how long the server works on it.

python -m bench.pages [DATABASE]      the database is made where it is not there yet
"""

from __future__ import annotations

import asyncio
import re
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from aiohttp.test_utils import TestClient, TestServer

from app import build, open_stores
from bench import yearbook
from bot.settings import Settings
from bot.signins import CONSOLE

LARGEST, SLOWEST = 50_000, 100.0  # bytes, milliseconds of processor time
_TIMES = 30
PATHS = (
    "/ohjeet",
    "/ohjeet?q=salasana",
    "/ohjeet/passwords",
    "/ohjeet/passwords/password-strong",
    "/vartit",
    "/vartit/passwords",
    "/vartit/passwords/isannalle",
    "/saavutettavuus",
    "/vuosikello",
    "/seuraavaksi",
    "/vastaanottajat",
    "/henkilot",
    "/vinkit",
    "/vinkit/password-strong",
    "/uusi-vinkki",
    "/historia",
    "/luonnokset",
    "/loki",
    "/tuonti",
    "/ajankohtaista",
    "/julisteet",
    "/luvut",
    "/luvut.csv",
)

Visitor = TestClient[object, object]  # type: ignore[type-var]


@asynccontextmanager
async def _visiting(path: Path) -> AsyncIterator[Visitor]:
    """Who has signed in on a server of this process: its processor time is the pages' and the client's own little."""
    settings = Settings(database=path, embedder="off")
    stores = open_stores(settings)
    app, desk = build(settings, stores)
    token = stores.signins.new_link(CONSOLE, "/vuosikello", datetime.now(UTC))
    async with TestClient(TestServer(app)) as client:
        await client.post(f"/kirjaudu/{token}", allow_redirects=False)
        yield client  # type: ignore[misc]
    desk.stop()
    stores.database.close()


async def measured(path: Path) -> bool:
    """Prints a line a page; whether each kept what is promised."""
    kept = True
    async with _visiting(path) as client:
        print(f"{'page':<40} {'bytes':>8} {'p50 ms':>8} {'p99 ms':>8} {'CPU ms':>8}")
        for page in (*PATHS, *await _found(client)):
            kept &= await _row(client, page)
    return kept


async def _found(client: Visitor) -> list[str]:
    """Pages whose addresses hang on what is in the database: the first that each list leads to."""
    found = []
    for path, link in (
        ("/vuosikello", r"/viikko/[^\"?]+"),
        ("/vuosikello", r"/paiva/[^\"?]+"),
        ("/vuosikello", r"/vuosikello/[\w-]+/?[^\"?]*"),
        ("/vastaanottajat", r"/vastaanottajat/[^\"?]+"),
        ("/henkilot", r"/henkilot/[^\"?]+"),
    ):
        text = await (await client.get(path)).text()
        if match := re.search(rf'href="({link})', text):
            found.append(match[1])
    return found


async def _row(client: Visitor, path: str) -> bool:
    status, size, walls, works = 0, 0, [], []
    for _ in range(_TIMES):
        wall, work = time.perf_counter(), time.process_time()
        response = await client.get(path)
        status, size = response.status, len(await response.read())
        walls.append((time.perf_counter() - wall) * 1e3)
        works.append((time.process_time() - work) * 1e3)
    walls.sort()
    works.sort()
    # A file is for keeping, not for looking at: it is only shown how large it is and what it costs.
    is_file = path.endswith(".csv")
    kept = status == 200 and (is_file or (size <= LARGEST and works[_TIMES // 2] <= SLOWEST))
    figures = f"{size:>8} {walls[_TIMES // 2]:>8.1f} {walls[int(_TIMES * 0.99)]:>8.1f} {works[_TIMES // 2]:>8.1f}"
    print(f"{path[:40]:<40} {figures}{'' if kept else f'   too much ({status})'}", flush=True)
    return kept


def main() -> None:
    """Prints the table."""
    given = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    with tempfile.TemporaryDirectory() as folder:
        path = given or Path(folder) / "pages.db"
        if not path.exists():
            yearbook.filled(path, datetime.now(UTC))
        sizes = f"{yearbook.TIPS} tips, {yearbook.QUESTIONS} questions, {yearbook.PEOPLE} people"
        print(f"\nPages with {sizes}, {yearbook.PLACES} destinations and a year of deliveries")
        if not asyncio.run(measured(path)):
            sys.exit(1)


if __name__ == "__main__":
    main()
