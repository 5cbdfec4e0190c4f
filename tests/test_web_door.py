"""Signing in by a link from the chat, and everything that must not get in."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.people import COORDINATOR, IT, TUTOR
from bot.settings import Settings
from bot.signins import SESSION_LASTS
from bot.stores import Stores
from tests.conftest import NOW
from tests.pages import CONNECTED, Clock, form_token, sign_in, text_of, visiting

PAGES = ("/vuosikello", "/seuraavaksi", "/vuosikello/uusi", "/vastaanottajat", "/henkilot")


async def test_the_link_shows_a_button_and_the_button_signs_in(stores: Stores) -> None:
    async with visiting(stores) as client:
        token = stores.signins.new_link("console", "/vuosikello", NOW)
        for _ in range(3):  # previews of links fetch it, too
            page = await text_of(client, f"/kirjaudu/{token}")
            assert f'action="/kirjaudu/{token}"' in page
        response = await client.post(f"/kirjaudu/{token}", allow_redirects=False)
        assert (response.status, response.headers["Location"]) == (303, "/vuosikello")
        assert "no-store" in response.headers["Cache-Control"]
        assert (await client.get("/vuosikello")).status == 200


@pytest.mark.parametrize(
    ("settings", "name", "secure"),
    [(Settings(), "digivinkki_session", False), (CONNECTED, "__Host-digivinkki", True)],
)
async def test_the_cookie_is_for_this_server_and_for_no_script(
    stores: Stores, settings: Settings, name: str, secure: bool
) -> None:
    async with visiting(stores, settings) as client:
        cookie = (await sign_in(client, stores, "console" if not secure else "teams:anna")).headers["Set-Cookie"]
        assert cookie.startswith(f"{name}=")
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie
        assert "Path=/" in cookie
        assert "Domain" not in cookie
        assert ("Secure" in cookie) is secure


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
async def test_a_used_an_expired_and_a_forged_link_say_so_in_the_readers_language(
    stores: Stores, language: str
) -> None:
    clock = Clock()
    async with visiting(stores, clock=clock) as client:
        used = stores.signins.new_link("console", "/", NOW)
        stores.signins.use(used, NOW)
        old = stores.signins.new_link("other", "/", NOW - timedelta(minutes=11))
        titles = set()
        for token in (used, old, "forged"):
            for response in (
                await client.get(f"/kirjaudu/{token}?lang={language}"),
                await client.post(f"/kirjaudu/{token}?lang={language}", allow_redirects=False),
            ):
                page = await response.text()
                assert response.status == 410
                assert f'<html lang="{language}">' in page
                assert "Set-Cookie" not in response.headers
                titles.add(page.split("<h1>")[1].split("</h1>")[0])
        assert len(titles) == 3


async def test_another_sites_form_cannot_sign_anybody_in(stores: Stores) -> None:
    async with visiting(stores, CONNECTED) as client:
        token = stores.signins.new_link("teams:anna", "/", NOW)
        headers = {"Sec-Fetch-Site": "cross-site"}
        assert (await client.post(f"/kirjaudu/{token}", headers=headers, allow_redirects=False)).status == 403
        assert (await client.get(f"/kirjaudu/{token}")).status == 200


@pytest.mark.parametrize("path", PAGES)
async def test_nobody_sees_the_programme_without_signing_in(stores: Stores, path: str) -> None:
    for settings in (Settings(), CONNECTED):
        async with visiting(stores, settings) as client:
            assert "avaa hallinta" in await text_of(client, path, status=401)


@pytest.mark.parametrize(("role", "status"), [("", 403), (TUTOR, 403), (COORDINATOR, 200), (IT, 200)])
@pytest.mark.parametrize("path", PAGES)
async def test_the_programme_is_for_it_and_coordinators(stores: Stores, path: str, role: str, status: int) -> None:
    if role:
        stores.people.give_role("teams:anna", role, NOW)
    async with visiting(stores, CONNECTED) as client:
        await sign_in(client, stores, "teams:anna")
        assert (await client.get(path)).status == status


async def test_a_role_that_is_taken_away_ends_at_once(stores: Stores) -> None:
    stores.people.give_role("teams:anna", IT, NOW)
    async with visiting(stores, CONNECTED) as client:
        await sign_in(client, stores, "teams:anna")
        assert (await client.get("/vuosikello")).status == 200
        stores.people.erase("teams:anna")
        assert (await client.get("/vuosikello")).status == 403


async def test_a_session_ends_by_itself(stores: Stores) -> None:
    clock = Clock()
    async with visiting(stores, clock=clock) as client:
        await sign_in(client, stores)
        clock.now = NOW + SESSION_LASTS
        assert (await client.get("/vuosikello")).status == 200
        clock.now += timedelta(seconds=1)
        assert (await client.get("/vuosikello")).status == 401


async def test_who_started_the_server_is_nobody_once_a_platform_is_connected(stores: Stores) -> None:
    async with visiting(stores, CONNECTED) as client:
        await sign_in(client, stores, "console")
        assert (await client.get("/vuosikello")).status == 401


@pytest.mark.parametrize(("everywhere", "left"), [("", 1), ("1", 0)])
async def test_signing_out_here_and_everywhere(stores: Stores, everywhere: str, left: int) -> None:
    async with visiting(stores) as client:
        stores.signins.begin("console", NOW)  # on another device
        await sign_in(client, stores)
        token = form_token(await text_of(client, "/vuosikello"))
        response = await client.post("/ulos", data={"token": token, "everywhere": everywhere})
        assert response.status == 200
        assert "Max-Age=0" in response.headers["Set-Cookie"]
        assert stores.database.table("web_sessions").count == left
        assert (await client.get("/vuosikello")).status == 401


@pytest.mark.parametrize("token", ["", "x", "0" * 32, "å"])
async def test_a_form_without_the_sessions_token_does_nothing(stores: Stores, token: str) -> None:
    async with visiting(stores) as client:
        await sign_in(client, stores)
        assert (await client.post("/ulos", data={"token": token})).status == 403
        assert (await client.post("/seuraavaksi", data={"token": token, "tee": "remove", "kohde": "d1"})).status == 403
        assert (await client.get("/vuosikello")).status == 200


async def test_the_token_of_one_session_is_not_that_of_another(stores: Stores) -> None:
    async with visiting(stores) as first, visiting(stores) as second:
        await sign_in(first, stores)
        await sign_in(second, stores)
        token = form_token(await text_of(first, "/vuosikello"))
        assert (await second.post("/ulos", data={"token": token})).status == 403


@pytest.mark.parametrize("cookie", ["", "x", "' or 1=1 --", "a" * 4000])
async def test_a_forged_cookie_is_nobody(stores: Stores, cookie: str) -> None:
    async with visiting(stores) as client:
        response = await client.get("/vuosikello", headers={"Cookie": f"digivinkki_session={cookie}"})
        assert response.status == 401


async def test_what_is_done_at_the_door_is_in_the_log(stores: Stores) -> None:
    async with visiting(stores) as client:
        await sign_in(client, stores)
        token = form_token(await text_of(client, "/vuosikello"))
        await client.post("/ulos", data={"token": token, "everywhere": "1"})
    assert [note.what for note in stores.audit.notes()] == ["signed_out_everywhere", "signed_in"]
