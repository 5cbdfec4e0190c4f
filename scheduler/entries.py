"""Entries as people write them in a calendar's file: checked whole, each refusal naming entry and field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from scheduler.durations import duration_of, iso_duration
from scheduler.entryfields import (
    EVERYBODY,
    LONGEST_TITLE,
    addressees_of,
    choice_of,
    date_of,
    dates_of,
    flag_of,
    link_of,
    list_of,
    mapping_of,
    minutes_of,
    month_day,
    once,
    rule_of,
    season_of,
    start_of,
    texts_of,
    theme_of,
    time_of,
    week_of,
)
from scheduler.errors import CalendarError
from scheduler.models import SESSIONS, Entry, Kind, Moves
from scheduler.recurrence import check_rule
from tips.errors import PackError
from tips.fields import identity, string

FIELDS = frozenset(
    """id kind title text start rrule dates but_not time minutes theme weeks seasons reminders to owner host
    meeting_link recording_link recordings moves joins_tip source hidden""".split()
)


def entry_of(data: Mapping[str, Any]) -> Entry:
    """The entry of a mapping of the file format. Raises CalendarError."""
    with _as_calendar_errors(""):
        entry_id = identity(data.get("id"), "id")
    with _as_calendar_errors(entry_id):
        for name in data:
            if name not in FIELDS:
                raise CalendarError("is not a field of the calendar format", field=str(name)[:40])
        entry = _entry(entry_id, data)
        _check_whole(entry)
    check_rule(entry)
    return entry


def entry_mapping(entry: Entry) -> dict[str, Any]:
    """The entry as `entry_of` reads it; what is as it would be anyway is left out."""
    data: dict[str, Any] = {
        "id": entry.id,
        "kind": entry.kind.value,
        "title": dict(entry.titles),
        "text": dict(entry.texts),
        "start": entry.start.isoformat(),
        "rrule": entry.rrule,
        "dates": [day.isoformat() for day in entry.dates],
        "but_not": [day.isoformat() for day in entry.but_not],
        "time": f"{entry.time:%H:%M}" if entry.time else "",
        "minutes": str(entry.minutes) if entry.minutes else "",
        "theme": entry.theme,
        "weeks": {str(week): theme for week, theme in entry.weeks.items()},
        "seasons": [
            {"tip": season.tip, "from": month_day(season.begins), "to": month_day(season.ends)}
            for season in entry.seasons
        ],
        "reminders": [iso_duration(ahead) for ahead in entry.reminders],
        "to": list(entry.to) if entry.to != (EVERYBODY,) else [],
        "owner": entry.owner,
        "host": entry.host,
        "meeting_link": entry.meeting_link,
        "recording_link": entry.recording_link,
        "recordings": {day.isoformat(): link for day, link in entry.recordings.items()},
        "moves": entry.moves.value if entry.moves is not Moves.NEXT else "",
        "joins_tip": "true" if entry.joins_tip else "",
        "source": entry.source,
        "hidden": "true" if entry.hidden else "",
    }
    return {name: value for name, value in data.items() if value}


def laid_over(data: Mapping[str, Any], base: Entry) -> dict[str, Any]:
    """What a file says of an entry, over the entry of that id beneath it: what the file leaves out stays.

    Titles and texts go language by language, weeks one by one. A new rule or new dates replace the old ones whole.
    """
    beneath = entry_mapping(base)
    if "rrule" in data or "dates" in data:
        for name in ("rrule", "dates", "but_not", *(("start",) if "dates" in data else ())):
            beneath.pop(name, None)
    merged = {**beneath, **data}
    for name in ("title", "text", "weeks"):
        if isinstance(data.get(name), dict):
            merged[name] = {**beneath.get(name, {}), **data[name]}
    return merged


@contextmanager
def _as_calendar_errors(entry_id: str) -> Iterator[None]:
    try:
        yield
    except PackError as error:
        raise CalendarError(error.reason, entry=entry_id, field=error.field) from None
    except CalendarError as error:
        raise error.at(entry=entry_id) from None


def _entry(entry_id: str, data: Mapping[str, Any]) -> Entry:
    dates = dates_of(data.get("dates"), "dates")
    return Entry(
        id=entry_id,
        kind=choice_of(Kind, data.get("kind"), "kind"),
        titles=texts_of(data.get("title"), "title", LONGEST_TITLE),
        start=date_of(data["start"], "start") if data.get("start") else start_of(dates),
        texts=texts_of(data.get("text"), "text"),
        rrule=rule_of(data.get("rrule")),
        dates=dates,
        but_not=dates_of(data.get("but_not"), "but_not"),
        time=time_of(data.get("time")),
        minutes=minutes_of(data.get("minutes")),
        theme=theme_of(data.get("theme"), "theme"),
        weeks=dict(week_of(week, theme) for week, theme in mapping_of(data.get("weeks"), "weeks").items()),
        seasons=tuple(season_of(season) for season in list_of(data.get("seasons"), "seasons")),
        reminders=once(duration_of(text) for text in list_of(data.get("reminders"), "reminders")),
        to=addressees_of(data.get("to")),
        owner=string(data.get("owner"), "owner", LONGEST_TITLE),
        host=string(data.get("host"), "host", LONGEST_TITLE),
        meeting_link=link_of(data.get("meeting_link"), "meeting_link"),
        recording_link=link_of(data.get("recording_link"), "recording_link"),
        recordings={
            date_of(day, "recordings"): link_of(link, f"recordings.{day}")
            for day, link in mapping_of(data.get("recordings"), "recordings").items()
        },
        moves=choice_of(Moves, data.get("moves") or Moves.NEXT.value, "moves"),
        joins_tip=flag_of(data.get("joins_tip"), "joins_tip"),
        source=string(data.get("source"), "source"),
        hidden=flag_of(data.get("hidden"), "hidden"),
    )


def _check_whole(entry: Entry) -> None:
    """What no field shows alone."""
    if not entry.titles:
        raise CalendarError("is missing: give it in fi, sv or en", field="title")
    if entry.kind in SESSIONS and not entry.theme:
        raise CalendarError(f"is missing: a {entry.kind} is about a theme", field="theme")
    if entry.weeks and entry.kind is not Kind.WEEKLY_TIP:
        raise CalendarError("belongs to a weekly_tip only", field="weeks")
    if entry.minutes and not entry.time:
        raise CalendarError("needs a time, from which the minutes are counted", field="minutes")
    if any(day < entry.start for day in entry.dates):
        raise CalendarError("holds a day before the start", field="dates")
