"""iCalendar files as entries: our own exports read back the same, other calendars' events become meetings."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

from icalendar import Calendar, Component
from icalendar.prop import vUnknown
from icalendar.timezone import tzp

from scheduler.entries import entry_of, iso_duration
from scheduler.errors import CalendarError
from scheduler.ics import OURS, OWN_FIELDS, STRUCTURED, own_name
from scheduler.models import ZONE, Entry, Kind, Moves
from scheduler.recurrence import YEARS, check_rule, nominal_dates
from tips.fields import is_id, is_web_address, shown
from tips.models import LANGUAGES

_LONGEST_TEXT = 2_000
_LONGEST_TITLE = 150
_LINKS = ("X-MICROSOFT-SKYPETEAMSMEETINGURL", "X-GOOGLE-CONFERENCE", "URL", "LOCATION")
_CLOCK_PARTS = ("BYHOUR", "BYMINUTE", "BYSECOND")
_BROKEN = (ValueError, KeyError, IndexError, TypeError, AttributeError, AssertionError, RecursionError)

_ESCAPED = re.compile(r"\\([nN,;\\])")

_Moment = date | datetime


def from_ical(data: bytes) -> list[Entry]:
    """The events of an iCalendar file, all of them or none. Raises CalendarError."""
    tzp.use_zoneinfo()  # icalendar remembers the zones that earlier files described; here each file stands alone
    try:
        calendars = Calendar.from_ical(data, multiple=True)
    except UnicodeDecodeError:
        raise CalendarError("is not UTF-8 text") from None
    except _BROKEN as error:
        raise CalendarError(f"not iCalendar: {_line_of(error, data)}{error}") from None
    for calendar in calendars:
        if calendar.name != "VCALENDAR":
            raise CalendarError("not iCalendar: must begin with BEGIN:VCALENDAR")
        _refuse_broken(calendar, "")
    events = [event for calendar in calendars for event in calendar.walk("VEVENT")]
    return [entry for event in events if not _is_cancelled(event) and (entry := _entry(event, events))]


def _line_of(error: Exception, data: bytes) -> str:
    """'line 7: ', where the error quotes what stands there; icalendar does not count lines."""
    quoted = re.search(r"'(.+)'", str(error))
    if not quoted:
        return ""
    lines = data.decode(errors="replace").splitlines()
    return next((f"line {number}: " for number, line in enumerate(lines, 1) if quoted[1] in line), "")


def _entry(event: Component, events: list[Component]) -> Entry:
    entry_id = _id(event)
    _refuse_broken(event, entry_id)
    try:
        data = _data(event, entry_id, events)
    except CalendarError as error:
        raise error.at(entry=entry_id) from None
    return entry_of(data)


def _data(event: Component, entry_id: str, events: list[Component]) -> dict[str, Any]:
    """The event as a mapping of the calendar format, so that one place checks both."""
    ours = own_name("kind") in event
    start = _moment(event, "DTSTART")
    data: dict[str, Any] = {
        "id": entry_id,
        "title": _languages(event, "SUMMARY", "title", _LONGEST_TITLE),
        "text": _languages(event, "DESCRIPTION", "text", _LONGEST_TEXT),
        "reminders": list(_reminders(event, start)),
        **_times(event, start),
    }
    if ours:
        data |= _dates_of_ours(event, data)
        data |= {field: _own(event, field) for field in OWN_FIELDS if own_name(field) in event}
    else:
        data |= {"kind": Kind.MEETING.value, "moves": Moves.KEEP.value, "meeting_link": _meeting_link(event)}
        data |= _dates_of_foreign(data, _replaced(event, events))
    return data


# --- Times --------------------------------------------------------------------------------------------------------


def _times(event: Component, start: _Moment) -> dict[str, Any]:
    day = _local(start)
    data: dict[str, Any] = {"start": _day(start).isoformat(), "rrule": _rule(event, start)}
    data["dates"] = [found.isoformat() for found in _days(event, "RDATE")]
    data["but_not"] = [found.isoformat() for found in _days(event, "EXDATE")]
    if isinstance(day, datetime):
        data["time"] = f"{day:%H:%M}"
    minutes = _minutes(event, start)
    if minutes and isinstance(day, datetime):
        data["minutes"] = str(minutes)
    return data


def _moment(event: Component, name: str) -> _Moment:
    """The date or moment of a property. Raises CalendarError."""
    if name not in event:
        raise CalendarError("is missing", field=name)
    value = event[name]
    if isinstance(value, list) or not hasattr(value, "dt"):
        raise CalendarError("stands twice", field=name)
    return _resolved(value.dt, value.params.get("TZID", ""), name)


def _resolved(value: object, zone: str, name: str) -> _Moment:
    if isinstance(value, datetime) and value.tzinfo is None and zone:
        raise CalendarError(f"the time zone {shown(zone)} is neither known nor described in the file", field=name)
    if not isinstance(value, date):
        raise CalendarError(f"must be a date or a time, not {shown(str(value))}", field=name)
    return value


def _local(value: _Moment) -> _Moment:
    """The wall-clock time in Finland. A time without a zone is one already."""
    if not isinstance(value, datetime) or value.tzinfo is None:
        return value
    return value if getattr(value.tzinfo, "key", "") == ZONE.key else value.astimezone(ZONE)


def _day(value: _Moment) -> date:
    local = _local(value)
    return local.date() if isinstance(local, datetime) else local


def _days(event: Component, name: str) -> list[date]:
    given = event.get(name, [])
    found: set[date] = set()
    for values in given if isinstance(given, list) else [given]:
        zone = values.params.get("TZID", "")
        found.update(_day(_resolved(value.dt, zone, name)) for value in values.dts)
    return sorted(found)


def _minutes(event: Component, start: _Moment) -> int:
    """How long it lasts, 0 for whole days."""
    if "DTEND" in event:
        length = _between(start, _moment(event, "DTEND"))
        if length < timedelta():
            raise CalendarError("the end is before the start", field="DTEND")
    elif "DURATION" in event:
        length = getattr(event["DURATION"], "dt", timedelta())
        if length < timedelta():
            raise CalendarError("the end is before the start", field="DURATION")
    else:
        return 0
    return int(length.total_seconds()) // 60 if isinstance(start, datetime) else 0


def _between(start: _Moment, end: _Moment) -> timedelta:
    if isinstance(start, datetime) and isinstance(end, datetime):
        if (start.tzinfo is None) != (end.tzinfo is None):
            raise CalendarError("has a time zone where DTSTART has none, or the other way round", field="DTEND")
        if start.tzinfo and end.tzinfo:
            return end.astimezone(UTC) - start.astimezone(UTC)
        return end - start
    if isinstance(start, datetime) or isinstance(end, datetime):
        raise CalendarError("is a date where DTSTART is a time, or the other way round", field="DTEND")
    return end - start


def _rule(event: Component, start: _Moment) -> str:
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
    if "BYDAY" in parts and isinstance(start, datetime) and _day(start) != start.date():
        zone = f"{start.tzinfo}"
        raise CalendarError(
            f"the weekdays are counted in {zone}, where it is another day than in Finland", field="RRULE"
        )
    return ";".join(f"{name}={value}" for name, value in parts.items())


def _last_day(until: _Moment, start: _Moment) -> date:
    """The last day on which the rule can fire: UNTIL is a moment, and may be earlier than that day's time."""
    last, first = _local(until), _local(start)
    if not isinstance(last, datetime):
        return last
    early = isinstance(first, datetime) and last.time() < first.time()
    return last.date() - timedelta(days=1) if early else last.date()


def _dates_of_ours(event: Component, data: dict[str, Any]) -> dict[str, Any]:
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


def _dates_of_foreign(data: dict[str, Any], replaced: list[str]) -> dict[str, Any]:
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


# --- Events that belong together ----------------------------------------------------------------------------------


def _is_cancelled(event: Component) -> bool:
    return str(event.get("STATUS", "")).upper() == "CANCELLED"


def _replaced(event: Component, events: list[Component]) -> list[str]:
    """The days of a series that stand as events of their own, or that are cancelled."""
    if "RRULE" not in event:
        return []
    others = [other for other in events if "RECURRENCE-ID" in other and other.get("UID") == event.get("UID")]
    return [_day(_moment(other, "RECURRENCE-ID")).isoformat() for other in others]


def _id(event: Component) -> str:
    """The entry's id: our own, or the event's UID, made fit where it does not fit."""
    uid = str(event.get("UID", ""))
    if not uid:
        raise CalendarError(f"an event ({shown(str(event.get('SUMMARY', '')))}) is without its UID", field="UID")
    own = uid.removesuffix(OURS)
    name = own if uid.endswith(OURS) and is_id(own) else _fit(uid)
    if "RECURRENCE-ID" in event:
        name += f"-{_day(_moment(event, 'RECURRENCE-ID')):%Y%m%d}"
    return name


def _fit(uid: str) -> str:
    if is_id(uid) and len(uid) <= 100:
        return uid
    digest = hashlib.sha256(uid.encode()).hexdigest()[:12]
    return (
        re.sub(r"[^\w.:-]+", "-", uid).strip("-.:")[:60].lstrip("-.:") + f"-{digest}"
        if re.search(r"\w", uid)
        else digest
    )


# --- Words --------------------------------------------------------------------------------------------------------


def _languages(event: Component, standard: str, own: str, longest: int) -> dict[str, str]:
    """The texts by language; of a foreign event the one text there is, cut where it is too long."""
    texts = {}
    for name in (own_name(own), standard):
        given = event.get(name, [])
        for value in given if isinstance(given, list) else [given]:
            language = value.params.get("LANGUAGE", "fi").lower()[:2]
            text = _plain(value)
            if text.strip():
                texts[language if language in LANGUAGES else "fi"] = text
    if own_name("kind") in event:
        return texts
    return {language: _cut(text, longest) for language, text in texts.items()}


def _cut(text: str, longest: int) -> str:
    line = " ".join(text.split()) if longest == _LONGEST_TITLE else text
    return line if len(line) <= longest else line[: longest - 1] + "…"


def _plain(value: object) -> str:
    """The text of a property. icalendar leaves those that it does not know as they stand in the file."""
    if isinstance(value, vUnknown):
        return _ESCAPED.sub(lambda found: "\n" if found[1] in "nN" else found[1], str(value))
    return str(value)


def _own(event: Component, field: str) -> Any:
    text = _plain(event[own_name(field)])
    if field not in STRUCTURED:
        return text
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise CalendarError(f"is not JSON: {shown(text)}", field=own_name(field)) from None


def _meeting_link(event: Component) -> str:
    found = (str(event[name]).strip() for name in _LINKS if name in event and not isinstance(event[name], list))
    return next((link for link in found if is_web_address(link)), "")


def _reminders(event: Component, start: _Moment) -> Iterator[str]:
    for alarm in event.walk("VALARM"):
        trigger = alarm.get("TRIGGER")
        if trigger is None or isinstance(trigger, list):
            continue
        ahead = _ahead(trigger, event, start)
        if ahead < timedelta():
            raise CalendarError("a reminder comes after its event", field="VALARM")
        if ahead >= timedelta(minutes=1):  # 'at its time' is no reminder
            yield iso_duration(ahead)


def _ahead(trigger: Any, event: Component, start: _Moment) -> timedelta:
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


def _refuse_broken(component: Component, entry_id: str) -> None:
    """icalendar keeps what it could not read aside; half an event is not what its writer meant."""
    for part in [component, *(component.subcomponents if component.name == "VEVENT" else ())]:
        for name, problem in part.errors:
            raise CalendarError(str(problem), entry=entry_id, field=name or "")
