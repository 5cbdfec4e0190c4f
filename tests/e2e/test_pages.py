"""The pages in a real browser: by keyboard, on a phone, without scripts, in an intranet's frame, on paper.

Each page of the router is looked at; what those who run the programme do is done as they do it.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Literal
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, FloatRect, Page, expect

from app import build
from bench.server import APP, Server, free_port, running
from bot.settings import Settings
from bot.stores import Stores
from tests.e2e import pretending, sitemap
from tests.e2e.pictures import asked_for, shots

Scheme = Literal["light", "dark"]
MACHINES = {"", "healthz", "readyz", "metrics", "preview", "slack", "api", "static"}
AXE = Path(__file__).parent / "node_modules" / "axe-core" / "axe.min.js"
# What can be reached by keyboard but does not show that it has the focus, or comes out of order.
UNSEEN = """() => [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary")]
  .filter(each => each.checkVisibility({visibilityProperty: true}))
  .filter(each => {
    each.focus({focusVisible: true, preventScroll: true});
    const drawn = style => parseFloat(style.outlineWidth) > 0 && style.outlineStyle !== "none";
    const seen = each => each && drawn(getComputedStyle(each));
    return each.tabIndex > 0 || !(seen(each) || seen(each.closest("label")) || each.closest("svg"));
  }).map(each => each.outerHTML.slice(0, 80))"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that has two pretended years behind it."""
    database = Path(tmp_path_factory.mktemp("pages")) / "digivinkki.db"
    pretending.fill(database, datetime.now(UTC))
    with running(database, {"DIGIVINKKI_ORGANISATION": "Mallilan kunta"}) as server:
        server.first_answer("moi")
        yield server


@pytest.fixture(scope="module")
def session(browser: Browser, server: Server) -> str:
    """The cookie of a session, begun in the preview's chat as IT does: the code, then 'avaa hallinta'."""
    context = browser.new_context(base_url=f"http://localhost:{server.port}")
    page = context.new_page()
    page.goto("/")
    for typed, reply in ((server.code(), "rooli"), ("avaa hallinta", "Kirjaudu hallintaan")):
        page.locator("#question").fill(typed)
        page.keyboard.press("Enter")
        expect(page.locator("#conversation article.bot:last-of-type")).to_contain_text(re.compile(reply, re.IGNORECASE))
    link = page.get_by_role("link", name="Kirjaudu hallintaan").get_attribute("href")
    assert link
    page.goto(link)
    page.get_by_role("button", name="Kirjaudu").click()
    page.wait_for_url("**/vuosikello")
    cookies = {cookie["name"]: cookie["value"] for cookie in context.cookies()}
    page.goto(link)
    expect(page.locator("h1")).to_have_text("Linkki on jo käytetty")
    context.close()
    return cookies["digivinkki_session"]


def visit(browser: Browser, server: Server, session: str, **options: object) -> Page:
    base = f"http://localhost:{server.port}"
    context = browser.new_context(base_url=base, **options)  # type: ignore[arg-type]
    context.add_cookies([{"name": "digivinkki_session", "value": session, "url": base}])
    return context.new_page()


@pytest.fixture
def admin(browser: Browser, server: Server, session: str) -> Iterator[Page]:
    page = visit(browser, server, session, viewport={"width": 1440, "height": 1000})
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    yield page
    page.context.close()
    assert errors == []


def active(page: Page) -> str:
    """The address of what has the focus."""
    return str(page.evaluate("(e => e.getAttribute('href') ?? e.id ?? e.tagName)(document.activeElement)"))


def test_results_come_as_one_types_and_the_keyboard_reaches_them(page: Page) -> None:
    page.goto("/ohjeet")
    page.keyboard.press("Tab")
    assert active(page) == "#sisalto"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert active(page) == "haku"
    page.keyboard.type("salasana vanheni")
    expect(page.locator("#tulokset li").first).to_contain_text("Vaihda salasana")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("article.tip h1")).to_contain_text("Vaihda salasana")


def test_everything_works_without_scripts(browser: Browser, server: Server, session: str) -> None:
    page = visit(browser, server, session, java_script_enabled=False)
    page.goto("/ohjeet")
    page.get_by_label("Hae vinkkejä").fill("miten vaihdan salasanan")
    page.get_by_role("button", name="Hae").click()
    page.locator(".found a").first.click()
    expect(page.locator("article.tip h1")).to_be_visible()
    page.goto("/ohjeet")
    page.get_by_label("Kysymyksesi").fill("salasana vanheni")
    page.get_by_role("button", name="Kysy").click()
    expect(page.locator("article.tip h2")).to_contain_text("Vaihda salasana")
    page.goto("/vuosikello")
    page.locator(".wheel a").first.click()
    expect(page.locator("h1")).to_contain_text("Viikko")
    plan(page, "Kahvit ilman skriptejä")
    page.context.close()


def plan(page: Page, title: str, kind: str = "Tapaaminen") -> None:
    """Plans an entry by its form; what the chosen rhythm does not ask for is hidden."""
    page.goto("/vuosikello/uusi")
    page.get_by_label("Mikä tämä on?").select_option(kind)
    page.get_by_label("Otsikko suomeksi").fill(title)
    expect(page.get_by_label("Monesko")).to_be_hidden()
    page.get_by_label("Kuukauden tiettynä viikonpäivänä").check()
    page.get_by_label("Monesko").select_option("toinen")
    page.get_by_label("Viikonpäivä", exact=True).select_option("tiistai")
    page.get_by_label("Otsikko ruotsiksi").focus()
    page.get_by_role("button", name="Tallenna").click()
    expect(page.get_by_role("status")).to_have_text("Merkintä on tallennettu.")
    expect(page.locator("aside")).to_contain_text("Joka kuukauden toinen tiistai klo 9.00")
    expect(page.locator(".times li")).to_have_count(5)


def test_every_page_of_the_router_is_looked_at(stores: Stores) -> None:
    app, desk = build(Settings(), stores)
    desk.stop()
    paths = {each.resource.canonical for each in app.router.routes() if each.method == "GET" and each.resource}
    pages = {path for path in paths if path.lstrip("/").split("/")[0].split(".")[0] not in MACHINES}
    assert pages - sitemap.FILES == set(sitemap.SAMPLES), "a new page stands in tests/e2e/sitemap.py too"


@pytest.mark.parametrize(("width", "scheme", "other"), [(1280, "light", "dark"), (360, "dark", "light")])
def test_on_every_page_axe_finds_nothing_nothing_is_too_wide_and_the_focus_is_seen(
    browser: Browser, server: Server, session: str, width: int, scheme: Scheme, other: Scheme, tmp_path: Path
) -> None:
    page = visit(browser, server, session, viewport={"width": width, "height": 740}, bypass_csp=True)
    page.context.add_init_script(path=AXE)
    found: list[tuple[object, ...]] = []
    for path in sitemap.visits(page, tmp_path):
        page.emulate_media(color_scheme=scheme)
        if path == "/luvut" and width < 480:
            page.locator("header .desk summary").click()
        violations = page.evaluate("axe.run({resultTypes: ['violations']}).then(result => result.violations)")
        found += [(path, each["id"], each["nodes"][0]["target"]) for each in violations]
        page.emulate_media(color_scheme=other)
        colours = page.evaluate("axe.run({runOnly: ['color-contrast']}).then(result => result.violations)")
        found += [(path, other, each["nodes"][0]["target"]) for each in colours]
        found += [(path, "the focus is not seen", each) for each in page.evaluate(UNSEEN)]
        found += [(path, "too wide")] if page.evaluate("document.documentElement.scrollWidth") > width else []
    assert found == []
    page.context.close()


def test_no_page_scrolls_sideways_on_a_small_phone_in_any_language(
    browser: Browser, server: Server, session: str
) -> None:
    page = visit(browser, server, session, viewport={"width": 360, "height": 740})
    for path in sitemap.PAGES:
        for language in ("sv", "en"):
            page.goto(f"{path}{'&' if '?' in path else '?'}lang={language}", wait_until="commit")
            page.wait_for_load_state()
            assert page.evaluate("document.documentElement.scrollWidth") <= 360, (path, language)
    for question in ("hetuni on 131052-308T", "miten leivotaan karjalanpiirakka", "x" * 300):
        page.goto("/ohjeet")
        page.get_by_label("Kysymyksesi").fill(question)
        page.get_by_role("button", name="Kysy").click()
        expect(page.locator(".asked")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, question
    page.context.close()


def test_every_page_works_without_scripts_and_its_keyboard_begins_by_skipping_to_the_content(
    browser: Browser, server: Server, session: str
) -> None:
    page = visit(browser, server, session, java_script_enabled=False)
    for path in sitemap.PAGES:
        page.goto(path)
        assert page.locator("h1").is_visible(), path
        assert page.locator("main form").count() == page.locator("main form:has(button)").count(), path
        if "embed" not in path:
            page.keyboard.press("Tab")
            expect(page.locator(".skip")).to_be_focused()
            page.keyboard.press("Enter")
            page.keyboard.press("Tab")
            expect(page.locator("header :focus")).to_have_count(0)
    page.context.close()


def test_an_intranets_frame_shows_the_guide_only_where_it_is_named(browser: Browser, tmp_path: Path) -> None:
    """The intranet is another port of this computer: another origin, the same site."""
    port = free_port()
    handler = partial(SimpleHTTPRequestHandler, directory=str(tmp_path))
    with running(tmp_path / "frame.db", {"DIGIVINKKI_EMBED": f"http://localhost:{port}"}) as server:
        server.first_answer("moi")
        guide = f"http://localhost:{server.port}/ohjeet"
        frames = f'<iframe src="{guide}?embed"></iframe><iframe src="{guide}"></iframe>'
        (tmp_path / "index.html").write_text(frames, encoding="utf-8")
        with ThreadingHTTPServer(("127.0.0.1", port), handler) as intranet:
            Thread(target=intranet.serve_forever, daemon=True).start()
            page = browser.new_page()
            page.goto(f"http://localhost:{port}/")
            embedded, refused = (page.frame_locator("iframe").nth(number) for number in (0, 1))
            expect(embedded.locator("h1")).to_have_text("Mihin tarvitset apua?")
            embedded.get_by_label("Kysymyksesi").fill("salasana vanheni")
            embedded.get_by_role("button", name="Kysy").click()
            expect(embedded.locator("article.tip h2")).to_contain_text("Vaihda salasana")
            expect(refused.locator("h1.hero, .hero h1")).to_have_count(0)
            page.close()
            intranet.shutdown()


def test_each_page_is_small_and_quick(browser: Browser, server: Server, session: str) -> None:
    page = visit(browser, server, session)
    for path in sitemap.PAGES:
        taken: list[float] = []
        for _ in range(4):  # the first fills what is kept, and others may be at work beside it
            if taken and min(taken) < 100:
                break
            response = page.goto(path)
            assert response is not None
            assert len(response.body()) < 50_000, path
            timing = "(t => t.responseStart - t.requestStart)(performance.getEntriesByType('navigation')[0])"
            taken.append(page.evaluate(timing))
        assert min(taken) < 100, (path, taken)
    page.context.close()


def test_an_entry_that_is_planned_stands_on_the_wheel_and_is_edited_from_there(admin: Page) -> None:
    plan(admin, "Tutorien tapaaminen")
    admin.goto("/vuosikello?vuosi=2027")
    expect(admin.get_by_role("link", name="Tutorien tapaaminen").first).to_be_visible()
    admin.locator(".wheel a.meeting", has_text="Tutorien tapaaminen").first.focus()
    admin.keyboard.press("Enter")
    admin.get_by_role("link", name="Tutorien tapaaminen").last.click()
    expect(admin.locator("h1")).to_have_text("Tutorien tapaaminen")


def test_the_wheel_is_used_by_keyboard_and_leads_to_weeks_and_entries(admin: Page) -> None:
    admin.goto("/vuosikello?vuosi=2027")
    first = admin.locator(".wheel a").first
    first.focus()
    assert active(admin) == "/viikko/2027-1"
    admin.keyboard.press("Enter")
    expect(admin.locator("h1")).to_have_text("Viikko 1/2027")
    admin.go_back()
    admin.locator(".wheel a.quarter").first.focus()
    admin.keyboard.press("Enter")
    expect(admin.locator("h1")).to_contain_text("Digiturvavartti")
    admin.go_back()
    assert admin.locator(".wheel a > title").count() == admin.locator(".wheel a").count()


def test_the_year_is_one_page_of_a3(admin: Page, tmp_path: Path) -> None:
    admin.goto("/vuosikello?vuosi=2027")
    file = tmp_path / "year.pdf"
    admin.pdf(path=file, prefer_css_page_size=True, print_background=True)
    data = file.read_bytes()
    assert len(re.findall(rb"/Type /Page\b", data)) == 1
    width, height = (float(number) for number in re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", data)[0])
    assert (round(width * 25.4 / 72), round(height * 25.4 / 72)) == (297, 420)


def test_next_up_says_that_all_is_well_and_lets_out(admin: Page) -> None:
    admin.goto("/seuraavaksi")
    expect(admin.locator("h1")).to_have_text("Seuraavaksi")
    expect(admin.locator(".coming li, .fine").first).to_be_visible()


def test_who_runs_it_plans_approves_repairs_and_prints(server: Server, admin: Page) -> None:
    plan(admin, "Kirjaston digikahvit", "Muistutus")
    entry = urlsplit(admin.url).path.split("/")[-1]
    admin.goto("/vuosikello?vuosi=2027")
    expect(admin.locator(".wheel a.reminder", has_text="Kirjaston digikahvit").first).to_be_attached()
    command = [sys.executable, *APP, "calendar", "show", "--from", "2027-01-01", "--to", "2027-03-01"]
    command += ["--database", str(server.database)]
    told = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603  our own
    assert entry in told.stdout

    admin.goto("/seuraavaksi")
    expect(admin.locator(".task", has_text="Ei mennyt perille")).to_contain_text("Keittiön kanava")
    admin.get_by_role("link", name="Vastaanottajat").click()
    admin.locator(".is-lost").get_by_role("link", name="Keittiön kanava").click()
    expect(admin.locator(".warning")).to_contain_text("Lisää Digivinkki kanavaan uudelleen")

    admin.goto("/seuraavaksi")
    admin.get_by_role("link", name="Lue ja päätä").click()
    admin.get_by_role("button", name="Hyväksy").click()
    expect(admin.get_by_role("status")).to_be_visible()
    admin.goto("/")
    admin.locator("#question").fill(pretending.ASKED[0])
    admin.keyboard.press("Enter")
    expect(admin.locator("#conversation article.bot:last-of-type")).to_contain_text("HDMI 2")

    admin.goto("/julisteet")
    poster = admin.locator(".posters a").first.get_attribute("href")
    admin.goto("/luvut")
    with admin.expect_download() as download:
        admin.get_by_role("link", name="Lataa taulukkona").click()
    assert len(download.value.path().read_text(encoding="utf-8-sig").splitlines()) > 12
    leaflet = admin.get_by_role("link", name="Sivu johtoryhmälle").get_attribute("href")
    for path in (poster, leaflet):
        file = admin.request.get(path or "")
        assert (file.status, file.headers["content-type"], file.body()[:5]) == (200, "application/pdf", b"%PDF-")


def test_signing_out_ends_the_session(browser: Browser, server: Server) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(server.link())
    page.get_by_role("button", name="Kirjaudu").click()
    expect(page.locator("svg.wheel")).to_be_visible()
    page.get_by_role("button", name="Kirjaudu ulos", exact=True).click()
    expect(page.locator("h1")).to_have_text("Olet kirjautunut ulos")
    page.goto(f"http://localhost:{server.port}/vuosikello")
    expect(page.locator("h1")).to_have_text("Kirjaudu ensin")
    context.close()


def test_pictures_for_the_readme(page: Page, admin: Page) -> None:
    page.set_viewport_size({"width": 1280, "height": 860})
    page.goto("/ohjeet")
    page.screenshot(path=shots() / "guide-fi.png")
    for path, name, width, height in (("/vuosikello", "wheel-fi", 1440, 1010), ("/seuraavaksi", "next-fi", 1180, 900)):
        admin.set_viewport_size({"width": width, "height": height})
        admin.goto(path)
        admin.screenshot(path=shots() / f"{name}.png")
    admin.set_viewport_size({"width": 1280, "height": 940})
    admin.goto("/luvut")
    admin.screenshot(path=shots() / "figures-fi.png")


@pytest.mark.skipif(not asked_for(), reason="PICTURES=1 asks for it: it starts a server of its own")
def test_a_picture_of_a_poster(browser: Browser, tmp_path: Path) -> None:
    """As Chromium's own viewer draws it."""
    database = tmp_path / "poster.db"
    settings = {"DIGIVINKKI_ORGANISATION": "Mallilan kunta", "DIGIVINKKI_PUBLIC_URL": "https://vinkit.mallila.fi"}
    with running(database, settings) as server:
        server.first_answer("moi")
        page = browser.new_page(viewport={"width": 794, "height": 1123})
        page.goto(server.link())
        page.get_by_role("button", name="Kirjaudu").click()
        page.wait_for_load_state()
        poster = page.request.get(f"http://localhost:{server.port}/julisteet/vinkki/password-strong.pdf")
        assert poster.status == 200
        viewer = '<embed src="/p.pdf#toolbar=0&navpanes=0" type="application/pdf" width=794 height=1123>'
        frame = f'<body style="margin:0">{viewer}'
        page.route("http://poster.test/", lambda route: route.fulfill(body=frame, content_type="text/html"))
        page.route("**/p.pdf", lambda route: route.fulfill(body=poster.body(), content_type="application/pdf"))
        page.goto("http://poster.test/")
        page.wait_for_timeout(2_000)  # the viewer does not say when it has drawn
        clip: FloatRect = {"x": 5, "y": 3, "width": 784, "height": 1109}
        page.screenshot(path=shots() / "poster-fi.png", clip=clip)
        page.close()
