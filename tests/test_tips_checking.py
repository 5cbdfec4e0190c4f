"""The strict check: what makes a tip too long, too heavy or unfindable, and what it counts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tips.checking import figures, problems, unchecked
from tips.errors import PackError
from tips.models import LANGUAGES, Language, Pack, Text, Theme, Tip
from tips.prose import plain, sentences, word_count
from tips.spelling import Speller, misspelt, speller

GOOD = {
    "fi": Text("Vaihda salasana", "Avaa asetukset.", tuple(f"mitä mä nyt teen {n}" for n in range(8))),
    "sv": Text("Byt lösenord", "Öppna sidan.", tuple(f"va ska ja göra {n}" for n in range(8))),
    "en": Text("Change the password", "Open the page.", tuple(f"what do i do {n}" for n in range(8))),
}
TIP = Tip("change", "passwords", GOOD, audience=("all",), reviewed="2026-11", review_by="2027-03")


def _found(**changes: Any) -> list[tuple[str, str]]:
    return [(problem.field, problem.reason) for problem in problems(Pack(tips=(replace(TIP, **changes),)))]


def _with(language: Language, **changes: Any) -> dict[Language, Text]:
    return {**GOOD, language: replace(GOOD[language], **changes)}


def test_a_good_tip_has_no_problems() -> None:
    assert _found() == []


@pytest.mark.parametrize(("words", "over"), [(80, False), (81, True)])
@pytest.mark.parametrize("language", LANGUAGES)
def test_eighty_one_words_are_too_many(language: Language, words: int, over: bool) -> None:
    word = {"fi": "sana", "sv": "ord", "en": "word"}[language]
    body = "\n".join(f"- {' '.join([word] * 5)}" for _ in range(16)) + (f" {word}" if over else "")
    assert word_count(body, language) == words
    expected = [(f"{language}.body", "has 81 words, at most 80 are read in half a minute")] if over else []
    assert _found(texts=_with(language, body=body)) == expected


@pytest.mark.parametrize(
    ("changes", "field", "reason"),
    [
        ({"audience": ()}, "audience", "is missing"),
        ({"reviewed": ""}, "reviewed", "is missing"),
        ({"review_by": ""}, "review_by", "is missing"),
        ({"texts": {lang: GOOD[lang] for lang in ("fi", "en")}}, "sv", "is missing"),
        ({"texts": _with("fi", title="Vaihda" + " salasana" * 9)}, "fi.title", "is 87 characters long"),
        ({"texts": _with("sv", phrasings=GOOD["sv"].phrasings[1:])}, "sv.phrasings", "has 7, at least 8"),
        ({"texts": _with("en", body="Open" + " the page" * 9 + ".")}, "en.body", "a sentence of 19 words"),
        (
            {"texts": _with("fi", body="Avaa" + " asetukset" * 10 + ".")},
            "fi.body",
            "sentences of 11.0 words on average",
        ),
        ({"texts": _with("en", body="Call {helpdesk}.")}, "en.body", "{helpdesk} is not a known placeholder"),
        ({"texts": _with("en", title="Call {helpdesk}")}, "en.title", "{helpdesk} is not a known placeholder"),
        ({"texts": _with("fi", body="**#**")}, "fi.body", "has no words"),
        ({"texts": _with("fi", body="Sen sanoo tietosuoja-asetus.")}, "fi.body", "names a law, an authority"),
        ({"texts": _with("en", body="Tell within 72 hours.")}, "en.body", "names a law, an authority"),
        ({"source": "https://blog.example.com"}, "source", "blog.example.com is not an official source"),
        ({"source": "http://tietosuoja.fi"}, "source", "is no https address"),
        ({"texts": _with("fi", link="https://tietosuoja.fi.example.com/")}, "fi.link", "tietosuoja.fi.example.com is"),
        ({"texts": _with("fi", link="https://tietosuoja.fi/a/b/c")}, "fi.link", "leads 3 parts deep"),
    ],
)
def test_each_shortcoming_is_named_with_its_field(changes: dict[str, Any], field: str, reason: str) -> None:
    (problem,) = _found(**changes)
    assert problem[0] == field
    assert problem[1].startswith(reason)


def test_an_official_source_vouches_for_a_law() -> None:
    texts = _with("fi", body="Sen sanoo tietosuoja-asetus.", link="https://tietosuoja.fi/")
    assert _found(texts=texts, source="https://tietosuoja.fi/usein-kysyttya/a/b") == []


@pytest.mark.parametrize(
    ("ways", "reason"),
    [
        ([f"vaihtaminen {n}" for n in range(8)], "0 in spoken language, at least 2 are needed"),
        ([f"mitä mä salasana {n}" for n in range(8)], "0 by situation, at least 2 are needed"),
    ],
)
def test_some_phrasings_are_spoken_and_some_tell_a_situation(ways: list[str], reason: str) -> None:
    found = [told for field, told in _found(texts=_with("fi", phrasings=tuple(ways))) if field == "fi.phrasings"]
    assert reason in found


def test_a_theme_has_synonyms_in_each_language() -> None:
    theme = Theme("passwords", synonyms={"fi": (("salasana", "passu"),), "sv": (("lösenord", "lösen"),)})
    (problem,) = problems(Pack((theme,)))
    assert str(problem) == "tip (theme passwords): field synonyms.en: has no synonyms"


def test_long_sentences_on_average_are_for_finnish_only() -> None:
    assert _found(texts=_with("sv", body="Öppna" + " sidan" * 10 + ".")) == []


def test_a_tip_that_only_hides_is_left_alone() -> None:
    assert list(problems(Pack(tips=(Tip("change", hidden=True),)))) == []


@pytest.mark.parametrize("way", ["Mitä mä nyt teen 3?", "mitä  MÄ nyt, teen 3"])
def test_one_phrasing_in_two_tips_misleads_the_search(way: str) -> None:
    other = replace(TIP, id="other", texts={lang: replace(GOOD[lang], phrasings=()) for lang in LANGUAGES})
    other = replace(other, texts={**other.texts, "fi": replace(GOOD["fi"], phrasings=(way,))})
    reasons = [(found.tip, found.field, found.reason) for found in problems(Pack(tips=(TIP, other)))]
    assert ("other", "fi.phrasings", f"{way!r} is a phrasing of change too") in reasons


def test_one_phrasing_in_two_languages_is_fine() -> None:
    assert _found(texts=_with("sv", phrasings=(*GOOD["sv"].phrasings, GOOD["fi"].phrasings[0]))) == []


def test_every_problem_is_an_error_that_names_its_tip() -> None:
    (problem,) = problems(Pack(tips=(replace(TIP, audience=()),)))
    assert isinstance(problem, PackError)
    assert str(problem) == "tip change: field audience: is missing"


# --- What is counted ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("Avaa **Asetukset** ja `Tili`.", "Avaa Asetukset ja Tili."),
        ("Lue [ohje täältä](https://kunta.fi/a_b) nyt", "Lue ohje täältä nyt"),
        ("1. Avaa\n2) Paina\n- Odota\n* Sulje\n+ Lähde", "Avaa\nPaina\nOdota\nSulje\nLähde"),
        ("# Otsikko\n\n> Lainaus", " Otsikko\n\n Lainaus"),
        ("Soita 112. Kerro 3-4 asiaa.", "Soita 112. Kerro 3-4 asiaa."),
    ],
)
def test_markdown_does_not_count(body: str, text: str) -> None:
    assert plain(body) == text


def test_a_placeholder_counts_as_it_reads_untold() -> None:
    body = "Ota yhteys: {it_support}."
    assert (word_count(body, "fi"), word_count(body, "en")) == (2 + 3, 2 + 4)


@pytest.mark.parametrize(
    ("body", "count"),
    [
        ("Avaa. Paina! Odota? Näin: sulje", 5),
        ("1. Avaa\n2. Paina", 2),
        ("Avaa\n\n\nPaina", 2),
        ("Soita p. 08 123. Kerro esim. nimesi.", 2),
        ("Avaa kunta.fi nyt.", 1),
        ("***", 0),
    ],
)
def test_sentences_end_where_a_reader_stops(body: str, count: int) -> None:
    assert len(sentences(body)) == count


def test_the_figures_are_means_over_the_tips_of_a_language() -> None:
    other = Tip("other", "t", {"fi": Text("A", "Yksi kaksi kolme. Neljä.", ("a", "b"))})
    found = figures(Pack(tips=(TIP, other)), "fi")
    assert found
    assert (found.tips, found.words, found.sentence, found.phrasings) == (2, 3.0, 2.0, 5.0)


def test_there_are_no_figures_of_a_language_that_is_not_there() -> None:
    assert figures(Pack(tips=(Tip("a", "t", {"fi": GOOD["fi"]}),)), "sv") is None


# --- Spelling -----------------------------------------------------------------------------------------------------


def _knows(*right: str) -> Speller:
    return lambda words: {word for word in words if word.lower() not in right}


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("avaa asetus", []),
        ("avva asetus avva", ["avva"]),
        ("Avaa Teamsissa ja Authenticatorilla", []),
        ("avaa-asetus avaa-astus", ["avaa-astus"]),
        ("Teams-asetus", []),
        ("https://kunta.fi/xyz avva@kunta.fi {it_support} kunta.fi", []),
        ("a b 123 4x", []),
        ("avva- tai asetus", []),
    ],
)
def test_misspelt_words_are_found_but_not_names_addresses_or_parts(text: str, wrong: list[str]) -> None:
    assert misspelt(text, _knows("avaa", "asetus", "ja", "tai")) == wrong


@pytest.mark.parametrize(
    ("language", "right", "wrong"),
    [("fi", "salasana", "slasana"), ("sv", "lösenord", "lösennord"), ("en", "password", "passwrod")],
)
def test_each_speller_knows_right_from_wrong_also_when_asked_again(language: Language, right: str, wrong: str) -> None:
    if (check := speller(language)) is None:
        pytest.skip(f"no speller for {language}")
    for _ in range(2):
        assert check([right, wrong]) == {wrong}
        assert check([right]) == set()


def test_a_misspelt_word_is_a_problem_where_there_is_a_speller() -> None:
    if "fi" in unchecked():
        pytest.skip("no speller for fi")
    assert _found(texts=_with("fi", body="Avaa **asetuskset**.")) == [("fi.body", "spelling: asetuskset")]
