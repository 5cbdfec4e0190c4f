"""Packs as CSV: what a municipality already has in a spreadsheet, title, text, link, language."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

from tips.errors import PackError
from tips.models import LANGUAGES, Language, Pack, Text, Theme, Tip
from tips.packs import joined, line_of, slug, theme_in_words
from tips.reasons import reason

LIST_BREAK = " | "  # between the phrasings, and the audiences, in one cell of a CSV file

# What municipalities call their columns, and what the columns are here.
_COLUMNS = {
    "id": ("id", "tunniste"),
    "theme": ("theme", "teema", "tema"),
    "series": ("series", "sarja", "serie"),
    "language": ("language", "lang", "kieli", "språk"),
    "title": ("title", "otsikko", "titel", "rubrik"),
    "body": ("text", "body", "teksti", "vinkki", "sisältö"),
    "phrasings": ("phrasings", "kysymystavat", "frågesätt"),
    "link": ("link", "url", "linkki", "länk"),
    "audience": ("audience", "kenelle", "målgrupp"),
    "reviewed": ("reviewed", "tarkistettu", "granskad"),
}
_COLUMN_OF = {name: column for column, names in _COLUMNS.items() for name in names}
_LANGUAGE_NAMES: dict[str, Language] = {
    "": "fi", "fi": "fi", "sv": "sv", "en": "en", "suomi": "fi", "ruotsi": "sv", "englanti": "en",
    "finska": "fi", "svenska": "sv", "engelska": "en", "finnish": "fi", "swedish": "sv", "english": "en",
}  # fmt: skip
_SEPARATOR = re.compile(r'"?sep=([^"\r\n])"?\r?\n', re.IGNORECASE)  # a first line for Excel, of no other meaning
_AUDIENCE_BREAK = re.compile(r"\s*[|,;]\s*")


def from_csv(text: str, name: str) -> Pack:
    """The pack of a table: title, text, link, language under a heading row in Finnish, Swedish or English.

    `name`, the file's, is the theme of rows that name none, and its title. Rows with the same id are one
    tip in several languages; without an id, the title makes one.
    """
    text = text.lstrip()
    separator = _SEPARATOR.match(text)
    delimiter = separator[1] if separator else max(";,\t", key=text.split("\n", 1)[0].count)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    tips: dict[str, dict[str, Any]] = {}
    try:
        if separator:
            next(rows)
        columns = [_COLUMN_OF.get(name.strip().lower(), name.strip()) for name in next(rows, [])]
        unknown = [name for name in columns if name not in _COLUMNS]
        if unknown or not {"title", "body"} <= set(columns) or len(set(columns)) < len(columns):
            raise PackError(reason("file_column", name=unknown[0]) if unknown else reason("file_columns"))
        for row in rows:
            if any(cell.strip() for cell in row[len(columns) :]):
                raise PackError(reason("file_cells", number=rows.line_num, delimiter=delimiter))
            if any(cell.strip() for cell in row):
                _add_row(tips, dict(zip(columns, row, strict=False)), name, rows.line_num)
    except csv.Error as error:
        raise PackError(f"line {rows.line_num}: not CSV: {error}") from None
    if not tips:
        raise PackError(reason("file_no_tips"))
    return joined(Pack((found,) if found else (), (tip,)) for found, tip in map(line_of, tips.values()))


def _add_row(tips: dict[str, dict[str, Any]], row: dict[str, str], name: str, line: int) -> None:
    row = {name: cell.strip() for name, cell in row.items()}
    tip_id = row.get("id") or slug(row.get("title", ""))
    language = _LANGUAGE_NAMES.get(row.get("language", "").lower())
    if language is None:
        raise PackError(reason("file_language", number=line, shown=row["language"]), tip=tip_id, field="language")
    theme, title = _theme_of_row(row.get("theme", ""), name)
    tip = tips.setdefault(tip_id, {"id": tip_id, "theme": theme, "theme_title": {}})
    if language in tip:
        raise PackError(reason("file_twice", number=line, language=language), tip=tip_id, field="title")
    titles = tip["theme_title"]
    if title and title not in titles.values() and (row.get("theme") or theme == tip["theme"]):
        titles[language] = title
    for column in ("series", "reviewed"):
        if row.get(column):
            tip[column] = row[column]
    if row.get("audience"):
        tip["audience"] = [part for part in _AUDIENCE_BREAK.split(row["audience"]) if part]
    tip[language] = {
        "title": row.get("title", ""),
        "body": row.get("body", ""),
        "link": row.get("link", ""),
        "phrasings": [part for part in row.get("phrasings", "").split(LIST_BREAK) if part],
    }


def _theme_of_row(cell: str, name: str) -> tuple[str, str]:
    """The theme's id, and its title where it is named in words. A row that names none has the file's name for both."""
    if not cell:
        words = " ".join(re.split(r"[\s_-]+", name)).strip()
        return slug(name) or "own", words[:1].upper() + words[1:]
    made = theme_in_words(cell)
    return (made, cell) if made else (cell, "")


def left_out(pack: Pack) -> list[str]:
    """What the pack holds and a table cannot, in words for a person."""
    texts = [text for tip in pack.tips for text in tip.texts.values()]
    lost = {
        "pictures": any(text.image for text in texts),
        "source": any(tip.source for tip in pack.tips),
        "review_by": any(tip.review_by for tip in pack.tips),
        "theme titles": any(theme.titles for theme in pack.themes),
    }
    return [name for name, is_lost in lost.items() if is_lost]


def to_csv(pack: Pack) -> str:
    """The pack as a table that `from_csv` reads back, a row a tip and language.

    The byte order mark and the semicolon are for Excel in Finland: it opens the file with a double click.
    """
    out = io.StringIO(newline="")
    out.write("\ufeff")
    names = ["id", "theme", "series", "language", "title", "text", "link", "phrasings", "audience", "reviewed"]
    writer = csv.writer(out, delimiter=";")
    writer.writerow(names)
    for tip in pack.tips:
        for language in (lang for lang in LANGUAGES if lang in tip.texts):
            writer.writerow(_csv_row(pack.theme(tip.theme), tip, language, tip.texts[language]))
    return out.getvalue()


def _csv_row(theme: Theme, tip: Tip, language: Language, text: Text) -> list[str]:
    phrasings, audience = LIST_BREAK.join(text.phrasings), LIST_BREAK.join(tip.audience)
    head = [tip.id, tip.theme, theme.series, language]
    return [*head, text.title, text.body, text.link, phrasings, audience, tip.reviewed]
