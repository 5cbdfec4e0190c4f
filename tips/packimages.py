"""The pictures of a pack: files inside its folder, known by their digest once they are read."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

from tips.errors import PackError
from tips.models import Image, Pack, Tip

LARGEST_IMAGE = 2_000_000
_IMAGE_STARTS = {b"\x89PNG\r\n": "png", b"\xff\xd8\xff": "jpeg", b"GIF8": "gif", b"RIFF": "webp"}


def image_type(data: bytes) -> str:
    """The media type by the first bytes of a picture, '' for anything that is not one of ours."""
    kind = next((kind for start, kind in _IMAGE_STARTS.items() if data.startswith(start)), "")
    return f"image/{kind}" if kind else ""


def with_images(pack: Pack, folder: Path) -> Pack:
    """The pack with its pictures read. Raises PackError for one that is missing, outside the folder or no picture."""
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


def write_images(pack: Pack, folder: Path) -> None:
    """Writes the pack's pictures where its tips name them."""
    for tip in pack.tips:
        for text in tip.texts.values():
            if text.image and text.image.digest in pack.images:
                path = folder / text.image.file
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(pack.images[text.image.digest])
