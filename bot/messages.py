"""The message catalogues: every text that users see, in fi, sv and en, from `catalogue/*.yaml`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import yaml

from tips.models import Language

_CATALOGUE = Path(__file__).with_name("catalogue")


@cache
def catalogue(language: Language) -> Mapping[str, str]:
    """All messages of the language by key."""
    data: dict[str, str] = yaml.safe_load((_CATALOGUE / f"{language}.yaml").read_text(encoding="utf-8"))
    return data


def say(language: Language, key: str, /, **values: object) -> str:
    """The message in the language with its values filled in. Raises KeyError for a key that no catalogue has."""
    return catalogue(language)[key].strip().format(**values)
