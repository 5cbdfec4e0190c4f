"""The tips in the database: the starter content beneath, the organisation's own over it, and what is in force."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from sqlite_utils import Database

from tests.test_tips_packs import QUICKLY, packs
from tips import database
from tips.errors import DatabaseError
from tips.models import Image, Pack, Text, Theme, Tip
from tips.packfiles import read, write
from tips.store import TipStore, migrations


@pytest.fixture
def memory() -> Iterator[Database]:
    opened = database.in_memory([migrations])
    yield opened
    opened.close()


@pytest.fixture
def store(memory: Database) -> TipStore:
    """A store with two themes of the starter content."""
    store = TipStore(memory)
    store.seed("1", lambda: BASE)
    return store


def _tip(tip_id: str, title: str = "", theme: str = "passwords", **more: object) -> Tip:
    texts = {"fi": Text(title, "Näin.", (f"miten {tip_id}",))} if title else {}
    return replace(Tip(tip_id, theme, texts), **more)  # type: ignore[arg-type]


def _titles(store: TipStore) -> dict[str, str]:
    return {tip.id: tip.texts["fi"].title for tip in store.in_force().tips}


BASE = Pack(
    (Theme("passwords", "digiturva", {"fi": "Salasanat", "sv": "Lösenord"}), Theme("mfa", "digiturva")),
    (
        _tip("strong", "Vahva salasana", audience=("all",), reviewed="2026-11", review_by="2027-03", source="kunta.fi"),
        _tip("forgotten", "Salasana unohtui"),
        _tip("why", "Miksi kaksi vaihetta", "mfa"),
    ),
)

# --- The starter content ------------------------------------------------------------------------------------------


def test_the_starter_content_is_in_force(store: TipStore) -> None:
    assert store.in_force() == BASE


def test_the_same_starter_content_is_not_even_read_again(store: TipStore) -> None:
    revision = store.revision()
    assert not store.seed("1", lambda: pytest.fail("read"))
    assert store.revision() == revision


def test_a_base_update_keeps_own_overrides(store: TipStore) -> None:
    store.add(Pack(tips=(_tip("strong", "Oma"), _tip("forgotten", hidden=True), _tip("own", "Meidän"))))
    newer = Pack(BASE.themes, (_tip("strong", "Uusi"), _tip("forgotten", "Uusi"), _tip("new", "Aivan uusi")))
    assert store.seed("2", lambda: newer)
    assert _titles(store) == {"strong": "Oma", "new": "Aivan uusi", "own": "Meidän"}


def test_a_base_update_that_fails_leaves_the_old_tips(store: TipStore, memory: Database) -> None:
    _leave_no_room(memory)
    with pytest.raises(sqlite3.OperationalError, match="full"):
        store.seed("2", lambda: Pack(tips=(_tip("strong", "Iso", source="x" * 1_000_000),)))
    assert store.in_force() == BASE
    assert store.seed("2", lambda: BASE)


def test_the_starter_layer_is_read_with_its_hidden_tips(store: TipStore) -> None:
    store.add(Pack(tips=(_tip("strong", hidden=True),)))
    assert [tip.id for tip in store.starter()] == ["strong", "forgotten", "why"]


# --- An organisation's own ----------------------------------------------------------------------------------------


@QUICKLY
@given(packs())
def test_any_pack_comes_back_as_it_went_in(pack: Pack) -> None:
    opened = database.in_memory([migrations])
    store = TipStore(opened)
    store.add(pack)
    found = {tip.id: replace(tip, own=False) for tip in store.in_force().tips}
    opened.close()
    assert found == {tip.id: tip for tip in pack.tips if tip.texts and not tip.hidden}


def test_a_tip_is_overridden_by_its_id_in_one_language(store: TipStore) -> None:
    store.add(Pack(tips=(Tip("strong", "passwords", {"sv": Text("Starkt lösenord", "Så här.")}),)))
    tip = store.in_force().tips[0]
    assert (tip.id, tip.own) == ("strong", True)
    assert {lang: text.title for lang, text in tip.texts.items()} == {"fi": "Vahva salasana", "sv": "Starkt lösenord"}


def test_an_override_without_phrasings_is_asked_for_as_before(store: TipStore) -> None:
    store.add(Pack(tips=(Tip("strong", "passwords", {"fi": Text("Oma", "Näin.")}),)))
    assert store.in_force().tips[0].texts["fi"] == Text("Oma", "Näin.", ("miten strong",))


def test_an_override_brings_its_own_phrasings(store: TipStore) -> None:
    store.add(Pack(tips=(Tip("strong", "passwords", {"fi": Text("Oma", "Näin.", ("toisin",))}),)))
    assert store.in_force().tips[0].texts["fi"].phrasings == ("toisin",)


def test_an_override_keeps_the_rest_but_not_the_review(store: TipStore) -> None:
    store.add(Pack(tips=(_tip("strong", "Oma"),)))
    tip = store.in_force().tips[0]
    assert (tip.audience, tip.source, tip.reviewed, tip.review_by) == (("all",), "kunta.fi", "", "")


def test_a_second_import_replaces_its_own_tips_and_keeps_the_others(store: TipStore) -> None:
    store.add(Pack(tips=(_tip("own", "Yksi"), _tip("other", "Kaksi"))))
    store.add(Pack(tips=(_tip("own", "Kolme"),)))
    titles = _titles(store)
    assert (titles["own"], titles["other"]) == ("Kolme", "Kaksi")


@pytest.mark.parametrize("tip_id", ["strong", "own"])
def test_a_tip_is_hidden_and_shown_again(store: TipStore, tip_id: str) -> None:
    store.add(Pack(tips=(_tip("own", "Meidän"),)))
    before = _titles(store)
    store.add(Pack(tips=(Tip(tip_id, hidden=True),)))
    assert _titles(store).keys() == before.keys() - {tip_id}
    store.add(Pack(tips=(Tip(tip_id, hidden=False),)))
    assert _titles(store) == before


def test_hiding_an_override_and_showing_it_keeps_its_words(store: TipStore) -> None:
    store.add(Pack(tips=(_tip("strong", "Oma"),)))
    store.add(Pack(tips=(Tip("strong", hidden=True),)))
    store.add(Pack(tips=(Tip("strong", hidden=False),)))
    assert _titles(store)["strong"] == "Oma"


def test_what_the_base_hides_an_own_pack_can_show(store: TipStore) -> None:
    store.seed("2", lambda: Pack(BASE.themes, (_tip("strong", "Vahva", hidden=True), _tip("why", "Miksi"))))
    assert "strong" not in _titles(store)
    store.add(Pack(tips=(Tip("strong", hidden=False),)))
    assert _titles(store)["strong"] == "Vahva"


# --- --only and --with-others -------------------------------------------------------------------------------------


def test_only_hides_all_other_tips_until_they_are_shown_again(store: TipStore) -> None:
    store.add(Pack(tips=(_tip("own", "Meidän"), _tip("strong", "Oma"))), only=True)
    assert _titles(store) == {"own": "Meidän", "strong": "Oma"}
    store.add(Pack(), only=False)
    assert _titles(store).keys() == {"strong", "forgotten", "why", "own"}


def test_an_import_after_only_joins_what_is_shown(store: TipStore) -> None:
    store.add(Pack(tips=(_tip("own-2", "B"), _tip("own-1", "A"))), only=True)
    store.add(Pack(tips=(_tip("other", "C"),)))
    assert list(_titles(store)) == ["own-2", "own-1", "other"]


def test_only_of_another_pack_hides_the_first(store: TipStore) -> None:
    store.add(Pack(tips=(_tip("own", "A"),)), only=True)
    store.add(Pack(tips=(_tip("other", "B"),)), only=True)
    assert list(_titles(store)) == ["other"]


def test_a_base_update_does_not_break_through_only(store: TipStore) -> None:
    store.add(Pack(tips=(_tip("own", "A"),)), only=True)
    store.seed("2", lambda: Pack(tips=(_tip("new", "Uusi"),)))
    assert list(_titles(store)) == ["own"]


# --- Themes -------------------------------------------------------------------------------------------------------


def test_a_theme_without_visible_tips_is_not_in_force(store: TipStore) -> None:
    store.add(Pack(tips=(Tip("why", hidden=True),)))
    assert [theme.id for theme in store.in_force().themes] == ["passwords"]


def test_an_own_title_of_a_theme_leaves_the_other_languages(store: TipStore) -> None:
    store.add(Pack((Theme("passwords", "", {"fi": "Tunnukset"}),), (_tip("own", "A"),)))
    theme = store.in_force().theme("passwords")
    assert theme == Theme("passwords", "digiturva", {"fi": "Tunnukset", "sv": "Lösenord"})


def test_own_themes_come_after_those_of_the_base(store: TipStore) -> None:
    store.add(Pack((Theme("aa", "", {"fi": "Ensin?"}),), (_tip("own", "A", "aa"), _tip("mfa-own", "B", "mfa"))))
    assert [theme.id for theme in store.in_force().themes] == ["passwords", "mfa", "aa"]
    assert list(_titles(store)) == ["strong", "forgotten", "why", "mfa-own", "own"]


@pytest.mark.parametrize(("language", "title"), [("sv", "Lösenord"), ("en", "Salasanat")])
def test_a_theme_is_shown_in_any_language_that_it_has(language: str, title: str) -> None:
    assert BASE.theme("passwords").title(language) == title  # type: ignore[arg-type]


def test_a_theme_without_a_title_is_shown_by_its_id() -> None:
    assert Pack().theme("nowhere").title("fi") == "nowhere"


@pytest.mark.parametrize(("has", "wanted", "shown"), [("fi sv", "sv", "sv"), ("en sv", "fi", "sv"), ("en", "fi", "en")])
def test_a_tip_is_shown_in_the_wanted_language_or_the_nearest(has: str, wanted: str, shown: str) -> None:
    tip = Tip("a", "t", {language: Text("A", "B") for language in has.split()})  # type: ignore[misc]
    assert tip.language_for(wanted) == shown  # type: ignore[arg-type]


# --- Pictures, revisions, failures --------------------------------------------------------------------------------


def test_a_picture_is_stored_and_exported_with_its_tip(store: TipStore) -> None:
    tip = Tip("own", "passwords", {"fi": Text("A", "B", image=Image("a.png", "Kuva", "d1"))})
    store.add(Pack(tips=(tip,), images={"d1": b"png", "d2": b"nobody's"}))
    pack = store.with_images(store.in_force())
    assert pack.images == {"d1": b"png"}
    assert {tip.id: tip.texts["fi"].image for tip in pack.tips}["own"] == Image("a.png", "Kuva", "d1")
    assert store.image("d1") == b"png"
    assert store.image("d3") is None


def test_the_revision_grows_with_every_change(store: TipStore) -> None:
    seen = [store.revision()]
    for change in (
        lambda: store.add(Pack(tips=(_tip("own", "A"),))),
        lambda: store.add(Pack(), only=False),
        lambda: store.seed("2", lambda: BASE),
        lambda: store.revise(beyond=100),
        lambda: store.revise(beyond=5),
    ):
        change()
        seen.append(store.revision())
    assert seen == sorted(set(seen))
    assert seen[-1] > 101


def test_an_import_that_fails_half_way_changes_nothing(store: TipStore, memory: Database) -> None:
    store.add(Pack(tips=(_tip("own", "Ennen"),)), only=True)
    revision = store.revision()
    _leave_no_room(memory)
    with pytest.raises(DatabaseError, match="disk is full"), database.explained("tips"):
        store.add(Pack(tips=(_tip("own", "Jälkeen"), _tip("large", "Iso", source="x" * 1_000_000))), only=False)
    assert _titles(store) == {"own": "Ennen"}
    assert store.revision() == revision


def _leave_no_room(memory: Database) -> None:
    pages = memory.execute("PRAGMA page_count").fetchone()[0]
    memory.execute(f"PRAGMA max_page_count = {pages}")


def test_an_export_is_what_is_in_force_and_imports_to_the_same(tmp_path: Path, store: TipStore) -> None:
    store.add(
        Pack(
            (Theme("kitchen", "", {"fi": "Keittiö"}), Theme("passwords", "", {"fi": "Tunnukset"})),
            (_tip("strong", "Oma"), _tip("forgotten", hidden=True), _tip("own", "Meidän", "kitchen")),
        )
    )
    exported = store.in_force()
    for target in ("one.yaml", "one.jsonl", "folder"):
        write(exported, tmp_path / target)
        opened = database.in_memory([migrations])
        other = TipStore(opened)
        other.seed("1", lambda: BASE)
        other.add(read(tmp_path / target), only=True)
        imported = other.in_force()
        opened.close()
        assert [replace(tip, own=False) for tip in imported.tips] == [replace(tip, own=False) for tip in exported.tips]
        assert imported.themes == exported.themes
