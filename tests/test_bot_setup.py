"""The guided first run: the organisation's facts, one at a time, and how they fill the tips."""

from __future__ import annotations

import pytest

from bot.assistant import Assistant
from bot.messages import say
from bot.models import Action, Message, Reply, Scope, TipView
from bot.people import IT, Dialog
from bot.stores import Stores
from tests.conftest import NOW
from tips.facts import LONGEST_VALUE, known_facts
from tips.models import LANGUAGES, Language, Pack, Text, Tip

BOSS = "teams:boss"
TOLD = {
    "organisation": "Mallilan kunta",
    "it_support": "IT-tuki, p. 08 123 4567",
    "phishing_report": "huijaus@mallila.fi",
    "password_page": "https://salasana.mallila.fi",
    "hr_system": "Populus, https://hr.mallila.fi",
    "intranet": "https://intra.mallila.fi",
}
FIRST = [key for key, fact in known_facts().items() if fact.first]
REST = [key for key, fact in known_facts().items() if not fact.first]


@pytest.fixture
def boss(stores: Stores) -> str:
    stores.people.give_role(BOSS, IT, NOW)
    return BOSS


def type_in(assistant: Assistant, text: str, person: str = BOSS, scope: Scope = Scope.PERSONAL) -> Reply:
    return assistant.respond(Message(text, person, "teams", scope), NOW)


def press(assistant: Assistant, step: str, person: str = BOSS, language: Language = "fi", **more: str) -> Reply:
    action = Action("setup", {"step": step, "lang": language, **more})
    return assistant.respond(Message("", person, "teams", action=action), NOW)


def steps(reply: Reply) -> list[str]:
    buttons = [button for choice in reply.choices for button in choice.buttons]
    return [button.action.values["step"] for button in buttons if button.action.name == "setup"]


def press_on(assistant: Assistant, reply: Reply, step: str) -> Reply:
    """Presses that button of the reply."""
    actions = [button.action for choice in reply.choices for button in choice.buttons]
    (action,) = [action for action in actions if action.values.get("step") == step]
    return assistant.respond(Message("", BOSS, "teams", action=action), NOW)


def test_the_first_run_from_the_code_to_the_last_fact(assistant: Assistant, stores: Stores) -> None:
    claimed = type_in(assistant, stores.claims.new_code())
    assert steps(claimed) == ["start", "later"]
    assert "Kysyn 6 tietoa" in claimed.text
    reply = press_on(assistant, claimed, "start")
    for number, (key, value) in enumerate(TOLD.items(), 1):
        assert reply.text.startswith(f"{number}/6: Kirjoita **{known_facts()[key].name['fi']}**")
        assert steps(reply) == (["skip", "previous", "stop"] if number > 1 else ["skip", "stop"])
        reply = type_in(assistant, value)
    assert "Valmista!" in reply.text
    assert steps(reply) == ["rest"]
    assert stores.facts.values() == TOLD
    assert stores.people.dialog(BOSS) is None


def test_the_rest_is_asked_when_it_wishes(assistant: Assistant, stores: Stores, boss: str) -> None:
    reply = press_on(assistant, type_in(assistant, "asetukset"), "rest")
    for number, key in enumerate(REST, 1):
        assert reply.text.startswith(f"{number}/{len(REST)}: Kirjoita **{known_facts()[key].name['fi']}**")
        reply = type_in(assistant, f"tieto {number}")
    assert "Valmista!" in reply.text
    assert steps(reply) == []
    assert stores.facts.values() == {key: f"tieto {number}" for number, key in enumerate(REST, 1)}
    assert stores.people.dialog(BOSS) is None


def test_told_facts_fill_the_tips(assistant: Assistant, stores: Stores) -> None:
    body = f"Soita: {', '.join(f'{{{key}}}' for key in TOLD)}, {{other}} {{}}"
    tip = Tip("own", "passwords", {"fi": Text("{organisation} auttaa", body)})
    stores.tips.add(Pack(tips=(tip,)), only=True)
    stores.library.put(stores.library.read())

    def shown() -> TipView:
        reply = assistant.respond(Message("", BOSS, "teams", action=Action("tip", {"tip": "own"})), NOW)
        assert reply.tip
        return reply.tip

    assert shown().title == f"{known_facts()['organisation'].unfilled['fi']} auttaa"
    for key, value in TOLD.items():
        stores.facts.put(key, value)
    assert shown().title == "Mallilan kunta auttaa"
    assert [value for value in TOLD.values() if value not in shown().body] == []
    assert shown().body.endswith("{other} {}")


def test_the_facts_are_asked_in_the_order_in_which_they_are_known() -> None:
    assert list(TOLD) == FIRST
    assert sorted([*FIRST, *REST]) == sorted(known_facts())


def test_each_value_is_stored_as_soon_as_it_is_told(assistant: Assistant, stores: Stores, boss: str) -> None:
    press(assistant, "start")
    type_in(assistant, TOLD["organisation"])
    assert stores.facts.values() == {"organisation": TOLD["organisation"]}


@pytest.mark.parametrize("said", ["en tiiä", "Ei oo.", "-"])
def test_what_is_no_fact_is_skipped(assistant: Assistant, stores: Stores, boss: str, said: str) -> None:
    press(assistant, "start")
    assert "2/6" in type_in(assistant, said).text
    assert stores.facts.values() == {}


def test_a_fact_can_be_skipped(assistant: Assistant, stores: Stores, boss: str) -> None:
    asked = press(assistant, "start")
    assert press_on(assistant, asked, "skip").text.startswith("2/6")
    type_in(assistant, TOLD["it_support"])
    assert stores.facts.values() == {"it_support": TOLD["it_support"]}


@pytest.mark.parametrize("run", ["start", "rest"])
def test_a_press_that_comes_twice_skips_once(assistant: Assistant, stores: Stores, boss: str, run: str) -> None:
    first = press(assistant, run)
    second = press_on(assistant, first, "skip")
    assert press_on(assistant, first, "skip") == second
    assert second.text.startswith("2/")
    third = press_on(assistant, second, "skip")
    assert press_on(assistant, first, "skip") == press_on(assistant, second, "skip") == third
    assert third.text.startswith("3/")
    back = press_on(assistant, third, "previous")
    assert press_on(assistant, third, "previous") == back
    assert back.text.startswith("2/")


@pytest.mark.parametrize("step", ["skip", "previous", "clear"])
@pytest.mark.parametrize(
    "values", [{}, {"number": "1"}, {"run": "first"}, {"number": "x", "run": "first"}, {"number": "1", "run": "rest"}]
)
def test_a_press_of_another_question_changes_nothing(
    assistant: Assistant, stores: Stores, boss: str, step: str, values: dict[str, str]
) -> None:
    stores.facts.put("it_support", TOLD["it_support"])
    asked = press_on(assistant, press(assistant, "start"), "skip")
    assert press(assistant, step, **values) == asked
    assert asked.text.startswith("2/6")
    assert stores.facts.values() == {"it_support": TOLD["it_support"]}


@pytest.mark.parametrize("typed", [False, True])
def test_the_way_back_leads_to_the_question_before(
    assistant: Assistant, stores: Stores, boss: str, typed: bool
) -> None:
    press(assistant, "start")
    reply = type_in(assistant, "Mallilan kirkko")
    reply = type_in(assistant, "edellinen") if typed else press_on(assistant, reply, "previous")
    assert reply.text.startswith("1/6")
    assert "Nyt: Mallilan kirkko" in reply.text
    assert type_in(assistant, TOLD["organisation"]).text.startswith("2/6")
    assert stores.facts.values() == {"organisation": TOLD["organisation"]}


def test_before_the_first_question_there_is_none(assistant: Assistant, stores: Stores, boss: str) -> None:
    asked = press(assistant, "start")
    assert type_in(assistant, "Edellinen") == asked
    assert "previous" not in steps(asked)


@pytest.mark.parametrize("typed", [False, True])
def test_a_value_can_be_cleared(assistant: Assistant, stores: Stores, boss: str, typed: bool) -> None:
    stores.facts.put("organisation", "Mallilan kirkko")
    asked = press(assistant, "start")
    assert steps(asked) == ["skip", "clear", "stop"]
    reply = type_in(assistant, "tyhjennä") if typed else press_on(assistant, asked, "clear")
    assert stores.facts.values() == {}
    assert reply.text.startswith("Tyhjensin tiedon.\n\n1/6")
    assert "Nyt:" not in reply.text
    assert steps(reply) == ["skip", "stop"]


def test_where_there_is_no_value_nothing_is_cleared(assistant: Assistant, stores: Stores, boss: str) -> None:
    asked = press(assistant, "start")
    assert type_in(assistant, "tyhjennä") == asked
    assert stores.facts.values() == {}


@pytest.mark.parametrize(("number", "shown"), [("3", "4/6"), ("15", "Valmista!")])
def test_a_run_that_an_older_version_began_goes_on(
    assistant: Assistant, stores: Stores, boss: str, number: str, shown: str
) -> None:
    stores.people.open_dialog(BOSS, Dialog("setup", {"next": number, "lang": "fi"}), NOW)
    assert shown in type_in(assistant, "ei osoite").text
    assert stores.facts.values() == {}


def test_skipping_the_last_fact_ends_the_run(assistant: Assistant, stores: Stores, boss: str) -> None:
    reply = press(assistant, "start")
    for _ in TOLD:
        reply = press_on(assistant, reply, "skip")
    assert "Valmista!" in reply.text
    assert stores.people.dialog(BOSS) is None


@pytest.mark.parametrize("step", ["stop", "later", "no such step"])
def test_the_run_can_be_left_for_later(assistant: Assistant, stores: Stores, boss: str, step: str) -> None:
    press(assistant, "start")
    assert "asetukset" in press(assistant, step).text
    assert stores.people.dialog(BOSS) is None
    assert type_in(assistant, "salasana vanheni").kind == "tip"
    assert stores.facts.values() == {}


@pytest.mark.parametrize(
    ("language", "skip", "previous", "clear", "stop"),
    [
        ("fi", "ohita", "edellinen", "Tyhjennä", "Lopeta"),
        ("sv", "hoppa över", "Föregående", "töm", "Sluta"),
        ("en", "skip", "previous", "clear", "Stop"),
    ],
)
def test_a_button_may_be_typed_instead(
    assistant: Assistant, stores: Stores, boss: str, language: Language, skip: str, previous: str, clear: str, stop: str
) -> None:
    stores.facts.put("organisation", "Mallilan kunta")
    press(assistant, "start", language=language)
    assert type_in(assistant, skip).text.startswith("2/6")
    assert type_in(assistant, previous).text.startswith("1/6")
    assert type_in(assistant, clear).text.startswith(say(language, "setup_cleared"))
    type_in(assistant, stop)
    assert stores.facts.values() == {}
    assert stores.people.dialog(BOSS) is None


def test_skip_without_a_run_starts_nothing(assistant: Assistant, stores: Stores, boss: str) -> None:
    assert "asetukset" in press(assistant, "skip").text
    assert stores.people.dialog(BOSS) is None


def test_a_restart_in_the_middle_loses_nothing(assistant: Assistant, stores: Stores, boss: str) -> None:
    press(assistant, "start", language="sv")
    type_in(assistant, TOLD["organisation"])
    restarted = Assistant(stores)
    assert type_in(restarted, TOLD["it_support"]).text.startswith("3/6: Skriv")
    assert stores.facts.values() == {key: TOLD[key] for key in ("organisation", "it_support")}


@pytest.mark.parametrize(
    "address", ["salasana.mallila.fi", "ftp://mallila.fi", "javascript:alert(1)", "https://", "intrassa"]
)
def test_a_bad_address_is_asked_for_again(assistant: Assistant, stores: Stores, boss: str, address: str) -> None:
    press(assistant, "start")
    for _ in range(3):
        type_in(assistant, "ohita")
    reply = type_in(assistant, address)
    assert "https://" in reply.text
    assert "4/6" in reply.text
    assert stores.facts.values() == {}


@pytest.mark.parametrize(
    ("number", "value", "reason"),
    [
        (1, "!!!", "ei näytä tiedolta"),
        (1, "moi", "ei näytä tiedolta"),
        (1, "joo", "ei näytä tiedolta"),
        (2, "IT-tuki", "puuttuu puhelinnumero"),
        (2, "tuki@mallila", "Sähköpostiosoite ei ole kokonainen"),
        (3, "huijaus@", "Sähköpostiosoite ei ole kokonainen"),
    ],
)
def test_what_makes_no_sense_is_asked_for_again(
    assistant: Assistant, stores: Stores, boss: str, number: int, value: str, reason: str
) -> None:
    press(assistant, "start")
    for _ in range(number - 1):
        type_in(assistant, "ohita")
    reply = type_in(assistant, value)
    assert reason in reply.text
    assert f"{number}/6" in reply.text
    assert stores.facts.values() == {}


@pytest.mark.parametrize(
    "value", ["IT-tuki, p. 08 123 4567", "helpdesk 4567", "tuki@mallila.fi", "https://tuki.mallila.fi"]
)
def test_support_may_be_reached_by_number_or_address(
    assistant: Assistant, stores: Stores, boss: str, value: str
) -> None:
    press(assistant, "start")
    type_in(assistant, "ohita")
    type_in(assistant, value)
    assert stores.facts.values() == {"it_support": value}


@pytest.mark.parametrize("value", ["131052-308T", "IT-tuki, FI21 1234 5600 0007 85", "salasana: Kissa123"])
def test_a_value_that_must_not_travel_is_asked_for_again(
    assistant: Assistant, stores: Stores, boss: str, value: str
) -> None:
    press(assistant, "start")
    reply = type_in(assistant, value)
    assert "Kirjoita tieto uudelleen" in reply.text
    assert "1/6" in reply.text
    assert stores.facts.values() == {}


@pytest.mark.parametrize("value", ["", "   \n", "\u200b\u202e", "\ud83d"])
def test_nothing_visible_changes_nothing(assistant: Assistant, stores: Stores, boss: str, value: str) -> None:
    stores.facts.put("organisation", "Mallilan kunta")
    press(assistant, "start")
    assert "1/6" in type_in(assistant, value).text
    assert stores.facts.values() == {"organisation": "Mallilan kunta"}


def test_a_value_is_one_line_of_reasonable_length(assistant: Assistant, stores: Stores, boss: str) -> None:
    press(assistant, "start")
    type_in(assistant, "  Mallilan\n  kunta\u200b ")
    type_in(assistant, "08 100 " + "x" * 10_000)
    longest = ("08 100 " + "x" * 10_000)[:LONGEST_VALUE]
    assert stores.facts.values() == {"organisation": "Mallilan kunta", "it_support": longest}


def test_the_present_value_is_shown_and_can_be_replaced(assistant: Assistant, stores: Stores, boss: str) -> None:
    stores.facts.put("organisation", "Mallilan kunta")
    assert "Nyt: Mallilan kunta" in press(assistant, "start").text
    type_in(assistant, "Mallilan kaupunki")
    assert stores.facts.values() == {"organisation": "Mallilan kaupunki"}


def test_a_command_ends_the_run(assistant: Assistant, stores: Stores, boss: str) -> None:
    press(assistant, "start")
    assert type_in(assistant, "teemat").kind == "themes"
    assert type_in(assistant, "salasana vanheni").kind == "tip"
    assert stores.facts.values() == {}


@pytest.mark.parametrize(("typed", "missing"), [("asetukset", "puuttuu"), ("inställningar", "saknas")])
def test_it_sees_the_facts_as_they_are(
    assistant: Assistant, stores: Stores, boss: str, typed: str, missing: str
) -> None:
    stores.facts.put("organisation", "Mallilan kunta")
    reply = type_in(assistant, typed)
    assert "Mallilan kunta" in reply.text
    assert reply.text.count(missing) == len(known_facts()) - 1
    assert steps(reply) == ["start", "rest", "later"]


def test_only_it_sees_or_changes_the_facts(assistant: Assistant, stores: Stores) -> None:
    stores.facts.put("it_support", "secret number")
    for reply in (type_in(assistant, "asetukset", "teams:1"), press(assistant, "start", "teams:1")):
        assert reply.text == "Asetuksia muuttaa tietohallinto."
    assert stores.people.dialog("teams:1") is None


def test_who_lost_the_role_asks_questions_like_everybody(assistant: Assistant, stores: Stores, boss: str) -> None:
    press(assistant, "start")
    stores.people.give_role("teams:other", IT, NOW)
    stores.people.take_role(BOSS, IT)
    assert type_in(assistant, "salasana vanheni").kind == "tip"
    assert stores.facts.values() == {}


@pytest.mark.parametrize("scope", [Scope.CHANNEL, Scope.GROUP])
def test_settings_are_for_private_chats(assistant: Assistant, stores: Stores, boss: str, scope: Scope) -> None:
    stores.facts.put("it_support", "secret number")
    typed = type_in(assistant, "asetukset", scope=scope)
    action = Action("setup", {"step": "start"})
    pressed = assistant.respond(Message("", BOSS, "teams", scope, action), NOW)
    assert typed.kind == pressed.kind == "privately"
    assert stores.people.dialog(BOSS) is None


def test_a_question_in_a_channel_is_no_value(assistant: Assistant, stores: Stores, boss: str) -> None:
    press(assistant, "start")
    assert type_in(assistant, "salasana vanheni", scope=Scope.CHANNEL).kind == "tip"
    assert stores.facts.values() == {}
    assert type_in(assistant, "Mallilan kunta").text.startswith("2/6")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_fact_has_its_words_in_every_language(language: Language) -> None:
    for fact in known_facts().values():
        assert fact.unfilled[language]
        assert fact.name[language]
        assert fact.example[language]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_call_for_help_names_the_support_that_was_told(
    assistant: Assistant, stores: Stores, language: Language
) -> None:
    call = {"fi": "apua", "sv": "hjälp mig", "en": "help me"}[language]
    assert known_facts()["it_support"].unfilled[language] in type_in(assistant, call).text
    stores.facts.put("it_support", "{x} 08 123 4567")
    assert "{x} 08 123 4567" in type_in(assistant, call).text


def test_the_settings_name_the_organisation_until_it_tells_another(stores: Stores, boss: str) -> None:
    named = Assistant(stores, organisation="Asetusten kunta")
    assert named.shelf().facts["organisation"] == "Asetusten kunta"
    stores.facts.put("organisation", "Mallilan kunta")
    assert named.shelf().facts["organisation"] == "Mallilan kunta"


@pytest.mark.parametrize("word", ["peruuta", "lopeta"])
def test_a_word_that_stops_is_no_fact(assistant: Assistant, stores: Stores, boss: str, word: str) -> None:
    press(assistant, "start")
    assert type_in(assistant, word).text == say("fi", "setup_postponed")
    assert stores.facts.values() == {}
    assert stores.people.dialog(boss) is None
