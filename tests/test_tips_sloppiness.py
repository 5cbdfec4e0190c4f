"""Questions made careless: seeded, and only where there is something to change."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tips.models import LANGUAGES, Language
from tips.sloppiness import KINDS, as_spoken, mistyped, variants, without_dots

CHANCE = random.Random(1)  # noqa: S311  a seed


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("minä olen kokouksessa", "mä oon kokoukses"),
        ("kuvaa tiedostoa puhelimella", "kuvaa tiedostoo puhelimel"),
        ("Toimiiko tämä", "toimiiks tää"),
    ],
)
def test_finnish_is_written_as_it_is_said(written: str, said: str) -> None:
    assert as_spoken(written, CHANCE) == said


def test_dots_go_missing() -> None:
    assert without_dots("Näyttö på språk", CHANCE) == "naytto pa sprak"


def test_the_longest_word_is_mistyped_once() -> None:
    typed = mistyped("miten vaihdan salasanan", CHANCE)
    assert typed.startswith("miten vaihdan ")
    assert typed != "miten vaihdan salasanan"
    assert mistyped("ei voi", CHANCE) == "ei voi"


@pytest.mark.parametrize(("language", "kinds"), [("fi", 3), ("sv", 2), ("en", 1)])
def test_each_language_has_its_own_carelessness(language: Language, kinds: int) -> None:
    assert len(list(variants("minä näytän tätä lähetystä", language))) == kinds


@given(st.text(max_size=80), st.sampled_from(LANGUAGES))
def test_any_text_varies_the_same_way_again(text: str, language: Language) -> None:
    made = list(variants(text, language))
    assert made == list(variants(text, language))
    assert {kind for kind, _ in made} <= KINDS.keys()
