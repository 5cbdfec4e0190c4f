"""Packs that arrive as bytes, by their file's name: one file, or a .zip of a folder, whose word is not taken."""

from __future__ import annotations

import io
import lzma
import stat
import struct
import tempfile
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from tips.errors import PackError
from tips.models import Pack
from tips.packfiles import LARGEST_FILE, SUFFIXES, read, write
from tips.packimages import LARGEST_IMAGE
from tips.reasons import reason

ZIP = ".zip"
MOST_FILES = 2_000
LARGEST_WHOLE = 60_000_000  # bytes of all files together, unpacked
_PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".webp")
_AT_ONCE = 1 << 16
# All that the library raises for what is no .zip, or a damaged or encrypted one.
_BROKEN = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, OSError, RuntimeError, ValueError)


def pack_of(name: str, data: bytes) -> Pack:
    """The pack in a .yaml, .jsonl, .csv or .zip file. Raises PackError, whose `file` is the name inside the upload."""
    suffix = Path(name).suffix.lower()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        try:
            if suffix == ZIP:
                unpack(data, folder)
                return read(folder)
            if suffix not in SUFFIXES:
                raise PackError(reason("file_kind", kinds=", ".join((*SUFFIXES, ZIP))))
            # The name says what a table's theme is, where its rows do not.
            path = folder / f"{Path(name).stem[:80] or 'pack'}{suffix}"
            path.write_bytes(data)
            return read(path)
        except PackError as error:
            inside = error.file.removeprefix(str(folder)).lstrip("/\\")
            raise PackError(error.reason, file=inside or Path(name).name, tip=error.tip, field=error.field) from None


def zipped(pack: Pack) -> bytes:
    """The pack as a .zip of its folder, a file a theme, with its pictures."""
    out = io.BytesIO()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        write(pack, folder)
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for file in sorted(each for each in folder.rglob("*") if each.is_file()):
                archive.write(file, file.relative_to(folder).as_posix())
    return out.getvalue()


def unpack(data: bytes, folder: Path) -> None:
    """Puts the packs and pictures of a .zip into the folder.

    Raises PackError for a path that leads out of it, a link, a secret one, too many files, or more bytes than may be:
    counted as they come, since the sizes that a .zip names may be lies.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            # A name of nothing is no folder's, and `is_dir` looks at its last letter.
            members = [member for member in archive.infolist() if not member.filename or not member.is_dir()]
            if len(members) > MOST_FILES:
                raise PackError(f"holds {len(members)} files, at most {MOST_FILES} fit")
            left = LARGEST_WHOLE
            for member in members:
                path = _inside(member, folder)
                if path:
                    left -= _unpack_one(archive, member, path, left)
    except _BROKEN as error:
        raise PackError(reason("file_zip")) from error


def _inside(member: zipfile.ZipInfo, folder: Path) -> Path | None:
    """Where the member goes, None for one that is no part of a pack."""
    if not member.filename:
        raise PackError("holds a file without a name")
    name = PurePosixPath(member.filename.replace("\\", "/"))
    strange = name.is_absolute() or ".." in name.parts or ":" in member.filename or "\0" in member.orig_filename
    if strange or stat.S_ISLNK(member.external_attr >> 16):
        raise PackError(f"{member.filename[:100]!r} leads out of the pack's folder")
    hidden = any(part.startswith((".", "__MACOSX")) for part in name.parts)
    if hidden or name.suffix.lower() not in (*SUFFIXES, *_PICTURES):
        return None
    if member.flag_bits & 0x1:
        raise PackError(f"{member.filename[:100]} has a password")
    return folder / name


def _unpack_one(archive: zipfile.ZipFile, member: zipfile.ZipInfo, path: Path, left: int) -> int:
    """How many bytes the file had."""
    largest = LARGEST_IMAGE if path.suffix.lower() in _PICTURES else LARGEST_FILE
    size = 0
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with archive.open(member) as source, path.open("xb") as target:
            while part := source.read(_AT_ONCE):
                size += len(part)
                if size > min(largest, left):
                    raise PackError(f"{member.filename[:100]} is larger than fits")
                target.write(part)
    except OSError as error:  # the same name twice, a name that no disk takes
        raise PackError(f"{member.filename[:100]!r} cannot be unpacked") from error
    return size
