"""iCalendar files as entries: our own exports read back the same, other calendars' events become meetings."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

from icalendar import Calendar, Component
from icalendar.prop import vUnknown
from icalendar.timezone import tzp

from scheduler.entries import entry_of
from scheduler.errors import CalendarError
from scheduler.ics import OURS, OWN_FIELDS, STRUCTURED, own_name
from scheduler.icstimes import dates_of_foreign, dates_of_ours, day_of, moment_of, reminders_of, times_of
from scheduler.models import Entry, Kind, Moves
from tips.fields import is_id, is_web_address, shown
from tips.models import LANGUAGES

_LONGEST_TEXT = 2_000
_LONGEST_TITLE = 150
_LINKS = ("X-MICROSOFT-SKYPETEAMSMEETINGURL", "X-GOOGLE-CONFERENCE", "URL", "LOCATION")
_BROKEN = (ValueError, KeyError, IndexError, TypeError, AttributeError, AssertionError, RecursionError)

_ESCAPED = re.compile(r"\\([nN,;\\])")


def from_ical(data: bytes) -> list[Entry]:
    """The events of an iCalendar file, all of them or none. Raises CalendarError."""
    tzp.use_zoneinfo()  # icalendar remembers the zones that earlier files described; here each file stands alone
    try:
        calendars = Calendar.from_ical(data, multiple=True)
    except UnicodeDecodeError:
        raise CalendarError("is not UTF-8 text") from None
    except _BROKEN as error:
        raise CalendarError(f"not iCalendar: {_line_of(error, data)}{error}") from None
    # What is cut off in the middle icalendar leaves out without a word.
    if len(re.findall(rb"^BEGIN:VCALENDAR\b", data, re.IGNORECASE | re.MULTILINE)) > len(calendars):
        raise CalendarError("not iCalendar: the end is missing (END:VCALENDAR); get the file again")
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
    start = moment_of(event, "DTSTART")
    data: dict[str, Any] = {
        "id": entry_id,
        "title": _languages(event, "SUMMARY", "title", _LONGEST_TITLE),
        "text": _languages(event, "DESCRIPTION", "text", _LONGEST_TEXT),
        "reminders": list(reminders_of(event, start)),
        **times_of(event, start),
    }
    if ours:
        data |= dates_of_ours(event, data)
        data |= {field: _own(event, field) for field in OWN_FIELDS if own_name(field) in event}
    else:
        data |= {"kind": Kind.MEETING.value, "moves": Moves.KEEP.value, "meeting_link": _meeting_link(event)}
        data |= dates_of_foreign(data, _replaced(event, events))
    return data


# --- Events that belong together ----------------------------------------------------------------------------------


def _is_cancelled(event: Component) -> bool:
    return str(event.get("STATUS", "")).upper() == "CANCELLED"


def _replaced(event: Component, events: list[Component]) -> list[str]:
    """The days of a series that stand as events of their own, or that are cancelled."""
    if "RRULE" not in event:
        return []
    others = [other for other in events if "RECURRENCE-ID" in other and other.get("UID") == event.get("UID")]
    return [day_of(moment_of(other, "RECURRENCE-ID")).isoformat() for other in others]


def _id(event: Component) -> str:
    """The entry's id: our own, or the event's UID, made fit where it does not fit."""
    uid = str(event.get("UID", ""))
    if not uid:
        raise CalendarError(f"an event ({shown(str(event.get('SUMMARY', '')))}) is without its UID", field="UID")
    own = uid.removesuffix(OURS)
    name = own if uid.endswith(OURS) and is_id(own) else _fit(uid)
    if "RECURRENCE-ID" in event:
        name += f"-{day_of(moment_of(event, 'RECURRENCE-ID')):%Y%m%d}"
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


def _refuse_broken(component: Component, entry_id: str) -> None:
    """icalendar keeps what it could not read aside; half an event is not what its writer meant."""
    for part in [component, *(component.subcomponents if component.name == "VEVENT" else ())]:
        for name, problem in part.errors:
            raise CalendarError(str(problem), entry=entry_id, field=name or "")
