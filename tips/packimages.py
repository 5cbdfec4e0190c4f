"""The pictures of a pack: files inside its folder, known by their digest once they are read."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from tips.errors import PackError
from tips.models import Image, Pack, Tip

LARGEST_IMAGE = 2_000_000
_IMAGE_STARTS = {b"\x89PNG\r\n": "png", b"\xff\xd8\xff": "jpeg", b"GIF8": "gif", b"RIFF": "webp"}


def image_type(data: bytes) -> str:
    """The media type by the first bytes of a picture, '' for anything that is not one of ours."""
    kind = next((kind for start, kind in _IMAGE_STARTS.items() if data.startswith(start)), "")
    if kind == "webp" and data[8:12] != b"WEBP":  # RIFF begins sounds and films too
        return ""
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
    try:
        data = _picture(image.file, folder)
    except OSError as error:
        raise PackError(f"cannot be read: {error.strerror}", tip=tip, field=field) from None
    except PackError as error:
        raise PackError(error.reason, tip=tip, field=field) from None
    digest = hashlib.sha256(data).hexdigest()
    images[digest] = data
    return replace(image, digest=digest)


def _picture(file: str, folder: Path) -> bytes:
    path = (folder / file).resolve()
    # No '..' at all: behind a symbolic link it could lead out again where the pack is exported to.
    inside = path.is_relative_to(folder.resolve()) and ".." not in Path(file).parts
    if Path(file).is_absolute() or not inside:
        raise PackError(f"{file!r} is outside the pack's folder")
    if not path.is_file():
        raise PackError(f"no such file: {file}")
    if path.stat().st_size > LARGEST_IMAGE:
        raise PackError(f"{file} is larger than {LARGEST_IMAGE // 1_000_000} MB")
    data = path.read_bytes()
    if not image_type(data):
        raise PackError(f"{file} is not a PNG, JPEG, GIF or WebP picture")
    return data


def with_a_name_each(pack: Pack) -> Pack:
    """The pack with another name for a picture whose name a different picture has: they came in different packs."""
    digests: dict[str, str] = {}

    def named(image: Image) -> Image:
        if digests.setdefault(image.file, image.digest) == image.digest:
            return image
        return replace(image, file=f"{image.digest[:16]}{Path(image.file).suffix}")

    return replace(pack, tips=tuple(_with_each_image(tip, named) for tip in pack.tips))


def _with_each_image(tip: Tip, change: Callable[[Image], Image]) -> Tip:
    texts = {lang: replace(text, image=text.image and change(text.image)) for lang, text in tip.texts.items()}
    return replace(tip, texts=texts)


def image_files(pack: Pack, folder: Path) -> dict[Path, bytes]:
    """The pack's pictures by the path where its tips name them."""
    images = (text.image for tip in pack.tips for text in tip.texts.values())
    return {folder / image.file: pack.images[image.digest] for image in images if image and image.digest in pack.images}
