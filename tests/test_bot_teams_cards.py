"""Every card that the bot can send is a valid Adaptive Card 1.5, of a size that Teams takes, whatever the texts."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft6Validator

from bot import answers
from bot.answers import Shelf
from bot.assistant import Assistant
from bot.commands import typed_form
from bot.messages import say
from bot.models import Action, Button, Choice, Message, Reply, Scope, TipView
from bot.people import IT
from bot.protection import KINDS
from bot.sessions import opening
from bot.stores import Stores
from bot.teams import cards
from bot.teams.cards import CONTENT_TYPE, LARGEST_CARD, attachment, card, plain, pressed, preview
from tests.conftest import NOW
from tips.facts import known_facts
from tips.fields import is_web_address
from tips.library import Snapshot
from tips.models import LANGUAGES, Answer, Band, Language, Match, Pack, Text, Theme, Tip
from tips.programme import starter_programme

SCHEMA = Path(__file__).parent / "data" / "adaptive-card-1.5.json"
FACTS = {key: f"{key} 08 123 4567" for key in known_facts()} | {"password_page": "https://salasana.mallila.fi/a?b=c"}
HOSTILE = [
    "<script>alert(1)</script>",
    "<at>everyone</at> &lt;at&gt;",
    '"}],"type":"AdaptiveCard"',
    "[paina](javascript:alert(1))",
    "{{DATE(2027-01-12T07:15:00Z)}} ${system} {it_support} {0.__class__}",
    "**lihava _ja * vielä_ `x` ~~y~~ # otsikko",
    "\u202eoikealta\u202c \u200b\x00\x07\x1b[31m",
    "😀👩‍👩‍👧‍👦🇫🇮",
    "puolikas \ud83d",
    "\r\n\r\n- a\n- b\n\n\n1. c",
    "   ",
    "",
]
TIP = TipView("t", "fi", "Otsikko", "Leipä.", "Pieni teksti", "https://kunta.fi/ohje", "Lue lisää")
BUTTON = Button("Paina", Action("tip", {"tip": "t", "lang": "fi"}))


@cache
def schema() -> Draft6Validator:
    return Draft6Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))


def faults(made: object) -> list[str]:
    """What the schema says against the card."""
    return [f"{error.json_path}: {error.message}"[:300] for error in schema().iter_errors(made)]


def shape(made: Any) -> Any:
    """The card without its wording: the schema asks of these only that they are texts."""
    if isinstance(made, list):
        return [shape(part) for part in made]
    if not isinstance(made, dict):
        return made
    worded = {key: "…" for key in ("text", "title", "url", "verb") if isinstance(made.get(key), str)}
    return {key: shape(part) for key, part in made.items()} | worded | ({"data": {}} if "data" in made else {})


def assert_of_a_right_shape(made: dict[str, Any]) -> None:
    """The schema takes the card. It asks the same of each element of a body, so each shape of one is looked at once."""
    for element in made["body"]:
        assert faults_of_shape(json.dumps(shape({**made, "body": [element]}))) == ()


@cache
def faults_of_shape(made: str) -> tuple[str, ...]:
    return tuple(faults(json.loads(made)))


def assert_valid(reply: Reply) -> dict[str, Any]:
    """The reply's card, which the schema takes, and a message too."""
    made = card(reply)
    assert_of_a_right_shape(made)
    assert size(made) <= LARGEST_CARD
    assert made["version"] == "1.5"
    assert made["lang"] == reply.language
    assert made["body"]
    for element in elements(made):
        assert element.get("text") != ""
        assert element["type"] != "Action.OpenUrl" or is_web_address(element["url"])
        assert element["type"] != "Action.Execute" or pressed(element["data"])
    return made


def size(made: object) -> int:
    return len(json.dumps(made, ensure_ascii=False).encode(errors="replace"))


def elements(made: Any) -> Iterator[dict[str, Any]]:
    """The card's elements and actions at any depth."""
    if isinstance(made, list):
        for part in made:
            yield from elements(part)
    if isinstance(made, dict) and isinstance(made.get("type"), str):
        yield made
        for key, part in made.items():
            if key not in ("data", "fallback"):
                yield from elements(part)


def texts(made: Any) -> list[str]:
    return [element["text"] for element in elements(made) if element["type"] == "TextBlock"]


def actions(made: Any) -> list[dict[str, Any]]:
    return [element for element in elements(made) if element["type"].startswith("Action.")]


@pytest.fixture(scope="module", params=[{}, FACTS], ids=["nothing told", "facts told"])
def shelf(request: pytest.FixtureRequest, snapshot: Snapshot) -> Shelf:
    return Shelf(snapshot, request.param)


def answer(band: Band, ids: Iterable[str], language: Language) -> Answer:
    return Answer("kysymys", language, band, 0.9, tuple(Match(tip_id, 1.0) for tip_id in ids))


def replies_with(shelf: Shelf, tip_id: str, others: list[str], language: Language) -> Iterator[Reply]:
    """All that the bot can say with the tip in it."""
    ids = [tip_id, *others]
    yield answers.answered(shelf, answer(Band.ANSWER, ids, language), 7)
    yield answers.answered(shelf, answer(Band.SUGGEST, ids, language), 7)
    yield answers.answered(shelf, answer(Band.HAND_OVER, ids, language), None)
    yield answers.shown_tip(shelf, tip_id, language, None)
    yield answers.shown_tip(shelf, tip_id, language, 7)
    tip = shelf.tip(tip_id)
    assert tip
    for key in ("thanks_helped", "thanks_not_helped"):
        yield Reply(language, shelf.say(language, key), settles=shelf.view(tip, language))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_starter_tip_makes_valid_cards_in_every_kind_of_reply(shelf: Shelf, language: Language) -> None:
    ids = list(shelf.snapshot.base.tips)
    for number, tip_id in enumerate(ids):
        others = [ids[(number + step) % len(ids)] for step in (1, 2, 3)]
        for reply in replies_with(shelf, tip_id, others, language):
            assert_valid(reply)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_starter_tip_is_shown_whole(shelf: Shelf, language: Language) -> None:
    for tip in shelf.snapshot.base.tips.values():
        view = shelf.view(tip, language)
        made = assert_valid(answers.shown_tip(shelf, tip.id, language, 7))
        assert "\n\n".join(texts(made)[1:]).startswith(view.body.strip().replace("\n\n\n", "\n\n"))
        assert without_escapes(texts(made)[0]) == view.title
        assert view.details in without_escapes(" ".join(texts(made)))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_starter_tip_has_a_line_in_the_message_extension(shelf: Shelf, language: Language) -> None:
    for tip in shelf.snapshot.base.tips.values():
        shown = preview(shelf.view(tip, language))
        assert shown["contentType"] == "application/vnd.microsoft.card.thumbnail"
        assert shown["content"]["title"]
        assert 10 < len(shown["content"]["text"]) <= 120
        assert "*" not in shown["content"]["text"]


def without_escapes(text: str) -> str:
    return text.replace("\\", "")


@pytest.mark.parametrize("language", LANGUAGES)
def test_themes_and_the_tips_of_every_theme_make_valid_cards(shelf: Shelf, language: Language) -> None:
    themes = assert_valid(answers.themes(shelf, language))
    assert len(actions(themes)) == len(shelf.snapshot.themes)
    for theme in shelf.snapshot.themes:
        made = assert_valid(answers.theme_tips(shelf, theme, language))
        count = sum(tip.theme == theme for tip in shelf.snapshot.base.tips.values())
        assert len(actions(made)) == min(count, answers.THEME_TIPS)


def dialogue(assistant: Assistant, language: Language, scope: Scope) -> Iterator[Reply]:
    """One person's day: what is typed and pressed, in one language."""

    def typed(text: str) -> Reply:
        return assistant.respond(Message(text, "teams:boss", "teams", scope, locale=language), NOW)

    def press(name: str, **values: str) -> Reply:
        action = Action(name, {"lang": language, **values})
        return assistant.respond(Message("", "teams:boss", "teams", scope, action, language), NOW)

    yield assistant.welcome(scope, language)
    commands = ("help", "themes", "language", "my_data", "delete_data", "settings", "speak_fi", "speak_sv", "speak_en")
    yield from (typed(typed_form(command, language)) for command in commands)
    examples = (say(language, f"example_{number}") for number in (1, 2, 3))
    yield from (
        typed(text) for text in (*examples, "moi", "hej", "hi", "kiitos", "kuka olet?", "apua", "", "?!", "xyzzy")
    )
    yield from (press("setup", step=step) for step in ("start", "skip", "later", "start"))
    yield from (
        typed(text) for text in ("Mallila", "030668-8208", "08 123", "x@mallila.fi", "ei osoite", "https://a.fi")
    )
    yield from (press("setup", step=step) for step in ("start", "stop", "nonsense"))
    yield from (press("delete", answer=chosen) for chosen in ("no", "nonsense", "yes"))
    yield from (press("language", to=to) for to in (*LANGUAGES, "xx"))
    yield from (press(name) for name in ("none", "tip", "theme", "feedback", "ask", "no such", ""))
    yield press("tip", tip="password-strong", question="1")
    yield press("feedback", tip="password-strong", question="1", helped="yes")
    yield press("feedback", tip="password-strong", question="1", helped="no")
    yield press("ask", text=say(language, "example_1"))


@pytest.mark.parametrize("scope", Scope)
@pytest.mark.parametrize("language", LANGUAGES)
def test_whatever_the_assistant_says_in_a_day_makes_valid_cards(
    assistant: Assistant, stores: Stores, language: Language, scope: Scope
) -> None:
    stores.people.give_role("teams:boss", IT, NOW)
    kinds = set()
    for reply in dialogue(assistant, language, scope):
        assert_valid(reply)
        assert plain(reply)
        kinds.add(reply.kind)
    assert {"welcome", "help", "themes", "language", "tip", "feedback", "gone", "none", "empty"} <= kinds
    assert kinds >= ({"setup", "my_data", "delete_data"} if scope is Scope.PERSONAL else {"privately"})


@pytest.mark.parametrize("language", LANGUAGES)
def test_warnings_stand_first_each_in_its_box(assistant: Assistant, language: Language) -> None:
    warnings = tuple(say(language, f"warn_{kind}") for kind in KINDS)
    made = assert_valid(Reply(language, "Vastaus", warnings, TIP))
    boxes = made["body"][: len(KINDS)]
    assert [box["style"] for box in boxes] == ["warning"] * len(KINDS)
    assert [box["items"][0]["text"] for box in boxes] == list(warnings)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_question_with_an_identity_code_is_answered_with_a_warning(assistant: Assistant, language: Language) -> None:
    text = f"{say(language, 'example_1')} 131052-308T"
    made = assert_valid(assistant.respond(Message(text, "teams:a", "teams"), NOW))
    assert made["body"][0]["style"] == "warning"
    assert "131052" not in json.dumps(made)


def test_the_cards_of_each_kind_are_valid_word_for_word(shelf: Shelf, assistant: Assistant) -> None:
    tip_id = next(iter(shelf.snapshot.base.tips))
    replies = [*replies_with(shelf, tip_id, ["password-strong"], "fi"), assistant.welcome(Scope.CHANNEL, "sv")]
    assert [faults(card(reply)) for reply in replies] == [[]] * len(replies)


def test_the_schema_would_refuse_a_wrong_card() -> None:
    made = card(Reply("fi", "Hei", tip=TIP, choices=(Choice("?", (BUTTON,)),)))
    assert faults(made) == []
    for wrong in ({"body": [{"type": "TextBlok", "text": "x"}]}, {"msteams": {}}, {"body": [{"type": "TextBlock"}]}):
        assert faults({**made, **wrong})


def test_buttons_are_executed_and_fall_back_to_submit_with_the_same_data() -> None:
    (action,) = actions(assert_valid(Reply("fi", choices=(Choice("", (BUTTON,)),))))
    assert action == {
        "type": "Action.Execute",
        "title": "Paina",
        "verb": "tip",
        "data": {"digivinkki": {"name": "tip", "values": {"tip": "t", "lang": "fi"}}},
        "fallback": {
            "type": "Action.Submit",
            "title": "Paina",
            "data": {"digivinkki": {"name": "tip", "values": {"tip": "t", "lang": "fi"}}},
        },
    }
    assert pressed(action["data"]) == ("tip", {"tip": "t", "lang": "fi"})


@pytest.mark.parametrize(
    "value",
    [
        None,
        "text",
        5,
        [],
        {},
        {"digivinkki": None},
        {"digivinkki": "tip"},
        {"digivinkki": {}},
        {"digivinkki": {"name": "tip"}},
        {"digivinkki": {"name": 5, "values": {}}},
        {"digivinkki": {"name": "tip", "values": None}},
        {"digivinkki": {"name": "tip", "values": [["a", "b"]]}},
        {"name": "tip", "values": {}},
    ],
)
def test_a_value_that_is_none_of_ours_is_no_press(value: object) -> None:
    assert pressed(value) is None


def test_values_that_are_no_texts_are_left_out_of_a_press() -> None:
    assert pressed({"digivinkki": {"name": "x", "values": {"a": "1", "b": 2, "c": None, "d": ["1"]}}, "input": 5}) == (
        "x",
        {"a": "1"},
    )


def test_short_buttons_stand_in_a_row_and_long_ones_wrap_one_below_the_other() -> None:
    short, long = Button("Auttoi", BUTTON.action), Button("Näin vaihdat vanhentuneen salasanan kotona", BUTTON.action)
    row = assert_valid(Reply("fi", choices=(Choice("", (short, short)),)))
    assert [part["type"] for part in row["body"]] == ["ActionSet"]
    below = assert_valid(Reply("fi", choices=(Choice("", (long, long)),)))
    assert [part["type"] for part in below["body"]] == ["Container", "Container"]
    assert texts(below)[0] == long.label
    assert len(actions(below)) == 2


def test_a_link_becomes_a_button() -> None:
    (action,) = actions(assert_valid(Reply("fi", tip=TIP)))
    assert action == {"type": "Action.OpenUrl", "title": "Lue lisää", "url": "https://kunta.fi/ohje"}


def test_a_reply_with_nothing_in_it_is_still_a_card() -> None:
    assert_valid(Reply("fi"))
    assert_valid(Reply("fi", choices=(Choice("", ()),)))
    assert_valid(Reply("fi", choices=(Choice("Otsikko", ()),)))


@pytest.mark.parametrize("body", ["a" * 20_000, "sana " * 4_000, "äö\n\n" * 5_000, "😀" * 20_000, "- kohta\n" * 2_500])
def test_a_body_of_20000_characters_is_cut_and_keeps_title_link_and_buttons(body: str) -> None:
    tip = TipView("t", "fi", "Otsikko", body[:20_000], "Pieni teksti", "https://kunta.fi/ohje", "Lue lisää")
    made = assert_valid(Reply("fi", tip=tip, choices=(Choice("Auttoiko?", (BUTTON, BUTTON), once=True),)))
    assert texts(made)[0] == "Otsikko"
    assert [action["title"] for action in actions(made)] == ["Lue lisää", "Paina", "Paina"]
    assert size(made) > 2_000


def test_what_fits_is_not_cut() -> None:
    body = "sana " * 1_500
    made = assert_valid(Reply("fi", tip=TipView("t", "fi", "Otsikko", body, "Pieni")))
    assert texts(made)[1].strip() == body.strip()


@pytest.mark.parametrize(
    "reply",
    [
        Reply("fi", "x" * 200_000),
        Reply("fi", "a\n\n" * 20_000),
        Reply("fi", "…", ("Varoitus " * 20,) * 4, TIP, settles=TIP),
        Reply("fi", tip=TipView("t", "fi", "Otsikko " * 5_000, "x", "Pieni " * 5_000)),
        Reply("fi", settles=TipView("t", "fi", "O", "ä" * 50_000, "P"), text="Kiitos"),
        Reply("fi", choices=(Choice("L" * 50_000, (BUTTON,)),)),
        Reply("fi", choices=(Choice("", (Button("Nappi " * 5_000, BUTTON.action),)),)),
        Reply("fi", choices=(Choice("", (BUTTON,) * 1_000),)),
        Reply("fi", choices=(Choice("", (Button("b", Action("tip", {"tip": "t" * 30_000})),)),)),
    ],
)
def test_no_card_is_larger_than_a_message_may_be(reply: Reply) -> None:
    assert_valid(reply)


def test_a_theme_of_many_tips_with_long_titles_still_fits() -> None:
    tips = [Tip(f"tip-{n}", "own", {"fi": Text("Pitkä otsikko " * 20, "Leipä.")}) for n in range(40)]
    own = Snapshot(1, Pack((Theme("own", "digivinkki", {"fi": "Oma"}),), tuple(tips)), tuple(tips))
    made = assert_valid(answers.theme_tips(Shelf(own, {}), "own", "fi"))
    assert len(actions(made)) >= 10


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_texts_stay_texts(hostile: str) -> None:
    tip = TipView("t", "fi", hostile, hostile, hostile, "https://kunta.fi", hostile)
    button = Button(hostile or "Paina", Action("ask", {"text": hostile}))
    reply = Reply("fi", hostile, (hostile or "!",), tip, (Choice(hostile, (button,)),))
    made = card(reply)
    assert_of_a_right_shape(made)
    kinds = {element["type"] for element in elements(made)}
    assert kinds <= {"AdaptiveCard", "Container", "TextBlock", "ActionSet", "ColumnSet", "Column", *ACTIONS}
    assert pressed(actions(made)[-1]["data"]) == ("ask", {"text": hostile})


ACTIONS = {"Action.Execute", "Action.OpenUrl"}


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("Tähti * ja _alaviiva_", r"Tähti \* ja \_alaviiva\_"),
        ("[paina](https://evil.example)", r"\[paina\](https://evil.example)"),
        ("C:\\Tiedostot", "C:\\\\Tiedostot"),
        ("Miten Teams-kokous alkaa?", "Miten Teams-kokous alkaa?"),
    ],
)
def test_titles_and_labels_are_no_markdown(title: str, shown: str) -> None:
    tip = TipView("t", "fi", title, "**Leipä**", title)
    made = assert_valid(Reply("fi", tip=tip, choices=(Choice(title, ()),)))
    assert texts(made) == [shown, "**Leipä**", shown, shown]


@pytest.mark.parametrize(
    "markdown", ["- a\n- b", "1. a\n2. b", "**a** _b_", "[a](https://b.fi)", "a\nb", "> a", "`a`", "a \\* b"]
)
def test_markdown_of_a_body_goes_out_as_it_was_written(markdown: str) -> None:
    made = assert_valid(Reply("fi", tip=TipView("t", "fi", "Otsikko", f"Alku\n\n{markdown}\n\nLoppu", "Pieni")))
    assert texts(made) == ["Otsikko", "Alku", markdown, "Loppu", "Pieni"]


def test_what_a_press_settles_stays_above_the_thanks() -> None:
    made = assert_valid(Reply("fi", "Kiva kuulla!", settles=TIP))
    assert texts(made) == ["Otsikko", "Leipä.", "Pieni teksti", "Kiva kuulla!"]


@pytest.mark.parametrize(
    ("reply", "line"),
    [
        (Reply("fi", "**Hei**\n\nolen  täällä"), "Hei olen täällä"),
        (Reply("fi", "Huomaa", tip=TIP), "Otsikko"),
        (Reply("fi", choices=(Choice("Vinkit aiheesta", (BUTTON,)),)), "Vinkit aiheesta"),
        (Reply("fi"), ""),
        (Reply("fi", "sana " * 100), "sana " * 38 + "sana…"),
    ],
)
def test_the_line_for_notifications_is_plain_and_short(reply: Reply, line: str) -> None:
    assert plain(reply) == line


def test_an_attachment_is_the_card_with_its_type() -> None:
    reply = Reply("fi", "Hei")
    assert attachment(reply) == {"contentType": CONTENT_TYPE, "content": card(reply)}


any_text = st.text(st.characters(exclude_categories=()), max_size=80) | st.sampled_from(HOSTILE)
long_text = st.builds(lambda text, times: text * times, any_text, st.sampled_from([1, 1, 1, 50, 2_000]))
views = st.builds(
    TipView,
    id=st.just("t"),
    language=st.just("fi"),
    title=long_text,
    body=long_text,
    details=long_text,
    link=st.sampled_from(["", "https://kunta.fi"]),
    link_label=any_text,
)
presses = st.builds(Button, long_text, st.builds(Action, any_text, st.dictionaries(any_text, any_text, max_size=3)))
choices = st.builds(Choice, long_text, st.lists(presses, max_size=25).map(tuple))
replies = st.builds(
    Reply,
    language=st.sampled_from(LANGUAGES),
    text=long_text,
    warnings=st.lists(any_text, max_size=4).map(tuple),
    tip=st.none() | views,
    choices=st.lists(choices, max_size=3).map(tuple),
    settles=st.none() | views,
)


@settings(max_examples=60)
@given(reply=replies)
def test_any_reply_makes_a_card_of_a_right_shape_and_size_and_is_itself_unchanged(reply: Reply) -> None:
    before = deepcopy(reply)
    made = card(reply)
    assert_of_a_right_shape(made)
    assert size(made) <= LARGEST_CARD
    assert card(reply) == made
    assert reply == before
    assert len(plain(reply)) <= 200
    assert json.loads(json.dumps(made)) == made
    assert cards.attachment(reply)["content"] == made


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_step_of_every_session_makes_a_card_and_a_dialog(assistant: Assistant, language: Language) -> None:
    for theme in starter_programme().sessions:
        reply = assistant.respond(Message("", "p", "teams", action=opening(theme, "own", "", language).action), NOW)
        for _ in range(30):
            assert_valid(reply)
            task = cards.task(reply)["task"]["value"]
            assert_of_a_right_shape(task["card"]["content"])
            assert len(task["title"]) <= 30
            assert "Action.Execute" not in json.dumps(task)
            actions = [button.action for choice in reply.choices for button in choice.buttons]
            onward = [action for action in actions if action.values.get("do", "back") != "back"]
            if onward[0].values["do"] == "again":
                break
            reply = assistant.respond(Message("", "p", "teams", action=onward[0]), NOW)


def test_a_button_that_opens_a_dialog_asks_teams_for_it() -> None:
    button = Button("Aloita", Action("session", {"theme": "passwords"}, dialog=True))
    made = assert_valid(Reply("fi", "Vartti", choices=(Choice("", (button,)),)))
    [action] = [part for part in elements(made) if part["type"] == "Action.Submit"]
    data = {"msteams": {"type": "task/fetch"}, "digivinkki": {"name": "session", "values": {"theme": "passwords"}}}
    assert (action["title"], action["data"]) == ("Aloita", data)
    assert pressed(action["data"]) == ("session", {"theme": "passwords"})


@settings(max_examples=30)
@given(reply=replies)
def test_any_reply_makes_a_dialog_of_a_right_shape(reply: Reply) -> None:
    made = cards.task(reply)["task"]["value"]["card"]["content"]
    assert_of_a_right_shape(made)
    assert not [part for part in elements(made) if part["type"] == "Action.Execute"]
    assert size(made) <= LARGEST_CARD
