"""Which questions lean on the one before, and what is searched for then."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tips.answering import KnowledgeBase
from tips.followup import follows, joined
from tips.models import LANGUAGES, Language


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("entä puhelimella?", "fi"),
        ("Entäs iPadilla", "fi"),
        ("enta jos se ei toimi", "fi"),
        ("se ei toimi", "fi"),
        ("mut jos en löydä sitä nappia", "fi"),
        ("och på telefonen?", "sv"),
        ("men om det int funkar", "sv"),
        ("det fungerar inte", "sv"),
        ("what about on my phone", "en"),
        ("what if it does not work?", "en"),
        ("it doesnt work", "en"),
    ],
)
def test_these_lean_on_the_question_before(question: str, language: Language) -> None:
    assert follows(question, language)
    assert joined(question, "aiempi kysymys", language) == f"aiempi kysymys {question}"


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("salasana vanheni", "fi"),
        ("mikrofoni ei toimi", "fi"),
        ("se tulostin ei toimi", "fi"),
        ("mikä se on", "fi"),
        ("moi", "fi"),
        ("", "fi"),
        ("skrivaren fungerar inte", "sv"),
        ("och", "sv"),
        ("how do i share my screen", "en"),
        ("my mic does not work", "en"),
    ],
)
def test_these_stand_alone(question: str, language: Language) -> None:
    assert not follows(question, language)
    assert joined(question, "aiempi kysymys", language) == question


def test_without_a_question_before_there_is_nothing_to_lean_on() -> None:
    assert joined("entä puhelimella?", " ", "fi") == "entä puhelimella?"


def test_the_question_before_gives_the_topic(starter_base: KnowledgeBase) -> None:
    asked = joined("entä puhelimella?", "miten liityn kokoukseen", "fi")
    assert starter_base.answer(asked, "fi").matches[0].id == "meeting-join-phone"


@given(st.text(max_size=60), st.text(max_size=60), st.sampled_from(LANGUAGES))
def test_any_two_texts_can_be_joined(question: str, previous: str, language: Language) -> None:
    assert joined(question, previous, language).endswith(question)
