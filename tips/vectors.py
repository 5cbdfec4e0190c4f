"""The vectors of tips: what of a tip is embedded, how that is kept small, and where it is stored.

Two vectors a text: one of its title, read as a question, and one of its substance, which the title stands beside with
its own weight. The substance is the mean of the phrasings, each read as a question, or for a bare tip its body as a
passage. Apart, so that a title can be asked while its tip stands there without it (see `calibration`).

Measured on the development questions with the light ranking (recall@1): no vectors .870; title and phrasings as one
passage .901; the mean of them as questions .910; the nearest single one .898. Bare: .481; title and body as one passage
.535, cut after 300, 200 and 120 characters .519, .500 and .494; title and body apart .548.

A vector is kept as signed bytes, 384 of them. Its direction is all that matters.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlite_utils import Database

from tips.bm25 import Floats
from tips.database import writing
from tips.embedding import Embedder
from tips.models import Text, Tip

Bytes = NDArray[np.int8]

# Characters of a bare tip's body that are embedded, up to how many tips: a passage takes a third of a millisecond for
# each. Of many tips less is read, so that five thousand take minutes rather than half an hour. By steps: a tip more
# must not change what is read of all others. On 203 questions put to 200 tips of others, recall@1 is .670 by the first
# 600, .675 by 300, .665 by 160, .650 by 100, .645 by 60; on the development questions .537 and .526 by 600 and 300.
_LONGEST = ((250, 600), (500, 300), (1_500, 160))
_LONGEST_OF_MANY = 80
_MOST_ASKED_AT_ONCE = 500  # digests; SQLite takes a limited number of values


@dataclass(frozen=True, slots=True)
class Source:
    """What a vector is made of: questions, whose mean it is, or a passage."""

    texts: tuple[str, ...]
    asked: bool

    @property
    def key(self) -> str:
        """The digest under which the vector is kept."""
        made_of = "\0".join(("asked" if self.asked else "read", *self.texts))
        return hashlib.sha256(made_of.encode("utf-8", "surrogatepass")).hexdigest()[:32]

    def vector(self, model: Embedder) -> Bytes:
        """The vector by the model. Raises ModelError."""
        if not self.asked:
            return packed(model.passages(self.texts)[0])
        return packed(unit(np.sum([model.query(text) for text in self.texts], axis=0)))


def title_of(text: Text) -> Source:
    """What the vector of the text's title is made of."""
    return Source((text.title,), asked=True)


def substance_of(text: Text, tips: int) -> Source:
    """What the vector of its substance is made of, in a knowledge base of so many tips."""
    if text.phrasings:
        return Source(text.phrasings, asked=True)
    longest = next((longest for most, longest in _LONGEST if tips <= most), _LONGEST_OF_MANY)
    return Source((text.body[:longest],), asked=False)


def sources(tips: Sequence[Tip]) -> dict[str, Source]:
    """What all vectors of the tips are made of, by their keys."""
    texts = [text for tip in tips for text in tip.texts.values()]
    found = [source for text in texts for source in (title_of(text), substance_of(text, len(tips)))]
    return {source.key: source for source in found}


def unit(vectors: Floats) -> Floats:
    """The vectors at the length 1."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-9), np.float32)


def packed(vectors: Floats) -> Bytes:
    """The vectors' directions as signed bytes, of which the greatest is 127: likenesses differ by hundredths."""
    greatest = np.abs(vectors).max(axis=-1, keepdims=True)
    return np.asarray(np.rint(vectors * (127 / np.maximum(greatest, 1e-9))), np.int8)


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
