"""Where vectors are computed while people ask: a thread that gives way to all others."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from tips.library import Snapshot, embedded
from tips.vectors import Bytes

_NICE = 15  # of 19: questions go first where the cores are few


class EmbeddingThread:
    """Computes vectors for as long as it is told to, and stops in the middle when the server does."""

    def __init__(self) -> None:
        self._stopping = threading.Event()
        self._pool = ThreadPoolExecutor(1, "embedding", _give_way)  # no thread before it is needed

    async def some(self, snapshot: Snapshot, seconds: float) -> dict[str, Bytes]:
        """Those vectors of missing passages that can be computed in that time; at least one. Raises ModelError."""
        until = time.monotonic() + seconds

        def enough() -> bool:
            return self._stopping.is_set() or time.monotonic() > until

        return await asyncio.get_running_loop().run_in_executor(self._pool, embedded, snapshot, enough)

    def stop(self) -> None:
        """Ends after the passage at hand."""
        self._stopping.set()
        self._pool.shutdown(cancel_futures=True)


def _give_way() -> None:
    if sys.platform == "linux":  # where a thread has a priority of its own
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICE)
