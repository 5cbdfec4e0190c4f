"""A model folder on disk as an `Embedder`: onnxruntime and tokenizers, laid out as sentence-transformers does.

    model.onnx, or onnx/model.onnx (model_quantized.onnx, model_int8.onnx where that is not there)
    tokenizer.json
    1_Pooling/config.json                  mean, or the first token (CLS); mean where nothing says
    config_sentence_transformers.json      prompts that stand before questions and passages; none where nothing says
    digivinkki.json                        goes before those: {"file", "pooling", "query", "passage", "longest"}

For models of the names e5 and bge, which seldom say it, what their authors ask for is known (`_KNOWN`).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from importlib.util import find_spec
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from tips.bm25 import Floats
from tips.errors import ModelError, SettingsError

PACKAGES = ("onnxruntime", "tokenizers")
_FILES = ("model.onnx", "onnx/model.onnx", "onnx/model_quantized.onnx", "onnx/model_int8.onnx")
_POOLINGS = ("mean", "cls")
_VERSION = 1  # of what is made of a model's output: another one where vectors would differ
_ENDS = 65_536  # bytes at either end of a large file that tell it from another of its length
_KNOWN = {
    r"\be5\b": {"pooling": "mean", "query": "query: ", "passage": "passage: "},
    r"\bbge\b": {"pooling": "cls", "query": "", "passage": ""},
}
# Texts that have nothing to do with one another, and how like they are to multilingual-e5-small, to which the weights
# of the search were fitted.
_UNRELATED = (
    "Vaihda salasana ennen kuin se vanhenee",
    "Koivun lehdet kellastuvat syyskuussa",
    "Så kokar du potatis",
    "Tåget till Åbo går klockan sju",
    "The museum is closed on Mondays",
    "How to mute your microphone",
)
_AS_LIKE = 0.806


@dataclass(frozen=True, slots=True)
class Manner:
    """How a model is asked: its file, how the vectors of a text's pieces become one, what stands before a text."""

    file: Path
    pooling: str = "mean"
    query: str = ""
    passage: str = ""
    longest: int = 512  # pieces of a text; the rest is not read


class FolderEmbedder:
    """The model of a folder, on one thread. Loaded when it is first asked. Any thread may ask it."""

    def __init__(self, folder: Path, manner: Manner) -> None:
        self._folder, self._manner = folder, manner
        self.name = f"{folder.resolve().name}-{_fingerprint(folder, manner)}"

    @classmethod
    def of(cls, folder: Path) -> FolderEmbedder:
        """Raises SettingsError where the folder, what it must hold, or a package is missing."""
        if not folder.is_dir():
            raise SettingsError(f"DIGIVINKKI_EMBEDDER: {folder} is no folder; name one that holds a model, or off")
        if not (folder / "tokenizer.json").is_file():
            raise SettingsError(f"DIGIVINKKI_EMBEDDER: {folder} holds no tokenizer.json")
        manner = _manner(folder)
        if lacking := [package for package in PACKAGES if find_spec(package) is None]:
            raise SettingsError(f"DIGIVINKKI_EMBEDDER: a model folder needs: pip install {' '.join(lacking)}")
        return cls(folder, manner)

    def passages(self, texts: Sequence[str]) -> Floats:
        # One by one: a batch is no faster on one thread, and the caller may want to stop in between.
        return np.array([self._spread(self._vector(self._manner.passage + text)) for text in texts], np.float32)

    def query(self, text: str) -> Floats:
        return self._spread(self._vector(self._manner.query + text))

    def _spread(self, vector: Floats) -> Floats:
        """The vector with a coordinate more, the same for all: so unrelated texts are as like as they are to e5."""
        own: Floats = np.append(vector * np.sqrt(self._share), np.sqrt(1 - self._share)).astype(np.float32)
        return own

    @cached_property
    def _share(self) -> float:
        """How much of a likeness is the model's own, 0..1."""
        vectors = [self._vector(self._manner.passage + text) for text in _UNRELATED]
        alike = float(np.mean([one @ other for one, other in combinations(vectors, 2)]))
        return min(1.0, (1 - _AS_LIKE) / max(1 - alike, 1e-6))

    def _vector(self, text: str) -> Floats:
        tokenizer, session = self._loaded
        pieces = tokenizer.encode(text.strip().encode("utf-8", "replace").decode() or "?")
        given = {"input_ids": pieces.ids, "attention_mask": pieces.attention_mask, "token_type_ids": pieces.type_ids}
        inputs = {each.name: np.array([given[each.name]], np.int64) for each in session.get_inputs()}
        try:
            outputs = [np.asarray(output) for output in session.run(None, inputs)]
        except Exception as error:
            raise ModelError(f"{self._manner.file} cannot be asked ({type(error).__name__})") from error
        return _pooled(outputs, self._manner)

    @cached_property
    def _loaded(self) -> tuple[Any, Any]:
        from onnxruntime import InferenceSession, SessionOptions  # noqa: PLC0415  optional, and 50 MB
        from tokenizers import Tokenizer  # noqa: PLC0415  optional

        options = SessionOptions()
        options.log_severity_level = 3  # errors: warnings about the graph help nobody here
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        try:
            tokenizer = Tokenizer.from_file(str(self._folder / "tokenizer.json"))
            tokenizer.enable_truncation(self._manner.longest)
            tokenizer.no_padding()
            session = InferenceSession(str(self._manner.file), options, providers=["CPUExecutionProvider"])
        except Exception as error:
            raise ModelError(f"the model in {self._folder} cannot be loaded ({type(error).__name__})") from error
        if unknown := {each.name for each in session.get_inputs()} - _INPUTS:
            raise ModelError(f"the model in {self._folder} asks for more than a text: {', '.join(sorted(unknown))}")
        return tokenizer, session


_INPUTS = {"input_ids", "attention_mask", "token_type_ids"}


def _pooled(outputs: Sequence[Floats], manner: Manner) -> Floats:
    """The vector of the text, of the length 1, from those of its pieces; a model that pools by itself is believed."""
    pieces = next((output[0] for output in outputs if output.ndim == 3), None)
    if pieces is not None:
        vector = pieces[0] if manner.pooling == "cls" else pieces.mean(axis=0)
    else:
        vector = next((output[0] for output in outputs if output.ndim == 2), None)
    if vector is None or not (length := float(np.linalg.norm(vector))) or not np.isfinite(length):
        raise ModelError(f"{manner.file} gives no vector of a text")
    found: Floats = (vector / length).astype(np.float32)
    return found


def _manner(folder: Path) -> Manner:
    """What the folder says of how it is asked. Raises SettingsError."""
    told = {**_by_name(folder), **_by_sentence_transformers(folder), **_read(folder / "digivinkki.json")}
    wrong = [name for name, value in told.items() if not isinstance(value, int if name == "longest" else str)]
    if unknown := [*wrong, *(told.keys() - {"file", "pooling", "query", "passage", "longest"})]:
        raise SettingsError(f"{folder / 'digivinkki.json'}: {unknown[0]} is not understood")
    names = [told.pop("file")] if "file" in told else list(_FILES)
    file = next((folder / name for name in names if (folder / name).is_file()), None)
    if file is None:
        raise SettingsError(f"DIGIVINKKI_EMBEDDER: {folder} holds no {' or '.join(names)}")
    manner = replace(Manner(file), **told)
    if manner.pooling not in _POOLINGS or manner.longest < 1:
        raise SettingsError(f"{folder / 'digivinkki.json'}: pooling is mean or cls, longest 1 or more")
    return manner


def _by_name(folder: Path) -> Mapping[str, Any]:
    told = _read(folder / "config.json").get("_name_or_path")
    name = f"{folder.resolve().name} {told}".lower()
    return next((manner for pattern, manner in _KNOWN.items() if re.search(pattern, name)), {})


def _by_sentence_transformers(folder: Path) -> Mapping[str, Any]:
    pooling, prompts = _read(folder / "1_Pooling" / "config.json"), _read(folder / "config_sentence_transformers.json")
    found: dict[str, Any] = {}
    for name, manner in (("pooling_mode_cls_token", "cls"), ("pooling_mode_mean_tokens", "mean")):
        if pooling.get(name) is True:
            found["pooling"] = manner
    given = prompts.get("prompts")
    said = given if isinstance(given, dict) else {}
    for ours, theirs in (("query", "query"), ("passage", "passage"), ("passage", "document")):
        if isinstance(said.get(theirs), str) and said[theirs]:
            found[ours] = said[theirs]
    return found


def _read(file: Path) -> dict[str, Any]:
    """The JSON object in the file, an empty one where it is not there. Raises SettingsError."""
    if not file.is_file():
        return {}
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        data = None
    if not isinstance(data, dict):
        raise SettingsError(f"{file}: is no JSON object")
    return data


def _fingerprint(folder: Path, manner: Manner) -> str:
    """Tells this model, asked in this manner, from another: their vectors are not to be mixed."""
    made = hashlib.sha256(repr((_VERSION, manner.pooling, manner.query, manner.passage, manner.longest)).encode())
    # model.onnx, and model.onnx_data beside it where it is larger than two gigabytes.
    weights = sorted(file for file in manner.file.parent.glob(f"{manner.file.name}*") if file.is_file())
    for file in (folder / "tokenizer.json", *weights):
        size = file.stat().st_size
        made.update(f"{file.name} {size}".encode())
        with file.open("rb") as stream:  # a gigabyte is not read at every start
            made.update(stream.read(_ENDS))
            stream.seek(max(0, size - _ENDS))
            made.update(stream.read(_ENDS))
    return made.hexdigest()[:12]
