"""What `doctor` finds: how bad it is, what it is, and how to mend it."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum


class State(StrEnum):
    """How bad it is. Only `WRONG` makes the command end with 2."""

    OK = "ok"
    NOTE = "note"
    WRONG = "WRONG"


Finding = tuple[State, str, str]  # state, what, how to mend it
Findings = Iterator[Finding]


def shown(finding: Finding) -> str:
    """The finding in a line, and how to mend it in a second."""
    state, what, mend = finding
    return f"{state.value:6} {what}" + (f"\n       -> {mend}" if mend else "")
