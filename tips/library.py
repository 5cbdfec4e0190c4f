"""The tips in force and the knowledge base made of them, kept up to date with the store."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from typing import cast

from tips import calibration
from tips.analysis import voikko_analyser
from tips.answering import KnowledgeBase
from tips.calibration import DEFAULT_PRECISION
from tips.confidence import Confidence
from tips.embedding import Embedder
from tips.learnt import with_learnt
from tips.lessons import LessonStore
from tips.meaning import Meaning
from tips.models import Pack, Theme, Tip
from tips.shipped import shipped
from tips.store import TipStore
from tips.vectors import Bytes, packed, passages

_AT_ONCE = 32  # passages: some seconds' work, kept before the next are begun


@dataclass(frozen=True)
class Snapshot:
    """What was read from the store at one revision: the pack in force, those of the starter's tips that are not in it,
    the vectors that are there.

    Likeness in meaning is weighed in once `vectors` has those of all tips.
    """

    revision: int
    pack: Pack
    also: tuple[Tip, ...]
    embedder: Embedder | None = None
    vectors: Mapping[str, Bytes] = field(default_factory=dict)
    precision: float = DEFAULT_PRECISION
    confidence: Confidence | None = None
    built: KnowledgeBase | None = None

    @cached_property
    def light(self) -> KnowledgeBase:
        """The tips by the light ranking; building it takes a second or two for a few hundred tips."""
        themes, precision = self.pack.themes, self.precision
        return self.built or KnowledgeBase(self.pack.tips, self.confidence, self.also, themes, precision)

    @cached_property
    def base(self) -> KnowledgeBase:
        """The tips by all of the ranking that is ready."""
        if self.embedder is None or self.missing:
            return self.light
        return self.light.with_meaning(Meaning(self.embedder, self.pack.tips, self.vectors))

    @cached_property
    def missing(self) -> Mapping[str, str]:
        """The passages that have no vector yet, by digest."""
        found = passages(self.pack.tips) if self.embedder else {}
        return {key: text for key, text in found.items() if key not in self.vectors}

    @cached_property
    def tips(self) -> Mapping[str, Tip]:
        """The tips in force by id, in their order."""
        return {tip.id: tip for tip in self.pack.tips}

    @cached_property
    def themes(self) -> Mapping[str, Theme]:
        """The themes in force by id, in their order."""
        return {theme.id: theme for theme in self.pack.themes}


class Library:
    """Holds the newest snapshot. `read` asks the store, `put` swaps: so reading and building can be apart."""

    def __init__(
        self,
        store: TipStore,
        embedder: Embedder | None = None,
        precision: float = DEFAULT_PRECISION,
        lessons: LessonStore | None = None,
    ) -> None:
        """With `lessons`, what was learnt from use is searched as well."""
        self._store, self._embedder, self._precision, self._lessons = store, embedder, precision, lessons
        self._snapshot: Snapshot | None = None
        self._unbuilt: Snapshot | None = None

    @property
    def snapshot(self) -> Snapshot:
        """The newest snapshot, read and built now if there is none yet."""
        if self._snapshot is None:
            self.put(self.read())
            self.remember()
        return cast(Snapshot, self._snapshot)

    @property
    def ready(self) -> bool:
        """Whether questions can be answered without waiting."""
        return self._snapshot is not None

    def read(self) -> Snapshot:
        """A fresh snapshot from the store, not built yet."""
        store, embedder = self._store, self._embedder
        pack = store.in_force()
        vectors = self._vectors(embedder.name, passages(pack.tips)) if embedder else {}
        learnt = store.learnt(self._learnt_from)
        confidence = Confidence(**learnt) if learnt else None
        in_force = {tip.id: tip for tip in pack.tips}
        also = tuple(tip for tip in store.starter() if in_force.get(tip.id) != tip)
        if self._lessons:
            pack = replace(pack, tips=with_learnt(pack.tips, self._lessons.in_force()))
        return Snapshot(store.revision(), pack, also, embedder, vectors, self._precision, confidence)

    def newest(self) -> Snapshot:
        """What the store holds at this moment, for what is written of tips rather than searched: nothing is built."""
        if self._snapshot and not self.outdated():
            return self._snapshot
        if self._unbuilt is None or self._unbuilt.revision != self._store.revision():
            self._unbuilt = self.read()
        return self._unbuilt

    def outdated(self) -> bool:
        """Whether the store has changed since, by this process or another."""
        return self._snapshot is None or self._snapshot.revision != self._store.revision()

    def put(self, snapshot: Snapshot) -> Snapshot:
        """Builds the snapshot's knowledge base where that is still to do, and answers from it from now on."""
        snapshot.base  # noqa: B018  built here, in the caller's thread, not at the first question
        self._snapshot, self._unbuilt = snapshot, None
        return snapshot

    def remember(self) -> None:
        """Stores what the knowledge base has learnt of itself, so that the next start need not wait for it."""
        if self._snapshot and self._snapshot.confidence is None:
            with suppress(sqlite3.Error):  # the disk is full, or another program writes: learnt anew the next time
                self._store.keep_learnt(
                    asdict(self._snapshot.base.confidence), self._learnt_from, self._snapshot.revision
                )

    @property
    def _learnt_from(self) -> str:
        """What the confidence depends on beside the tips."""
        return f"{calibration.VERSION} {'voikko' if voikko_analyser() else 'stems'} {self._precision}"

    def whole(self, snapshot: Snapshot, told: Callable[[int], object] = lambda _: None) -> Snapshot:
        """The snapshot with all vectors, computed now on all cores and stored: for those who would rather wait.

        `told` hears from time to time how many are left. Raises ModelError.
        """
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            while missing := dict(list(snapshot.missing.items())[:_AT_ONCE]):
                told(len(snapshot.missing))
                assert snapshot.embedder  # noqa: S101  for the type checker: without one, nothing is missing
                vectors = pool.map(snapshot.embedder.passages, ([text] for text in missing.values()))
                found = {key: packed(vector)[0] for key, vector in zip(missing, vectors, strict=True)}
                snapshot = self.kept(found, snapshot)
        return snapshot

    def kept(self, vectors: Mapping[str, Bytes], snapshot: Snapshot) -> Snapshot:
        """Stores vectors that were computed meanwhile, and gives the snapshot that has them too."""
        whole = replace(snapshot, vectors={**snapshot.vectors, **vectors}, built=snapshot.light)
        if self._embedder and vectors:
            with suppress(sqlite3.Error):  # as above: computed anew the next time
                store = self._store.vectors(self._embedder.name)
                store.put(vectors)
                if not whole.missing:
                    store.keep(passages(snapshot.pack.tips))
        return whole

    def without_meaning(self) -> None:
        """Leaves the model alone from now on: it cannot be used."""
        self._embedder = None
        self.put(replace(self.snapshot, embedder=None, built=self.snapshot.light))

    def _vectors(self, model: str, texts: Mapping[str, str]) -> dict[str, Bytes]:
        """Those of the texts' vectors that came with the product or are stored."""
        return {**shipped(model, texts), **self._store.vectors(model).of(texts)}

    def image(self, digest: str) -> bytes | None:
        """The picture stored under the digest."""
        return self._store.image(digest)


def embedded(snapshot: Snapshot, enough: Callable[[], bool]) -> dict[str, Bytes]:
    """Vectors of passages that have none yet, one by one until that is `enough`. Asks no store: for any thread."""
    found: dict[str, Bytes] = {}
    for key, text in snapshot.missing.items():
        assert snapshot.embedder  # noqa: S101  for the type checker: without one, nothing is missing
        found[key] = packed(snapshot.embedder.passages([text]))[0]
        if enough():
            break
    return found
