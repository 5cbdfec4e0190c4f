"""Roles, units and tutors in the chat: who may give what, who is whose tutor."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.assistant import Assistant
from bot.messages import say
from bot.models import Action, Mention, Message, Reply, Scope
from bot.outbox import PERSON
from bot.people import COORDINATOR, IT, KEY_USER, PROTECTION, ROLES, TUTOR, Role
from bot.rolenames import asked_for, role_at_start, role_in
from bot.roles import Roles
from bot.stores import Stores
from bot.welcoming import Welcoming
from tests.conftest import NOW
from tips.models import LANGUAGES, Language

BOSS, LEAD, MAIJA, STAFF = "slack:UBOSS", "slack:ULEAD", "slack:UMAIJA", "slack:USTAFF"


@pytest.fixture(autouse=True)
def them(stores: Stores) -> None:
    stores.people.give_role(BOSS, IT, NOW)
    stores.people.give_role(LEAD, COORDINATOR, NOW)


def said(assistant: Assistant, text: str, person: str = BOSS, scope: Scope = Scope.PERSONAL, *names: Mention) -> Reply:
    return assistant.respond(Message(text, person, "slack", scope, place="C1", mentions=names), NOW)


def press(assistant: Assistant, action: Action, person: str = BOSS, scope: Scope = Scope.PERSONAL) -> Reply:
    return assistant.respond(Message("", person, "slack", scope, action, place="C1"), NOW)


def buttons(reply: Reply) -> dict[str, Action]:
    return {button.label: button.action for choice in reply.choices for button in choice.buttons}


@pytest.mark.parametrize(
    ("text", "role"),
    [
        ("Digitutor", TUTOR),
        ("digitutori", TUTOR),
        ("paakayttaja", KEY_USER),
        ("key user", KEY_USER),
        ("key_user", KEY_USER),
        ("dataskyddsombud", PROTECTION),
        ("IT", IT),
        ("", ""),
        ("kuningas", None),
    ],
)
def test_a_role_is_known_by_its_names(text: str, role: str | None) -> None:
    assert role_in(text) == role


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Kuka on meidän digitutor?", (TUTOR, "")),
        ("kuka on mun tutori", (TUTOR, "")),
        ("Kuka on HR-järjestelmän pääkäyttäjä?", (KEY_USER, "hr järjestelmän")),
        ("kuka on päiväkoti Kielon digitutor", (TUTOR, "päiväkoti kielon")),
        ("Vem är vår digitutor?", (TUTOR, "")),
        ("vem är huvudanvändare för Wilma?", (KEY_USER, "wilma")),
        ("Who is the key user of Wilma?", (KEY_USER, "wilma")),
        ("who is our data protection officer?", (PROTECTION, "")),
        ("kuka on tietosuojavastaava", (PROTECTION, "")),
        ("mikä on digitutor", None),
        ("kuka näkee kalenterini", None),
        ("", None),
    ],
)
def test_whom_somebody_asks_for(text: str, found: tuple[str, str] | None) -> None:
    assert asked_for(text) == found


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_role_is_understood_by_the_name_that_it_is_shown_by(language: Language) -> None:
    assert [role for role in ROLES if role_in(say(language, f"role_{role}")) != role] == []


def test_a_role_stands_before_its_system() -> None:
    assert role_at_start("key user Visma Time") == (KEY_USER, "Visma Time")
    assert role_at_start("Visma") is None


@pytest.mark.parametrize(
    ("typed", "role"),
    [
        ("anna rooli digitutor slack:UMAIJA", Role(TUTOR)),
        ("Anna rooli pääkäyttäjä HR-järjestelmä slack:UMAIJA", Role(KEY_USER, "HR-järjestelmä")),
        ("ge roll samordnare slack:UMAIJA", Role(COORDINATOR)),
        ("give role IT slack:UMAIJA", Role(IT)),
    ],
)
def test_it_gives_any_role_by_words(assistant: Assistant, stores: Stores, typed: str, role: Role) -> None:
    said(assistant, typed)
    assert stores.people.person(MAIJA).roles == (role,)


@pytest.mark.parametrize("typed", ["anna rooli IT slack:UMAIJA", "anna rooli tietohallinto slack:UMAIJA"])
def test_the_coordinator_gives_all_but_its(assistant: Assistant, stores: Stores, typed: str) -> None:
    assert "vain tietohallinto" in said(assistant, typed, LEAD).text
    assert stores.people.person(MAIJA).roles == ()
    said(assistant, "anna rooli digitutor slack:UMAIJA", LEAD)
    assert stores.people.person(MAIJA).has(TUTOR)


@pytest.mark.parametrize("typed", ["anna rooli digitutor slack:UMAIJA", "roolit", "ota rooli IT pois slack:UBOSS"])
def test_staff_give_and_take_and_see_none(assistant: Assistant, stores: Stores, typed: str) -> None:
    assert "tietohallinto tai koordinaattori" in said(assistant, typed, STAFF).text
    assert stores.people.person(MAIJA).roles == ()
    assert stores.people.person(BOSS).has(IT)


@pytest.mark.parametrize("role", ROLES)
def test_a_forged_press_gives_nothing(assistant: Assistant, stores: Stores, role: str) -> None:
    action = Action("roles", {"step": "give", "to": STAFF, "role": role, "system": "Wilma" if role == KEY_USER else ""})
    press(assistant, action, STAFF)
    assert stores.people.person(STAFF).roles == ()


@pytest.mark.parametrize(
    "values",
    [{}, {"role": "king", "to": MAIJA}, {"role": TUTOR, "to": "x"}, {"role": TUTOR, "system": "W", "to": MAIJA}],
)
def test_a_press_that_means_nothing_is_outdated(assistant: Assistant, values: dict[str, str]) -> None:
    assert press(assistant, Action("roles", {"step": "give", **values})).kind == "gone"


def test_roles_are_given_and_taken_by_buttons(assistant: Assistant, stores: Stores) -> None:
    which = buttons(said(assistant, "anna rooli maija@kunta.fi"))
    assert next(iter(which)) == "tietohallinto"
    press(assistant, which["digitutor"])
    person = stores.people.person("mail:maija@kunta.fi")
    assert person.roles == (Role(TUTOR),)
    shown = said(assistant, "roolit")
    assert "- maija@kunta.fi: digitutor" in shown.text
    back = buttons(press(assistant, buttons(shown)["Ota pois: maija@kunta.fi, digitutor"]))
    assert stores.people.person(person.id).roles == ()
    press(assistant, back["Anna takaisin"])
    assert stores.people.person(person.id).roles == (Role(TUTOR),)


def test_the_system_of_a_key_user_is_asked_for(assistant: Assistant, stores: Stores) -> None:
    asked = press(assistant, buttons(said(assistant, "anna rooli slack:UMAIJA"))["pääkäyttäjä"])
    assert "järjestelmän nimi" in asked.text
    said(assistant, "Wilma.")
    assert stores.people.person(MAIJA).roles == (Role(KEY_USER, "Wilma"),)
    assert stores.people.dialog(BOSS) is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_visitor_of_the_preview_is_not_called_by_the_cookie(
    assistant: Assistant, stores: Stores, language: Language
) -> None:
    stores.people.give_role("preview:Zm9vYmFyYmF6cXV4MDEyMw", TUTOR, NOW)
    stores.people.choose_language(BOSS, language, NOW)
    reply = said(assistant, {"fi": "roolit", "sv": "roller", "en": "roles"}[language])
    assert say(language, "role_preview") in reply.text
    assert "Zm9v" not in reply.text + " ".join(buttons(reply))


def test_the_last_of_it_stays(assistant: Assistant, stores: Stores) -> None:
    assert "viimeinen" in said(assistant, "ota rooli IT pois slack:UBOSS").text
    stores.people.give_role(MAIJA, IT, NOW)
    said(assistant, "ota rooli IT pois slack:UBOSS")
    assert stores.people.it() == [MAIJA]


def test_a_mention_names_the_person(assistant: Assistant, stores: Stores) -> None:
    said(assistant, "anna rooli digitutor", BOSS, Scope.CHANNEL, Mention(MAIJA, "Maija Meikäläinen"))
    assert stores.people.person(MAIJA).name == "Maija Meikäläinen"
    assert said(assistant, "kuka on meidän digitutor?", STAFF).text == "Digitutorit: Maija Meikäläinen."
    assert said(assistant, "anna rooli digitutor", BOSS, Scope.CHANNEL).kind == "privately"


def test_a_new_tutor_is_told_once_in_private_and_may_practise(assistant: Assistant, stores: Stores) -> None:
    said(assistant, "anna rooli digitutor slack:UMAIJA")
    said(assistant, "anna rooli digitutor slack:UMAIJA")
    (letter,) = stores.outbox.due(NOW)
    assert (letter.recipient, letter.kind) == (PERSON + MAIJA, "tutor")
    told = Welcoming(stores.people).letter(MAIJA, "fi")
    assert told
    assert "Minä autan" in told.text
    assert "Harjoitus" in press(assistant, buttons(told)["Harjoittele"], MAIJA).text
    assert "Juuri näin" in said(assistant, "Paina kameran vierestä nuolta.", MAIJA).text
    assert Welcoming(stores.people).letter(STAFF, "fi") is None


def test_a_wish_for_a_role_comes_with_a_button_to_who_may_grant_it(assistant: Assistant, stores: Stores) -> None:
    assert "Kirjoita rooli perään" in said(assistant, "pyydä rooli", MAIJA).text
    assert "Kerroin toiveesi" in said(assistant, "haluan digitutoriksi", MAIJA).text
    letters = stores.outbox.due(NOW)
    assert [letter.recipient for letter in letters] == [PERSON + BOSS, PERSON + LEAD]
    roles = Roles(stores.people, stores.outbox)
    wish = roles.letter({**letters[0].values, "name": "Maija Mäki"}, "fi")
    assert wish
    press(assistant, buttons(wish)["Anna rooli"], STAFF)
    assert stores.people.person(MAIJA).roles == ()
    press(assistant, buttons(wish)["Anna rooli"], LEAD)
    assert stores.people.person(MAIJA).name == "Maija Mäki"
    assert stores.people.person(MAIJA).roles == (Role(TUTOR),)
    assert roles.letter(letters[0].values, "fi") is None
    assert "on jo rooli" in said(assistant, "haluan digitutoriksi", MAIJA).text
    said(assistant, "pyydä rooli tietohallinto", STAFF)
    assert [letter.recipient for letter in stores.outbox.due(NOW) if "it" in letter.matter] == [PERSON + BOSS]


def test_who_knows_a_system(assistant: Assistant, stores: Stores) -> None:
    stores.people.give_role(MAIJA, KEY_USER, NOW, "HR-järjestelmä")
    stores.people.call(MAIJA, "Maija", NOW)
    assert said(assistant, "kuka on HR-järjestelmän pääkäyttäjä?", STAFF).text == "Pääkäyttäjä (HR-järjestelmä): Maija."
    assert "Tiedän nämä: HR-järjestelmä" in said(assistant, "kuka on Wilman pääkäyttäjä?", STAFF).text


def test_where_nobody_has_the_role_the_tips_are_asked(assistant: Assistant) -> None:
    assert said(assistant, "kuka on tietosuojavastaava?", STAFF).kind != "who"
    assert said(assistant, "kuka on Wilman pääkäyttäjä?", STAFF).kind != "who"
    assert "ei ole juuri nyt" in said(assistant, "kuka on meidän digitutor?", STAFF).text


def test_whose_tutor_is_nearest(assistant: Assistant, stores: Stores) -> None:
    school = stores.units.put(["Sivistys", "Keskuskoulu"])
    day_care = stores.units.put(["Sivistys", "Päiväkoti Kielo"])
    for person, unit, name in ((MAIJA, school, "Maija"), (LEAD, stores.units.put(["Sivistys"]), "Liisa")):
        stores.people.give_role(person, TUTOR, NOW)
        stores.people.call(person, name, NOW)
        stores.units.join(person, unit.id)
    first = said(assistant, "kuka on meidän digitutor?", STAFF)
    assert first.text == "Digitutorit: Liisa, Maija."
    assert list(buttons(first)) == ["Valitse yksikkösi"]
    stores.units.join(STAFF, day_care.id)
    assert said(assistant, "kuka on meidän digitutor?", STAFF).text == "Digitutor, Päiväkoti Kielo: Liisa."
    assert said(assistant, "kuka on Keskuskoulun digitutor?", STAFF).text == "Digitutor, Keskuskoulu: Maija."
    stores.units.learn(MAIJA, ["passwords"])
    assert said(assistant, "kuka on salasanojen digitutor?", STAFF).text == "Aiheen Salasanat osaa: Maija."


def test_a_person_picks_a_unit_once(assistant: Assistant, stores: Stores) -> None:
    assert "ei ole vielä" in said(assistant, "yksikkö", STAFF).text
    stores.units.put(["Sivistys", "Päiväkoti Kielo"])
    stores.units.put(["Sivistys", "Keskuskoulu"])
    below = buttons(press(assistant, buttons(said(assistant, "yksikkö", STAFF))["Sivistys"], STAFF))
    assert list(below) == ["Keskuskoulu", "Päiväkoti Kielo", "Tämä: Sivistys"]
    press(assistant, below["Keskuskoulu"], STAFF)
    assert stores.units.of(STAFF) == stores.units.get("sivistys/keskuskoulu")
    assert "Yksikkö: Keskuskoulu" in said(assistant, "näytä tietoni", STAFF).text
    said(assistant, "yksikkö Kielo", STAFF)
    assert stores.units.of(STAFF) == stores.units.get("sivistys/paivakoti-kielo")
    press(assistant, buttons(said(assistant, "vaihda yksikkö", STAFF))["Poista valinta"], STAFF)
    assert stores.units.of(STAFF) is None
    assert press(assistant, Action("unit", {"step": "join", "unit": "no/such"}), STAFF).kind == "gone"


def test_who_is_away_is_not_named(assistant: Assistant, stores: Stores) -> None:
    stores.people.give_role(MAIJA, TUTOR, NOW)
    assert "Olet takaisin" in said(assistant, "olen poissa 2 viikkoa", MAIJA).text
    assert stores.units.away(NOW + timedelta(days=13)) == {MAIJA}
    assert stores.units.away(NOW + timedelta(days=14)) == frozenset()
    assert "ei ole juuri nyt" in said(assistant, "kuka on meidän digitutor?", STAFF).text
    said(assistant, "olen paikalla", MAIJA)
    assert stores.units.away(NOW) == frozenset()
    assert "kuinka kauan" in said(assistant, "olen lomalla", MAIJA).text


@pytest.mark.parametrize(
    "text",
    [
        "olen lomalla, miten laitan poissaoloviestin?",
        "yksikkö ei näy Wilmassa",
        "unit conversion in Excel",
        "roolit Teamsissa",
    ],
)
def test_a_question_that_begins_like_a_command_is_a_question(assistant: Assistant, stores: Stores, text: str) -> None:
    stores.units.put(["Keskuskoulu"])
    assert said(assistant, text, STAFF).kind in ("tip", "suggest", "hand_over")
    assert stores.units.away(NOW) == frozenset()


def test_tutors_are_told_of_their_commands(assistant: Assistant, stores: Stores) -> None:
    stores.people.give_role(MAIJA, TUTOR, NOW)
    assert "luonnokset" in said(assistant, "ohje", MAIJA).text
    assert "luonnokset" not in said(assistant, "ohje", STAFF).text


def test_the_help_is_by_role(assistant: Assistant, stores: Stores) -> None:
    stores.people.give_role(MAIJA, COORDINATOR, NOW)
    assert "**Koordinaattorille myös:**" in said(assistant, "ohje", MAIJA).text
    stores.people.give_role(MAIJA, IT, NOW)
    told = said(assistant, "ohje", MAIJA).text
    assert "**Tietohallinnolle myös:**" in told
    assert "**Koordinaattorille" not in told
    assert "**Digitutorille myös:**" in told


def test_a_small_unit_is_shown_as_its_division(stores: Stores) -> None:
    kitchen = stores.units.put(["Tekniset", "Keittiö"])
    for number in range(4):
        stores.units.join(f"slack:U{number}", kitchen.id)
    assert stores.units.shown(kitchen.id) == ""
    stores.units.join("slack:U5", stores.units.put(["Tekniset", "Siivous"]).id)
    assert stores.units.shown(kitchen.id) == "Tekniset"
    stores.units.join("slack:U6", kitchen.id)
    assert stores.units.shown(kitchen.id) == "Keittiö"


def test_a_recognised_person_takes_over_the_roles_of_the_address(stores: Stores) -> None:
    stores.people.give_role("mail:maija@kunta.fi", TUTOR, NOW)
    stores.people.call("mail:maija@kunta.fi", "Maija", NOW)
    assert stores.people.recognise(MAIJA, "Maija@Kunta.fi", NOW)
    assert (stores.people.person(MAIJA).name, stores.people.having(TUTOR)) == ("Maija", [MAIJA])
    assert not stores.people.recognise(STAFF, "maija@kunta.fi", NOW)


def test_erasing_ones_data_takes_role_and_unit(assistant: Assistant, stores: Stores) -> None:
    stores.people.give_role(MAIJA, TUTOR, NOW)
    stores.units.join(MAIJA, stores.units.put(["Keittiö"]).id)
    press(assistant, Action("delete", {"answer": "yes", "lang": "fi"}), MAIJA)
    assert stores.people.person(MAIJA).roles == ()
    assert stores.units.of(MAIJA) is None
