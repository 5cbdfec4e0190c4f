"""Who was imported by an e-mail address is recognised when they first speak, and nobody's address is asked for else."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp import web

from bot.models import Mention
from bot.newcomers import Newcomers
from bot.outbox import PERSON, Letter
from bot.people import MAIL, TUTOR
from bot.slack.events import said_of
from bot.stores import Stores
from bot.teams.activities import activity_of, message_of
from tests.conftest import NOW
from tests.test_bot_slack_channel import ME, event, running, send
from tests.test_bot_teams_channel import IN_CHANNEL, IN_PERSON, MENTIONED, SPOKEN, Teams, microsoft, sleeper, teams

__all__ = ["microsoft", "sleeper", "teams"]  # fixtures
MAIJA = MAIL + "maija@kunta.fi"
MEGAN = "teams:7faf8ab2-3d56-4244-b585-20c8a42ed2b8"  # as in IN_PERSON


@pytest.fixture
def imported(stores: Stores) -> Stores:
    stores.people.give_role(MAIJA, TUTOR, NOW)
    stores.people.call(MAIJA, "Maija Mäki", NOW)
    stores.units.join(MAIJA, stores.units.put(["Koulu"]).id)
    stores.outbox.put(Letter(PERSON + MAIJA, "tutor"), NOW)
    return stores


def test_what_was_imported_becomes_the_persons(imported: Stores) -> None:
    newcomers = Newcomers(imported)
    assert newcomers.wanted("slack:U1", NOW)
    assert not newcomers.wanted("slack:U1", NOW)  # asked once
    newcomers.arrived("slack:U1", ["other@kunta.fi", " Maija@Kunta.fi "], NOW)
    person, unit = imported.people.person("slack:U1"), imported.units.of("slack:U1")
    assert (person.name, person.has(TUTOR), unit and unit.name) == ("Maija Mäki", True, "Koulu")
    assert [letter.recipient for letter in imported.outbox.due(NOW)] == [f"{PERSON}slack:U1"]
    assert not imported.people.person(MAIJA).roles
    assert not newcomers.wanted("slack:U2", NOW)  # nobody is waited for any more


def test_staff_with_a_unit_only_are_waited_for_too(stores: Stores) -> None:
    stores.units.join(MAIJA, stores.units.put(["Koulu"]).id)
    newcomers = Newcomers(stores)
    assert newcomers.wanted("slack:U1", NOW)
    newcomers.arrived("slack:U1", ["maija@kunta.fi"], NOW)
    unit = stores.units.of("slack:U1")
    assert unit
    assert unit.name == "Koulu"


async def test_slack_is_asked_only_while_somebody_is_waited_for(stores: Stores) -> None:
    told = {"ok": True, "user": {"id": "U061F7AUR", "profile": {"email": "maija@kunta.fi"}}}
    async with running(stores, {"users.info": [web.json_response(told)]}) as (client, calls, _):
        await send(client, event("message"))
        assert [method for method, _ in calls if method == "users.info"] == []
        stores.people.give_role(MAIJA, TUTOR, NOW)
        for _ in range(2):
            await send(client, event("message"))
        assert [method for method, _ in calls if method == "users.info"] == ["users.info"]
    assert stores.people.person("slack:U061F7AUR").has(TUTOR)


async def test_without_the_permission_slack_answers_all_the_same(imported: Stores) -> None:
    refused = {"ok": False, "error": "missing_scope"}
    async with running(imported, {"users.info": [web.json_response(refused)]}) as (client, calls, _):
        await send(client, event("message"))
        assert "chat.postMessage" in [method for method, _ in calls]
    assert imported.people.person(MAIJA).roles


async def test_teams_roster_is_asked_only_while_somebody_is_waited_for(teams: Teams, stores: Stores) -> None:
    await teams.post(IN_PERSON, SPOKEN, id="1")
    assert [sent.method for sent in teams.sent] == ["POST"]
    stores.people.give_role(MAIJA, TUTOR, NOW)
    await teams.post(IN_PERSON, SPOKEN, id="2")
    assert [sent.method for sent in teams.sent] == ["POST", "GET", "POST"]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (f"<@{ME}> anna rooli digitutor <@U123>", ["slack:U123"]),
        (f"<@U9|maija> <@{ME}> <@U9>", ["slack:U9"]),
        (f"<@{ME}> miten", []),
        ("<@here> <!channel> <@u1>", []),
    ],
)
def test_whom_a_message_in_slack_names(text: str, named: list[str]) -> None:
    said = said_of(event("app_mention", text=text)["event"], "T1", ME)
    assert said
    assert [mention.person for mention in said.message.mentions] == named


def test_whom_a_message_in_teams_names() -> None:
    other: dict[str, Any] = {
        "type": "mention",
        "mentioned": {"id": "29:maija", "name": "Maija  Mäki"},
        "text": "<at>M</at>",
    }
    odd: list[Any] = [{"type": "mention", "mentioned": 5}, {"type": "mention"}, "text"]
    data = {
        **IN_CHANNEL,
        **MENTIONED,
        "serviceUrl": "https://smba.example/",
        "entities": [*MENTIONED["entities"], other, *odd],
    }  # type: ignore[misc]
    message = message_of(activity_of(data))
    assert message
    assert message.mentions == (Mention("teams:29:maija", "Maija Mäki"),)
