"""Every reply as blocks that Slack takes: checked by slack_sdk's models and against the documented limits."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View

from bot.answers import Shelf, answered, shown_tip, theme_tips, themes
from bot.assistant import Assistant
from bot.models import Action, Button, Choice, Message, Reply, Scope, TipView
from bot.sessions import opening
from bot.slack.blocks import ACTION, blocks, plain, pressed
from bot.slack.modals import view
from bot.stores import Stores
from tests.conftest import NOW
from tips.facts import known_facts
from tips.library import Snapshot
from tips.models import LANGUAGES, Answer, Band, Language, Match
from tips.programme import starter_programme

_HOSTILE = ["<!channel> & <@U1> <script>", "**" * 9, "[x](javascript:alert(1))", "`" * 5, "---", "1. ", "> ", "\n\n"]
_TIP = TipView("t", "fi", "Otsikko", "Teksti", "Perusvinkki", "https://x.fi/?a=1&b=2", "Lue lisää")


def checked(reply: Reply) -> list[dict[str, Any]]:
    """The reply's blocks, once they have passed all that Slack checks."""
    made = blocks(reply)
    parsed = Block.parse_all(made)
    assert len(parsed) == len(made)
    for block in parsed:
        block.validate_json()
    assert 1 <= len(made) <= 50
    assert len(json.dumps(made, ensure_ascii=False)) <= 12_000
    for block in made:
        _check(block)
    action_ids = [element["action_id"] for block in made for element in _buttons(block)]
    assert len(action_ids) == len(set(action_ids))
    assert 1 <= len(plain(reply)) <= 3_000
    return made


def _check(block: dict[str, Any]) -> None:
    assert block["type"] in ("section", "header", "context", "actions")
    if block["type"] == "section":
        assert 1 <= len(block["text"]["text"]) <= 3_000
    if block["type"] == "header":
        assert block["text"]["type"] == "plain_text"
        assert 1 <= len(block["text"]["text"]) <= 150
    if block["type"] == "context":
        assert len(block["elements"]) <= 10
        assert all(1 <= len(element["text"]) <= 3_000 for element in block["elements"])
    if block["type"] == "actions":
        assert 1 <= len(block["elements"]) <= 25
    for button in _buttons(block):
        assert 1 <= len(button["text"]["text"]) <= 75
        assert len(button["value"]) <= 2_000
        assert len(button["action_id"]) <= 255
        assert pressed(button["value"]) is not None


def _buttons(block: dict[str, Any]) -> list[dict[str, Any]]:
    return block["elements"] if block["type"] == "actions" else []


def texts(made: list[dict[str, Any]]) -> str:
    """All that is read in the blocks, in order."""
    shown = []
    for block in made:
        shown += [block["text"]["text"]] if "text" in block else []
        shown += [
            element["text"] if isinstance(element["text"], str) else element["text"]["text"]
            for element in block.get("elements", ())
        ]
    return "\n".join(shown)


@pytest.fixture(scope="module", params=["untold", "told"])
def shelf(snapshot: Snapshot, request: pytest.FixtureRequest) -> Shelf:
    told = {key: fact.example["fi"] for key, fact in known_facts().items()} if request.param == "told" else {}
    return Shelf(snapshot, told)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_tip_is_shown_whole(shelf: Shelf, language: Language) -> None:
    ids = list(shelf.snapshot.base.tips)
    for tip_id in ids:
        reply = shown_tip(shelf, tip_id, language, 1, also=ids[:2], band=Band.ANSWER)
        shown = texts(checked(reply))
        assert reply.tip is not None
        assert reply.tip.title in shown
        assert reply.tip.details in shown
        assert "…" not in shown.replace(reply.tip.body, "") or "…" in reply.tip.body
        assert reply.tip.title in plain(reply)
        for said in (
            replace(reply, settles=reply.tip, tip=None, text="Kiva!"),
            shown_tip(shelf, tip_id, language, None),
        ):
            assert reply.tip.title in texts(checked(said))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("question", [7, None])
@pytest.mark.parametrize("band", [Band.ANSWER, Band.SUGGEST, Band.HAND_OVER])
def test_every_band_is_shown(shelf: Shelf, language: Language, band: Band, question: int | None) -> None:
    matches = tuple(Match(tip, 0.5) for tip in list(shelf.snapshot.base.tips)[:10])
    for found in (matches, matches[:1], matches if band is Band.ANSWER else ()):
        checked(answered(shelf, Answer("kysymys", language, band, 0.5, found), question))


@pytest.mark.parametrize("language", LANGUAGES)
def test_themes_and_their_tips_are_buttons(shelf: Shelf, language: Language) -> None:
    assert sum(len(_buttons(block)) for block in checked(themes(shelf, language))) == len(shelf.snapshot.themes)
    for theme in shelf.snapshot.themes:
        reply = theme_tips(shelf, theme, language)
        assert sum(len(_buttons(block)) for block in checked(reply)) == len(reply.choices[0].buttons)
        assert plain(reply) == reply.choices[0].label
    checked(theme_tips(shelf, "no-such-theme", language))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("scope", Scope)
def test_the_welcome_is_shown(assistant: Assistant, scope: Scope, language: Language) -> None:
    made = checked(assistant.welcome(scope, language))
    assert "Digivinkki" in texts(made)
    assert any(_buttons(block) for block in made)


@pytest.mark.parametrize(
    "text",
    """
    apua|moi|kiitos|kuka olet|ohje|teemat|kieli|kieli svenska|näytä tietoni|poista tietoni|asetukset|hjälp|teman
    visa mina uppgifter|radera mina uppgifter|inställningar|help|themes|show my data|delete my data|settings|?
    miten vaihdan salasanan|salasanani on Kissa123!|henkilötunnukseni on 131052-308T, miten vaihdan salasanan
    korttini 4111 1111 1111 1111 ja tili FI21 1234 5600 0007 85 ja salasanani on Kissa123!|xyzzy
    """.replace("\n", "|").split("|"),
)
@pytest.mark.parametrize("scope", Scope)
def test_whatever_is_typed_the_reply_is_shown(assistant: Assistant, text: str, scope: Scope) -> None:
    reply = assistant.respond(Message(text.strip(), "slack:U1", "slack", scope=scope), NOW)
    shown = texts(checked(reply))
    assert shown.count(":warning:") == len(reply.warnings)


def test_the_first_run_is_shown_step_by_step(assistant: Assistant, stores: Stores) -> None:
    stores.people.give_role("slack:U1", "it", NOW)

    def press(name: str, **values: str) -> Reply:
        return assistant.respond(Message("", "slack:U1", "slack", action=Action(name, values)), NOW)

    made = checked(assistant.respond(Message("asetukset", "slack:U1", "slack"), NOW))
    assert "Aloita" in texts(made)
    checked(press("setup", step="start"))
    for _ in known_facts():
        checked(assistant.respond(Message("a" * 300, "slack:U1", "slack"), NOW))
        checked(press("setup", step="skip"))
    for reply in (
        press("delete", answer="yes"),
        press("language", to="sv"),
        press("none"),
        press("xyz"),
        press("theme"),
    ):
        checked(reply)


def test_a_buttons_value_brings_its_action_back() -> None:
    action = Action("tip", {"tip": "password-strong", "question": "7", "lang": "fi", "text": 'ä "<&> \u2028'})
    made = checked(Reply("fi", choices=(Choice("", (Button("Näytä", action),)),)))
    assert pressed(_buttons(made[0])[0]["value"]) == (action.name, dict(action.values))


@pytest.mark.parametrize(
    "value",
    [
        None, 5, "", "x", "[]", "{}", "null", '["tip"]', '["tip", []]', '[5, {}]', '["tip", {}, 1]', "[" * 9_000,
    ],
)  # fmt: skip
def test_a_value_that_is_none_of_ours_is_no_action(value: object) -> None:
    assert pressed(value) is None


def test_only_texts_are_taken_from_a_value() -> None:
    assert pressed('["tip", {"tip": 5, "lang": "fi", "x": null}]') == ("tip", {"lang": "fi"})


@pytest.mark.parametrize(
    "reply",
    [
        Reply("fi"),
        Reply("fi", "\n\n"),
        Reply("fi", "---"),
        Reply("fi", "[x]: https://x.fi"),
        Reply("fi", tip=replace(_TIP, title=" ", body="", details="", link="")),
        Reply("fi", choices=(Choice("", ()),)),
        Reply("fi", choices=(Choice("", (Button("", Action("tip")),)),)),
    ],
)
def test_an_empty_reply_still_says_something(reply: Reply) -> None:
    assert texts(checked(reply)).strip()


@pytest.mark.parametrize(
    "text", ["sana " * 4_000, "&" * 20_000, "a\n\n" * 7_000, "- kohta\n" * 2_500, "ä" * 20_000, "<!channel> " * 2_000]
)
def test_a_long_tip_is_cut_and_links_to_the_rest(text: str) -> None:
    tip = replace(_TIP, title=text, body=text, details=text)
    for reply in (Reply("fi", text, (text,) * 4, tip=tip), Reply("fi", text, settles=tip)):
        made = checked(replace(reply, choices=(Choice(text, (Button(text, Action("tip", {"tip": "t"})),)),)))
        assert "<https://x.fi/?a=1&amp;b=2|Lue lisää>" in texts(made)
        assert "…" in texts(made)
        assert _buttons(made[-1]), "the buttons stay"


def test_a_link_is_shown_only_where_it_is_one() -> None:
    for bad in ("javascript:alert(1)", "https://x.fi/a|<!channel>", "https://x.fi/" + "a" * 5_000):
        made = checked(Reply("fi", tip=replace(_TIP, link=bad)))
        assert "<!channel>" not in json.dumps(made)
        assert "javascript" not in json.dumps(made)


def test_many_buttons_stand_in_rows_as_far_as_they_fit() -> None:
    buttons = tuple(Button(f"Vinkki {number}", Action("tip", {"tip": str(number)})) for number in range(2_000))
    made = checked(Reply("fi", "Valitse", choices=(Choice("Kaikki", buttons),)))
    assert len(_buttons(made[2])) == 25
    many = tuple(Choice(f"Ryhmä {number}", buttons[:1]) for number in range(200))
    checked(Reply("fi", "Valitse", choices=many))


def test_a_button_whose_value_does_not_fit_is_left_out() -> None:
    long, short = Action("ask", {"text": "a" * 2_000}), Action("ask", {"text": "a"})
    made = checked(Reply("fi", choices=(Choice("", (Button("pitkä", long), Button("lyhyt", short))),)))
    assert [button["text"]["text"] for block in made for button in _buttons(block)] == ["lyhyt"]
    assert made[0]["elements"][0]["action_id"].startswith(f"{ACTION}:")


_texts = st.lists(st.sampled_from(_HOSTILE) | st.text(max_size=40), max_size=6).map("".join)
_tips = st.builds(
    TipView,
    id=st.just("t"),
    language=st.just("fi"),
    title=_texts,
    body=_texts | _texts.map(lambda text: text * 400),
    details=_texts,
    link=st.sampled_from(["", "https://x.fi/?a&b", "https://x.fi/|"]) | _texts,
    link_label=_texts,
)
_actions = st.builds(Action, name=_texts, values=st.dictionaries(_texts, _texts, max_size=3))
_choices = st.builds(
    Choice, label=_texts, buttons=st.lists(st.builds(Button, label=_texts, action=_actions), max_size=30).map(tuple)
)


@settings(max_examples=60)
@given(
    st.builds(
        Reply,
        language=st.just("fi"),
        text=_texts | _texts.map(lambda text: text * 400),
        warnings=st.lists(_texts, max_size=4).map(tuple),
        tip=st.none() | _tips,
        choices=st.lists(_choices, max_size=4).map(tuple),
        settles=st.none() | _tips,
    )
)
def test_whatever_a_reply_holds_slack_takes_it(reply: Reply) -> None:
    made = checked(reply)
    assert not [text for text in ("<!channel>", "<@U1>", "<script>") if text in _markup(made)]


def _markup(made: list[dict[str, Any]]) -> str:
    """What Slack reads as mrkdwn: plain text and values are shown and sent back as they are."""
    sections = [block["text"]["text"] for block in made if block["type"] == "section"]
    return "\n".join([*sections, *(e["text"] for b in made if b["type"] == "context" for e in b["elements"])])


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_step_of_every_session_makes_blocks_and_a_modal(assistant: Assistant, language: Language) -> None:
    for theme in starter_programme().sessions:
        reply = assistant.respond(Message("", "p", "slack", action=opening(theme, "own", "", language).action), NOW)
        for _ in range(30):
            checked(reply)
            modal = checked_view(reply)
            assert modal["title"]["text"] == reply.title
            actions = [button.action for choice in reply.choices for button in choice.buttons]
            onward = [action for action in actions if action.values.get("do", "back") != "back"]
            if onward[0].values["do"] == "again":
                break
            reply = assistant.respond(Message("", "p", "slack", action=onward[0]), NOW)


def checked_view(reply: Reply) -> dict[str, Any]:
    """The reply's modal, once it has passed all that Slack checks."""
    made = view(reply)
    View(**made).validate_json()
    assert made["type"] == "modal"
    assert 1 <= len(made["title"]["text"]) <= 24
    assert 1 <= len(made["close"]["text"]) <= 24
    assert len(made["blocks"]) <= 100
    return made


@settings(max_examples=50)
@given(st.text(max_size=60), _texts)
def test_any_title_fits_a_modal(title: str, text: str) -> None:
    checked_view(Reply("fi", text, title=title))


def test_a_button_that_opens_a_modal_says_so_in_its_id() -> None:
    buttons = (Button("Aloita", Action("session", {}, dialog=True)), Button("Muu", Action("tip")))
    [made] = checked(Reply("fi", choices=(Choice("", buttons),)))
    assert [element["action_id"] for element in made["elements"]] == ["digivinkki:0:0:dialog", "digivinkki:0:1"]
