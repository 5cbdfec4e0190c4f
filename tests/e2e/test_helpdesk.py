"""Nobody is left without an answer: from a question without a tip, through a claim, an answer and a draft, to its
approval and the next asker, who gets the tip.

In Teams, where each person has an Agents Playground of their own before the same bot; in Slack, by the emulator and by
presses as Slack signs them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, expect

from bench.server import Server, running
from tests.e2e import clients
from tests.e2e.conftest import opened
from tests.e2e.teamspage import Teams

SHOTS = Path("docs/images")
QUESTION = "Miten kytken rautalammin möhkylän?"
ANSWER = "Paina punaista nappia kolme sekuntia. Vihreä valo syttyy."
LATER = "rautalammin möhkylä pitäis kytkeä, miten?"
SOON = 30_000.0  # milliseconds until a letter has come


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A server of its own."""
    with running(tmp_path / "digivinkki.db") as server:
        server.first_answer("moi")
        yield server


@pytest.fixture
def people(browser: Browser, server: Server, tmp_path: Path) -> Iterator[list[Teams]]:
    """Teams as Aino, who asks, Eino, who helps, and Helmi, who asks later, have it."""
    with ExitStack() as stack:
        found = []
        for name in ("Aino Virtanen", "Eino Korhonen", "Helmi Nieminen", "Onni Laine"):
            folder = tmp_path / name
            folder.mkdir()
            endpoint = f"http://127.0.0.1:{server.port}/api/messages"
            address = stack.enter_context(clients.playground(endpoint, folder, name))
            found.append(stack.enter_context(opened(browser, address)))
        yield found


def press(card: Locator, label: str) -> None:
    card.get_by_role("button", name=label, exact=True).click()


def test_in_teams_from_a_question_to_the_next_asker(people: list[Teams], server: Server) -> None:
    aino, eino, helmi, onni = people
    eino.say(server.code())
    helmi.say("haluan digitutoriksi")
    wish = eino.cards.filter(has_text="Helmi Nieminen")
    expect(wish).to_have_count(1, timeout=SOON)
    press(wish, "Anna rooli")
    eino.go_to("Digivinkit")
    eino.post("tutorkanava")
    expect(eino.cards.filter(has_text="tulevat tänne")).to_have_count(1)
    shot(eino, 0)

    aino.say(QUESTION)
    press(aino.cards.last, "Kysy digitutorilta")
    status = aino.cards.last
    expect(status).to_contain_text("Kysymys on digitutoreilla", timeout=SOON)
    card = eino.cards.filter(has_text=f"Aino Virtanen: ”{QUESTION}”")
    expect(card).to_have_count(1, timeout=SOON)
    shot(eino, 1)
    buttons = card.get_by_role("button").all_inner_texts()
    press(card, buttons[0])
    expect(card).to_contain_text("Eino Korhonen")
    expect(status).to_contain_text("Eino Korhonen auttaa.", timeout=SOON)
    shot(aino, 2)
    shot(eino, 3)
    press(card, card.get_by_role("button").all_inner_texts()[0])
    eino.page.wait_for_timeout(1500)
    shot(eino, 4)
    eino.go_to("Personal Chat")
    eino.say(ANSWER)
    shot(eino, 5)
    brought = aino.cards.last
    expect(brought).to_contain_text(ANSWER, timeout=SOON)
    shot(aino, 6)
    press(eino.cards.last, eino.cards.last.get_by_role("button").all_inner_texts()[0])
    eino.page.wait_for_timeout(1500)
    shot(eino, 7)


def shot(teams: Teams, number: int) -> None:
    teams.page.screenshot(path=f"/tmp/wt/shot{number}.png")
