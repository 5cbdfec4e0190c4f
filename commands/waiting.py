"""Waiting until all of the ranking is ready, as those who ask from the command line do."""

from __future__ import annotations

import math
import sys

import click

from tips.errors import ModelError
from tips.library import Library, Snapshot

_FEW = 32  # texts, which take a second or two
_OFTEN = 500


def whole(library: Library, snapshot: Snapshot) -> Snapshot:
    """The snapshot with all vectors; by the light ranking alone, and said so, where the model cannot be used."""
    try:
        return library.whole(snapshot, _Progress().told)
    except ModelError as error:
        click.echo(f"note: {error}; by the light ranking alone", err=True)
        return snapshot


class _Progress:
    """Says how long it will be: on a terminal in one line that changes, else in a line every few hundred texts."""

    def __init__(self) -> None:
        self._next = math.inf

    def told(self, left: int) -> None:
        if sys.stderr.isatty():
            click.echo(f"\rlikeness in meaning: {left} texts to go   ", nl=False, err=True)
        elif left <= self._next and left > _FEW:
            often = "; this is done once, the next time they are there" if self._next == math.inf else ""
            click.echo(f"likeness in meaning: {left} texts to go{often}", err=True)
            self._next = left - _OFTEN
