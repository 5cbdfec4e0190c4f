"""Questions that lean on the one before: what they lead to, in every kind of conversation, and what is kept for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.assistant import Assistant
from bot.lately import LASTS, Lately
from bot.models import Button, Message, Reply, Scope
from bot.retention import purge
from bot.slack.events import press_of, said_of
from bot.stores import Stores
from bot.teams.activities import activity_of, message_of
from bot.teams.activities import press_of as teams_press_of
from tests.conftest import NOW, needs_voikko
from tips.models import LANGUAGES, Band, Language

ME, OTHER = "teams:me", "teams:other"
HALL = Message("", ME, "teams", Scope.CHANNEL, place="19:hall", thread="1")


def say_to(assistant: Assistant, *texts: str, where: Message = replace(HALL, scope=Scope.PERSONAL)) -> Reply:  # noqa: B008  frozen
    """Says one after another; the last reply."""
    replies = [assistant.respond(replace(where, text=text), NOW) for text in texts]
    return replies[-1]


def buttons(reply: Reply, name: str) -> list[Button]:
    return [button for choice in reply.choices for button in choice.buttons if button.action.name == name]


FURTHER: list[tuple[str, str, Language, str]] = [
    ("sain huijausviestin", "entä jos klikkasin linkkiä", "fi", "phishing-clicked"),
    ("miten sumennan taustan", "entä puhelimella?", "fi", "meeting-background-blur"),
    ("miten sumennan taustan", "puhelimella?", "fi", "meeting-background-blur"),
    ("hur deltar jag i ett möte", "och på telefonen?", "sv", "meeting-join-phone"),
    ("how do I join a meeting", "what about on my phone", "en", "meeting-join-phone"),
]


@pytest.mark.parametrize(("before", "after", "language", "tip"), FURTHER)
def test_a_follow_up_is_understood_with_what_was_answered_before(
    assistant: Assistant, before: str, after: str, language: Language, tip: str
) -> None:
    reply = say_to(assistant, before, after)
    assert reply.tip
    assert (reply.tip.id, reply.language) == (tip, language)


def test_the_same_card_comes_again_with_a_word_only(assistant: Assistant) -> None:
    first = say_to(assistant, "miten sumennan taustan")
    again = say_to(assistant, "entä puhelimella?")
    assert (first.text, again.text) == ("", "Sama vinkki voi auttaa tässäkin.")
    assert first.tip == again.tip


FAILING: list[tuple[str, str, Language]] = [
    ("miten liityn kokoukseen puhelimella", "entä jos se ei toimi", "fi"),
    ("miten liityn kokoukseen puhelimella", "ei toimi", "fi"),
    ("miten liityn kokoukseen puhelimella", "no sekään ei auttanut", "fi"),
    ("mikki ei toimi", "ei auttanut", "fi"),
    ("hur deltar jag i ett möte med telefonen", "men om det inte funkar", "sv"),
    ("how do I join a meeting", "it did not help", "en"),
]


@pytest.mark.parametrize(("before", "after", "language"), FAILING)
def test_what_does_not_work_leads_on_and_never_to_the_same_card(
    assistant: Assistant, before: str, after: str, language: Language
) -> None:
    first = say_to(assistant, before)
    assert first.tip
    reply = say_to(assistant, after)
    assert (reply.kind, reply.language, reply.tip) == ("follow_up", language, None)
    assert first.tip.id not in [button.action.values["tip"] for button in buttons(reply, "tip")]
    assert len(buttons(reply, "desk")) == 2  # a digitutor, by name or without


@needs_voikko
def test_who_tries_the_next_tip_is_not_offered_either_again(assistant: Assistant) -> None:
    first = say_to(assistant, "miten tulostan").tip
    offered = buttons(say_to(assistant, "se ei toimi"), "tip")
    second = assistant.respond(Message("", ME, "teams", action=offered[0].action), NOW).tip
    reply = say_to(assistant, "tämäkään ei toimi", "se ei toimi")
    assert first
    assert second
    assert {first.id, second.id}.isdisjoint(button.action.values["tip"] for button in buttons(reply, "tip"))


def test_a_helper_reads_what_it_was_that_fails(assistant: Assistant, stores: Stores) -> None:
    say_to(assistant, "mikki ei toimi", "ei auttanut")
    texts = [row["text"] for row in stores.database.table("questions").rows]
    assert texts == ["mikki ei toimi", "Korjaa ääni tai mikrofoni Teams-kokouksessa – ei auttanut"]


@needs_voikko
def test_where_three_were_offered_the_follow_up_chooses_among_them(assistant: Assistant) -> None:
    offered = say_to(assistant, "uusi puhelin")
    assert offered.band is Band.SUGGEST
    again = say_to(assistant, "entä läppärillä")
    assert again.band is Band.SUGGEST
    assert {b.action.values["tip"] for b in buttons(again, "tip")} == {
        b.action.values["tip"] for b in buttons(offered, "tip")
    }


@pytest.mark.parametrize("question", ["salasana vanheni", "entä miten teen lomahakemuksen", "mikä se on", "kiitos"])
def test_a_question_of_its_own_is_answered_as_ever(assistant: Assistant, question: str) -> None:
    alone = say_to(assistant, question, where=replace(HALL, scope=Scope.PERSONAL, person=OTHER))
    reply = say_to(assistant, "mikki ei toimi", question)
    assert (reply.kind, reply.tip) == (alone.kind, alone.tip)


@needs_voikko
def test_a_question_that_led_nowhere_is_not_leant_on(assistant: Assistant) -> None:
    reply = say_to(assistant, "mikki ei toimi", "mikä on maapallon ympärysmitta", "entä puhelimella")
    assert reply.kind == "hand_over"


def test_after_half_an_hour_a_question_stands_alone(assistant: Assistant) -> None:
    asked = Message("mikki ei toimi", ME, "teams")
    assistant.respond(asked, NOW)
    late = assistant.respond(replace(asked, text="ei auttanut"), NOW + LASTS + timedelta(seconds=1))
    assert late.kind == "help_call"


def test_a_restart_in_between_changes_nothing(stores: Stores) -> None:
    say_to(Assistant(stores), "mikki ei toimi")
    assert say_to(Assistant(stores), "ei auttanut").kind == "follow_up"


def test_in_a_thread_anybody_asks_on_and_in_another_nobody(assistant: Assistant) -> None:
    say_to(assistant, "mikki ei toimi", where=HALL)
    assert say_to(assistant, "ei auttanut", where=replace(HALL, thread="2")).kind == "help_call"
    assert say_to(assistant, "ei auttanut", where=replace(HALL, scope=Scope.PERSONAL)).kind == "help_call"
    assert say_to(assistant, "ei auttanut", where=replace(HALL, person=OTHER)).kind == "follow_up"


def test_in_a_group_chat_without_threads_one_leans_on_ones_own_question(assistant: Assistant) -> None:
    group = replace(HALL, scope=Scope.GROUP, thread="")
    say_to(assistant, "mikki ei toimi", where=group)
    assert say_to(assistant, "ei auttanut", where=replace(group, person=OTHER)).kind == "help_call"
    assert say_to(assistant, "ei auttanut", where=group).kind == "follow_up"


def test_slack_and_teams_name_the_same_thread_for_a_question_its_follow_up_and_a_press() -> None:
    event = {"channel": "C1", "user": "U1", "ts": "1.1", "text": "mikki ei toimi", "channel_type": "channel"}
    first, after = said_of(event, "T1"), said_of({**event, "ts": "1.3", "thread_ts": "1.1"}, "T1")
    container = {"message_ts": "1.2", "thread_ts": "1.1"}
    pressed = press_of(
        {
            "user": {"id": "U1"},
            "channel": {"id": "C1"},
            "container": container,
            "actions": [{"action_id": "digivinkki"}],
        }
    )
    assert first
    assert after
    assert {first.message.thread, after.message.thread, pressed.message.thread} == {"1.1"}
    alone = said_of({**event, "channel": "D1", "channel_type": "im"}, "T1")
    assert alone
    assert alone.message.thread == ""


def test_teams_names_the_thread_of_a_press() -> None:
    data = {
        "type": "invoke",
        "channelId": "msteams",
        "serviceUrl": "https://smba.trafficmanager.net/emea/",
        "conversation": {"id": "19:hall@thread.tacv2;messageid=17", "conversationType": "channel"},
        "from": {"id": "29:me"},
        "recipient": {"id": "28:bot"},
        "text": "<at>Digivinkki</at> moi",
        "entities": [{"type": "mention", "mentioned": {"id": "28:bot"}, "text": "<at>Digivinkki</at>"}],
    }
    message = message_of(activity_of(data))
    assert message
    assert message.thread == teams_press_of(activity_of(data)).thread == "17"


def test_neither_words_nor_ids_of_people_or_places_are_kept(assistant: Assistant, stores: Stores) -> None:
    say_to(assistant, "mikki ei toimi", where=HALL)
    (row,) = stores.database.table("lately").rows
    assert (row["topic"], row["shown"]) == ("meeting-audio-problems", "meeting-audio-problems")
    assert all(len(row[name]) == 32 for name in ("place", "person"))
    assert not any(word in str(row) for word in ("mikki", "hall", "me'"))


def test_what_nothing_can_lean_on_any_more_goes_with_the_next_answer_or_by_its_period(stores: Stores) -> None:
    stores.lately.put("old", "person", Lately(("tip",)), NOW)
    stores.lately.put("new", "person", Lately(("tip",)), NOW + LASTS + timedelta(seconds=1))
    assert [row["place"] for row in stores.database.table("lately").rows] == ["new"]
    assert purge(stores.database, NOW + timedelta(days=3)) == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_is_shown_and_erased_with_ones_data(assistant: Assistant, stores: Stores, language: Language) -> None:
    hashed = stores.people.hashed(ME, NOW)
    lines = {"fi": "Viimeksi näytetyt vinkit", "sv": "De senast visade tipsen", "en": "The tips shown last"}
    stores.people.choose_language(ME, language, NOW)
    show = {"fi": "näytä tietoni", "sv": "visa mina uppgifter", "en": "show my data"}[language]
    empty = next(line for line in say_to(assistant, show).text.splitlines() if lines[language] in line)
    say_to(assistant, "mikki ei toimi")
    assert stores.lately.known(hashed)
    assert empty not in say_to(assistant, show).text
    stores.lately.erase(hashed)
    assert not stores.lately.known(hashed)


def test_a_locked_or_full_database_costs_the_follow_up_and_not_the_answer(tmp_path: Path, stores: Stores) -> None:
    stores.database.execute("create trigger full before insert on lately begin select raise(fail, 'full'); end")
    assert say_to(Assistant(stores), "mikki ei toimi").tip
