"""A question goes to people and its answer comes back: what is said to whom, what is refused, what is due."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from bot.assistant import Assistant
from bot.breach import is_suspected
from bot.conversations import Conversation
from bot.courier import Courier
from bot.figures import report
from bot.handover import State
from bot.letters import Letters
from bot.models import Action, Message, Reply, Scope
from bot.outbox import Letter
from bot.people import COORDINATOR, IT, PROTECTION, TUTOR
from bot.stores import MIGRATIONS, Stores
from scheduler.models import ZONE
from scheduler.posting import PublishError
from tips import database
from tips.errors import DatabaseError
from tips.library import Snapshot
from tips.models import Pack

T = TypeVar("T")
MONDAY = datetime(2027, 1, 11, 9, 0, tzinfo=ZONE)
AINO, MAIJA, KALLE, BOSS, DPO = "slack:UAINO", "slack:UMAIJA", "slack:UKALLE", "slack:UBOSS", "slack:UDPO"
NAMES = {AINO: "Aino", MAIJA: "Maija", KALLE: "Kalle", BOSS: "Pomo", DPO: "Tiina"}
TUTORS, OPEN, SUPPORT, HALL = "CTUTORS", "COPEN", "CSUPPORT", "CHALL"
QUESTION = "Miten kytken rautalammin möhkylän?"


@dataclass
class Recorder:
    """A platform that remembers what was said where, as (place, message, reply); the newest text of each message."""

    said: list[tuple[str, str, Reply]] = field(default_factory=list)
    error: PublishError | None = None

    async def say(self, place: Conversation, reply: Reply) -> str:
        if self.error:
            raise self.error
        self.said.append((place.id, f"m{len(self.said)}", reply))
        return self.said[-1][1]

    async def change(self, place: Conversation, message: str, reply: Reply) -> None:
        if self.error:
            raise self.error
        (number,) = [n for n, (where, known, _) in enumerate(self.said) if (where, known) == (place.id, message)]
        self.said[number] = (place.id, message, reply)

    def at(self, place: str) -> list[Reply]:
        return [reply for where, _, reply in self.said if where == place]


class Office:
    """Everybody at work over one database: what they write and press, and a courier."""

    def __init__(self, stores: Stores, now: datetime = MONDAY) -> None:
        self.stores, self.now, self.platform = stores, now, Recorder()
        self.restart(stores)

    def restart(self, stores: Stores) -> None:
        self.stores, self.assistant = stores, Assistant(stores)
        letters = Letters(stores.people, stores.outbox, self.assistant.helpdesk, self.assistant.drafting)

        async def run(call: Callable[[], T]) -> T:
            return call()

        self.courier = Courier(
            stores.outbox, letters.compose, stores.conversations, {"slack": self.platform}, run, lambda: self.now
        )

    def write(self, person: str, text: str, place: str = "", thread: str = "") -> Reply:
        scope = Scope.CHANNEL if place else Scope.PERSONAL
        place = place or private(person)
        message = Message(text, person, "slack", scope, place=place, name=NAMES[person], thread=thread)
        return self.assistant.respond(message, self.now)

    def press(self, person: str, reply: Reply, label: str, place: str = "") -> Reply:
        return self.act(person, buttons(reply)[label], place)

    def act(self, person: str, action: Action, place: str = "") -> Reply:
        scope = Scope.CHANNEL if place else Scope.PERSONAL
        message = Message("", person, "slack", scope, action, place=place or private(person), name=NAMES[person])
        return self.assistant.respond(message, self.now)

    async def pass_time(self, hours: float = 0) -> None:
        self.now += timedelta(hours=hours)
        self.assistant.helpdesk.book.tick(self.now)
        await self.courier.deliver()

    async def asked(self, label: str = "Kysy digitutorilta", question: str = QUESTION, place: str = "") -> Reply:
        offered = self.write(AINO, question, place)
        if label not in buttons(offered):
            offered = self.press(AINO, offered, "Ei mikään näistä", place)
        reply = self.press(AINO, offered, label, place)
        await self.courier.deliver()
        return reply


def private(person: str) -> str:
    return f"D{person}"


def buttons(reply: Reply) -> dict[str, Action]:
    return {button.label: button.action for choice in reply.choices for button in choice.buttons}


def settle(stores: Stores) -> None:
    for person in NAMES:
        place = Conversation(private(person), "slack", Scope.PERSONAL, person=person)
        stores.conversations.seen(place, MONDAY)
    for room in (TUTORS, OPEN, SUPPORT, HALL):
        stores.conversations.seen(Conversation(room, "slack", Scope.CHANNEL), MONDAY)
    stores.people.give_role(BOSS, IT, MONDAY)
    stores.people.give_role(MAIJA, TUTOR, MONDAY)


@pytest.fixture
def office(stores: Stores) -> Office:
    settle(stores)
    return Office(stores)


@pytest.fixture
def rooms(office: Office) -> Office:
    for purpose, room in (("common", TUTORS), ("open", OPEN), ("support", SUPPORT)):
        office.stores.handovers.set_room(purpose, "", room)
    return office


async def test_the_whole_way_from_a_question_to_an_answer_that_helped(rooms: Office) -> None:
    asked = await rooms.asked()
    assert "digitutoreilla" in asked.text
    (card,) = rooms.platform.at(TUTORS)
    assert f"Aino: ”{QUESTION}”" in card.text
    assert list(buttons(card)) == ["Minä autan", "Tähän on jo vastattu"]
    assert rooms.platform.at(OPEN) == [card]

    claimed = rooms.press(KALLE, card, "Minä autan", OPEN)
    assert "Kalle auttaa" in claimed.text
    await rooms.courier.deliver()
    assert all("Kalle auttaa" in rooms.platform.at(place)[0].text for place in (TUTORS, OPEN, private(AINO)))
    assert "Kalle ehti ensin" in rooms.press(MAIJA, card, "Minä autan", TUTORS).text

    rooms.press(KALLE, claimed, "Vastaa", OPEN)
    assert "Vien vastauksen" in rooms.write(KALLE, "Paina punaista nappia.").text
    await rooms.courier.deliver()
    brought = rooms.platform.at(private(AINO))[-1]
    assert "Kalle vastasi kysymykseesi" in brought.text
    assert "Paina punaista nappia." in brought.text
    assert "Paina punaista nappia." in rooms.platform.at(TUTORS)[0].text

    assert "Kiva kuulla" in rooms.press(AINO, brought, "Auttoi").text
    await rooms.pass_time()
    await rooms.pass_time()
    (item,) = [rooms.stores.handovers.get(1)]
    assert item
    assert (item.state, item.asker, item.helper, item.where) == (State.SOLVED, "", "", "")
    assert rooms.stores.outbox.recipients("desk_status", "1") == []
    assert "päättynyt" in rooms.press(AINO, brought, "Ei auttanut").text
    whole = report(rooms.stores.tallies.between(rooms.now.date(), rooms.now.date())).whole
    assert (whole.handed_over, whole.replied, whole.hours) == (1, 1, 0.0)


async def test_what_did_not_help_goes_on_to_others(rooms: Office) -> None:
    await rooms.asked()
    card = rooms.platform.at(TUTORS)[0]
    for answer in ("Sammuta se.", "Käynnistä se."):
        rooms.press(MAIJA, rooms.press(MAIJA, card, "Minä autan"), "Vastaa")
        rooms.write(MAIJA, answer)
        await rooms.courier.deliver()
        brought = rooms.platform.at(private(AINO))[-1]
        assert answer in brought.text
        assert "toisen auttajan" in rooms.press(AINO, brought, "Ei auttanut").text
        await rooms.courier.deliver()
        assert "odottaa auttajaa" in rooms.platform.at(TUTORS)[0].text


async def test_an_answer_under_the_card_is_the_helpers_answer(rooms: Office) -> None:
    await rooms.asked()
    place, message, card = next(item for item in rooms.platform.said if item[0] == TUTORS)
    rooms.press(MAIJA, card, "Minä autan", TUTORS)
    assert "digitutoreilla" not in rooms.write(KALLE, "Minäkin haluan tietää.", place, message).text
    assert "Vien vastauksen" in rooms.write(MAIJA, "Näin se tehdään.", place, message).text
    await rooms.courier.deliver()
    assert "Näin se tehdään." in rooms.platform.at(private(AINO))[-1].text


async def test_an_answer_already_given_is_adopted(rooms: Office) -> None:
    await rooms.asked()
    card = rooms.platform.at(OPEN)[0]
    assert "Kopioi" in rooms.press(KALLE, card, "Tähän on jo vastattu", OPEN).text
    rooms.write(KALLE, "Katso intrasta.")
    await rooms.courier.deliver()
    brought = rooms.platform.at(private(AINO))[-1].text
    assert brought.startswith("**Kalle toi vastauksen kysymykseesi**")
    assert "Katso intrasta." in brought
    assert "**Kalle toi vastauksen:**" in rooms.platform.at(OPEN)[0].text
    rooms.press(AINO, rooms.platform.at(private(AINO))[-1], "Ei auttanut")
    rooms.press(KALLE, rooms.press(KALLE, card, "Minä autan", OPEN), "Vastaa", OPEN)
    rooms.write(KALLE, "Paina nappia.")
    await rooms.courier.deliver()
    assert rooms.platform.at(private(AINO))[-1].text.startswith("**Kalle vastasi kysymykseesi**")


async def test_a_second_press_of_the_same_button_tells_how_far_it_is(rooms: Office) -> None:
    await rooms.asked()
    card = rooms.platform.at(OPEN)[0]
    rooms.press(KALLE, card, "Minä autan", OPEN)
    assert rooms.press(KALLE, card, "Minä autan", OPEN).text.endswith("Kalle auttaa.")


async def test_a_question_without_a_name_shows_the_division_of_a_small_unit(rooms: Office) -> None:
    kitchen = rooms.stores.units.put(["Tekniset", "Keittiö"])
    rooms.stores.units.join(AINO, kitchen.id)
    await rooms.asked("Kysy ilman nimeä")
    card = rooms.platform.at(TUTORS)[0]
    assert "työkaveri: ”" in card.text
    assert "Aino" not in card.text
    for number in range(5):
        rooms.stores.units.join(f"slack:U{number}", rooms.stores.units.put(["Tekniset", "Siivous"]).id)
    await rooms.asked("Kysy ilman nimeä", "Miten kytken sinisen möhkylän?")
    assert "työkaveri, Tekniset: ”" in rooms.platform.at(TUTORS)[-1].text


async def test_it_goes_to_the_unit_else_the_topic_else_the_common_channel(rooms: Office) -> None:
    school = rooms.stores.units.put(["Sivistys", "Keskuskoulu"])
    rooms.stores.handovers.set_room("unit", "sivistys", HALL)
    rooms.stores.units.join(AINO, school.id)
    await rooms.asked()
    assert len(rooms.platform.at(HALL)) == 1
    assert rooms.platform.at(TUTORS) == []


async def test_without_channels_it_goes_to_tutors_who_are_there_and_have_time(office: Office) -> None:
    office.stores.people.give_role(KALLE, TUTOR, MONDAY)
    await office.asked()
    (card,) = office.platform.at(private(MAIJA))
    assert list(buttons(card)) == ["Minä autan", "En ehdi nyt", "Tähän on jo vastattu"]
    assert "en muistuta" in office.press(MAIJA, card, "En ehdi nyt").text
    office.stores.units.be_away(KALLE, None)
    await office.pass_time(5)
    assert len(office.platform.at(private(MAIJA))) == 1
    assert "odottaa vielä" in office.platform.at(private(KALLE))[-1].text
    office.stores.units.be_away(KALLE, (MONDAY + timedelta(days=9)).date())
    office.stores.units.be_away(MAIJA, (MONDAY + timedelta(days=9)).date())
    await office.asked(question="Miten kytken sinisen möhkylän?")
    assert len(office.platform.at(private(BOSS))) == 1


async def test_unclaimed_it_reminds_once_and_then_goes_to_it_support(rooms: Office) -> None:
    await rooms.asked()
    await rooms.pass_time(3)
    assert len(rooms.platform.at(TUTORS)) == 1
    await rooms.pass_time(1.5)
    await rooms.pass_time(1)
    assert ["odottaa vielä" in reply.text for reply in rooms.platform.at(TUTORS)] == [False, True]
    await rooms.pass_time(20)
    (card,) = rooms.platform.at(SUPPORT)
    assert "IT-tuella" in rooms.platform.at(private(AINO))[0].text
    assert "auttaa" in rooms.press(BOSS, card, "Minä autan", SUPPORT).text


async def test_a_claim_that_is_let_go_or_lapses_waits_for_others(rooms: Office) -> None:
    await rooms.asked()
    card = rooms.platform.at(TUTORS)[0]
    claimed = rooms.press(MAIJA, card, "Minä autan", TUTORS)
    assert "vain se" in rooms.press(KALLE, claimed, "Vapauta muille", OPEN).text
    assert "odottaa auttajaa" in rooms.press(MAIJA, claimed, "Vapauta muille", TUTORS).text
    rooms.press(KALLE, card, "Minä autan", OPEN)
    await rooms.pass_time(24)
    assert "Vapautin kysymyksen" in rooms.platform.at(private(KALLE))[-1].text
    assert "odottaa auttajaa" in rooms.platform.at(TUTORS)[0].text


async def test_a_suspected_breach_goes_to_the_officer_only(rooms: Office) -> None:
    rooms.stores.people.give_role(DPO, PROTECTION, MONDAY)
    words = "Lähetin vahingossa asiakkaan xyzzyt väärälle vastaanottajalle möhkylällä"
    await rooms.asked("Ilmoita tietosuojavastaavalle", words)
    assert "tietosuojavastaavalla" in rooms.platform.at(private(AINO))[0].text
    await rooms.courier.deliver()
    (card,) = rooms.platform.at(private(DPO))
    assert "tietosuojaloukkaus" in card.text
    assert rooms.platform.at(TUTORS) == rooms.platform.at(OPEN) == []
    assert rooms.press(MAIJA, card, "Minä autan").kind == "gone"
    await rooms.pass_time(30)
    assert rooms.platform.at(SUPPORT) == []
    assert "auttaa" in rooms.press(DPO, card, "Minä autan").text


@pytest.mark.parametrize(
    ("text", "suspected"),
    [
        ("Meillä on ehkä tietosuojaloukkaus", True),
        ("tietovuoto koulussa", True),
        ("lähetin sähköpostin väärälle henkilölle, siinä oli lapsen tiedot", True),
        ("Jag skickade en klients uppgifter till fel person", True),
        ("I sent a child's records to the wrong person", True),
        ("Lähetin viestin väärälle henkilölle", False),
        ("Miten suojaan asiakastiedot?", False),
        ("mikä on salasana", False),
    ],
)
def test_what_is_a_suspected_breach(text: str, suspected: bool) -> None:
    assert is_suspected(text) is suspected


async def test_the_asker_withdraws_or_marks_it_solved(rooms: Office) -> None:
    status = await rooms.asked()
    card = rooms.platform.at(TUTORS)[0]
    assert rooms.press(KALLE, status, "Peru kysymys").kind == "gone"
    assert list(buttons(rooms.write(AINO, "omat kysymykset"))) == [QUESTION]
    assert "perui" in rooms.press(AINO, status, "Peru kysymys").text
    assert "päättynyt" in rooms.press(MAIJA, card, "Minä autan", TUTORS).text
    assert "ei ole avoimia" in rooms.write(AINO, "omat kysymykset").text
    other = await rooms.asked(question="Miten kytken sinisen möhkylän?")
    assert "ratkaistu" in rooms.press(AINO, other, "Asia ratkesi").text


async def test_nobody_helps_themselves_and_twice_asked_is_asked_once(rooms: Office) -> None:
    await rooms.asked()
    card = rooms.platform.at(OPEN)[0]
    assert "oma kysymyksesi" in rooms.press(AINO, card, "Minä autan", OPEN).text
    await rooms.asked()
    assert len(rooms.platform.at(OPEN)) == 1


async def test_a_forged_press_changes_nothing(office: Office) -> None:
    await office.asked()
    for step in ("claim", "release", "write", "adopt", "helped", "solve", "withdraw", "show", "x", ""):
        forged = Action("desk", {"step": step, "number": "1"})
        assert office.act(KALLE, forged).kind == "gone"
    for number in ("2", "x", "-1", "9" * 30):
        assert office.act(MAIJA, Action("desk", {"step": "claim", "number": number})).kind == "gone"
    assert office.act(AINO, Action("desk", {"step": "ask", "question": "99"})).kind == "gone"
    item = office.stores.handovers.get(1)
    assert item
    assert item.state is State.ASKED


async def test_a_secret_is_neither_passed_on_nor_taken_as_an_answer(rooms: Office) -> None:
    await rooms.asked(question="Möhkylän kytkentä, hetu 131052-308T?")
    assert "131052" not in rooms.platform.at(TUTORS)[0].text
    rooms.press(MAIJA, rooms.press(MAIJA, rooms.platform.at(TUTORS)[0], "Minä autan"), "Vastaa")
    assert "uudelleen" in rooms.write(MAIJA, "Salasana on Kissa123!").text
    assert "Vien vastauksen" in rooms.write(MAIJA, "Kysy pääkäyttäjältä.").text


async def test_a_tutors_list(rooms: Office) -> None:
    for question in (QUESTION, "Miten kytken sinisen möhkylän?", "Miten kytken vihreän möhkylän?"):
        await rooms.asked(question=question)
    cards = rooms.platform.at(TUTORS)
    rooms.press(MAIJA, cards[0], "Minä autan", TUTORS)
    rooms.press(MAIJA, rooms.press(MAIJA, cards[1], "Minä autan", TUTORS), "Vastaa", TUTORS)
    rooms.write(MAIJA, "Näin.")
    listed = rooms.write(MAIJA, "kysymykset")
    assert [choice.label for choice in listed.choices] == ["Odottaa auttajaa:", "Sinulla:", "Odottaa kysyjää:"]
    assert "Minä autan" in buttons(rooms.press(MAIJA, listed, "Miten kytken vihreän möhkylän?"))
    assert "ei ole" in rooms.write(KALLE, "kysymykset").text
    assert rooms.write(MAIJA, "kysymykset", HALL).kind == "privately"


def test_rooms_are_chosen_in_the_chat(office: Office) -> None:
    store = office.stores.handovers
    office.stores.units.put(["Keskuskoulu"])
    assert "tietohallinto tai koordinaattori" in office.write(KALLE, "tutorkanava", HALL).text
    assert "kanavassa" in office.write(BOSS, "tutorkanava").text
    office.write(BOSS, "tutorkanava", TUTORS)
    office.write(BOSS, "avoin vinkkikanava", OPEN)
    office.write(BOSS, "tukikanava", SUPPORT)
    office.stores.people.give_role(KALLE, COORDINATOR, MONDAY)
    office.write(KALLE, "tutorkanava Keskuskoulu", HALL)
    assert "En löytänyt" in office.write(BOSS, "tutorkanava kvanttifysiikka", HALL).text
    rooms = [("common", ""), ("open", ""), ("support", ""), ("unit", "keskuskoulu")]
    assert [store.room(*room) for room in rooms] == [TUTORS, OPEN, SUPPORT, HALL]
    office.write(BOSS, "ei kysymyksiä tänne", OPEN)
    assert store.room("open") == ""


async def test_erasing_ones_data_withdraws_and_lets_go(rooms: Office) -> None:
    await rooms.asked()
    rooms.press(MAIJA, rooms.platform.at(TUTORS)[0], "Minä autan", TUTORS)
    assert "digitutoreille: 1" in rooms.write(AINO, "näytä tietoni").text
    rooms.act(MAIJA, Action("delete", {"answer": "yes"}))
    assert [(item.state, item.helper) for item in rooms.stores.handovers.open()] == [(State.ASKED, "")]
    rooms.act(AINO, Action("delete", {"answer": "yes"}))
    assert rooms.stores.handovers.open() == []


async def test_erased_names_go_from_what_was_said(rooms: Office) -> None:
    await rooms.asked()
    rooms.press(MAIJA, rooms.platform.at(TUTORS)[0], "Minä autan", TUTORS)
    await rooms.courier.deliver()
    assert "Maija auttaa" in rooms.platform.at(TUTORS)[0].text
    assert "Maija auttaa" in rooms.platform.at(private(AINO))[0].text
    rooms.act(MAIJA, Action("delete", {"answer": "yes"}))
    await rooms.courier.deliver()
    assert not any("Maija" in reply.text for _, _, reply in rooms.platform.said)
    rooms.act(AINO, Action("delete", {"answer": "yes"}))
    await rooms.courier.deliver()
    assert not any("Aino" in reply.text for room in (TUTORS, OPEN) for reply in rooms.platform.at(room))
    assert "perui" in rooms.platform.at(TUTORS)[0].text
    assert not [row for row in rooms.stores.database.query("select recipient from letters") if AINO in row["recipient"]]


async def test_what_it_support_has_stays_its_own_when_the_helper_is_erased(rooms: Office) -> None:
    await rooms.asked()
    await rooms.pass_time(24)
    rooms.press(MAIJA, rooms.platform.at(SUPPORT)[0], "Minä autan", SUPPORT)
    rooms.act(MAIJA, Action("delete", {"answer": "yes"}))
    assert [item.state for item in rooms.stores.handovers.open()] == [State.ESCALATED]


async def test_erasing_is_done_whole_or_not_at_all(rooms: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    await rooms.asked()

    def full(person: str) -> None:
        raise sqlite3.OperationalError("disk is full")

    monkeypatch.setattr(rooms.stores.audit, "erase", full)
    with pytest.raises(DatabaseError):
        rooms.act(AINO, Action("delete", {"answer": "yes"}))
    assert len(rooms.stores.handovers.of_asker(AINO)) == 1


async def test_who_has_the_role_no_more_neither_sees_nor_does_anything(rooms: Office) -> None:
    rooms.stores.people.give_role(DPO, PROTECTION, MONDAY)
    await rooms.asked("Ilmoita tietosuojavastaavalle", "Lähetin vahingossa asiakkaan tiedot väärälle möhkylällä")
    (card,) = rooms.platform.at(private(DPO))
    rooms.press(DPO, rooms.press(DPO, card, "Minä autan"), "Vastaa")
    rooms.stores.people.take_role(DPO, PROTECTION)
    assert rooms.write(DPO, "Poista viesti.").kind == "gone"
    assert rooms.press(DPO, card, "Minä autan").kind == "gone"
    await rooms.courier.deliver()
    assert rooms.platform.at(private(DPO)) == [card]
    assert [item.state for item in rooms.stores.handovers.open()] == [State.CLAIMED]


async def test_whoever_helps_finds_the_question_in_their_list(rooms: Office) -> None:
    await rooms.asked()
    rooms.press(KALLE, rooms.platform.at(OPEN)[0], "Minä autan", OPEN)
    listed = rooms.write(KALLE, "kysymykset")
    assert [choice.label for choice in listed.choices] == ["Sinulla:"]
    shown = rooms.press(KALLE, listed, QUESTION)
    assert "odottaa" in rooms.press(KALLE, shown, "Vapauta muille").text


async def test_where_nothing_can_be_sent_it_is_tried_again_or_given_up(rooms: Office) -> None:
    rooms.platform.error = PublishError("busy", again=True)
    await rooms.asked()
    rooms.platform.error = None
    await rooms.pass_time(0.1)
    assert len(rooms.platform.at(TUTORS)) == 1
    rooms.stores.outbox.put(Letter("place:CGONE", "desk_card", "1"), rooms.now)
    assert await rooms.courier.deliver() == 0
    rooms.platform.error = PublishError("gone", gone=True)
    rooms.stores.outbox.put(Letter(f"place:{HALL}", "desk_card", "1"), rooms.now)
    await rooms.courier.deliver()
    rooms.platform.error = None
    await rooms.pass_time(0.5)
    assert rooms.platform.at(HALL) == []


async def test_a_letter_that_cannot_be_written_keeps_no_other_back_and_is_tried_again(
    rooms: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    rooms.press(AINO, rooms.write(AINO, QUESTION), "Kysy digitutorilta")
    letters = rooms.assistant.helpdesk.letters
    with monkeypatch.context() as patched:
        patched.setattr(letters, "card", lambda *_, **__: {}["defect"])
        await rooms.courier.deliver()
    assert [where for where, _, _ in rooms.platform.said] == [private(AINO)]
    await rooms.pass_time(0.1)
    assert len(rooms.platform.at(TUTORS)) == 1


async def test_what_was_claimed_when_a_process_died_is_sent_again(rooms: Office) -> None:
    rooms.press(AINO, rooms.write(AINO, QUESTION), "Kysy digitutorilta")
    for letter in rooms.stores.outbox.due(rooms.now):
        assert rooms.stores.outbox.claim(letter)
    await rooms.courier.deliver()
    assert rooms.platform.said == []
    assert rooms.stores.outbox.recover() == 3
    await rooms.courier.deliver()
    assert len(rooms.platform.said) == 3


def test_the_preview_offers_no_person(assistant: Assistant) -> None:
    reply = assistant.respond(Message(QUESTION, "preview:1", "preview", place="preview:1"), MONDAY)
    assert reply.kind == "hand_over"
    assert "Kysy digitutorilta" not in buttons(reply)


class Desk(RuleBasedStateMachine):
    """Anybody presses anything at any time, letters are delivered or not, processes die: everybody hears in the end."""

    pack: Pack
    snapshot: Snapshot

    @initialize()
    def start(self) -> None:
        import asyncio  # noqa: PLC0415
        import tempfile  # noqa: PLC0415

        self.run = asyncio.run
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "d.db"
        self.stores = self.opened()
        settle(self.stores)
        self.stores.handovers.set_room("common", "", TUTORS)
        self.stores.handovers.set_room("support", "", SUPPORT)
        self.office = Office(self.stores)
        self.run(self.office.asked())

    def opened(self) -> Stores:
        opened = database.connect(self.path, MIGRATIONS)
        opened.execute("pragma synchronous = off")
        stores = Stores.of(opened, self.path)
        stores.tips.seed("test", lambda: self.pack)
        stores.library.put(self.snapshot)
        return stores

    @rule(person=st.sampled_from([AINO, MAIJA, KALLE, BOSS]), data=st.data(), here=st.booleans())
    def press(self, person: str, data: st.DataObject, here: bool) -> None:
        shown = [(place, action) for place, _, reply in self.office.platform.said for action in buttons(reply).values()]
        shown.append((TUTORS, Action("desk", {"step": "claim", "number": "1"})))
        place, action = data.draw(st.sampled_from(shown))
        self.office.act(person, action, place if here and place.startswith("C") else "")

    @rule(person=st.sampled_from([MAIJA, KALLE, BOSS]))
    def write(self, person: str) -> None:
        self.office.write(person, "Näin se möhkylä kytketään.")

    @rule(hours=st.sampled_from([0, 1, 5, 24, 100]))
    def pass_time(self, hours: int) -> None:
        self.run(self.office.pass_time(hours))

    @rule(letters=st.integers(0, 3))
    def die(self, letters: int) -> None:
        """The process dies with so many letters on their way."""
        for letter in self.stores.outbox.due(self.office.now)[:letters]:
            self.stores.outbox.claim(letter)
        self.stores.database.close()
        self.stores = self.opened()
        self.office.restart(self.stores)
        self.stores.outbox.recover()

    @invariant()
    def everybody_hears(self) -> None:
        item = self.stores.handovers.get(1)
        assert item
        assert bool(item.helper) == (item.state in (State.CLAIMED, State.ANSWERED))
        if self.stores.outbox.due(self.office.now):
            return
        texts = [reply.text for reply in self.office.platform.at(TUTORS)]
        answered = "toi vastauksen:" if item.adopted else "vastasi:"
        told = {State.CLAIMED: "auttaa.", State.ANSWERED: answered, State.WITHDRAWN: "perui"}.get(item.state, "")
        assert told in texts[0]

    def teardown(self) -> None:
        self.stores.database.close()
        self.folder.cleanup()


@pytest.fixture(scope="module", autouse=True)
def content(starter_pack: Pack, snapshot: Snapshot) -> None:
    Desk.pack, Desk.snapshot = starter_pack, replace(snapshot)
    Desk.snapshot = snapshot


Desk.TestCase.settings = settings(max_examples=8, stateful_step_count=15)
TestDesk = Desk.TestCase
