"""What commands are given by the composition root, and the options that they share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import click

from bot.settings import Settings
from bot.stores import Stores
from tips.models import LANGUAGES

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Context:
    """Settings, how the root opens stores and serves, and the product's version."""

    settings: Settings
    open_stores: Callable[[Settings], Stores]
    serve: Callable[[Settings, str, int], None]
    version: str

    def at(self, database: Path | None) -> Context:
        """The same with another database."""
        return self if database is None else replace(self, settings=replace(self.settings, database=database))

    @contextmanager
    def stores(self) -> Iterator[Stores]:
        """The stores, created, migrated and seeded where needed; closed at the end."""
        stores = self.open_stores(self.settings)
        try:
            yield stores
        finally:
            stores.database.close()


def database_option(command: F) -> F:
    """Adds --database to a command; it wins over the setting."""
    return click.option(
        "--database",
        type=click.Path(dir_okay=False, path_type=Path),
        expose_value=False,
        is_eager=True,
        callback=_chosen_database,
        help="The database file (else DIGIVINKKI_DATABASE, else digivinkki.db).",
    )(command)


def _chosen_database(context: click.Context, _: click.Parameter, value: Path | None) -> None:
    context.obj = context.find_object(Context).at(value)  # type: ignore[union-attr]


language_choice = click.Choice(LANGUAGES)
