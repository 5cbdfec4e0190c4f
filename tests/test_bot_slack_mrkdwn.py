"""Markdown as Slack shows it, and that nothing in it can call, link or mention by itself."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.slack.mrkdwn import escaped, fitted, link, mrkdwn

_LINKS = re.compile(r"<https?://[^\s|<>]+\|[^\n<>]*>")
_ENTITIES = re.compile(r"&(?:amp|lt|gt);")
_WORDS = "<!channel> <!here|x> <@U1> <#C1|yleinen> <https://x.fi|y> &lt;!channel&gt; @here @channel".split()
_MARKS = [*"[a](https://x.fi/?a=1&b=<) ]( < > & ** _ ` \\ | -".split(), "\n\n", "\n", "- ", "1. ", "> ", " "]


def said(text: str) -> str:
    """What is left of a text once our own links are taken out: here nothing may be markup of Slack's."""
    return _ENTITIES.sub("", _LINKS.sub("", text))


@pytest.mark.parametrize(
    ("markdown", "shown"),
    [
        ("Vaihda salasana", "Vaihda salasana"),
        ("**Lihava** ja *kursiivi*", "*Lihava* ja _kursiivi_"),
        ("Paina `Ctrl+C`", "Paina `Ctrl+C`"),
        ("[Ohje](https://x.fi/a?b=1&c=2)", "<https://x.fi/a?b=1&amp;c=2|Ohje>"),
        ("[kahdella\nrivillä](https://x.fi)", "<https://x.fi|kahdella rivillä>"),
        ("<https://x.fi>", "<https://x.fi|https://x.fi>"),
        ("[putki](https://x.fi/a|b)", "<https://x.fi/a%7Cb|putki>"),
        ("1. Avaa\n2. Sulje", "1. Avaa\n2. Sulje"),
        ("3. Kolmas\n4. Neljäs", "3. Kolmas\n4. Neljäs"),
        ("- yksi\n   - kaksi\n- kolme", "• yksi\n   • kaksi\n• kolme"),
        ("Ensin\n\n- a\n- b\n\nSitten", "Ensin\n\n• a\n• b\n\nSitten"),
        ("rivi  \nvaihtuu", "rivi\nvaihtuu"),
        ("# otsikko", "# otsikko"),
        ("    sisennetty", "sisennetty"),
        ("> lainaus", "lainaus"),
        ("a & b < c > d", "a &amp; b &lt; c &gt; d"),
        ("AT&amp;T", "AT&amp;T"),
        ("", ""),
        ("---", ""),
    ],
)
def test_markdown_becomes_mrkdwn(markdown: str, shown: str) -> None:
    assert mrkdwn(markdown) == shown


@pytest.mark.parametrize(
    ("markdown", "shown"),
    [
        ("<!channel>", "&lt;!channel&gt;"),
        ("&lt;!channel&gt;", "&lt;!channel&gt;"),
        ("\\<!here\\>", "&lt;!here&gt;"),
        ("<@U1>", "&lt;@U1&gt;"),
        ("`<@U1>`", "`&lt;@U1&gt;`"),
        ("[<!channel>](https://x.fi)", "<https://x.fi|&lt;!channel&gt;>"),
        ("[x](javascript:alert(1))", "[x](javascript:alert(1))"),
        ("[x](ftp://x.fi)", "x"),
        ("[x](mailto:a@b.fi)", "x"),
        ("![kuva](https://x.fi/a.png)", "!<https://x.fi/a.png|kuva>"),
        ("<b>moi</b>", "&lt;b&gt;moi&lt;/b&gt;"),
        ("Älä kirjoita @channel", "Älä kirjoita @\u2060channel"),
        ("@Here, @everyone!", "@\u2060Here, @\u2060everyone!"),
        ("matti@herefordi.fi", "matti@herefordi.fi"),
    ],
)
def test_nothing_calls_or_links_by_itself(markdown: str, shown: str) -> None:
    assert mrkdwn(markdown) == shown


@settings(max_examples=300)
@given(st.lists(st.sampled_from(_WORDS + _MARKS) | st.text(max_size=8), max_size=14).map("".join))
@example("<!channel>")
@example("[<@U1>](https://x.fi)")
@example("[a](<https://x.fi/<!channel>>)")
def test_whatever_is_written_no_markup_of_slacks_survives(text: str) -> None:
    for shown in (mrkdwn(text), fitted(text, 40), escaped(text), link("https://x.fi", text.replace("\n", " "))):
        left = said(shown)
        assert not re.search(r"[<>&]", left), shown
        assert not re.search(r"@(?:here|channel|everyone)\b", left, re.IGNORECASE), shown


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://x.fi/?a=1&b=2", "<https://x.fi/?a=1&amp;b=2|Lue &amp; opi>"),
        ("https://x.fi/a|<!channel>", "Lue &amp; opi"),
        ("https://x.fi/a|b", "<https://x.fi/a%7Cb|Lue &amp; opi>"),
        ("javascript:alert(1)", "Lue &amp; opi"),
        ("", "Lue &amp; opi"),
    ],
)
def test_only_a_web_address_becomes_a_link(address: str, shown: str) -> None:
    assert link(address, "Lue & opi") == shown


@pytest.mark.parametrize("longest", [1, 2, 10, 75, 300, 3_000])
@pytest.mark.parametrize(
    "text",
    [
        "sana " * 4_000,
        "&" * 20_000,
        "<!channel> " * 2_000,
        "[ohje](https://x.fi/a) " * 900,
        "**" * 10_000,
        "[" * 20_000,
        "- " * 10_000,
        "a\n\n" * 7_000,
        " " * 20_000,
        "ä" * 20_000,
    ],
)
def test_a_long_text_fits_and_is_never_cut_inside_an_entity_or_a_link(text: str, longest: int) -> None:
    shown = fitted(text, longest)
    assert len(shown) <= longest
    assert not re.search(r"[<>&]", said(shown))


def test_a_short_text_is_not_cut() -> None:
    assert fitted("**Moi** & hei", 100) == "*Moi* &amp; hei"
