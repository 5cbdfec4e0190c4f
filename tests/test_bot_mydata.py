"""'Näytä tietoni' and 'poista tietoni': a person's own data, for that person only."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from bot.assistant import Assistant
from bot.conversations import Conversation
from bot.models import Action, Message, Reply, Scope
from bot.people import IT, Dialog, Person
from bot.stores import Stores
from tests.conftest import NOW
from tips.models import LANGUAGES, Language

ME, OTHER = "teams:me", "teams:other"
PRIVATE = Conversation("a:1", "teams", Scope.PERSONAL, person=ME)
SHOW: dict[Language, str] = {"fi": "näytä tietoni", "sv": "visa mina uppgifter", "en": "show my data"}
DELETE: dict[Language, str] = {"fi": "poista tietoni", "sv": "radera mina uppgifter", "en": "delete my data"}


def type_in(assistant: Assistant, text: str, person: str = ME, scope: Scope = Scope.PERSONAL) -> Reply:
    return assistant.respond(Message(text, person, "teams", scope), NOW)


def press(assistant: Assistant, action: Action, person: str = ME, scope: Scope = Scope.PERSONAL) -> Reply:
    return assistant.respond(Message("", person, "teams", scope, action), NOW)


def answer(assistant: Assistant, said: str, person: str = ME, scope: Scope = Scope.PERSONAL) -> Reply:
    return press(assistant, Action("delete", {"answer": said, "lang": "fi"}), person, scope)


def give_feedback(assistant: Assistant, person: str = ME) -> None:
    reply = type_in(assistant, "salasana vanheni", person)
    press(assistant, reply.choices[0].buttons[0].action, person)


@pytest.mark.parametrize("language", LANGUAGES)
def test_of_a_stranger_nothing_is_kept(assistant: Assistant, language: Language) -> None:
    expected = {
        "fi": [
            "Kieli: ei valittu",
            "Rooli: ei roolia",
            "Palaute: 0 ",
            "kanssa: ei ole",
            "asetusten teko: ei ole",
            "lähtien: –",
        ],
        "sv": [
            "Språk: inte valt",
            "Roll: ingen roll",
            "Respons: 0 ",
            "Digivinkki: finns inte",
            "inställningar: finns inte",
            "sedan: –",
        ],
        "en": [
            "Language: not chosen",
            "Role: no role",
            "Feedback: 0 ",
            "with Digivinkki: none",
            "settings: none",
            "since: –",
        ],
    }
    reply = type_in(assistant, SHOW[language])
    assert (reply.kind, reply.language) == ("my_data", language)
    assert [line for line in expected[language] if line not in reply.text] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_all_that_is_kept_is_shown(assistant: Assistant, stores: Stores, language: Language) -> None:
    stores.people.choose_language(ME, "sv", NOW)
    stores.people.give_role(ME, IT, NOW)
    give_feedback(assistant)
    give_feedback(assistant)
    reply = type_in(assistant, SHOW[language])
    assert "svenska" in reply.text
    assert {"fi": "tietohallinto", "sv": "it-förvaltning", "en": "IT"}[language] in reply.text
    assert re.search(r"\b2\b", reply.text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_unfinished_dialog_is_shown(assistant: Assistant, stores: Stores, language: Language) -> None:
    stores.people.open_dialog(ME, Dialog("setup", {"next": "0"}), NOW)
    reply = assistant._my_data.shown(ME, language, NOW)
    assert {"fi": "asetusten teko: on", "sv": "inställningar: finns\n", "en": "settings: there is one"}[
        language
    ] in reply.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_private_chat_is_shown_and_since_when_something_is_stored(
    assistant: Assistant, stores: Stores, language: Language
) -> None:
    stores.people.choose_language(ME, language, NOW)
    stores.conversations.seen(PRIVATE, NOW)
    text = type_in(assistant, SHOW[language]).text
    expected = {"fi": "kanssa: on", "sv": "med Digivinkki: finns\n", "en": "with Digivinkki: there is one"}
    assert expected[language] in text
    assert "12.1.2027" in text


def test_what_others_did_is_not_shown(assistant: Assistant, stores: Stores) -> None:
    stores.people.choose_language(OTHER, "sv", NOW)
    give_feedback(assistant, OTHER)
    reply = type_in(assistant, SHOW["fi"])
    assert "Kieli: ei valittu" in reply.text
    assert "Palaute: 0 " in reply.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_erasing_asks_first_and_then_removes_it_all(assistant: Assistant, stores: Stores, language: Language) -> None:
    stores.people.choose_language(ME, "sv", NOW)
    stores.people.open_dialog(ME, Dialog("other", {}), NOW)
    give_feedback(assistant)
    asked = type_in(assistant, DELETE[language])
    assert (asked.kind, asked.language) == ("delete_data", language)
    assert stores.people.person(ME).language == "sv"
    press(assistant, asked.choices[0].buttons[0].action)
    assert stores.people.person(ME) == Person(ME)
    assert stores.people.dialog(ME) is None
    assert stores.database.table("feedback").count == 0


def test_erasing_forgets_the_private_chats_and_no_other(assistant: Assistant, stores: Stores) -> None:
    others = [replace(PRIVATE, id="a:2", person=OTHER), replace(PRIVATE, id="19:c", scope=Scope.CHANNEL, person="")]
    for place in (PRIVATE, replace(PRIVATE, id="a:3"), *others):
        stores.conversations.seen(place, NOW)
    answer(assistant, "no")
    assert len(stores.conversations.all()) == 4
    answer(assistant, "yes")
    assert stores.conversations.all() == others
    assert stores.conversations.known(ME) == 0


def test_the_question_stays_without_its_asker(assistant: Assistant, stores: Stores) -> None:
    give_feedback(assistant)
    answer(assistant, "yes")
    (row,) = stores.database.table("questions").rows
    assert row["text"] == "salasana vanheni"
    assert ME not in str(row)


def test_saying_no_keeps_everything(assistant: Assistant, stores: Stores) -> None:
    stores.people.choose_language(ME, "sv", NOW)
    give_feedback(assistant)
    asked = type_in(assistant, DELETE["fi"])
    assert press(assistant, asked.choices[0].buttons[1].action).text == "Selvä, en poistanut mitään."
    assert stores.people.person(ME).language == "sv"
    assert stores.database.table("feedback").count == 1


@pytest.mark.parametrize("said", ["", "YES", "perhaps", "yes "])
def test_a_changed_answer_erases_nothing(assistant: Assistant, stores: Stores, said: str) -> None:
    stores.people.choose_language(ME, "sv", NOW)
    assert answer(assistant, said).kind == "delete_data"
    assert stores.people.person(ME).language == "sv"


def test_erasing_leaves_the_others(assistant: Assistant, stores: Stores) -> None:
    stores.people.choose_language(OTHER, "sv", NOW)
    give_feedback(assistant, OTHER)
    answer(assistant, "yes")
    assert stores.people.person(OTHER).language == "sv"
    assert stores.database.table("feedback").count == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_is_told_that_the_role_goes_too(assistant: Assistant, stores: Stores, language: Language) -> None:
    warning = {"fi": "tietohallinnon roolin", "sv": "rollen it-förvaltning", "en": "IT role"}[language]
    assert warning not in type_in(assistant, DELETE[language]).text
    stores.people.give_role(ME, IT, NOW)
    assert warning in type_in(assistant, DELETE[language]).text
    answer(assistant, "yes")
    assert not stores.people.has_it()


@pytest.mark.parametrize("scope", [Scope.CHANNEL, Scope.GROUP])
@pytest.mark.parametrize("text", [*SHOW.values(), *DELETE.values()])
def test_where_others_read_the_answer_is_to_ask_in_private(assistant: Assistant, text: str, scope: Scope) -> None:
    reply = type_in(assistant, text, scope=scope)
    assert (reply.kind, reply.choices) == ("privately", ())


def test_a_button_pressed_where_others_read_erases_nothing(assistant: Assistant, stores: Stores) -> None:
    stores.people.choose_language(ME, "sv", NOW)
    assert answer(assistant, "yes", scope=Scope.CHANNEL).kind == "privately"
    assert stores.people.person(ME).language == "sv"


def test_the_button_under_my_data_asks_before_it_erases(assistant: Assistant, stores: Stores) -> None:
    stores.people.choose_language(ME, "fi", NOW)
    shown = type_in(assistant, SHOW["fi"])
    assert press(assistant, shown.choices[0].buttons[0].action).kind == "delete_data"
    assert stores.people.person(ME).language == "fi"
