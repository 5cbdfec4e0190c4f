"""The starter content that comes with the product."""

from __future__ import annotations

import hashlib
from pathlib import Path

from tips.models import Pack
from tips.packfiles import read
from tips.store import TipStore

CONTENT = Path(__file__).with_name("content")


def seed(store: TipStore) -> bool:
    """Lays the starter content beneath what is there, where it is new or has changed. True where it did."""
    return store.seed(fingerprint(), starter_pack)


def starter_pack() -> Pack:
    """The starter content as a pack."""
    return read(CONTENT)


def fingerprint() -> str:
    """Changes when a file of the starter content does."""
    digest = hashlib.sha256()
    for file in sorted(CONTENT.rglob("*")):
        if file.is_file():
            digest.update(file.relative_to(CONTENT).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()
