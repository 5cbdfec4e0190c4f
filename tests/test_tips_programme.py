"""Sessions and guides: what a file must hold, and what the strict check finds wrong with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from tips.errors import PackError
from tips.programme import Programme, is_programme, read
from tips.programmechecking import problems
from tips.sessions import session_of

ANSWERS = ("Kysyn IT-tuesta.", "Avaan linkin.", "Poistan viestin.")
QUIZ = [
    {"question": "Mitä teet?", "options": list(ANSWERS), "right": right, "explanation": "Niin saat avun."}
    for right in ("1", "2", "1")
]
POST = " ".join(["Tule mukaan vartiksi."] * 9)
TEXT: dict[str, Any] = {
    "title": "Vartti",
    "invitation": POST,
    "why": "Näin kävi. Se oli ikävää. Nyt tiedät.",
    "points": ["Pidä salasana omanasi aina, kun voit. Kysy muuten apua heti."] * 3,
    "do_now": "Avaa puhelin.",
    "exercise": "1. Kokeile.\n2. Kerro parille.",
    "quiz": QUIZ,
    "help": "Ota yhteys: {it_support}.",
    "current": "Kerro uutinen.",
    "host": [{"minutes": "4", "do": "Harjoitus."}, {"minutes": "11", "do": "Muu."}],
    "closing": POST,
}
SESSION: dict[str, Any] = {
    "session": "passwords",
    "minutes": "15",
    "reviewed": "2026-11",
    "review_by": "2027-05",
    "tips": ["password-strong"],
    "fi": TEXT,
}


def _found(language: str = "fi", /, **changes: Any) -> list[str]:
    """The problems of the session's Finnish text with these changes; that it has no other languages is left out."""
    session = session_of({**SESSION, language: {**TEXT, **changes}})
    found = problems(Programme({session.id: session}), {"password-strong"})
    return [f"{problem.field}: {problem.reason}" for problem in found if problem.field not in ("sv", "en")]


def test_a_good_session_has_no_problems() -> None:
    assert _found() == []


def test_a_session_is_read_part_by_part() -> None:
    session = session_of(SESSION)
    language, text = session.text("sv")
    assert (language, session.minutes, session.tips) == ("fi", 15, ("password-strong",))
    assert [question.right for question in text.quiz] == [0, 1, 0]
    assert [step.minutes for step in text.host] == [4, 11]


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"title": "V" * 61}, "fi.title: is 61 characters long, at most 60"),
        ({"invitation": "Tule."}, "fi.invitation: has 1 words, must have 25 to 50"),
        ({"why": "Näin kävi. Se oli ikävää."}, "fi.why: has 2 sentences, must have 3"),
        ({"points": TEXT["points"][:2]}, "fi.points: are 2, must be 3"),
        ({"points": ["Lyhyt."] * 3}, "fi.points: has 1 words, must have 10 to 35"),
        ({"do_now": "Avaa " + "puhelin. " * 45}, "fi.do_now: has 46 words, must have 1 to 45"),
        ({"quiz": QUIZ[:2]}, "fi.quiz: has 2 questions, must have 3"),
        ({"quiz": [QUIZ[0]] * 3}, "fi.quiz: the right option stands in the same place each time"),
        ({"quiz": [{**QUIZ[0], "options": ["A", "B"]}, *QUIZ[1:]]}, "fi.quiz: 2 options, must be 3"),
        (
            {"quiz": [{**QUIZ[0], "options": [*ANSWERS[:2], "Sana. " * 16]}, *QUIZ[1:]]},
            "fi.quiz: an option has 16 words, at most 15",
        ),
        ({"host": TEXT["host"][:1]}, "fi.host: the minutes sum to 4, not 15"),
        ({"host": [{"minutes": "15", "do": "Muu."}]}, "fi.host: no step takes the 4 minutes of the exercise"),
        ({"help": "Ota yhteys: {helpdesk}."}, "fi.help: {helpdesk} is not a known placeholder"),
        ({"current": " ".join(["sana"] * 19)}, "fi.current: a sentence of 19 words, at most 18"),
    ],
)
def test_each_shortcoming_is_named_with_its_field(changes: dict[str, Any], problem: str) -> None:
    assert problem in _found(**changes)


def test_the_right_options_are_the_same_in_all_languages() -> None:
    other = [{**QUIZ[0], "right": "3"}, *QUIZ[1:]]
    assert "quiz: the right options are not the same in all languages" in _found("sv", quiz=other)


def test_missing_languages_and_unknown_tips_are_named() -> None:
    session = session_of({**SESSION, "tips": ["no-such-tip"]})
    found = {(problem.field, problem.reason) for problem in problems(Programme({"passwords": session}), {"other"})}
    assert found == {("sv", "is missing"), ("en", "is missing"), ("tips", "no-such-tip is no tip")}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"session": ""}, "field session: is missing"),
        ({"fi": ""}, "field fi: needs a text in fi, sv or en"),
        ({"colour": "red"}, "field colour: is not a field"),
        ({"minutes": "a while"}, "field minutes: must be a whole number"),
        ({"tips": "password-strong"}, "field tips: must be a list"),
        ({"fi": {**TEXT, "help": ""}}, "field fi.help: is missing or empty"),
        ({"fi": {**TEXT, "points": "one"}}, "field fi.points: must be a list"),
        ({"fi": {**TEXT, "quiz": ["?"]}}, "field fi.quiz: each question must be a mapping"),
        ({"fi": {**TEXT, "quiz": [{**QUIZ[0], "right": "4"}]}}, "field fi.quiz.right: must be the number of an option"),
        ({"fi": {**TEXT, "host": [{"minutes": "-1", "do": "x"}]}}, "field fi.host.minutes: must be a whole number"),
    ],
)
def test_a_broken_session_is_refused_with_its_field(tmp_path: Path, changes: dict[str, Any], said: str) -> None:
    file = tmp_path / "session.yaml"
    file.write_text(yaml.safe_dump({**SESSION, **changes}, allow_unicode=True), encoding="utf-8")
    with pytest.raises(PackError, match=said):
        read(file)


def test_guides_and_sessions_are_read_from_a_folder_and_told_from_tips(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(yaml.safe_dump(SESSION, sort_keys=False), encoding="utf-8")
    guide = {"guide": "rules", "audience": ["supervisor"], "fi": {"title": "Ohje", "body": "Näin."}}
    (tmp_path / "b.yaml").write_text(yaml.safe_dump(guide, sort_keys=False), encoding="utf-8")
    programme = read(tmp_path)
    assert (list(programme.sessions), list(programme.guides)) == (["passwords"], ["rules"])
    assert programme.guides["rules"].text("en") == ("fi", programme.guides["rules"].texts["fi"])
    assert is_programme(tmp_path)
    assert not is_programme(Path(__file__))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\xff\xfe", "is not UTF-8 text"),
        (b"guide: rules\nfi: {title: A}\n", "field fi.body: is missing or empty"),
        (b"guide: rules\naudience: [everybody]\nfi: {title: A, body: B}\n", "field audience: must be of"),
        (b"guide: a\nfi: {title: A, body: B}\n---\nguide: a\nfi: {title: A, body: B}\n", "the same id twice"),
        (b"- 1\n", "must begin with session or guide"),
    ],
)
def test_a_broken_file_is_refused_and_named(tmp_path: Path, content: bytes, said: str) -> None:
    file = tmp_path / "rules.yaml"
    file.write_bytes(content)
    with pytest.raises(PackError, match=f"rules.yaml: .*{said}"):
        read(file)
