"""The message catalogues: every text that users see, in fi, sv and en, from `catalogue/*.yaml`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from tips import yamldocs
from tips.models import Language

_CATALOGUE = Path(__file__).with_name("catalogue")
_TWO_DOTS = re.compile(r"(?<=\d)\.\.(?=\s|$)")  # a Finnish date at the end of a sentence: '6.12.' and its full stop


@cache
def catalogue(language: Language) -> Mapping[str, str]:
    """All messages of the language by key."""
    data: dict[str, str] = yamldocs.shipped(_CATALOGUE / f"{language}.yaml")
    return data


def say(language: Language, key: str, /, **values: object) -> str:
    """The message in the language with its values filled in. Raises KeyError for a key that no catalogue has."""
    return _TWO_DOTS.sub(".", catalogue(language)[key].strip().format(**values))
