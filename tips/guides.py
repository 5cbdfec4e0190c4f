"""Guides: documents for those who run the programme, such as the AI guidelines and the onboarding list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tips.errors import PackError
from tips.fields import identity, known_fields, month, string
from tips.models import AUDIENCES, LANGUAGES, Language, language_for

_FIELDS = {"guide", "audience", "reviewed", "review_by", "source", *LANGUAGES}


@dataclass(frozen=True, slots=True)
class GuideText:
    """A guide in one language; the body is Markdown."""

    title: str
    body: str


@dataclass(frozen=True, slots=True)
class Guide:
    """A guide and whom it is for."""

    id: str
    texts: Mapping[Language, GuideText]
    audience: tuple[str, ...] = ()
    reviewed: str = ""
    review_by: str = ""
    source: str = ""

    def text(self, wanted: Language) -> tuple[Language, GuideText]:
        """The text in the wanted language, else in the first of fi, sv, en that there is; and in which."""
        shown = language_for(wanted, self.texts)
        return shown, self.texts[shown]


def guide_of(data: Mapping[str, Any]) -> Guide:
    """A guide from its mapping. Raises PackError."""
    guide_id = identity(data.get("guide"), "guide")
    try:
        known_fields(data, _FIELDS)
        texts = {language: _text(data[language], language) for language in LANGUAGES if data.get(language)}
        if not texts:
            raise PackError("needs a title and a body in fi, sv or en", field="fi")
        audience = tuple(data.get("audience") or ())
        if unknown := [name for name in audience if name not in AUDIENCES]:
            raise PackError(f"must be of {', '.join(AUDIENCES)}, not {unknown[0]!r}", field="audience")
        reviewed, review_by = (month(data.get(name), name) for name in ("reviewed", "review_by"))
        return Guide(guide_id, texts, audience, reviewed, review_by, string(data.get("source"), "source"))
    except PackError as error:
        raise error.at(tip=guide_id) from None


def _text(data: object, language: Language) -> GuideText:
    if not isinstance(data, Mapping):
        raise PackError("must hold a title and a body", field=language)
    known_fields(data, {"title", "body"}, within=language)
    title, body = (string(data.get(name), f"{language}.{name}", longest=40_000).strip() for name in ("title", "body"))
    if not title or not body:
        raise PackError("is missing or empty", field=f"{language}.{'body' if title else 'title'}")
    return GuideText(title, body)
