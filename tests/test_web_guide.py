"""The tip guide as staff read it: without signing in where that is allowed, without a script, in three languages."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest

from bot.settings import Settings
from bot.stores import Stores
from tests.pages import CONNECTED, Client, sign_in, text_of, visiting
from tips.models import LANGUAGES, Image, Language, Pack, Text, Theme, Tip
from web.pages import guide

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"


@pytest.fixture
async def client(stores: Stores) -> AsyncIterator[Client]:
    async with visiting(stores) as client:
        yield client


def links(page: str) -> list[str]:
    return re.findall(r'<a href="(/[^"]*)"', page)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_tip_is_on_the_first_page_and_has_a_page_of_its_own(
    client: Client, stores: Stores, language: Language
) -> None:
    page = await text_of(client, f"/ohjeet?lang={language}")
    assert f'<html lang="{language}">' in page
    tips = stores.library.snapshot.base.tips.values()
    suffix = "" if language == "fi" else f"?lang={language}"
    assert {f"/ohjeet/{tip.theme}/{tip.id}{suffix}" for tip in tips} <= set(links(page))
    assert len(page.encode()) < 50_000


async def test_every_link_of_the_guide_leads_somewhere(client: Client) -> None:
    seen: set[str] = set()
    waiting = ["/ohjeet", "/vartit"]
    while waiting:
        path = waiting.pop()
        if path in seen or "lang=" in path:
            continue
        seen.add(path)
        page = await text_of(client, path)
        assert len(page.encode()) < 50_000, path
        waiting += links(page)
    assert len(seen) > 200


async def test_a_tip_says_when_it_was_reviewed_and_in_which_theme_it_is(client: Client) -> None:
    page = await text_of(client, "/ohjeet/passwords/password-strong")
    assert "Tarkistettu" in page
    assert '<a href="/ohjeet/passwords">Salasanat</a>' in page
    assert page.count("<h1") == 1


async def test_an_address_with_another_theme_leads_to_the_right_one(client: Client) -> None:
    response = await client.get("/ohjeet/excel/password-strong?lang=sv", allow_redirects=False)
    assert (response.status, response.headers["Location"]) == (302, "/ohjeet/passwords/password-strong?lang=sv")


@pytest.mark.parametrize("path", ["/ohjeet/nothing", "/ohjeet/passwords/nothing", "/ohjeet/passwords?sivu=99"])
async def test_what_is_not_there_is_told_with_a_way_on(client: Client, path: str) -> None:
    page = await text_of(client, path, status=404)
    assert "Sivua ei löytynyt" in page
    assert 'role="search"' in page


async def test_the_search_finds_what_the_bot_would_answer_with(client: Client, stores: Stores) -> None:
    for question in ("salasana vanheni", "mä en pääse palaveriin puhelimella", "hur spelar man in ett möte"):
        answer = stores.library.snapshot.base.answer(question, preferred="fi")
        page = await text_of(client, f"/ohjeet?q={question}")
        found = re.findall(r'<ol class="found">.*?</ol>', page, re.DOTALL)
        assert [path.rsplit("/")[-1] for path in links(found[0])] == [match.id for match in answer.matches]


async def test_the_part_for_the_script_is_the_list_only(client: Client) -> None:
    part = await text_of(client, "/ohjeet?q=salasana&osa=tulokset")
    assert "<html" not in part
    assert '<ol class="found">' in part


async def test_a_search_that_finds_nothing_says_so(client: Client) -> None:
    assert "ei löytynyt vinkkejä" in await text_of(client, "/ohjeet?q=zzzzqqqq")


async def test_searching_stores_nothing(client: Client, stores: Stores) -> None:
    await text_of(client, "/ohjeet?q=salasana")
    assert stores.database.table("questions").count == 0


async def test_a_question_is_answered_and_stored_as_in_the_chat(client: Client, stores: Stores) -> None:
    page = await (await client.post("/ohjeet", data={"kysymys": "salasana vanheni"})).text()
    assert "Vaihda salasana" in page
    assert "/ohjeet/passwords/password-change-expired" in page
    (row,) = stores.database.table("questions").rows
    assert (row["text"], row["channel"]) == ("salasana vanheni", "web")
    others = ("people", "dialogs", "conversations", "destinations", "feedback", "progress")
    assert [stores.database.table(table).count for table in others] == [0] * len(others)


async def test_where_there_is_no_answer_the_support_number_is_shown(client: Client, stores: Stores) -> None:
    stores.facts.put("it_support", "09 123 4567")
    page = await (await client.post("/ohjeet", data={"kysymys": "miten leivotaan karjalanpiirakoita"})).text()
    assert "09 123 4567" in page


async def test_what_must_not_be_told_is_masked_before_it_is_stored(client: Client, stores: Stores) -> None:
    page = await (await client.post("/ohjeet", data={"kysymys": "hetuni on 131052-308T, en pääse sisään"})).text()
    assert 'class="warning"' in page
    (row,) = stores.database.table("questions").rows
    assert "308T" not in str(row)


@pytest.mark.parametrize(
    "typed", ["tilaa vinkit", "poista tietoni", "kieli svenska", "avaa hallinta", "digiturvavartti salasanat"]
)
async def test_the_box_takes_questions_and_no_commands(client: Client, stores: Stores, typed: str) -> None:
    assert (await client.post("/ohjeet", data={"kysymys": typed})).status == 200
    others = ("people", "dialogs", "destinations", "progress", "signin_links")
    assert [stores.database.table(table).count for table in others] == [0] * len(others)


async def test_the_code_for_it_is_not_taken_in_the_box(client: Client, stores: Stores) -> None:
    code = stores.claims.new_code()
    await client.post("/ohjeet", data={"kysymys": code})
    assert stores.claims.is_open()
    assert not stores.people.has_it()


async def test_an_empty_question_leads_back_and_a_very_long_one_is_refused(client: Client) -> None:
    assert (await client.post("/ohjeet", data={"kysymys": "  "}, allow_redirects=False)).status == 303
    response = await client.post("/ohjeet", data={"kysymys": "a" * 2_001})
    assert response.status == 413
    assert "liian pitkä" in await response.text()
    assert (await client.post("/ohjeet", data={"kysymys": "a" * 300_000})).status == 413


async def test_many_questions_in_a_row_have_to_wait(client: Client, stores: Stores) -> None:
    statuses = [(await client.post("/ohjeet", data={"kysymys": "salasana"})).status for _ in range(31)]
    assert statuses == [200] * 30 + [429]
    assert stores.database.table("questions").count == 30


async def test_hostile_content_is_shown_as_text(client: Client, stores: Stores) -> None:
    tip = Tip("evil", "evil", {"fi": Text(HOSTILE, f"{HOSTILE}\n\n[a](javascript:alert(1))")})
    stores.tips.add(Pack((Theme("evil", "digivinkki", {"fi": HOSTILE}),), (tip,)))
    stores.library.put(stores.library.read())
    for path in ("/ohjeet", "/ohjeet/evil", "/ohjeet/evil/evil", f"/ohjeet?q={HOSTILE}"):
        page = await text_of(client, path)
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert 'href="javascript' not in page
        assert '<b>"' not in page
    page = await (await client.post("/ohjeet", data={"kysymys": HOSTILE})).text()
    assert "<script>alert" not in page


async def test_a_picture_is_shown_with_what_it_shows(client: Client, stores: Stores) -> None:
    png = b"\x89PNG\r\n\x1a\n" + b"\0" * 20
    digest = "a" * 64
    tip = Tip("pic", "passwords", {"fi": Text("Kuva", "Katso.", image=Image("a.png", "Kaksi nappia", digest))})
    stores.tips.add(Pack((), (tip,), {digest: png}))
    stores.library.put(stores.library.read())
    page = await text_of(client, "/ohjeet/passwords/pic")
    assert f'<img src="/kuvat/{digest}" alt="Kaksi nappia"' in page
    response = await client.get(f"/kuvat/{digest}")
    assert (response.status, response.content_type) == (200, "image/png")
    assert (await client.get(f"/kuvat/{'b' * 64}")).status == 404


async def test_a_tip_in_another_language_says_so(client: Client, stores: Stores) -> None:
    stores.tips.add(Pack((), (Tip("own", "passwords", {"fi": Text("Vain suomeksi", "Teksti.")}),)))
    stores.library.put(stores.library.read())
    page = await text_of(client, "/ohjeet/passwords/own?lang=sv")
    assert "bara på finska" in page
    assert '<article class="tip" lang="fi">' in page


async def test_five_thousand_tips_make_no_large_page(client: Client, stores: Stores) -> None:
    themes = list(stores.library.snapshot.themes)
    own = tuple(
        Tip(f"own-{number}", themes[number % len(themes)], {"fi": Text(f"Oma vinkki numero {number}", "Tee näin.")})
        for number in range(5_000)
    )
    stores.tips.add(Pack((), own))
    stores.library.put(stores.library.read())
    for path in ("/ohjeet", "/ohjeet/passwords", "/ohjeet/passwords?sivu=2", "/ohjeet?q=oma vinkki"):
        assert len((await text_of(client, path)).encode()) < 50_000, path
    assert 'rel="next"' in await text_of(client, "/ohjeet/passwords")


async def test_pages_carry_no_style_and_no_script_of_their_own(client: Client) -> None:
    for path in (
        "/ohjeet",
        "/ohjeet/passwords",
        "/ohjeet/passwords/password-strong",
        "/vartit/passwords",
        "/ohjeet?q=x",
    ):
        response = await client.get(path)
        page = await response.text()
        assert " style=" not in page
        assert re.findall(r"<script(?![^>]* src=\"/sivut/)", page) == []
        assert re.findall(r"\son\w+=", page) == []
        assert "frame-ancestors 'none'" in response.headers["Content-Security-Policy"]


async def test_the_embedded_view_is_framed_by_whom_the_settings_name(stores: Stores) -> None:
    settings = Settings(embed=("https://intra.kunta.fi",))
    async with visiting(stores, settings) as client:
        response = await client.get("/ohjeet?embed")
        page = await response.text()
        assert "frame-ancestors https://intra.kunta.fi" in response.headers["Content-Security-Policy"]
        assert "<header" not in page
        assert "embed=1" in links(page)[0]
        for path in ("/ohjeet", "/kirjaudu/x?embed", "/vuosikello?embed"):
            assert "frame-ancestors 'none'" in (await client.get(path)).headers["Content-Security-Policy"]


async def test_nobody_frames_the_guide_where_the_settings_name_nobody(client: Client) -> None:
    assert "frame-ancestors 'none'" in (await client.get("/ohjeet?embed")).headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("settings", "status"),
    [
        (Settings(), 200),
        (Settings(guide="signed-in"), 401),
        (Settings(guide="off"), 404),
        (CONNECTED, 401),
        (Settings(app_id="x", app_password="y", guide="open"), 200),
        (Settings(app_id="x", app_password="y", guide="off"), 404),
    ],
)
async def test_who_may_read_is_a_setting(stores: Stores, settings: Settings, status: int) -> None:
    async with visiting(stores, settings) as client:
        for path in (
            "/ohjeet",
            "/ohjeet/passwords",
            "/ohjeet/passwords/password-strong",
            "/vartit",
            "/vartit/passwords",
        ):
            assert (await client.get(path)).status == status
        assert (await client.post("/ohjeet", data={"kysymys": "salasana"})).status == status
        assert (await client.get("/sivut/pages.css")).status == 200


async def test_staff_without_a_role_read_the_guide_once_signed_in(stores: Stores) -> None:
    async with visiting(stores, CONNECTED) as client:
        await sign_in(client, stores, "teams:anna", "/ohjeet")
        response = await client.get("/ohjeet")
        assert response.status == 200
        assert response.headers["Cache-Control"] == "no-store"
        assert "/vuosikello" not in await response.text()


async def test_a_session_is_there_to_read_with_its_hosts_minutes(client: Client, stores: Stores) -> None:
    page = await text_of(client, "/vartit/passwords")
    assert page.count('class="quiz"') == 3
    sheet = await text_of(client, "/vartit/passwords/isannalle")
    assert '<th scope="row">0–1</th>' in sheet
    for path in ("/vartit/nothing", "/vartit/nothing/isannalle"):
        assert (await client.get(path)).status == 404


async def test_files_of_the_pages_may_be_kept_and_no_others_are_there(client: Client) -> None:
    response = await client.get("/sivut/pages.css?v=1")
    assert "immutable" in response.headers["Cache-Control"]
    for path in ("/sivut/nothing.css", "/sivut/..%2fserver.py", "/sivut/preview.js"):
        assert (await client.get(path)).status == 404


def test_a_page_number_is_a_number() -> None:
    assert [guide.number_of(text) for text in ("3", "0", "-1", "x", "", "99999", "²")] == [3, 1, 1, 1, 1, 1, 1]
