"""The preview in a real browser: as its users use it, by mouse, by keyboard and on a phone."""

from __future__ import annotations

from pathlib import Path
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from bench.server import Server, running

SHOTS = Path("build/screenshots")
LAST = "#conversation article.bot:last-of-type"


def ask(page: Page, question: str) -> None:
    """Types a question and waits for the reply to it."""
    before = page.locator("#conversation article.bot").count()
    page.locator("#question").fill(question)
    page.keyboard.press("Enter")
    expect(page.locator("#conversation article.bot:not(.waiting)")).to_have_count(before + 1)


def answered(server: Server) -> float:
    """How many messages the server says that it has answered."""
    with urlopen(f"http://127.0.0.1:{server.port}/metrics") as page:
        lines = page.read().decode().splitlines()
    return sum(float(line.split()[-1]) for line in lines if line.startswith("digivinkki_messages_total{"))


@pytest.mark.parametrize(
    ("language", "question", "tip"),
    [
        ("fi", "salasana vanheni, mitä teen?", "password-change-expired"),
        ("sv", "Hur spelar jag in ett Teams-möte?", "meeting-record"),
        ("en", "How do I blur my background in a meeting?", "meeting-background-blur"),
    ],
)
def test_a_question_gets_its_tip_in_each_language(page: Page, language: str, question: str, tip: str) -> None:
    page.goto(f"/?lang={language}")
    ask(page, question)
    reply = page.locator(LAST)
    expect(reply.locator(f'[data-tip="{tip}"]')).to_be_visible()
    expect(reply.locator(f'[lang="{language}"]').first).to_be_visible()
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SHOTS / f"preview-{language}.png")


def test_feedback_is_thanked_for_and_can_be_given_once(page: Page) -> None:
    page.goto("/")
    ask(page, "miten vaihdan salasanan")
    page.get_by_role("button", name="Auttoi", exact=True).click()
    expect(page.locator(LAST)).to_contain_text("Kiva kuulla")
    expect(page.get_by_role("button", name="Auttoi", exact=True)).to_be_disabled()


def test_every_button_of_the_welcome_and_of_the_themes_answers(page: Page) -> None:
    page.goto("/")
    for example in page.locator("#conversation article.bot").first.locator("button").all():
        before = page.locator("#conversation article.bot").count()
        example.click()
        expect(page.locator("#conversation article.bot:not(.waiting)")).to_have_count(before + 1)
    ask(page, "teemat")
    page.locator(LAST).get_by_role("button", name="Huijausviestit").click()
    expect(page.locator(LAST).get_by_role("button")).to_have_count(7)
    page.locator(LAST).get_by_role("button").first.click()
    expect(page.locator(LAST).locator(".tip")).to_be_visible()


def test_a_session_is_gone_through_in_one_place_and_resumed(page: Page) -> None:
    page.goto("/")
    ask(page, "digiturvavartti salasanat")
    count = page.locator("#conversation article").count()
    for label in ("Aloita", "Seuraava", "Seuraava", "Seuraava", "Seuraava", "Seuraava"):
        page.get_by_role("button", name=label, exact=True).click()
        expect(page.locator(LAST).get_by_role("button", name="Aloita", exact=True)).to_have_count(0)
        expect(page.locator(LAST)).to_contain_text("/9")
    for option in ("Pyydän hänelle", "Koiran nimen", "Vaihdan salasanan"):
        page.get_by_role("button", name=option).click()
        page.get_by_role("button", name="Seuraava", exact=True).click()
    page.screenshot(path=SHOTS / "preview-session.png")
    page.reload()
    ask(page, "digiturvavartti salasanat")
    expect(page.locator(LAST)).to_contain_text("Jatketaan siitä, mihin jäit.")
    page.get_by_role("button", name="Valmis", exact=True).click()
    expect(page.locator(LAST)).to_contain_text("Oikeita vastauksia 2/3")
    expect(page.locator("#conversation article")).to_have_count(count)
    page.get_by_role("button", name="Tee vahva salasana, jonka muistat").click()
    expect(page.locator("[data-tip]")).to_be_visible()
    expect(page.locator("#conversation article")).to_have_count(count + 2)


def test_the_page_is_used_by_keyboard_alone(page: Page) -> None:
    page.goto("/")
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "question":
            break
    page.keyboard.type("miten liityn palaveriin puhelimella")
    page.keyboard.press("Enter")
    expect(page.locator(LAST).locator(".tip")).to_be_visible()
    expect(page.locator("#question")).to_be_focused()
    for _ in range(12):
        page.keyboard.press("Shift+Tab")
        if page.evaluate("document.activeElement.textContent.trim()") == "Auttoi":
            break
    page.keyboard.press("Space")
    expect(page.locator(LAST)).to_contain_text("Kiva kuulla")
    expect(page.locator("#question")).to_be_focused()


def test_a_phone_never_scrolls_sideways(browser: Browser, server: Server) -> None:
    context = browser.new_context(
        base_url=f"http://localhost:{server.port}", viewport={"width": 360, "height": 740}, has_touch=True
    )
    page = context.new_page()
    page.goto("/")
    for question in ("sain oudon viestin, onko se huijaus", "x" * 300, "teemat", "kryptovaluutta https://" + "a" * 200):
        ask(page, question)
        assert page.evaluate("document.scrollingElement.scrollWidth") <= 360
    for target in page.locator("button:visible, nav a:visible").all():
        box = target.bounding_box()
        assert box is None or box["height"] >= 44 or box["width"] == 0
    ask(page, "miten teen hyvän salasanan")
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SHOTS / "preview-phone.png")
    context.close()


def test_a_broken_connection_is_said_and_the_next_question_works(context: BrowserContext) -> None:
    page = context.new_page()  # its console may say that the connection broke
    page.goto("/")
    page.route("**/preview/messages", lambda route: route.fulfill(status=503, body="later"))
    ask(page, "moi")
    expect(page.locator(LAST)).to_contain_text("Yritä uudelleen")
    page.unroute("**/preview/messages")
    ask(page, "moi")
    expect(page.locator(LAST)).to_contain_text("Kysy omin sanoin")


def test_another_site_can_neither_read_nor_post(browser: Browser, server: Server) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.route("http://evil.example/", lambda route: route.fulfill(body="<p>evil</p>", content_type="text/html"))
    page.goto("http://evil.example/")
    before = answered(server)
    for options in (
        """{method: 'POST', mode: 'no-cors', body: '{"text":"moi"}'}""",
        """{method: 'POST', headers: {'Content-Type': 'application/json'}, body: '{"text":"moi"}'}""",
    ):
        read = page.evaluate(
            f"async (url) => {{ try {{ return await (await fetch(url, {options})).text() }} catch {{ return '' }} }}",
            f"http://localhost:{server.port}/preview/messages",
        )
        assert read == ""
    assert answered(server) == before
    server.ask("moi")
    assert answered(server) == before + 1  # so the figure does tell
    context.close()


def test_it_claims_the_role_and_tells_the_support_number(browser: Browser, tmp_path: Path) -> None:
    with running(tmp_path / "first.db") as server:
        server.first_answer("moi")
        code = server.code()
        context = browser.new_context(base_url=f"http://localhost:{server.port}")
        page = context.new_page()
        page.goto("/")
        ask(page, code)
        expect(page.locator(LAST)).to_contain_text("Tervetuloa, tietohallinto")
        page.get_by_role("button", name="Aloita").click()
        expect(page.locator(LAST)).to_contain_text("organisaation nimi")
        ask(page, "Mallilan kunta")
        ask(page, "IT-tuki, p. 08 123 4567")
        page.locator(LAST).get_by_role("button", name="Lopeta").click()
        ask(page, "apua")
        expect(page.locator(LAST)).to_contain_text("08 123 4567")
        context.close()
