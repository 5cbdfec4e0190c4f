"""The programme that comes with the product: sessions and guides, files beside the starter tips."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from tips import yamldocs
from tips.errors import PackError
from tips.guides import Guide, guide_of
from tips.sessions import Session, session_mapping, session_of

PROGRAMME = Path(__file__).with_name("programme")


@dataclass(frozen=True, slots=True)
class Programme:
    """Sessions by theme and guides by id."""

    sessions: Mapping[str, Session] = field(default_factory=dict)
    guides: Mapping[str, Guide] = field(default_factory=dict)


@cache
def starter_programme() -> Programme:
    """The programme that comes with the product, read once."""
    return read(PROGRAMME)


def read(path: Path) -> Programme:
    """The sessions and guides of a file, or of all files below a folder. Raises PackError."""
    files = sorted(path.rglob("*.yaml")) if path.is_dir() else [path]
    sessions: dict[str, Session] = {}
    guides: dict[str, Guide] = {}
    for file in files:
        try:
            found = parsed(file.read_bytes())
            for identity in (*found.sessions, *found.guides):
                _once(identity, {**sessions, **guides})
        except PackError as error:
            raise error.at(file=file) from None
        except OSError as error:
            raise PackError(f"cannot be read: {error.strerror}", file=file) from error
        sessions |= found.sessions
        guides |= found.guides
    return Programme(sessions, guides)


def parsed(data: bytes) -> Programme:
    """The sessions and guides of one file. Raises PackError."""
    sessions: dict[str, Session] = {}
    guides: dict[str, Guide] = {}
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise PackError("is not UTF-8 text") from None
    for document in yamldocs.read(text, "session or guide"):
        if "guide" in document:
            guide = guide_of(document)
            _once(guide.id, guides)
            guides[guide.id] = guide
        else:
            session = session_of(document)
            _once(session.id, sessions)
            sessions[session.id] = session
    return Programme(sessions, guides)


def sessions_of(programme: Programme) -> tuple[Session, ...]:
    """The sessions of a pack that is to be imported. Raises PackError where it holds guides: those come with the
    product."""
    for guide in programme.guides:
        raise PackError("is a guide: only sessions are imported", tip=guide, field="guide")
    return tuple(programme.sessions.values())


def text_of(sessions: Iterable[Session]) -> str:
    """The sessions as a file that `parsed` reads, a document each."""
    return yamldocs.write(map(session_mapping, sessions))


def is_programme(path: Path) -> bool:
    """Whether the file, or the first below the folder, holds a session or a guide rather than tips."""
    files = sorted(path.rglob("*.yaml")) if path.is_dir() else [path]
    try:
        data = files[0].read_bytes() if files else b""
    except OSError:
        return False
    return looks_so(data)


def looks_so(data: bytes) -> bool:
    """The same of a file's content."""
    lines = data[:20_000].decode("utf-8-sig", errors="replace").splitlines()[:40]
    return any(line.startswith(("session:", "guide:")) for line in lines)


def _once(identity: str, known: Iterable[str]) -> None:
    if identity in known:
        raise PackError("the same id twice", tip=identity, field="id")
