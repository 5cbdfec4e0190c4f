"""Editing sessions on the pages: one language at a time, checked, seen step by step, saved, never lost, undone."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from html import unescape

import pytest

from bot.assistant import Assistant
from bot.models import Action, Message, Reply
from bot.people import COORDINATOR, IT, READER
from bot.stores import Stores
from scheduler import starter
from tests.conftest import NOW
from tests.pages import CONNECTED, Client, part_of, sign_in, text_of, typed_in, visiting
from tips.models import LANGUAGES, Text, Tip
from tips.programme import starter_programme
from tips.sessionstore import Own

THEME = "passwords"
PATH = f"/vartit/{THEME}/muokkaa"
SAME = {"Sec-Fetch-Site": "same-origin"}
SCRIPT = "<script>alert('x')</script>"
BASE = starter_programme().sessions[THEME]


@pytest.fixture
def stores(few: Stores) -> Stores:
    """Two themes are enough here."""
    return few


def fields(page: str) -> dict[str, str]:
    """What a browser would send back unchanged."""
    form = part_of(page, "vartti")
    found = typed_in(form)
    for name, options in re.findall(r'<select id="([\w.]+)"[^>]*>(.*?)</select>', form):
        chosen = re.findall(r'value="(\d+)" selected', options)
        found[name] = chosen[0] if chosen else "1"
    return found


def actions(reply: Reply) -> list[Action]:
    return [button.action for choice in reply.choices for button in choice.buttons]


def said(assistant: Assistant, text: str = "", doing: Action | None = None) -> Reply:
    return assistant.respond(Message(text, "anna", "teams", action=doing), NOW)


def doing(reply: Reply, do: str) -> Action:
    return next(action for action in actions(reply) if action.values["do"] == do)


async def editor(client: Client, stores: Stores, path: str = PATH) -> dict[str, str]:
    await sign_in(client, stores)
    return fields(await text_of(client, path))


async def post(client: Client, data: Mapping[str, str], path: str = PATH, status: int = 200) -> str:
    response = await client.post(path, data=data, headers=SAME)
    text: str = await response.text()
    assert response.status == status, text
    return text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("theme", ["passwords", "phishing"])
async def test_saving_what_was_not_changed_changes_nothing(stores: Stores, theme: str, language: str) -> None:
    path = f"/vartit/{theme}/muokkaa?kieli={language}"
    async with visiting(stores) as client:
        form = await editor(client, stores, path)
        await post(client, {**form, "tee": "tallenna"}, path)
    assert stores.sessions.own(theme) == Own()
    assert stores.sessions.newest(theme) == []


async def test_a_part_is_changed_and_everybody_gets_it(stores: Stores, assistant: Assistant) -> None:
    async with visiting(stores) as client:
        form = await editor(client, stores)
        changed = {
            "title": "Meidän salasanat",
            "point.2": "Oma kohta & <b>.",
            "host.1.do": "Sano hei.",
            "why": "Siksi.",
        }
        page = await post(client, {**form, **changed, "tee": "tallenna"})
        assert "Tallennettu" in page
        session = await text_of(client, f"/vartit/{THEME}")
        assert "Meidän salasanat" in session
        assert "Oma kohta &amp; &lt;b&gt;." in session
        assert "Sano hei." in await text_of(client, f"/vartit/{THEME}/isannalle")
        assert "Lösenord" in await text_of(client, f"/vartit/{THEME}?lang=sv")
    own = stores.sessions.own(THEME).session
    assert own is not None
    assert list(own.texts) == ["fi"]
    (note,) = stores.audit.notes(1)
    assert (note.what, note.about) == ("session_saved", f"{THEME} {stores.sessions.newest(THEME)[0].id}")
    reply = said(assistant, "vartti salasanat")
    assert "Siksi." in reply.text
    assert "Meidän salasanat" in reply.text


async def test_posters_bear_the_own_title_and_a_hidden_session_has_none(stores: Stores) -> None:
    starter.seed(stores.calendar)
    themes = {entry.id: entry.theme for entry in stores.calendar.in_force()}
    async with visiting(stores) as client:
        await sign_in(client, stores)
        address, entry = re.findall(r"(/julisteet/kerta/([\w-]+)/[\d-]+\.pdf)", await text_of(client, "/julisteet"))[0]
        base = starter_programme().sessions[themes[entry]]
        own = replace(base, texts={"fi": replace(base.texts["fi"], title="Meidän oma")})
        stores.sessions.put(base.id, Own(own), NOW)
        assert "Meidän oma" in await text_of(client, "/julisteet")
        assert (await client.get(address)).status == 200
        stores.sessions.put(base.id, Own(own, hidden=True), NOW)
        await text_of(client, address, 404)


async def test_the_steps_are_seen_before_they_are_saved(stores: Stores) -> None:
    async with visiting(stores) as client:
        form = await editor(client, stores)
        page = await post(client, {**form, "why": "Yksi virke.", "tee": "tarkista"})
        assert "1 virkettä, pitäisi olla 3." in page
        assert "Vaihe 10/10" in page
        assert "Yksi virke." in page.split('id="tarkistus"')[1]
        part = await post(client, {**form, "osa": "tarkistus", "tee": "tarkista"})
        assert "<html" not in part
        assert "Hyvä" in part
    assert stores.sessions.own(THEME) == Own()


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"title": ""}, "title"),
        ({"minutes": "vartti"}, "minutes"),
        ({"host.2.minutes": "x"}, "host.2.minutes"),
        ({"host.9.do": "Vielä"}, "host.9.minutes"),
        ({"quiz.1.question": ""}, "quiz.1.question"),
        ({"quiz.1.right": "9"}, "quiz.1.right"),
        ({f"quiz.2.option.{number}": "" for number in (1, 2, 3)}, "quiz.2.option.1"),
        ({"point.1": "", "point.2": "", "point.3": ""}, "point.1"),
        ({"tip.1": "ei käy!"}, "tip.1"),
        ({"reviewed": "eilen"}, "reviewed"),
        ({"why": "Tunnus 131052-308T."}, "why"),
        ({"source": "x" * 3_000}, "source"),
    ],
)
async def test_what_does_not_fit_is_named_and_what_was_typed_stays(
    stores: Stores, changed: dict[str, str], field: str
) -> None:
    async with visiting(stores) as client:
        form = await editor(client, stores)
        page = await post(client, {**form, "closing": "Jää tähän.", **changed, "tee": "tallenna"}, status=422)
    assert f'href="#{field}"' in page
    assert f'id="{field}-syy"' in page
    assert "Jää tähän." in page
    assert stores.sessions.own(THEME) == Own()


async def test_two_who_save_the_same_language_lose_nothing(stores: Stores) -> None:
    async with visiting(stores) as client:
        form = await editor(client, stores)
        await post(client, {**form, "title": "Ensimmäinen", "tee": "tallenna"})
        page = await post(client, {**form, "title": "Toinen", "tee": "tallenna"}, status=409)
        conflict = page.split('class="conflict"')[1].split("</section>")[0]
        assert "Ensimmäinen" in conflict
        assert "Toinen" in conflict
        assert fields(page)["title"] == "Toinen"
        await post(client, {**fields(page), "tee": "tallenna"})
    assert stores.sessions.in_force().sessions[THEME].texts["fi"].title == "Toinen"


async def test_two_who_save_two_languages_both_succeed(stores: Stores) -> None:
    async with visiting(stores) as client:
        finnish = await editor(client, stores)
        swedish = fields(await text_of(client, f"{PATH}?kieli=sv"))
        await post(client, {**finnish, "title": "Oma", "tee": "tallenna"})
        await post(client, {**swedish, "title": "Egen", "tee": "tallenna"}, f"{PATH}?kieli=sv")
    texts = stores.sessions.in_force().sessions[THEME].texts
    assert [texts[language].title for language in LANGUAGES] == ["Oma", "Egen", BASE.texts["en"].title]


async def test_what_was_typed_survives_a_session_that_ended_in_its_language(stores: Stores) -> None:
    async with visiting(stores) as client:
        form = await editor(client, stores, f"{PATH}?kieli=sv")
        old = {**form, "token": "of-a-session-that-ended", "title": "Egen", "tee": "tallenna"}
        page = await post(client, old, f"{PATH}?kieli=sv", 403)
        again = page.split(f'<form method="post" action="{PATH}"')[1].split("</form>")[0]
        kept = {name: unescape(value) for name, value in re.findall(r'name="([\w.]+)" value="([^"]*)"', again)}
        form = fields(await post(client, kept))
        assert (form["kieli"], form["title"]) == ("sv", "Egen")
        await post(client, {**form, "tee": "tallenna"})
    own = stores.sessions.own(THEME).session
    assert own is not None
    assert list(own.texts) == ["sv"]


async def test_saving_goes_on_in_another_language_with_the_finnish_beside(stores: Stores) -> None:
    async with visiting(stores) as client:
        form = await editor(client, stores)
        page = await post(client, {**form, "title": "Oma", "tee": "tallenna-sv"})
    assert fields(page)["title"] == BASE.texts["sv"].title
    assert "Sama suomeksi" in page
    assert "Oma" in page


async def test_an_emptied_language_is_the_products_again(stores: Stores) -> None:
    async with visiting(stores) as client:
        form = await editor(client, stores)
        await post(client, {**form, "title": "Oma", "tee": "tallenna"})
        form = fields(await text_of(client, PATH))
        heads = (
            "token",
            "versio",
            "minutes",
            "tip.1",
            "tip.2",
            "tip.3",
            "tip.4",
            "tip.5",
            "reviewed",
            "review_by",
            "source",
        )
        empty = {name: value if name in heads or name.endswith("minutes") else "" for name, value in form.items()}
        await post(client, {**empty, "tee": "tallenna"})
    assert stores.sessions.own(THEME) == Own()


async def test_hiding_showing_going_back_and_undoing(stores: Stores) -> None:
    async with visiting(stores) as client:
        form = await editor(client, stores)
        token = {"token": form["token"]}
        await post(client, {**form, "title": "Oma", "tee": "tallenna"})
        await post(client, {**token, "tee": "piilota"})
        assert THEME not in stores.sessions.in_force().sessions
        await text_of(client, f"/vartit/{THEME}", 404)
        assert "Piilotetut vartit" in await text_of(client, "/vartit")
        await post(client, {**token, "tee": "palauta"})
        await text_of(client, f"/vartit/{THEME}")
        page = await post(client, {**token, "tee": "perusvartti"})
        assert stores.sessions.own(THEME) == Own()
        number = re.findall(r'name="muutos" value="(\d+)"', page)[0]
        await post(client, {**token, "tee": "kumoa", "muutos": number})
        assert stores.sessions.in_force().sessions[THEME].texts["fi"].title == "Oma"
        page = await post(client, {**token, "tee": "kumoa", "muutos": "99"})
        assert "ei voitu kumota" in page
    acts = [note.what for note in stores.audit.notes(20)]
    assert acts[:4] == ["session_undone", "session_reset", "session_shown", "session_hidden"]


async def test_an_own_theme_gets_a_session_of_its_own(stores: Stores, assistant: Assistant) -> None:
    stores.tips.put(Tip("kirja", "kirjasto", {"fi": Text("Lainaa kirja", "Ota kortti.")}))
    path = "/vartit/kirjasto/muokkaa"
    async with visiting(stores) as client:
        form = await editor(client, stores, path)
        texts = {
            name: f"Sana {name}" for name in form if name not in ("token", "versio", "minutes", "source", "reviewed")
        }
        texts = {name: text for name, text in texts.items() if not name.startswith(("tip", "host")) and name != "r"}
        texts |= {"review_by": "", **{f"quiz.{number}.right": "2" for number in (1, 2, 3)}}
        page = await post(client, {**form, **texts, "title": "Kirjaston vartti", "tee": "tallenna"}, path)
        assert "Tallennettu" in page
        assert "Kirjaston vartti" in await text_of(client, "/vartit")
        empty = {name: "" for name in form if name not in ("token", "kieli", "versio", "minutes")}
        page = await post(client, {**fields(page), **empty, "tee": "tallenna"}, path, 422)
    assert stores.sessions.in_force().sessions["kirjasto"].texts["fi"].quiz[0].right == 1
    stores.library.put(stores.library.newest())
    offered = actions(said(assistant, "vartti"))
    assert any(action.values["theme"] == "kirjasto" for action in offered)


async def test_a_script_is_only_text(stores: Stores) -> None:
    async with visiting(stores) as client:
        form = await editor(client, stores)
        scripts = dict.fromkeys(("title", "why", "point.1", "quiz.1.option.1", "host.1.do", "tip.1"), SCRIPT)
        await post(client, {**form, **scripts, "tip.1": form["tip.1"], "tee": "tallenna"})
        for path in (PATH, f"{PATH}?kieli=sv", "/vartit", f"/vartit/{THEME}", f"/vartit/{THEME}/isannalle"):
            assert "<script>alert" not in await text_of(client, path)


@pytest.mark.parametrize(("role", "status"), [(COORDINATOR, 200), (IT, 200), (READER, 403), ("", 403)])
async def test_it_is_for_those_who_run_the_programme(stores: Stores, role: str, status: int) -> None:
    if role:
        stores.people.give_role("anna", role, NOW)
    async with visiting(stores, CONNECTED) as client:
        await text_of(client, PATH, 401)
        await sign_in(client, stores, "anna")
        await text_of(client, PATH, status)
        assert ("/muokkaa" in await text_of(client, "/vartit")) == (status == 200)


async def test_a_theme_that_is_not_there_has_no_editor(stores: Stores) -> None:
    async with visiting(stores) as client:
        await sign_in(client, stores)
        await text_of(client, "/vartit/ei-ole/muokkaa", 404)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_page_is_light(stores: Stores, language: str) -> None:
    async with visiting(stores) as client:
        await sign_in(client, stores)
        assert len((await text_of(client, f"{PATH}?kieli={language}&lang={language}")).encode()) < 50_000


async def test_whoever_is_in_the_middle_goes_on_where_the_shorter_session_ends(
    stores: Stores, assistant: Assistant
) -> None:
    reply = said(assistant, "vartti salasanat")
    for _ in range(6):  # the beginning, three points, the thing to do, the exercise
        reply = said(assistant, doing=doing(reply, "next"))
    answer = doing(reply, "answer-0")
    fewer = replace(BASE.texts["fi"], points=BASE.texts["fi"].points[:1], quiz=())
    stores.sessions.save(replace(BASE, texts={**BASE.texts, "fi": fewer}), NOW)
    reply = said(assistant, doing=answer)
    assert "4/4" in reply.text
    last = doing(reply, "next")
    assert "Tehty: " in said(assistant, doing=last).text
    stores.sessions.put(THEME, Own(hidden=True), NOW)
    assert said(assistant, doing=last).kind == "gone"
