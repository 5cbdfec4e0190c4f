"""The pack format: what is read from mappings, what is refused and where, and that nothing is lost on the way."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tips.errors import PackError
from tips.fields import is_web_address
from tips.models import AUDIENCES, LANGUAGES, SERIES, Image, Pack, Text, Theme, Tip
from tips.packs import joined, line_mapping, line_of, theme_mapping, theme_of, tip_mapping, tip_of

QUICKLY = settings(max_examples=30)
FI = {"title": "Vaihda salasana", "body": "Avaa **Asetukset**."}

# --- Any tips: what the format can hold ---------------------------------------------------------------------------

_characters = st.characters(exclude_categories=["Cs"], exclude_characters="\0|")
_text = st.text(_characters, min_size=1, max_size=20)
_line = _text.map(lambda text: " ".join(text.split())).filter(bool)
_body = st.text(_characters | st.sampled_from("\n -:#'\"{[*&!%@`>"), min_size=1).map(str.strip).filter(bool)
_id = st.text(st.sampled_from("abzåö漢A19_"), min_size=1, max_size=3).map(lambda start: start + ".:-"[: len(start)])
_month = st.sampled_from(["", "2026-01", "2027-12"])
_texts = st.dictionaries(
    st.sampled_from(LANGUAGES),
    st.builds(
        Text,
        title=_line,
        body=_body,
        phrasings=st.lists(_line, max_size=3, unique=True).map(tuple),
        link=st.sampled_from(["", "https://example.fi/a?b=1,2;3#d", "http://example.fi"]),
    ),
    max_size=3,
)


def _tips(theme: str) -> st.SearchStrategy[Tip]:
    tips = st.builds(
        Tip,
        id=_id,
        theme=st.just(theme),
        texts=_texts,
        audience=st.lists(st.sampled_from(AUDIENCES), unique=True).map(tuple),
        reviewed=_month,
        review_by=_month,
        source=st.just("") | _text,
        hidden=st.sampled_from([None, True, False]),
    )
    return tips.filter(lambda tip: tip.texts or tip.hidden is not None)


_themes = st.builds(
    Theme, id=_id, series=st.sampled_from(["", *SERIES]), titles=st.dictionaries(st.sampled_from(LANGUAGES), _text)
)


@st.composite
def packs(draw: st.DrawFn) -> Pack:
    """Packs of one to three themes with a tip or two each."""
    themes = draw(st.lists(_themes, min_size=1, max_size=3, unique_by=lambda theme: theme.id))
    tips: dict[str, Tip] = {}
    for theme in themes:
        for tip in draw(st.lists(_tips(theme.id), min_size=1, max_size=2)):
            tips.setdefault(tip.id, tip)
    return Pack(tuple(themes), tuple(tips.values()))


# --- What is lost: nothing ----------------------------------------------------------------------------------------


@QUICKLY
@given(_tips("t"))
def test_a_tip_reads_back_from_its_mapping(tip: Tip) -> None:
    assert tip_of(tip_mapping(tip), "t") == tip


@QUICKLY
@given(_themes, _tips("t"))
def test_a_tip_reads_back_from_its_line_with_its_theme(theme: Theme, tip: Tip) -> None:
    theme = Theme("t", theme.series, theme.titles)
    assert line_of(line_mapping(theme, tip)) == (theme, tip)


@QUICKLY
@given(_themes)
def test_a_theme_reads_back_from_its_mapping(theme: Theme) -> None:
    assert theme_of(theme_mapping(theme)) == (theme, ())


def test_an_image_reads_back_from_its_mapping() -> None:
    tip = Tip("a", "t", {"fi": Text("A", "B", image=Image("images/a.png", "Kuva"))})
    assert tip_of(tip_mapping(tip), "t") == tip


def test_white_space_around_a_text_is_dropped_and_equal_phrasings_are_one() -> None:
    data = {"title": " Vaihda\n salasana ", "body": "\nNäin.\n", "phrasings": ["miten  vaihdan", "miten vaihdan", " "]}
    assert tip_of({"id": "a", "fi": data}, "t").texts["fi"] == Text("Vaihda salasana", "Näin.", ("miten vaihdan",))


@pytest.mark.parametrize(("reviewed", "month"), [("2026-11", "2026-11"), ("2026-11-30", "2026-11"), (None, "")])
def test_a_review_is_kept_as_its_month(reviewed: str | None, month: str) -> None:
    assert tip_of({"id": "a", "fi": FI, "reviewed": reviewed}, "t").reviewed == month


@pytest.mark.parametrize(
    ("value", "hidden"), [(True, True), ("true", True), (False, False), ("false", False), (None, None), ("", None)]
)
def test_hidden_is_read_from_text_too(value: object, hidden: bool | None) -> None:
    assert tip_of({"id": "a", "fi": FI, "hidden": value}, "t").hidden is hidden


def test_one_audience_needs_no_list() -> None:
    assert tip_of({"id": "a", "fi": FI, "audience": "mobile"}, "t").audience == ("mobile",)


def test_a_tip_that_only_hides_needs_no_more_than_its_id() -> None:
    assert line_of({"id": "a", "hidden": True}) == (None, Tip("a", hidden=True))


def test_a_long_body_fits_because_only_the_strict_check_counts_words() -> None:
    body = "sana " * 3_999 + "sana"
    assert tip_of({"id": "a", "fi": FI | {"body": body}}, "t").texts["fi"].body == body


# --- What is refused ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "field", "reason"),
    [
        ({}, "fi", "needs a title and a body"),
        ({"fi": FI, "colour": "red"}, "colour", "is not a field"),
        ({"fi": FI | {"colour": "red"}}, "fi.colour", "is not a field"),
        ({"fi": "Vaihda salasana"}, "fi", "must hold a title and a body"),
        ({"fi": {"body": "B"}}, "fi.title", "is missing or empty"),
        ({"sv": {"title": "A"}}, "sv.body", "is missing or empty"),
        ({"fi": FI | {"title": " \n"}}, "fi.title", "is missing or empty"),
        ({"fi": FI | {"body": " \n"}}, "fi.body", "is missing or empty"),
        ({"fi": FI | {"title": 112}}, "fi.title", "must be text"),
        ({"fi": FI | {"title": "x" * 301}}, "fi.title", "at most 300 fit"),
        ({"fi": FI | {"body": "x" * 20_001}}, "fi.body", "at most 20000 fit"),
        ({"fi": FI | {"body": "\ud800"}}, "fi.body", "no text"),
        ({"fi": FI | {"body": "a\0b"}}, "fi.body", "no text"),
        ({"fi": FI | {"phrasings": "miten vaihdan"}}, "fi.phrasings", "must be a list"),
        ({"fi": FI | {"phrasings": [["miten"]]}}, "fi.phrasings", "must be text"),
        ({"fi": FI | {"phrasings": ["x" * 501]}}, "fi.phrasings", "at most 500 fit"),
        ({"fi": FI | {"link": "javascript:alert(1)"}}, "fi.link", "must be a web address"),
        ({"fi": FI | {"link": "www.kunta.fi"}}, "fi.link", "must be a web address"),
        ({"fi": FI | {"image": "a.png"}}, "fi.image", "must give the file"),
        ({"fi": FI | {"image": {"file": "a.png"}}}, "fi.image", "alternative text"),
        ({"fi": FI | {"image": {"alt": "Kuva"}}}, "fi.image", "needs both a file"),
        ({"fi": FI | {"image": {"file": "a", "alt": "b", "width": "9"}}}, "fi.image.width", "is not a field"),
        ({"fi": FI, "audience": ["everybody"]}, "audience", "must be of all, desk"),
        ({"fi": FI, "audience": [["all"]]}, "audience", "must be of all, desk"),
        ({"fi": FI, "audience": {"all": True}}, "audience", "must be of all, desk"),
        ({"fi": FI, "reviewed": "2026-13"}, "reviewed", "must be a month"),
        ({"fi": FI, "reviewed": "marraskuu"}, "reviewed", "must be a month"),
        ({"fi": FI, "reviewed": "٢٠٢٦-11"}, "reviewed", "must be a month"),
        ({"fi": FI, "review_by": 202611}, "review_by", "must be text"),
        ({"fi": FI, "hidden": "maybe"}, "hidden", "must be true or false"),
        ({"fi": FI, "hidden": 1}, "hidden", "must be true or false"),
        ({"fi": FI, "source": ["a"]}, "source", "must be text"),
    ],
)
def test_what_does_not_fit_is_refused_with_tip_and_field(data: dict[str, Any], field: str, reason: str) -> None:
    with pytest.raises(PackError, match=reason) as caught:
        tip_of({"id": "password-change", **data}, "passwords")
    assert (caught.value.tip, caught.value.field) == ("password-change", field)


@pytest.mark.parametrize(
    "tip_id", ["", None, 7, "a/b", "../a", "a b", "-a", "a\n", "a\\b", "<b>", "x" * 121, ["a"], "\ud800"]
)
def test_an_id_that_could_be_a_path_or_markup_is_refused(tip_id: object) -> None:
    with pytest.raises(PackError) as caught:
        tip_of({"id": tip_id, "fi": FI}, "t")
    assert caught.value.field == "id"


@pytest.mark.parametrize("tip", ["a", ["a"], None, 7])
def test_a_tip_must_be_a_mapping(tip: object) -> None:
    with pytest.raises(PackError, match="mapping of fields"):
        theme_of({"theme": "t", "tips": [tip]})


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({}, "theme"),
        ({"theme": "a/b"}, "theme"),
        ({"theme": "t", "colour": "red"}, "colour"),
        ({"theme": "t", "series": "sarja"}, "series"),
        ({"theme": "t", "series": ["digiturva"]}, "series"),
        ({"theme": "t", "title": "Salasanat"}, "title"),
        ({"theme": "t", "title": {"de": "Kennwort"}}, "title.de"),
        ({"theme": "t", "title": {"fi": 7}}, "title.fi"),
        ({"theme": "t", "tips": "a, b"}, "tips"),
    ],
)
def test_a_theme_that_does_not_fit_is_refused_with_its_field(data: dict[str, Any], field: str) -> None:
    with pytest.raises(PackError) as caught:
        theme_of(data)
    assert caught.value.field == field


def test_a_text_without_a_theme_is_refused() -> None:
    with pytest.raises(PackError, match="tip a: field theme: is missing"):
        line_of({"id": "a", "fi": FI})


def test_a_line_names_its_tip_also_where_its_theme_is_wrong() -> None:
    with pytest.raises(PackError, match="tip a: field series"):
        line_of({"id": "a", "theme": "t", "series": "sarja", "fi": FI})


_anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
_fields = ["id", "theme", "series", "title", "tips", "theme_title", "hidden", "audience", "reviewed", "fi", "sv"]


@QUICKLY
@given(st.dictionaries(st.sampled_from(_fields) | st.text(max_size=5), _anything), _anything, _anything)
def test_nothing_but_a_pack_error_comes_of_any_data(data: dict[str, Any], text: Any, image: Any) -> None:
    for reader in (theme_of, line_of):
        for candidate in (data, {"id": "a", "theme": "t", "fi": {**FI, "link": text, "image": image}} | data):
            with suppress(PackError):
                reader(candidate)


# --- Links --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("link", "safe"),
    [
        ("https://www.kunta.fi/ohje?a=1#b", True),
        ("HTTP://kunta.fi", True),
        ("javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("//kunta.fi", False),
        ("https://", False),
        ("https://[", False),
        ('https://kunta.fi/"><script>', False),
        ("https://kunta.fi/a b", False),
        ("https://kunta.fi\\@evil.example", False),
        ("", False),
    ],
)
def test_only_whole_web_addresses_are_links(link: str, safe: bool) -> None:
    assert is_web_address(link) is safe


# --- Packs of several parts ---------------------------------------------------------------------------------------


def test_a_duplicate_id_is_refused_with_its_file() -> None:
    part = Pack(tips=(Tip("a", hidden=True),))
    with pytest.raises(PackError, match="the same id twice") as caught:
        joined([part, part], file="b.yaml")
    assert (caught.value.file, caught.value.tip, caught.value.field) == ("b.yaml", "a", "id")


@pytest.mark.parametrize("titled_first", [True, False])
def test_a_theme_in_two_parts_is_what_both_say(titled_first: bool) -> None:
    parts = [Pack((Theme("t", "", {"fi": "Teema"}),)), Pack((Theme("t", "digiturva", {"sv": "Tema"}),))]
    theme = joined(parts if titled_first else parts[::-1]).theme("t")
    assert theme == Theme("t", "digiturva", {"fi": "Teema", "sv": "Tema"})


def test_an_error_says_file_tip_field_and_reason_in_this_order() -> None:
    error = PackError("is missing", field="fi.title").at(tip="a").at(file="b.yaml")
    assert str(error) == "b.yaml: tip a: field fi.title: is missing"


def test_the_first_place_that_an_error_learns_stays() -> None:
    error = PackError("is missing", tip="a", file="a.yaml").at(tip="b", file="b.yaml")
    assert (error.tip, error.file) == ("a", "a.yaml")
