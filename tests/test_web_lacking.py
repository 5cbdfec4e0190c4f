"""What a month lacked, on the figures page: words for those who write tips, counts for those who read reports."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot.needs import Month
from bot.people import COORDINATOR, READER
from bot.progress import Progress, Run
from bot.stores import Stores
from bot.tallies import What
from scheduler.models import Key
from tests.conftest import NOW, needs_voikko
from tests.pages import CONNECTED, Client, sign_in, text_of, visiting
from tests.test_bot_needs import DOG, STAMPING, ask
from web.pages.frame import PAGES
from web.pages.lacking import Lacking

ANNA = "teams:anna"


@pytest.fixture
async def client(stores: Stores) -> AsyncIterator[Client]:
    async with visiting(stores) as visitor:
        await sign_in(visitor, stores)
        yield visitor


def ways_of_asking(editor: str) -> list[str]:
    found = re.findall(r'name="fi.phrasings"[^>]*>(.*?)</textarea>', editor, re.DOTALL)
    assert len(found) == 1
    return [line for line in found[0].split("\n") if line]


@needs_voikko
async def test_the_largest_need_is_first_and_leads_to_a_tip_with_its_questions(client: Client, stores: Stores) -> None:
    for text in (DOG, *STAMPING):
        ask(stores, text)
    page = await text_of(client, "/luvut")
    assert "4 kysymystä jäi vaille apua. Niistä löytyi 2 asiaa." in page
    rows = re.findall(r'<th scope="row">(.*?) <a href="(/uusi-vinkki[^"]*)">.*?<td>(\d+)</td>', page)
    assert [count for *_, count in rows] == ["3", "1"]
    assert rows[0][0] in STAMPING
    editor = await text_of(client, rows[0][1].replace("&amp;", "&"))
    assert set(ways_of_asking(editor)) == set(STAMPING)


async def test_what_may_name_somebody_is_no_way_of_asking(client: Client, stores: Stores) -> None:
    number = ask(stores, "miksi Maija Meikäläinen ei vastaa numerosta 040 1234567")
    editor = await text_of(client, f"/uusi-vinkki?kysymys={number}&kuukausi=2027-01")
    assert "Meikäläinen" not in editor


@pytest.mark.parametrize(
    "query", ["kysymys=1&kuukausi=x", "kysymys=x&kuukausi=2027-01", "kysymys=99999&kuukausi=2027-01"]
)
async def test_a_need_that_is_none_leads_to_an_empty_editor(client: Client, query: str) -> None:
    editor = await text_of(client, f"/uusi-vinkki?{query}")
    assert ways_of_asking(editor) == []


async def test_who_only_reads_reports_sees_counts_and_no_words(stores: Stores) -> None:
    ask(stores, DOG)
    for role, sees in ((READER, False), (COORDINATOR, True)):
        stores.people.give_role(ANNA, role, NOW)
        async with visiting(stores, CONNECTED) as visitor:
            await sign_in(visitor, stores, ANNA)
            page = await text_of(visitor, "/luvut")
        assert "Yksi kysymys jäi vaille apua" in page
        assert (DOG in page) is sees
        assert ("/uusi-vinkki" in page) is sees


async def test_another_month_is_asked_for_by_its_name(client: Client, stores: Stores) -> None:
    ask(stores, DOG, NOW - timedelta(days=31))
    assert DOG not in await text_of(client, "/luvut")
    assert DOG in await text_of(client, "/luvut?kuukausi=2026-12")
    await text_of(client, "/luvut?kuukausi=2026-13", 404)


async def test_a_script_in_a_question_is_text(client: Client, stores: Stores) -> None:
    ask(stores, "<script>alert(1)</script>")
    assert "<script>alert" not in await text_of(client, "/luvut")


async def test_a_page_does_not_wait_for_long(client: Client, stores: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    ask(stores, DOG)
    lacking, pages, month = Lacking(), client.app[PAGES], Month.of(NOW)
    with monkeypatch.context() as patch:
        patch.setattr("web.pages.lacking._PATIENCE", 0)
        assert await lacking.of(pages, month) == (1, None)
    count, found = await lacking.of(pages, month)
    assert (count, len(found or ())) == (1, 1)
    ask(stores, STAMPING[0])
    count, found = await lacking.of(pages, month)
    assert (count, len(found or ())) == (2, 2)


@pytest.mark.parametrize(("people", "shown"), [(4, False), (5, True)])
async def test_a_quiz_shows_from_five_people_on(client: Client, stores: Stores, people: int, shown: bool) -> None:
    stores.tallies.note(What.FINISHED, "passwords", "p", NOW)
    for number in range(people):
        run = Run(f"h{number}", Key("quarter", NOW.date(), "post", "p0").text(), "passwords")
        stores.progress.move(run, None, Progress(9, "", NOW.isoformat(), 2, 3), NOW)
    page = await text_of(client, "/luvut")
    assert ("<td>67 %</td>" in page.partition('id="visat"')[2]) is shown
