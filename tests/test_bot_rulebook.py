"""How questions go to people is chosen in the chat, by IT; what is chosen holds at once."""

from __future__ import annotations

import pytest

from bot.deskrules import AT_ONCE, CHOICES, ESCALATE, LAPSE, OPEN, REMIND, Rules
from bot.handover import Limits
from bot.models import Action
from bot.stores import Stores
from tests.test_bot_helpdesk import BOSS, HALL, KALLE, MAIJA, SUPPORT, TUTORS, Office, buttons, settle
from tests.test_bot_helpdesk import OPEN as OPEN_ROOM


@pytest.fixture
def office(stores: Stores) -> Office:
    settle(stores)
    for purpose, room in (("common", TUTORS), ("open", OPEN_ROOM), ("support", SUPPORT)):
        stores.handovers.set_room(purpose, "", room)
    return Office(stores)


def choose(office: Office, rule: str, value: str) -> None:
    asked = office.press(BOSS, office.write(BOSS, "asetukset"), "Kysymykset digitutoreille")
    offered = office.press(BOSS, asked, rule)
    assert f"- {rule}: {value}" in office.press(BOSS, offered, value).text


def test_what_is_usual_stands_until_something_is_chosen(office: Office) -> None:
    assert office.stores.desk_rules.rules() == Rules(open_channel=True, limits=Limits(), at_once=False)
    assert "4 työtuntia" in office.write(BOSS, "kysymysten asetukset").text


async def test_the_open_channel_is_left_out(office: Office) -> None:
    choose(office, "Kysymykset menevät myös avoimeen vinkkikanavaan", "ei")
    await office.asked()
    assert (len(office.platform.at(TUTORS)), office.platform.at(OPEN_ROOM)) == (1, [])


async def test_hours_hold_at_once(office: Office) -> None:
    choose(office, "Muistutus, jos kukaan ei auta", "1 työtuntia")
    choose(office, "Siirto IT-tuelle, jos kukaan ei auta", "2 työtuntia")
    choose(office, "Kysymys vapautuu muille, jos vastausta ei tule", "2 työtuntia")
    await office.asked()
    await office.pass_time(1)
    assert "odottaa vielä" in office.platform.at(TUTORS)[-1].text
    await office.pass_time(1)
    (card,) = office.platform.at(SUPPORT)
    office.press(BOSS, card, "Minä autan", SUPPORT)
    await office.pass_time(2)
    assert office.stores.handovers.open()[0].helper == ""


def test_a_tutor_may_publish_alone_where_that_was_chosen(office: Office) -> None:
    choose(office, "Digitutor saa julkaista vinkin yksin", "kyllä")
    draft = office.write(MAIJA, "jaa vinkki Avaa lukitus nopeasti: paina välilyöntiä")
    waiting = office.press(MAIJA, draft, "Lähetä hyväksyttäväksi")
    assert waiting.text
    listed = office.write(MAIJA, "luonnokset")
    card = office.press(MAIJA, listed, "Avaa lukitus nopeasti")
    assert "julkaistu" in office.press(MAIJA, card, "Hyväksy ja julkaise").text


@pytest.mark.parametrize("person", [KALLE, MAIJA])
def test_only_it_chooses(office: Office, person: str) -> None:
    assert "tietohallinto" in office.write(person, "kysymysten asetukset").text
    assert "tietohallinto" in office.act(person, Action("rules", {"rule": OPEN, "value": "no"})).text
    assert office.write(BOSS, "kysymysten asetukset", HALL).kind == "privately"
    assert office.stores.desk_rules.rules().open_channel


@pytest.mark.parametrize(
    "values",
    [
        {"rule": "x"},
        {"rule": REMIND, "value": "0"},
        {"rule": ESCALATE, "value": "yes"},
        {"rule": AT_ONCE, "value": "8"},
    ],
)
def test_a_forged_choice_changes_nothing(office: Office, values: dict[str, str]) -> None:
    before = office.stores.desk_rules.values()
    assert office.act(BOSS, Action("rules", values)).kind == "gone"
    assert office.stores.desk_rules.values() == before


def test_every_choice_can_be_made(office: Office) -> None:
    for name, choices in CHOICES.items():
        for value in choices:
            assert office.act(BOSS, Action("rules", {"rule": name, "value": value})).kind == "rules"
            assert office.stores.desk_rules.values()[name] == value
        assert len(buttons(office.act(BOSS, Action("rules", {"rule": name})))) == len(choices)
    assert office.stores.desk_rules.rules().limits.lapse == float(CHOICES[LAPSE][-1])
