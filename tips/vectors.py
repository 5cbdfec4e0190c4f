"""The vectors of tips: what of a tip is embedded, how that is kept small, and where it is stored.

One vector a text. With phrasings, they and the title are embedded as one passage; that alone brought recall@1 on the
development questions from .87 to .90, where a vector for each phrasing and one for the body, fifteen times the
work, bring .91. A bare tip is embedded with its body. A vector is kept as signed bytes: 384 of them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray
from sqlite_utils import Database

from tips.bm25 import Floats
from tips.database import writing
from tips.models import Text, Tip

Bytes = NDArray[np.int8]

_MOST_ASKED_AT_ONCE = 500  # digests; SQLite takes a limited number of values


def passage(text: Text) -> str:
    """What of a text is embedded."""
    return ". ".join((text.title, *text.phrasings)) if text.phrasings else f"{text.title}. {text.body}"


def digest(passage: str) -> str:
    """The key of a passage's vector."""
    return hashlib.sha256(passage.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def passages(tips: Iterable[Tip]) -> dict[str, str]:
    """All passages of the tips by digest."""
    found = (passage(text) for tip in tips for text in tip.texts.values())
    return {digest(each): each for each in found}


def packed(vectors: Floats) -> Bytes:
    """Vectors of the length 1 as signed bytes."""
    return np.clip(np.rint(vectors * 127), -127, 127).astype(np.int8)


class VectorStore:
    """The vectors of one model."""

    def __init__(self, database: Database, model: str) -> None:
        self._db, self._model = database, model

    def of(self, digests: Iterable[str]) -> dict[str, Bytes]:
        """Those vectors that are there."""
        wanted = list(digests)
        found: dict[str, Bytes] = {}
        for start in range(0, len(wanted), _MOST_ASKED_AT_ONCE):
            part = wanted[start : start + _MOST_ASKED_AT_ONCE]
            marks = ", ".join("?" * len(part))
            rows = self._db.execute(
                f"select digest, vector from vectors where model = ? and digest in ({marks})",  # noqa: S608  marks
                [self._model, *part],
            )
            found |= {key: np.frombuffer(vector, np.int8) for key, vector in rows.fetchall()}
        return found

    def put(self, vectors: Mapping[str, Bytes]) -> None:
        """Stores vectors by digest."""
        rows = [{"model": self._model, "digest": key, "vector": each.tobytes()} for key, each in vectors.items()]
        self._db.table("vectors").upsert_all(rows, pk=("model", "digest"))

    def keep(self, digests: Iterable[str]) -> None:
        """Forgets all vectors but these, and those of other models."""
        kept = set(digests)
        rows = self._db.execute("select model, digest from vectors").fetchall()
        gone = [(model, key) for model, key in rows if model != self._model or key not in kept]
        with writing(self._db):
            self._db.conn.executemany("delete from vectors where model = ? and digest = ?", gone)
