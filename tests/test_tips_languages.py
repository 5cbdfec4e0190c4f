"""Which language a short text is in."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tips.answering import KnowledgeBase
from tips.languages import LanguageDetector
from tips.models import LANGUAGES, Language

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=200)
UNTAUGHT = LanguageDetector({})  # knows the lexicons only, as where there are no tips


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("miten vaihdan salasanan", "fi"),
        ("mä en pääse sisään", "fi"),
        ("unohdin salasanan", "fi"),
        ("miten liityn teams kokoukseen", "fi"),
        ("hur byter jag lösenord", "sv"),
        ("va sku ja göra me lösenordet", "sv"),
        ("jag har glomt mitt losenord", "sv"),
        ("hur gar jag med i ett teams mote", "sv"),
        ("how do I change my password", "en"),
        ("forgot my pw", "en"),
        ("join a teams meeting", "en"),
    ],
)
def test_a_short_question_is_answered_in_its_own_language(
    starter_base: KnowledgeBase, text: str, language: Language
) -> None:
    assert starter_base.answer(text).language == language


@pytest.mark.parametrize("preferred", LANGUAGES)
def test_a_clear_question_wins_over_what_the_asker_has_chosen(starter_base: KnowledgeBase, preferred: Language) -> None:
    assert starter_base.answer("miten vaihdan salasanani työkoneella", preferred=preferred).language == "fi"
    assert starter_base.answer("hur byter jag mitt lösenord på datorn", preferred=preferred).language == "sv"
    assert starter_base.answer("how do I change the password on my computer", preferred=preferred).language == "en"


@pytest.mark.parametrize("preferred", LANGUAGES)
@pytest.mark.parametrize("text", ["Teams", "???", "12345", ""])
def test_what_tells_no_language_is_answered_in_the_chosen_one(
    starter_base: KnowledgeBase, text: str, preferred: Language
) -> None:
    assert starter_base.answer(text, preferred=preferred).language == preferred


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_given_language_is_certain(starter_base: KnowledgeBase, language: Language) -> None:
    answer = starter_base.answer("miten vaihdan salasanan", language)
    assert answer.language == language
    assert answer.notes[0] == f"searched in {language}"


@pytest.mark.parametrize(
    ("text", "language"), [("mitä minä teen jos se ei toimi", "fi"), ("vad gör jag", "sv"), ("what should i do", "en")]
)
def test_function_words_alone_teach_the_languages(text: str, language: Language) -> None:
    chances = UNTAUGHT.probabilities(text)
    assert max(chances, key=lambda each: chances[each]) == language


@pytest.mark.parametrize("text", ["", "!!!", "🙂"])
def test_without_words_each_language_is_as_likely(text: str) -> None:
    assert len(set(UNTAUGHT.probabilities(text).values())) == 1


def test_the_tips_teach_words_that_no_lexicon_holds() -> None:
    taught = LanguageDetector({"sv": ["blåbärspaj"], "fi": ["mustikkapiirakka"], "en": ["pie"]})
    assert taught.probabilities("blåbärspaj")["sv"] > UNTAUGHT.probabilities("blåbärspaj")["sv"]


@settings(max_examples=50)
@given(ANY_TEXT)
def test_the_probabilities_of_any_text_add_up_to_one(text: str) -> None:
    chances = UNTAUGHT.probabilities(text)
    assert set(chances) == set(LANGUAGES)
    assert sum(chances.values()) == pytest.approx(1)
    assert all(0 <= chance <= 1 for chance in chances.values())
