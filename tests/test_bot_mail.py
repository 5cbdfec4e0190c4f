"""What nobody takes goes to IT support by e-mail, where a mail server is set; a server on loopback reads it."""

from __future__ import annotations

import email
import email.policy
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from typing import TypeVar, cast

import pytest

from bot.assistant import Assistant
from bot.conversations import Conversation
from bot.courier import Courier
from bot.letters import Letters
from bot.mail import Mailer, composed
from bot.mailserver import CHANNEL, MailServer
from bot.models import Reply, Scope
from bot.settings import Settings
from bot.stores import Stores
from scheduler.posting import PublishError
from tests.test_bot_helpdesk import BOSS as IT_PERSON
from tests.test_bot_helpdesk import QUESTION, TUTORS, Office, private, settle
from tips.errors import SettingsError

T = TypeVar("T")
SUPPORT, SENDER = "tuki@mallila.fi", "digivinkki@mallila.fi"
ENVIRON = {
    "DIGIVINKKI_SMTP_HOST": "smtp.mallila.fi",
    "DIGIVINKKI_SMTP_FROM": SENDER,
    "DIGIVINKKI_SMTP_SUPPORT": SUPPORT,
}
PLACE = Conversation(SUPPORT, CHANNEL, Scope.PERSONAL)
REPLY = Reply("fi", "**Äiti** kysyy\n\n.\nTästä", title="Kysymys:\n ”ä”")


class Post:
    """A mail server on loopback: what it was told, and the messages. `refuses` are its answers to some commands."""

    def __init__(self, refuses: dict[str, str]) -> None:
        self.said: list[str] = []
        self.messages: list[EmailMessage] = []
        post = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                self.wfile.write(b"220 there\r\n")
                for line in self.rfile:
                    post.said.append(line.decode().strip())
                    command = post.said[-1].split(None, 1)[0].upper()
                    usual = "354 go on" if command == "DATA" else "250 ok"
                    self.wfile.write(refuses.get(command, usual).encode() + b"\r\n")
                    if command == "DATA" and command not in refuses:
                        lines = iter(self.rfile.readline, b".\r\n")
                        text = b"".join(each[1:] if each.startswith(b"..") else each for each in lines)
                        message = email.message_from_bytes(text, policy=email.policy.default)
                        post.messages.append(cast(EmailMessage, message))
                        self.wfile.write(b"250 taken\r\n")

        self.server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)

    @property
    def mailer(self) -> Mailer:
        port = self.server.server_address[1]
        return Mailer(MailServer("127.0.0.1", port, SENDER, SUPPORT, "none"), wait=5)


@contextmanager
def serving(**refuses: str) -> Iterator[Post]:
    post = Post(refuses)
    thread = threading.Thread(target=post.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield post
    finally:
        post.server.shutdown()
        thread.join()
        post.server.server_close()


async def test_a_letter_arrives_as_plain_text_in_any_letters() -> None:
    with serving() as post:
        identity = await post.mailer.say(PLACE, REPLY)
    (message,) = post.messages
    assert (message["From"], message["To"], message["Subject"]) == (SENDER, SUPPORT, "Kysymys: ”ä”")
    assert message["Message-ID"] == identity
    assert message["Auto-Submitted"] == "auto-generated"
    assert message.get_content().replace("\r\n", "\n") == "Äiti kysyy\n\n.\nTästä\n"


@pytest.mark.parametrize(
    ("refuses", "gone", "again"),
    [
        ({"RCPT": "550 nobody here"}, True, False),
        ({"RCPT": "450 later"}, False, False),
        ({"MAIL": "421 busy"}, False, True),
        ({"DATA": "451 full"}, False, True),
        ({"EHLO": "554 go away", "HELO": "554 go away"}, False, True),
    ],
)
async def test_what_the_server_refuses_is_told(refuses: dict[str, str], gone: bool, again: bool) -> None:
    with serving(**refuses) as post, pytest.raises(PublishError) as refused:
        await post.mailer.say(PLACE, REPLY)
    assert (refused.value.gone, refused.value.again) == (gone, again)
    assert post.messages == []


async def test_where_nobody_listens_it_may_pass() -> None:
    with serving() as post:
        mailer = post.mailer
    with pytest.raises(PublishError) as refused:
        await mailer.say(PLACE, REPLY)
    assert refused.value.again


async def test_a_password_never_goes_over_an_open_line() -> None:
    with serving() as post:
        port = post.server.server_address[1]
        mailer = Mailer(MailServer("127.0.0.1", port, SENDER, SUPPORT, "starttls", "user", "secret"), wait=5)
        with pytest.raises(PublishError):
            await mailer.say(PLACE, REPLY)
    assert not [line for line in post.said if line.startswith("AUTH")]


async def test_a_question_that_nobody_takes_goes_to_it_support_once(stores: Stores) -> None:
    settle(stores)
    stores.handovers.set_room("common", "", TUTORS)
    with serving() as post:
        office = Office(stores)
        office.assistant = Assistant(stores, support=SUPPORT)
        letters = Letters(stores.people, stores.outbox, office.assistant.helpdesk, office.assistant.drafting)

        async def run(call: Callable[[], T]) -> T:
            return call()

        writers = {"slack": office.platform, CHANNEL: post.mailer}
        places = stores.conversations
        office.courier = Courier(stores.outbox, letters.compose, places, writers, run, lambda: office.now)
        await office.asked("Kysy ilman nimeä")
        await office.pass_time(30)
        card = office.platform.at(TUTORS)[0]
        office.press("slack:UMAIJA", card, "Minä autan", TUTORS)
        await office.pass_time()
        assert office.platform.at(private(IT_PERSON)) == []
    (message,) = post.messages
    assert QUESTION in message.get_content()
    assert "Aino" not in str(message)
    assert "kysymykset" in message.get_content()


def test_without_a_host_there_is_no_mail() -> None:
    assert Settings.from_environ({}).mail is None
    assert Settings.from_environ(ENVIRON).mail == MailServer("smtp.mallila.fi", 587, SENDER, SUPPORT)
    assert Settings.from_environ({**ENVIRON, "DIGIVINKKI_SMTP_SECURITY": "tls"}).mail == MailServer(
        "smtp.mallila.fi", 465, SENDER, SUPPORT, "tls"
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "x"), ("PORT", "0"), ("PORT", "99999"), ("SECURITY", "ssl"), ("FROM", ""), ("FROM", "x"),
        ("SUPPORT", "a@b.fi\nBcc: c@d.fi"), ("SUPPORT", "a b@c.fi"), ("SUPPORT", ""),
    ],
)  # fmt: skip
def test_a_setting_that_cannot_be_is_named(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"DIGIVINKKI_SMTP_{name}"):
        Settings.from_environ({**ENVIRON, f"DIGIVINKKI_SMTP_{name}": value})


def test_without_a_host_the_rest_is_no_silent_nothing() -> None:
    with pytest.raises(SettingsError, match="DIGIVINKKI_SMTP_HOST"):
        Settings.from_environ({"DIGIVINKKI_SMTP_SUPPORT": SUPPORT})


def test_a_password_is_neither_shown_nor_sent_openly() -> None:
    environ = {**ENVIRON, "DIGIVINKKI_SMTP_USER": "digivinkki", "DIGIVINKKI_SMTP_PASSWORD": "hush"}
    assert "hush" not in repr(Settings.from_environ(environ))
    with pytest.raises(SettingsError, match="PASSWORD"):
        Settings.from_environ({**environ, "DIGIVINKKI_SMTP_SECURITY": "none"})


def test_a_title_cannot_add_a_header() -> None:
    made = composed(Reply("fi", "x", title="a\r\nBcc: evil@example.com"), SENDER, SUPPORT)
    assert made["Bcc"] is None
    assert made["Subject"] == "a Bcc: evil@example.com"
