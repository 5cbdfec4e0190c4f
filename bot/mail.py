"""Letters by e-mail, for whom no chat reaches: IT support's address. Off where no mail server is set."""

from __future__ import annotations

import asyncio
import smtplib
import ssl
from contextlib import closing, suppress
from email.message import EmailMessage
from email.utils import formatdate, make_msgid

from bot.conversations import Conversation
from bot.mailserver import MailServer
from bot.models import Reply
from scheduler.posting import PublishError

_WAIT = 20.0  # seconds


class Mailer:
    """Writes e-mail (`bot.courier.Writer`), beside the event loop."""

    def __init__(self, server: MailServer, wait: float = _WAIT) -> None:
        self._server, self._wait = server, wait

    async def say(self, place: Conversation, reply: Reply) -> str:
        """Sends it to the address that the place is; its message id. Raises PublishError."""
        message = composed(reply, self._server.sender, place.id)
        await asyncio.to_thread(self._sent, message)
        return str(message["Message-ID"])

    async def change(self, place: Conversation, message: str, reply: Reply) -> None:
        """Nothing: what went out stays as it is."""

    def _sent(self, message: EmailMessage) -> None:
        try:
            with closing(self._connected()) as server:
                server.send_message(message)
                with suppress(smtplib.SMTPException, OSError):  # it has been taken
                    server.quit()
        except smtplib.SMTPRecipientsRefused as error:
            codes = [code for code, _ in error.recipients.values()]
            raise PublishError(f"the mail server refuses the address ({codes})", gone=min(codes) >= 500) from None
        except (smtplib.SMTPException, OSError) as error:
            raise PublishError(f"e-mail not sent ({type(error).__name__})", again=True) from None

    def _connected(self) -> smtplib.SMTP:
        chosen, context = self._server, ssl.create_default_context()
        if chosen.security == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(chosen.host, chosen.port, timeout=self._wait, context=context)
        else:
            server = smtplib.SMTP(chosen.host, chosen.port, timeout=self._wait)
        try:
            if chosen.security == "starttls":
                server.starttls(context=context)
            if chosen.user:
                server.login(chosen.user, chosen.password)
        except BaseException:
            server.close()
            raise
        return server


def composed(reply: Reply, sender: str, to: str) -> EmailMessage:
    """The reply as a message of plain text."""
    message = EmailMessage()
    message["Subject"] = " ".join(reply.title.split())
    message["From"], message["To"] = sender, to
    message["Date"], message["Message-ID"] = formatdate(), make_msgid(domain=sender.partition("@")[2])
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no holiday notice comes back
    message["Content-Language"] = reply.language
    message.set_content(reply.text.replace("**", ""))
    return message
