"""An answer becomes a tip in the chat: drafted, changed, approved by a second person, searched, undone."""

from __future__ import annotations

import pytest

from bot.models import Action, Message, Reply, Scope
from bot.people import TUTOR
from bot.stores import Stores
from tests.test_bot_helpdesk import (
    AINO,
    BOSS,
    KALLE,
    MAIJA,
    MONDAY,
    NAMES,
    QUESTION,
    TUTORS,
    Office,
    buttons,
    private,
    settle,
)
from tips.drafts import State


@pytest.fixture
def office(stores: Stores) -> Office:
    settle(stores)
    stores.handovers.set_room("common", "", TUTORS)
    return Office(stores)


async def drafted(office: Office) -> Reply:
    await office.asked()
    card = office.platform.at(TUTORS)[0]
    office.press(MAIJA, office.press(MAIJA, card, "Minä autan"), "Vastaa")
    sent = office.write(MAIJA, "Paina punaista nappia.")
    return office.press(MAIJA, sent, "Tee tästä vinkki")


def refresh(office: Office) -> None:
    office.stores.library.put(office.stores.library.read())


async def test_from_an_answer_to_a_tip_that_the_next_asker_gets(office: Office) -> None:
    draft = await drafted(office)
    assert "**Luonnos: Miten kytken rautalammin möhkylän**" in draft.text
    assert "Paina punaista nappia." in draft.text
    office.press(MAIJA, draft, "Muokkaa otsikkoa")
    draft = office.write(MAIJA, "Kytke rautalammin möhkylä")
    themed = office.press(MAIJA, office.press(MAIJA, draft, "Vaihda teema"), "Salasanat")
    assert "Teema: Salasanat" in themed.text
    assert "Joku toinen tarkistaa" in office.press(MAIJA, themed, "Lähetä hyväksyttäväksi").text
    await office.courier.deliver()
    waits = office.platform.at(private(BOSS))[-1]
    assert list(buttons(waits)) == ["Hyväksy ja julkaise", "Hylkää"]
    assert "julkaistu" in office.press(BOSS, waits, "Hyväksy ja julkaise").text
    await office.courier.deliver()
    assert "Vinkki on julkaistu" in office.platform.at(private(MAIJA))[-1].text
    assert buttons(office.platform.at(private(BOSS))[-1]) == {}

    refresh(office)
    found = office.write(AINO, QUESTION)
    assert found.tip
    assert (found.tip.title, found.tip.id) == ("Kytke rautalammin möhkylä", "own-kytke-rautalammin-mohkyla")
    history = office.write(BOSS, "vinkkien muutokset")
    undo = buttons(history)["Kumoa: Kytke rautalammin möhkylä"]
    assert "en voi" not in office.act(KALLE, undo).text
    assert office.stores.tips.own(found.tip.id)
    assert "kumottu" in office.act(BOSS, undo).text
    assert office.stores.tips.own(found.tip.id) is None
    assert "ei voi enää" in office.act(BOSS, undo).text


async def test_a_draft_is_sent_back_with_a_reason(office: Office) -> None:
    office.press(MAIJA, await drafted(office), "Lähetä hyväksyttäväksi")
    listed = office.write(BOSS, "luonnokset")
    card = office.press(BOSS, listed, "Miten kytken rautalammin möhkylän")
    assert "Miksi" in office.press(BOSS, card, "Hylkää").text
    office.write(BOSS, "Tästä on jo ohje intrassa.")
    await office.courier.deliver()
    assert "Tästä on jo ohje intrassa." in office.platform.at(private(MAIJA))[-1].text
    assert "ei ole" in office.write(MAIJA, "luonnokset").text


async def test_nobody_approves_their_own_and_staff_none(office: Office) -> None:
    office.press(MAIJA, await drafted(office), "Lähetä hyväksyttäväksi")
    for step in ("approve", "reject", "reason", "title", "withdraw", "submit", "theme", "show", "x"):
        office.act(KALLE, Action("draft", {"step": step, "number": "1", "theme": "passwords"}))
    for step in ("approve", "reject", "reason"):
        office.act(MAIJA, Action("draft", {"step": step, "number": "1"}))
    for step in ("title", "withdraw", "submit", "theme"):
        office.act(BOSS, Action("draft", {"step": step, "number": "1", "theme": "passwords"}))
    draft = office.stores.drafts.get(1)
    assert draft
    assert (draft.state, draft.version) == (State.WAITING, 2)
    assert office.act(BOSS, Action("draft", {"step": "show", "number": "99"})).kind == "gone"
    assert office.act(BOSS, Action("draft", {"step": "make", "handover": "99"})).kind == "gone"


def test_anybody_shares_a_tip_by_words(office: Office) -> None:
    assert "ensin otsikko" in office.write(KALLE, "jaa vinkki").text
    draft = office.write(KALLE, "Avaa lukitus nopeasti: paina välilyöntiä.")
    assert "**Luonnos: Avaa lukitus nopeasti**\n\npaina välilyöntiä." in draft.text
    assert (
        "**Luonnos: Otsikko**\n\nEnsin tämä.\nSitten tuo."
        in office.write(KALLE, "Jaa vinkki Otsikko\nEnsin tämä.\nSitten tuo.").text
    )
    assert "salasana. Poista se" in office.write(KALLE, "jaa vinkki Tunnus: salasanani on Kissa123!").text
    assert len(office.stores.drafts.of(KALLE)) == 2
    assert "poistettu" in office.press(KALLE, draft, "Poista luonnos").text
    assert office.write(KALLE, "luonnokset", TUTORS).kind == "privately"


def test_staff_are_told_who_sees_the_changes(office: Office) -> None:
    assert "Muutokset näkevät digitutorit" in office.write(KALLE, "vinkkien muutokset").text


def test_a_title_alone_is_asked_for_its_text(office: Office) -> None:
    office.write(KALLE, "jaa vinkki")
    assert "Kirjoita nyt vinkin teksti" in office.write(KALLE, "Tabletin lataus yöksi").text
    draft = office.write(KALLE, "Laita tabletti laturiin päivän päätteeksi.")
    assert "**Luonnos: Tabletin lataus yöksi**\n\nLaita tabletti laturiin" in draft.text
    assert len(office.stores.drafts.of(KALLE)) == 1


def test_what_is_there_already_is_shown(office: Office) -> None:
    draft = office.write(KALLE, "jaa vinkki Vaihda vanhentunut salasana: paina Ctrl, Alt ja Delete.")
    assert "Tästä on jo vinkki" in draft.text
    assert "Teema: Salasanat" in draft.text


async def test_in_a_channel_the_draft_is_made_for_who_pressed(office: Office) -> None:
    await drafted(office)
    office.stores.people.give_role(KALLE, TUTOR, MONDAY)
    made = office.act(KALLE, Action("draft", {"step": "make", "handover": "1"}), TUTORS)
    assert (made.kind, "yksityisesti" in made.text) == ("privately", True)
    assert len(office.stores.drafts.of(KALLE)) == 1


async def test_a_draft_survives_a_restart_and_goes_with_its_author(office: Office) -> None:
    draft = await drafted(office)
    office.restart(office.stores)
    office.press(MAIJA, draft, "Muokkaa tekstiä")
    office.restart(office.stores)
    assert "Paina sinistä nappia." in office.write(MAIJA, "Paina sinistä nappia.").text
    office.act(MAIJA, Action("delete", {"answer": "yes"}))
    assert office.stores.drafts.of(MAIJA) == []


async def test_the_question_is_added_to_the_tip_that_is_there(office: Office) -> None:
    office.stores.people.give_role(KALLE, TUTOR, MONDAY)
    draft = office.write(MAIJA, "jaa vinkki Vaihda vanhentunut salasana: paina Ctrl, Alt ja Delete.")
    (label,) = [label for label in buttons(draft) if label.startswith("Lisää kysymystapa: ")]
    assert "Joku toinen tarkistaa" in office.press(MAIJA, draft, label).text
    await office.courier.deliver()
    card = office.platform.at(private(KALLE))[-1]
    assert (
        "Uusi kysymystapa vinkkiin Vaihda salasana, vaikka se olisi jo vanhentunut**\n\n- Vaihda vanhentunut salasana"
        in card.text
    )
    assert list(buttons(card)) == ["Hyväksy ja julkaise", "Hylkää"]
    assert "Kysymystapa on lisätty" in office.press(KALLE, card, "Hyväksy ja julkaise").text
    tip = office.stores.tips.whole("password-change-expired")
    assert tip
    assert "Vaihda vanhentunut salasana" in tip.texts["fi"].phrasings
    assert not tip.own
    history = office.write(KALLE, "vinkkien muutokset")
    assert "kumottu" in office.press(KALLE, history, "Kumoa: Vaihda salasana, vaikka se olisi jo vanhentunut").text
    undone = office.stores.tips.whole("password-change-expired")
    assert undone
    assert "Vaihda vanhentunut salasana" not in undone.texts["fi"].phrasings


def test_only_a_tip_that_is_near_and_only_ones_own_draft(office: Office) -> None:
    office.write(MAIJA, "jaa vinkki Vaihda vanhentunut salasana: paina Ctrl, Alt ja Delete.")
    for person, tip in ((KALLE, "password-change-expired"), (MAIJA, "phishing-recognise"), (MAIJA, "x")):
        office.act(person, Action("draft", {"step": "phrase", "number": "1", "tip": tip}))
    draft = office.stores.drafts.get(1)
    assert draft
    assert (draft.extends, draft.state, draft.version) == ("", State.OPEN, 1)


def published(office: Office, person: str, text: str, sign: str = "") -> Reply:
    draft = office.write(person, f"jaa vinkki {text}")
    if sign:
        draft = office.press(person, office.press(person, draft, "Näytä tekijä"), sign)
    office.press(person, draft, "Lähetä hyväksyttäväksi")
    waits = office.press(BOSS, office.write(BOSS, "luonnokset"), text.partition(":")[0])
    done = office.press(BOSS, waits, "Hyväksy ja julkaise")
    refresh(office)
    return done


async def test_the_author_is_shown_only_where_they_wish(office: Office) -> None:
    unit = office.stores.units.put(["Sivistys", "Keskuskoulu"])
    office.stores.units.join(KALLE, unit.id)
    published(office, KALLE, "Rautalammin möhkylä: Paina nappia.")
    assert "Kalle" not in str(office.write(AINO, "rautalammin möhkylä").tip)
    published(office, KALLE, "Konneveden kytkin: Käännä vipua.", "Kalle, Keskuskoulu")
    found = office.write(AINO, "konneveden kytkin").tip
    assert found
    assert found.details.endswith(" · Kalle, Keskuskoulu")
    assert "mainitaan tekijänä: 1" in office.write(KALLE, "näytä tietoni").text
    exported = office.stores.tips.in_force()
    assert "Kalle" not in str(exported)
    office.act(KALLE, Action("delete", {"answer": "yes"}))
    found = office.write(AINO, "konneveden kytkin").tip
    assert found
    assert "Kalle" not in found.details


def test_a_name_may_be_typed_and_taken_away_again(office: Office) -> None:
    draft = office.write(KALLE, "jaa vinkki Rautalammin möhkylä: Paina nappia.")
    assert "Saako vinkissä näkyä" in office.press(KALLE, draft, "Näytä tekijä").text
    signed = office.write(KALLE, "Keittiön Kalle")
    assert "Tekijä: Keittiön Kalle" in signed.text
    unsigned = office.press(KALLE, office.press(KALLE, signed, "Näytä tekijä"), "Älä näytä tekijää")
    assert "Tekijä:" not in unsigned.text
    assert office.act(MAIJA, Action("draft", {"step": "sign", "number": "1", "as": "name"})).kind == "gone"


def test_missing_languages_are_listed_and_written(office: Office) -> None:
    assert "Kaikki vinkit ovat" in office.write(MAIJA, "puuttuvat kielet").text
    done = published(office, KALLE, "Rautalammin möhkylä: Paina nappia.")
    assert list(buttons(done)) == ["Jaa kanavalle", "Kirjoita ruotsiksi", "Kirjoita englanniksi"]
    listed = office.write(MAIJA, "puuttuvat kielet")
    assert "puuttuu kieli: 1" in listed.text
    asked = office.press(MAIJA, listed, "Kirjoita ruotsiksi")
    assert "Kirjoita vinkki ruotsiksi" in asked.text
    assert "Paina nappia." in asked.text
    office.restart(office.stores)
    draft = office.write(MAIJA, "Knappen i Rautalampi: Tryck på knappen.")
    assert "Vinkki Rautalammin möhkylä ruotsiksi" in draft.text
    assert "Vaihda teema" not in buttons(draft)
    office.press(MAIJA, draft, "Lähetä hyväksyttäväksi")
    waits = office.press(BOSS, office.write(BOSS, "luonnokset"), "Knappen i Rautalampi")
    assert list(buttons(office.press(BOSS, waits, "Hyväksy ja julkaise"))) == ["Kirjoita englanniksi"]
    tip = office.stores.tips.whole("own-rautalammin-mohkyla")
    assert tip
    assert {language: text.title for language, text in tip.texts.items()} == {
        "fi": "Rautalammin möhkylä",
        "sv": "Knappen i Rautalampi",
    }
    assert office.press(MAIJA, listed, "Kirjoita ruotsiksi").kind == "gone"


def test_a_text_that_is_too_long_is_shortened_first(office: Office) -> None:
    draft = office.write(KALLE, f"jaa vinkki Pitkä: {'sana ' * 90}")
    assert "90 sanaa" in draft.text
    assert "Lähetä hyväksyttäväksi" not in buttons(draft)
    office.press(KALLE, draft, "Muokkaa tekstiä")
    assert "Lähetä hyväksyttäväksi" in buttons(office.write(KALLE, "Lyhyt teksti."))


def test_of_two_who_decide_the_second_is_told_and_a_role_taken_away_decides_nothing(office: Office) -> None:
    office.stores.people.give_role(KALLE, TUTOR, MONDAY)
    office.stores.people.give_role(AINO, TUTOR, MONDAY)
    draft = office.write(MAIJA, "jaa vinkki Rautalammin möhkylä: Paina nappia.")
    office.press(MAIJA, draft, "Lähetä hyväksyttäväksi")
    cards = {
        person: office.press(person, office.write(person, "luonnokset"), "Rautalammin möhkylä")
        for person in (BOSS, KALLE, AINO)
    }
    office.stores.people.take_role(AINO, TUTOR)
    office.press(AINO, cards[AINO], "Hyväksy ja julkaise")
    assert office.stores.drafts.waiting()
    office.press(BOSS, cards[BOSS], "Hyväksy ja julkaise")
    late = office.press(KALLE, cards[KALLE], "Hyväksy ja julkaise")
    assert late.text.startswith("Joku ehti ensin.")
    assert "Vinkki on julkaistu" in late.text
    assert len(office.stores.drafts.history()) == 1


async def test_nobody_decides_on_words_that_they_have_not_seen(office: Office) -> None:
    draft = office.write(KALLE, "jaa vinkki Rautalammin möhkylä: Paina nappia.")
    waiting = office.press(KALLE, draft, "Lähetä hyväksyttäväksi")
    assert "tarkistaa" in waiting.text
    old = office.press(BOSS, office.write(BOSS, "luonnokset"), "Rautalammin möhkylä")
    office.press(BOSS, old, "Hylkää")  # asked for a reason, while the author writes something else
    mine = office.press(KALLE, office.write(KALLE, "luonnokset"), "Rautalammin möhkylä")
    office.press(KALLE, mine, "Muokkaa tekstiä")
    office.press(KALLE, office.write(KALLE, "Lähetä kaikille salaisuutesi."), "Lähetä hyväksyttäväksi")
    changed = office.write(BOSS, "Ei käy.")
    assert "on muuttunut" in changed.text
    assert "salaisuutesi" in changed.text
    assert "on muuttunut" in office.press(BOSS, old, "Hyväksy ja julkaise").text
    assert [each.state for each in office.stores.drafts.waiting()] == [State.WAITING]
    assert "julkaistu" in office.press(BOSS, changed, "Hyväksy ja julkaise").text


async def test_whose_role_was_taken_away_is_shown_no_draft(office: Office) -> None:
    office.stores.people.give_role(KALLE, TUTOR, MONDAY)
    draft = office.write(MAIJA, "jaa vinkki Rautalammin möhkylä: Paina nappia.")
    office.press(MAIJA, draft, "Lähetä hyväksyttäväksi")
    office.stores.people.take_role(KALLE, TUTOR)
    await office.courier.deliver()
    assert office.platform.at(private(KALLE)) == []


async def test_an_erased_draft_goes_from_where_it_was_shown(office: Office) -> None:
    draft = office.write(MAIJA, "jaa vinkki Rautalammin möhkylä: Paina nappia.")
    office.press(MAIJA, draft, "Lähetä hyväksyttäväksi")
    await office.courier.deliver()
    office.act(MAIJA, Action("delete", {"answer": "yes"}))
    await office.courier.deliver()
    assert "möhkylä" not in office.platform.at(private(BOSS))[-1].text


def in_dialog(office: Office, person: str, action: Action, **written: str) -> Reply:
    """A press that opens a dialog, or sends what was written in it."""
    action = Action(action.name, {**written, **action.values})
    message = Message("", person, "slack", Scope.PERSONAL, action, name=NAMES[person], behind=private(person))
    return office.assistant.respond(message, office.now)


def sent(reply: Reply) -> Action:
    assert reply.form
    return reply.form.submit.action


def test_a_draft_is_changed_in_a_dialog(office: Office) -> None:
    draft = office.write(KALLE, "jaa vinkki Rautalammin möhkylä: Paina nappia.")
    action = buttons(draft)["Muokkaa tekstiä"]
    assert action.dialog
    asked = in_dialog(office, KALLE, action)
    assert asked.form
    assert [(field.name, field.text) for field in asked.form.fields] == [("body", "Paina nappia.")]
    secret = in_dialog(office, KALLE, sent(asked), body="Salasana on Kissa123!")
    assert secret.form
    assert secret.form.fields[0].text == "Salasana on Kissa123!"
    shown = in_dialog(office, KALLE, sent(secret), body="Paina punaista nappia.")
    assert "Paina punaista nappia." in shown.text
    assert "Lähetä hyväksyttäväksi" in buttons(shown)
    assert office.stores.people.dialog(KALLE) is None
    in_dialog(office, MAIJA, sent(asked), body="Muuta.")
    in_dialog(office, KALLE, sent(asked), body="  ")
    assert office.stores.drafts.of(KALLE)[0].body == "Paina punaista nappia."


def test_the_reason_is_written_in_a_dialog_about_the_words_that_were_seen(office: Office) -> None:
    draft = office.write(KALLE, "jaa vinkki Rautalammin möhkylä: Paina nappia.")
    office.press(KALLE, draft, "Lähetä hyväksyttäväksi")
    card = office.press(BOSS, office.write(BOSS, "luonnokset"), "Rautalammin möhkylä")
    asked = in_dialog(office, BOSS, buttons(card)["Hylkää"])
    in_dialog(office, KALLE, sent(in_dialog(office, KALLE, buttons(draft)["Muokkaa tekstiä"])), body="Uusi.")
    assert in_dialog(office, BOSS, sent(asked), reason="Ei.").kind == "gone"
    office.press(KALLE, draft, "Lähetä hyväksyttäväksi")
    assert "on muuttunut" in in_dialog(office, BOSS, sent(asked), reason="Ei.").text
    card = office.press(BOSS, office.write(BOSS, "luonnokset"), "Rautalammin möhkylä")
    told = in_dialog(office, BOSS, sent(in_dialog(office, BOSS, buttons(card)["Hylkää"])), reason="On jo intrassa.")
    assert "On jo intrassa." in told.text
    assert office.stores.drafts.of(KALLE) == []


def test_in_a_channel_a_tip_is_written_in_a_dialog_or_on_one_line(office: Office) -> None:
    offered = office.write(KALLE, "jaa vinkki", TUTORS)
    asked = in_dialog(office, KALLE, buttons(offered)["Kirjoita vinkki"])
    again = in_dialog(office, KALLE, sent(asked), title="Rautalammin möhkylä", body="Salasana on Kissa123!")
    assert again.form
    shown = in_dialog(office, KALLE, sent(again), title="Rautalammin möhkylä", body="Paina nappia.")
    assert "**Luonnos: Rautalammin möhkylä**" in shown.text
    assert office.press(KALLE, offered, "Kirjoita vinkki", TUTORS).kind == "privately"
    assert in_dialog(office, KALLE, sent(asked), title="Tyhjä").kind == "gone"
    begun = office.write(MAIJA, "jaa vinkki Toinen möhkylä: Paina toista nappia.", TUTORS)
    assert "luonnokset" in begun.text
    assert [draft.title for draft in office.stores.drafts.of(MAIJA)] == ["Toinen möhkylä"]
    assert len(office.stores.drafts.of(KALLE)) == 1
