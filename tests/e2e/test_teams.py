"""Teams, by Microsoft's own local client for it, the Agents Playground, in a real browser.

Its people use Teams in English, which is all that it can; questions are answered in the language they are asked in.
"""

from __future__ import annotations

from playwright.sync_api import expect

from tests.e2e.teamspage import Teams


def test_the_welcome_is_said_once_and_its_examples_answer(teams: Teams) -> None:
    expect(teams.cards).to_contain_text("Hi, I am Digivinkki.")
    expect(teams.cards).to_contain_text("Your colleagues cannot see this chat")
    teams.cards.get_by_role("button", name="My password has expired").click()
    expect(teams.cards).to_contain_text("Did this help?")


def test_an_uninstalled_bot_is_met_anew(teams: Teams) -> None:
    teams.trigger("Uninstall application")
    teams.trigger("Install application")
    expect(teams.cards).to_have_count(2)
    expect(teams.cards.last).to_contain_text("Hi, I am Digivinkki.")


def test_a_personal_question_is_answered_with_a_card_that_a_press_changes(teams: Teams) -> None:
    question = "salasana vanheni, mitä teen?"
    teams.say(question)
    asked, card = teams.page.get_by_text(question, exact=True).first, teams.cards.last
    expect(card.get_by_role("heading")).to_have_text("Vaihda salasana, vaikka se olisi jo vanhentunut")
    expect(card).to_contain_text("Salasanat · Tarkistettu")
    teams.photograph("teams-answer.png", asked, card)
    card.get_by_role("button", name="Auttoi", exact=True).click()
    expect(card).to_contain_text("Kiva kuulla!")
    expect(card.get_by_role("heading")).to_be_visible()
    expect(card.get_by_role("button")).to_have_count(0)


def test_a_candidate_is_shown_in_the_place_of_the_answer(teams: Teams) -> None:
    teams.say("miten liityn palaveriin puhelimella")
    card = teams.cards.last
    rows = card.get_by_role("button").filter(has_text="›")
    expect(rows).to_have_count(2)
    title = str(rows.first.get_attribute("aria-label"))
    rows.first.click()
    expect(card.get_by_role("heading")).to_have_text(title)
    card.get_by_role("button", name="Ei auttanut").click()
    expect(card).to_contain_text("Harmi.")


def test_a_group_chat_is_welcomed_and_a_mention_in_it_answered(teams: Teams) -> None:
    teams.go_to("Keittiön väki")
    expect(teams.cards).to_have_count(1)
    expect(teams.cards).to_contain_text("Mention me when you ask here")
    teams.say("miten tunnistan huijausviestin", mention=True)
    expect(teams.cards.last.get_by_role("heading")).to_have_text("Tunnista huijausviesti")


def test_a_mention_in_a_channel_is_answered_in_its_thread(teams: Teams) -> None:
    teams.go_to("Digivinkit")
    left_alone = teams.post("onko kahvia?", mention=False)
    thread = teams.post("sain oudon viestin, onko se huijaus")
    card = thread.locator(teams.cards)
    expect(card).to_have_count(1)
    expect(card).to_contain_text("Auttoiko tämä?")
    teams.photograph("teams-channel.png", thread, card)
    card.get_by_role("button", name="Auttoi", exact=True).click()
    expect(card).to_contain_text("Kiva kuulla!")
    expect(left_alone.locator(teams.cards)).to_have_count(0)


def test_a_question_without_an_answer_says_so(teams: Teams) -> None:
    teams.say("mikä on paras kryptovaluutta")
    expect(teams.cards.last).to_contain_text("En ala arvailla")
    teams.say("teemat")
    expect(teams.cards.last.get_by_role("button", name="Salasanat")).to_be_visible()


def test_the_message_extension_finds_a_tip_to_insert(teams: Teams) -> None:
    teams.search("salasana")
    teams.page.get_by_text("Tee joka palveluun oma salasana").click()
    inserted = teams.cards.last
    expect(inserted.get_by_role("heading")).to_have_text("Tee joka palveluun oma salasana")
    expect(inserted.get_by_role("button")).to_have_count(0)
    teams.page.get_by_role("button", name="Send Message").click()
    expect(teams.cards.last).to_contain_text("Type your question")
