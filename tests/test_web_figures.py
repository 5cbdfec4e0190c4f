"""The figures on their page, in a table file and on paper: what was counted, for those who may see it."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import AsyncIterator

import pytest

from bot.people import COORDINATOR, IT, READER, TUTOR
from bot.stores import Stores
from bot.tallies import What
from tests.conftest import NOW
from tests.pages import CONNECTED, Client, Clock, sign_in, text_of, visiting
from web.charts import Chart, drawn, top_of

ANNA = "teams:anna"


@pytest.fixture
async def client(stores: Stores) -> AsyncIterator[Client]:
    async with visiting(stores) as visitor:
        await sign_in(visitor, stores)
        yield visitor


def busy(stores: Stores, unit: str = "Päiväkoti Aurinko") -> None:
    """Five people of a unit asked, and one of them went through a session."""
    place = stores.units.put([unit])
    for number in range(5):
        stores.units.join(f"p{number}", place.id)
        stores.tallies.note(What.ASKED, "answer:passwords", f"p{number}", NOW)
    stores.tallies.note(What.ASKED, "hand_over:", "p0", NOW)
    stores.tallies.note(What.FELT, "yes", "p0", NOW)
    stores.tallies.note(What.HANDED_OVER, "", "p0", NOW)
    stores.tallies.note(What.REPLIED, "3", "p0", NOW)
    stores.tallies.note(What.FINISHED, "passwords", "p0", NOW, 2)
    stores.tallies.note(What.QUIZZED, "passwords", "p0", NOW, 3)


async def test_nothing_counted_is_said_so(client: Client) -> None:
    assert "Lukuja ei vielä ole" in await text_of(client, "/luvut")


async def test_what_was_counted_is_shown(client: Client, stores: Stores) -> None:
    busy(stores)
    page = await text_of(client, "/luvut")
    shown = r'<h2 id="l-(\w+)">.*?<p class="big"><span><b>(\S+(?: %)?)</b> <small>2027'
    figures = dict(re.findall(shown, page, re.DOTALL))
    assert figures == {
        "asked": "6",
        "share_answered": "83 %",
        "share_helped": "100 %",
        "handed_over": "1",
        "hours": "3",
        "finished": "1",
        "share_right": "67 %",
        "people": "5",
    }
    assert page.count("<svg") == len(figures) == page.count("<caption")
    assert "Päiväkoti Aurinko" in page
    assert page.count("Salasanat") == 2  # of questions, and of sessions


async def test_what_is_to_come_is_nothing_and_not_nought(client: Client, stores: Stores) -> None:
    busy(stores)
    rows = re.findall(r"<tr><th scope=\"row\">(\w+)</th><td>(\S+?)</td>", await text_of(client, "/luvut"))
    assert rows[:2] == [("Tammikuu", "6"), ("Helmikuu", "–")]


async def test_the_year_before_is_beside_it(client: Client, stores: Stores) -> None:
    busy(stores)
    stores.tallies.note(What.ASKED, "answer:passwords", "p0", NOW.replace(year=2026))
    assert '<th scope="row">Tammikuu</th><td>6</td><td>1</td>' in await text_of(client, "/luvut")
    assert '<p class="big"><span><b>1</b> <small>2026' in await text_of(client, "/luvut?vuosi=2026")


@pytest.mark.parametrize("year", ["2019", "2028", "20277", "abc", "", "２０２７"])
@pytest.mark.parametrize("path", ["/luvut", "/luvut.csv", "/luvut.pdf"])
async def test_a_year_that_is_none_is_not_found(client: Client, path: str, year: str) -> None:
    await text_of(client, f"{path}?vuosi={year}", 404)


async def test_a_small_unit_does_not_show(client: Client, stores: Stores) -> None:
    stores.units.join("p1", stores.units.put(["Keittiö"]).id)
    stores.tallies.note(What.ASKED, "answer:passwords", "p1", NOW)
    assert "Keittiö" not in await text_of(client, "/luvut")
    assert "Keittiö" not in await text_of(client, "/luvut.csv")


async def test_a_unit_whose_name_is_a_script_is_text(client: Client, stores: Stores) -> None:
    busy(stores, "<script>alert(1)</script>")
    assert "<script>alert" not in await text_of(client, "/luvut")


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)"])
async def test_a_unit_whose_name_is_a_formula_is_text_in_a_spreadsheet(
    client: Client, stores: Stores, name: str
) -> None:
    busy(stores, name)
    response = await client.get("/luvut.csv")
    text = (await response.read()).decode("utf-8-sig")
    assert [row[1] for row in csv.reader(io.StringIO(text), delimiter=";")][2] == f"'{name}"


async def test_the_table_is_what_spreadsheets_here_read(client: Client, stores: Stores) -> None:
    busy(stores)
    stores.tallies.note(What.REPLIED, "4", "p0", NOW)
    response = await client.get("/luvut.csv")
    data = await response.read()
    assert data.startswith(b"\xef\xbb\xbf")
    assert response.headers["Content-Disposition"] == 'attachment; filename="digivinkki-2027.csv"'
    header, whole, unit = csv.reader(io.StringIO(data.decode("utf-8-sig")), delimiter=";")
    assert whole == ["2027-01", "Koko organisaatio", "5", "6", "5", "0", "1", "0", "1", "2", "3,5", "1", "2", "3"]
    assert unit == ["2027-01", "Päiväkoti Aurinko", *whole[2:]]
    assert len(header) == len(whole)


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
async def test_the_page_for_the_management_team_is_one_page(client: Client, stores: Stores, language: str) -> None:
    busy(stores)
    for theme in ("phishing", "meetings", "ai-everyday", "accessibility", "chat", "devices", "files", "mfa"):
        stores.tallies.note(What.ASKED, f"answer:{theme}", "p0", NOW)
        stores.tallies.note(What.FINISHED, theme, "p0", NOW, 3)
    response = await client.get(f"/luvut.pdf?lang={language}")
    data = await response.read()
    assert (response.status, response.content_type) == (200, "application/pdf")
    assert data.startswith(b"%PDF-")
    assert re.search(rb"/Count (\d+)", data).group(1) == b"1"  # type: ignore[union-attr]


@pytest.mark.parametrize(("role", "status"), [(IT, 200), (COORDINATOR, 200), (READER, 200), (TUTOR, 403), ("", 403)])
@pytest.mark.parametrize("path", ["/luvut", "/luvut.csv", "/luvut.pdf"])
async def test_figures_are_for_those_who_run_the_programme_and_read_its_reports(
    stores: Stores, role: str, status: int, path: str
) -> None:
    if role:
        stores.people.give_role(ANNA, role, NOW)
    async with visiting(stores, CONNECTED) as visitor:
        await text_of(visitor, path, 401)
        await sign_in(visitor, stores, ANNA)
        await text_of(visitor, path, status) if path == "/luvut" else None
        assert (await visitor.get(path)).status == status


async def test_a_reader_sees_figures_only(stores: Stores) -> None:
    stores.people.give_role(ANNA, READER, NOW)
    async with visiting(stores, CONNECTED, Clock()) as visitor:
        await sign_in(visitor, stores, ANNA)
        page = await text_of(visitor, "/luvut")
        assert "/luvut" in page
        assert "/vuosikello" not in page
        for path in ("/vuosikello", "/seuraavaksi", "/vinkit", "/julisteet"):
            await text_of(visitor, path, 403)


@pytest.mark.parametrize(
    ("values", "top"),
    [([], 4), ([None, 0], 4), ([3], 4), ([5], 8), ([9], 20), ([40], 40), ([41], 80), ([900, None], 2000), ([0.5], 4)],
)
def test_a_scale_ends_at_a_round_number(values: list[float | None], top: float) -> None:
    assert top_of(values) == top


def test_a_chart_has_a_bar_a_value_and_none_for_none() -> None:
    chart = Chart("A <b>", ["T", "H"], [2, None], [0, 1])
    svg = str(drawn(chart))
    assert (svg.count('class="now"'), svg.count('class="before"')) == (1, 1)
    assert "A &lt;b&gt;" in svg
    assert "100 %" in str(drawn(Chart("A", ["T"], [0.5], [None], share=True)))
