"""Sessions: fifteen minutes on one theme, a tip session (Digivinkkituokio) or a security quarter (Digiturvavartti)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from tips import fields
from tips.errors import PackError
from tips.fields import identity, known_fields, month, string
from tips.models import LANGUAGES, Language, language_for
from tips.reasons import reason

_FIELDS = {"session", "minutes", "reviewed", "review_by", "source", "tips", *LANGUAGES}
_TEXTS = ("title", "invitation", "why", "do_now", "exercise", "help", "current", "closing")
_TEXT_FIELDS = {*_TEXTS, "points", "quiz", "host"}
_QUESTION_FIELDS = {"question", "options", "right", "explanation"}
_HEAD = ("minutes", "reviewed", "review_by", "source", "tips")
_MOST = 30  # items of a list
_MOST_OPTIONS = 9  # an answer is kept as one digit


@dataclass(frozen=True, slots=True)
class QuizQuestion:
    """A question with its options, of which the one at index `right` is, and why."""

    question: str
    options: tuple[str, ...]
    right: int
    explanation: str


@dataclass(frozen=True, slots=True)
class HostStep:
    """What the host does for so many minutes."""

    minutes: int
    do: str


@dataclass(frozen=True, slots=True)
class SessionText:
    """A session in one language; texts are Markdown."""

    title: str
    invitation: str
    why: str
    points: tuple[str, ...]
    do_now: str
    exercise: str
    quiz: tuple[QuizQuestion, ...]
    help: str
    current: str
    host: tuple[HostStep, ...]
    closing: str


@dataclass(frozen=True, slots=True)
class Session:
    """A session; its id is its theme's. `tips` are to read on, best first."""

    id: str
    minutes: int
    texts: Mapping[Language, SessionText]
    tips: tuple[str, ...] = ()
    reviewed: str = ""
    review_by: str = ""
    source: str = ""

    def text(self, wanted: Language) -> tuple[Language, SessionText]:
        """The text in the wanted language, else in the first of fi, sv, en that there is; and in which."""
        shown = language_for(wanted, self.texts)
        return shown, self.texts[shown]

    def laid_over(self, base: Session) -> Session:
        """This session over another of the same theme: what it has no text for is read from that."""
        return replace(self, texts={**base.texts, **self.texts})


def session_of(data: Mapping[str, Any]) -> Session:
    """A session from its mapping. Raises PackError."""
    session = layer_of(data)
    if not session.texts:
        raise PackError("needs a text in fi, sv or en", tip=session.id, field="fi")
    return session


def layer_of(data: Mapping[str, Any]) -> Session:
    """The same for what lies over another session and may have no text of its own. Raises PackError."""
    session_id = identity(data.get("session"), "session")
    try:
        known_fields(data, _FIELDS)
        texts = {language: _text(data[language], language) for language in LANGUAGES if data.get(language)}
        return Session(
            session_id,
            _number(data.get("minutes"), "minutes"),
            texts,
            tuple(identity(tip, "tips") for tip in _list(data.get("tips"), "tips")),
            month(data.get("reviewed"), "reviewed"),
            month(data.get("review_by"), "review_by"),
            string(data.get("source"), "source"),
        )
    except PackError as error:
        raise error.at(tip=session_id) from None


def session_mapping(session: Session) -> dict[str, Any]:
    """The session as `session_of` reads it."""
    head = {name: getattr(session, name) for name in _HEAD if getattr(session, name)}
    shown = [language for language in LANGUAGES if language in session.texts]
    texts: dict[str, Any] = {language: _text_mapping(session.texts[language]) for language in shown}
    return {"session": session.id, **head, "tips": list(session.tips), **texts}


def _text_mapping(text: SessionText) -> dict[str, Any]:
    data = asdict(text)
    quiz = [
        {**question, "options": list(question["options"]), "right": question["right"] + 1} for question in data["quiz"]
    ]
    return {**data, "points": list(text.points), "quiz": quiz, "host": list(data["host"])}


def _text(data: object, language: Language) -> SessionText:
    if not isinstance(data, Mapping):
        raise PackError("must hold the session's parts", field=language)
    known_fields(data, _TEXT_FIELDS, within=language)
    texts = {name: _needed(data.get(name), f"{language}.{name}") for name in _TEXTS}
    return SessionText(
        points=tuple(_needed(point, f"{language}.points") for point in _list(data.get("points"), f"{language}.points")),
        quiz=tuple(_question(item, f"{language}.quiz") for item in _list(data.get("quiz"), f"{language}.quiz")),
        host=tuple(_step(item, f"{language}.host") for item in _list(data.get("host"), f"{language}.host")),
        **texts,
    )


def _question(data: object, field: str) -> QuizQuestion:
    if not isinstance(data, Mapping):
        raise PackError("each question must be a mapping of fields", field=field)
    known_fields(data, _QUESTION_FIELDS, within=field)
    options = tuple(
        _needed(option, f"{field}.options") for option in _list(data.get("options"), f"{field}.options", _MOST_OPTIONS)
    )
    right = _number(data.get("right"), f"{field}.right")
    if not 1 <= right <= len(options):
        raise PackError(reason("no_option", most=len(options)), field=f"{field}.right")
    question, explanation = (_needed(data.get(name), f"{field}.{name}") for name in ("question", "explanation"))
    return QuizQuestion(question, options, right - 1, explanation)


def _step(data: object, field: str) -> HostStep:
    if not isinstance(data, Mapping):
        raise PackError("each step must hold minutes and do", field=field)
    known_fields(data, {"minutes", "do"}, within=field)
    return HostStep(_number(data.get("minutes"), f"{field}.minutes"), _needed(data.get("do"), f"{field}.do"))


def _needed(data: object, field: str) -> str:
    text = string(data, field, longest=20_000).strip()
    if not text:
        raise PackError(reason("empty"), field=field)
    return text


def _list(data: object, field: str, most: int = _MOST) -> list[Any]:
    if not isinstance(data, list):
        raise PackError("must be a list", field=field)
    if len(data) > most:
        raise PackError(reason("too_many", count=len(data), most=most), field=field)
    return data


def _number(data: object, field: str) -> int:
    if (found := fields.number_in(str(data), 4)) is None:
        raise PackError(reason("no_number"), field=field)
    return found
