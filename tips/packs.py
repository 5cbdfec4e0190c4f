"""The pack format: from plain mappings to tips and back. Files are the business of `packfiles`.

What does not fit raises `PackError` with the tip and the field.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from tips.errors import PackError
from tips.fields import flag, identity, is_id, is_web_address, known_fields, month, shown, string
from tips.models import AUDIENCES, LANGUAGES, SERIES, Image, Language, Pack, Text, Theme, Tip
from tips.reasons import reason

THEME_FIELDS = {"theme", "series", "title", "synonyms", "tips"}
TIP_FIELDS = {"id", "audience", "hidden", "reviewed", "review_by", "source", *LANGUAGES}
LINE_FIELDS = TIP_FIELDS | {"theme", "series", "theme_title"}
TEXT_FIELDS = {"title", "body", "phrasings", "link", "image"}
IMAGE_FIELDS = {"file", "alt"}

LONGEST = {"title": 300, "body": 20_000, "phrasing": 500, "synonym": 60, "link": 2_000, "source": 2_000}  # characters
_AUDIENCE_NAMES = {
    "kaikki": "all", "alla": "all", "toimisto": "desk", "toimistotyö": "desk", "kontor": "desk",
    "liikkuva": "mobile", "liikkuva työ": "mobile", "kenttätyö": "mobile", "mobil": "mobile", "fältarbete": "mobile",
    "esihenkilö": "supervisor", "esihenkilöt": "supervisor", "esimies": "supervisor", "esimiehet": "supervisor",
    "chef": "supervisor", "chefer": "supervisor", "förman": "supervisor", "förmän": "supervisor",
    "tutorit": "tutor", "tuutori": "tutor", "tuutorit": "tutor", "digitutor": "tutor", "digitutorit": "tutor",
    "tutorer": "tutor", "handledare": "tutor",
}  # fmt: skip


def theme_of(data: Mapping[str, Any]) -> tuple[Theme, tuple[Tip, ...]]:
    """A theme and its tips from one document of a YAML pack."""
    known_fields(data, THEME_FIELDS)
    theme = _theme(data.get("theme"), data.get("series"), data.get("title"))
    theme = replace(theme, synonyms=_synonyms(data.get("synonyms")))
    tips = data.get("tips") or []
    if not isinstance(tips, list):
        raise PackError("must be a list of tips", field="tips")
    return theme, tuple(_tip_at(number, item, theme.id) for number, item in enumerate(tips, 1))


def _tip_at(number: int, item: object, theme: str) -> Tip:
    """The tip, which is known by its number while its id is not."""
    try:
        return tip_of(item, theme)
    except PackError as error:
        raise error.at(tip=str(number)) from None


def line_of(data: Mapping[str, Any]) -> tuple[Theme | None, Tip]:
    """A tip from one line of a JSONL pack, with the theme that it names, by its id or in words."""
    tip_id = str(data.get("id") or "")
    try:
        known_fields(data, LINE_FIELDS)
        named = data.get("theme")
        made = theme_in_words(named)
        theme = _theme(made or named, data.get("series"), data.get("theme_title")) if named else None
        if theme and made:
            language: Language = next((lang for lang in LANGUAGES if data.get(lang)), "fi")
            theme = replace(theme, titles={language: str(named).strip(), **theme.titles})
        tip = {key: value for key, value in data.items() if key in TIP_FIELDS}
        return theme, tip_of(tip, theme.id if theme else "")
    except PackError as error:
        raise error.at(tip=tip_id) from None


def theme_in_words(named: object) -> str:
    """The id of a theme that is named in words ('Palkat ja lomat'); '' for what is an id, or can make none."""
    text = string(named, "theme") if isinstance(named, str) else ""
    return "" if is_id(text) else slug(text)


def slug(text: str) -> str:
    """The text as an id: small letters a-z, digits and hyphens."""
    plain = unicodedata.normalize("NFKD", text.lower()).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:80].strip("-")


def tip_of(data: object, theme: str) -> Tip:
    """A tip from its mapping. One that only hides or shows another needs no more than its id, one that adds ways of
    asking no more than those."""
    if not isinstance(data, Mapping):
        raise PackError("each tip must be a mapping of fields", field="tips")
    tip_id = identity(data.get("id"), "id")
    try:
        known_fields(data, TIP_FIELDS)
        asked = {language: found for language in LANGUAGES if (found := _only_asked(data.get(language), language))}
        texts = {
            language: _text(data[language], language)
            for language in LANGUAGES
            if data.get(language) and language not in asked
        }
        tip = Tip(
            id=tip_id,
            theme=theme,
            texts=texts,
            audience=_audience(data.get("audience")),
            reviewed=month(data.get("reviewed"), "reviewed"),
            review_by=month(data.get("review_by"), "review_by"),
            source=string(data.get("source"), "source"),
            hidden=flag(data.get("hidden")),
            asked=asked,
        )
        if texts and not theme:
            raise PackError(reason("missing"), field="theme")
        if not texts and not asked and tip.hidden is None:
            raise PackError(reason("no_language"), field="fi")
        return tip
    except PackError as error:
        raise error.at(tip=tip_id) from None


def joined(parts: Iterable[Pack], file: str = "") -> Pack:
    """One pack of several. An id that occurs twice is refused; a theme may stand in more than one part."""
    themes: dict[str, Theme] = {}
    tips: dict[str, Tip] = {}
    images: dict[str, bytes] = {}
    for part in parts:
        for theme in part.themes:
            themes[theme.id] = theme.laid_over(themes.get(theme.id, Theme(theme.id, "")))
        for tip in part.tips:
            if tip.id in tips:
                raise PackError("the same id twice", file=file, tip=tip.id, field="id")
            tips[tip.id] = tip
        images.update(part.images)
    return Pack(tuple(themes.values()), tuple(tips.values()), images)


def theme_mapping(theme: Theme) -> dict[str, Any]:
    """The head of a YAML document, without its tips."""
    data: dict[str, Any] = {"theme": theme.id, "series": theme.series}
    if theme.titles:
        data["title"] = dict(theme.titles)
    if theme.synonyms:
        data["synonyms"] = {lang: [list(group) for group in groups] for lang, groups in theme.synonyms.items()}
    return data


def tip_mapping(tip: Tip) -> dict[str, Any]:
    """The mapping that `tip_of` reads back to the same tip; empty fields are left out."""
    data: dict[str, Any] = {
        "id": tip.id,
        "audience": list(tip.audience),
        "hidden": tip.hidden,
        "reviewed": tip.reviewed,
        "review_by": tip.review_by,
        "source": tip.source,
    }
    data |= {language: {"phrasings": list(asked)} for language, asked in tip.asked.items()}
    data |= {language: _text_mapping(text) for language, text in tip.texts.items()}
    return {key: value for key, value in data.items() if value not in (None, "", [])}


def line_mapping(theme: Theme, tip: Tip) -> dict[str, Any]:
    """The mapping of a JSONL line: the tip's fields with its theme, the theme's series and title."""
    head = theme_mapping(theme)
    head.pop("synonyms", None)
    if "title" in head:
        head["theme_title"] = head.pop("title")
    tip_fields = tip_mapping(tip)
    return {"id": tip_fields.pop("id"), **head, **tip_fields}


def _text_mapping(text: Text) -> dict[str, Any]:
    data: dict[str, Any] = {"title": text.title, "body": text.body}
    if text.phrasings:
        data["phrasings"] = list(text.phrasings)
    if text.link:
        data["link"] = text.link
    if text.image:
        data["image"] = {"file": text.image.file, "alt": text.image.alt}
    return data


def _theme(theme_id: object, series: object, title: object) -> Theme:
    if series and series not in SERIES:
        raise PackError(f"must be one of {', '.join(SERIES)}, not {shown(series)}", field="series")
    titles: dict[Language, str] = {}
    if title:
        if not isinstance(title, Mapping):
            raise PackError("must give the title by language: {fi: …, sv: …, en: …}", field="title")
        known_fields(title, set(LANGUAGES), within="title")
        titles = {lang: string(title[lang], f"title.{lang}") for lang in LANGUAGES if title.get(lang)}
    return Theme(identity(theme_id, "theme"), str(series or ""), titles)


def _synonyms(data: object) -> dict[Language, tuple[tuple[str, ...], ...]]:
    if not data:
        return {}
    if not isinstance(data, Mapping):
        raise PackError("must give groups of words by language: {fi: [[puhelin, luuri]], …}", field="synonyms")
    known_fields(data, set(LANGUAGES), within="synonyms")
    return {lang: _word_groups(data[lang], f"synonyms.{lang}") for lang in LANGUAGES if data.get(lang)}


def _word_groups(data: object, field: str) -> tuple[tuple[str, ...], ...]:
    if not isinstance(data, list) or not all(isinstance(group, list) and len(group) > 1 for group in data):
        raise PackError("must be a list of groups of two or more words", field=field)
    return tuple(tuple(string(word, field, LONGEST["synonym"]).strip().lower() for word in group) for group in data)


def _only_asked(data: object, language: Language) -> tuple[str, ...]:
    """The ways of asking of a language that has nothing else, for the text of the tip beneath."""
    if not isinstance(data, Mapping) or set(data) != {"phrasings"}:
        return ()
    return _phrasings(data["phrasings"], f"{language}.phrasings")


def _text(data: object, language: Language) -> Text:
    if not isinstance(data, Mapping):
        raise PackError("must hold a title and a body", field=language)
    known_fields(data, TEXT_FIELDS, within=language)
    title, body = (string(data.get(name), f"{language}.{name}", LONGEST[name]).strip() for name in ("title", "body"))
    if not title or not body:
        raise PackError(reason("empty"), field=f"{language}.{'body' if title else 'title'}")
    return Text(
        title=" ".join(title.split()),
        body=body,
        phrasings=_phrasings(data.get("phrasings"), f"{language}.phrasings"),
        link=_link(data.get("link"), f"{language}.link"),
        image=_image(data.get("image"), f"{language}.image"),
    )


def _phrasings(data: object, field: str) -> tuple[str, ...]:
    if not data:
        return ()
    if not isinstance(data, list):
        raise PackError("must be a list of ways of asking", field=field)
    phrasings = (" ".join(string(item, field, LONGEST["phrasing"]).split()) for item in data)
    return tuple(dict.fromkeys(filter(None, phrasings)))


def _link(data: object, field: str) -> str:
    link = string(data, field, LONGEST["link"]).strip()
    if link and not is_web_address(link):
        raise PackError(reason("no_address", shown=shown(link)), field=field)
    return link


def _image(data: object, field: str) -> Image | None:
    if not data:
        return None
    if not isinstance(data, Mapping):
        raise PackError("must give the file and its alternative text: {file: …, alt: …}", field=field)
    known_fields(data, IMAGE_FIELDS, within=field)
    file, alt = (string(data.get(name), f"{field}.{name}") for name in ("file", "alt"))
    if not file or not alt:
        raise PackError("needs both a file and an alternative text", field=field)
    return Image(file, alt)


def _audience(data: object) -> tuple[str, ...]:
    if not data:
        return ()
    given = data if isinstance(data, list) else [data]
    items: list[Any] = [
        _AUDIENCE_NAMES.get(item.lower(), item.lower()) if isinstance(item, str) else item for item in given
    ]
    unknown = [shown(item) for item in items if item not in AUDIENCES]
    if unknown:
        raise PackError(f"must be of {', '.join(AUDIENCES)}, not {unknown[0]}", field="audience")
    return tuple(dict.fromkeys(items))
