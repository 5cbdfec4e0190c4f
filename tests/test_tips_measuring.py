"""The figures of `measure`, on answers that were written by hand, and the files that it reads."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import partial
from itertools import count
from pathlib import Path

import pytest

from tips import measuring
from tips.answering import KnowledgeBase
from tips.errors import QuestionsError
from tips.measuring import Measured, Tally, table
from tips.models import Answer, Band, Language, Match, Text, Tip
from tips.naive import NaiveSearch
from tips.questions import Question, read


class ScriptedBase:
    """Answers as it is told to."""

    def __init__(self, answers: Mapping[str, tuple[Band, list[str]]]) -> None:
        self._answers = answers
        self.tips = {each: Tip(each, "theme", {"fi": Text(each, "Tekstiä.")}) for each in ("one", "two", "three")}
        self.asked: list[tuple[str, Language]] = []

    def answer(self, question: str, language: Language) -> Answer:
        self.asked.append((question, language))
        band, ids = self._answers.get(question, (Band.HAND_OVER, []))  # also what was mistyped on purpose
        return Answer(question, language, band, 0.5, tuple(Match(tip, 1.0) for tip in ids))


SCRIPT = {
    "right": (Band.ANSWER, ["one", "two"]),
    "wrong": (Band.ANSWER, ["two", "three"]),
    "second": (Band.SUGGEST, ["two", "one"]),
    "nowhere": (Band.SUGGEST, ["two", "three", "two", "one"]),  # fourth is too late
    "silent": (Band.HAND_OVER, []),
    "far": (Band.HAND_OVER, ["one"]),
    "near": (Band.ANSWER, ["one"]),
}
ASKED = [
    Question("right", "fi", frozenset({"one"}), "plain"),
    Question("wrong", "fi", frozenset({"one"}), "spoken"),
    Question("second", "sv", frozenset({"one"}), "plain"),
    Question("nowhere", "sv", frozenset({"one"}), "plain"),
    Question("silent", "en", frozenset({"one", "gone"}), "plain"),
]
UNANSWERABLE = [Question("far", "fi", style="far"), Question("near", "fi", style="near")]


def measure(
    base: KnowledgeBase, asked: Sequence[Question], unanswerable: Sequence[Question], tips: set[str]
) -> Measured:
    """Measured by a clock that moves by half a second each time it is looked at."""
    return measuring.measure(base, asked, unanswerable, tips, partial(next, count(0, 0.5)))


def test_recall_counts_right_tips_whatever_the_band() -> None:
    total = measure(ScriptedBase(SCRIPT), ASKED, [], {"one", "two", "three"}).groups["all"]
    assert (total.asked, total.first, total.among_three) == (5, 1, 2)


def test_coverage_counts_answers_right_or_wrong() -> None:
    total = measure(ScriptedBase(SCRIPT), ASKED, [], {"one"}).groups["all"]
    assert (total.answered, total.answered_right) == (2, 1)
    assert (total.suggested, total.suggested_right) == (2, 1)


def test_answers_to_the_unanswerable_lower_the_precision() -> None:
    assert measure(ScriptedBase(SCRIPT), ASKED, [], {"one"}).answered_precision() == pytest.approx(1 / 2)
    measured = measure(ScriptedBase(SCRIPT), ASKED, UNANSWERABLE, {"one"})
    assert measured.answered_precision() == pytest.approx(1 / 3)
    assert measured.unanswerable == {"far": (1, 0, 0), "near": (1, 1, 0)}


def test_there_is_no_precision_without_an_answer() -> None:
    assert measure(ScriptedBase(SCRIPT), ASKED[-1:], [], {"one"}).answered_precision() is None


def test_questions_whose_tips_are_not_there_are_left_out_and_counted() -> None:
    base = ScriptedBase(SCRIPT)
    asked = [ASKED[0], Question("unknown", "fi", frozenset({"gone"}))]
    measured = measure(base, asked, [], {"one"})
    assert (measured.groups["all"].asked, measured.left_out) == (1, 1)
    assert base.asked[0] == ("right", "fi")
    assert "unknown" not in [question for question, _ in base.asked]
    assert "left out            1 questions" in table(measured)


def test_questions_are_counted_by_language_and_style() -> None:
    groups = measure(ScriptedBase(SCRIPT), ASKED, [], {"one"}).groups
    assert {name: tally.asked for name, tally in groups.items()} == {
        "all": 5,
        "fi": 2,
        "sv": 2,
        "en": 1,
        "plain": 4,
        "spoken": 1,
        "fi plain": 1,
        "fi spoken": 1,
        "sv plain": 2,
        "en plain": 1,
    }


def test_the_table_shows_each_group_and_the_figures() -> None:
    shown = table(measure(ScriptedBase(SCRIPT), ASKED, UNANSWERABLE, {"one"}))
    rows = {line[:16].strip(): line.split() for line in shown.splitlines() if " | " in line}
    assert rows["all"][1:4] == ["5", "|", "0.200"]
    assert list(rows)[1:5] == ["all", "fi", "sv", "en"]
    assert "answered-precision  0.333 at coverage 0.400" in shown
    assert "suggestions         2, the right tip among the three in 0.500" in shown
    assert "unanswerable near   1: declined 0.000" in shown
    assert "plain, mistyped" in shown
    assert "a query             p50 500.00 ms, p99 500.00 ms; FTS5 500.00 and 500.00 ms" in shown


def test_most_queries_are_told_from_the_slowest() -> None:
    measured = Measured(seconds=[0.001] * 98 + [0.009, 0.008], baseline_seconds=[0.002, 0.001, 0.003])
    measured.groups["all"] = measured.baseline["all"] = Tally(asked=1)
    assert "p50 1.00 ms, p99 8.00 ms; FTS5 2.00 and 3.00 ms" in table(measured)


def test_a_knowledge_base_without_tips_is_measured_too() -> None:
    measured = measure(KnowledgeBase(()), ASKED, UNANSWERABLE, set())
    assert measured.left_out == len(ASKED)
    assert table(measured) == "no question has its tip in this knowledge base"


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("salasana", ["one"]),
        ('salasana" OR title:* NEAR(', ["one"]),
        ("'; DROP TABLE tips; --", []),
        ("🙂", []),
        ("", []),
    ],
)
def test_the_baseline_takes_any_question(question: str, expected: list[str]) -> None:
    tips = [
        Tip("one", "theme", {"fi": Text("Salasana", "Tekstiä."), "sv": Text("Annat", "Text.")}),
        Tip("two", "theme", {"sv": Text("Salasana på svenska", "Text.")}),
    ]
    assert NaiveSearch(tips).search(question, "fi") == expected


def write(path: Path, *lines: object) -> Path:
    text = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
    path.write_text(text, encoding="utf-8")
    return path


def test_a_file_of_questions_is_read(tmp_path: Path) -> None:
    file = write(
        tmp_path / "questions.jsonl",
        {"q": "eka", "lang": "fi", "gold": "one", "also": ["two"], "style": "plain"},
        "",
        {"q": "toka", "lang": "sv", "kind": "near"},
        {"q": "kolmas", "lang": "en", "gold": "one", "also": None},
    )
    assert read(file) == [
        Question("eka", "fi", frozenset({"one", "two"}), "plain", "one"),
        Question("toka", "sv", frozenset(), "near"),
        Question("kolmas", "en", frozenset({"one"}), gold="one"),
    ]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("nonsense", "line 2 is not JSON"),
        ("[" * 100_000, "line 2 is not JSON"),
        ([], "line 2 needs a question as text"),
        (None, "line 2 needs a question as text"),
        ({"q": 1}, "line 2 needs a question as text"),
        ({"q": "a", "lang": "de", "gold": "one"}, "line 2: lang must be fi, sv or en"),
        ({"q": "a", "lang": ["fi"], "gold": "one"}, "line 2: lang must be fi, sv or en"),
        ({"q": "a", "gold": "one"}, "line 2 needs lang, and gold or kind"),
        ({"q": "a", "lang": None, "gold": "one"}, "line 2 needs lang, and gold or kind"),
        ({"q": "a", "lang": "fi"}, "line 2 needs lang, and gold or kind"),
        ({"q": "a", "lang": "fi", "gold": ["one"]}, "line 2: gold must be the id of a tip"),
        ({"q": "a", "lang": "fi", "gold": "one", "also": "two"}, "line 2: gold must be the id of a tip"),
        ({"q": "a", "lang": "fi", "gold": "one", "also": [["two"]]}, "line 2: gold must be the id of a tip"),
    ],
)
def test_a_bad_line_is_refused_by_its_number(tmp_path: Path, line: object, reason: str) -> None:
    file = write(tmp_path / "questions.jsonl", {"q": "hyvä", "lang": "fi", "kind": "far"}, line)
    with pytest.raises(QuestionsError) as refused:
        read(file)
    assert str(refused.value).startswith(str(file))
    assert reason in str(refused.value)


def test_what_is_no_file_of_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    for name, reason in [("missing", "No such file"), ("", "Is a directory"), ("binary", "is not UTF-8 text")]:
        with pytest.raises(QuestionsError, match=reason):
            read(tmp_path / name)
