"""Memory that was needed once."""

from __future__ import annotations

import ctypes
from contextlib import suppress


def release_memory() -> None:
    """Gives back to the system what the C library keeps after the index was built: some five of a hundred megabytes.

    Only glibc has it; elsewhere nothing is done. https://man7.org/linux/man-pages/man3/malloc_trim.3.html
    """
    with suppress(OSError, AttributeError, TypeError):  # TypeError: Windows knows no library without a name
        ctypes.CDLL(None).malloc_trim(0)
