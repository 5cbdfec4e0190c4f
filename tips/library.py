"""The tips in force and the knowledge base made of them, kept up to date with the store."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from operator import methodcaller
from typing import cast

from tips.answering import KnowledgeBase
from tips.calibration import DEFAULT_PRECISION, learnt_from
from tips.confidence import Confidence
from tips.embedding import Embedder
from tips.learnt import with_learnt
from tips.lessons import LessonStore
from tips.meaning import Meaning
from tips.models import Pack, Theme, Tip
from tips.shipped import shipped, taught
from tips.store import TipStore
from tips.vectors import Bytes, Source, sources

_AT_ONCE = 32  # vectors: some seconds' work, kept before the next are begun

# Under which names what was learnt is kept.
_LIGHT, _HYBRID = "learnt", "learnt-hybrid"


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
    hybrid: Confidence | None = None
    built: KnowledgeBase | None = None
    embeddable: Mapping[str, Source] | None = None

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
        return self.light.with_meaning(Meaning(self.embedder, self.pack.tips, self.vectors), self.hybrid)

    @cached_property
    def missing(self) -> Mapping[str, Source]:
        """What the vectors that are not there yet are made of, by key."""
        return {key: source for key, source in self.sources.items() if key not in self.vectors}

    @cached_property
    def sources(self) -> Mapping[str, Source]:
        """What all vectors are made of, by key: a twentieth of a second for five thousand tips."""
        if self.embeddable is not None:
            return self.embeddable
        return sources(self.pack.tips) if self.embedder else {}

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
        vectors = self._vectors(embedder.name, sources(pack.tips)) if embedder else {}
        in_force = {tip.id: tip for tip in pack.tips}
        also = tuple(tip for tip in store.starter() if in_force.get(tip.id) != tip)
        if self._lessons:
            pack = replace(pack, tips=with_learnt(pack.tips, self._lessons.in_force()))
        return Snapshot(store.revision(), pack, also, embedder, vectors, self._precision, *self._learnt(pack))

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
        if (snapshot := self._snapshot) is None:
            return
        base = snapshot.base
        for name, before, learnt in (
            (_LIGHT, snapshot.confidence, base.confidence),
            (_HYBRID, snapshot.hybrid, base.hybrid),
        ):
            if learnt and before is None:
                with suppress(sqlite3.Error):  # the disk is full, or another program writes: learnt anew the next time
                    self._store.keep_learnt(asdict(learnt), self._learnt_from(name), snapshot.revision, name)

    def _learnt(self, pack: Pack) -> tuple[Confidence | None, Confidence | None]:
        """The confidence of the light ranking and of the hybrid one, as they were stored or came with the product."""
        names = (_LIGHT, _HYBRID) if self._embedder else (_LIGHT,)
        sources = {name: self._learnt_from(name) for name in names}
        found = [self._store.learnt(source, name) or taught(pack, source) for name, source in sources.items()]
        light, hybrid, *_ = [Confidence(**values) if values else None for values in (*found, None)]
        return light, hybrid

    def _learnt_from(self, name: str) -> str:
        model = self._embedder.name if self._embedder and name == _HYBRID else ""
        return learnt_from(self._precision, model)

    def whole(self, snapshot: Snapshot, told: Callable[[int], object] = lambda _: None) -> Snapshot:
        """The snapshot with all vectors, computed now on all cores and stored: for those who would rather wait.

        `told` hears from time to time how many are left. Raises ModelError.
        """
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            while missing := dict(list(snapshot.missing.items())[:_AT_ONCE]):
                told(len(snapshot.missing))
                assert snapshot.embedder  # noqa: S101  for the type checker: without one, nothing is missing
                vectors = pool.map(methodcaller("vector", snapshot.embedder), missing.values())
                snapshot = self.kept(dict(zip(missing, vectors, strict=True)), snapshot)
        return snapshot

    def kept(self, vectors: Mapping[str, Bytes], snapshot: Snapshot) -> Snapshot:
        """Stores vectors that were computed meanwhile, and gives the snapshot that has them too."""
        there, texts = {**snapshot.vectors, **vectors}, snapshot.sources
        whole = replace(snapshot, vectors=there, built=snapshot.light, embeddable=texts)
        if self._embedder and vectors:
            with suppress(sqlite3.Error):  # as above: computed anew the next time
                self._store.vectors(self._embedder.name).put(vectors)
        return whole

    def forget(self) -> None:
        """Deletes the vectors of texts that are no longer in force, and of other models."""
        if self._embedder and self._snapshot and not self._snapshot.missing:
            self._store.vectors(self._embedder.name).keep(self._snapshot.sources)

    def without_meaning(self) -> None:
        """Leaves the model alone from now on: it cannot be used."""
        self._embedder = None
        self.put(replace(self.snapshot, embedder=None, built=self.snapshot.light, embeddable=None))

    def _vectors(self, model: str, keys: Collection[str]) -> dict[str, Bytes]:
        """Those of the vectors that came with the product or are stored."""
        return {**shipped(model, keys), **self._store.vectors(model).of(keys)}

    def image(self, digest: str) -> bytes | None:
        """The picture stored under the digest."""
        return self._store.image(digest)


def embedded(snapshot: Snapshot, enough: Callable[[], bool]) -> dict[str, Bytes]:
    """Vectors that are not there yet, one by one until that is `enough`. Asks no store: for any thread."""
    found: dict[str, Bytes] = {}
    for key, source in snapshot.missing.items():
        assert snapshot.embedder  # noqa: S101  for the type checker: without one, nothing is missing
        found[key] = source.vector(snapshot.embedder)
        if enough():
            break
    return found
