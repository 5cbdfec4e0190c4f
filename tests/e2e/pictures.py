"""Where pictures go: `PICTURES=1` renews those of the README, any other run leaves them as they are."""

from __future__ import annotations

import os
from pathlib import Path


def asked_for() -> bool:
    """Whether the README's pictures are to be renewed."""
    return bool(os.environ.get("PICTURES"))


def shots() -> Path:
    """The folder, which there is."""
    folder = Path("docs/images" if asked_for() else "build/screenshots")
    folder.mkdir(parents=True, exist_ok=True)
    return folder
