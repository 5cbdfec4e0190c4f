"""Nobody is left without an answer: from a question without a tip, through a claim, an answer and a draft, to its
approval and the next asker, who gets the tip.

In Teams, where each person has an Agents Playground of their own before the same bot; in Slack, by the emulator and by
presses as Slack signs them.
"""

from __future__ import annotations

import json
import re
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, expect
from slack_sdk import WebClient

from bench.server import Server, running
from tests.e2e import clients
from tests.e2e.clients import BOT, SIGNING_SECRET, Workspace, wait_for
from tests.e2e.conftest import opened
from tests.e2e.pictures import shots
from tests.e2e.teamspage import Teams
from tests.e2e.test_slack import Sent
from tests.test_bot_slack_channel import encoded, press, signed

QUESTION = "Mistä saan uuden kulkulätkän?"
ANSWER = "Kulkulätkän saa kunnantalon neuvonnasta. Ota henkilökortti mukaan."
LATER = "tarttisin uuden kulkulätkän, mistä sen saa?"
SOON = 30_000.0  # milliseconds until a letter has come


class Person:
    """Somebody in the Slack workspace: writes by the emulator, presses and fills in forms as Slack documents it."""

    def __init__(self, workspace: Workspace, server: Server, name: str) -> None:
        self._server, self._api = server, str(workspace.aino.base_url)
        self.client = WebClient(f"xoxp-{name}", base_url=self._api)
        self.id, self.name = str(self.client.auth_test()["user_id"]), name
        self.bot = str(self.client.conversations_open(users=BOT)["channel"]["id"])

    def writes(self, text: str) -> Sent:
        """Says it to the bot in private; the answer."""
        return self.waits(str(self.client.chat_postMessage(channel=self.bot, text=text)["ts"]))

    def waits(self, since: str = "", text: str = "", channel: str = "") -> Sent:
        """The newest message of the bot's that holds the text."""

        def found() -> Sent:
            messages = self.client.conversations_history(channel=channel or self.bot)["messages"]
            own = (each for each in messages if each["user"] == BOT and each["ts"] > since)
            return next((each for each in own if text in shown(each)), {})

        return wait_for(found)

    def presses(self, message: Sent, label: str, channel: str = "") -> None:
        """Presses the message's button of that label."""
        where = channel or self.bot
        container = {"channel_id": where, "message_ts": message["ts"]}
        payload = press(f"http://127.0.0.1:{self._server.port}/", labelled(message, label), where, **container)
        self._send(payload | {"message": message})

    def fills_in(self, title: str, metadata: list[str], text: str) -> Sent:
        """Fills in the form of the newest modal and sends it; what the modal shows next, with its id."""
        modal = self._modal(title)
        state = {"values": {"answer": {"text": {"type": "plain_text_input", "value": text}}}}
        view = {
            "id": modal,
            "type": "modal",
            "callback_id": "digivinkki",
            "private_metadata": json.dumps(metadata),
            "state": state,
        }
        answer = self._send({"type": "view_submission", "view": view, "team": {"id": "T1"}})
        return {**json.loads(answer)["view"], "id": modal}

    def presses_in(self, view: Sent, label: str) -> None:
        """Presses a button in the modal."""
        payload = press("", labelled(view, label), "")
        del payload["channel"], payload["message"], payload["response_url"]
        self._send(payload | {"container": {"type": "view", "view_id": view["id"]}, "view": view})

    def _modal(self, title: str) -> str:
        """The id of the newest modal, by the emulator's page for looking at them."""

        def newest() -> str:
            with urllib.request.urlopen(self._api.removesuffix("api/") + "?tab=views") as page:  # noqa: S310  our own
                rows = page.read().decode().split("<tr")
            ids = (re.search(r"V[A-Z0-9]{6,}", row) for row in rows if title in row)
            return next((found[0] for found in ids if found), "")

        return wait_for(newest)

    def _send(self, payload: Sent) -> str:
        bot = WebClient("xoxb-local-test", base_url=self._api)
        trigger = bot.api_call("views.generateTriggerId", json={"user_id": self.id})["trigger_id"]
        user = {"id": self.id, "username": self.name, "team_id": "T1"}
        body, kind = encoded(payload | {"user": user, "trigger_id": trigger})
        headers = {"Content-Type": kind, **signed(body, SIGNING_SECRET)}
        request = urllib.request.Request(f"http://127.0.0.1:{self._server.port}/slack/events", body, headers)
        with urllib.request.urlopen(request) as answer:  # noqa: S310  our own address
            assert answer.status == 200
            return str(answer.read().decode())


def shown(message: Sent) -> str:
    """What is to be read in the message."""
    return json.dumps(message.get("blocks", ""), ensure_ascii=False)


def labelled(message: Sent, label: str) -> Sent:
    """The button of that label."""
    rows = [block["elements"] for block in message["blocks"] if block["type"] == "actions"]
    return next(button for row in rows for button in row if button["text"]["text"] == label)


def test_in_slack_from_a_question_to_the_next_asker(tmp_path: Path) -> None:
    with clients.slack(tmp_path) as (workspace, server):
        aino, maija, helmi = (Person(workspace, server, name) for name in ("aino", "maija", "helmi"))
        helmi.writes(server.code())
        hall = workspace.channel
        helmi.client.chat_postMessage(channel=hall, text=f"<@{BOT}> tutorkanava")

        aino.presses(aino.writes(QUESTION), "Kysy digitutorilta")
        card = aino.waits(text="Kuka osaa auttaa?", channel=hall)
        assert f"aino: ”{QUESTION}”" in shown(card)
        maija.presses(card, "Minä autan", hall)
        claimed = aino.waits(text="maija auttaa.", channel=hall)
        assert claimed["ts"] == card["ts"]
        aino.waits(text="maija auttaa.")
        maija.presses(claimed, "Vastaa", hall)
        form = json.dumps(["desk", {"step": "answer", "number": "1", "lang": "fi"}])
        sent = maija.fills_in("Vastaa", [hall, form], ANSWER)
        brought = aino.waits(text=ANSWER)
        aino.presses(brought, "Auttoi")
        aino.waits(text="Ratkaistu.", channel=hall)

        maija.presses_in(sent, "Tee tästä vinkki")
        listed = wait_for(lambda: "Omat luonnoksesi" in shown(found := maija.writes("luonnokset")) and found)
        maija.presses(listed, QUESTION.rstrip("?"))
        draft = maija.waits(text="Luonnos: ")
        assert ANSWER in shown(draft)
        maija.presses(draft, "Lähetä hyväksyttäväksi")
        helmi.presses(helmi.waits(text=ANSWER), "Hyväksy ja julkaise")
        maija.waits(text="Vinkki on julkaistu")

        # Who asks next, in other words, gets it.
        wait_for(lambda: ANSWER in shown(helmi.writes(LATER)))


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


def press_on(card: Locator, label: str) -> None:
    card.get_by_role("button", name=label, exact=True).click()


def test_in_teams_from_a_question_to_the_next_asker(people: list[Teams], server: Server) -> None:
    aino, eino, helmi, onni = people
    for teams in (eino, helmi):
        teams.say("kieli suomi")  # the Playground knows English only
    eino.say(server.code())
    helmi.say("haluan digitutoriksi")
    wish = eino.cards.filter(has_text="Helmi Nieminen")
    expect(wish).to_have_count(1, timeout=SOON)
    press_on(wish, "Anna rooli")
    eino.go_to("Digivinkit")
    eino.post("tutorkanava")
    expect(eino.cards.filter(has_text="tulevat tänne")).to_have_count(1)

    aino.say(QUESTION)
    press_on(aino.cards.last, "Kysy digitutorilta")
    status = aino.cards.filter(has_text="Kysymyksesi: ”").last
    expect(status).to_contain_text("Kysymys on digitutoreilla", timeout=SOON)
    card = eino.cards.filter(has_text=QUESTION)
    expect(card).to_contain_text("Aino Virtanen", timeout=SOON)
    press_on(card, "Minä autan")
    expect(card).to_contain_text("Eino Korhonen")
    expect(status).to_contain_text("Eino Korhonen auttaa.", timeout=SOON)
    reply(eino, card, ANSWER)
    thanks = eino.cards.filter(has_text="Vien vastauksen")
    expect(thanks).to_have_count(1)
    expect(card).to_contain_text(ANSWER, timeout=SOON)
    thread = eino.page.get_by_role("group").filter(has=card)
    thread.screenshot(path=shots() / "handover-thread.png")
    brought = aino.cards.last
    expect(brought).to_contain_text(ANSWER, timeout=SOON)
    expect(status).to_contain_text("Sait vastauksen.", timeout=SOON)
    aino.photograph("handover-answer.png", status, brought, shots())
    press_on(thanks, "Tee tästä vinkki")
    expect(thread).to_contain_text("Tein luonnoksen.")
    press_on(brought, "Auttoi")
    expect(card).to_contain_text("Ratkaistu.", timeout=SOON)

    eino.go_to("Personal Chat")
    eino.say("luonnokset")
    draft = eino.cards.last
    press_on(draft, QUESTION.rstrip("?"))
    expect(draft).to_contain_text(ANSWER)
    press_on(draft, "Lähetä hyväksyttäväksi")
    waiting = helmi.cards.filter(has_text=ANSWER)
    expect(waiting).to_have_count(1, timeout=SOON)
    helmi.photograph("handover-approval.png", waiting, waiting, shots())
    press_on(waiting, "Hyväksy ja julkaise")
    expect(waiting).to_contain_text("Vinkki on julkaistu")

    wait_for(lambda: asks(onni, LATER) and ANSWER in onni.cards.last.inner_text())  # once the tips were read anew
    asked = onni.page.get_by_text(LATER, exact=True)
    onni.photograph(
        "handover-next.png", asked.nth(onni.cards.count() - 2), onni.cards.last, shots()
    )  # after the welcome


def asks(teams: Teams, text: str) -> bool:
    """Asks it; whether there was an answer."""
    teams.say(text)
    return True


def reply(teams: Teams, card: Locator, text: str) -> None:
    """Answers in the thread of the card."""
    thread = teams.page.get_by_role("group").filter(has=card)
    thread.get_by_role("textbox").click()
    teams.page.keyboard.type("@")
    teams.page.get_by_role("menuitem", name="Digivinkki").click()
    teams.page.keyboard.type(f" {text}")
    thread.get_by_role("button", name="Send Message").click()
