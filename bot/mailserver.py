"""The mail server of a deployment, from its settings; none where no host is set."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, cast

from tips.errors import SettingsError
from tips.fields import number_in

CHANNEL = "mail"  # the platform that e-mail is
_ADDRESS = re.compile(r"[\w.+-]{1,64}@[a-z0-9-]+(?:\.[a-z0-9-]+)+", re.IGNORECASE | re.ASCII)
_NAME = "DIGIVINKKI_SMTP_"
_PORTS = {"starttls": 587, "tls": 465, "none": 25}


@dataclass(frozen=True, slots=True)
class MailServer:
    """By which server e-mail goes, as whom, and IT support's address. `security`: 'none' is for a server nearby."""

    host: str
    port: int
    sender: str
    support: str
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str = ""
    password: str = field(default="", repr=False)

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> MailServer | None:
        """None where nothing is set. Raises SettingsError, naming the variable, for a value that cannot be."""
        values = {
            name: environ.get(f"{_NAME}{name}", "").strip()
            for name in ("HOST", "PORT", "SECURITY", "USER", "PASSWORD", "FROM", "SUPPORT")
        }
        if not values["HOST"]:
            if given := next((name for name, value in values.items() if value), ""):
                raise SettingsError(f"{_NAME}HOST is not set, so {_NAME}{given} has no effect: set both, or none")
            return None
        security = values["SECURITY"] or "starttls"
        if security not in _PORTS:
            raise SettingsError(f"{_NAME}SECURITY must be starttls, tls or none, not {security!r}")
        if values["PASSWORD"] and security == "none":
            raise SettingsError(f"{_NAME}PASSWORD must not go over an open line: set {_NAME}SECURITY=starttls")
        port = number_in(values["PORT"] or str(_PORTS[security]))
        if port is None or not 0 < port < 65_536:
            raise SettingsError(f"{_NAME}PORT must be a number from 1 to 65535, not {values['PORT']!r}")
        for name in ("FROM", "SUPPORT"):
            if not _ADDRESS.fullmatch(values[name]):
                raise SettingsError(f"{_NAME}{name} must be an e-mail address, not {values[name]!r}")
        known = cast(Literal["starttls", "tls", "none"], security)
        people = (values["FROM"], values["SUPPORT"])
        return cls(values["HOST"], int(port), *people, known, values["USER"], values["PASSWORD"])
