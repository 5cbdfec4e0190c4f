"""Guides and hosts' sheets in the chat: a page at a time, with tips as buttons."""

from __future__ import annotations

import re

import pytest

from bot.assistant import Assistant
from bot.commands import typed_form
from bot.guides import Guides
from bot.models import Action, Button, Message, Reply, Scope
from bot.stores import Stores
from tests.conftest import NOW
from tips.guides import Guide, GuideText
from tips.models import LANGUAGES, Language
from tips.programme import Programme, starter_programme

GUIDES = list(starter_programme().guides)


def type_in(assistant: Assistant, text: str, scope: Scope = Scope.PERSONAL) -> Reply:
    return assistant.respond(Message(text, "teams:megan", "teams", scope), NOW)


def press(assistant: Assistant, action: Action) -> Reply:
    return assistant.respond(Message("", "teams:megan", "teams", action=action), NOW)


def named(reply: Reply, name: str) -> list[Button]:
    return [button for choice in reply.choices for button in choice.buttons if button.action.name == name]


def pages(assistant: Assistant, guide: str, language: Language) -> list[Reply]:
    """All pages of the guide, by the button that leads to the next."""
    shown = [press(assistant, Action("guide", {"guide": guide, "page": "0", "lang": language}))]
    while more := named(shown[-1], "guide"):
        shown.append(press(assistant, more[0].action))
    return shown


@pytest.mark.parametrize("language", LANGUAGES)
def test_guides_are_listed_and_opened(assistant: Assistant, language: Language) -> None:
    reply = type_in(assistant, typed_form("guides", language))
    assert (reply.kind, reply.language) == ("guide", language)
    titles = [button.label for button in named(reply, "guide")]
    assert titles == [starter_programme().guides[guide].texts[language].title for guide in GUIDES]
    for guide, button in zip(GUIDES, named(reply, "guide"), strict=True):
        assert starter_programme().guides[guide].texts[language].title in press(assistant, button.action).text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("guide", GUIDES)
def test_a_guide_is_shown_whole_in_pages_that_are_quickly_read(
    assistant: Assistant, stores: Stores, guide: str, language: Language
) -> None:
    shown = pages(assistant, guide, language)
    assert 1 < len(shown) < 8
    said = "\n".join(page.text for page in shown)
    for page in shown:
        assert len(page.text) < 1_800
        assert "](tip:" not in page.text
        assert "## " not in page.text
        assert re.search(r"\{\w+\}", page.text) is None
    body = starter_programme().guides[guide].texts[language].body
    for heading in re.findall(r"^## (.+)$", body, re.MULTILINE):
        assert f"**{heading}**" in said
    tips = [button.action.values["tip"] for page in shown for button in named(page, "tip")]
    assert set(tips) == set(re.findall(r"\(tip:([\w-]+)\)", body))
    assert all(press(assistant, button.action).kind == "tip" for page in shown for button in named(page, "tip"))


def test_a_link_to_a_tip_that_is_not_in_force_is_left_out(stores: Stores, assistant: Assistant) -> None:
    body = "- Lukitse näyttö: [näin](tip:no-such-tip)\n- Avaa: [näin](tip:password-strong)"
    guides = Guides(lambda: Programme({}, {"g": Guide("g", {"fi": GuideText("Opas", body)})}))
    reply = guides.asked(["g"], assistant.shelf(), "fi")
    title = assistant.shelf().title("password-strong", "fi")
    assert reply.text == f"**Opas**\n\n- Lukitse näyttö\n- Avaa: *{title}*"
    assert [button.label for button in named(reply, "tip")] == [title]


def test_a_section_longer_than_a_page_is_split_by_its_paragraphs(assistant: Assistant) -> None:
    body = "Alku.\n\n## Pitkä\n\n" + "\n\n".join(f"{number} " + "sana " * 100 for number in range(8))
    guides = Guides(lambda: Programme({}, {"g": Guide("g", {"fi": GuideText("Opas", body)})}))
    shelf, seen, page = assistant.shelf(), "", 0
    while True:
        reply = guides.press({"guide": "g", "page": str(page)}, shelf, "fi")
        assert len(reply.text) < 1_400
        seen += reply.text
        if not named(reply, "guide"):
            break
        page += 1
    assert page == 3
    assert [number for number in range(8) if f"{number} sana" not in seen] == []


@pytest.mark.parametrize(
    ("typed", "guide"),
    [("opas tekoäly", 0), ("opas digitutorin aloituspaketti", 3), ("guide AI", 0), ("guide chefens digitala lista", 1)],
)
def test_a_guide_is_understood_by_its_title(assistant: Assistant, typed: str, guide: int) -> None:
    texts = starter_programme().guides[GUIDES[guide]].texts.values()
    assert any(text.title in type_in(assistant, typed).text for text in texts)


def test_an_ordinary_word_begins_a_question_all_the_same(assistant: Assistant) -> None:
    assert type_in(assistant, "opas tulostimen paperin vaihtoon").kind != "guide"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("theme", starter_programme().sessions)
def test_a_hosts_sheet_has_every_minute_and_the_closing(assistant: Assistant, theme: str, language: Language) -> None:
    session = starter_programme().sessions[theme]
    reply = press(assistant, Action("host", {"theme": theme, "lang": language}))
    text = session.texts[language]
    assert (reply.kind, len(reply.text) < 3_000) == ("host", True)
    assert re.search(r"\{\w+\}", reply.text) is None
    minutes = [(int(one), int(other)) for one, other in re.findall(r"\*\*(\d+)–(\d+) min\*\*", reply.text)]
    assert minutes[0][0] == 0
    assert minutes[-1][1] == session.minutes
    assert [end for _, end in minutes[:-1]] == [start for start, _ in minutes[1:]]
    assert text.closing[:20] in reply.text
    assert press(assistant, named(reply, "session")[0].action).kind == "session"


def test_a_hosts_sheet_is_opened_by_its_theme(assistant: Assistant) -> None:
    title = starter_programme().sessions["passwords"].texts["fi"].title
    assert title in type_in(assistant, "isännän ohje salasanat").text
    assert title in type_in(assistant, "vetäjän ohje salasanoista").text
    reply = type_in(assistant, "isännän ohje")
    assert len(named(reply, "host")) == len(starter_programme().sessions)
    assert "min**" in press(assistant, named(reply, "host")[0].action).text
    assert len(named(type_in(assistant, "isännän ohje teams"), "host")) == 2


@pytest.mark.parametrize(
    "action",
    [
        Action("guide"),
        Action("guide", {"guide": "no-such", "page": "0"}),
        Action("guide", {"guide": "onboarding", "page": "-1"}),
        Action("guide", {"guide": "onboarding", "page": "²"}),
        Action("guide", {"guide": "onboarding", "page": "9" * 99}),
        Action("host"),
        Action("host", {"theme": "no-such"}),
    ],
)
def test_a_changed_button_is_refused_politely(assistant: Assistant, action: Action) -> None:
    reply = press(assistant, action)
    assert reply.kind == "gone"
    assert reply.text.startswith("Tämä painike")


def test_a_page_that_is_not_there_any_more_is_the_last(assistant: Assistant) -> None:
    last = pages(assistant, "onboarding", "fi")[-1]
    assert press(assistant, Action("guide", {"guide": "onboarding", "page": "99", "lang": "fi"})).text == last.text
