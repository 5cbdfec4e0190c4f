"""What can be wrong with a text, by key: the command line says it in English, the pages in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

REASONS: Mapping[str, str] = MappingProxyType(
    {
        "missing": "is missing",
        "empty": "is missing or empty",
        "no_language": "needs a title and a body in fi, sv or en",
        "too_long": "is {count} characters long, at most {most} fit",
        "too_many": "are {count}, at most {most} fit",
        "no_text": "holds characters that are no text: {shown}",
        "no_address": "must be a web address (https://…), not {shown}",
        "no_month": "must be a month such as 2026-11 or 11/2026, not {shown}",
        "no_number": "must be a whole number",
        "no_option": "must be the number of an option, 1 to {most}",
        "title_long": "is {count} characters long, at most {most} fit a phone",
        "words": "has {count} words, at most {most} are read in half a minute",
        "words_between": "has {count} words, must have {fewest} to {most}",
        "no_words": "has no words",
        "sentence": "a sentence of {count} words, at most {most}",
        "sentences": "sentences of {count} words on average, at most {most}",
        "placeholder": "{{{name}}} is not a known placeholder",
        "spelling": "spelling: {words}",
        "source": "names a law, an authority or a figure, and the tip has no source",
        "source_session": "names a law, an authority or a figure, and the session has no source",
        "phrasings": "has {count}, at least {fewest} are needed",
        "spoken": "{count} in spoken language, at least {fewest} are needed",
        "situations": "{count} by situation, at least {fewest} are needed",
        "deep": "leads {count} parts deep: such pages move; at most {most}",
        "no_https": "is no https address",
        "unofficial": "{host} is not an official source",
        "sentences_exactly": "has {count} sentences, must have {exactly}",
        "count_exactly": "are {count}, must be {exactly}",
        "questions_exactly": "has {count} questions, must have {exactly}",
        "options_exactly": "{count} options, must be {exactly}",
        "question_long": "the question has {count} words, at most {most}",
        "explanation_long": "the explanation has {count} words, at most {most}",
        "option_long": "an option has {count} words, at most {most}",
        "same_place": "the right option stands in the same place each time",
        "minutes_sum": "the minutes sum to {count}, not {exactly}",
        "no_exercise": "no step takes the {exactly} minutes of the exercise",
        "session_title_long": "is {count} characters long, at most {most}",
        "no_such_tip": "{tip} is no tip",
        "file_kind": "unknown kind of file; packs are {kinds}",
        "file_zip": "is not a .zip file that can be read",
        "file_yaml": "not YAML: {problem}",
        "file_yaml_line": "not YAML: line {number}: {problem}",
        "file_columns": "the first row must name the columns: title, text, link, language",
        "file_column": "unknown column {name!r}; the first row must name the columns: title, text, link, language",
        "file_cells": "line {number}: more cells than columns; quote a text that holds {delimiter!r}",
        "file_language": "line {number}: must be fi, sv or en, not {shown!r}",
        "file_twice": "line {number}: the same tip twice in {language}",
        "file_no_tips": "holds no tips",
        "file_no_utf8": "is not UTF-8 text{found}; save it as UTF-8",
        "no_field": "is not a field of the pack format",
        "unlike_options": "the right options are not the same in all languages",
    }
)


class Reason(str):
    """The English sentence, with its key and values for those who say it in another language."""

    __slots__ = ("key", "values")
    key: str
    values: Mapping[str, object]


def reason(key: str, /, **values: object) -> Reason:
    """The reason of that key. Raises KeyError for one that is not in the table."""
    made = Reason(REASONS[key].format(**values))
    made.key, made.values = key, values
    return made
