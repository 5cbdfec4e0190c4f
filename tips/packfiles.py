"""Packs as files: YAML, JSONL and CSV, one file or a folder of them. Reading refuses whole what does not fit."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from tips.errors import PackError
from tips.models import LANGUAGES, Image, Language, Pack, Text, Theme, Tip
from tips.packs import joined, line_mapping, line_of, theme_mapping, theme_of, tip_mapping

SUFFIXES = (".yaml", ".yml", ".jsonl", ".csv")
LARGEST_FILE = 20_000_000  # bytes; 5,000 tips in three languages are some 10 MB
LARGEST_IMAGE = 2_000_000
LIST_BREAK = " | "  # between the phrasings, and the audiences, in one cell of a CSV file
_IMAGE_STARTS = {b"\x89PNG\r\n": "png", b"\xff\xd8\xff": "jpeg", b"GIF8": "gif", b"RIFF": "webp"}

# What municipalities call their columns, and what the columns are here.
_COLUMNS = {
    "id": ("id", "tunniste"),
    "theme": ("theme", "teema", "tema"),
    "series": ("series", "sarja", "serie"),
    "language": ("language", "lang", "kieli", "språk"),
    "title": ("title", "otsikko", "titel", "rubrik"),
    "body": ("text", "body", "teksti", "vinkki", "sisältö"),
    "phrasings": ("phrasings", "kysymystavat", "frågesätt"),
    "link": ("link", "url", "linkki", "länk"),
    "audience": ("audience", "kenelle", "målgrupp"),
    "reviewed": ("reviewed", "tarkistettu", "granskad"),
}
_COLUMN_OF = {name: column for column, names in _COLUMNS.items() for name in names}
_LANGUAGE_NAMES: dict[str, Language] = {
    "": "fi", "fi": "fi", "sv": "sv", "en": "en", "suomi": "fi", "ruotsi": "sv", "englanti": "en",
    "finska": "fi", "svenska": "sv", "engelska": "en", "finnish": "fi", "swedish": "sv", "english": "en",
}  # fmt: skip


def read(path: Path) -> Pack:
    """The pack at the path: a .yaml, .jsonl or .csv file, or a folder of such files.

    Raises PackError, naming file, tip and field, and reads nothing by halves.
    """
    if not path.exists():
        raise PackError("no such file or folder", file=path)
    files = sorted(f for f in path.rglob("*") if f.suffix.lower() in SUFFIXES) if path.is_dir() else [path]
    if not files:
        raise PackError(f"no pack in this folder (looked for {', '.join(SUFFIXES)})", file=path)
    pack = Pack()
    for file in files:
        pack = joined([pack, _read_file(file)], file=str(file))
    return pack


def write(pack: Pack, path: Path) -> None:
    """Writes the pack as `read` reads it: by suffix as one file, without a suffix as a folder, a file a theme."""
    suffix = path.suffix.lower()
    writers = {".yaml": _yaml, ".yml": _yaml, ".jsonl": _jsonl, ".csv": _csv}
    try:
        if suffix in writers:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(writers[suffix](pack), encoding="utf-8", newline="")
            _write_images(pack, path.parent)
        elif suffix and not path.is_dir():
            raise PackError(f"unknown kind of file; use {', '.join(SUFFIXES)} or a folder", file=path)
        else:
            path.mkdir(parents=True, exist_ok=True)
            for theme, tips in _by_theme(pack):
                (path / f"{_slug(theme.id)}.yaml").write_text(_yaml(Pack((theme,), tuple(tips))), encoding="utf-8")
            _write_images(pack, path)
    except OSError as error:
        raise PackError(f"cannot be written: {error.strerror}", file=path) from error


def image_type(data: bytes) -> str:
    """The media type by the first bytes of a picture, '' for anything that is not one of ours."""
    kind = next((kind for start, kind in _IMAGE_STARTS.items() if data.startswith(start)), "")
    return f"image/{kind}" if kind else ""


def _read_file(file: Path) -> Pack:
    readers = {".jsonl": _from_jsonl, ".csv": _from_csv}
    try:
        if file.stat().st_size > LARGEST_FILE:
            raise PackError(f"is larger than {LARGEST_FILE // 1_000_000} MB")
        text = _decoded(file)
        reader = readers.get(file.suffix.lower())
        if reader is None and file.suffix.lower() not in SUFFIXES:
            raise PackError(f"unknown kind of file; packs are {', '.join(SUFFIXES)}")
        return _with_images(reader(text, file) if reader else _from_yaml(text), file.parent)
    except OSError as error:
        raise PackError(f"cannot be read: {error.strerror}", file=file) from error
    except PackError as error:
        raise error.at(file=file) from None


def _decoded(file: Path) -> str:
    data = file.read_bytes()
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        if file.suffix.lower() == ".csv":
            return data.decode("cp1252", errors="replace")  # what Excel in Finland saves as plain 'CSV'
        raise PackError("is not UTF-8 text") from None


class _Loader(yaml.CBaseLoader if yaml.__with_libyaml__ else yaml.BaseLoader):  # type: ignore[misc]
    """Everything is text, so `title: No` and `title: 112` stay what was written; a key may stand once."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[str, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen or not isinstance(key, yaml.ScalarNode):
                reason = f"line {key.start_mark.line + 1}: the field {key.value} stands twice"
                raise PackError(reason if isinstance(key, yaml.ScalarNode) else "a field name must be text")
            seen.add(key.value)
        mapping: dict[str, Any] = super().construct_mapping(node, deep=deep)
        return mapping


def _from_yaml(text: str) -> Pack:
    try:
        depth = 0
        for event in yaml.parse(text, Loader=_Loader):
            # An alias is how a small file unfolds into gigabytes ('YAML bomb'); a pack never needs one.
            if isinstance(event, yaml.AliasEvent):
                raise PackError(f"{_line(event)}YAML aliases (*) are not allowed")
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > 20:
                raise PackError(f"{_line(event)}nested too deep")
        documents = [document for document in yaml.load_all(text, Loader=_Loader) if document]
    except yaml.YAMLError as error:
        problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "broken"
        raise PackError(f"not YAML: {_line(error)}{problem}") from None
    if not documents or not all(isinstance(document, dict) for document in documents):
        raise PackError("must begin with theme, series, title and tips")
    return joined(Pack((theme,), tips) for theme, tips in map(theme_of, documents))


def _line(place: object) -> str:
    """'line 7: ' of what PyYAML reports, '' where it does not say."""
    mark = getattr(place, "start_mark", None) or getattr(place, "problem_mark", None)
    return f"line {mark.line + 1}: " if mark else ""


def _from_jsonl(text: str, _: Path) -> Pack:
    def parts() -> Iterator[Pack]:
        for number, line in enumerate(text.split("\n"), 1):
            if not line.strip():
                continue
            try:
                data = json.loads(line)
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
        raise PackError("holds no tips")
    return pack


def _from_csv(text: str, file: Path) -> Pack:
    """Rows of title, text, link, language under a heading row in Finnish, Swedish or English.

    Rows with the same id are one tip in several languages; without an id, the title makes one.
    """
    heading = text.lstrip().split("\n", 1)[0]
    delimiter = max(";,\t", key=heading.count)
    rows = csv.reader(io.StringIO(text.lstrip(), newline=""), delimiter=delimiter, strict=True)
    theme = _slug(file.stem) or "own"
    tips: dict[str, dict[str, Any]] = {}
    try:
        columns = [_COLUMN_OF.get(name.strip().lower(), name.strip()) for name in next(rows, [])]
        unknown = [name for name in columns if name not in _COLUMNS]
        if unknown or not {"title", "body"} <= set(columns) or len(set(columns)) < len(columns):
            named = f"unknown column {unknown[0]!r}; " if unknown else ""
            raise PackError(f"{named}the first row must name the columns: title, text, link, language")
        for row in rows:
            if any(cell.strip() for cell in row):
                _add_row(tips, dict(zip(columns, row, strict=False)), theme, rows.line_num)
    except csv.Error as error:
        raise PackError(f"line {rows.line_num}: not CSV: {error}") from None
    if not tips:
        raise PackError("holds no tips")
    return joined(Pack((found,) if found else (), (tip,)) for found, tip in map(line_of, tips.values()))


def _add_row(tips: dict[str, dict[str, Any]], row: dict[str, str], theme: str, line: int) -> None:
    row = {name: cell.strip() for name, cell in row.items()}
    tip_id = row.get("id") or _slug(row.get("title", ""))
    language = _LANGUAGE_NAMES.get(row.get("language", "").lower())
    if language is None:
        raise PackError(f"line {line}: must be fi, sv or en, not {row['language']!r}", tip=tip_id, field="language")
    tip = tips.setdefault(tip_id, {"id": tip_id, "theme": row.get("theme") or theme})
    if language in tip:
        raise PackError(f"line {line}: the same tip twice in {language}", tip=tip_id, field="title")
    for name in ("series", "reviewed"):
        if row.get(name):
            tip[name] = row[name]
    if row.get("audience"):
        tip["audience"] = row["audience"].split(LIST_BREAK)
    tip[language] = {
        "title": row.get("title", ""),
        "body": row.get("body", ""),
        "link": row.get("link", ""),
        "phrasings": [part for part in row.get("phrasings", "").split(LIST_BREAK) if part],
    }


def _with_images(pack: Pack, folder: Path) -> Pack:
    images: dict[str, bytes] = {}

    def loaded(tip: Tip) -> Tip:
        texts = {lang: replace(text, image=_loaded(text.image, folder, images, tip.id, f"{lang}.image"))
                 if text.image else text for lang, text in tip.texts.items()}  # fmt: skip
        return replace(tip, texts=texts)

    return Pack(pack.themes, tuple(map(loaded, pack.tips)), images)


def _loaded(image: Image, folder: Path, images: dict[str, bytes], tip: str, field: str) -> Image:
    path = (folder / image.file).resolve()
    if Path(image.file).is_absolute() or not path.is_relative_to(folder.resolve()):
        raise PackError(f"{image.file!r} is outside the pack's folder", tip=tip, field=field)
    if not path.is_file():
        raise PackError(f"no such file: {image.file}", tip=tip, field=field)
    if path.stat().st_size > LARGEST_IMAGE:
        raise PackError(f"{image.file} is larger than {LARGEST_IMAGE // 1_000_000} MB", tip=tip, field=field)
    data = path.read_bytes()
    if not image_type(data):
        raise PackError(f"{image.file} is not a PNG, JPEG, GIF or WebP picture", tip=tip, field=field)
    digest = hashlib.sha256(data).hexdigest()
    images[digest] = data
    return replace(image, digest=digest)


def _write_images(pack: Pack, folder: Path) -> None:
    for tip in pack.tips:
        for text in tip.texts.values():
            if text.image and text.image.digest in pack.images:
                path = folder / text.image.file
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(pack.images[text.image.digest])


def _by_theme(pack: Pack) -> Iterable[tuple[Theme, list[Tip]]]:
    grouped: dict[str, list[Tip]] = {}
    for tip in pack.tips:
        grouped.setdefault(tip.theme, []).append(tip)
    return [(pack.theme(theme_id), tips) for theme_id, tips in grouped.items()]


class _Dumper(yaml.SafeDumper):
    """Text of several lines as a block, as people write it."""


def _string_node(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _string_node)


def _yaml(pack: Pack) -> str:
    documents = [theme_mapping(theme) | {"tips": list(map(tip_mapping, tips))} for theme, tips in _by_theme(pack)]
    text: str = yaml.dump_all(documents, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=110)
    return text


def _jsonl(pack: Pack) -> str:
    lines = (json.dumps(line_mapping(pack.theme(tip.theme), tip), ensure_ascii=False) for tip in pack.tips)
    return "".join(line + "\n" for line in lines)


def _csv(pack: Pack) -> str:
    out = io.StringIO(newline="")
    names = ["id", "theme", "series", "language", "title", "text", "link", "phrasings", "audience", "reviewed"]
    writer = csv.writer(out)
    writer.writerow(names)
    for tip in pack.tips:
        for language in (lang for lang in LANGUAGES if lang in tip.texts):
            writer.writerow(_csv_row(pack.theme(tip.theme), tip, language, tip.texts[language]))
    return out.getvalue()


def _csv_row(theme: Theme, tip: Tip, language: Language, text: Text) -> list[str]:
    phrasings, audience = LIST_BREAK.join(text.phrasings), LIST_BREAK.join(tip.audience)
    head = [tip.id, tip.theme, theme.series, language]
    return [*head, text.title, text.body, text.link, phrasings, audience, tip.reviewed]


def _slug(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.lower()).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:80]
