"""Packs as files: YAML, JSONL and CSV, one file or a folder of them. Reading refuses whole what does not fit."""

from __future__ import annotations

import codecs
import json
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any

from tips import yamldocs
from tips.errors import PackError
from tips.models import Pack, Theme, Tip
from tips.packcsv import from_csv, to_csv
from tips.packimages import image_files, with_a_name_each, with_images
from tips.packs import joined, line_mapping, line_of, slug, theme_mapping, theme_of, tip_mapping
from tips.reasons import reason

SUFFIXES = (".yaml", ".yml", ".jsonl", ".csv")
_CONTROL = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f]")
_UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
LARGEST_FILE = 20_000_000  # bytes; 5,000 tips in three languages are some 10 MB


def read(path: Path) -> Pack:
    """The pack at the path: a .yaml, .jsonl or .csv file, or a folder of such files.

    Raises PackError, naming file, tip and field, and reads nothing by halves.
    """
    try:
        if not path.exists():
            raise PackError("no such file or folder", file=path)
        files = sorted(filter(_is_pack, path.rglob("*"))) if path.is_dir() else [path]
    except OSError as error:
        raise PackError(f"cannot be read: {error.strerror}", file=path) from error
    if not files:
        raise PackError(f"no pack in this folder (looked for {', '.join(SUFFIXES)})", file=path)
    pack = Pack()
    for file in files:
        pack = joined([pack, _read_file(file)], file=str(file))
    return pack


def write(pack: Pack, path: Path) -> None:
    """Writes the pack as `read` reads it: by suffix as one file, without a suffix as a folder, a file a theme.

    Nothing takes the place of an older export before all is written. A table holds no pictures, so none go with it.
    """
    suffix = path.suffix.lower()
    pack = with_a_name_each(pack)
    writers = {".yaml": _yaml, ".yml": _yaml, ".jsonl": _jsonl, ".csv": to_csv}
    try:
        if suffix in writers:
            images = {} if suffix == ".csv" else image_files(pack, path.parent)
            _write_all({path: writers[suffix](pack).encode()} | images)
        elif suffix and not path.is_dir():
            raise PackError(f"unknown kind of file; use {', '.join(SUFFIXES)} or a folder", file=path)
        else:
            path.mkdir(parents=True, exist_ok=True)
            documents = {path / name: document.encode() for name, document in _files(pack).items()}
            _write_all(documents | image_files(pack, path))
    except OSError as error:
        raise PackError(f"cannot be written: {error.strerror}", file=path) from error


def _write_all(files: Mapping[Path, bytes]) -> None:
    parts = {path: path.with_name(path.name + ".part") for path in files}
    try:
        for path, part in parts.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            part.write_bytes(files[path])
        for path, part in parts.items():
            os.replace(part, path)
    finally:
        for part in parts.values():
            with suppress(OSError):
                part.unlink(missing_ok=True)


def _is_pack(file: Path) -> bool:
    return file.suffix.lower() in SUFFIXES and file.is_file()


def _read_file(file: Path) -> Pack:
    readers: dict[str, Callable[[str], Pack]] = {
        ".yaml": _from_yaml,
        ".yml": _from_yaml,
        ".jsonl": _from_jsonl,
        ".csv": lambda text: from_csv(text, file.stem),
    }
    try:
        if not _is_pack(file):
            raise PackError(reason("file_kind", kinds=", ".join(SUFFIXES)))
        if file.stat().st_size > LARGEST_FILE:
            raise PackError(f"is larger than {LARGEST_FILE // 1_000_000} MB")
        return with_images(readers[file.suffix.lower()](_decoded(file)), file.parent)
    except OSError as error:
        raise PackError(f"cannot be read: {error.strerror}", file=file) from error
    except PackError as error:
        raise error.at(file=file) from None


def _decoded(file: Path) -> str:
    data = file.read_bytes()
    is_table = file.suffix.lower() == ".csv"
    try:
        if is_table and data.startswith(_UTF16_MARKS):  # what Excel saves as 'Unicode text'
            return data.decode("utf-16")
        if is_table and b"\0" in data:
            raise PackError("is not UTF-8 text: UTF-16 without its mark, or no text; save it as 'CSV UTF-8'")
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        if is_table:
            return _from_windows(data)
        found = " but UTF-16" if data.startswith(_UTF16_MARKS) else ""
        raise PackError(reason("file_no_utf8", found=found)) from None


def _from_windows(data: bytes) -> str:
    """The text of what Excel in Finland saves as plain 'CSV'. A guess, so what nobody types there is refused."""
    with suppress(UnicodeDecodeError):
        text = data.decode("cp1252")
        if not data.startswith(_UTF16_MARKS) and not _CONTROL.search(text):
            return text
    raise PackError("is neither UTF-8 nor Windows-1252 text; save it as 'CSV UTF-8'")


def _from_yaml(text: str) -> Pack:
    documents = yamldocs.read(text, "theme, series, title and tips")
    return joined(Pack((theme,), tips) for theme, tips in map(theme_of, documents))


def _from_jsonl(text: str) -> Pack:
    def parts() -> Iterator[Pack]:
        for number, line in enumerate(text.split("\n"), 1):
            if not line.strip():
                continue
            try:
                data = json.loads(line, object_pairs_hook=_once)
            except PackError as error:
                raise PackError(f"line {number}: {error.reason}") from None
            except (ValueError, RecursionError):
                raise PackError(f"line {number} is not JSON") from None
            if not isinstance(data, dict):
                raise PackError(f"line {number} is not a JSON object")
            try:
                theme, tip = line_of(data)
            except PackError as error:
                raise PackError(f"line {number}: {error.reason}", tip=error.tip, field=error.field) from None
            yield Pack((theme,) if theme else (), (tip,))

    pack = joined(parts())
    if not pack.tips:
        raise PackError(reason("file_no_tips"))
    return pack


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    data: dict[str, Any] = {}
    for key, value in pairs:
        if key in data:
            raise PackError(f"the field {key} stands twice")
        data[key] = value
    return data


def _by_theme(pack: Pack) -> Iterable[tuple[Theme, list[Tip]]]:
    grouped: dict[str, list[Tip]] = {}
    for tip in pack.tips:
        grouped.setdefault(tip.theme, []).append(tip)
    return [(pack.theme(theme_id), tips) for theme_id, tips in grouped.items()]


def _files(pack: Pack) -> dict[str, str]:
    """A file a theme, by name; themes whose ids differ only in what a file name cannot hold get a number."""
    files: dict[str, str] = {}
    for theme, tips in _by_theme(pack):
        stem = slug(theme.id) or "theme"
        names = (f"{stem}-{number}.yaml" if number else f"{stem}.yaml" for number in count())
        files[next(name for name in names if name not in files)] = _yaml(Pack((theme,), tuple(tips)))
    return files


def _yaml(pack: Pack) -> str:
    documents = [theme_mapping(theme) | {"tips": list(map(tip_mapping, tips))} for theme, tips in _by_theme(pack)]
    return yamldocs.write(documents)


def _jsonl(pack: Pack) -> str:
    lines = (json.dumps(line_mapping(pack.theme(tip.theme), tip), ensure_ascii=False) for tip in pack.tips)
    return "".join(line + "\n" for line in lines)
