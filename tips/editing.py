"""A tip as somebody fills it in, field by field, and back: what differs from the starter's stands in the own layer."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from tips.errors import PackError
from tips.models import LANGUAGES, Language, Text, Tip
from tips.packs import tip_of
from tips.reasons import reason
from tips.store import layered, tip_text

PARTS = ("title", "body", "link", "phrasings")
HEAD = ("theme", "reviewed", "review_by", "source")
_LONGEST_FORM = 100_000  # characters of a field


@dataclass(frozen=True, slots=True)
class Filled:
    """What stands in the fields, by name: 'fi.title', 'theme', …; phrasings one a line. Audiences apart."""

    values: Mapping[str, str] = field(default_factory=dict)
    audience: tuple[str, ...] = ()

    def __getitem__(self, name: str) -> str:
        return self.values.get(name, "")


class UnfitError(Exception):
    """What was filled in is no tip; `problems` by field."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__(", ".join(problems))
        self.problems = problems


def filled_in(tip: Tip) -> Filled:
    """The fields of a tip."""
    values = {name: str(getattr(tip, name)) for name in HEAD}
    for language, text in tip.texts.items():
        values |= {f"{language}.{part}": getattr(text, part) for part in PARTS[:3]}
        values[f"{language}.phrasings"] = "\n".join(text.phrasings)
    return Filled({name: value for name, value in values.items() if value}, tip.audience)


def as_typed(given: Mapping[str, str], audience: tuple[str, ...]) -> Filled:
    """The fields that a form carries; line breaks as we write them."""
    names = [*HEAD, *(f"{language}.{part}" for language in LANGUAGES for part in PARTS)]
    values = {name: given.get(name, "").replace("\r\n", "\n")[:_LONGEST_FORM].strip() for name in names}
    return Filled({name: value for name, value in values.items() if value}, audience)


def tip_from(tip_id: str, filled: Filled, before: Tip | None = None) -> Tip:
    """The whole tip that was filled in; pictures stay as they are `before`. Raises UnfitError, naming each field."""
    found: dict[str, str] = {}
    texts: dict[Language, Text] = {}
    for language in LANGUAGES:
        data = {part: filled[f"{language}.{part}"] for part in PARTS[:3]}
        ways = filled[f"{language}.phrasings"].splitlines()
        if any(data.values()) or ways:
            try:
                made = tip_of({"id": tip_id, language: {**data, "phrasings": ways}}, "x").texts[language]
                old = before.texts.get(language) if before else None
                texts[language] = replace(made, image=old.image if old else None)
            except PackError as error:
                found[error.field] = error.reason
    head = {name: filled[name] for name in HEAD[1:]}
    try:
        tip = tip_of({"id": tip_id, "audience": list(filled.audience), "hidden": False, **head}, filled["theme"])
    except PackError as error:
        found[error.field] = error.reason
    if not texts and not found:
        found["fi.title"] = reason("no_language")
    if found:
        raise UnfitError(found)
    return replace(tip, texts=texts, hidden=None)


def over(base: Tip | None, wanted: Tip, *, hidden: bool | None) -> Tip | None:
    """What must stand in the own layer so that `wanted` is in force; None where the starter's tip says the same."""
    if base is None:
        return replace(wanted, hidden=hidden)
    texts = {language: text for language, text in wanted.texts.items() if not _says(base.texts.get(language), text)}
    asked = {
        language: more for language, text in texts.items() if (more := _only_asked(base.texts.get(language), text))
    }
    texts = {language: text for language, text in texts.items() if language not in asked}
    tip = Tip(
        wanted.id,
        wanted.theme,
        texts,
        () if wanted.audience == base.audience else wanted.audience,
        "" if not texts and wanted.reviewed == base.reviewed else wanted.reviewed,
        "" if not texts and wanted.review_by == base.review_by else wanted.review_by,
        "" if wanted.source == base.source else wanted.source,
        hidden,
        asked=asked,
    )
    if replace(layered(base, tip), hidden=base.hidden) == base:
        return None if hidden is None or hidden is bool(base.hidden) else Tip(wanted.id, wanted.theme, hidden=hidden)
    # A tip without words needs to say whether it is hidden.
    return tip if texts or asked or hidden is not None else replace(tip, hidden=False)


def version(base: Tip | None, own: Tip | None) -> str:
    """Another one after every change of the tip, in either layer."""
    both = [tip and (tip.theme, tip_text(tip)) for tip in (base, own)]
    return hashlib.sha256(repr(both).encode(errors="replace")).hexdigest()[:16]


def _says(base: Text | None, text: Text) -> bool:
    """Whether the starter's text says the same; phrasings that were left out are the starter's."""
    return base is not None and replace(text, phrasings=text.phrasings or base.phrasings) == base


def _only_asked(base: Text | None, text: Text) -> tuple[str, ...]:
    """The ways of asking that were added, where nothing else was changed."""
    if base is None or text.phrasings[: len(base.phrasings)] != base.phrasings:
        return ()
    return text.phrasings[len(base.phrasings) :] if replace(text, phrasings=base.phrasings) == base else ()
