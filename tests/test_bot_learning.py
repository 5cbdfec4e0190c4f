"""Learning in the chat: presses teach, nothing of people is learnt, tutors see it, approve it and take it back."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from bot.assistant import Assistant
from bot.models import Action, Message, Reply, Scope
from bot.people import TUTOR
from bot.stores import Stores
from bot.wording import teachable
from tests.conftest import NOW, needs_voikko
from tips.answering import KnowledgeBase
from tips.models import LANGUAGES, Language

AINO, KALLE, MAIJA = "teams:aino", "slack:UKALLE", "teams:maija"
QUESTION, TIP = "vanhentunut salasana pitäis saada vaihdettua", "password-change-expired"


@dataclass
class Chat:
    stores: Stores
    assistant: Assistant
    now: list = field(default_factory=lambda: [NOW])

    def write(self, person: str, text: str, scope: Scope = Scope.PERSONAL) -> Reply:
        return self.assistant.respond(Message(text, person, person.split(":", maxsplit=1)[0], scope), self.now[0])

    def act(self, person: str, action: Action, scope: Scope = Scope.PERSONAL) -> Reply:
        return self.assistant.respond(Message("", person, person.split(":", maxsplit=1)[0], scope, action), self.now[0])

    def press(self, person: str, reply: Reply, label: str) -> Reply:
        return self.act(person, buttons(reply)[label])

    def thumb(self, person: str, text: str = QUESTION, helped: bool = True) -> None:
        reply = self.write(person, text)
        self.press(person, reply, "Auttoi" if helped else "Ei auttanut")

    def in_force(self) -> list[str]:
        return [text for said in self.stores.lessons.in_force().values() for text, _ in said]


def buttons(reply: Reply) -> dict[str, Action]:
    return {button.label: button.action for choice in reply.choices for button in choice.buttons}


@pytest.fixture
def chat(stores: Stores, assistant: Assistant) -> Chat:
    stores.people.give_role(MAIJA, TUTOR, NOW)
    return Chat(stores, assistant)


def test_a_thumb_of_two_people_teaches_the_wording_and_the_search_takes_it_in(chat: Chat) -> None:
    chat.thumb(AINO)
    chat.thumb(AINO)
    assert chat.in_force() == []
    assert not chat.stores.library.outdated()
    chat.thumb(KALLE, "Salasana pitäis saada vaihdettua, vanhentunut")
    assert chat.in_force() == [QUESTION]
    assert chat.stores.library.outdated()
    taught = chat.stores.library.read()
    (text,) = [tip.texts["fi"] for tip in taught.pack.tips if tip.id == TIP]
    assert text.learnt == ((QUESTION, 0.5),)
    assert chat.stores.tips.in_force().tips != taught.pack.tips


def test_a_chosen_candidate_teaches_and_a_thumb_down_takes_it_back(chat: Chat) -> None:
    for person in (AINO, KALLE):
        reply = chat.write(person, QUESTION)
        number = buttons(reply)["Auttoi"].values["question"]
        chat.act(person, Action("tip", {"tip": TIP, "question": number, "lang": "fi"}))
    assert chat.in_force() == [QUESTION]
    for person in (AINO, KALLE):
        chat.thumb(person, helped=False)
    assert chat.in_force() == []


def test_a_forged_press_teaches_no_tip_that_the_question_does_not_lead_to(chat: Chat) -> None:
    number = buttons(chat.write(AINO, QUESTION))["Auttoi"].values["question"]
    for person in (AINO, KALLE, MAIJA):
        for tip in ("meeting-join-phone", "no-such-tip"):
            chat.act(person, Action("tip", {"tip": tip, "question": number}))
            chat.act(person, Action("feedback", {"tip": tip, "question": number, "helped": "yes"}))
    assert chat.stores.lessons.all() == []


def test_visitors_of_the_preview_are_one_person_together(chat: Chat) -> None:
    for visitor in ("preview:1", "preview:2", "preview:3"):
        chat.thumb(visitor)
    assert chat.in_force() == []
    assert [lesson.ups for lesson in chat.stores.lessons.all()] == [1]


def test_without_a_place_to_store_it_the_asker_gets_the_answer_all_the_same(chat: Chat) -> None:
    reply = chat.write(AINO, QUESTION)
    chat.stores.database.execute("alter table lessons rename to elsewhere")
    assert chat.press(AINO, reply, "Auttoi").kind == "feedback"


@pytest.mark.parametrize(
    "text",
    [
        "salasana vanheni",
        "Moi, miten saan tulostimen toimimaan?",
        "Teams ei aukea kännykällä",
        "miten Wordissa tehdään sisällysluettelo",
        "VPN ei yhdistä",
    ],
)
def test_a_wording_that_may_be_learnt(starter_base: KnowledgeBase, text: str) -> None:
    assert teachable(text, "fi", starter_base) == text


@pytest.mark.parametrize(
    "text",
    [
        "salasana",
        "moi",
        "kiitos paljon",
        "entä puhelimella?",
        "ei se toimi",
        "miten mutta",
        "salasanani on Kissa123 eikä se toimi",
        "salasanani on [salasana] eikä se toimi",
        "asiakkaan 131052-308T tiedot eivät aukea",
        "soita 040 123 4567 jos salasana vanheni",
        "maija.virtanen@kunta.fi ei saa salasanaa vaihdettua",
        pytest.param("Maija Virtasen salasana vanheni", marks=needs_voikko),
        "Miten vaihdan Zxqvartin salasanan?",
        "katso https://paha.example/salasana",
        "salasana " * 25,
        "salasana vanheni ja " + "pitkä" * 40,
        "tapaus 20260113 salasana vanheni",
    ],
)
def test_a_wording_that_is_not_learnt(starter_base: KnowledgeBase, text: str) -> None:
    assert teachable(text, "fi", starter_base) is None


def test_a_tutor_approves_removes_and_restores(chat: Chat) -> None:
    chat.thumb(AINO)
    listed = chat.write(MAIJA, "opitut kysymystavat")
    assert [choice.label for choice in listed.choices] == ["Odottaa toista ihmistä tai hyväksyntää:"]
    card = chat.press(MAIJA, listed, QUESTION)
    assert "Haku ei käytä tätä vielä" in card.text
    card = chat.press(MAIJA, card, "Hyväksy")
    assert "Hyväksytty" in card.text
    assert "Hyväksy" not in buttons(card)
    assert chat.in_force() == [QUESTION]
    removed = chat.press(MAIJA, card, "Poista")
    assert "Poistettu" in removed.text
    assert chat.in_force() == []
    assert chat.press(MAIJA, card, "Poista").kind == "gone"
    assert "Palautettu" in chat.press(MAIJA, removed, "Palauta").text
    assert chat.in_force() == [QUESTION]
    assert "ei voi enää" in chat.press(MAIJA, removed, "Palauta").text
    history = chat.press(MAIJA, chat.write(MAIJA, "opitut kysymystavat"), "Muutokset")
    assert [line[:2] for line in history.text.splitlines() if line[:1].isdigit()] == ["1.", "2.", "3."]
    assert QUESTION in history.text


def test_all_that_one_person_taught_is_taken_back(chat: Chat) -> None:
    for text in (QUESTION, "klikkasin huijauslinkkiä mitä nyt"):
        for person in (AINO, KALLE):
            chat.thumb(person, text)
    assert len(chat.in_force()) == 2
    card = chat.press(MAIJA, chat.write(MAIJA, "opitut kysymystavat"), QUESTION)
    done = chat.press(MAIJA, card, "Peru kaikki henkilöltä 1 opittu (2)")
    assert "Painalluksia oli 2" in done.text
    assert chat.in_force() == []
    chat.now[0] += timedelta(days=1)
    chat.thumb(AINO)
    assert chat.in_force() == []
    chat.press(MAIJA, done, "Palauta")
    assert len(chat.in_force()) == 2


def test_staff_and_channels_see_nothing_and_change_nothing(chat: Chat) -> None:
    chat.thumb(AINO)
    assert "digitutorit" in chat.write(KALLE, "opitut kysymystavat").text
    assert chat.write(MAIJA, "opitut kysymystavat", Scope.CHANNEL).kind == "privately"
    for step in ("show", "approve", "remove", "take_back", "history", "restore", "x"):
        values = {"step": step, "number": "1", "voter": chat.stores.lessons.voters(1)[0].id}
        assert QUESTION not in chat.act(KALLE, Action("learnt", values)).text
        chat.act(MAIJA, Action("learnt", values), Scope.CHANNEL)
    (lesson,) = chat.stores.lessons.all()
    assert (lesson.approved, lesson.ups) == (False, 1)
    for values in ({"step": "x", "number": "1"}, {"step": "show", "number": "9" * 30}, {"step": "show"}, {}):
        assert chat.act(MAIJA, Action("learnt", values)).kind == "gone"


@pytest.mark.parametrize(
    ("text", "language"), [("inlärda frågesätt", "sv"), ("learnt phrasings", "en"), ("Opitut kysymystavat!", "fi")]
)
def test_the_command_in_three_languages(chat: Chat, text: str, language: Language) -> None:
    assert chat.write(MAIJA, text).language == language


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_a_person_taught_is_among_their_data_and_erased_with_it(chat: Chat, language: Language) -> None:
    chat.thumb(AINO)
    chat.thumb(KALLE)
    shown = chat.act(AINO, Action("delete", {"answer": "no", "lang": language}))
    assert shown.kind == "delete_data"
    assert "oppiminen, painalluksia: 1" in chat.write(AINO, "näytä tietoni").text
    chat.act(AINO, Action("delete", {"answer": "yes", "lang": language}))
    assert chat.in_force() == []
    assert "oppiminen, painalluksia: 0" in chat.write(AINO, "näytä tietoni").text
