"""When the events of iCalendar files happen: moments in their zones, rules, dates, alarms, as an entry's fields."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

from icalendar import Component

from scheduler.durations import iso_duration
from scheduler.errors import CalendarError
from scheduler.ics import own_name
from scheduler.models import ZONE, Entry, Kind
from scheduler.recurrence import YEARS, check_rule, nominal_dates
from tips.fields import shown

_CLOCK_PARTS = ("BYHOUR", "BYMINUTE", "BYSECOND")

Moment = date | datetime


def times_of(event: Component, start: Moment) -> dict[str, Any]:
    """Its start, rule, dates, time of day and length. Raises CalendarError."""
    day = _local(start)
    data: dict[str, Any] = {"start": day_of(start).isoformat(), "rrule": _rule(event, start)}
    data["dates"] = [found.isoformat() for found in _days(event, "RDATE")]
    data["but_not"] = [found.isoformat() for found in _days(event, "EXDATE")]
    if isinstance(day, datetime):
        data["time"] = f"{day:%H:%M}"
    minutes = _minutes(event, start)
    if minutes and isinstance(day, datetime):
        data["minutes"] = str(minutes)
    return data


def moment_of(event: Component, name: str) -> Moment:
    """The date or moment of a property. Raises CalendarError."""
    if name not in event:
        raise CalendarError("is missing", field=name)
    value = event[name]
    if isinstance(value, list) or not hasattr(value, "dt"):
        raise CalendarError("stands twice", field=name)
    return _resolved(value.dt, value.params.get("TZID", ""), name)


def _resolved(value: object, zone: str, name: str) -> Moment:
    if isinstance(value, datetime) and value.tzinfo is None and zone:
        raise CalendarError(f"the time zone {shown(zone)} is neither known nor described in the file", field=name)
    if not isinstance(value, date):
        raise CalendarError(f"must be a date or a time, not {shown(str(value))}", field=name)
    return value


def _local(value: Moment) -> Moment:
    """The wall-clock time in Finland. A time without a zone is one already."""
    if not isinstance(value, datetime) or value.tzinfo is None:
        return value
    return value if getattr(value.tzinfo, "key", "") == ZONE.key else value.astimezone(ZONE)


def day_of(value: Moment) -> date:
    """The day in Finland."""
    local = _local(value)
    return local.date() if isinstance(local, datetime) else local


def _days(event: Component, name: str) -> list[date]:
    given = event.get(name, [])
    found: set[date] = set()
    for values in given if isinstance(given, list) else [given]:
        zone = values.params.get("TZID", "")
        found.update(day_of(_resolved(value.dt, zone, name)) for value in values.dts)
    return sorted(found)


def _minutes(event: Component, start: Moment) -> int:
    """How long it lasts, 0 for whole days."""
    if "DTEND" in event:
        length = _between(start, moment_of(event, "DTEND"))
        if length < timedelta():
            raise CalendarError("the end is before the start", field="DTEND")
    elif "DURATION" in event:
        length = getattr(event["DURATION"], "dt", timedelta())
        if length < timedelta():
            raise CalendarError("the end is before the start", field="DURATION")
    else:
        return 0
    return int(length.total_seconds()) // 60 if isinstance(start, datetime) else 0


def _between(start: Moment, end: Moment) -> timedelta:
    if isinstance(start, datetime) and isinstance(end, datetime):
        if (start.tzinfo is None) != (end.tzinfo is None):
            raise CalendarError("has a time zone where DTSTART has none, or the other way round", field="DTEND")
        if start.tzinfo and end.tzinfo:
            return end.astimezone(UTC) - start.astimezone(UTC)
        return end - start
    if isinstance(start, datetime) or isinstance(end, datetime):
        raise CalendarError("is a date where DTSTART is a time, or the other way round", field="DTEND")
    return end - start


def _rule(event: Component, start: Moment) -> str:
    rule = event.get("RRULE")
    if rule is None:
        return ""
    if isinstance(rule, list) or "EXRULE" in event:
        raise CalendarError("several rules in one event are not understood", field="RRULE")
    parts = dict(part.split("=", 1) for part in rule.to_ical().decode().split(";"))
    if "UNTIL" in parts:
        parts["UNTIL"] = f"{_last_day(rule['UNTIL'][0], start):%Y%m%d}"
    for name in _CLOCK_PARTS:
        if parts.get(name, "").isdigit():  # one time of day, which DTSTART gives as well; several are refused later
            del parts[name]
    if "BYDAY" in parts and isinstance(start, datetime) and day_of(start) != start.date():
        zone = f"{start.tzinfo}"
        raise CalendarError(
            f"the weekdays are counted in {zone}, where it is another day than in Finland", field="RRULE"
        )
    return ";".join(f"{name}={value}" for name, value in parts.items())


def _last_day(until: Moment, start: Moment) -> date:
    """The last day on which the rule can fire: UNTIL is a moment, and may be earlier than that day's time."""
    last, first = _local(until), _local(start)
    if not isinstance(last, datetime):
        return last
    early = isinstance(first, datetime) and last.time() < first.time()
    return last.date() - timedelta(days=1) if early else last.date()


def dates_of_ours(event: Component, data: dict[str, Any]) -> dict[str, Any]:
    """An entry's own start, where nobody changed the event's since."""
    given = str(event.get(own_name("start"), ""))
    if not given:
        return {}
    if not data["rrule"]:
        return {"start": min(given, data["start"]), "dates": [data["start"], *data["dates"]]}
    try:
        own, first = date.fromisoformat(given), date.fromisoformat(data["start"])
    except ValueError:
        return {}
    return {"start": given} if own.year in YEARS and own <= first and _fires(data["rrule"], own, first) else {}


def dates_of_foreign(data: dict[str, Any], replaced: list[str]) -> dict[str, Any]:
    """DTSTART counts even where the rule does not hold; what is moved by itself, or cancelled, leaves the rule."""
    dates, start = data["dates"], data["start"]
    if dates or (data["rrule"] and not _fires(data["rrule"], date.fromisoformat(start), date.fromisoformat(start))):
        dates = [start, *dates]
    return {"dates": dates, "but_not": [*data["but_not"], *replaced]}


def _fires(rule: str, start: date, day: date) -> bool:
    """Whether the rule, counted from the start, has the day and none before it. A broken rule is refused later."""
    alone = Entry("rule", Kind.MEETING, {"fi": "rule"}, start, rrule=rule)
    try:
        check_rule(alone)
    except CalendarError:
        return True
    return nominal_dates(alone, start, day) == [day]


def reminders_of(event: Component, start: Moment) -> Iterator[str]:
    """How long ahead its alarms are. Raises CalendarError."""
    for alarm in event.walk("VALARM"):
        trigger = alarm.get("TRIGGER")
        if trigger is None or isinstance(trigger, list):
            continue
        ahead = _ahead(trigger, event, start)
        if ahead < timedelta():
            raise CalendarError("a reminder comes after its event", field="VALARM")
        if ahead >= timedelta(minutes=1):  # 'at its time' is no reminder
            yield iso_duration(ahead)


def _ahead(trigger: Any, event: Component, start: Moment) -> timedelta:
    value = trigger.dt
    if isinstance(value, timedelta):
        after = -value
        if str(trigger.params.get("RELATED", "")).upper() == "END":
            after -= timedelta(minutes=_minutes(event, start))
        return after
    zoned = start if isinstance(start, datetime) else datetime.combine(start, datetime.min.time())
    zoned = zoned if zoned.tzinfo else zoned.replace(tzinfo=ZONE)
    return zoned - _resolved_moment(value)


def _resolved_moment(value: object) -> datetime:
    if not isinstance(value, datetime):
        raise CalendarError(f"must be a time, not {shown(str(value))}", field="TRIGGER")
    return value if value.tzinfo else value.replace(tzinfo=ZONE)
