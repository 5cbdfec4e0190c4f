"""The tips in force and the knowledge base made of them, kept up to date with the store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from tips.answering import KnowledgeBase
from tips.models import Pack, Theme, Tip
from tips.store import TipStore


@dataclass(frozen=True)
class Snapshot:
    """What was read from the store at one revision: the pack in force, the starter's tips."""

    revision: int
    pack: Pack
    starter: tuple[Tip, ...]

    @cached_property
    def base(self) -> KnowledgeBase:
        """The knowledge base of the tips; building it takes a second for a few hundred tips."""
        return KnowledgeBase(self.pack.tips, also=self.starter)

    @cached_property
    def themes(self) -> Mapping[str, Theme]:
        """The themes in force by id, in their order."""
        return {theme.id: theme for theme in self.pack.themes}


class Library:
    """Holds the newest snapshot. `read` asks the store, `put` swaps: so reading and building can be apart."""

    def __init__(self, store: TipStore) -> None:
        self._store = store
        self._snapshot: Snapshot | None = None

    @property
    def snapshot(self) -> Snapshot:
        """The newest snapshot, read and built now if there is none yet."""
        return self._snapshot or self.put(self.read())

    @property
    def ready(self) -> bool:
        """Whether questions can be answered without waiting."""
        return self._snapshot is not None

    def read(self) -> Snapshot:
        """A fresh snapshot from the store, not built yet."""
        store = self._store
        return Snapshot(store.revision(), store.in_force(), store.starter())

    def outdated(self) -> bool:
        """Whether the store has changed since, by this process or another."""
        return self._snapshot is None or self._snapshot.revision != self._store.revision()

    def put(self, snapshot: Snapshot) -> Snapshot:
        """Builds the snapshot's knowledge base where that is still to do, and answers from it from now on."""
        snapshot.base  # noqa: B018  built here, in the caller's thread, not at the first question
        self._snapshot = snapshot
        return snapshot

    def image(self, digest: str) -> bytes | None:
        """The picture stored under the digest."""
        return self._store.image(digest)
