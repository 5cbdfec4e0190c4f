"""Fields of the files that people write: checked one by one, each refusal naming what does not fit.

Scalars may come as text throughout (the YAML reader makes them so), hence `hidden: "true"` as well as `hidden: true`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import urlsplit

from tips.errors import PackError
from tips.reasons import reason

LONGEST_TEXT = 2_000  # characters, where a field says nothing else
_ID = re.compile(r"\w[\w.:-]{0,119}")
_MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])(-[0-9]{2})?")
_FINNISH_MONTH = re.compile(r"(?:[0-9]{1,2}\.)?([0-9]{1,2})[/.]([0-9]{4})")  # 11/2026, 11.2026, 30.11.2026
_NO_TEXT = re.compile("[\0\ud800-\udfff]")  # JSON can spell them; no file and no database can hold them
_FLAGS = {True: True, False: False, "true": True, "false": False}


def is_id(text: str) -> bool:
    """Whether the text can be an id: letters, digits and - _ . : only."""
    return bool(_ID.fullmatch(text))


def number_in(text: str, digits: int = 15) -> int | None:
    """The number that the text is, of at most so many ASCII digits; None for anything else (never trust a button)."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= digits else None


def string(data: object, field: str, longest: int = LONGEST_TEXT) -> str:
    """The field as text, '' where it is missing. Raises PackError."""
    if data is None:
        return ""
    if not isinstance(data, str):
        raise PackError(f"must be text, not {shown(data)}", field=field)
    if len(data) > longest:
        raise PackError(reason("too_long", count=len(data), most=longest), field=field)
    if _NO_TEXT.search(data):
        raise PackError(reason("no_text", shown=shown(data)), field=field)
    return data


def identity(data: object, field: str) -> str:
    """The field as an id. Raises PackError."""
    text = string(data, field)
    if not text:
        raise PackError(reason("missing"), field=field)
    if not _ID.fullmatch(text):
        raise PackError(f"may hold letters, digits and - _ . : only, not {shown(text)}", field=field)
    return text


def month(data: object, field: str) -> str:
    """The field as a month, 2026-11, '' where it is missing. Raises PackError."""
    text = string(data, field)
    if finnish := _FINNISH_MONTH.fullmatch(text):
        text = f"{finnish[2]}-{int(finnish[1]):02}"
    if text and not _MONTH.fullmatch(text):
        raise PackError(reason("no_month", shown=shown(text)), field=field)
    return text[:7]


def flag(data: object) -> bool | None:
    """The field as yes or no, None where it is missing. Raises PackError."""
    if data is None or data == "":
        return None
    if isinstance(data, (bool, str)) and data in _FLAGS:
        return _FLAGS[data]
    raise PackError(f"must be true or false, not {shown(data)}", field="hidden")


def is_web_address(link: str) -> bool:
    """Whether the link is a whole http or https address, and so safe to show as a link."""
    try:
        parts = urlsplit(link)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and not re.search(r"[\s<>\"\\]", link)


def known_fields(data: Mapping[str, Any], known: Collection[str], within: str = "") -> None:
    """Raises PackError where there is a field that the format does not have."""
    for name in data:
        if name not in known:
            raise PackError(reason("no_field"), field=f"{within}.{name}" if within else str(name))


def shown(value: object) -> str:
    """A value as an error shows it."""
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "…"
