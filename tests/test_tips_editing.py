"""A tip filled in and back: the own layer holds what differs, no more; what does not fit is named field by field."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tips.editing import UnfitError, as_typed, filled_in, over, tip_from, version
from tips.models import Image, Pack, Text, Tip
from tips.store import layered

BASE = Tip(
    "lock",
    "screens",
    {"fi": Text("Lukitse näyttö", "Paina Windows + L.", ("näyttö lukkoon",)), "sv": Text("Lås", "Tryck.")},
    ("all",),
    "2026-11",
    "2027-11",
)


def test_what_is_filled_in_is_the_tip_again(starter_pack: Pack) -> None:
    for tip in starter_pack.tips:
        assert tip_from(tip.id, filled_in(tip), tip) == replace(tip, hidden=None)


def test_what_says_the_same_as_the_starter_needs_no_tip_of_our_own() -> None:
    assert over(BASE, tip_from("lock", filled_in(BASE), BASE), hidden=None) is None
    assert over(BASE, tip_from("lock", filled_in(BASE), BASE), hidden=False) is None


def test_what_says_the_same_and_is_hidden_only_hides() -> None:
    assert over(BASE, tip_from("lock", filled_in(BASE), BASE), hidden=True) == Tip("lock", "screens", hidden=True)


@pytest.mark.parametrize(
    ("field", "value"),
    [("fi.title", "Lukitse aina"), ("sv.body", "Tryck nu."), ("reviewed", "2027-01"), ("theme", "other")],
)
def test_one_changed_field_is_in_force_over_the_starter(field: str, value: str) -> None:
    filled = filled_in(BASE)
    typed = as_typed({**filled.values, field: value}, filled.audience)
    wanted = tip_from("lock", typed, BASE)
    own = over(BASE, wanted, hidden=None)
    assert own is not None
    shown = layered(BASE, own)
    assert filled_in(shown)[field] == value
    assert not shown.hidden
    assert len(own.texts) == (1 if "." in field else 0)


def test_a_language_that_was_emptied_is_the_starters_again() -> None:
    filled = filled_in(BASE)
    emptied = as_typed({name: value for name, value in filled.values.items() if not name.startswith("sv")}, ("all",))
    assert over(BASE, tip_from("lock", emptied, BASE), hidden=None) is None


def test_the_picture_stays() -> None:
    text = replace(BASE.texts["fi"], image=Image("a.png", "Kuva", "d" * 64))
    tip = replace(BASE, texts={"fi": text})
    assert tip_from("lock", filled_in(tip), tip).texts["fi"].image == text.image


@pytest.mark.parametrize(
    ("values", "fields"),
    [
        ({}, {"theme", "fi.title"} - {"theme"}),
        ({"fi.title": "Otsikko"}, {"fi.body"}),
        ({"fi.title": "A", "fi.body": "b", "fi.link": "javascript:alert(1)"}, {"fi.link"}),
        ({"fi.title": "A", "fi.body": "b", "reviewed": "ensi vuonna"}, {"reviewed"}),
        ({"fi.title": "x" * 301, "fi.body": "b", "sv.body": "c"}, {"fi.title", "sv.title"}),
        ({"fi.title": "A\x00", "fi.body": "b"}, {"fi.title"}),
    ],
)
def test_what_does_not_fit_is_named_field_by_field(values: dict[str, str], fields: set[str]) -> None:
    with pytest.raises(UnfitError) as error:
        tip_from("x", as_typed({"theme": "screens", **values}, ()))
    assert set(error.value.problems) == fields


def test_line_breaks_of_a_browser_are_ours() -> None:
    assert as_typed({"fi.body": " a\r\nb \r\n"}, ())["fi.body"] == "a\nb"


def test_every_change_has_another_version() -> None:
    own = replace(BASE, own=True, hidden=True)
    versions = {version(BASE, None), version(None, BASE), version(BASE, own), version(BASE, replace(own, theme="x"))}
    assert len(versions) == 4
    assert version(BASE, own) == version(BASE, replace(own))
