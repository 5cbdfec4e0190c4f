"""Slack's app manifest: what the channel listens to and no more, by Socket Mode or by HTTP.

The limits are those of https://docs.slack.dev/reference/app-manifest.
"""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from bot.menu import ENTRIES
from bot.settings import Settings
from bot.slack import handler
from bot.slack.events import COMMAND
from bot.slack.manifest import EVENTS, manifest, scopes, written
from tips.models import LANGUAGES, Language

ADDRESS = "https://vinkit.kunta.fi/slack/events"


def made(*, socket: bool = True, language: Language = "fi") -> dict[str, Any]:
    """The manifest as Slack reads it from the YAML."""
    settings = Settings(public_url="https://vinkit.kunta.fi", language=language)
    read = yaml.safe_load(written(manifest(settings, "/slack/events", socket=socket)))
    assert isinstance(read, dict)
    return read


def addresses(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [found for part in value.values() for found in addresses(part)]
    if isinstance(value, list):
        return [found for part in value for found in addresses(part)]
    return [value] if isinstance(value, str) and value.startswith("http") else []


def test_socket_mode_needs_no_address() -> None:
    assert made()["settings"]["socket_mode_enabled"] is True
    assert addresses(made()) == []


def test_by_http_slack_posts_commands_events_and_buttons_to_one_address() -> None:
    data = made(socket=False)
    assert data["settings"]["socket_mode_enabled"] is False
    assert data["features"]["slash_commands"][0]["url"] == ADDRESS
    assert data["settings"]["event_subscriptions"]["request_url"] == ADDRESS
    assert data["settings"]["interactivity"] == {"is_enabled": True, "request_url": ADDRESS}
    assert addresses(data) == [ADDRESS] * 3


def test_without_its_addresses_it_is_the_same_either_way() -> None:
    by_http = made(socket=False)
    del by_http["features"]["slash_commands"][0]["url"]
    del by_http["settings"]["event_subscriptions"]["request_url"]
    del by_http["settings"]["interactivity"]["request_url"]
    by_http["settings"]["socket_mode_enabled"] = True
    assert by_http == made()


def test_it_subscribes_to_what_the_channel_listens_to() -> None:
    assert made()["settings"]["event_subscriptions"]["bot_events"] == list(EVENTS)
    assert set(EVENTS) == {
        "app_mention",
        "message.im",
        "member_joined_channel",
        "app_home_opened",
        "app_uninstalled",
        *handler._GONE,
        *handler._BACK,
    }


def test_it_asks_for_the_permissions_that_its_events_and_answers_need_and_no_more() -> None:
    assert made()["oauth_config"] == {"scopes": {"bot": scopes()}}
    assert scopes() == [
        "app_mentions:read",
        "channels:history",
        "channels:read",
        "chat:write",
        "commands",
        "groups:history",
        "groups:read",
        "im:history",
    ]


def test_the_bot_can_be_written_to_in_private_and_has_its_command() -> None:
    features = made()["features"]
    assert features["app_home"] == {
        "home_tab_enabled": False,
        "messages_tab_enabled": True,
        "messages_tab_read_only_enabled": False,
    }
    assert features["bot_user"] == {"display_name": "Digivinkki", "always_online": True}
    assert [command["command"] for command in features["slash_commands"]] == [COMMAND]


@pytest.mark.parametrize("language", LANGUAGES)
def test_any_message_can_be_made_a_tip_or_an_answer(language: Language) -> None:
    shortcuts = made(language=language)["features"]["shortcuts"]
    assert {(each["type"], each["callback_id"]) for each in shortcuts} == {("message", entry) for entry in ENTRIES}
    for each in shortcuts:
        assert 0 < len(each["name"]) <= 24
        assert 0 < len(each["description"]) <= 150
        assert not each["name"].endswith("…")


def test_it_is_for_one_workspace_and_its_tokens_do_not_rotate() -> None:
    settings = made()["settings"]
    assert (settings["org_deploy_enabled"], settings["token_rotation_enabled"]) == (False, False)


@pytest.mark.parametrize("language", LANGUAGES)
def test_its_texts_are_in_the_organisations_language_and_of_the_length_that_slack_takes(language: Language) -> None:
    about = made(language=language)["display_information"]
    (command,) = made(language=language)["features"]["slash_commands"]
    assert len(about["name"]) <= 35
    assert len(about["description"]) <= 140
    assert 175 <= len(about["long_description"]) <= 4000
    assert len(command["description"]) <= 2000
    assert len(command["usage_hint"]) <= 1000
    others = [made(language=other)["display_information"] for other in LANGUAGES if other != language]
    assert about["description"] not in [other["description"] for other in others]


def test_the_file_says_where_to_put_it() -> None:
    first = written(manifest(Settings(), "", socket=True)).splitlines()[0]
    assert first.startswith("# ")
    assert "https://api.slack.com/apps" in first
