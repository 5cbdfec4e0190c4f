"""What `doctor` finds of posting: where posts go, when the next is due, what cannot be reached, what waits for IT."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar

from bot.publishing import outlook_of
from bot.settings import Settings
from bot.stores import Stores
from commands.findings import Findings, State
from scheduler.models import ZONE, Destination, Status

T = TypeVar("T")

_LATELY = timedelta(days=7)
_NAMED = 10


def of_posting(settings: Settings, stores: Stores, now: datetime) -> Findings:
    """All that the database tells of it."""
    platforms = [name for name, set_up in _platforms(settings).items() if set_up]
    # The preview is for trying out: nothing is posted there.
    reached = [destination for destination in stores.destinations.all() if destination.platform != "preview"]
    if reached:
        here = sum(destination.platform in platforms for destination in reached)
        yield State.OK, f"posts go to {here} destinations; the next is due {_next_due(stores, platforms, now)}", ""
        if here < len(reached):
            mend = "set the credentials of their platform, or have IT remove them"
            yield State.NOTE, f"{len(reached) - here} destinations are of a platform that is not connected", mend
    else:
        yield State.NOTE, "no channel gets posts yet", "write 'tilaa vinkit' to the bot in a channel"
    lost = stores.destinations.lost()
    for destination, why in lost[:_NAMED]:
        mend = "add the app there again, or have IT remove it from the list"
        yield State.NOTE, f"posts do not reach {_name(destination)}: {why}", mend
    if len(lost) > _NAMED:
        yield State.NOTE, f"posts do not reach {len(lost) - _NAMED} other destinations either", ""
    for name in stores.destinations.broken():
        yield State.NOTE, f"the subscription of {name} cannot be read; nothing is posted there", "subscribe there again"
    for error in stores.calendar.broken():
        yield State.NOTE, f"the calendar's {error}; it is not posted", "import that entry again: calendar import"
    yield from _of_ledger(stores, now)


def _of_ledger(stores: Stores, now: datetime) -> Findings:
    ledger = stores.deliveries
    if failed := ledger.history(now - _LATELY, now, statuses=[Status.FAILED]):
        yield State.NOTE, f"{len(failed)} posts of the last week failed, the last: {failed[-1].why}", ""
    if ledger.is_holding():
        mend = "say to the bot as IT whether they go out: what was sent after the backup is not known"
        held = len(ledger.held())  # the scheduler plans what was due when it looks
        waits = f"{held} overdue posts wait" if held else "what was due before that waits, where there is any"
        yield State.NOTE, f"restored from a backup: {waits}", mend


def _platforms(settings: Settings) -> dict[str, bool]:
    """Without any credentials the server talks to a test client of Teams on this computer."""
    return {
        "teams": bool(settings.app_id) or not settings.has_credentials,
        "slack": bool(settings.slack_bot_token),
    }


def _next_due(stores: Stores, platforms: list[str], now: datetime) -> str:
    async def run(call: Callable[[], T]) -> T:
        return call()

    async def found() -> list[datetime]:
        outlook = outlook_of(stores)
        times = [await outlook.next_due(platform, now, run) for platform in platforms]
        return [at for at in times if at]

    times = asyncio.run(found())
    return min(times).astimezone(ZONE).strftime("%d.%m.%Y at %H:%M") if times else "in more than ten weeks, or never"


def _name(destination: Destination) -> str:
    """A channel by its name; people are their own business."""
    return "a person" if destination.person else destination.name or destination.id
