"""What staff lack: grouped for tutors, a tip begun with one press, a note on the first working day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot import needschat
from bot.assistant import Assistant
from bot.deskrules import MONTHLY, NO
from bot.letters import Letters
from bot.models import Action, Message, Reply, Scope
from bot.needs import Month, needs_of
from bot.needschat import NOTE
from bot.outbox import PERSON, Letter
from bot.people import COORDINATOR, IT, READER, TUTOR
from bot.stores import Stores
from tests.conftest import NOW, needs_voikko
from tips.models import Answer, Band, Language

AINO, KALLE, MAIJA = "teams:aino", "slack:UKALLE", "teams:maija"
STAMPING = (
    "missä on työajan leimaus puhelimella",
    "työajan leimaaminen kännykällä",
    "mistä leimaan työajan kännykällä",
)
DOG = "saako koiran tuoda töihin"
# The first working day of January 2027 is Monday the 4th, nine o'clock in Finland.
FIRST = datetime(2027, 1, 4, 7, 0, tzinfo=UTC)
DECEMBER = datetime(2026, 12, 10, 9, 0, tzinfo=UTC)


def ask(stores: Stores, text: str, at: datetime = NOW, band: Band = Band.HAND_OVER, language: Language = "fi") -> int:
    return stores.journal.record(Answer(text, language, band, 0.1), "teams", at)


def write(assistant: Assistant, person: str, text: str, scope: Scope = Scope.PERSONAL, now: datetime = NOW) -> Reply:
    return assistant.respond(Message(text, person, person.split(":", maxsplit=1)[0], scope), now)


def act(assistant: Assistant, person: str, action: Action, scope: Scope = Scope.PERSONAL) -> Reply:
    return assistant.respond(Message("", person, person.split(":", maxsplit=1)[0], scope, action), NOW)


def texts(stores: Stores, month: Month | None = None) -> list[list[str]]:
    found = needs_of(stores.journal.unhelped(*(month or Month.of(NOW)).span), stores.library.snapshot.base)
    return [[question.text for question in need.questions] for need in found]


@pytest.fixture
def asked(stores: Stores) -> Stores:
    stores.people.give_role(MAIJA, TUTOR, NOW)
    for text in (*STAMPING, DOG):
        ask(stores, text)
    return stores


@needs_voikko
def test_what_nobody_was_helped_with_is_grouped_the_largest_first(asked: Stores, assistant: Assistant) -> None:
    listed = write(assistant, MAIJA, "vastausta vailla tässä kuussa")
    assert "Vastausta vailla 1/2027" in listed.text
    assert [choice.label[:4] for choice in listed.choices] == ["3 × ", "1 × "]
    assert [[button.label for button in choice.buttons] for choice in listed.choices] == [["Kirjoita vinkki"]] * 2


@needs_voikko
def test_a_press_begins_a_draft_with_the_questions_as_its_ways_of_asking(asked: Stores, assistant: Assistant) -> None:
    listed = write(assistant, MAIJA, "vastausta vailla")
    assert "teksti" in act(assistant, MAIJA, listed.choices[0].buttons[0].action).text
    (draft,) = asked.drafts.of(MAIJA)
    assert sorted(draft.phrasings) == sorted(STAMPING)
    assert (draft.body, draft.language) == ("", "fi")
    write(assistant, MAIJA, "Avaa leimaussovellus puhelimella ja paina Sisään.")
    assert asked.drafts.of(MAIJA)[0].body == "Avaa leimaussovellus puhelimella ja paina Sisään."


@needs_voikko
def test_a_press_on_the_list_does_not_group_the_month_again(
    asked: Stores, assistant: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = write(assistant, MAIJA, "vastausta vailla")
    monkeypatch.delattr(needschat, "need_of")
    act(assistant, MAIJA, listed.choices[0].buttons[0].action)
    assert sorted(asked.drafts.of(MAIJA)[0].phrasings) == sorted(STAMPING)


@needs_voikko
def test_a_press_after_a_restart_finds_the_need_all_the_same(asked: Stores, assistant: Assistant) -> None:
    listed = write(assistant, MAIJA, "vastausta vailla")
    act(Assistant(asked), MAIJA, listed.choices[0].buttons[0].action)
    assert sorted(asked.drafts.of(MAIJA)[0].phrasings) == sorted(STAMPING)


@needs_voikko
def test_wordings_with_something_of_people_are_no_ways_of_asking(asked: Stores, assistant: Assistant) -> None:
    ask(asked, "työajan leimaus kännykällä, soita 040 123 4567")
    listed = write(assistant, MAIJA, "vastausta vailla")
    act(assistant, MAIJA, listed.choices[0].buttons[0].action)
    assert sorted(asked.drafts.of(MAIJA)[0].phrasings) == sorted(STAMPING)


@needs_voikko
def test_the_example_is_one_with_nothing_of_people_where_there_is_one(stores: Stores) -> None:
    for _ in range(2):
        ask(stores, "Maija Virtasen möhkylä rikki")
    ask(stores, "möhkylä rikki")
    (need,) = needs_of(stores.journal.unhelped(*Month.of(NOW).span), stores.library.snapshot.base)
    assert (need.count, need.example) == (3, "möhkylä rikki")


def test_which_questions_are_without_help(stores: Stores) -> None:
    unhelped, chosen, helped = (ask(stores, f"{word} on vihreä") for word in ("sauna", "lato", "silta"))
    stores.journal.choose(chosen, "password-strong")
    stores.journal.give_feedback(helped, "a", "password-strong", True, NOW)
    felt = ask(stores, "mylly on vihreä", band=Band.ANSWER)
    ask(stores, "tammi on vihreä", band=Band.ANSWER)
    ask(stores, "koivu on vihreä", band=Band.SUGGEST)
    stores.journal.give_feedback(felt, "a", "password-strong", False, NOW)
    found = stores.journal.unhelped(*Month.of(NOW).span)
    assert [(each.id, each.unanswered) for each in found] == [(unhelped, True), (felt, False)]
    stores.journal.give_feedback(felt, "b", "password-strong", True, NOW)
    assert [each.id for each in stores.journal.unhelped(*Month.of(NOW).span)] == [unhelped]


def test_none_of_these_is_a_question_without_help(stores: Stores, assistant: Assistant) -> None:
    number = ask(stores, "tammi on vihreä", band=Band.SUGGEST)
    assert texts(stores) == []
    act(assistant, AINO, Action("none", {"question": str(number), "lang": "fi"}))
    assert texts(stores) == [["tammi on vihreä"]]


def test_what_a_tip_answers_by_now_and_suspected_breaches_are_left_out(stores: Stores) -> None:
    ask(stores, "salasana vanheni")
    ask(stores, "klikkasin huijauslinkkiä ja annoin salasanani")
    ask(stores, DOG)
    assert texts(stores) == [[DOG]]


def test_languages_are_apart(stores: Stores) -> None:
    ask(stores, "möhkylä Teamsissa")
    ask(stores, "mackapär i Teams", language="sv")
    assert len(texts(stores)) == 2


def test_a_month_begins_at_midnight_in_finland(stores: Stores) -> None:
    before, first = datetime(2026, 12, 31, 21, 59, 59, tzinfo=UTC), datetime(2026, 12, 31, 22, tzinfo=UTC)
    ask(stores, "sauna on vihreä", before)
    ask(stores, "lato on punainen", first)
    assert texts(stores) == [["lato on punainen"]]
    assert texts(stores, Month(2026, 12)) == [["sauna on vihreä"]]
    assert (Month.of(before), Month.of(first)) == (Month(2026, 12), Month(2027, 1))
    assert Month(2027, 1).before == Month(2026, 12)


def test_last_month(asked: Stores, assistant: Assistant) -> None:
    ask(asked, "sauna on vihreä", DECEMBER)
    listed = write(assistant, MAIJA, "vastausta vailla viime kuussa")
    assert "12/2026" in listed.text
    assert [choice.label for choice in listed.choices] == ["1 × sauna on vihreä"]
    assert "ei mitään" in write(assistant, MAIJA, "vastausta vailla", now=NOW + timedelta(days=40)).text


@pytest.mark.parametrize("role", [TUTOR, COORDINATOR, IT, READER, ""])
def test_tutors_the_coordinator_and_it_see_it(asked: Stores, assistant: Assistant, role: str) -> None:
    if role:
        asked.people.give_role(KALLE, role, NOW)
    sees = role in (TUTOR, COORDINATOR, IT)
    assert bool(write(assistant, KALLE, "vastausta vailla").choices) is sees
    action = write(assistant, MAIJA, "vastausta vailla").choices[0].buttons[0].action
    act(assistant, KALLE, action)
    assert bool(asked.drafts.of(KALLE)) is sees


def test_not_in_a_channel(asked: Stores, assistant: Assistant) -> None:
    action = write(assistant, MAIJA, "vastausta vailla").choices[0].buttons[0].action
    assert write(assistant, MAIJA, "vastausta vailla", Scope.CHANNEL).kind == "privately"
    assert act(assistant, MAIJA, action, Scope.CHANNEL).kind == "privately"
    assert asked.drafts.of(MAIJA) == []


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"month": "x"},
        {"month": "2027-13"},
        *({"month": "2027-01", "question": number} for number in ("x", "99", "9" * 40)),
        {"month": "2026-12", "question": "1"},
    ],
)
def test_a_forged_or_outdated_press_changes_nothing(
    asked: Stores, assistant: Assistant, values: dict[str, str]
) -> None:
    assert act(assistant, MAIJA, Action("needs", values)).kind == "gone"
    assert asked.drafts.of(MAIJA) == []


@pytest.mark.parametrize(
    ("text", "language"),
    [("obesvarade frågor", "sv"), ("unanswered this month", "en"), ("Vastausta vailla?", "fi")],
)
def test_the_command_in_three_languages(asked: Stores, assistant: Assistant, text: str, language: Language) -> None:
    reply = write(assistant, MAIJA, text)
    assert (reply.kind, reply.language) == ("needs", language)


def notes(stores: Stores) -> list[str]:
    return [letter.recipient for letter in stores.outbox.due(FIRST + timedelta(days=60)) if letter.kind == NOTE]


def test_a_note_on_the_first_working_day_once(asked: Stores, assistant: Assistant) -> None:
    asked.people.give_role(KALLE, IT, NOW)
    asked.people.give_role(MAIJA, IT, NOW)
    for early in (FIRST - timedelta(days=3), FIRST - timedelta(seconds=1)):
        assert assistant.needs.tick(early) == 0
    assert assistant.needs.tick(FIRST) == 2
    for later in (FIRST, FIRST + timedelta(minutes=1), FIRST + timedelta(days=2)):
        assert Assistant(asked).needs.tick(later) == 0
    assert sorted(notes(asked)) == sorted([PERSON + KALLE, PERSON + MAIJA])


@pytest.mark.parametrize(("late", "letters"), [(timedelta(days=6), 1), (timedelta(days=8), 0)])
def test_after_downtime_it_is_told_within_a_week(
    asked: Stores, assistant: Assistant, late: timedelta, letters: int
) -> None:
    assert assistant.needs.tick(FIRST + late) == letters


def test_the_setting_turns_it_off(asked: Stores, assistant: Assistant) -> None:
    asked.desk_rules.choose(MONTHLY, NO)
    assert assistant.needs.tick(FIRST) == 0


def test_what_the_note_says(asked: Stores, assistant: Assistant) -> None:
    letter = Letter(PERSON + MAIJA, NOTE, "2026-12")
    assert assistant.needs.letter(letter, "fi") is None, "nothing was asked in December"
    for number in range(5):
        ask(asked, f"{'sauna lato silta mylly tammi'.split()[number]} vihreä{number}", DECEMBER)
    note = assistant.needs.letter(letter, "fi")
    assert note
    assert "12/2026" in note.text
    assert [choice.buttons[0].label for choice in note.choices] == [*["Kirjoita vinkki"] * 3, "Näytä kaikki"]
    listed = act(assistant, MAIJA, note.choices[-1].buttons[0].action)
    assert len(listed.choices) == 5
    act(assistant, MAIJA, note.choices[0].buttons[0].action)
    assert len(asked.drafts.of(MAIJA)) == 1
    asked.people.take_role(MAIJA, TUTOR)
    assert assistant.needs.letter(letter, "fi") is None
    assert assistant.needs.letter(Letter(PERSON + MAIJA, NOTE, "x"), "fi") is None


def test_the_note_goes_the_way_of_letters(asked: Stores, assistant: Assistant) -> None:
    ask(asked, DOG, DECEMBER)
    assistant.needs.tick(FIRST)
    (letter,) = [letter for letter in asked.outbox.due(FIRST) if letter.kind == NOTE]
    letters = Letters(asked.people, asked.outbox, assistant.helpdesk, assistant.drafting, "fi", assistant.needs)
    note = letters.compose(letter, FIRST)
    assert note
    assert DOG in note.choices[0].label


def test_it_alone_turns_the_note_off_and_on(asked: Stores, assistant: Assistant) -> None:
    asked.people.give_role(KALLE, IT, NOW)
    off = write(assistant, KALLE, "vastausta vailla").choices[-1].buttons[0]
    assert off.label == "Lopeta kuukausiviesti"
    act(assistant, MAIJA, off.action)
    assert asked.desk_rules.rules().monthly
    on = act(assistant, KALLE, off.action).choices[-1].buttons[0]
    assert assistant.needs.tick(FIRST) == 0
    assert on.label == "Lähetä kuukausiviesti"
    act(assistant, KALLE, on.action)
    assert assistant.needs.tick(FIRST) == 2
