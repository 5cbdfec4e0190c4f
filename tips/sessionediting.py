"""A session as somebody fills it in, one language at a time: field by field, and back."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from typing import Any

from tips.editing import Filled, UnfitError
from tips.errors import PackError
from tips.fields import number_in
from tips.models import Language
from tips.reasons import reason
from tips.sessions import Session, layer_of, session_mapping

HEAD = ("minutes", "reviewed", "review_by", "source")
_TEXTS = ("title", "invitation", "why", "do_now", "exercise", "help", "current", "closing")
_NUMBERED = re.compile(
    r"(?:point|tip)\.[0-9]{1,2}|host\.[0-9]{1,2}\.(?:minutes|do)"
    r"|quiz\.[0-9]{1,2}\.(?:question|right|explanation|option\.[0-9])"
)
_ROWS = {"tips": "tip.1", "points": "point.1", "quiz": "quiz.1.question", "host": "host.1.do"}
_LONGEST = 20_000  # characters of a field
_MINUTES = 15


def filled_in(session: Session | None, language: Language) -> Filled:
    """The fields of a session in the language: 'title', 'point.1', 'quiz.1.option.2', …."""
    if session is None:
        return Filled({"minutes": str(_MINUTES)})
    values = {name: str(getattr(session, name)) for name in HEAD}
    values |= {f"tip.{number}": tip for number, tip in enumerate(session.tips, 1)}
    if text := session.texts.get(language):
        values |= {name: getattr(text, name) for name in _TEXTS}
        values |= {f"point.{number}": point for number, point in enumerate(text.points, 1)}
        for number, question in enumerate(text.quiz, 1):
            row = {"question": question.question, "explanation": question.explanation, "right": str(question.right + 1)}
            row |= {f"option.{place}": option for place, option in enumerate(question.options, 1)}
            values |= {f"quiz.{number}.{name}": value for name, value in row.items()}
        for number, step in enumerate(text.host, 1):
            values |= {f"host.{number}.minutes": str(step.minutes), f"host.{number}.do": step.do}
    # As a form sends it back: without white space at the ends.
    return as_typed(values)


def as_typed(given: Mapping[str, str]) -> Filled:
    """The fields that a form carries; line breaks as we write them."""
    names = [name for name in given if name in (*HEAD, *_TEXTS) or _NUMBERED.fullmatch(name)]
    values = {name: given[name].replace("\r\n", "\n")[:_LONGEST].strip() for name in names}
    return Filled({name: value for name, value in values.items() if value})


def version(session: Session | None, language: Language) -> str:
    """Another one after every change of what the form of that language shows."""
    shown = sorted(filled_in(session, language).values.items())
    return hashlib.sha256(repr(shown).encode(errors="replace")).hexdigest()[:16]


def session_from(theme: str, filled: Filled, language: Language, before: Session | None) -> Session:
    """The whole session that was filled in; the other languages stay as they are `before`. Where all of a language is
    empty, it has none. Raises UnfitError, naming each field."""
    found: dict[str, str] = {}
    data: dict[str, Any] = session_mapping(before) if before else {"session": theme}
    data |= {name: filled[name] for name in HEAD}
    data["tips"] = [filled[f"tip.{number}"] for number in _numbers(filled, "tip")]
    data.pop(language, None)
    # What nobody typed: a right option that was chosen beforehand, and the minutes of a step.
    if any(
        not name.startswith((*HEAD, "tip.")) and not name.endswith((".right", ".minutes")) for name in filled.values
    ):
        data[language] = _text(filled, found)
    elif not any(key in data for key in ("fi", "sv", "en")):
        found["title"] = reason("empty")
    if not found:
        try:
            return layer_of(data)
        except PackError as error:
            found[_where(error.field)] = error.reason
    raise UnfitError(found)


def rows(filled: Filled, kind: str, fewest: int) -> range:
    """The numbers of the rows of points, questions, options ('quiz.2.option') or steps that a form shows."""
    taken = _numbers(filled, kind)
    return range(1, max([fewest, *taken]) + 1)


def _text(filled: Filled, found: dict[str, str]) -> dict[str, Any]:
    data: dict[str, Any] = {name: filled[name] for name in _TEXTS}
    found |= {name: reason("empty") for name in _TEXTS if not filled[name]}
    data["points"] = [filled[f"point.{number}"] for number in _numbers(filled, "point")]
    if not data["points"]:
        found["point.1"] = reason("empty")
    data["quiz"] = [_question(filled, f"quiz.{number}", found) for number in _typed(filled, "quiz", "right")]
    data["host"] = [_step(filled, f"host.{number}", found) for number in _typed(filled, "host", "minutes")]
    return data


def _question(filled: Filled, head: str, found: dict[str, str]) -> dict[str, Any]:
    names = [f"{head}.option.{number}" for number in _numbers(filled, f"{head}.option")]
    needed = [f"{head}.question", f"{head}.explanation", *([] if names else [f"{head}.option.1"])]
    found |= {name: reason("empty") for name in needed if not filled[name]}
    chosen = f"{head}.option.{filled[f'{head}.right']}"
    if chosen not in names:
        found[f"{head}.right"] = reason("no_option", most=len(names))
    return {
        "question": filled[f"{head}.question"],
        "options": [filled[name] for name in names],
        "right": str(names.index(chosen) + 1 if chosen in names else 1),
        "explanation": filled[f"{head}.explanation"],
    }


def _step(filled: Filled, head: str, found: dict[str, str]) -> dict[str, str]:
    minutes = filled[f"{head}.minutes"]
    if number_in(minutes, 4) is None:
        found[f"{head}.minutes"] = reason("no_number")
    return {"minutes": minutes, "do": filled[f"{head}.do"]}


def _where(field: str) -> str:
    """The field of the form that 'fi.quiz.options', a field of the pack, stands for; of rows the first."""
    parts = field.split(".")
    names = parts[1:] or parts
    if names[1:]:
        return f"{names[0]}.1.{'option.1' if names[1] == 'options' else names[1]}"
    return _ROWS.get(names[0], names[0])


def _typed(filled: Filled, kind: str, given: str) -> Iterable[int]:
    """The rows in which something stands but the field that may stand there by itself."""
    names = (name.split(".") for name in filled.values if name.startswith(f"{kind}."))
    return sorted({int(parts[1]) for parts in names if parts[2] != given})


def _numbers(filled: Filled, kind: str) -> list[int]:
    place = kind.count(".") + 1
    return sorted({int(name.split(".")[place]) for name in filled.values if name.startswith(f"{kind}.")})
