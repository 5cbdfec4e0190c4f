"""Posters: a sheet each, whatever their text, in the organisation's name and colour, with a code that leads there."""

from __future__ import annotations

import re
import zlib
from collections.abc import AsyncIterator
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.settings import Settings
from bot.stores import Stores
from scheduler import starter
from scheduler.models import Entry, Kind
from tests.pages import Client, sign_in, text_of, visiting
from tips.errors import SettingsError
from web.pages import posters
from web.paper.blocks import Block, blocks
from web.paper.poster import Poster, printed
from web.paper.sheet import Sheet, on


@pytest.fixture
async def client(stores: Stores) -> AsyncIterator[Client]:
    starter.seed(stores.calendar)
    async with visiting(stores, Settings(public_url="https://vinkit.kunta.fi")) as visitor:
        await sign_in(visitor, stores)
        yield visitor


def poster(title: str = "Vaihda salasana", markdown: str = "Avaa **Asetukset**.", **values: object) -> Poster:
    given = {
        "organisation": "Mallilan kunta",
        "kind": "Digivinkki",
        "lines": (),
        "invites": "Lue puhelimella",
        "address": "https://vinkit.kunta.fi/ohjeet/passwords/password-strong",
        "note": "",
        "language": "fi",
        "colour": (11, 92, 107),
    }
    return Poster(title=title, markdown=markdown, **{**given, **values})  # type: ignore[arg-type]


def pages_of(data: bytes) -> int:
    assert data.startswith(b"%PDF-")
    return int(re.search(rb"/Count (\d+)", data).group(1))  # type: ignore[union-attr]


async def test_the_posters_to_choose_from_are_the_weeks_and_the_sessions_to_come(client: Client) -> None:
    page = await text_of(client, "/julisteet")
    tips, sessions = re.findall(r"/julisteet/vinkki/[\w-]+\.pdf", page), re.findall(r"/julisteet/kerta/[^\"]+", page)
    assert len(tips) > 10
    assert sessions
    for path in (tips[0], sessions[0]):
        response = await client.get(path)
        assert (response.status, response.content_type) == (200, "application/pdf")
        assert pages_of(await response.read()) == 1


async def test_a_tips_page_leads_to_its_poster(client: Client) -> None:
    assert "/julisteet/vinkki/password-strong.pdf" in await text_of(client, "/ohjeet/passwords/password-strong")


@pytest.mark.parametrize(
    "path",
    [
        "/julisteet/vinkki/no-such-tip.pdf",
        "/julisteet/kerta/no-such-entry/2027-01-12.pdf",
        "/julisteet/kerta/weekly-tip/2027-01-12.pdf",
        "/julisteet/kerta/weekly-tip/9999-99-99.pdf",
        "/julisteet/kerta/weekly-tip/9999-12-31.pdf",
    ],
)
async def test_what_there_is_not_has_no_poster(client: Client, path: str) -> None:
    await text_of(client, path, 404)


async def test_posters_are_for_those_who_run_the_programme(stores: Stores) -> None:
    async with visiting(stores) as visitor:
        for path in ("/julisteet", "/julisteet/vinkki/password-strong.pdf"):
            await text_of(visitor, path, 401)


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
async def test_every_starter_tip_fits_its_sheet(client: Client, stores: Stores, language: str) -> None:
    for tip in list(stores.library.snapshot.base.tips)[::27]:
        response = await client.get(f"/julisteet/vinkki/{tip}.pdf?lang={language}")
        assert pages_of(await response.read()) == 1


@settings(max_examples=25)
@given(st.text(max_size=300), st.text(max_size=3_000), st.tuples(*[st.integers(0, 255)] * 3))
def test_any_text_is_one_sheet(title: str, markdown: str, colour: tuple[int, int, int]) -> None:
    assert pages_of(printed(poster(title, markdown, colour=colour))) == 1


def test_letters_that_are_not_there_are_written_with_the_nearest() -> None:
    sheet = Sheet("", "fi")
    assert sheet._in_letters("Sámegiella: čáŋŋálit ✓ 漢字\nä") == "Sámegiella: čánnálit · \nä"


def test_a_code_is_squares_of_its_address() -> None:
    data = printed(poster())
    drawn = b"".join(
        zlib.decompress(part) for part in re.findall(rb"stream\r?\n(x.*?)\r?\nendstream", data, re.DOTALL)[:1]
    )
    assert drawn.count(b" re f") > 200


def test_markdown_is_paragraphs_and_numbered_items() -> None:
    listed = "1. Paina [tästä](https://a.fi).\n2. Sano `--` tai\n   **OK**\n\n- a\n- b"
    assert blocks(f"Avaa **Asetukset** <b>.\n\n{listed}") == [
        Block("", "Avaa **Asetukset** <b>."),
        Block("1.", "Paina tästä."),
        Block("2.", "Sano – tai **OK**"),
        Block("•", "a"),
        Block("•", "b"),
    ]


@pytest.mark.parametrize(
    ("colour", "letters"),
    [((11, 92, 107), (255, 255, 255)), ((255, 221, 0), (0, 0, 0)), ((0, 0, 0), (255, 255, 255))],
)
def test_letters_on_a_colour_are_read_best(colour: tuple[int, int, int], letters: tuple[int, int, int]) -> None:
    assert on(colour) == letters


@pytest.mark.parametrize("value", ["#ff8800", "FF8800", " #ff8800 "])
def test_the_organisations_colour_is_a_setting(value: str) -> None:
    assert Settings.from_environ({"DIGIVINKKI_COLOUR": value}).colour == (255, 136, 0)


@pytest.mark.parametrize("value", ["red", "#fff", "#12345g", "##123456", "#１23456"])
def test_a_colour_that_is_none_is_refused(value: str) -> None:
    with pytest.raises(SettingsError, match="DIGIVINKKI_COLOUR must be a colour such as #0b5c6b"):
        Settings.from_environ({"DIGIVINKKI_COLOUR": value})


@pytest.mark.parametrize(
    ("link", "host", "lines"),
    [
        ("", "", ["Omaan tahtiin, kun sinulle sopii"]),
        ("", "Anna", ["Vetäjä: Anna"]),
        ("https://teams.microsoft.com/l/meetup-join/x", "Anna", ["Teamsissa", "Vetäjä: Anna"]),
        ("https://mallila.slack.com/huddle/x", "", ["Slackissa"]),
        ("https://teams.microsoft.com.example/x", "", ["Etänä: linkki on kutsussa"]),
    ],
)
def test_a_session_says_where_it_is_and_who_holds_it(link: str, host: str, lines: list[str]) -> None:
    entry = Entry("x", Kind.TIP_SESSION, {"fi": "X"}, date(2027, 1, 1), host=host, meeting_link=link)
    assert posters._where(entry, host, "fi") == lines
