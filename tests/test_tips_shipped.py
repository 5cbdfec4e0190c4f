"""The vectors that come with the product: all of the starter content's, and what the model gives."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.test_tips_meaning import WordEmbedder
from tips import shipped
from tips.embedding import Embedder, NanoEmbedder
from tips.models import Pack, Text, Tip
from tips.vectors import sources

MODEL = NanoEmbedder.name


def test_every_text_of_the_starter_content_has_its_vector(starter_pack: Pack) -> None:
    missing = [each.texts[0] for key, each in sources(starter_pack.tips).items() if not shipped.shipped(MODEL, [key])]
    assert not missing, "make vectors"


def test_no_vector_of_a_text_that_is_gone_is_shipped(starter_pack: Pack) -> None:
    assert shipped._read(shipped.FOLDER / f"{MODEL}.npz").keys() == sources(starter_pack.tips).keys(), "make vectors"


def test_they_are_what_the_model_gives(starter_pack: Pack, nano: Embedder) -> None:
    some = sorted(sources(starter_pack.tips).items())[::60]
    kept = shipped.shipped(MODEL, [key for key, _ in some])
    for key, source in some:
        now = source.vector(nano).astype(float)
        # Not to the last bit: processors round differently.
        assert now @ kept[key] > 0.999 * np.linalg.norm(now) * np.linalg.norm(kept[key].astype(float))


def test_another_model_has_none(starter_pack: Pack) -> None:
    assert shipped.shipped("another", sources(starter_pack.tips)) == {}


def test_only_what_is_missing_is_computed_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tips = [Tip(f"tip-{n}", "theme", {"fi": Text(f"Aihe {n}", "Tekstiä.")}) for n in range(3)]
    monkeypatch.setattr(shipped, "FOLDER", tmp_path / "derived")
    monkeypatch.setattr(shipped, "starter_pack", lambda: Pack((), tuple(tips)))
    model = WordEmbedder()
    assert shipped.renew(model) == 4  # three titles, one text
    shipped._read.cache_clear()
    tips[1:] = [Tip("tip-9", "theme", {"fi": Text("Puhelin", "Luuri.")})]
    assert shipped.renew(model) == 2
    shipped._read.cache_clear()
    assert shipped._read(tmp_path / "derived" / "words.npz").keys() == sources(tips).keys()
    shipped._read.cache_clear()
