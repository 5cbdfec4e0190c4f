"""What comes with the product for the starter content, so that a fresh database need not wait: its vectors, which take
minutes, and the confidence learnt from it, which takes seconds.

Both are derived: `make vectors` renews them after a change of the content (see `deriving`). What was learnt is for
these tips alone, with the same words, precision, model and version of the learning: see `calibration.learnt_from`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from tips.models import Pack
from tips.vectors import Bytes

FOLDER = Path(__file__).with_name("derived")
LEARNT = "learnt.json"


def shipped(model: str, keys: Collection[str]) -> dict[str, Bytes]:
    """Those of the vectors that come with the product, by key; none for a model that has none."""
    there = _read(FOLDER / f"{model}.npz")
    return {key: there[key] for key in keys if key in there}


def taught(pack: Pack, source: str) -> Mapping[str, float]:
    """What the pack's tips have taught of themselves from that source; {} where they are not the starter content's."""
    there = _read_learnt(FOLDER / LEARNT)
    # Their number first: the digest of five thousand would take a tenth of a second.
    if len(pack.tips) != there.get("count") or digest(pack) != there.get("digest"):
        return {}
    values: Mapping[str, float] = there["learnt"].get(source, {})
    return values


def digest(pack: Pack) -> str:
    """Changes with all that the ranking reads of the pack."""
    texts = sorted((tip.id, sorted(tip.texts.items())) for tip in pack.tips)
    synonyms = sorted((theme.id, sorted(theme.synonyms.items())) for theme in pack.themes)
    return hashlib.sha256(repr((texts, synonyms)).encode("utf-8", "surrogatepass")).hexdigest()


def forget() -> None:
    """Has the files read anew."""
    _read.cache_clear()
    _read_learnt.cache_clear()


@cache
def _read(file: Path) -> Mapping[str, Bytes]:
    if not file.is_file():
        return {}
    with np.load(file, allow_pickle=False) as kept:
        return dict(zip(kept["keys"].tolist(), kept["vectors"], strict=True))


@cache
def _read_learnt(file: Path) -> Mapping[str, Any]:
    return json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
