"""A model folder as an embedder: a tiny model that is made here, what its folder says, and what is wrong with it."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer, models, pre_tokenizers

from tips import database, modelfolder, store
from tips.embedding import NanoEmbedder, embedder
from tips.errors import ModelError, SettingsError
from tips.library import Library
from tips.modelfolder import FolderEmbedder
from tips.models import Pack, Text, Tip
from tips.store import TipStore
from tips.vectors import sources

WORDS = ["[UNK]", "query:", "passage:", "kissa", "koira", "salasana", "vaihda"]
SIZE = 6


def _model(output: str = "last_hidden_state", rank: int = 3, asks: str = "input_ids") -> onnx.ModelProto:
    """A row of a table for each piece of a text; every row is a direction of its own, the first of all a shared one."""
    table = np.concatenate([np.full((1, SIZE), 0.4, np.float32), np.eye(SIZE, dtype=np.float32) + 0.2])
    nodes = [helper.make_node("Gather", ["table", asks], ["rows" if rank == 2 else output])]
    if rank == 2:
        nodes.append(helper.make_node("ReduceMean", ["rows", "axes"], [output], keepdims=0))
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info(name, TensorProto.INT64, ["b", "n"]) for name in dict.fromkeys([asks])],
        [helper.make_tensor_value_info(output, TensorProto.FLOAT, None)],
        [numpy_helper.from_array(table, "table"), numpy_helper.from_array(np.array([1], np.int64), "axes")],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)


Made = Callable[..., Path]


@pytest.fixture
def made(tmp_path: Path) -> Made:
    """Makes a folder with the model in it; keyword arguments are those of the model, `files` JSON files beside it."""

    def make(
        name: str = "tiny", file: str = "model.onnx", files: dict[str, object] | None = None, **model: object
    ) -> Path:
        folder = tmp_path / name
        (folder / file).parent.mkdir(parents=True)
        onnx.save(_model(**model), str(folder / file))  # type: ignore[arg-type]
        tokenizer = Tokenizer(models.WordLevel({word: place for place, word in enumerate(WORDS)}, unk_token="[UNK]"))
        tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
        tokenizer.save(str(folder / "tokenizer.json"))
        for path, data in (files or {}).items():
            (folder / path).parent.mkdir(exist_ok=True)
            (folder / path).write_text(json.dumps(data), encoding="utf-8")
        return folder

    return make


def test_a_folder_is_an_embedder_of_unit_vectors(made: Made) -> None:
    model = embedder(str(made()))
    assert isinstance(model, FolderEmbedder)
    vectors = model.passages(["kissa", "koira salasana", "", "\ud83d outo"])
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)
    assert int(np.argmax(vectors @ model.query("kissa"))) == 0


def test_texts_that_have_nothing_in_common_are_as_like_as_to_the_model_that_the_search_was_weighed_with(
    made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(modelfolder, "_UNRELATED", ("kissa", "koira", "salasana", "vaihda"))
    model = FolderEmbedder.of(made())
    vectors = model.passages(["kissa", "koira", "salasana", "vaihda"])
    unrelated = (vectors @ vectors.T)[np.triu_indices(4, 1)]
    assert unrelated == pytest.approx(0.806, abs=1e-3)
    assert vectors[0] @ model.query("kissa") == pytest.approx(1, abs=1e-5)


def test_the_mean_or_the_first_piece_makes_the_vector(made: Made) -> None:
    mean = FolderEmbedder.of(made("mean"))
    first = FolderEmbedder.of(made("first", files={"1_Pooling/config.json": {"pooling_mode_cls_token": True}}))
    assert mean.query("kissa koira") == pytest.approx(mean.query("koira kissa"))
    assert first.query("kissa koira") == pytest.approx(first.query("kissa vaihda"))
    assert mean.query("kissa koira") != pytest.approx(mean.query("kissa vaihda"))


def test_a_model_that_pools_by_itself_is_believed(made: Made) -> None:
    pooled = FolderEmbedder.of(made("pooled", output="sentence_embedding", rank=2))
    assert pooled.query("kissa koira") == pytest.approx(FolderEmbedder.of(made("mean")).query("kissa koira"))


PREFIXES: list[tuple[str, dict[str, object]]] = [
    ("multilingual-e5-base", {}),
    ("model", {"config.json": {"_name_or_path": "intfloat/multilingual-e5-base"}}),
    ("model", {"config_sentence_transformers.json": {"prompts": {"query": "query: ", "document": "passage: "}}}),
    ("model", {"digivinkki.json": {"query": "query: ", "passage": "passage: "}}),
]


@pytest.mark.parametrize(("name", "files"), PREFIXES)
def test_what_stands_before_questions_and_passages_is_known_by_the_folder(
    made: Made, name: str, files: dict[str, object]
) -> None:
    asked, bare = FolderEmbedder.of(made(name, files=files)), FolderEmbedder.of(made("bare"))
    assert asked.query("kissa") != pytest.approx(asked.passages(["kissa"])[0])
    assert bare.query("query: kissa")[:SIZE] @ asked.query("kissa")[:SIZE] > 0
    assert bare.query("kissa") == pytest.approx(bare.passages(["kissa"])[0])


def test_the_file_may_be_named_and_a_quantised_one_is_found(made: Made) -> None:
    named = made("named", "weights/tiny.onnx", {"digivinkki.json": {"file": "weights/tiny.onnx"}})
    found = made("found", "onnx/model_quantized.onnx")
    assert FolderEmbedder.of(named).query("kissa") == pytest.approx(FolderEmbedder.of(found).query("kissa"))


def test_a_long_text_is_read_as_far_as_the_model_reads(made: Made) -> None:
    short = FolderEmbedder.of(made(files={"digivinkki.json": {"longest": 2}}))
    assert short.query("kissa kissa koira koira") == pytest.approx(short.query("kissa"))


def test_the_name_tells_models_and_manners_apart_and_stays_the_same(made: Made) -> None:
    names = [
        FolderEmbedder.of(made("a/tiny")).name,
        FolderEmbedder.of(made("b/tiny", files={"digivinkki.json": {"pooling": "cls"}})).name,
        FolderEmbedder.of(made("c/tiny", output="other")).name,
    ]
    assert len(set(names)) == 3
    assert all(name.startswith("tiny-") for name in names)
    assert FolderEmbedder.of(made("d/tiny")).name == names[0]


def test_stored_vectors_are_those_of_the_folders_model(made: Made, stores_of_two: TipStore) -> None:
    model = FolderEmbedder.of(made())
    library = Library(stores_of_two, model)
    assert not library.whole(library.read()).missing
    assert not Library(stores_of_two, FolderEmbedder.of(made("a/tiny"))).read().missing
    other = FolderEmbedder.of(made("b/tiny", files={"digivinkki.json": {"pooling": "cls"}}))
    assert len(Library(stores_of_two, other).read().missing) == len(sources(library.read().pack.tips)) > 0


@pytest.fixture
def stores_of_two() -> TipStore:
    """A store of two tips."""
    opened = TipStore(database.in_memory([store.migrations]))
    tips = tuple(Tip(each, "theme", {"fi": Text(each, "Tekstiä.")}) for each in ("kissa", "koira"))
    opened.seed("test", lambda: Pack(tips=tips))
    return opened


def test_off_and_nothing_are_as_before() -> None:
    assert embedder("off") is None
    assert embedder("OFF") is None
    assert embedder("") is None or isinstance(embedder(""), NanoEmbedder)


def test_what_is_missing_is_named(made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "empty").mkdir()
    whole = made()
    for folder, reason in ((tmp_path / "nowhere", "is no folder"), (tmp_path / "empty", "holds no tokenizer.json")):
        with pytest.raises(SettingsError, match=f"DIGIVINKKI_EMBEDDER: .*{reason}"):
            embedder(str(folder))
    monkeypatch.setattr(modelfolder, "find_spec", lambda name: None if name == "tokenizers" else name)
    with pytest.raises(SettingsError, match="pip install tokenizers"):
        embedder(str(whole))
    (whole / "model.onnx").unlink()
    with pytest.raises(SettingsError, match=r"holds no model\.onnx or onnx/model\.onnx"):
        FolderEmbedder.of(whole)


BAD: list[tuple[object, str]] = [
    ({"pooling": "max"}, "pooling is mean or cls"),
    ({"longest": 0}, "longest 1 or more"),
    ({"longest": "512"}, "longest is not understood"),
    ({"prefix": "query: "}, "prefix is not understood"),
    (["mean"], "is no JSON object"),
    ({"file": "other.onnx"}, "holds no other.onnx"),
]


@pytest.mark.parametrize(("told", "reason"), BAD)
def test_what_the_folder_says_wrongly_is_named(made: Made, told: object, reason: str) -> None:
    with pytest.raises(SettingsError, match=reason):
        FolderEmbedder.of(made(files={"digivinkki.json": told}))


def test_a_model_that_is_none_is_found_out_when_it_is_asked(made: Made) -> None:
    broken, curious = made("broken"), made("curious", asks="pixel_values")
    (broken / "model.onnx").write_bytes(b"no model")
    for folder, reason in ((broken, "cannot be loaded"), (curious, "asks for more than a text: pixel_values")):
        with pytest.raises(ModelError, match=reason):
            FolderEmbedder.of(folder).query("kissa")


def test_nothing_is_imported_before_it_is_asked(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = made()
    monkeypatch.delitem(sys.modules, "onnxruntime", raising=False)
    assert FolderEmbedder.of(folder).name
    assert "onnxruntime" not in sys.modules
