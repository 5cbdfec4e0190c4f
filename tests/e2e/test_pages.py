"""The pages in a real browser: by keyboard, on a phone, without scripts, in an intranet's frame, on paper."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from playwright.sync_api import Browser, Page, expect

from bench.server import Server, running

SHOTS = Path("docs/images")
OPEN = ["/ohjeet", "/ohjeet/passwords", "/ohjeet/passwords/password-strong", "/ohjeet?q=salasana", "/vartit"]
OPEN += ["/saavutettavuus", "/vartit/passwords", "/vartit/passwords/isannalle", "/ohjeet/nothing"]
AXE = Path(__file__).parent / "node_modules" / "axe-core" / "axe.min.js"
QUARTER = "/vuosikello/security-quarter-data-protection"
SIGNED_IN = ["/vinkit", "/vinkit/password-strong", "/historia", "/tuonti", "/loki", "/luonnokset", "/ajankohtaista"]
SIGNED_IN += ["/vuosikello", "/vuosikello?vuosi=2027", "/seuraavaksi", "/vuosikello/uusi", QUARTER, "/paiva/2027-02-09"]
SIGNED_IN += ["/viikko/2027-4", f"{QUARTER}/2028-01-26", "/vastaanottajat", "/henkilot", "/henkilot/tuonti"]
SIGNED_IN += ["/vartit/passwords/muokkaa", "/vartit/passwords/muokkaa?kieli=sv"]


@pytest.fixture(scope="session")
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


def plan(page: Page, title: str) -> None:
    """Plans an entry by its form; what the chosen rhythm does not ask for is hidden."""
    page.goto("/vuosikello/uusi")
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


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_scrolls_sideways_on_a_small_phone(browser: Browser, server: Server, session: str, scheme: str) -> None:
    page = visit(browser, server, session, viewport={"width": 360, "height": 740}, color_scheme=scheme)
    for path in [*OPEN, *SIGNED_IN]:
        for language in ("fi", "sv", "en"):
            page.goto(f"{path}{'&' if '?' in path else '?'}lang={language}")
            assert page.evaluate("document.documentElement.scrollWidth") <= 360, (path, language)
    for question in ("salasana vanheni", "hetuni on 131052-308T", "miten leivotaan karjalanpiirakka", "x" * 300):
        page.goto("/ohjeet")
        page.get_by_label("Kysymyksesi").fill(question)
        page.get_by_role("button", name="Kysy").click()
        expect(page.locator(".asked")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, question
    page.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_axe_finds_nothing(browser: Browser, server: Server, session: str, scheme: str, width: int) -> None:
    size = {"width": width, "height": 800}
    page = visit(browser, server, session, viewport=size, color_scheme=scheme, bypass_csp=True)  # axe is a script
    for path in [*OPEN, "/ohjeet?embed", *SIGNED_IN, "/seuraavaksi?tehty=retry", "/kirjaudu/forged"]:
        page.goto(path)
        page.evaluate(AXE.read_text(encoding="utf-8"))
        found = page.evaluate("axe.run({resultTypes: ['violations']}).then(result => result.violations)")
        assert [(each["id"], each["nodes"][0]["target"]) for each in found] == [], path
    page.goto("/ohjeet")
    page.get_by_label("Kysymyksesi").fill("salasana vanheni")
    page.get_by_role("button", name="Kysy").click()
    page.evaluate(AXE.read_text(encoding="utf-8"))
    assert page.evaluate("axe.run().then(result => result.violations.map(each => each.id))") == []
    page.context.close()


def test_an_intranets_frame_shows_the_guide_only_where_it_is_named(browser: Browser, tmp_path: Path) -> None:
    """The intranet is another port of this computer: another origin, the same site."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
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
    for path in [*OPEN, *SIGNED_IN]:
        page.goto(path)
        response = page.goto(path)
        assert response is not None
        assert len(response.body()) < 50_000, path
        milliseconds = page.evaluate(
            "(t => t.responseStart - t.requestStart)(performance.getEntriesByType('navigation')[0])"
        )
        assert milliseconds < 100, (path, milliseconds)
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


def test_signing_out_ends_the_session(browser: Browser, server: Server) -> None:
    said = server._said.read_text(encoding="utf-8")
    link = re.findall(r"(http://\S+/kirjaudu/\S+)", said)
    assert link, said
    context = browser.new_context()
    page = context.new_page()
    page.goto(link[0])
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
    page.screenshot(path=SHOTS / "guide-fi.png")
    admin.goto("/vuosikello")
    admin.screenshot(path=SHOTS / "wheel-fi.png")
