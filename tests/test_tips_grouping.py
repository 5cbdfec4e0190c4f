"""Questions grouped by meaning: the same whatever their order, none lost, a month's worth in a moment."""

from __future__ import annotations

import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import needs_voikko
from tips.answering import KnowledgeBase
from tips.grouping import grouped

WORDS = ("möhkylä", "kytkeä", "rikki", "tulostin", "paperi", "jumi", "kalenteri", "jakaa", "kokous")
questions = st.lists(st.dictionaries(st.sampled_from(WORDS), st.sampled_from([0.5, 1.0]), max_size=4), max_size=25)


def read(base: KnowledgeBase, *texts: str) -> list[dict[str, float]]:
    queries = [base.read(text, "fi") for text in texts]
    return [dict(query.telling_terms) for query in queries if query]


@needs_voikko
def test_the_same_need_in_other_words_is_one_group_the_largest_first(starter_base: KnowledgeBase) -> None:
    texts = (
        "missä on työajan leimaus puhelimella",
        "miten kytken möhkylän",
        "työajan leimaaminen kännykällä",
        "möhkylän kytkeminen",
        "mistä leimaan työajan kännykällä",
        "saako koiran tuoda töihin",
    )
    groups = grouped(read(starter_base, *texts))
    assert [sorted(group) for group in groups] == [[0, 2, 4], [1, 3], [5]]


def test_the_commonest_wording_stands_first() -> None:
    once, often = {"tulostin": 1.0, "jumi": 1.0}, {"tulostin": 1.0, "jumi": 1.0, "paperi": 0.5}
    assert grouped([once, often, often]) == [[1, 2, 0]]


@pytest.mark.parametrize(("found", "expected"), [([], []), ([{}], [[0]]), ([{}, {}], [[0], [1]])])
def test_what_has_no_words_that_tell_stands_alone(found: list[dict[str, float]], expected: list[list[int]]) -> None:
    assert grouped(found) == expected


@given(questions)
def test_every_question_is_in_one_group(found: list[dict[str, float]]) -> None:
    groups = grouped(found)
    assert sorted(place for group in groups for place in group) == list(range(len(found)))
    assert [len(group) for group in groups] == sorted((len(group) for group in groups), reverse=True)


@given(questions, st.randoms(use_true_random=False))
def test_the_order_of_the_questions_does_not_matter(found: list[dict[str, float]], chance: random.Random) -> None:
    order = list(range(len(found)))
    chance.shuffle(order)
    again = grouped([found[place] for place in order])
    assert {frozenset(group) for group in grouped(found)} == {frozenset(order[place] for place in g) for g in again}


@given(questions)
def test_the_same_words_are_in_the_same_group(found: list[dict[str, float]]) -> None:
    home = {place: number for number, group in enumerate(grouped(found)) for place in group}
    for one, terms in enumerate(found):
        assert all(home[one] == home[other] for other, others in enumerate(found) if terms and others == terms)


def test_five_thousand_questions_take_seconds() -> None:
    chance = random.Random(1)  # noqa: S311  a seed, not a secret
    words = [f"sana{n}" for n in range(1_500)]
    asked = [dict.fromkeys(chance.choices(words, range(1, 1_501), k=chance.randint(2, 6)), 1.0) for _ in range(5_000)]
    began = time.process_time()
    assert sum(map(len, grouped(asked))) == 5_000
    assert time.process_time() - began < 10
