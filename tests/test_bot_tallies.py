"""Counts by month and unit: nobody's hash stays in them, and few people never show as a unit."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.assistant import Assistant
from bot.figures import Figures, report
from bot.models import Action, Message, Reply
from bot.stores import Stores
from bot.tallies import Tally, TallyStore, What, _Row, close, rolled
from bot.units import FEWEST
from tests.conftest import NOW

JANUARY, FEBRUARY, APRIL = (date(2027, month, 1) for month in (1, 2, 4))
LATER = datetime(2027, 4, 1, 9, tzinfo=UTC)
NEVER = date(2099, 1, 1)
PARENTS = {"town": "", "town/care": "town", "town/care/sun": "town/care", "town/kitchen": "town"}


@pytest.fixture
def store(stores: Stores) -> TallyStore:
    return stores.tallies


def people_of(stores: Stores, unit: list[str], *people: str) -> None:
    found = stores.units.put(unit)
    for person in people:
        assert stores.units.join(person, found.id)


def counts(store: TallyStore) -> dict[tuple[date, str, What, str], tuple[int, int]]:
    found = [
        ((each.month, each.unit, each.what, each.about), (each.count, each.amount))
        for each in store.between(JANUARY, NEVER)
    ]
    assert len(dict(found)) == len(found)
    return dict(found)


def test_what_happens_is_counted_by_month(store: TallyStore) -> None:
    store.note(What.ASKED, "answer:passwords", "anna", NOW)
    store.note(What.ASKED, "answer:passwords", "anna", NOW)
    store.note(What.ASKED, "hand_over:", "", NOW)
    store.note(What.FINISHED, "passwords", "anna", LATER, 2)
    assert counts(store) == {
        (JANUARY, "", What.ASKED, "answer:passwords"): (2, 0),
        (JANUARY, "", What.ASKED, "hand_over:"): (1, 0),
        (JANUARY, "", What.PEOPLE, ""): (1, 0),
        (APRIL, "", What.FINISHED, "passwords"): (1, 2),
        (APRIL, "", What.PEOPLE, ""): (1, 0),
    }


def test_a_month_begins_in_finland(store: TallyStore) -> None:
    store.note(What.HANDED_OVER, "", "", datetime(2027, 1, 31, 22, 30, tzinfo=UTC))
    assert [each.month for each in store.between(JANUARY, NEVER)] == [FEBRUARY]


def test_a_unit_shows_from_five_people_on(stores: Stores, store: TallyStore) -> None:
    many, few = [f"p{number}" for number in range(FEWEST)], [f"k{number}" for number in range(FEWEST - 1)]
    people_of(stores, ["Town", "Care"], *many)
    people_of(stores, ["Town", "Kitchen"], *few)
    for person in (*many, *few):
        store.note(What.ASKED, "answer:passwords", person, NOW)
    # Four from the kitchen are too few for the town as well.
    assert {(unit, what): count for (_, unit, what, _), (count, _) in counts(store).items()} == {
        ("town/care", What.ASKED): 5,
        ("town/care", What.PEOPLE): 5,
        ("", What.ASKED): 4,
        ("", What.PEOPLE): 4,
    }


def test_small_units_together_show_as_their_division(stores: Stores, store: TallyStore) -> None:
    people_of(stores, ["Town", "Sun"], "a", "b", "c")
    people_of(stores, ["Town", "Moon"], "d", "e")
    for person in "abcde":
        store.note(What.ASKED, "answer:passwords", person, NOW)
    assert {unit for _, unit, _, _ in counts(store)} == {"town"}


def test_a_closed_month_keeps_its_counts_and_nobody(stores: Stores, store: TallyStore) -> None:
    people_of(stores, ["Town"], *"abcde")
    for person in "abcdef":
        store.note(What.ASKED, "answer:passwords", person, NOW)
    before = counts(store)
    close(stores.database, LATER)
    assert counts(store) == before
    assert stores.database.table("tallies").count == 0
    close(stores.database, LATER)
    assert counts(store) == before


def test_what_was_read_may_be_kept_until_the_mark_changes(stores: Stores, store: TallyStore) -> None:
    marks = [store.mark(JANUARY, APRIL)]

    def is_new() -> bool:
        marks.append(store.mark(JANUARY, APRIL))
        return marks[-1] not in marks[:-1]

    store.note(What.ASKED, "answer:passwords", "a", NOW)
    assert is_new()
    store.note(What.ASKED, "answer:passwords", "a", NOW)
    assert is_new()
    store.note(What.FINISHED, "passwords", "", LATER, 3)
    assert is_new()
    store.erase(stores.people.hashed("a", NOW))
    assert is_new()
    close(stores.database, LATER)
    assert is_new()
    store.note(What.ASKED, "answer:passwords", "a", NOW.replace(year=2026))
    assert not is_new()


def test_this_month_and_the_last_are_open(stores: Stores, store: TallyStore) -> None:
    for month in (2, 3, 4):
        store.note(What.ASKED, "answer:passwords", "anna", datetime(2027, month, 5, tzinfo=UTC))
    close(stores.database, LATER)
    months = [month for (month,) in stores.database.execute("select month from tallies").fetchall()]
    assert months == ["2027-03-01", "2027-04-01"]
    close(stores.database, datetime(2028, 1, 1, 12, tzinfo=UTC))
    assert stores.database.table("tallies").count == 0


def test_who_wants_to_be_forgotten_is_counted_as_nobody(stores: Stores, store: TallyStore) -> None:
    people_of(stores, ["Town"], *"abcde")
    for person in "abcde":
        store.note(What.ASKED, "answer:passwords", person, NOW)
        store.note(What.FELT, "yes", person, NOW)
    hashed = stores.people.hashed("a", NOW)
    assert store.known(hashed) == 2
    store.erase(hashed)
    assert store.known(hashed) == 0
    whole = report(store.between(JANUARY, NEVER)).whole
    assert (whole.asked, whole.helped, whole.people) == (5, 5, 4)


@settings(max_examples=200)
@given(
    st.lists(
        st.tuples(
            st.sampled_from([*PARENTS, "", "gone"]),
            st.sampled_from(["", *(f"p{number}" for number in range(12))]),
            st.integers(1, 3),
        ),
        max_size=40,
    )
)
def test_no_unit_of_few_people_ever_shows_and_nothing_is_lost(said: list[tuple[str, str, int]]) -> None:
    rows = [_Row(Tally(JANUARY, unit, What.HANDED_OVER, "", count), person) for unit, person, count in said]
    found = rolled(rows, PARENTS)
    assert sum(each.count for each in found if each.what is What.HANDED_OVER) == sum(count for *_, count in said)
    people = {each.unit: each.count for each in found if each.what is What.PEOPLE}
    assert all(people.get(each.unit, 0) >= FEWEST for each in found if each.unit)


def test_figures_are_what_the_counts_come_to() -> None:
    def tally(what: What, about: str, count: int, amount: int = 0, month: date = JANUARY, unit: str = "") -> Tally:
        return Tally(month, unit, what, about, count, amount)

    found = report(
        [
            tally(What.ASKED, "answer:passwords", 6),
            tally(What.ASKED, "answer:phishing", 1, month=FEBRUARY),
            tally(What.ASKED, "suggest:phishing", 2, unit="town"),
            tally(What.ASKED, "hand_over:meetings", 1),
            tally(What.FELT, "yes", 3),
            tally(What.FELT, "no", 1),
            tally(What.HANDED_OVER, "", 3),
            tally(What.REPLIED, "1", 2),
            tally(What.REPLIED, "30", 1),
            tally(What.FINISHED, "passwords", 4, 9),
            tally(What.QUIZZED, "passwords", 4, 12),
            tally(What.PEOPLE, "", 4),
            tally(What.PEOPLE, "", 5, unit="town"),
            tally(What.PEOPLE, "", 7, month=FEBRUARY),
        ]
    )
    assert found.whole == Figures(9, 10, 7, 2, 3, 1, 3, 3, 1.0, 4, 9, 12)
    assert (found.whole.share_answered, found.whole.share_helped, found.whole.share_right) == (0.7, 0.75, 0.75)
    assert [(month, each.asked) for month, each in found.months.items()] == [(JANUARY, 9), (FEBRUARY, 1)]
    assert {unit: (each.asked, each.people) for unit, each in found.units.items()} == {"town": (2, 5)}
    assert list(found.asked_about.items()) == [("passwords", 6), ("phishing", 3)]
    assert found.finished == {"passwords": 4}


def test_of_nothing_there_are_no_shares() -> None:
    whole = report([]).whole
    assert (whole.share_answered, whole.share_helped, whole.share_right, whole.hours) == (None, None, None, None)


@pytest.mark.parametrize(("hours", "median"), [({3: 1}, 3.0), ({1: 1, 4: 1}, 2.5), ({0: 3, 8: 2}, 0.0)])
def test_the_time_to_an_answer_is_the_median(hours: dict[int, int], median: float) -> None:
    tallies = [Tally(JANUARY, "", What.REPLIED, str(hour), count) for hour, count in hours.items()]
    assert report(tallies).whole.hours == median


def said(assistant: Assistant, text: str = "", action: Action | None = None, person: str = "teams:anna") -> Reply:
    return assistant.respond(Message(text, person, "teams", action=action), NOW)


def pressed(assistant: Assistant, reply: Reply, **values: str) -> Reply:
    every = [button.action for choice in reply.choices for button in choice.buttons]
    return said(assistant, action=next(action for action in every if values.items() <= action.values.items()))


def test_a_question_counts_and_a_press_counts_once(assistant: Assistant, stores: Stores) -> None:
    reply = said(assistant, "salasana vanheni")
    for helped in ("yes", "no", "yes"):
        pressed(assistant, reply, helped=helped)
    said(assistant, "moi")
    whole = report(stores.tallies.between(JANUARY, NEVER)).whole
    assert (whole.asked, whole.answered, whole.helped, whole.not_helped, whole.people) == (1, 1, 1, 0, 1)


def test_a_question_of_the_pages_is_nobodys(assistant: Assistant, stores: Stores) -> None:
    assistant.asked("salasana vanheni", "fi", "web", NOW)
    whole = report(stores.tallies.between(JANUARY, NEVER)).whole
    assert (whole.asked, whole.people) == (1, 0)


def test_a_session_counts_at_its_first_end(assistant: Assistant, stores: Stores) -> None:
    for _ in range(2):
        reply = said(assistant, "digiturvavartti salasanat")
        if any(button.action.values.get("do") == "again" for choice in reply.choices for button in choice.buttons):
            reply = pressed(assistant, reply, do="again")
        for _ in range(20):
            does = {button.action.values.get("do") for choice in reply.choices for button in choice.buttons}
            if not does & {"next", "answer-0"}:
                break
            reply = pressed(assistant, reply, do="answer-0" if "answer-0" in does else "next")
    found = report(stores.tallies.between(JANUARY, NEVER))
    assert (found.whole.finished, found.whole.quizzed) == (1, 3)
    assert list(found.finished) == ["passwords"]
