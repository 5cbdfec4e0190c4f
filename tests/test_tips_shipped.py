"""What comes with the product: the vectors of all the starter content, what the model gives; what it was taught."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest

from bot.stores import Stores
from tests.test_tips_meaning import WordEmbedder
from tips import answering, deriving, shipped
from tips.analysis import voikko_analyser
from tips.answering import KnowledgeBase
from tips.calibration import DEFAULT_PRECISION, learnt_from
from tips.confidence import Confidence
from tips.embedding import Embedder, NanoEmbedder
from tips.library import Library
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
    for module in (shipped, deriving):
        monkeypatch.setattr(module, "FOLDER", tmp_path / "derived")
    monkeypatch.setattr(deriving, "starter_pack", lambda: Pack((), tuple(tips)))
    model = WordEmbedder()
    assert deriving.renew_vectors(model) == 4  # three titles, one text
    shipped.forget()
    tips[1:] = [Tip("tip-9", "theme", {"fi": Text("Puhelin", "Luuri.")})]
    assert deriving.renew_vectors(model) == 2
    shipped.forget()
    assert shipped._read(tmp_path / "derived" / "words.npz").keys() == sources(tips).keys()
    shipped.forget()


@pytest.mark.parametrize("model", ["", MODEL])
def test_what_the_starter_content_teaches_is_shipped(starter_pack: Pack, stores: Stores, model: str) -> None:
    kept = shipped.taught(stores.tips.in_force(), learnt_from(DEFAULT_PRECISION, model))
    assert kept, "make vectors"
    assert shipped.digest(deriving.in_force(starter_pack)) == shipped.digest(stores.tips.in_force())


@pytest.mark.skipif(voikko_analyser() is None, reason="without Voikko, other dictionaries teach otherwise")
def test_it_is_what_they_teach(starter_pack: Pack) -> None:
    pack = deriving.in_force(starter_pack)
    now = asdict(KnowledgeBase(pack.tips, themes=pack.themes).confidence)
    assert now == pytest.approx(shipped.taught(pack, learnt_from(DEFAULT_PRECISION)), abs=0.02), "make vectors"


def test_other_tips_synonyms_precisions_and_models_are_not_taught(starter_pack: Pack) -> None:
    pack, source = deriving.in_force(starter_pack), learnt_from(DEFAULT_PRECISION)
    text = replace(pack.tips[0].texts["fi"], learnt=(("jokin muu", 0.8),))
    changed = replace(pack.tips[0], texts={**pack.tips[0].texts, "fi": text})
    theme = replace(pack.themes[0], synonyms={"fi": (("yksi", "toinen"),)})
    assert shipped.taught(pack, source)
    assert not shipped.taught(replace(pack, tips=(changed, *pack.tips[1:])), source)
    assert not shipped.taught(replace(pack, tips=pack.tips[1:]), source)
    assert not shipped.taught(replace(pack, themes=(theme, *pack.themes[1:])), source)
    assert not shipped.taught(pack, learnt_from(0.9))
    assert not shipped.taught(pack, learnt_from(DEFAULT_PRECISION, "another"))


def test_a_fresh_database_need_not_learn(starter_pack: Pack, stores: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    def learns(*_: object) -> Confidence:
        raise AssertionError

    monkeypatch.setattr(answering, "calibrated", learns)
    assert Library(stores.tips).read().base.tips
