"""Base forms and compound parts, with Voikko where it is installed and with stems everywhere."""

from __future__ import annotations

import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import needs_voikko
from tips.analysis import PART_WEIGHT, Analyser, StemAnalyser, VoikkoAnalyser, analyser, voikko_analyser
from tips.lexicon import lexicon
from tips.models import LANGUAGES, Language


@pytest.fixture
def voikko() -> VoikkoAnalyser:
    found = voikko_analyser()
    assert found
    return found


def base(analyser: Analyser, word: str) -> str:
    return analyser.terms(word)[0][0]


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [
        ("fi", "salasanaa", "salasanat"),
        ("fi", "kokouksessa", "kokouksesta"),
        ("sv", "telefonen", "telefoner"),
        ("en", "recordings", "recording"),
    ],
)
def test_stems_bring_forms_of_a_word_together(language: Language, one: str, other: str) -> None:
    stems = StemAnalyser(language)
    assert base(stems, one) == base(stems, other)


@pytest.mark.parametrize(
    ("language", "vocabulary", "compound", "part"),
    [
        ("fi", ["sähköposti", "viesti"], "sähköpostiviesti", "viesti"),
        ("fi", ["salasana", "suunnitelma"], "salasanasuunnitelma", "salasana"),
        ("sv", ["video", "möten"], "videomöten", "möten"),
    ],
)
def test_stems_split_compounds_by_the_words_of_the_tips(
    language: Language, vocabulary: list[str], compound: str, part: str
) -> None:
    stems = StemAnalyser(language).with_vocabulary(vocabulary)
    assert (base(stems, part), PART_WEIGHT) in stems.terms(compound)
    assert len(StemAnalyser(language).terms(compound)) == 1


def test_the_longest_head_of_a_compound_wins() -> None:
    stems = StemAnalyser("fi").with_vocabulary(["sähkö", "sähköposti", "viesti", "postiviesti"])
    parts = [term for term, _ in stems.terms("sähköpostiviesti")[1:]]
    assert parts == [base(stems, "sähköposti"), base(stems, "viesti")]


def test_a_stemmer_never_claims_to_know_a_word() -> None:
    assert not StemAnalyser("fi").knows("salasana")


@needs_voikko
@pytest.mark.parametrize(
    ("word", "expected"),
    [("salasanani", "salasana"), ("vaihdan", "vaihtaa"), ("kokouksissa", "kokous"), ("unohdin", "unohtaa")],
)
def test_voikko_finds_the_base_form(voikko: VoikkoAnalyser, word: str, expected: str) -> None:
    assert (expected, 1.0) in voikko.terms(word)


@needs_voikko
@pytest.mark.parametrize(("compound", "parts"), [("sähköpostiviesti", {"viesti"}), ("huijauslinkkiä", {"linkki"})])
def test_voikko_finds_the_parts_of_a_compound_at_half_the_weight(
    voikko: VoikkoAnalyser, compound: str, parts: set[str]
) -> None:
    assert {(part, PART_WEIGHT) for part in parts} <= set(voikko.terms(compound))


@needs_voikko
def test_what_voikko_does_not_know_is_stemmed(voikko: VoikkoAnalyser) -> None:
    assert voikko.terms("authenticatorilla") == StemAnalyser("fi").terms("authenticatorilla")
    assert not voikko.knows("authenticatorilla")


@needs_voikko
def test_voikko_tells_words_from_typing_errors(voikko: VoikkoAnalyser) -> None:
    assert voikko.knows("salasanani")
    assert not voikko.knows("salasnani")
    assert voikko.spells("Helsingissä")
    assert not voikko.spells("helsingissä")


@needs_voikko
def test_finnish_uses_voikko_where_it_is() -> None:
    assert analyser("fi") is voikko_analyser()


def test_the_other_languages_use_stems() -> None:
    assert isinstance(analyser("sv", ["möte"]), StemAnalyser)
    assert isinstance(analyser("en", ["meeting"]), StemAnalyser)


def test_voikko_can_be_left_out_for_comparisons(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "DIGIVINKKI_VOIKKO", "off")
    voikko_analyser.cache_clear()
    try:
        assert voikko_analyser() is None
        assert isinstance(analyser("fi"), StemAnalyser)
    finally:
        monkeypatch.undo()
        voikko_analyser.cache_clear()


@settings(max_examples=50)
@given(st.text(min_size=1, max_size=40), st.sampled_from(LANGUAGES))
def test_any_word_has_a_term_and_weights_of_at_most_one(word: str, language: Language) -> None:
    terms = analyser(language, ["salasana", "lösenord"]).terms(word.lower())
    assert terms
    assert all(0 < weight <= 1 for _, weight in terms)
    assert len(dict(terms)) == len(terms)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_lexicon_speaks_small_letters_only(language: Language) -> None:
    known = lexicon(language)
    typed = [*known.function_words, *known.spoken, *known.synonyms, *known.fillers]
    assert [word for word in typed if word != word.lower()] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_spoken_form_stands_for_itself(language: Language) -> None:
    assert [word for word, written in lexicon(language).spoken.items() if written == (word,)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_synonyms_go_both_ways(language: Language) -> None:
    synonyms = lexicon(language).synonyms
    assert all(word in synonyms[other] for word, others in synonyms.items() for other in others)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_knows_the_same_kinds_of_small_talk(language: Language) -> None:
    assert lexicon(language).small_talk.keys() == lexicon("fi").small_talk.keys()
