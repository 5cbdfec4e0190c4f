"""Slack, by an emulator of it that keeps channels and threads and sends the bot signed events.

It has no button presses, slash commands and Socket Mode: test_slack_lines.py does those as Slack documents them.
"""

from __future__ import annotations

from typing import Any

import pytest
from slack_sdk.models.blocks import Block

from tests.e2e.clients import BOT, Workspace, wait_for

Sent = dict[str, Any]


def thread(slack: Workspace, channel: str, ts: str) -> list[Sent]:
    """The message and the answers in its thread."""
    messages: list[Sent] = slack.aino.conversations_replies(channel=channel, ts=ts)["messages"]
    return messages


def said(slack: Workspace, channel: str) -> list[Sent]:
    """What stands in the channel itself, the newest first."""
    messages: list[Sent] = slack.aino.conversations_history(channel=channel)["messages"]
    return messages


def answered(slack: Workspace, channel: str, ts: str) -> Sent:
    """The bot's answer in the thread, which is the only one."""
    _, answer = wait_for(lambda: (found := thread(slack, channel, ts))[1:] and found)
    assert answer["user"] == BOT
    assert answer["thread_ts"] == ts
    return answer


def direct(slack: Workspace) -> str:
    """The channel of Aino's direct messages with the bot."""
    return str(slack.aino.conversations_open(users=BOT)["channel"]["id"])


def header(message: Sent) -> str:
    """The title in the message's blocks."""
    return next(str(block["text"]["text"]) for block in message["blocks"] if block["type"] == "header")


def buttons(message: Sent) -> list[str]:
    """The labels of the message's buttons."""
    rows = [block["elements"] for block in message["blocks"] if block["type"] == "actions"]
    return [str(element["text"]["text"]) for row in rows for element in row]


def test_a_mention_is_answered_in_its_thread_with_blocks(workspace: Workspace) -> None:
    asked = workspace.aino.chat_postMessage(channel=workspace.channel, text=f"<@{BOT}> salasana vanheni, mitä teen?")
    answer = answered(workspace, workspace.channel, str(asked["ts"]))
    assert header(answer) == "Vaihda salasana, vaikka se olisi jo vanhentunut"
    assert buttons(answer)[:2] == ["Auttoi", "Ei auttanut"]
    for block in Block.parse_all(answer["blocks"]):
        block.validate_json()


def test_a_mention_in_a_thread_is_answered_in_the_same_thread(workspace: Workspace) -> None:
    first = workspace.aino.chat_postMessage(channel=workspace.channel, text="Onko teillä näkynyt outoja viestejä?")
    ts = str(first["ts"])
    text = f"<@{BOT}> miten tunnistan huijausviestin"
    workspace.aino.chat_postMessage(channel=workspace.channel, text=text, thread_ts=ts)
    *_, answer = wait_for(lambda: (found := thread(workspace, workspace.channel, ts))[2:] and found)
    assert answer["user"] == BOT
    assert "uijaus" in header(answer)


def test_a_post_without_a_mention_is_left_alone(workspace: Workspace) -> None:
    unasked = workspace.aino.chat_postMessage(channel=workspace.channel, text="onko kahvia?")
    asked = workspace.aino.chat_postMessage(channel=workspace.channel, text=f"<@{BOT}> miten vaihdan salasanan")
    answered(workspace, workspace.channel, str(asked["ts"]))
    assert len(thread(workspace, workspace.channel, str(unasked["ts"]))) == 1
    assert {message["user"] for message in said(workspace, workspace.channel)} == {asked["message"]["user"]}


@pytest.mark.parametrize(
    ("question", "title"),
    [
        ("miten liityn palaveriin puhelimella", "Osallistu Teams-kokoukseen puhelimella"),
        ("Hur spelar jag in ett Teams-möte?", "Spela in mötet och hitta inspelningen"),
    ],
)
def test_a_direct_message_is_answered_beside_it(workspace: Workspace, question: str, title: str) -> None:
    channel = direct(workspace)
    asked = workspace.aino.chat_postMessage(channel=channel, text=question)
    answer = wait_for(lambda: (newest := said(workspace, channel)[0])["user"] == BOT and newest)
    assert isinstance(answer, dict)
    assert float(answer["ts"]) > float(asked["ts"])
    assert "thread_ts" not in answer
    assert header(answer) == title


def test_an_edited_question_gets_an_edited_answer(workspace: Workspace) -> None:
    asked = workspace.aino.chat_postMessage(channel=workspace.channel, text=f"<@{BOT}> miten vaihdan salasanan")
    ts = str(asked["ts"])
    before = answered(workspace, workspace.channel, ts)
    text = f"<@{BOT}> miten liityn palaveriin puhelimella"
    workspace.aino.chat_update(channel=workspace.channel, ts=ts, text=text)
    wait_for(lambda: header(thread(workspace, workspace.channel, ts)[1]) != header(before))
    after = answered(workspace, workspace.channel, ts)
    assert after["ts"] == before["ts"]
    assert header(after) == "Osallistu Teams-kokoukseen puhelimella"


def test_a_channel_that_it_is_invited_to_gets_the_welcome(workspace: Workspace) -> None:
    channel = str(workspace.aino.conversations_create(name="keittiot")["channel"]["id"])
    workspace.aino.conversations_invite(channel=channel, users=BOT)
    wait_for(lambda: said(workspace, channel) and said(workspace, channel)[0]["user"] == BOT)
    welcome = said(workspace, channel)[0]
    assert "Hei, olen Digivinkki." in welcome["text"]
    assert "Salasana vanheni, mitä teen?" in buttons(welcome)
