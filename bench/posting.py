"""The scheduler in a process of its own, over the stand-in for both platforms: what is measured, and what is killed.

    python -m bench.posting DATABASE PORT [--rate 30] [--settled 1.0]

Posts what is due in the database, then waits until it is ended. `prepare` writes a database with one post due now.
"""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from aiohttp import ClientSession, TCPConnector
from slack_sdk.web.async_client import AsyncWebClient

from bot.conversations import Conversation
from bot.models import Scope
from bot.pacing import Rate
from bot.publishing import PostPlaces
from bot.slack.logs import sdk_logger
from bot.slack.publisher import SlackPublisher
from bot.slack.sender import SlackSender
from bot.stores import MIGRATIONS, Stores
from bot.teams.connector import Connector
from bot.teams.publisher import TeamsPublisher
from scheduler.lock import Lock
from scheduler.models import ZONE, Destination, Entry, Kind, Moves, Planned, Profile
from scheduler.outlook import Outlook
from scheduler.poster import Poster
from scheduler.posting import Post, Publisher, Section, only_logged
from scheduler.runner import Runner
from tips import database
from tips.database import durably, writing
from web.worker import Worker

TITLE = "Viikkovinkki"
KEY_MARK = "avain "  # before the key in the text of a post


class Plain:
    """Writes posts of a weekly tip's size, with the key in the text."""

    def compose(self, planned: Planned) -> Post:
        """The post."""
        body = f"{KEY_MARK}{planned.key.text()} \n\n" + "Vaihda salasana heti, jos epäilet sitä. " * 12
        return Post(planned.key, planned.destination, (Section("fi", planned.entry.title("fi"), body),))


def prepare(path: Path, port: int, entry: str, counts: Mapping[str, int]) -> None:
    """A database with so many destinations by platform, and a post that is due for all of them."""
    opened = database.connect(path, MIGRATIONS)
    stores, now = Stores.of(opened, path), datetime.now(UTC)
    due = (now - timedelta(minutes=1)).astimezone(ZONE)
    day, clock = due.date(), due.time().replace(second=0, microsecond=0)
    with writing(opened):
        stores.calendar.add(
            [
                Entry(
                    entry,
                    Kind.REMINDER,
                    {"fi": TITLE},
                    day,
                    {"fi": "Vaihda salasana."},
                    dates=(day,),
                    time=clock,
                    moves=Moves.KEEP,
                )
            ]
        )
        for platform, count in counts.items():
            for number in range(count):
                name = f"{platform}{number}"
                conversation = Conversation(f"19:{name}", platform, Scope.CHANNEL, f"http://127.0.0.1:{port}/")
                stores.conversations.seen(conversation, now)
                where = Destination(name, platform, conversation.id, name, profile=Profile.CUSTOM)
                stores.destinations.put(where, now - timedelta(days=1))
    opened.close()


async def post(path: Path, port: int, rate: int, settled: float) -> None:
    """Runs the scheduler for ever."""
    opened, worker = database.connect(path, MIGRATIONS), Worker()
    stores = Stores.of(opened, path)
    places = PostPlaces(stores.destinations, stores.conversations, stores.people)
    async with ClientSession(connector=TCPConnector(limit=200)) as session:
        slack = AsyncWebClient(
            "xoxb-1", base_url=f"http://127.0.0.1:{port}/api/", session=session, logger=sdk_logger(), retry_handlers=[]
        )
        sender = SlackSender(slack, settled=settled, history=(Rate(1_000, 1),))
        publishers: dict[str, Publisher] = {
            "teams": TeamsPublisher(Connector(session, None, tenant=(Rate(rate, 1),)), places, worker.run),
            "slack": SlackPublisher(sender, places, worker.run, settled=timedelta(seconds=settled)),
        }
        posters = {
            name: Poster(publisher, Plain(), stores.deliveries, places, worker.run, _now, lambda: durably(opened))
            for name, publisher in publishers.items()
        }
        outlook = Outlook(stores.calendar, stores.destinations, stores.deliveries, list)
        runner = Runner(posters, outlook, stores.deliveries, places, Lock(path), worker.run, _now, only_logged)
        await runner.start()
        await asyncio.Event().wait()


def _now() -> datetime:
    return datetime.now(UTC)


def main() -> None:
    """As a program."""
    parser = argparse.ArgumentParser()
    parser.add_argument("database", type=Path)
    parser.add_argument("port", type=int)
    parser.add_argument("--rate", type=int, default=30)
    parser.add_argument("--settled", type=float, default=1.0)
    given = parser.parse_args()
    asyncio.run(post(given.database, given.port, given.rate, given.settled))


if __name__ == "__main__":
    main()
