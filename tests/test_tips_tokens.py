"""From messages to words: invisible characters, apostrophes, prefixes, dots and length."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tips.tokens import LONGEST_QUESTION, MOST_WORDS, all_words, cleaned, ngrams, undotted, visible, words

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=200)  # lone surrogates too
ANY_TEXT |= st.text("aäo1Ａ①\u0308\u0301\u200b\u200d\u00ad\ufeff\u1160\u115f한\u1161 \n")


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("Miten vaihdan salasanan?", ["miten", "vaihdan", "salasanan"]),
        ("sala\u200bsana", ["salasana"]),
        ("\u202esalasana\u202c", ["salasana"]),
        ("s\u0430lasana", ["s\u0430lasana"]),  # a Cyrillic letter is another letter, not an invisible one
        ("ＴＥＡＭＳ", ["teams"]),
        ("ﬁlmi", ["filmi"]),
        ("a\u0308mpa\u0308ri", ["ämpäri"]),
        ("e-mail, wi‑fi", ["email", "wifi"]),
        ("Teams-kokous", ["teams", "kokous"]),
        ("don't won’t", ["dont", "wont"]),
        ("'salasana'", ["salasana"]),
        ("rivi\nvaihto\tja\xa0väli", ["rivi", "vaihto", "ja", "väli"]),
        ("snake_case", ["snake", "case"]),
        ("🔑🔒", []),
        ("", []),
        ('" OR NEAR(a* b) --', ["or", "near", "a", "b"]),
    ],
)
def test_a_message_becomes_its_words(typed: str, read: list[str]) -> None:
    assert words(typed) == read


def test_visible_text_keeps_its_line_breaks_and_nothing_that_nobody_sees() -> None:
    assert visible("a\u200b\u00adb\x00\x07\n\tc\ufeff") == "ab\n c"


def test_only_the_beginning_of_a_long_message_is_a_question() -> None:
    assert len(cleaned("a" * 10_000)) == LONGEST_QUESTION
    assert len(words("a " * 10_000)) == MOST_WORDS


def test_text_that_is_searched_is_read_to_its_end() -> None:
    assert len(all_words("sana " * 500)) == 500


def test_searched_text_and_questions_are_cut_into_the_same_words() -> None:
    text = "Ota yhteys IT-tukeen: e-mail, wi-fi ja don’t"
    assert all_words(text) == words(text)


def test_words_typed_without_dots_match_the_dotted_ones() -> None:
    assert undotted("pöytä") == undotted("poyta") == "poyta"
    assert undotted("språk") == "sprak"


def test_runs_mark_where_a_word_begins_and_ends() -> None:
    assert ngrams("kone") == ["^ko", "kon", "one", "ne$"]
    assert ngrams("a") == ["^a$"]


@settings(max_examples=50)
@given(ANY_TEXT)
def test_words_are_bare_and_small_whatever_was_typed(text: str) -> None:
    for word in words(text):
        assert word
        assert not any(char.isspace() or char in "'’" for char in word)
        assert word == word.lower()


@settings(max_examples=50)
@given(ANY_TEXT)
def test_what_is_visible_stays_as_it_is(text: str) -> None:
    once = visible(text)
    assert visible(once) == once
    assert once.encode().decode() == once  # no half of an emoji is left
