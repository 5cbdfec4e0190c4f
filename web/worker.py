"""Where the synchronous domain runs: one thread for everything that touches the database, so that the event loop
never waits for a disk or a lock, and SQLite's connection is never in two threads at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


class Worker:
    """A single thread with a queue."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="database")

    async def run(self, call: Callable[[], T]) -> T:
        """The call's result, from the worker's thread."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, call)

    def stop(self) -> None:
        """Ends after what is queued."""
        self._thread.shutdown(wait=True)
