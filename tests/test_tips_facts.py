"""An organisation's facts and the placeholders that they fill."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tips import database
from tips.facts import LONGEST_VALUE, FactStore, filled, known_facts, migrations, placeholders
from tips.models import LANGUAGES, Language


@pytest.fixture
def facts() -> Iterator[FactStore]:
    opened = database.in_memory([migrations])
    yield FactStore(opened)
    opened.close()


def test_a_told_fact_fills_its_placeholder_wherever_it_stands() -> None:
    text = "Ota yhteys: {it_support}. **{it_support}** auttaa."
    assert filled(text, {"it_support": "p. 08 123"}, "fi") == "Ota yhteys: p. 08 123. **p. 08 123** auttaa."


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("fi", "oman organisaatiosi IT-tuki"),
        ("sv", "din organisations it-stöd"),
        ("en", "your organisation's IT support"),
    ],
)
@pytest.mark.parametrize("values", [{}, {"it_support": ""}, {"organisation": "Mallila"}])
def test_an_untold_fact_reads_well_in_each_language(language: Language, text: str, values: dict[str, str]) -> None:
    assert filled("{it_support}", values, language) == text


@pytest.mark.parametrize("text", ["{unknown}", "{IT_SUPPORT}", "{ it_support }", "{}", "{it_support", "{{0}}", "{0}"])
def test_braces_that_are_no_fact_stay(text: str) -> None:
    assert filled(text, {"it_support": "x"}, "fi") == text


def test_a_value_is_not_filled_again() -> None:
    assert filled("{organisation}", {"organisation": "{it_support}", "it_support": "x"}, "fi") == "{it_support}"


def test_a_value_with_backslashes_stays_as_it_is() -> None:
    assert filled("{organisation}", {"organisation": r"\1 \g<0>"}, "fi") == r"\1 \g<0>"


def test_placeholders_are_found_in_order() -> None:
    assert placeholders("{b_2} ja {a}, ei {C} eikä {}") == ["b_2", "a"]


def test_each_fact_has_its_words_in_each_language() -> None:
    for fact in known_facts().values():
        for words in (fact.unfilled, fact.name, fact.example):
            assert set(words) == set(LANGUAGES)
            assert all(isinstance(text, str) and text.strip() for text in words.values())


def test_the_first_run_asks_for_what_most_tips_need() -> None:
    first = [key for key, fact in known_facts().items() if fact.first]
    assert first == ["organisation", "it_support", "phishing_report", "password_page", "hr_system", "intranet"]
    assert len(known_facts()) > len(first)


def test_a_fact_is_kept_replaced_and_forgotten(facts: FactStore) -> None:
    facts.put("it_support", "p. 1")
    facts.put("organisation", "Mallila")
    facts.put("it_support", "p. 2")
    assert facts.values() == {"it_support": "p. 2", "organisation": "Mallila"}
    facts.put("it_support", " \n ")
    assert facts.values() == {"organisation": "Mallila"}


def test_a_fact_is_one_line_of_limited_length(facts: FactStore) -> None:
    facts.put("it_support", f" IT-tuki,\n p.  08 {'x' * 1_000}")
    value = facts.values()["it_support"]
    assert value.startswith("IT-tuki, p. 08 x")
    assert len(value) == LONGEST_VALUE


def test_what_is_no_fact_is_not_stored(facts: FactStore) -> None:
    with pytest.raises(KeyError):
        facts.put("password", "Kissa123")
    assert facts.values() == {}
