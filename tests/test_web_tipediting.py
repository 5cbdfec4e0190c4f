"""Editing tips on the pages: checked, seen as the platforms would show it, saved, never lost, undone."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import unescape

import pytest

from bot.people import COORDINATOR, IT
from bot.stores import Stores
from tests.conftest import NOW
from tests.pages import CONNECTED, Client, form_token, part_of, sign_in, text_of, typed_in, visiting
from tips.models import LANGUAGES, Pack, Text, Tip
from web.pages.changes import pieces
from web.pages.looks import slack_html

TIP = "password-strong"
SCRIPT = "<script>alert('x')</script>"
SAME = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def stores(few: Stores) -> Stores:
    """Two themes are enough here."""
    return few


def fields(page: str) -> dict[str, str]:
    """What a browser would send back unchanged."""
    form = part_of(page, "vinkki")
    found = typed_in(form)
    found |= {"theme": re.findall(r'<option value="([^"]+)" selected', form)[0]} if " selected" in form else {}
    checked = re.findall(r'name="audience" value="(\w+)" checked', form)
    return found | ({"audience": checked[0]} if checked else {})


async def editor(client: Client, stores: Stores, path: str = f"/vinkit/{TIP}") -> dict[str, str]:
    await sign_in(client, stores)
    return fields(await text_of(client, path))


async def post(client: Client, data: Mapping[str, str], path: str = f"/vinkit/{TIP}", status: int = 200) -> str:
    response = await client.post(path, data=data, headers=SAME)
    text: str = await response.text()
    assert response.status == status, text
    return text


async def test_saving_what_was_not_changed_changes_nothing(stores: Stores) -> None:
    async with visiting(stores) as client:
        form = await editor(client, stores)
        await post(client, {**form, "tee": "tallenna"})
    assert stores.tips.own(TIP) is None
    assert stores.history.newest() == []


async def test_a_tip_is_changed_and_the_bot_answers_with_the_new_words(stores: Stores) -> None:
    async with visiting(stores) as client:
        form = await editor(client, stores)
        page = await post(client, {**form, "fi.title": "Tee pitkä salasana", "tee": "tallenna"})
        assert "Tallennettu" in page
        own = stores.tips.own(TIP)
        assert own is not None
        assert list(own.texts) == ["fi"]
        assert "Tee pitkä salasana" in await text_of(client, f"/ohjeet/passwords/{TIP}")
    (note,) = stores.audit.notes(1)
    assert (note.what, note.about) == ("tip_saved", f"{TIP} {stores.history.newest()[0].id}")


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_checks_are_in_the_readers_language_and_change_nothing(stores: Stores, language: str) -> None:
    async with visiting(stores) as client:
        form = await editor(client, stores)
        long = {**form, "fi.body": "Sana tässä. " * 50, "tee": "tarkista"}
        page = await post(client, long, f"/vinkit/{TIP}?lang={language}")
        assert "100/80" in page
        words = {"fi": "luetaan 80", "sv": "läser man 80", "en": "enough for 80"}
        assert words[language] in page
        assert "Sana tässä." in page
        part = await post(client, {**long, "osa": "tarkistus"}, f"/vinkit/{TIP}?lang={language}")
        assert "100/80" in part
        assert "<html" not in part
    assert stores.tips.own(TIP) is None


async def test_what_does_not_fit_is_named_at_its_field_and_nothing_is_lost(stores: Stores) -> None:
    async with visiting(stores) as client:
        form = await editor(client, stores)
        bad = {**form, "fi.title": "", "sv.link": "javascript:alert(1)", "reviewed": "ensi vuonna", "tee": "tallenna"}
        page = await post(client, bad, status=422)
        for field in ("fi.title", "sv.link", "reviewed"):
            assert f'id="{field}-syy"' in page
        assert fields(page)["fi.body"] == form["fi.body"]
        assert fields(page)["sv.link"] == "javascript:alert(1)"
    assert stores.tips.own(TIP) is None


async def test_a_card_number_is_not_stored(stores: Stores) -> None:
    async with visiting(stores) as client:
        form = await editor(client, stores)
        page = await post(
            client, {**form, "fi.body": "Tilinumero FI21 1234 5600 0007 85.", "tee": "tallenna"}, status=422
        )
        assert 'id="fi.body-syy"' in page
    assert stores.tips.own(TIP) is None


async def test_a_stale_form_shows_both_versions_and_loses_neither(stores: Stores) -> None:
    async with visiting(stores) as client:
        form = await editor(client, stores)
        await post(client, {**form, "fi.title": "Toisen otsikko", "tee": "tallenna"})
        page = await post(client, {**form, "fi.title": "Minun otsikkoni", "tee": "tallenna"}, status=409)
        assert "Toisen otsikko" in page
        assert fields(page)["fi.title"] == "Minun otsikkoni"
        own = stores.tips.own(TIP)
        assert own
        assert own.texts["fi"].title == "Toisen otsikko"
        await post(client, {**fields(page), "tee": "tallenna"})
    own = stores.tips.own(TIP)
    assert own
    assert own.texts["fi"].title == "Minun otsikkoni"
    assert len(stores.history.newest()) == 2


async def test_a_form_is_stale_too_where_the_chat_has_published_meanwhile(stores: Stores) -> None:
    async with visiting(stores) as client:
        form = await editor(client, stores)
        stores.history.put(Tip(TIP, "passwords", {"fi": Text("Chatista", "Uusi.")}), NOW)
        page = await post(client, {**form, "tee": "tallenna"}, status=409)
        assert "Chatista" in page
        assert fields(page)["fi.title"] == form["fi.title"]


@pytest.mark.parametrize("why", ["ended", "no_role", "forged"])
async def test_what_was_typed_survives_a_session_that_ended(stores: Stores, why: str) -> None:
    stores.people.give_role("teams:anna", COORDINATOR, NOW)
    async with visiting(stores, CONNECTED) as client:
        await sign_in(client, stores, "teams:anna")
        form = fields(await text_of(client, f"/vinkit/{TIP}"))
        typed = {**form, "fi.title": "Minun otsikkoni", "tee": "tallenna"}
        if why == "ended":
            stores.signins.end_all("teams:anna")
        elif why == "no_role":
            stores.people.take_role("teams:anna", COORDINATOR)
        else:
            typed["token"] = "x"
        page = await post(client, typed, status=401 if why == "ended" else 403)
        assert "Minun otsikkoni" in page
        assert form["fi.body"].split("\n")[0] in unescape(page)
        again = dict(re.findall(r'<input type="hidden" name="([\w.]+)" value="([^"]*)"', page.split("typed")[1]))
        stores.people.give_role("teams:anna", COORDINATOR, NOW)
        await sign_in(client, stores, "teams:anna")
        data = {name: unescape(value) for name, value in again.items() if name != "token"}
        assert data["tee"] == "tarkista"
        page = await post(client, data)
        assert fields(page)["fi.title"] == "Minun otsikkoni"
        await post(client, {**fields(page), "tee": "tallenna"})
    own = stores.tips.own(TIP)
    assert own
    assert own.texts["fi"].title == "Minun otsikkoni"


@pytest.mark.parametrize("step", ["tallenna", "piilota", "palauta", "perusvinkki", "tarkistettu", "", "Tarkista"])
async def test_without_the_token_nothing_changes(stores: Stores, step: str) -> None:
    async with visiting(stores) as client:
        form = await editor(client, stores)
        await post(client, {**form, "fi.title": "X", "token": "", "tee": step}, status=403)
    assert stores.history.newest() == []


async def test_another_sites_form_cannot_even_look(stores: Stores) -> None:
    async with visiting(stores, CONNECTED) as client:
        stores.people.give_role("teams:anna", IT, NOW)
        await sign_in(client, stores, "teams:anna")
        headers = {"Sec-Fetch-Site": "cross-site"}
        response = await client.post(
            f"/vinkit/{TIP}", data={"fi.title": "Hyökkäys", "tee": "tarkista"}, headers=headers
        )
        page = await response.text()
        assert response.status == 403
        assert 'name="tee" value="tarkista"' not in page


async def test_hiding_restoring_and_going_back_to_the_base_tip(stores: Stores) -> None:
    async with visiting(stores) as client:
        form = await editor(client, stores)
        token = {"token": form["token"]}
        await post(client, {**form, "fi.title": "Oma otsikko", "tee": "tallenna"})
        page = await post(client, {**token, "tee": "piilota"})
        assert "piilotettu" in page
        assert TIP not in {tip.id for tip in stores.tips.in_force().tips}
        assert "Oma otsikko" in await text_of(client, "/vinkit?nayta=piilotetut")
        assert "Piilotettu" in await text_of(client, "/vinkit?teema=passwords")
        await post(client, {**token, "tee": "palauta"})
        assert "Oma otsikko" in await text_of(client, "/vinkit?nayta=omat")
        await post(client, {**token, "tee": "perusvinkki"})
    assert stores.tips.own(TIP) is None
    assert [change.tip for change in stores.history.newest()] == [TIP] * 4


async def test_a_reviewed_tip_is_stale_no_more(stores: Stores) -> None:
    async with visiting(stores) as client:
        form = await editor(client, stores)
        await post(client, {"token": form["token"], "tee": "tarkistettu"})
    tip = stores.tips.whole(TIP)
    assert tip
    assert (tip.reviewed, tip.review_by) == ("2027-01", "2028-01")
    assert not stores.tips.own(TIP).texts  # type: ignore[union-attr]  the base's words stay the base's


async def test_a_tip_is_shown_again_where_all_others_are_hidden_together(stores: Stores) -> None:
    stores.tips.add(Pack((), (Tip("own", "x", {"fi": Text("Oma", "Oma.")}),)), only=True)
    async with visiting(stores) as client:
        form = await editor(client, stores)
        await post(client, {"token": form["token"], "tee": "palauta"})
    assert {tip.id for tip in stores.tips.in_force().tips} == {"own", TIP}


async def test_a_new_tip_of_our_own(stores: Stores) -> None:
    async with visiting(stores) as client:
        form = await editor(client, stores, "/uusi-vinkki?teema=passwords")
        assert form["reviewed"] == "2027-01"
        new = {**form, "fi.title": "Kytke möhkylä", "fi.body": "Paina nappia.", "tee": "tarkista"}
        page = await post(client, new, "/uusi-vinkki")
        assert "Paina nappia." in page
        assert not stores.tips.own("own-kytke-mohkyla")
        page = await post(client, {**new, "tee": "tallenna"}, "/uusi-vinkki")
        assert "Uusi vinkki on käytössä" in page
        assert stores.tips.own("own-kytke-mohkyla")
        token = {"token": form["token"]}
        response = await client.post("/vinkit/own-kytke-mohkyla", data={**token, "tee": "perusvinkki"})
        assert response.url.path == "/historia"
    assert stores.tips.own("own-kytke-mohkyla") is None


async def test_an_empty_new_tip_says_what_it_needs(stores: Stores) -> None:
    async with visiting(stores) as client:
        form = await editor(client, stores, "/uusi-vinkki")
        page = await post(client, {**form, "tee": "tallenna"}, "/uusi-vinkki", 422)
        assert "ainakin yhdellä kielellä" in page


async def test_a_change_is_undone_from_the_history_which_says_who_made_it(stores: Stores) -> None:
    stores.people.give_role("teams:anna", COORDINATOR, NOW)
    stores.people.call("teams:anna", "Anna <b>A</b>", NOW)
    async with visiting(stores, CONNECTED) as client:
        await sign_in(client, stores, "teams:anna")
        form = fields(await text_of(client, f"/vinkit/{TIP}"))
        await post(client, {**form, "fi.title": f"Uusi {SCRIPT}", "tee": "tallenna"})
        page = await text_of(client, "/historia")
        assert "Anna &lt;b&gt;A&lt;/b&gt;" in page
        assert "<script>alert" not in page
        assert "<ins>" in page
        assert page.count("<dt>") == 1  # the other languages were not touched, though the own layer lacks them
        data = {"token": form_token(page), "muutos": str(stores.history.newest()[0].id)}
        assert "kumottu" in await post(client, data, "/historia")
        assert "ei voitu kumota" in await post(client, data, "/historia")
        log = await text_of(client, "/loki")
        assert "Kumosi vinkin muutoksen" in log
        assert "Anna &lt;b&gt;" in log
    assert stores.tips.own(TIP) is None


async def test_a_script_in_a_tip_is_only_text(stores: Stores) -> None:
    text = Text(
        f"Otsikko {SCRIPT}", f"Teksti {SCRIPT} [linkki](javascript:alert(1)) <img src=x onerror=alert(1)>", (SCRIPT,)
    )
    stores.history.put(Tip("own-x", "passwords", {"fi": text}, ("all",)), NOW)
    async with visiting(stores) as client:
        await sign_in(client, stores)
        for path in (
            "/vinkit/own-x",
            "/vinkit?teema=passwords",
            "/vinkit?nayta=omat",
            "/historia",
        ):
            page = await text_of(client, path)
            assert "<script>alert" not in page
            assert "<img src=x" not in page
            assert 'href="javascript' not in page
        assert "Otsikko &lt;script&gt;" in await text_of(client, "/vinkit/own-x")


async def test_the_preview_shows_a_card_and_a_message(stores: Stores) -> None:
    async with visiting(stores) as client:
        await sign_in(client, stores)
        page = await text_of(client, f"/vinkit/{TIP}")
        for part in ("Näin Teamsissa", "Näin Slackissa"):
            shown = page.split(part)[1].split("</figure>")[0]
            assert "Ei auttanut" in shown
            assert "Lue lisää" in shown or "salasana" in shown.lower()


@pytest.mark.parametrize(
    ("mrkdwn", "html"),
    [
        ("*Paina* nappia", "<b>Paina</b> nappia"),
        ("a &lt;script&gt; b", "a &lt;script&gt; b"),
        ("<https://a.fi|A &amp; B>", '<a href="https://a.fi" rel="noopener">A &amp; B</a>'),
        ("<javascript:alert(1)|A>", "A"),
        ("1.  eka\n2.  toka", "1.  eka<br>2.  toka"),
        ("2 * 3 * 4", "2 * 3 * 4"),
        ('<https://a.fi/"onclick="x|A>', "A"),
    ],
)
def test_slacks_marks_are_shown_and_nothing_else(mrkdwn: str, html: str) -> None:
    assert slack_html(mrkdwn) == html


@pytest.mark.parametrize(
    ("before", "after", "kinds"),
    [
        ("a b c", "a x c", ["", "del", "ins", ""]),
        ("one two three", "four", ["del", "ins"]),
        ("", "a", ["ins"]),
        ("a", "", ["del"]),
        ("a", "a", [""]),
    ],
)
def test_a_difference_is_told_word_by_word(before: str, after: str, kinds: list[str]) -> None:
    found = pieces(before, after)
    assert [piece.kind for piece in found] == kinds
    assert "".join(piece.text for piece in found if piece.kind != "ins") == before
    assert "".join(piece.text for piece in found if piece.kind != "del") == after


@pytest.mark.parametrize(
    "path", ["/vinkit/nothing", "/vinkit?teema=nothing", "/vinkit?nayta=omat&sivu=9", "/luonnokset/9"]
)
async def test_what_is_not_there_says_so(stores: Stores, path: str) -> None:
    async with visiting(stores) as client:
        await sign_in(client, stores)
        await text_of(client, path, 404)


async def test_tips_are_found_by_words_and_by_theme(stores: Stores) -> None:
    async with visiting(stores) as client:
        await sign_in(client, stores)
        assert f'href="/vinkit/{TIP}"' in await text_of(client, "/vinkit?q=vahva+salasana")
        assert f'href="/vinkit/{TIP}"' in await text_of(client, "/vinkit?teema=passwords")
        assert 'href="/vinkit?teema=passwords"' in await text_of(client, "/vinkit")


async def test_the_log_is_read_page_by_page(stores: Stores) -> None:
    for number in range(150):
        stores.audit.note("console", "remove", f"d{number}", NOW)
    stores.audit.note("", "something_new", "x", NOW)
    async with visiting(stores) as client:
        await sign_in(client, stores)
        page = await text_of(client, "/loki")
        assert "Poistettu henkilö" in page
        assert "something_new" in page
        older = re.findall(r'href="(/loki\?ennen=\d+)"', page)[0]
        page = await text_of(client, older)
        assert "<small>d0</small>" in page
        assert "d149" not in page
