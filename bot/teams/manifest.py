"""The app package for Teams: what is in its zip, as a pure function of the settings.

https://learn.microsoft.com/microsoftteams/platform/resources/schema/manifest-schema
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid5

from bot.commands import typed_form
from bot.menu import ENTRIES
from bot.messages import say
from bot.settings import Settings
from bot.texts import cut
from tips.models import LANGUAGES, Language

VERSION = "1.30"
_SCHEMAS = f"https://developer.microsoft.com/en-us/json-schemas/teams/v{VERSION}"
_ICONS = Path(__file__).with_name("icons")
_ACCENT = "#0b5c6b"
# In a channel everybody reads: what is one's own business is offered in private only.
_COMMANDS: Sequence[tuple[Sequence[str], Sequence[str]]] = (
    (("personal",), ("help", "themes", "language", "my_data", "delete_data")),
    (("team", "groupChat"), ("help", "themes")),
)
# To hear what is said in a channel without a mention; a team's owner grants it when adding the app.
_HEARS_ALL = "ChannelMessage.Read.Group"

Files = Mapping[str, bytes]


def package(settings: Settings, version: str, *, about: str = "", hears_all: bool = False) -> Files:
    """The files of the app package by name. `about` is a page of the organisation's on the bot and its privacy;
    `hears_all` asks for every message of the channels. The settings must have an app id and a public address."""
    files = {"manifest.json": _json(manifest(settings, version, about=about, hears_all=hears_all))}
    for language in _others(settings.language):
        files[f"{language}.json"] = _json(_localised(language))
    return {**files, **{icon: (_ICONS / icon).read_bytes() for icon in ("color.png", "outline.png")}}


def zipped(files: Files) -> bytes:
    """The files as a zip: the same bytes for the same files."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name)  # of 1.1.1980
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def package_id(app_id: str) -> str:
    """The app's own id in Teams, for ever the same for one registration, so that an upload is an update."""
    return str(uuid5(UUID(app_id), "digivinkki"))


def manifest(settings: Settings, version: str, *, about: str = "", hears_all: bool = False) -> dict[str, Any]:
    """The manifest in the organisation's language."""
    language, app_id = settings.language, str(UUID(settings.app_id))
    page = about or settings.public_url
    return {
        "$schema": f"{_SCHEMAS}/MicrosoftTeams.schema.json",
        "manifestVersion": VERSION,
        "version": version,
        "id": package_id(app_id),
        "localizationInfo": {
            "defaultLanguageTag": language,
            "additionalLanguages": [{"languageTag": other, "file": f"{other}.json"} for other in _others(language)],
        },
        "developer": {
            "name": cut(settings.organisation or say(language, "name"), 32),
            "websiteUrl": page,
            "privacyUrl": page,
            "termsOfUseUrl": page,
        },
        "name": {"short": say(language, "name"), "full": say(language, "app_name")},
        "description": {"short": say(language, "app_short"), "full": say(language, "app_long")},
        "icons": {"color": "color.png", "outline": "outline.png"},
        "accentColor": _ACCENT,
        "bots": [_bot(app_id, language)],
        "composeExtensions": [_extension(app_id, language)],
        "defaultInstallScope": "personal",
        "defaultGroupCapability": {"team": "bot", "groupchat": "bot"},
        "supportsChannelFeatures": "tier1",
        "validDomains": [urlsplit(settings.public_url).hostname],
        **(_permission(app_id, settings.public_url) if hears_all else {}),
    }


def _bot(app_id: str, language: Language) -> dict[str, Any]:
    about = _described(language)
    return {
        "botId": app_id,
        "scopes": ["personal", "team", "groupChat"],
        "isNotificationOnly": False,
        "supportsFiles": False,
        "commandLists": [
            {
                "scopes": list(scopes),
                "commands": [{"title": typed_form(name, language), "description": about[name]} for name in names],
            }
            for scopes, names in _COMMANDS
        ],
    }


def _described(language: Language) -> Mapping[str, str]:
    return {
        "help": say(language, "app_help"),
        "themes": say(language, "app_themes"),
        "language": say(language, "app_language"),
        "my_data": say(language, "app_my_data"),
        "delete_data": say(language, "app_delete_data"),
    }


def _extension(app_id: str, language: Language) -> dict[str, Any]:
    words = {
        "name": "words",
        "inputType": "text",
        "title": say(language, "app_search_words"),
        "description": say(language, "app_search_words_about"),
    }
    command = {
        "id": "search",
        "type": "query",
        "context": ["compose", "commandBox"],
        "title": say(language, "app_search"),
        "description": say(language, "app_search_about"),
        "initialRun": False,
        "parameters": [words],
    }
    entries = [
        {
            "id": name,
            "type": "action",
            "context": ["message"],
            "title": say(language, f"menu_{name}"),
            "description": say(language, f"menu_about_{name}"),
            "fetchTask": True,
        }
        for name in ENTRIES
    ]
    return {"botId": app_id, "commands": [command, *entries]}


def _permission(app_id: str, address: str) -> dict[str, Any]:
    # `resource` means nothing here, but must be there: any text will do.
    return {
        "webApplicationInfo": {"id": app_id, "resource": address},
        "authorization": {"permissions": {"resourceSpecific": [{"name": _HEARS_ALL, "type": "Application"}]}},
    }


def _localised(language: Language) -> dict[str, str]:
    return {
        "$schema": f"{_SCHEMAS}/MicrosoftTeams.Localization.schema.json",
        "name.short": say(language, "name"),
        "name.full": say(language, "app_name"),
        "description.short": say(language, "app_short"),
        "description.full": say(language, "app_long"),
        **dict(_texts("bots[0]", _bot("", language))),
        **dict(_texts("composeExtensions[0]", _extension("", language))),
    }


def _texts(place: str, value: Any) -> Iterator[tuple[str, str]]:
    """The titles and descriptions below a place, by the paths that a localisation file names them with."""
    if isinstance(value, dict):
        for name, part in value.items():
            if name in ("title", "description"):
                yield f"{place}.{name}", part
            else:
                yield from _texts(f"{place}.{name}", part)
    elif isinstance(value, list):
        for number, part in enumerate(value):
            yield from _texts(f"{place}[{number}]", part)


def _others(language: Language) -> list[Language]:
    return [other for other in LANGUAGES if other != language]


def _json(data: object) -> bytes:
    return (json.dumps(data, ensure_ascii=False, indent=2) + "\n").encode()
