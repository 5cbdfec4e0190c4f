"""Calendar entries on their pages: made, changed, hidden, for one time only; what is wrong is told and nothing lost."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import date, time, timedelta
from html import unescape
from urllib.parse import urlencode

import pytest

from bot.people import COORDINATOR, TUTOR
from bot.stores import Stores
from scheduler import starter
from scheduler.choosing import Choice
from scheduler.models import Entry, Kind
from scheduler.recurrence import occurrences
from tests.conftest import NOW
from tests.pages import CONNECTED, Client, form_token, sign_in, text_of, visiting

MONTHS = [("kuukaudet", str(month)) for month in range(1, 13)]
FORM = [
    ("laji", "meeting"),
    ("otsikko_fi", "Digitutorien kahvit"),
    ("toistuu", "weekday"),
    ("monesko", "2"),
    ("viikonpaiva", "1"),
    ("joka", "1"),
    ("alkaa", "2027-01-01"),
    ("klo", "9.00"),
    ("kesto", "30"),
    ("muistutus", "P1D"),
    ("kenelle", "all"),
    ("siirto", "next"),
    *MONTHS,
]
QUARTER = "security-quarter-data-protection"


@pytest.fixture
async def client(stores: Stores) -> AsyncIterator[Client]:
    starter.seed(stores.calendar)
    async with visiting(stores) as client:
        await sign_in(client, stores)
        yield client


async def send(
    client: Client, path: str, pairs: list[tuple[str, str]], what: str, status: int = 200, **changed: str
) -> str:
    """Posts the form as a browser does; `changed` takes the place of its fields. The page that follows."""
    token = form_token(await text_of(client, path))
    kept = [(name, value) for name, value in pairs if name not in changed]
    data = urlencode([*kept, *changed.items(), ("token", token), ("tee", what)])
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    response = await client.post(path, data=data, headers=headers)
    text = unescape(await response.text())
    assert response.status == status, text
    return text


def fields(page: str) -> list[tuple[str, str]]:
    """What a browser would send of the page's first form."""
    form = page.split('class="sheet fields"')[1].split("</form>", 1)[0]
    found = re.findall(r'<input [^>]*?name="(\w+)" type="\w+" value="([^"]*)"', form)
    found += re.findall(r'<input type="hidden" name="(versio)" value="([^"]*)"', form)
    found += re.findall(r'<input type="\w+" name="(\w+)" value="([^"]*)" checked>', form)
    found += re.findall(r'<textarea [^>]*?name="(\w+)"[^>]*>\n([^<]*)</textarea>', form)
    for name, options in re.findall(r'<select id="\w+" name="(\w+)"[^>]*>(.*?)</select>', form):
        found += [(name, value) for value in re.findall(r'<option value="([^"]*)" selected', options)]
    return [(name, unescape(value)) for name, value in found]


async def test_an_entry_is_planned_and_its_next_dates_are_told(client: Client, stores: Stores) -> None:
    page = await send(client, "/vuosikello/uusi", FORM, "save")
    assert "Merkintä on tallennettu" in page
    assert "Joka kuukauden toinen tiistai klo 9.00" in page
    for day in ("ti 12.1.2027", "ti 9.2.2027", "ti 9.3.2027", "ti 13.4.2027", "ti 11.5.2027"):
        assert day in page
    entry = stores.calendar.get("digitutorien-kahvit")
    assert entry is not None
    assert (entry.rrule, entry.time, entry.minutes) == ("FREQ=MONTHLY;BYDAY=2TU", time(9), 30)
    assert entry.reminders == (timedelta(days=1),)
    assert entry.own
    assert [(note.what, note.about) for note in stores.audit.notes(1)] == [("entry_saved", "digitutorien-kahvit")]
    assert "/vuosikello/digitutorien-kahvit" in await text_of(client, "/vuosikello")


async def test_looking_at_the_dates_saves_nothing(client: Client, stores: Stores) -> None:
    page = await send(client, "/vuosikello/uusi", FORM, "look")
    assert "ti 9.2.2027" in page
    assert stores.calendar.get("digitutorien-kahvit") is None


async def test_a_holiday_moves_a_date_and_the_page_says_why(client: Client) -> None:
    page = await send(client, "/vuosikello/uusi", FORM, "look", toistuu="dates", paivat="6.12.2027 2027-12-08")
    assert "ti 7.12.2027" in page
    assert "ma 6.12. on Itsenäisyyspäivä" in page


@pytest.mark.parametrize(
    ("changed", "field", "reason"),
    [
        ({"otsikko_fi": " "}, "otsikko_fi", "Kirjoita otsikko"),
        ({"otsikko_fi": "x" * 151}, "otsikko_fi", "liian pitkä"),
        ({"laji": "party"}, "laji", "Valitse, mikä tämä on"),
        ({"laji": "security_quarter"}, "teema", "Valitse aihe"),
        ({"klo": "yhdeksältä"}, "klo", "9.00"),
        ({"klo": "25.00"}, "klo", "9.00"),
        ({"klo": "9.0²"}, "klo", "9.00"),
        ({"klo": "9" * 5_000}, "klo", "9.00"),
        ({"kesto": "vartti"}, "kesto", "esimerkiksi 15"),
        ({"klo": "", "kesto": "15"}, "kesto", "tarvitsee kellonajan"),
        ({"alkaa": "eilen"}, "alkaa", "12.1.2027"),
        ({"loppuu": "2026-01-01"}, "loppuu", "ennen ensimmäistä"),
        ({"joka": "0"}, "joka", "yhdestä"),
        ({"joka": "2", "kuukaudet": "3"}, "joka", "ei molempia"),
        ({"toistuu": "weekly"}, "viikonpaivat", "viikonpäivä"),
        ({"toistuu": "dates", "paivat": "30.2.2027"}, "paivat", "30.2.2027"),
        ({"toistuu": "dates", "paivat": ""}, "paivat", "ainakin yksi päivä"),
        ({"toistuu": "own", "saanto": "JOKA TIISTAI"}, "saanto", "Kalenteri sanoo"),
        ({"toistuu": "own", "saanto": ""}, "saanto", "Kirjoita sääntö"),
        ({"linkki": "teams.microsoft.com"}, "linkki", "https://"),
        ({"kenelle": "profile:moon"}, "kenelle", "Valitse, kenelle"),
    ],
)
async def test_what_is_wrong_is_told_at_its_field_and_nothing_is_lost(
    client: Client, stores: Stores, changed: dict[str, str], field: str, reason: str
) -> None:
    before = stores.calendar.revision()
    page = await send(client, "/vuosikello/uusi", [*FORM, ("vetaja", "Maija & <b>")], "save", status=422, **changed)
    at_field = re.search(rf'id="virhe-{field}">([^<]*)', page)
    assert at_field
    assert reason in at_field[1]
    assert 'value="Maija & <b>"' in page  # unescaped for this test only
    assert stores.calendar.revision() == before


async def test_every_entry_of_the_ready_year_stays_the_same_when_saved_as_it_is(client: Client, stores: Stores) -> None:
    ids = ["weekly-tip", QUARTER, "task-roles-and-channels"]
    ids += [each.id for each in stores.calendar.in_force() if "BYMONTHDAY=5,6" in each.rrule]
    for each in ids:
        before = stores.calendar.get(each)
        page = await text_of(client, f"/vuosikello/{each}")
        await send(client, f"/vuosikello/{each}", fields(page), "save")
        after = stores.calendar.get(each)
        assert before is not None
        assert after is not None
        assert after.own
        for name in Entry.__dataclass_fields__:
            if name not in ("own", "dates"):
                assert getattr(after, name) == getattr(before, name), (each, name)


async def test_somebody_elses_saving_is_shown_beside_and_nothing_is_lost(client: Client, stores: Stores) -> None:
    mine = fields(await text_of(client, f"/vuosikello/{QUARTER}"))
    await send(client, f"/vuosikello/{QUARTER}", mine, "save", vetaja="Liisa")
    page = await send(client, f"/vuosikello/{QUARTER}", mine, "save", status=409, vetaja="Maija", klo="10.00")
    assert "Toinen on tallentanut" in page
    differing = page.split("<tbody>")[1].split("</tbody>")[0]
    assert "Maija" in differing
    assert "Liisa" in differing
    assert ("vetaja", "Maija") in fields(page)
    assert stores.calendar.get(QUARTER).host == "Liisa"  # type: ignore[union-attr]
    await send(client, f"/vuosikello/{QUARTER}", fields(page), "save")
    assert stores.calendar.get(QUARTER).host == "Maija"  # type: ignore[union-attr]


async def test_hiding_and_taking_back_and_the_ready_years_own(client: Client, stores: Stores) -> None:
    path, page = f"/vuosikello/{QUARTER}", await text_of(client, f"/vuosikello/{QUARTER}")
    await send(client, path, fields(page), "save", otsikko_fi="Oma otsikko")
    assert "Merkintä on piilotettu" in await send(client, path, [], "hide")
    assert QUARTER not in [each.id for each in stores.calendar.in_force()]
    assert "Oma otsikko" in await text_of(client, "/vuosikello")  # among the hidden ones
    await send(client, path, [], "show")
    assert stores.calendar.get(QUARTER).title("fi") == "Oma otsikko"  # type: ignore[union-attr]
    await send(client, path, [], "reset")
    assert stores.calendar.get(QUARTER).title("fi").startswith("Digiturvavartti")  # type: ignore[union-attr]


async def test_an_own_entry_is_removed_only_once_it_is_hidden(client: Client, stores: Stores) -> None:
    await send(client, "/vuosikello/uusi", FORM, "save")
    path = "/vuosikello/digitutorien-kahvit"
    await send(client, path, [], "remove", status=404)
    await send(client, path, [], "hide")
    await send(client, path, [], "remove")
    assert stores.calendar.get("digitutorien-kahvit") is None


def dates(stores: Stores, entry_id: str) -> list[date]:
    entry = stores.calendar.get(entry_id)
    assert entry is not None
    return [each.at.date() for each in occurrences(entry, date(2027, 1, 1), date(2027, 6, 30))]


async def test_one_time_is_moved_left_out_and_taken_back(client: Client, stores: Stores) -> None:
    await send(client, "/vuosikello/uusi", FORM, "save")
    path = "/vuosikello/digitutorien-kahvit"
    page = await send(client, f"{path}/2027-02-09", [], "move", paiva="2027-02-11")
    assert "Kerta on siirretty" in page
    assert dates(stores, "digitutorien-kahvit")[1] == date(2027, 2, 11)
    await send(client, f"{path}/2027-03-09", [], "leave_out")
    assert date(2027, 3, 9) not in dates(stores, "digitutorien-kahvit")
    await send(client, f"{path}/2027-04-13", [], "move", status=422, paiva="2027-05-11")
    await send(client, f"{path}/2027-04-13", [], "move", status=422, paiva="joskus")
    page = await send(client, f"{path}/2027-03-09", [], "back")
    assert "Muutos on peruttu" in page
    assert date(2027, 3, 9) in dates(stores, "digitutorien-kahvit")
    # The rule is still told in words: what differs stands beside it.
    assert "Joka kuukauden toinen tiistai" in page


async def test_one_time_gets_another_theme_and_the_others_keep_theirs(client: Client, stores: Stores) -> None:
    page = await send(client, f"/vuosikello/{QUARTER}/2027-01-27", [], "theme", teema="passwords")
    assert "oma merkintä" in page
    alone = stores.calendar.get(f"{QUARTER}-2027-01-27")
    assert alone is not None
    assert (alone.theme, alone.dates) == ("passwords", (date(2027, 1, 27),))
    assert alone.titles["fi"] == "Digiturvavartti: Salasanat ja kirjautuminen" or "Salasana" in alone.titles["fi"]
    assert date(2027, 1, 27) not in dates(stores, QUARTER)


async def test_a_time_that_is_none_or_past_is_told(client: Client) -> None:
    for path in (f"/vuosikello/{QUARTER}/2027-01-28", f"/vuosikello/{QUARTER}/x", "/vuosikello/nothing/2027-01-27"):
        await text_of(client, path, status=404)
    assert "on jo ollut" in await text_of(client, f"/vuosikello/{QUARTER}/2026-01-28")


async def test_the_weeks_tip_is_chosen_and_left_to_the_planner_again(client: Client, stores: Stores) -> None:
    page = await text_of(client, "/viikko/2027-4")
    assert "Tietosuoja" in page
    tip = re.findall(r'name="vinkki" value="([\w-]+)"', page)[3]
    await send(client, "/viikko/2027-4", [("vinkki", tip)], "choose")
    assert stores.calendar.choices() == {(2027, 4, ""): Choice(tip)}
    assert f'value="{tip}" checked' in await text_of(client, "/viikko/2027-4?q=salasana+vanheni")
    await send(client, "/viikko/2027-4", [("vinkki", "")], "choose")
    assert stores.calendar.choices() == {}
    await send(client, "/viikko/2027-4", [("vinkki", "no-such")], "choose", status=404)


async def test_a_weeks_theme_is_another_in_every_year(client: Client, stores: Stores) -> None:
    await send(client, "/viikko/2027-4", [("teema", "passwords")], "theme")
    entry = stores.calendar.get("weekly-tip")
    assert entry is not None
    assert (entry.weeks[4], entry.weeks[5]) == ("passwords", "teams-meetings")


@pytest.mark.parametrize("path", ["/viikko/2027-54", "/viikko/2027-0", "/viikko/1999-1", "/viikko/x"])
async def test_a_week_that_is_none_is_told(client: Client, path: str) -> None:
    assert (await client.get(path)).status == 404


async def test_a_role_that_was_taken_away_meanwhile_changes_nothing(stores: Stores) -> None:
    starter.seed(stores.calendar)
    stores.people.give_role("teams:anna", COORDINATOR, NOW)
    async with visiting(stores, CONNECTED) as client:
        await sign_in(client, stores, "teams:anna")
        token = form_token(await text_of(client, "/vuosikello/uusi"))
        stores.people.take_role("teams:anna", COORDINATOR)
        stores.people.give_role("teams:anna", TUTOR, NOW)
        before = stores.calendar.revision()
        data = {**dict(FORM), "token": token, "tee": "save"}
        response = await client.post("/vuosikello/uusi?lang=sv", data=data)
        assert response.status == 403
        assert '<html lang="sv">' in await response.text()
        assert stores.calendar.revision() == before


async def test_a_script_in_a_form_is_text(client: Client) -> None:
    token = form_token(await text_of(client, "/vuosikello/uusi"))
    data = {**dict(FORM), "otsikko_fi": '"><script>alert(1)</script>', "klo": "x", "token": token, "tee": "save"}
    text = await (await client.post("/vuosikello/uusi", data=data)).text()
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)" in text


async def test_the_pages_are_small(client: Client) -> None:
    for path in ("/vuosikello/uusi", "/vuosikello/weekly-tip", f"/vuosikello/{QUARTER}/2027-01-27", "/viikko/2027-4"):
        assert len((await text_of(client, path)).encode()) < 50_000, path


def test_kinds_have_their_names() -> None:
    from web.pages.kinds import KINDS  # noqa: PLC0415

    assert KINDS.keys() == set(Kind)
