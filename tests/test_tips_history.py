"""The history of the own layer: what a change was, undone and undone again, also with pictures and other themes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.conftest import NOW
from tips import database, drafts, store
from tips.history import TipHistory, changed_fields
from tips.models import Image, Pack, Text, Theme, Tip
from tips.store import TipStore

BASE = Tip("lock", "screens", {"fi": Text("Lukitse näyttö", "Paina Windows + L.", ("näyttö lukkoon",))}, ("all",))
OWN = Tip("lock", "screens", {"fi": Text("Lukitse aina", "Paina Win + L.")}, ("all",))


@pytest.fixture
def tips() -> Iterator[TipStore]:
    opened = database.in_memory([store.migrations, drafts.migrations])
    tips = TipStore(opened)
    tips.seed("test", lambda: Pack((Theme("screens", "digiturva", {"fi": "Näytöt"}),), (BASE,)))
    yield tips
    opened.close()


@pytest.fixture
def changes(tips: TipStore) -> TipHistory:
    return TipHistory(tips._db, tips)


def title(tips: TipStore) -> str:
    return tips.in_force().tips[0].texts["fi"].title


def test_a_change_is_undone_and_the_undoing_too(tips: TipStore, changes: TipHistory) -> None:
    number = changes.put(OWN, NOW)
    assert title(tips) == "Lukitse aina"
    back = changes.undo(number, NOW)
    assert title(tips) == "Lukitse näyttö"
    assert changes.undo(back, NOW)
    assert title(tips) == "Lukitse aina"


def test_a_change_that_another_one_followed_is_not_undone(tips: TipStore, changes: TipHistory) -> None:
    first = changes.put(OWN, NOW)
    changes.put(replace(OWN, hidden=True), NOW)
    assert not changes.undo(first, NOW)
    assert tips.in_force().tips == ()


def test_what_changes_nothing_is_no_change(changes: TipHistory) -> None:
    assert changes.put(OWN, NOW)
    assert not changes.put(OWN, NOW)
    assert changes.take_away("lock", NOW)
    assert not changes.take_away("lock", NOW)
    assert len(changes.newest()) == 2


def test_pictures_and_other_themes_come_back(tips: TipStore, changes: TipHistory) -> None:
    text = Text("Lukitse", "Näin.", image=Image("a.png", "Kuva", "d" * 64))
    first = replace(OWN, texts={"fi": text})
    changes.put(first, NOW)
    moved = changes.put(replace(first, theme="other"), NOW)
    changes.undo(moved, NOW)
    assert tips.own("lock") == replace(first, own=True)


def test_a_pack_is_a_change_of_each_tip_that_it_changes(tips: TipStore, changes: TipHistory) -> None:
    new = Tip("new", "screens", {"fi": Text("Uusi", "Uusi.")})
    assert changes.add(Pack((), (OWN, new)), None, NOW) == 2
    assert changes.add(Pack((), (OWN, new)), None, NOW) == 0
    assert [change.tip for change in changes.newest()] == ["new", "lock"]
    assert [change.tip for change in changes.newest(tip="lock")] == ["lock"]
    assert changes.newest(before=changes.newest()[-1].id) == []


@pytest.mark.parametrize("number", ["", "x", "0", "99", "9" * 30, "-1", "²"])
def test_a_number_that_no_change_has_undoes_nothing(changes: TipHistory, number: str) -> None:
    assert changes.get(number) is None
    assert not changes.undo(number, NOW)


def test_what_differs_is_told_by_field() -> None:
    assert list(changed_fields(BASE, replace(BASE, audience=("desk",), texts={"fi": Text("Lukitse", "Näin.")}))) == [
        ("fi.title", "Lukitse näyttö", "Lukitse"),
        ("fi.body", "Paina Windows + L.", "Näin."),
        ("fi.phrasings", "näyttö lukkoon", ""),
        ("audience", "all", "desk"),
    ]
    assert list(changed_fields(BASE, BASE)) == []
    assert ("theme", "", "screens") in list(changed_fields(None, BASE))


def test_tips_are_listed_by_theme_and_the_hidden_ones_apart(tips: TipStore, changes: TipHistory) -> None:
    changes.put(Tip("lock", hidden=True), NOW)
    changes.put(Tip("new", "screens", {"fi": Text("Uusi", "Uusi.")}), NOW)
    assert [(base.id if base else "", own.id if own else "") for base, own in tips.standing("screens")] == [
        ("lock", "lock"),
        ("", "new"),
    ]
    assert [(base.id if base else "", own.id if own else "") for base, own in tips.hidden()] == [("lock", "lock")]
