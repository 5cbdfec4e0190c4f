"""Repair towards the words of the tips: missing dots, typing errors, spoken endings; and what is left alone."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import needs_voikko
from tips.analysis import StemAnalyser, voikko_analyser
from tips.lexicon import lexicon
from tips.query import parse
from tips.repair import Repairer

FINNISH = ["salasana", "salasanan", "käyttäjätunnus", "sähköposti", "kännykkä", "mikrofoni", "unohtui", "unohdin"]
FINNISH += ["kirjautua", "näyttö", "tunnistautuminen", "laskuja", "vaihtoa", "kokous", "palaveri", "puhelimessa"]
FINNISH += ["talossa", "tehdä"]
SWEDISH = ["lösenord", "möte", "länk", "bakgrunden", "telefon", "språket", "dela", "skärmen"]
ENGLISH = ["password", "authenticator", "microphone", "background", "meeting", "link"]


@pytest.fixture(scope="module")
def finnish() -> Repairer:
    return Repairer(FINNISH, StemAnalyser("fi"))


@pytest.fixture(scope="module")
def swedish() -> Repairer:
    return Repairer(SWEDISH, StemAnalyser("sv"))


@pytest.fixture(scope="module")
def english() -> Repairer:
    return Repairer(ENGLISH, StemAnalyser("en"))


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("sahkoposti", "sähköposti"),
        ("kayttajatunnus", "käyttäjätunnus"),
        ("naytto", "näyttö"),
        ("kannykka", "kännykkä"),
        ("saalsana", "salasana"),
        ("mikrfoni", "mikrofoni"),
        ("tunnistuatuminne", "tunnistautuminen"),
        ("unohtu", "unohtui"),
        ("puhelimes", "puhelimessa"),
        ("palaveris", "palaveri"),
        ("talos", "talossa"),
        ("tehä", "tehdä"),
    ],
)
def test_a_finnish_word_is_repaired_to_one_of_the_tips(finnish: Repairer, typed: str, meant: str) -> None:
    stem = StemAnalyser("fi").terms
    assert stem(typed) != stem(meant)
    assert stem(finnish.repaired(typed) or "") == stem(meant)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("losenord", "lösenord"), ("länkk", "länk"), ("bakgrunnden", "bakgrunden"), ("spraket", "språket")],
)
def test_a_swedish_word_is_repaired_to_one_of_the_tips(swedish: Repairer, typed: str, meant: str) -> None:
    assert swedish.repaired(typed) == meant


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("pasword", "password"), ("authentcatr", "authenticator"), ("micrphone", "microphone"), ("metting", "meeting")],
)
def test_an_english_word_is_repaired_to_one_of_the_tips(english: Repairer, typed: str, meant: str) -> None:
    assert english.repaired(typed) == meant


@pytest.mark.parametrize(
    "word",
    [
        "salasana",  # stands in the tips
        "salasanat",  # its stem does
        "1234",
        "2026",
        "wlan",  # near nothing
        "sal",  # too short to tell
        "jalkapallo",
        "",
    ],
)
def test_what_needs_no_repair_or_has_none_is_left_alone(finnish: Repairer, word: str) -> None:
    assert finnish.repaired(word) is None


def test_the_first_letter_must_be_right(english: Repairer) -> None:
    assert english.repaired("tassword") is None
    assert english.repaired("passwort") == "password"


def test_a_short_word_may_hold_one_error_and_a_long_one_two(english: Repairer) -> None:
    assert english.repaired("meetnggg") is None
    assert english.repaired("backgrnud") == "background"


@needs_voikko
def test_a_real_word_is_not_repaired_into_another() -> None:
    voikko = voikko_analyser()
    assert voikko
    repairer = Repairer(["kokous", "palkka"], voikko)
    assert repairer.repaired("kokoos") == "kokous"
    assert repairer.repaired("palkki") is None  # a beam, not pay


def test_a_query_shows_what_was_read_otherwise_than_typed(finnish: Repairer) -> None:
    query = parse("mä unohdin salasnan", lexicon("fi"), StemAnalyser("fi"), finnish.repaired)
    assert [word.read for word in query.telling] == ["unohdin", "salasanan"]
    assert "salasnan -> salasanan" in query.notes()


def test_a_repaired_word_weighs_less_than_one_typed_right(finnish: Repairer) -> None:
    right, repaired = (
        parse(text, lexicon("fi"), StemAnalyser("fi"), finnish.repaired).words[0].terms[0]
        for text in ("sähköposti", "sahkoposti")
    )
    assert right[0] == repaired[0]
    assert repaired[1] < right[1]


def test_function_words_tell_only_where_there_is_nothing_else(finnish: Repairer) -> None:
    def read(text: str) -> list[str]:
        query = parse(text, lexicon("fi"), StemAnalyser("fi"), finnish.repaired)
        assert query.tells is (len(query.telling) < len(query.words))
        return [word.read for word in query.telling]

    assert read("miten se on kokous") == ["kokous"]
    assert read("miten se on") == ["miten", "se", "on"]


def test_a_synonym_of_the_word_is_searched_with_less_weight(finnish: Repairer) -> None:
    stems = StemAnalyser("fi")
    (word,) = parse("palaveri", lexicon("fi"), stems, finnish.repaired).words
    weights = dict(word.terms)
    assert 0 < weights[stems.terms("kokous")[0][0]] < weights[stems.terms("palaveri")[0][0]]


def test_of_two_words_equally_near_the_commoner_is_meant() -> None:
    common, rare = ["puhelin", *["puhelu"] * 3], ["puhelu", *["puhelin"] * 3]
    assert Repairer(common, StemAnalyser("sv")).repaired("puheli") == "puhelu"
    assert Repairer(rare, StemAnalyser("sv")).repaired("puheli") == "puhelin"


@settings(max_examples=50)
@given(st.text(max_size=30))
def test_any_word_is_repaired_to_something_findable_or_left_alone(text: str) -> None:
    repairer = Repairer(FINNISH, StemAnalyser("fi"))
    repaired = repairer.repaired(text.lower())
    assert repaired is None or repairer._findable(repaired)


@settings(max_examples=50)
@given(st.sampled_from(FINNISH), st.data())
def test_one_swapped_pair_of_letters_is_repaired_to_a_word_of_the_tips(word: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(1, len(word) - 2))
    typed = word[:place] + word[place + 1] + word[place] + word[place + 2 :]
    repairer = Repairer(FINNISH, StemAnalyser("fi"))
    assert repairer._findable(repairer.repaired(typed) or typed)
