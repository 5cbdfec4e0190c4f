"""`calendar show | simulate`: what will be posted when, where and why; nothing is posted."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

import click

from bot.publishing import PostPlaces, ripe
from bot.stores import Stores
from commands.context import Context, database_option
from scheduler.choosing import Why
from scheduler.models import ZONE, Delivery, Destination, Kind, Planned, Status
from scheduler.planning import owner_of, planned
from scheduler.recurrence import moment
from scheduler.simulation import PRETENDED, private_copy, simulate
from tips import database

_LONGEST = 366 * 10  # days
_MONTH, _YEAR = timedelta(days=28), timedelta(days=365)

_CHOSEN = {
    "editor": "an editor chose it for this week",
    "season": "it is in season",
    "day": "for the day that matters: {}",
    "theme": "the week's theme: {}",
    "other_theme": "no other tip is left in the week's theme: {}",
    "again": "every tip was had within 52 weeks; this one longest ago, {}",
    "sent": "went out already",
    "holiday": "moved off a holiday or weekend",
    "quiet": "moved out of a quiet period",
    "edits": "edits the message of {}, no new one",
}
_SKIPPED = {
    "quiet": "quiet period",
    "pause": "paused",
    "holiday": "no working day",
    "too_many": "enough posts that week",
    "night": "would come at night",
    "missed": "too late by now",
    "no_tip": "no tip for this destination",
    "held": "IT decided so after a restore",
    "withdrawn": "withdrawn after it was sent",
}


def _span(default: timedelta) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Adds --from, --to, --json; `default` is how much is shown where --to is not given."""

    def add(command: Callable[..., None]) -> Callable[..., None]:
        day = click.DateTime(["%Y-%m-%d"])
        options = (
            click.option("--from", "first", type=day, help="First day, as 2027-01-01; else today."),
            click.option("--to", "last", type=day, help=f"Last day; else {default.days} days later."),
            click.option("--json", "as_json", is_flag=True, help="A line of JSON a delivery."),
        )
        for option in reversed(options):
            command = option(command)
        return command

    return add


@click.command()
@_span(_MONTH)
@database_option
@click.pass_obj
def show(context: Context, first: datetime | None, last: datetime | None, as_json: bool) -> None:
    """Show what was posted and what will be, and why this tip."""
    start, end = _moments(first, last, _MONTH)
    with context.stores() as stores, database.explained(context.settings.database):
        _print(_shown(stores, start, end), as_json)


@click.command("simulate")
@_span(_YEAR)
@database_option
@click.pass_obj
def simulate_(context: Context, first: datetime | None, last: datetime | None, as_json: bool) -> None:
    """Go through the days as they will be, on a copy that is thrown away. Nothing is posted."""
    start, end = _moments(first, last, _YEAR)
    with context.stores() as stores, database.explained(context.settings.database):
        copy = private_copy(stores.database)
        try:
            entries, tips = stores.calendar.in_force(), stores.tips.in_force().tips
            places, choices = stores.destinations.all(), stores.calendar.choices()
            _print(simulate(copy, entries, tips, start, end, places, choices, ripe=ripe(stores.drafts)), as_json)
        finally:
            copy.close()


def _shown(stores: Stores, start: datetime, end: datetime) -> list[Delivery]:
    """What the ledger has, and what is planned beside that."""
    ledger = stores.deliveries
    settled = (Status.CLAIMED, Status.SENT, Status.FAILED, Status.SKIPPED)
    past = {delivery.key: delivery for delivery in ledger.history(start, end, statuses=settled)}
    plan = planned(
        stores.calendar.in_force(),
        stores.destinations.all() or [PRETENDED],
        stores.tips.in_force().tips,
        start,
        end,
        had=ledger.had_everywhere(),
        choices=stores.calendar.choices(),
        sent=ledger.tips(start - timedelta(weeks=1)),
        owners=_owners(stores),
        ripe=ripe(stores.drafts),
    )
    coming = (_as_delivery(item) for item in plan if item.key not in past)
    return sorted([*past.values(), *coming], key=lambda delivery: (delivery.at, delivery.key.text()))


def _owners(stores: Stores) -> dict[str, list[Destination]]:
    """Where those are who do tasks, as the scheduler finds them: what they had is not shown as coming, too."""
    people = PostPlaces(stores.destinations, stores.conversations, stores.people)
    names = {owner_of(entry) for entry in stores.calendar.in_force() if entry.kind is Kind.TASK}
    return {name: people.owners(name) for name in names}


def _as_delivery(item: Planned) -> Delivery:
    status = Status.SKIPPED if item.skipped else Status.PLANNED
    return Delivery(item.key, item.kind, item.at, status, item.tip, why=item.skipped or item.why)


def _moments(first: datetime | None, last: datetime | None, default: timedelta) -> tuple[datetime, datetime]:
    """From the first moment of the first day to that of the day after the last."""
    begins = first.date() if first else datetime.now(ZONE).date()
    try:
        ends = last.date() if last else begins + default
        after = ends + timedelta(days=1)
    except OverflowError:
        raise click.UsageError("--to is beyond the calendar") from None
    if ends < begins:
        raise click.UsageError(f"--to {ends} is before --from {begins}")
    if (ends - begins).days > _LONGEST or not 2000 <= begins.year <= ends.year < 2190:
        raise click.UsageError("at most ten years, between 2000 and 2189")
    return _midnight(begins), _midnight(after)


def _midnight(day: date) -> datetime:
    return moment(day, time())


def _print(deliveries: Iterable[Delivery], as_json: bool) -> None:
    for line in _json_lines(deliveries) if as_json else _lines(deliveries):
        click.echo(line)


def _json_lines(deliveries: Iterable[Delivery]) -> Iterator[str]:
    for delivery in deliveries:
        key = delivery.key
        data: dict[str, Any] = {
            "at": delivery.at.isoformat(),
            "entry": key.entry,
            "kind": delivery.kind.value,
            "part": key.part,
            "destination": key.destination,
        }
        if delivery.tip:
            data["tip"] = delivery.tip
        yield json.dumps({**data, "status": delivery.status.value, "why": in_words(delivery)}, ensure_ascii=False)


def _lines(deliveries: Iterable[Delivery]) -> Iterator[str]:
    empty = True
    for delivery in deliveries:
        empty, key = False, delivery.key
        what = [f"{key.entry} {key.part}", delivery.tip, f"({why})" if (why := in_words(delivery)) else ""]
        line = f"{delivery.at:%a %Y-%m-%d %H:%M}  {delivery.status.value:8}{key.destination:20}  "
        yield line + "  ".join(filter(None, what))
    if empty:
        yield "nothing in these days"


def in_words(delivery: Delivery) -> str:
    """Why it is so, for a reader; what a platform said stays as it is."""
    why = Why.of(delivery.why)
    words = _SKIPPED if delivery.status is Status.SKIPPED else _CHOSEN
    return words[why.key].format(why.value) if why.key in words else delivery.why
