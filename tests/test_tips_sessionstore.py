"""Own sessions over those that come with the product: laid, hidden, undone, and read anew when something changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.stores import MIGRATIONS
from tests.conftest import NOW
from tips import database
from tips.errors import PackError
from tips.models import LANGUAGES
from tips.programme import Programme, parsed, sessions_of, starter_programme, text_of
from tips.sessions import QuizQuestion, Session, session_mapping, session_of
from tips.sessionstore import Own, SessionStore, layered, over

BASE = starter_programme().sessions["passwords"]
OWN = replace(BASE, texts={"fi": replace(BASE.texts["fi"], title="Meidän salasanat")})
NEW = replace(OWN, id="kirjasto")


@pytest.fixture
def store() -> SessionStore:
    return SessionStore(database.in_memory(MIGRATIONS))


def test_an_own_text_lies_over_the_products_and_the_other_languages_stay(store: SessionStore) -> None:
    assert store.add([OWN], NOW) == 1
    session = store.in_force().sessions["passwords"]
    assert session.texts == {**BASE.texts, **OWN.texts}
    own = store.own("passwords").session
    assert own is not None
    assert list(own.texts) == ["fi"]


def test_a_session_of_an_own_theme_comes_after_the_others_and_guides_stay(store: SessionStore) -> None:
    store.add([NEW], NOW)
    assert list(store.in_force().sessions) == [*starter_programme().sessions, "kirjasto"]
    assert store.in_force().guides == starter_programme().guides
    assert store.whole("kirjasto") == NEW


def test_importing_what_is_there_changes_nothing(store: SessionStore) -> None:
    every = starter_programme().sessions.values()
    assert store.add(every, NOW) == 0
    assert store.in_force().sessions == starter_programme().sessions
    assert store.newest("passwords") == []


def test_other_minutes_alone_are_kept_without_a_text(store: SessionStore) -> None:
    store.save(replace(BASE, minutes=20), NOW)
    assert store.own("passwords") == Own(replace(BASE, minutes=20, texts={}))
    assert store.in_force().sessions["passwords"] == replace(BASE, minutes=20)


def test_a_hidden_session_is_away_keeps_its_words_and_comes_back(store: SessionStore) -> None:
    store.save(OWN, NOW)
    store.put("passwords", replace(store.own("passwords"), hidden=True), NOW)
    assert "passwords" not in store.in_force().sessions
    assert [session.id for session in store.hidden()] == ["passwords"]
    store.save(replace(BASE, minutes=16), NOW)
    assert store.own("passwords").hidden
    store.put("passwords", replace(store.own("passwords"), hidden=False), NOW)
    assert store.in_force().sessions["passwords"].minutes == 16


def test_each_change_is_undone_in_its_turn_and_no_other(store: SessionStore) -> None:
    first, second = store.save(OWN, NOW), store.put("passwords", Own(OWN, hidden=True), NOW)
    assert store.undo("passwords", str(first), NOW) == 0
    assert store.undo("kirjasto", str(second), NOW) == 0
    assert store.undo("passwords", str(second), NOW)
    assert store.own("passwords") == Own(OWN)
    assert store.undo("passwords", str(first), NOW)
    assert store.in_force().sessions["passwords"] == BASE
    assert [(change.before, change.after) for change in store.newest("passwords", 1)] == [(Own(OWN), Own())]


@pytest.mark.parametrize("number", ["", "0", "-1", "x", "1" * 30, "²"])
def test_a_number_that_is_none_undoes_nothing(store: SessionStore, number: str) -> None:
    store.save(OWN, NOW)
    assert store.undo("passwords", number, NOW) == 0
    assert store.own("passwords") == Own(OWN)


def test_it_is_read_once_until_something_changes(store: SessionStore) -> None:
    before = store.in_force()
    assert store.in_force() is before
    store.save(OWN, NOW)
    assert store.in_force() is not before


def test_another_process_sees_the_change(tmp_path: Path) -> None:
    path = tmp_path / "digivinkki.db"
    ours, theirs = (SessionStore(database.connect(path, MIGRATIONS)) for _ in range(2))
    assert ours.in_force().sessions["passwords"] == BASE
    theirs.save(OWN, NOW)
    assert ours.in_force().sessions["passwords"].texts["fi"].title == "Meidän salasanat"


def test_what_comes_with_the_product_is_updated_beneath_an_own_text() -> None:
    opened = database.in_memory(MIGRATIONS)
    SessionStore(opened).add([OWN], NOW)
    newer = replace(BASE, texts={**BASE.texts, "sv": replace(BASE.texts["sv"], title="Nytt")})
    texts = SessionStore(opened, lambda: Programme({"passwords": newer})).in_force().sessions["passwords"].texts
    assert (texts["fi"].title, texts["sv"].title) == ("Meidän salasanat", "Nytt")


def test_a_pack_is_laid_whole_or_not_at_all(store: SessionStore) -> None:
    broken = replace(NEW, source="x\ud800")
    with pytest.raises(UnicodeEncodeError):
        store.add([OWN, broken], NOW)
    assert store.in_force().sessions == starter_programme().sessions


@pytest.mark.parametrize("theme", starter_programme().sessions)
def test_a_session_is_written_as_it_is_read(theme: str) -> None:
    session = starter_programme().sessions[theme]
    assert session_of(session_mapping(session)) == session
    assert parsed(text_of([session]).encode()).sessions == {theme: session}


@given(st.sets(st.sampled_from(LANGUAGES), min_size=1), st.sets(st.sampled_from(LANGUAGES)), st.integers(1, 20))
def test_what_stands_over_the_products_gives_what_was_wanted(kept: set[str], changed: set[str], minutes: int) -> None:
    base = replace(BASE, texts={each: BASE.texts[each] for each in LANGUAGES if each in kept})
    texts = {each: replace(text, help="Oma") if each in changed else text for each, text in base.texts.items()}
    wanted = replace(base, texts=texts, minutes=minutes)
    own = over(base, wanted)
    assert layered(base, own) == wanted
    assert (own is None) == (wanted == base)


def _many_options(session: Session) -> Session:
    question = QuizQuestion("?", tuple("abcdefghij"), 0, "!")
    return replace(session, texts={"fi": replace(session.texts["fi"], quiz=(question,))})


def _many_points(session: Session) -> Session:
    return replace(session, texts={"fi": replace(session.texts["fi"], points=("x",) * 31)})


@pytest.mark.parametrize(("made", "field"), [(_many_options, "fi.quiz.options"), (_many_points, "fi.points")])
def test_more_than_the_chat_can_show_is_refused(made: Callable[[Session], Session], field: str) -> None:
    with pytest.raises(PackError, match=f"tip passwords: field {field}: are .* at most"):
        parsed(text_of([made(BASE)]).encode())


def test_guides_are_not_imported() -> None:
    with pytest.raises(PackError, match="only sessions are imported"):
        sessions_of(starter_programme())
