"""'Jaa vinkki': who may share what where and when; it goes out once, in a week's tip's place, and is taken back."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from bot.models import Action, Reply
from bot.orders import Clerk
from bot.people import TUTOR
from bot.posts import markdown, written
from bot.publishing import ripe
from bot.sharecards import Wanted
from bot.slots import next_at
from bot.stores import MIGRATIONS, Stores
from bot.wishes import Wish
from scheduler.choosing import Choice
from scheduler.models import ZONE, Destination, Entry, Kind, Planned, Status
from scheduler.tally import Tally
from tests.test_bot_helpdesk import AINO, BOSS, HALL, KALLE, MAIJA, OPEN, TUTORS, Office, buttons, settle
from tips import database
from tips.models import Pack, Text, Theme, Tip
from tips.moments import stamp

T = TypeVar("T")
MONDAY = datetime(2027, 1, 11, 9, 0, tzinfo=ZONE)  # before this week's tip
WEEKLY = Entry(
    "weekly-tip", Kind.WEEKLY_TIP, {"fi": "Viikon vinkki"}, date(2027, 1, 5), rrule="FREQ=WEEKLY;BYDAY=TU", time=time(9)
)
SCHOOL = Destination("school", "slack", "CSCHOOL", "Koulun vinkit")
KITCHEN = Destination("kitchen", "slack", "CKITCHEN", "Keittiö")
TIP = "password-strong"


def ready(stores: Stores) -> Stores:
    settle(stores)
    stores.handovers.set_room("open", "", OPEN)
    stores.calendar.add(
        [WEEKLY, *(replace(entry, hidden=True) for entry in stores.calendar.in_force() if entry.id != WEEKLY.id)]
    )
    for place in (SCHOOL, KITCHEN):
        stores.destinations.put(place, MONDAY - timedelta(days=30))
    return stores


@pytest.fixture
def office(stores: Stores) -> Office:
    return Office(ready(stores))


class Hands:
    """Posts into the ledger, and remembers what."""

    posts = True

    def __init__(self, office: Office) -> None:
        self.office, self.posted, self.withdrawn = office, list[Planned](), list[tuple[str, str]]()

    async def post_now(self, items: list[Planned]) -> Tally:
        ledger = self.office.stores.deliveries
        for item in items:
            ledger.plan(item)
            if ledger.claim(item.key, self.office.now):
                self.posted.append(item)
                ledger.sent(item.key, f"m{len(self.posted)}", self.office.now)
        return Tally()

    async def correct(self, entry: str, nominal: date, destination: str = "") -> Tally:
        raise AssertionError

    async def withdraw(self, entry: str, nominal: date, destination: str = "") -> Tally:
        self.withdrawn.append((entry, destination))
        for delivery in self.office.stores.deliveries.of(entry, nominal):
            if delivery.key.destination == destination:
                self.office.stores.deliveries.withdrawn(delivery.key, self.office.now)
        return Tally()

    async def work(self) -> None:
        async def run(call: Callable[[], T]) -> T:
            return call()

        orders, item = self.office.stores.orders, self.office.assistant.agenda.item
        await Clerk(orders, item, self, run, lambda: self.office.now).carry_out()


def share(office: Office, person: str, step: str, **values: str) -> Reply:
    return office.act(person, Action("share", {"step": step, "tip": TIP, **values}))


def seen(office: Office, hands: Hands) -> list[str]:
    """What was posted, as it looks."""
    material = office.assistant.material(office.now)
    return [markdown(written(item, material)) for item in hands.posted]


# From the command to the channel


async def test_anybody_shares_their_words_in_the_open_tip_channel(office: Office) -> None:
    hands = Hands(office)
    draft = office.write(KALLE, "jaa vinkki Rautalammin möhkylä: Paina punaista nappia.")
    where = office.press(KALLE, draft, "Jaa kanavalle")
    assert list(buttons(where)) == ["✓ Avoin vinkkikanava", "Heti", "Valitse aika", "Säästä viikon vinkiksi"]
    looked = office.press(KALLE, where, "Heti")
    assert "**Rautalammin möhkylä**\n\nPaina punaista nappia.\n\nKollegan vinkki" in looked.text
    assert "- Avoin vinkkikanava: heti" in looked.text
    assert office.stores.orders.open() == []
    office.restart(office.stores)
    done = office.press(KALLE, looked, "Jaa")
    assert "Selvä, jaan vinkin **Rautalammin möhkylä**" in done.text
    await hands.work()
    (post,) = hands.posted
    assert (post.destination.conversation, post.destination.platform) == (OPEN, "slack")
    assert "Kollegan vinkki" in seen(office, hands)[0]
    assert "Jako on peruttu" in office.press(KALLE, done, "Peru jako").text
    await hands.work()
    assert hands.withdrawn == [(post.key.entry, post.key.destination)]
    assert "on jo peruttu" in office.press(KALLE, done, "Peru jako").text


async def test_a_ready_tip_is_found_by_words_and_shared(office: Office) -> None:
    office.press(KALLE, office.write(KALLE, "jaa vinkki"), "Jaa valmis vinkki")
    office.restart(office.stores)
    found = office.write(KALLE, "vahva salasana")
    assert "Minkä vinkin jaat?" in found.text
    first = next(iter(buttons(found)))
    where = office.press(KALLE, found, first)
    assert "Viikon vinkiksi" not in buttons(where)
    office.press(KALLE, office.press(KALLE, where, "Heti"), "Jaa")
    hands = Hands(office)
    await hands.work()
    assert first in seen(office, hands)[0]
    assert "Minkä vinkin jaat?" in office.write(KALLE, "jaa vinkki vahva salasana").text


def test_a_draft_can_be_kept_for_a_week_of_its_own(office: Office) -> None:
    where = office.press(KALLE, office.write(KALLE, "jaa vinkki Möhkylä: Paina nappia."), "Jaa kanavalle")
    assert "Joku toinen tarkistaa" in office.press(KALLE, where, "Säästä viikon vinkiksi").text
    assert len(office.stores.drafts.waiting()) == 1


def test_without_an_open_channel_staff_are_told_how_one_is_opened(office: Office) -> None:
    office.stores.handovers.close_room(OPEN)
    where = office.press(KALLE, office.write(KALLE, "jaa vinkki Möhkylä: Paina nappia."), "Jaa kanavalle")
    assert "vinkkikanavan" in where.text
    assert "Säästä viikon vinkiksi" in buttons(where)


# Who may what


@pytest.mark.parametrize("step", ["look", "yes"])
def test_staff_share_to_no_other_channel(office: Office, step: str) -> None:
    share(office, KALLE, step, to="school", when="now")
    assert office.stores.calendar.choices() == {}
    assert office.stores.orders.open() == []


def test_a_draft_is_shared_by_its_author_only_and_by_nobody_to_other_channels(office: Office) -> None:
    office.write(KALLE, "jaa vinkki Möhkylä: Paina nappia.")
    room = f"room:{OPEN}"
    for person, to in ((MAIJA, room), (AINO, room), (BOSS, "school")):
        office.act(person, Action("share", {"step": "yes", "draft": "1", "to": to, "when": "now"}))
    office.stores.people.give_role(KALLE, TUTOR, MONDAY)
    office.act(KALLE, Action("share", {"step": "yes", "draft": "1", "to": "school,*", "when": "now"}))
    assert [order.destination for order in office.stores.orders.open()] == [room]


def test_staff_share_three_a_day(office: Office) -> None:
    for number in range(5):
        done = share(office, KALLE, "yes", to=f"room:{OPEN}", when="now")
        assert ("jo 3 vinkkiä" in done.text) == (number > 2)
    assert len(office.stores.orders.open()) == 3
    office.now += timedelta(days=1, minutes=1)
    assert "Selvä" in share(office, KALLE, "yes", to=f"room:{OPEN}", when="now").text


def test_a_role_that_was_taken_away_meanwhile_shares_nothing(office: Office) -> None:
    looked = share(office, MAIJA, "look", to="school", when="slot")
    assert "Jaa" in buttons(looked)
    office.stores.people.take_role(MAIJA, TUTOR)
    office.press(MAIJA, looked, "Jaa")
    assert office.stores.calendar.choices() == {}


def test_others_take_nothing_back(office: Office) -> None:
    done = share(office, MAIJA, "yes", to="school", when="slot")
    assert "voi perua" in office.press(KALLE, done, "Peru jako").text
    assert len(office.stores.calendar.choices()) == 1
    assert "peruttu" in office.press(BOSS, done, "Peru jako").text
    assert office.stores.calendar.choices() == {}


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"step": "x"},
        {"step": "yes", "tip": "gone"},
        {"step": "yes", "draft": "9"},
        {"step": "look", "draft": "9" * 40},
    ],
)
def test_what_nobody_sent_does_nothing(office: Office, values: dict[str, str]) -> None:
    assert office.act(MAIJA, Action("share", {"to": "school", **values})).kind == "gone"
    assert office.stores.calendar.choices() == {}
    assert office.act(MAIJA, Action("share", values), HALL).kind == "privately"


# Weeks


async def test_a_tutor_pushes_a_tip_now_in_the_place_of_this_week_s(office: Office) -> None:
    where = share(office, MAIJA, "where")
    assert list(buttons(where)) == ["Avoin vinkkikanava", "Keittiö", "Koulun vinkit", "Kaikkialle"]
    where = office.press(MAIJA, where, "Koulun vinkit")
    assert "✓ Koulun vinkit" in buttons(where)
    looked = office.press(MAIJA, where, "Heti")
    assert "Viikon vinkki · " in looked.text
    assert "- Koulun vinkit: heti" in looked.text
    office.press(MAIJA, looked, "Jaa")
    hands = Hands(office)
    await hands.work()
    assert [(item.key.entry, item.key.nominal, item.tip) for item in hands.posted] == [
        ("weekly-tip", date(2027, 1, 12), TIP)
    ]
    coming = office.assistant.agenda.coming(SCHOOL, office.now, 1)
    assert [item.key.nominal for item in coming] == [date(2027, 1, 19)]  # no second one this week
    again = share(office, MAIJA, "look", to="school", when="now")
    assert "tiistaina 19.1. klo 9.00 (kanava saa vain yhden vinkin viikossa)" in again.text


async def test_a_tip_comes_as_the_next_week_s_and_only_there(office: Office) -> None:
    done = share(office, MAIJA, "yes", to="school", when="slot")
    assert "tiistaina 12.1. klo 9.00" in done.text
    assert office.stores.calendar.choices() == {(2027, 2, "school"): Choice(TIP)}
    assert office.stores.orders.open() == []
    mine, others = (office.assistant.agenda.coming(place, office.now, 1)[0] for place in (SCHOOL, KITCHEN))
    assert (mine.tip, mine.why) == (TIP, "editor")
    assert others.tip != TIP
    assert "tiistaina 19.1." in share(office, BOSS, "yes", to="school", when="slot").text


async def test_a_tip_comes_at_a_time_of_its_own(office: Office) -> None:
    where = share(office, MAIJA, "where", to="school,kitchen")
    assert "Kirjoita esimerkiksi" in office.press(MAIJA, where, "Valitse aika").text
    assert "Kirjoita arkipäivä" in office.write(MAIJA, "su 3.00").text
    office.restart(office.stores)
    looked = office.write(MAIJA, "to 14.15")
    assert looked.text.count("torstaina 14.1. klo 14.15") == 2
    office.press(MAIJA, looked, "Jaa")
    (item,) = office.assistant.agenda.coming(SCHOOL, office.now, 1)
    assert (item.tip, item.at) == (TIP, datetime(2027, 1, 14, 14, 15, tzinfo=ZONE))
    hands = Hands(office)
    await hands.work()
    assert hands.posted == []


async def test_what_became_due_while_nobody_posted_waits_for_the_day(office: Office) -> None:
    draft = office.write(KALLE, "jaa vinkki Rautalammin möhkylä: Paina punaista nappia.")
    office.press(KALLE, office.press(KALLE, draft, "Jaa kanavalle"), "Valitse aika")
    office.press(KALLE, office.write(KALLE, "to 14.15"), "Jaa")
    hands = Hands(office)
    for moment in (datetime(2027, 1, 15, 2, 30, tzinfo=ZONE), datetime(2027, 1, 16, 12, 0, tzinfo=ZONE)):
        office.now = moment
        await hands.work()
        assert hands.posted == []
    office.now = datetime(2027, 1, 18, 9, 30, tzinfo=ZONE)
    await hands.work()
    await hands.work()
    assert len(hands.posted) == 1


async def test_what_was_taken_back_before_it_went_out_does_not_go(office: Office) -> None:
    for when in ("now", "slot"):
        done = share(office, MAIJA, "yes", to="school", when=when)
        office.press(MAIJA, done, "Peru jako")
    hands = Hands(office)
    await hands.work()
    assert (hands.posted, hands.withdrawn, office.stores.calendar.choices()) == ([], [], {})
    assert office.assistant.agenda.coming(SCHOOL, office.now, 1)[0].tip != TIP


async def test_what_went_out_is_withdrawn_there_and_stays_elsewhere(office: Office) -> None:
    hands = Hands(office)
    first = share(office, MAIJA, "yes", to="school", when="now")
    share(office, BOSS, "yes", to="kitchen", when="now", tip="phishing-recognise")
    await hands.work()
    office.press(MAIJA, first, "Peru jako")
    await hands.work()
    assert hands.withdrawn == [("weekly-tip", "school")]
    kept = {item.destination.id: office.stores.deliveries.get(item.key) for item in hands.posted}
    statuses = {place: delivery.status for place, delivery in kept.items() if delivery}
    assert statuses == {"school": Status.SKIPPED, "kitchen": Status.SENT}


def test_of_two_tutors_at_the_same_instant_one_wins_and_the_other_is_told(office: Office) -> None:
    looked = share(office, MAIJA, "look", to="school", when="now")
    slot = (2027, 2, "school")
    assert office.stores.calendar.take(slot, Choice("phishing-recognise"))
    done = office.press(MAIJA, looked, "Jaa")
    assert "tiistaina 19.1. klo 9.00 (kanava" in done.text
    assert office.stores.calendar.choices()[slot].tip == "phishing-recognise"


def test_at_night_and_at_weekends_nothing_goes_out_at_once(office: Office) -> None:
    for night in (MONDAY.replace(hour=22), datetime(2027, 1, 16, 12, 0, tzinfo=ZONE)):
        office.now = night
        assert "heti" not in share(office, MAIJA, "look", to="school", when="now").text.split("---")[-1]


def test_what_was_shared_is_listed_to_be_taken_back(office: Office) -> None:
    assert "Viime aikoina ei" in office.write(MAIJA, "jaetut vinkit").text
    share(office, MAIJA, "yes", to="school", when="slot")
    share(office, KALLE, "yes", to=f"room:{OPEN}", when="now")
    assert len(buttons(office.write(BOSS, "jaetut vinkit"))) == 1  # the same title twice: one label
    assert (
        "Jako on peruttu"
        in office.press(
            KALLE, office.write(KALLE, "jaetut vinkit"), next(iter(buttons(office.write(KALLE, "jaetut vinkit"))))
        ).text
    )
    assert len(office.stores.calendar.choices()) == 1


def test_who_shared_is_forgotten_on_request(office: Office) -> None:
    share(office, KALLE, "yes", to=f"room:{OPEN}", when="now")
    assert "Jakamiasi vinkkejä: 1" in office.write(KALLE, "näytä tietoni").text
    office.act(KALLE, Action("delete", {"answer": "yes"}))
    assert office.stores.shares.since(KALLE, MONDAY) == []
    assert "Viime aikoina ei" in office.write(KALLE, "jaetut vinkit").text


@pytest.mark.parametrize(
    ("wish", "at"),
    [
        (Wish(3, time(12, 15)), datetime(2027, 1, 14, 12, 15, tzinfo=ZONE)),
        (Wish(0, time(8)), datetime(2027, 1, 18, 8, 0, tzinfo=ZONE)),
        (Wish(None, time(14)), datetime(2027, 1, 11, 14, 0, tzinfo=ZONE)),
        (Wish(None, time(8)), datetime(2027, 1, 12, 8, 0, tzinfo=ZONE)),
        (Wish(2), datetime(2027, 1, 13, 9, 0, tzinfo=ZONE)),
        (Wish(6, time(12)), None),
        (Wish(1, time(3)), None),
    ],
)
def test_a_wish_is_the_next_such_moment(wish: Wish, at: datetime | None) -> None:
    assert next_at(wish, MONDAY) == at


async def test_a_new_tip_is_the_tutors_for_some_days(office: Office) -> None:
    office.stores.drafts.tutors_first = 3
    office.stores.handovers.set_room("common", "", TUTORS)
    draft = office.write(KALLE, "jaa vinkki Rautalammin möhkylä: Paina nappia.")
    office.press(KALLE, draft, "Lähetä hyväksyttäväksi")
    card = office.press(BOSS, office.write(BOSS, "luonnokset"), "Rautalammin möhkylä")
    office.press(BOSS, card, "Hyväksy ja julkaise")
    await office.courier.deliver()
    assert "teille ensin: Rautalammin möhkylä" in office.platform.at(TUTORS)[-1].text
    (new,) = [tip for tip in office.stores.tips.in_force().tips if tip.own]
    thursday = datetime(2027, 3, 25, 15, tzinfo=ZONE)  # before Easter
    office.stores.database.execute("update drafts set at = ?", [stamp(thursday)])
    assert ripe(office.stores.drafts) == {new.id: datetime(2027, 4, 1, 15, tzinfo=ZONE)}
    office.stores.drafts.tutors_first = 0
    assert ripe(office.stores.drafts) == {}


@given(st.dictionaries(st.sampled_from(["tip", "draft", "to", "when"]), st.text(max_size=30), max_size=4))
def test_whatever_a_button_carries_is_read(values: dict[str, str]) -> None:
    wanted = Wanted.of(values)
    assert Wanted.of(wanted.values) == wanted


class Pushes(RuleBasedStateMachine):
    """Any shares and withdrawals by two tutors, with restarts and the clock: a place never gets two tips in a week."""

    @initialize()
    def start(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.open()
        ready(self.stores)
        self.stores.people.give_role(KALLE, TUTOR, MONDAY)
        self.office = Office(self.stores, MONDAY)
        self.hands = Hands(self.office)
        self.done: list[Reply] = []

    def open(self) -> None:
        self.database = database.connect(Path(self.folder.name) / "d.db", MIGRATIONS)
        self.stores = Stores.of(self.database, Path(self.folder.name) / "d.db")
        tips = (Tip(name, "x", {"fi": Text(f"Otsikko {name}", f"Teksti {name}.")}) for name in ("own-a", "own-b"))
        pack = Pack((Theme("x"),), tuple(tips))
        self.stores.tips.seed("test", lambda: pack)
        self.stores.library.put(self.stores.library.read())

    @rule()
    def restart(self) -> None:
        self.database.close()
        self.open()
        self.office.restart(self.stores)

    @rule(
        person=st.sampled_from([MAIJA, KALLE, AINO]),
        tip=st.sampled_from(["own-a", "own-b"]),
        to=st.sampled_from(["school", "kitchen", "school,kitchen", "*"]),
        when=st.sampled_from(["now", "slot", "2027-01-14T14:15:00+02:00", "2027-01-21T10:00:00+02:00"]),
    )
    def share(self, person: str, tip: str, to: str, when: str) -> None:
        self.done.append(self.office.act(person, Action("share", {"step": "yes", "tip": tip, "to": to, "when": when})))

    @rule(person=st.sampled_from([MAIJA, KALLE, AINO]), number=st.integers(0, 5))
    def take_back(self, person: str, number: int) -> None:
        for reply in self.done[number : number + 1]:
            if "Peru jako" in buttons(reply):
                self.office.press(person, reply, "Peru jako")

    @rule(hours=st.integers(1, 60))
    def pass_time(self, hours: int) -> None:
        self.office.now += timedelta(hours=hours)

    @rule()
    def work(self) -> None:
        asyncio.run(self.hands.work())

    @invariant()
    def few_pings(self) -> None:
        in_slots = [item for item in self.hands.posted if item.destination.kinds]
        weeks = [(item.destination.id, item.key.nominal.isocalendar()[:2]) for item in in_slots]
        assert len(weeks) == len(set(weeks))

    def teardown(self) -> None:
        self.database.close()
        self.folder.cleanup()


Pushes.TestCase.settings = settings(max_examples=12, stateful_step_count=20)
TestPushes = Pushes.TestCase
