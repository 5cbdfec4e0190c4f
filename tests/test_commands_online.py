"""`doctor --online`: whether Teams' messages would arrive and be verified, and whether Socket Mode can connect."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

import app
from bot.slack.manifest import scopes
from commands.findings import State
from commands.online import of_online
from tests.platforms import Answer, Platforms, platforms, slack

APP, TENANT = "2f0a7c1e-5b3d-4e86-9c47-d1b8e6a35f90", "8d41b6f2-07ce-4a59-b3e8-6f92c5d7a014"
TEAMS = {"MicrosoftAppId": APP, "MicrosoftAppTenantId": TENANT, "MicrosoftAppPassword": "s3cret~1"}
SLACK = {"SLACK_BOT_TOKEN": "xoxb-s3cret"}
SOCKET = SLACK | {"SLACK_APP_TOKEN": "xapp-s3cret"}
HTTP = SLACK | {"SLACK_SIGNING_SECRET": "s3cret"}
NO_LINE = "online: Socket Mode cannot connect: Slack"


@pytest.fixture
def there() -> Iterator[Platforms]:
    """The platforms, on this machine."""
    with platforms() as there:
        there.answers["/auth.test"] = slack(granted=",".join(scopes()))
        yield there


async def asked(there: Platforms, *settings: dict[str, str]) -> list[tuple[State, str, str]]:
    """What is found with those settings. No secret may be in it."""
    environ = {name: value for some in (there.settings, *settings) for name, value in some.items()}
    found = await of_online(app.Settings.from_environ(environ))
    assert "s3cret" not in str(found)
    return found


def paths(there: Platforms) -> list[str]:
    return [path for path, _, _ in there.asked]


async def test_all_that_is_set_is_asked_in_turn(there: Platforms) -> None:
    found = await asked(there, TEAMS, SOCKET)
    assert [(state, what.replace(there.address, "")) for state, what, _ in found] == [
        (State.OK, "online: /healthz answers"),
        (State.OK, "online: /api/messages refuses what has no token, as it should"),
        (State.OK, "online: Microsoft knows the app and its password"),
        (State.OK, "online: Slack knows the bot as digivinkki in Mallilan kunta"),
        (State.OK, "online: Socket Mode can connect"),
    ]
    assert there.asked[1] == ("/api/messages", "{}", "")
    assert there.asked[4] == ("/api/apps.connections.open", "", "Bearer xapp-s3cret")


@pytest.mark.parametrize(
    ("settings", "path"), [(SOCKET, "/api/messages"), (TEAMS, "connections.open"), (HTTP, "connections.open")]
)
async def test_what_is_not_connected_is_not_asked(there: Platforms, settings: dict[str, str], path: str) -> None:
    await asked(there, settings)
    assert [asked for asked in paths(there) if asked.endswith(path)] == []


@pytest.mark.parametrize(
    ("answer", "mend"),
    [
        ((200, "", {}), "asks for no token"),
        ((202, "", {}), "asks for no token"),
        ((400, "type must be text\n", {}), "asks for no token"),
        ((301, "", {"Location": "https://www.kunta.fi"}), "must pass everything on"),
        ((403, "this computer only", {}), "start Digivinkki anew"),
        ((404, "", {}), "start Digivinkki anew"),
        ((405, "", {}), "start Digivinkki anew"),
        ((502, "Bad Gateway", {}), "must pass everything on"),
    ],
)
async def test_an_address_that_does_not_refuse_what_has_no_token_is_wrong(
    there: Platforms, answer: Answer, mend: str
) -> None:
    there.answers["/api/messages"] = answer
    (found,) = [each for each in await asked(there, TEAMS) if "/api/messages" in each[1]]
    said = f"online: {there.address}/api/messages answers {answer[0]} to what has no token, not 401"
    assert found[:2] == (State.WRONG, said)
    assert mend in found[2]


async def test_a_proxy_may_pass_on_teams_messages_only(there: Platforms) -> None:
    there.answers["/healthz"] = (404, "", {})
    found = await asked(there, TEAMS)
    assert [state for state, _, _ in found] == [State.WRONG, State.OK, State.OK]


async def test_where_nobody_answers_that_is_said_once(there: Platforms) -> None:
    found = await asked(there, TEAMS, {"DIGIVINKKI_PUBLIC_URL": "http://127.0.0.1:1"})
    assert [what for _, what, _ in found if "127.0.0.1:1/" in what] == [
        "online: http://127.0.0.1:1/healthz does not answer from here"
    ]


@pytest.mark.parametrize(
    ("answer", "said", "mend"),
    [
        ((200, json.dumps({"ok": False, "error": "invalid_auth"}), {}), "refuses the app token (invalid_auth)", "copy"),
        ((200, json.dumps({"ok": False, "error": "missing_scope"}), {}), "(missing_scope)", "connections:write"),
        ((200, json.dumps({"ok": True}), {}), "refuses the app token (None)", "switch Socket Mode on"),
        ((200, "[]", {}), "refuses the app token (None)", "switch Socket Mode on"),
        ((200, "<html>", {}), "cannot be asked (JSONDecodeError)", "is the internet open"),
        ((503, "", {}), "cannot be asked (ClientResponseError)", "is the internet open"),
    ],
)
async def test_where_socket_mode_cannot_connect_that_is_said_plainly(
    there: Platforms, answer: Answer, said: str, mend: str
) -> None:
    there.answers["/apps.connections.open"] = answer
    state, what, how = (await asked(there, SOCKET))[-1]
    assert state is State.WRONG
    assert what.startswith(NO_LINE)
    assert said in what
    assert mend in how


async def test_the_address_of_the_line_is_a_secret(there: Platforms) -> None:
    there.answers["/apps.connections.open"] = (200, json.dumps({"ok": True, "url": "wss://x/?ticket=s3cret"}), {})
    assert (await asked(there, SOCKET))[-1][0] is State.OK


@pytest.mark.parametrize(
    ("settings", "word"),
    [(SOCKET, "note"), (SOCKET | HTTP, "note"), (SOCKET | TEAMS, "WRONG"), (HTTP, "WRONG"), (TEAMS, "WRONG")],
)
def test_an_address_without_https_is_only_a_note_where_nobody_posts_to_it(
    here: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    settings: dict[str, str],
    word: str,
) -> None:
    for name, value in {**settings, "DIGIVINKKI_PUBLIC_URL": "http://vinkit.kunta.fi"}.items():
        monkeypatch.setenv(name, value)
    app.main(["doctor"])
    assert f"{word:6} DIGIVINKKI_PUBLIC_URL is http://vinkit.kunta.fi\n" in capsys.readouterr().out
