"""The programme that comes with the product: sessions and guides, files beside the starter tips."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tips import yamldocs
from tips.errors import PackError
from tips.guides import Guide, guide_of
from tips.sessions import Session, session_of

PROGRAMME = Path(__file__).with_name("programme")


@dataclass(frozen=True, slots=True)
class Programme:
    """Sessions by theme and guides by id."""

    sessions: Mapping[str, Session] = field(default_factory=dict)
    guides: Mapping[str, Guide] = field(default_factory=dict)


def starter_programme() -> Programme:
    """The programme that comes with the product."""
    return read(PROGRAMME)


def read(path: Path) -> Programme:
    """The sessions and guides of a file, or of all files below a folder. Raises PackError."""
    files = sorted(path.rglob("*.yaml")) if path.is_dir() else [path]
    sessions: dict[str, Session] = {}
    guides: dict[str, Guide] = {}
    for file in files:
        try:
            for document in yamldocs.read(file.read_text(encoding="utf-8-sig"), "session or guide"):
                if "guide" in document:
                    guide = guide_of(document)
                    _once(guide.id, guides)
                    guides[guide.id] = guide
                else:
                    session = session_of(document)
                    _once(session.id, sessions)
                    sessions[session.id] = session
        except PackError as error:
            raise error.at(file=file) from None
        except UnicodeDecodeError:
            raise PackError("is not UTF-8 text", file=file) from None
        except OSError as error:
            raise PackError(f"cannot be read: {error.strerror}", file=file) from error
    return Programme(sessions, guides)


def is_programme(path: Path) -> bool:
    """Whether the file, or the first below the folder, holds a session or a guide rather than tips."""
    files = sorted(path.rglob("*.yaml")) if path.is_dir() else [path]
    try:
        text = files[0].read_text(encoding="utf-8-sig") if files else ""
    except (OSError, UnicodeDecodeError):
        return False
    return any(line.startswith(("session:", "guide:")) for line in text.splitlines()[:40])


def _once(identity: str, known: Iterable[str]) -> None:
    if identity in known:
        raise PackError("the same id twice", tip=identity, field="id")
