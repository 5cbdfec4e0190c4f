"""Settings from the environment and `.env`; the names of Azure and Slack are the ones those show."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, cast

from dotenv import dotenv_values
from dotenv.parser import parse_stream

from bot.mailserver import MailServer
from tips.calibration import DEFAULT_PRECISION
from tips.errors import SettingsError
from tips.fields import is_web_address, number_in
from tips.models import LANGUAGES, Language

# Where the platforms are. Governments' clouds and test benches have others; the names are Bot Framework's own.
OPENID = "https://login.botframework.com/v1/.well-known/openidconfiguration"
LOGIN = "https://login.microsoftonline.com"
SLACK_API = "https://slack.com/api"

_ELSEWHERE = {"DIGIVINKKI_VOIKKO"}  # read where it is used
_MOST_DAYS = 14  # that a new tip waits

_HEX = re.compile("[0-9a-fA-F]{6}")
# Nothing that could end the header in which it stands, and no wildcard: those who may frame the guide are named.
_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:[0-9]{1,5})?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Settings:
    """One deployment's settings. Secrets never show in its `repr`."""

    database: Path = Path("digivinkki.db")
    public_url: str = ""
    organisation: str = ""
    language: Language = "fi"
    it_people: frozenset[str] = frozenset()
    subscribe: Literal["anyone", "it"] = "anyone"  # who may subscribe a channel
    app_id: str = ""
    app_password: str = field(default="", repr=False)
    app_tenant: str = ""
    app_type: str = ""
    slack_bot_token: str = field(default="", repr=False)
    slack_signing_secret: str = field(default="", repr=False)
    slack_app_token: str = field(default="", repr=False)
    openid_url: str = OPENID
    login_url: str = LOGIN
    slack_api_url: str = SLACK_API
    guide: Literal["", "open", "signed-in", "off"] = ""  # who may read the tip guide, '' for what is usual
    tutors_first: int = 0  # days in which a new tip is the tutors' before it comes as a week's tip
    precision: float = DEFAULT_PRECISION  # share of the answers that is to be right; in doubt three are offered
    embedder: str = ""  # the model by which likeness in meaning is measured; '' for the wheel's, off for none
    mail: MailServer | None = None  # by which e-mail goes to IT support
    colour: tuple[int, int, int] = (11, 92, 107)  # the organisation's, for posters: red, green, blue, 0..255
    embed: tuple[str, ...] = ()  # origins whose pages may show the guide in a frame

    @property
    def has_credentials(self) -> bool:
        """Whether a chat platform is connected. Without one, the preview is all there is, on loopback only."""
        return bool(self.app_id or self.slack_bot_token)

    @property
    def guide_mode(self) -> Literal["open", "signed-in", "off"]:
        """Who may read the tip guide: usually everybody in local mode, the signed-in once a platform is connected."""
        return self.guide or ("signed-in" if self.has_credentials else "open")

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Settings:
        """Raises SettingsError, naming the variable, for a value that cannot be."""
        language = environ.get("DIGIVINKKI_LANGUAGE", "") or "fi"
        if language not in LANGUAGES:
            raise SettingsError(f"DIGIVINKKI_LANGUAGE must be fi, sv or en, not {language!r}")
        subscribe = environ.get("DIGIVINKKI_SUBSCRIBE", "").strip() or "anyone"
        if subscribe not in ("anyone", "it"):
            raise SettingsError(f"DIGIVINKKI_SUBSCRIBE must be anyone or it, not {subscribe!r}")
        guide = environ.get("DIGIVINKKI_GUIDE", "").strip()
        if guide not in ("", "open", "signed-in", "off"):
            raise SettingsError(f"DIGIVINKKI_GUIDE must be open, signed-in or off, not {guide!r}")
        return cls(
            database=Path(environ.get("DIGIVINKKI_DATABASE", "") or "digivinkki.db"),
            public_url=_address("DIGIVINKKI_PUBLIC_URL", environ.get("DIGIVINKKI_PUBLIC_URL", "")),
            organisation=environ.get("DIGIVINKKI_ORGANISATION", "").strip(),
            language=language,
            it_people=frozenset(part.strip() for part in environ.get("DIGIVINKKI_IT", "").split(",") if part.strip()),
            subscribe=cast(Literal["anyone", "it"], subscribe),
            app_id=environ.get("MicrosoftAppId", "").strip(),
            app_password=environ.get("MicrosoftAppPassword", "").strip(),
            app_tenant=environ.get("MicrosoftAppTenantId", "").strip(),
            app_type=environ.get("MicrosoftAppType", "").strip(),
            slack_bot_token=environ.get("SLACK_BOT_TOKEN", "").strip(),
            slack_signing_secret=environ.get("SLACK_SIGNING_SECRET", "").strip(),
            slack_app_token=environ.get("SLACK_APP_TOKEN", "").strip(),
            openid_url=_address("BotOpenIdMetadata", environ.get("BotOpenIdMetadata", "") or OPENID),
            login_url=_address("ToChannelFromBotLoginUrl", environ.get("ToChannelFromBotLoginUrl", "") or LOGIN),
            slack_api_url=_address("SLACK_API_URL", environ.get("SLACK_API_URL", "") or SLACK_API) + "/",
            guide=cast(Literal["", "open", "signed-in", "off"], guide),
            tutors_first=_days("DIGIVINKKI_TUTORS_FIRST", environ.get("DIGIVINKKI_TUTORS_FIRST", "")),
            precision=_share("DIGIVINKKI_PRECISION", environ.get("DIGIVINKKI_PRECISION", "")),
            embedder=environ.get("DIGIVINKKI_EMBEDDER", "").strip(),
            mail=MailServer.from_environ(environ),
            colour=_colour("DIGIVINKKI_COLOUR", environ.get("DIGIVINKKI_COLOUR", "")),
            embed=_origins("DIGIVINKKI_EMBED", environ.get("DIGIVINKKI_EMBED", "")),
        )


def environment(folder: Path = Path()) -> dict[str, str]:
    """The `.env` of the folder with the process's environment over it.

    Raises SettingsError for a `.env` that cannot be read.
    """
    file = folder / ".env"
    text = _text(file) if file.is_file() else ""
    for binding in parse_stream(io.StringIO(text)):
        if binding.error:  # the line itself may hold a secret, so only its number is told
            original = binding.original.string
            line = binding.original.line + original[: len(original) - len(original.lstrip())].count("\n")
            raise SettingsError(f"{file}: line {line} cannot be understood; write NAME=value")
    values = dotenv_values(stream=io.StringIO(text))
    return {**{name: value for name, value in values.items() if value is not None}, **os.environ}


def unknown(environ: Mapping[str, str]) -> list[str]:
    """Names that look like settings and are none: 'DIGIVINKKI_ORGANIZATION'. Raises SettingsError as settings do."""
    asked = _Asked(environ)
    Settings.from_environ(asked)
    ours = (name for name in environ if name.upper().startswith("DIGIVIN"))
    return sorted(name for name in ours if name not in asked.names | _ELSEWHERE)


class _Asked(dict[str, str]):
    """An environment that remembers what was asked of it."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        super().__init__(environ)
        self.names: set[str] = set()

    def get(self, name: str, default: str = "") -> str:  # type: ignore[override]  # texts only
        self.names.add(name)
        return super().get(name, default)


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise SettingsError(f"{file}: is not UTF-8 text; save it as UTF-8") from None
    except OSError as error:
        raise SettingsError(f"{file}: cannot be read: {error.strerror}") from None


def _colour(name: str, value: str) -> tuple[int, int, int]:
    """The colour of '#0b5c6b'. Raises SettingsError."""
    text = value.strip().removeprefix("#") or "0b5c6b"
    if not _HEX.fullmatch(text):
        raise SettingsError(f"{name} must be a colour such as #0b5c6b, not {value.strip()!r}")
    red, green, blue = bytes.fromhex(text)
    return red, green, blue


def _origins(name: str, value: str) -> tuple[str, ...]:
    """Origins with commas or spaces between, as a browser writes them. Raises SettingsError."""
    found = tuple(part.rstrip("/") for part in value.replace(",", " ").split())
    for origin in found:
        if not is_web_address(origin) or not _ORIGIN.fullmatch(origin):
            raise SettingsError(f"{name} must be origins such as https://intra.kunta.fi, no path, not {origin!r}")
    return found


def _share(name: str, value: str) -> float:
    """A share such as 0.95, or 95 %. Raises SettingsError."""
    try:
        share = float(value.strip().rstrip("%").replace(",", ".") or DEFAULT_PRECISION)
    except ValueError:
        share = 0.0
    share = share / 100 if share > 1 else share
    if not 0.8 <= share <= 0.99:
        raise SettingsError(f"{name} must be a share from 0.8 to 0.99, not {value!r}")
    return share


def _days(name: str, value: str) -> int:
    """A number of days, at most two weeks. Raises SettingsError."""
    days = number_in(value.strip() or "0")
    if days is None or days > _MOST_DAYS:
        raise SettingsError(f"{name} must be a number of days from 0 to {_MOST_DAYS}, not {value!r}")
    return days


def _address(name: str, value: str) -> str:
    value = value.strip().rstrip("/")
    if value and not is_web_address(value):
        raise SettingsError(f"{name} must be a whole address such as https://vinkit.kunta.fi, not {value!r}")
    return value
