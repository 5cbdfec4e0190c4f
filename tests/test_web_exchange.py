"""Import and export on the pages: seen before it is done, bound to the file that was seen, and nothing by halves."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from io import BytesIO
from tempfile import gettempdir

import pytest
from aiohttp import FormData

from bot.people import IT
from bot.stores import Stores
from tests.conftest import NOW
from tests.pages import CONNECTED, Client, form_token, sign_in, text_of, visiting
from tests.test_tips_archives import YAML, archive
from tips.archives import pack_of
from tips.models import LANGUAGES, Pack, Text, Tip
from tips.programme import parsed, starter_programme
from tips.programme import text_of as text_of_sessions
from tips.sessionstore import Own

BAD = YAML.replace(b"body", b"bodi")
ICS = (
    b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:kokous-1\r\nDTSTAMP:20270101T000000Z\r\n"
    b"DTSTART;VALUE=DATE:20270301\r\nSUMMARY:Kokous <b>\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)


@pytest.fixture
def stores(few: Stores) -> Stores:
    """Two themes are enough here."""
    return few


async def send(
    client: Client, name: str, data: bytes, what: str = "vinkit", language: str = "fi", **more: str
) -> tuple[int, str]:
    token = form_token(await text_of(client, "/tuonti"))
    form = FormData()
    for field, value in {"token": token, "mita": what, **more}.items():
        form.add_field(field, value)
    form.add_field("tiedosto", BytesIO(data), filename=name, content_type="application/octet-stream")
    response = await client.post(f"/tuonti?lang={language}", data=form)
    return response.status, await response.text()


async def accept(client: Client, page: str, **other: str) -> tuple[int, str]:
    form = page.split('action="/tuonti/hyvaksy')[1]
    data = {name: unescape(value) for name, value in re.findall(r'name="(\w+)" value="([^"]*)"', form)}
    response = await client.post("/tuonti/hyvaksy", data={**data, **other})
    return response.status, await response.text()


async def test_a_pack_is_seen_then_imported_then_undone(stores: Stores) -> None:
    async with visiting(stores) as client:
        await sign_in(client, stores)
        status, page = await send(client, "omat.yaml", YAML)
        assert status == 200
        assert "<b>1</b> uutta" in page
        assert "Otsikko" in page
        assert stores.tips.own("a") is None
        status, page = await accept(client, page)
        assert status == 200
        assert "1 vinkkiä muuttui" in page
        assert stores.tips.own("a")
        assert stores.uploads.get("console", "") is None
        assert stores.database.table("uploads").count == 0
    assert stores.audit.notes(1)[0].what == "imported_vinkit"
    assert stores.history.undo(stores.history.newest(1)[0].id, NOW)
    assert stores.tips.own("a") is None


async def test_a_zip_that_hides_the_others_says_how_many(stores: Stores) -> None:
    count = len(stores.tips.in_force().tips)
    async with visiting(stores) as client:
        await sign_in(client, stores)
        _, page = await send(client, "omat.zip", archive({"own.yaml": YAML}), vain="1")
        assert f"<b>{count}</b> muuta vinkkiä piilotetaan" in page
        await accept(client, page)
    assert [tip.id for tip in stores.tips.in_force().tips] == ["a"]


@pytest.mark.parametrize("language", LANGUAGES)
async def test_what_does_not_fit_is_named_by_file_tip_and_field(stores: Stores, language: str) -> None:
    async with visiting(stores) as client:
        await sign_in(client, stores)
        bad = YAML.replace("Teksti ä.".encode(), b"''")
        status, page = await send(client, "p.zip", archive({"sub/own.yaml": bad}), language=language)
        assert status == 422
        for part in ("sub/own.yaml", "<dd>a</dd>", "<dd>fi.body</dd>"):
            assert part in page
        needed = {"fi": "Tämä tarvitaan.", "sv": "Detta behövs.", "en": "This is needed."}
        assert needed[language] in page
    assert stores.history.newest() == []


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("p.zip", b"PK\x03\x04 no zip"),
        ("p.zip", archive({"../out.yaml": YAML})),
        ("p.zip", archive({"a.txt": b"x"})),
        ("p.exe", b"MZ"),
        ("p.yaml", b"\xff\xfe\x00"),
        ("p.yaml", BAD),
        ("<script>alert(1)</script>.yaml", BAD),
        ("p.csv", b""),
    ],
)
async def test_a_file_that_is_no_pack_is_refused_politely(stores: Stores, name: str, data: bytes) -> None:
    async with visiting(stores) as client:
        await sign_in(client, stores)
        status, page = await send(client, name, data)
        assert status == 422
        assert "Tiedostoa ei tuotu" in page
        assert "<script>alert" not in page
        assert gettempdir() not in page
    assert stores.database.table("uploads").count == 0


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("p.yaml", b"theme: a\ntips:\n  - id: x\n   fi: {", "kirjoitusvirhe rivillä 4"),
        ("p.yaml", "title: ä".encode("latin-1"), "Tallenna se muodossa UTF-8"),
        ("p.zip", b"PK\x03\x04 no zip", "Zip-tiedosto on rikki"),
        ("p.docx", b"PK\x03\x04", "Tätä tiedostoa ei voi tuoda"),
        ("p.csv", b"", "Ensimmäisellä rivillä pitää olla sarakkeiden nimet"),
        ("p.csv", b"title;text;owner\na;b;c\n", "Saraketta owner en tunne"),
        ("p.csv", b"title;text;language\na;b;ru\n", "kieli on fi, sv tai en, ei ru"),
        ("p.jsonl", b"", "ei ole yhtään vinkkiä"),
    ],
)
async def test_why_a_file_does_not_fit_is_said_in_the_readers_language(
    stores: Stores, name: str, data: bytes, said: str
) -> None:
    async with visiting(stores) as client:
        await sign_in(client, stores)
        assert said in (await send(client, name, data))[1]


@pytest.mark.parametrize("language", ["fi", "sv"])
async def test_fifty_megabytes_are_refused_early(stores: Stores, language: str) -> None:
    words = {"fi": "enintään 20 Mt", "sv": "högst 20 MB"}
    async with visiting(stores) as client:
        await sign_in(client, stores)
        status, page = await send(client, "p.zip", b"\0" * 50_000_000, language=language)
        assert status == 413
        assert words[language] in page
        assert await text_of(client, "/tuonti")


async def test_what_does_not_say_how_large_it_is_is_refused_too(stores: Stores) -> None:
    async def parts():  # type: ignore[no-untyped-def]
        yield b'--x\r\nContent-Disposition: form-data; name="tiedosto"; filename="p.zip"\r\n\r\n'
        for _ in range(25):
            yield b"\0" * 1_000_000

    async with visiting(stores) as client:
        await sign_in(client, stores)
        headers = {"Content-Type": "multipart/form-data; boundary=x"}
        response = await client.post("/tuonti", data=parts(), headers=headers)
        assert response.status == 413


async def test_only_the_very_file_that_was_seen_is_imported(stores: Stores) -> None:
    async with visiting(stores) as client:
        await sign_in(client, stores)
        _, first = await send(client, "p.yaml", YAML)
        _, _ = await send(client, "p.yaml", YAML.replace(b"id: a", b"id: b"))
        status, _ = await accept(client, first)
        assert status == 410
        status, _ = await accept(client, first, tiiviste="0" * 64)
        assert status == 410
    assert stores.history.newest() == []


async def test_one_persons_file_is_not_anothers(stores: Stores) -> None:
    for person in ("teams:anna", "teams:bertta"):
        stores.people.give_role(person, IT, NOW)
    async with visiting(stores, CONNECTED) as client:
        await sign_in(client, stores, "teams:anna")
        _, page = await send(client, "p.yaml", YAML)
        await sign_in(client, stores, "teams:bertta")
        token = form_token(await text_of(client, "/tuonti"))
        status, _ = await accept(client, page, token=token)
        assert status == 410
    assert stores.tips.own("a") is None


async def test_where_the_tips_have_changed_since_it_is_shown_anew(stores: Stores) -> None:
    async with visiting(stores) as client:
        await sign_in(client, stores)
        _, page = await send(client, "p.yaml", YAML)
        stores.history.put(Tip("a", "own", {"fi": Text("Toisen", "Toisen.")}), NOW)
        status, page = await accept(client, page)
        assert status == 409
        assert "<b>1</b> muuttuu" in page
        assert stores.tips.own("a").texts["fi"].title == "Toisen"  # type: ignore[union-attr]
        status, _ = await accept(client, page)
        assert status == 200
    assert stores.tips.own("a").texts["fi"].title == "Otsikko"  # type: ignore[union-attr]


async def test_a_calendar_is_seen_then_imported(stores: Stores) -> None:
    async with visiting(stores) as client:
        await sign_in(client, stores)
        status, page = await send(client, "vuosi.ics", ICS, "vuosikello")
        assert status == 200
        assert "<b>1</b> uutta" in page
        assert "Kokous &lt;b&gt;" in page
        assert not stores.calendar.in_force()
        _, page = await accept(client, page)
        assert "1 merkintää" in page
    assert [entry.title("fi") for entry in stores.calendar.in_force()] == ["Kokous <b>"]


async def test_a_calendar_that_names_what_there_is_not_is_refused(stores: Stores) -> None:
    entry = b"{id: a, kind: tip_session, theme: no-such, title: {fi: A}, dates: [2027-03-01], time: '9:00'}"
    bad = b"calendar: x\nentries:\n- " + entry + b"\n"
    async with visiting(stores) as client:
        await sign_in(client, stores)
        status, page = await send(client, "vuosi.yaml", bad, "vuosikello")
        assert status == 422
        assert "no-such" in page


@pytest.mark.parametrize(
    "name", ["digivinkit.zip", "digivinkit.csv", "digivinkit.jsonl", "vuosikello.yaml", "vuosikello.ics"]
)
async def test_what_is_in_force_can_be_taken_along(stores: Stores, name: str) -> None:
    stores.tips.add(Pack((), (Tip("a", "own", {"fi": Text("Oma", "Oma.")}),)))
    async with visiting(stores) as client:
        await sign_in(client, stores)
        assert f'href="/vienti/{name}"' in await text_of(client, "/tuonti")
        response = await client.get(f"/vienti/{name}")
        assert response.status == 200
        assert response.headers["Content-Disposition"] == f'attachment; filename="{name}"'
        data = await response.read()
        if name.startswith("digivinkit"):
            assert {tip.id for tip in pack_of(name, data).tips} == {tip.id for tip in stores.tips.in_force().tips}
        assert (await client.get("/vienti/.env")).status == 404


@pytest.mark.parametrize("path", ["/tuonti", "/vienti/digivinkit.zip", "/loki", "/historia", "/vinkit", "/luonnokset"])
async def test_it_is_for_those_who_run_the_programme(stores: Stores, path: str) -> None:
    stores.people.give_role("teams:anna", "tutor", NOW)
    async with visiting(stores, CONNECTED) as client:
        assert (await client.get(path)).status == 401
        await sign_in(client, stores, "teams:anna")
        assert (await client.get(path)).status == 403
        if path == "/tuonti":
            assert (await client.post(path, data=FormData({"mita": "vinkit"}))).status == 403


SESSION = text_of_sessions([replace(starter_programme().sessions["passwords"], minutes=20)]).encode()


async def test_sessions_are_seen_then_imported_and_taken_along(stores: Stores) -> None:
    async with visiting(stores) as client:
        await sign_in(client, stores)
        status, page = await send(client, "vartti.yaml", SESSION, "vartit")
        assert status == 200
        assert "<b>1</b> muuttuu" in page
        assert "Salasanat kuntoon vartissa" in page
        assert stores.sessions.newest("passwords") == []
        _, page = await accept(client, page)
        assert "1 varttia muuttui" in page
        taken = parsed((await text_of(client, "/vienti/vartit.yaml")).encode())
        assert taken.sessions["passwords"].minutes == 20
        assert len(taken.sessions) == len(starter_programme().sessions)
    assert "imported_vartit" in [note.what for note in stores.audit.notes(3)]


async def test_a_session_that_changed_meanwhile_is_shown_anew(stores: Stores) -> None:
    async with visiting(stores) as client:
        await sign_in(client, stores)
        _, page = await send(client, "vartti.yaml", SESSION, "vartit")
        stores.sessions.put("phishing", Own(hidden=True), NOW)
        status, _ = await accept(client, page)
        assert status == 409
    assert stores.sessions.newest("passwords") == []


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (SESSION.replace(b"minutes: 20", b"minutes: x", 1), ("vartti.yaml", "passwords", "minutes", "kokonaisluku")),
        (b"guide: x\nfi: {title: a, body: b}\n", ("vartti.yaml", "only sessions")),
        (b"\xff\xfe\x00", ("vartti.yaml",)),
        (YAML, ("vartti.yaml", "session")),
    ],
)
async def test_sessions_that_do_not_fit_are_refused_whole(stores: Stores, data: bytes, said: tuple[str, ...]) -> None:
    async with visiting(stores) as client:
        await sign_in(client, stores)
        status, page = await send(client, "vartti.yaml", data, "vartit")
    assert status == 422
    for words in said:
        assert words in page
