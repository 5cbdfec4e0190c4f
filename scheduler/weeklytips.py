"""The weekly tips of a destination: on which day of each week, and which."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from types import MappingProxyType

from scheduler.choosing import Choice, Choices, Why, choose_tip, is_in_season
from scheduler.models import ZONE, Destination, Entry, Key, Moves, Occurrence, Planned
from scheduler.parts import PAUSE, POST, QUIET, daytime, monday_of
from scheduler.profiles import is_quiet
from scheduler.recurrence import MORNING, moment
from scheduler.room import TOO_MANY, Room
from scheduler.workdays import is_working_day
from tips.models import Tip

HOLIDAY, NO_TIP = "holiday", "no_tip"

_WEEK = timedelta(weeks=1)


@dataclass(frozen=True, slots=True)
class Shelf:
    """What is there to choose from: the tips, an editor's choices by week, what went out already, and from when a new
    tip comes by itself, where it does not yet."""

    tips: Sequence[Tip]
    choices: Choices = field(default_factory=lambda: MappingProxyType({}))
    sent: Mapping[Key, str] = field(default_factory=lambda: MappingProxyType({}))
    ripe: Mapping[str, datetime] = field(default_factory=lambda: MappingProxyType({}))

    def at(self, moment: datetime, choice: str) -> Sequence[Tip]:
        """The tips that may come at the moment; an editor's choice may in any case."""
        if not self.ripe:
            return self.tips
        return [tip for tip in self.tips if tip.id == choice or self.ripe.get(tip.id, moment) <= moment]

    def choice(self, monday: date, destination: str) -> Choice | None:
        """The editor's choice for the destination in that week, before one for all."""
        year, week, _ = monday.isocalendar()
        return self.choices.get((year, week, destination)) or self.choices.get((year, week, ""))


@dataclass(slots=True)
class TipWeeks:
    """The nominal dates of weekly tips, and by Monday the days that matter which head the tips of their weeks."""

    dates: list[tuple[date, Entry]]
    headings: dict[date, Occurrence] = field(default_factory=dict)

    def mondays(self) -> frozenset[date]:
        """The weeks that have a tip."""
        return frozenset(monday_of(day) for day, _ in self.dates)

    def head(self, day: Occurrence) -> Occurrence | None:
        """Lets the day head its week's tip; returns the one that is to be a post of its own, if any: one that finds no
        tip in its week, or of two days the later."""
        monday = monday_of(day.at.date())
        first = self.headings.get(monday)
        if monday not in self.mondays() or (first and first.at <= day.at):
            return day
        self.headings[monday] = day
        return first


def weekly_tips(
    weeks: TipWeeks, destination: Destination, shelf: Shelf, had: Mapping[str, date], room: Room, within: range
) -> Iterator[Planned]:
    """The destination's weekly tips in the weeks whose Monday is `within`, in order: each choice depends on those
    before."""
    had = dict(had)
    tipped: set[date] = set()
    for nominal, entry in weeks.dates:
        monday = monday_of(nominal)
        if monday.toordinal() not in within:
            continue
        heading = weeks.headings.get(monday)
        choice = shelf.choice(monday, destination.id)
        at = _wished(choice, monday) or _moment(entry, nominal, destination, heading)
        if destination.since and at < destination.since:
            continue  # it gets none, so that none is used up
        key = Key(entry.id, nominal, POST, destination.id)
        item = Planned(key, entry.kind, at, entry, destination, until=at + _WEEK)
        if closed := _closed(at.date(), destination, keeps=entry.moves is Moves.KEEP):
            yield replace(item, skipped=closed)
        elif monday in tipped or not room.has(monday):
            yield replace(item, skipped=TOO_MANY)
        elif chosen := _chosen(item, heading, monday, shelf, had, choice.tip if choice else ""):
            tip, why = chosen
            had[tip] = at.date()
            tipped.add(monday)
            yield replace(item, tip=tip, why=why.text(), heading=heading.entry if heading else None)
        else:
            yield replace(item, skipped=NO_TIP)


def tip_moment(entry: Entry, nominal: date, destination: Destination) -> datetime | None:
    """When the tip of that week comes there, of a week without a day that matters; None where it cannot."""
    at = _moment(entry, nominal, destination, None)
    return None if _closed(at.date(), destination, keeps=entry.moves is Moves.KEEP) else at


def _chosen(
    item: Planned, heading: Occurrence | None, monday: date, shelf: Shelf, had: Mapping[str, date], choice: str
) -> tuple[str, Why] | None:
    if item.key in shelf.sent:
        return shelf.sent[item.key], Why("sent")
    entry, (year, week, _) = item.entry, monday.isocalendar()
    theme, seasons = entry.weeks.get(week) or entry.theme, entry.seasons
    of_day = heading.entry.theme if heading else ""
    if of_day:  # goes before what is in season, unless that is of its own theme
        of_theme = {tip.id for tip in shelf.tips if tip.theme == of_day}
        theme = of_day
        seasons = tuple(each for each in seasons if each.tip in of_theme or not is_in_season(each, monday))
    chosen = choose_tip(shelf.at(item.at, choice), theme, item.destination, (year, week), had, seasons, choice)
    if heading and of_day and chosen and chosen[1].key == "theme":
        return chosen[0], Why("day", heading.entry.id)
    return chosen


def _wished(choice: Choice | None, monday: date) -> datetime | None:
    """When the editor wants it, where that is in its week."""
    at = choice.at if choice else None
    return at if at and monday_of(at.astimezone(ZONE).date()) == monday else None


def _moment(entry: Entry, nominal: date, destination: Destination, heading: Occurrence | None) -> datetime:
    """On the day that matters, else on the destination's weekday, else the calendar's; within that week in any case."""
    monday = monday_of(nominal)
    weekday = nominal.weekday() if destination.weekday is None else destination.weekday
    wished = heading.at.date() if heading else monday + timedelta(days=weekday)
    day = wished if entry.moves is Moves.KEEP else _in_week(wished, destination, entry.moves)
    at = destination.time or entry.time or MORNING
    return moment(day, at if entry.moves is Moves.KEEP else daytime(at))


def _in_week(wished: date, destination: Destination, moves: Moves) -> date:
    """A free day of the same week: the wished one, else later ones first; the wished one where none is."""
    if moves is Moves.SKIP:
        return wished
    week = [monday_of(wished) + timedelta(days=number) for number in range(5)]
    later, earlier = [day for day in week if day > wished], [day for day in week[::-1] if day < wished]
    others = [*earlier, *later] if moves is Moves.PREVIOUS else [*later, *earlier]
    return next((day for day in (wished, *others) if not _closed(day, destination)), wished)


def _closed(day: date, destination: Destination, *, keeps: bool = False) -> str:
    """Why there cannot be a tip on the day; `keeps`: holidays do not matter."""
    if destination.paused_until and day < destination.paused_until:
        return PAUSE
    if is_quiet(destination, day):
        return QUIET
    return "" if keeps or is_working_day(day) else HOLIDAY
