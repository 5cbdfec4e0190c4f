"""The app manifest for Slack: what 'Create from manifest' takes, as a pure function of the settings.

https://docs.slack.dev/reference/app-manifest. Every scope is there for an event or a method that the channel uses.
"""

from __future__ import annotations

from typing import Any

import yaml

from bot.menu import ENTRIES
from bot.messages import say
from bot.settings import Settings
from bot.slack.events import COMMAND
from bot.texts import cut

# What the channel listens to, and the scopes that Slack wants for it.
EVENTS = {
    "app_mention": ("app_mentions:read",),
    "message.im": ("im:history",),
    "app_home_opened": (),
    "app_uninstalled": (),
    "member_joined_channel": ("channels:read", "groups:read"),
    "channel_left": ("channels:read",),
    "channel_archive": ("channels:read",),
    "channel_unarchive": ("channels:read",),
    "channel_deleted": ("channels:read",),
    "group_left": ("groups:read",),
    "group_archive": ("groups:read",),
    "group_unarchive": ("groups:read",),
    "group_deleted": ("groups:read",),
}
# The history of channels is read only for the keys of our own posts, so that none comes twice after a crash.
_ALWAYS = ("chat:write", "commands", "channels:history", "groups:history")
_LONGEST_NAME, _LONGEST_ABOUT = 24, 150  # characters of a shortcut
_COLOUR = "#0b5c6b"
_HEADING = "# Slack: https://api.slack.com/apps > Create New App > From a manifest. Paste all of this there.\n"


def manifest(settings: Settings, path: str, *, socket: bool) -> dict[str, Any]:
    """The manifest. With `socket` Slack is connected to from here and needs no address; else it posts to `path`
    below the public address."""
    language = settings.language
    address = "" if socket else f"{settings.public_url}{path}"
    command = {
        "command": COMMAND,
        **({"url": address} if address else {}),
        "description": say(language, "app_slash"),
        "usage_hint": say(language, "app_slash_hint"),
        "should_escape": False,
    }
    shortcuts = [
        {
            "name": cut(say(language, f"menu_{entry}"), _LONGEST_NAME),
            "type": "message",
            "callback_id": entry,
            "description": cut(say(language, f"menu_about_{entry}"), _LONGEST_ABOUT),
        }
        for entry in ENTRIES
    ]
    request = {"request_url": address} if address else {}
    return {
        "_metadata": {"major_version": 1},
        "display_information": {
            "name": say(language, "name"),
            "description": say(language, "app_short"),
            "long_description": say(language, "app_long"),
            "background_color": _COLOUR,
        },
        "features": {
            "app_home": {
                "home_tab_enabled": False,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "bot_user": {"display_name": say(language, "name"), "always_online": True},
            "shortcuts": shortcuts,
            "slash_commands": [command],
        },
        "oauth_config": {"scopes": {"bot": scopes()}},
        "settings": {
            "event_subscriptions": {**request, "bot_events": list(EVENTS)},
            "interactivity": {"is_enabled": True, **request},
            "org_deploy_enabled": False,
            "socket_mode_enabled": socket,
            "token_rotation_enabled": False,
        },
    }


def scopes() -> list[str]:
    """The permissions that the bot asks for, no more."""
    return sorted({*_ALWAYS, *(scope for wanted in EVENTS.values() for scope in wanted)})


def written(data: dict[str, Any]) -> str:
    """The manifest as YAML."""
    return _HEADING + yaml.safe_dump(data, allow_unicode=True, sort_keys=False, width=110)
