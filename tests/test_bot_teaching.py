"""Whoever answered a question says which tip answers it: a tutor's word is enough, another helper's counts as one."""

from __future__ import annotations

import pytest

from bot.models import Action, Reply
from bot.stores import Stores
from tests.conftest import needs_voikko
from tests.test_bot_helpdesk import AINO, BOSS, KALLE, MAIJA, OPEN, QUESTION, TUTORS, Office, buttons, settle


@pytest.fixture
def stores(few: Stores) -> Stores:
    """Two themes are enough here."""
    return few


@pytest.fixture
def office(stores: Stores) -> Office:
    settle(stores)
    stores.handovers.set_room("common", "", TUTORS)
    stores.handovers.set_room("open", "", OPEN)
    return Office(stores)


async def answered(office: Office, helper: str, room: str, question: str = QUESTION) -> Reply:
    await office.asked(question=question)
    office.press(helper, office.press(helper, office.platform.at(room)[0], "Minä autan", room), "Vastaa", room)
    return office.write(helper, "Paina punaista nappia.")


def tips(reply: Reply) -> list[Action]:
    return [action for action in buttons(reply).values() if action.name == "teach"]


def learnt(office: Office) -> list[tuple[str, float, bool]]:
    return [(lesson.tip, lesson.weight, lesson.approved) for lesson in office.stores.lessons.all()]


async def test_a_tutors_answer_teaches_the_tip_the_askers_wording(office: Office) -> None:
    sent = await answered(office, MAIJA, TUTORS)
    item = office.stores.handovers.get(1)
    assert item
    assert [action.values["tip"] for action in tips(sent)] == list(item.tips) != []
    assert "Seuraava kysyjä löytää" in office.act(MAIJA, tips(sent)[0]).text
    assert learnt(office) == [(item.tips[0], 0.8, True)]
    office.stores.library.put(office.stores.library.read())
    assert office.stores.library.snapshot.base.answer(QUESTION, "fi").matches[0].id == item.tips[0]


async def test_a_colleagues_word_waits_for_somebody_else(office: Office) -> None:
    sent = await answered(office, KALLE, OPEN)
    assert "kun joku toinenkin" in office.act(KALLE, tips(sent)[0]).text
    assert [row[1:] for row in learnt(office)] == [(0.0, False)]
    assert office.act(AINO, tips(sent)[0]).kind == "gone", "the asker did not answer"
    office.act(BOSS, tips(sent)[0])
    assert [row[1:] for row in learnt(office)] == [(0.8, True)]


@needs_voikko
async def test_wordings_with_something_of_people_are_not_learnt(office: Office) -> None:
    sent = await answered(office, MAIJA, TUTORS, "Maija Virtasen rautalammin möhkylä ei kytkeydy")
    assert "en voi oppia" in office.act(MAIJA, tips(sent)[0]).text
    assert learnt(office) == []


async def test_a_forged_press_teaches_nothing(office: Office) -> None:
    await office.asked()
    for values in ({}, {"handover": "1", "tip": "password-strong"}, {"handover": "99", "tip": "x"}):
        assert office.act(MAIJA, Action("teach", values)).kind == "gone", "nobody has answered"
    office.press(MAIJA, office.press(MAIJA, office.platform.at(TUTORS)[0], "Minä autan"), "Vastaa")
    office.write(MAIJA, "Paina punaista nappia.")
    for tip in ("no-such-tip", ""):
        assert office.act(MAIJA, Action("teach", {"handover": "1", "tip": tip})).kind == "gone"
    assert learnt(office) == []
