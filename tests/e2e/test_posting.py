"""The year runs by itself: a channel subscribes, the real scheduler posts the weekly tip, IT corrects it.

The servers believe that it is just before a Tuesday's nine o'clock (`anotherday.py`); they look every minute, so a test
waits for one. Nothing else is pretended.
"""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from playwright.sync_api import Locator, expect

from bench.server import ROOT, Server, running
from bot.slack.sender import EVENT, KEY
from tests.e2e import clients
from tests.e2e.clients import BOT, SIGNING_SECRET, Workspace, wait_for
from tests.e2e.pictures import shots
from tests.e2e.teamspage import Teams
from tests.e2e.test_slack import Sent, answered, buttons, direct, header, said
from tests.test_bot_slack_channel import button, encoded, press, signed

BEFORE_NINE = (str(Path(__file__).with_name("anotherday.py")), "2027-01-12T08:59:10+02:00")
SOON = 100.0  # seconds until the scheduler has looked, in the worst case
CORRECTED = "Korjattu: "


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """The database of the server behind the Playground."""
    return tmp_path / "teams.db"


@pytest.fixture
def server(database: Path) -> Iterator[Server]:
    """The server behind the Playground, shortly before nine."""
    with running(database, program=BEFORE_NINE) as server:
        server.first_answer("moi")
        yield server


@pytest.fixture
def slack(tmp_path: Path) -> Iterator[tuple[Workspace, Server]]:
    """A workspace, and the server behind it shortly before nine."""
    with clients.slack(tmp_path, BEFORE_NINE) as found:
        yield found


def run(database: Path, *arguments: str) -> str:
    """A command beside the server, as IT gives it on the server's computer; what it printed."""
    command = [sys.executable, str(ROOT / "app.py"), *arguments, "--database", str(database)]
    return subprocess.run(command, capture_output=True, encoding="utf-8", check=True, cwd=database.parent).stdout  # noqa: S603


def change(database: Path, title: str) -> None:
    """Imports the tip of that Finnish title with another title."""
    file = database.with_name("tips.yaml")
    run(database, "tips", "export", str(file))
    for part in yaml.safe_load_all(file.read_text(encoding="utf-8")):
        for tip in part["tips"]:
            if tip["fi"]["title"] == title:
                tip["fi"]["title"] = CORRECTED + title
                text = yaml.safe_dump({**part, "tips": [tip]}, allow_unicode=True)
                file.write_text(text, encoding="utf-8")
    assert "1 tips imported" in run(database, "tips", "import", str(file))


def pressed(teams: Teams, name: str) -> Locator:
    """Presses the button of the last card; the card."""
    card = teams.cards.last
    card.get_by_role("button", name=name, exact=True).click()
    return card


def test_a_channel_in_teams_subscribes_gets_the_weekly_tip_and_its_correction(
    teams: Teams, server: Server, database: Path
) -> None:
    teams.go_to("Digivinkit")
    thread = teams.post("tilaa vinkit")
    card = thread.locator(teams.cards)
    expect(card).to_contain_text("tiistaisin klo 9.00")
    card.get_by_role("button", name="Tilaa näin").click()
    expect(card).to_contain_text("Selvä, tilaus on tehty.")
    cards = teams.cards.count()

    expect(teams.cards).to_have_count(cards + 1, timeout=SOON * 1000)
    tip = teams.cards.filter(has=teams.page.get_by_role("button", name="Kysy lisää"))
    expect(tip).to_contain_text("Viikon vinkki")
    title = tip.get_by_role("heading").inner_text()
    teams.page.get_by_role("group").filter(has=tip).screenshot(path=shots() / "weekly-tip.png")

    change(database, title)
    teams.go_to("Personal Chat")
    teams.say(server.code())
    teams.say("korjaa")
    expect(teams.cards.last).to_contain_text(CORRECTED + title)  # at once: the import need not be read for the search
    expect(pressed(teams, "Korjaa")).to_contain_text("Selvä, korjaan.")
    teams.go_to("Digivinkit")
    expect(tip.get_by_role("heading")).to_have_text(CORRECTED + title, timeout=30_000)
    expect(teams.cards).to_have_count(cards + 1)


def test_a_security_quarter_is_gone_through_to_the_end(teams: Teams) -> None:
    teams.say("digiturvavartti salasanat")
    card, asked = teams.cards.last, teams.page.get_by_text("digiturvavartti salasanat", exact=True).first
    expect(card).to_contain_text("Voit lopettaa kesken")
    cards, step = teams.cards.count(), "Aloita"
    for place in ("1. asia", "2. asia", "3. asia", "Tee heti", "Kokeile itse", "Kysymys 1/3"):
        pressed(teams, step)
        expect(card).to_contain_text(place)
        step = "Seuraava"
    teams.photograph("session-step.png", asked, card, shots())
    answers = {
        "Kysymys 1/3": ("Annan hänelle omat tunnukseni vain huomiseksi.", "Ei aivan."),
        "Kysymys 2/3": ("Neljä satunnaista sanaa ja viivat niiden väliin.", "Oikein!"),
        "Kysymys 3/3": ("Vaihdan salasanan ja kerron IT-tuelle.", "Oikein!"),
    }
    for question, (answer, judged) in answers.items():
        expect(card).to_contain_text(question)
        pressed(teams, answer)
        expect(card).to_contain_text(judged)
        pressed(teams, "Seuraava")
    expect(card).to_contain_text("Mistä saat apua")
    pressed(teams, "Valmis")
    expect(card).to_contain_text("Oikeita vastauksia 2/3.")
    teams.photograph("session-done.png", asked, card, shots())
    expect(teams.cards).to_have_count(cards)  # all of it in one message


def slack_press(workspace: Workspace, server: Server, message: Sent, channel: str, action: str, **values: str) -> None:
    """What the emulator does not have, as Slack documents it: a press of the message's button."""
    pressed_button = button(message, action, **values)
    container = {"channel_id": channel, "message_ts": message["ts"]}
    payload = press(f"http://127.0.0.1:{server.port}/", pressed_button, channel, **container)
    payload["user"] = {"id": workspace.aino.auth_test()["user_id"], "team_id": payload["team"]["id"]}
    payload["message"] = message
    body, kind = encoded(payload)
    headers = {"Content-Type": kind, **signed(body, SIGNING_SECRET)}
    request = urllib.request.Request(f"http://127.0.0.1:{server.port}/slack/events", body, headers)
    with urllib.request.urlopen(request) as answer:  # noqa: S310  our own address
        assert answer.status == 200


def test_a_channel_in_slack_subscribes_gets_the_weekly_tip_and_its_correction(
    slack: tuple[Workspace, Server], tmp_path: Path
) -> None:
    (workspace, server), aino = slack, slack[0].aino
    asked = aino.chat_postMessage(channel=workspace.channel, text=f"<@{BOT}> tilaa vinkit")
    offer = answered(workspace, workspace.channel, str(asked["ts"]))
    assert "tiistaisin klo 9.00" in shown(offer)
    assert "Tilaa näin" in buttons(offer)
    slack_press(workspace, server, offer, workspace.channel, "subscribe", step="yes")

    post = wait_for(lambda: from_bot(workspace), SOON)
    title = header(post)
    assert "Viikon vinkki" in shown(post)
    assert post["metadata"]["event_type"] == EVENT
    assert post["metadata"]["event_payload"][KEY].startswith("weekly-tip/2027-01-12/post/slack-")

    database = tmp_path / "slack.db"
    change(database, title)
    private = direct(workspace)
    aino.chat_postMessage(channel=private, text=server.code())
    wait_for(lambda: said(workspace, private)[0]["user"] == BOT)

    typed = str(aino.chat_postMessage(channel=private, text="korjaa")["ts"])
    preview = wait_for(lambda: (newest := said(workspace, private)[0])["ts"] > typed and newest)
    assert CORRECTED + title in shown(preview)  # at once: the import need not be read for the search
    assert buttons(preview) == ["Korjaa", "Älä korjaa"]
    slack_press(workspace, server, preview, private, "correct", step="yes")
    wait_for(lambda: header(from_bot(workspace)) == CORRECTED + title)
    after = from_bot(workspace)
    assert (after["ts"], after["metadata"]) == (post["ts"], post["metadata"])


def shown(message: Sent) -> str:
    """What is to be read in the message."""
    return json.dumps(message["blocks"], ensure_ascii=False)


def from_bot(workspace: Workspace) -> Sent:
    """The newest post of the bot in the channel itself, {} where there is none."""
    return next((message for message in said(workspace, workspace.channel) if message["user"] == BOT), {})
