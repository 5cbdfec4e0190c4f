"""Waiting until all of the ranking is ready, as those who ask from the command line do."""

from __future__ import annotations

import sys

import click

from tips.errors import ModelError
from tips.library import Library, Snapshot


def whole(library: Library, snapshot: Snapshot) -> Snapshot:
    """The snapshot with all vectors; by the light ranking alone, and said so, where the model cannot be used."""
    try:
        return library.whole(snapshot, _told)
    except ModelError as error:
        click.echo(f"note: {error}; by the light ranking alone", err=True)
        return snapshot


def _told(left: int) -> None:
    if sys.stderr.isatty():
        click.echo(f"\rlikeness in meaning: {left} texts to go   ", nl=False, err=True)
