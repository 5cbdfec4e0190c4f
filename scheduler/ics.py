"""Entries as iCalendar (RFC 5545), as Outlook and others open it.

What iCalendar has no place for stands in X-DIGIVINKKI-* properties, so that `icsreading` reads back the same entry.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from types import MappingProxyType

from icalendar import Alarm, Calendar, Event, Timezone, vRecur, vText

from scheduler.entries import entry_mapping
from scheduler.models import SESSIONS, ZONE, Entry, Kind, Occurrence
from scheduler.recurrence import nominal_dates, occurrences
from scheduler.workdays import Blocked, never
from tips.models import LANGUAGES, Language

OURS = "@digivinkki"  # how the UIDs of an export end: whoever reads it has the same ids
OWN_FIELDS = frozenset(
    """kind theme weeks seasons to owner host meeting_link recording_link recordings moves joins_tip source
    hidden""".split()
)
STRUCTURED = frozenset({"weeks", "seasons", "to", "recordings"})  # written as JSON
SESSION_MINUTES = 15

_PRODUCT = "-//Digivinkki//Vuosikello//FI"
_REMIND = timedelta(minutes=15)
_FIRST = datetime(2026, 1, 1, tzinfo=UTC)  # from when the versions of an invitation are counted
_ZONE = """\
BEGIN:VTIMEZONE
TZID:Europe/Helsinki
BEGIN:DAYLIGHT
DTSTART:19810329T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0300
TZNAME:EEST
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
END:DAYLIGHT
BEGIN:STANDARD
DTSTART:19961027T040000
TZOFFSETFROM:+0300
TZOFFSETTO:+0200
TZNAME:EET
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
END:STANDARD
END:VTIMEZONE
"""
_HOST = MappingProxyType({"fi": "Vetäjä", "sv": "Värd", "en": "Host"})


def own_name(field: str) -> str:
    """The property that holds the field."""
    return f"X-DIGIVINKKI-{field.replace('_', '-').upper()}"


def to_ical(entries: Iterable[Entry]) -> str:
    """The entries with their rules, to be read back: an event each."""
    calendar = _calendar("PUBLISH")
    for entry in entries:
        calendar.add_component(_event(entry))
    return _text(calendar)


def subscription(
    entries: Iterable[Entry],
    start: date,
    end: date,
    language: Language,
    now: datetime,
    home: str,
    blocked: Blocked = never,
) -> str:
    """What comes from start to end as it will be, moved off holidays: an event an occurrence, for a subscriber.

    `home` tells the organisation's events from those of another one, for in a reader's calendar both may stand.
    """
    calendar = _calendar("PUBLISH")
    calendar.add("refresh-interval", timedelta(hours=12))
    calendar.add("x-published-ttl", "PT12H")  # Outlook's name for the same
    for entry in entries:
        for occurrence in occurrences(entry, start, end, blocked):
            calendar.add_component(_happening(occurrence, language, now, home))
    return _text(calendar)


def session_invitation(entry: Entry, occurrence: Occurrence, language: Language, now: datetime, home: str) -> str:
    """One event that a host sends to all staff: opening it puts the session in the reader's calendar.

    Outlook asks for METHOD, UID and DTSTAMP, and opens a single event without a calendar's name (X-WR-…) as an
    appointment, not as a calendar of its own. One that was made later replaces the earlier one: its SEQUENCE is higher
    (MS-OXCICAL 2.1.3.1.1.20.9 and .22). ORGANIZER, which iTIP (RFC 5546) asks for, must be an address: none is kept of
    anybody, and with one Outlook would show a meeting that could be answered.
    """
    calendar = _calendar("PUBLISH")
    event = _happening(Occurrence(entry, occurrence.nominal, occurrence.at, occurrence.why), language, now, home)
    event.add("sequence", (now - _FIRST) // timedelta(minutes=1))
    event.add_component(_alarm(_REMIND, entry.title(language)))
    calendar.add_component(event)
    return _text(calendar)


def _calendar(method: str) -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", _PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", method)
    calendar.add_component(Timezone.from_ical(_ZONE))
    return calendar


def _text(calendar: Calendar) -> str:
    text: bytes = calendar.to_ical(sorted=False)
    return text.decode()


def _event(entry: Entry) -> Event:
    event = Event()
    event.add("uid", entry.id + OURS)
    event.add("dtstamp", datetime.combine(entry.start, time.min, UTC))  # no clock here; the same at every export
    _add_times(event, entry)
    _add_languages(event, entry)
    data = entry_mapping(entry)
    for field in sorted(OWN_FIELDS & data.keys()):
        value = data[field]
        written = json.dumps(value, ensure_ascii=False) if field in STRUCTURED else str(value)
        event.add(own_name(field), vText(written))
    for ahead in entry.reminders:
        event.add_component(_alarm(ahead, entry.title("fi")))
    return event


def _add_times(event: Event, entry: Entry) -> None:
    """The first date, the rule, the other dates, and what is left out."""
    first, *others = _dates(entry)
    start = _wall(first, entry.time)
    event.add("dtstart", start)
    if isinstance(start, datetime) and entry.minutes:
        event.add("dtend", _after(start, entry.minutes))
    if entry.rrule:
        event.add("rrule", vRecur.from_ical(entry.rrule))
    for name, days in (("rdate", others), ("exdate", entry.but_not)):
        if days:
            values = [_wall(day, entry.time) for day in days]
            event.add(name, values, parameters={} if entry.time else {"VALUE": "DATE"})
    if first != entry.start or (entry.dates and not entry.rrule):
        event.add(own_name("start"), vText(entry.start.isoformat()))


def _dates(entry: Entry) -> list[date]:
    """DTSTART and RDATEs: the first date of the rule, for Outlook shows DTSTART even where the rule does not hold."""
    if not entry.rrule:
        return list(entry.dates) or [entry.start]
    # The rule alone: a date that `but_not` takes away still anchors the rule, and COUNT counts it.
    alone = Entry(entry.id, entry.kind, {}, entry.start, rrule=entry.rrule)
    year = entry.start.year
    while not (found := nominal_dates(alone, date(year, 1, 1), date(year, 12, 31))):
        year += 1
    return [found[0], *entry.dates]


def _wall(day: date, at: time | None) -> date | datetime:
    return datetime.combine(day, at, ZONE) if at else day


def _after(start: datetime, minutes: int) -> datetime:
    """The end, by the clock that people live by: in UTC, for an hour may be lost between."""
    return (start.astimezone(UTC) + timedelta(minutes=minutes)).astimezone(ZONE)


def _add_languages(event: Event, entry: Entry) -> None:
    for standard, own, texts in (("summary", "title", entry.titles), ("description", "text", entry.texts)):
        languages = [language for language in LANGUAGES if language in texts]
        for number, language in enumerate(languages):
            event.add(own_name(own) if number else standard, _in(texts[language], language))


def _in(text: str, language: Language) -> vText:
    return vText(text, params={"LANGUAGE": language})


def _alarm(ahead: timedelta, title: str) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", title)
    alarm.add("trigger", -ahead)
    return alarm


def _happening(occurrence: Occurrence, language: Language, now: datetime, home: str) -> Event:
    entry, event = occurrence.entry, Event()
    event.add("uid", f"{entry.id}-{occurrence.nominal:%Y%m%d}@{home}.digivinkki")
    event.add("dtstamp", now.astimezone(UTC).replace(microsecond=0))
    if entry.time:
        event.add("dtstart", occurrence.at)
        event.add("dtend", _after(occurrence.at, entry.minutes or SESSION_MINUTES))
    else:
        event.add("dtstart", occurrence.at.date())
    event.add("summary", _in(entry.title(language), language))
    if entry.kind not in SESSIONS | {Kind.MEETING}:
        event.add("transp", "TRANSPARENT")  # nobody is busy for a tip
    if entry.meeting_link:
        event.add("location", entry.meeting_link)
        event.add("url", entry.meeting_link)
    if words := _words(entry, language):
        event.add("description", _in(words, language))
    return event


def _words(entry: Entry, language: Language) -> str:
    text = entry.texts.get(language) or next(iter(entry.texts.values()), "")
    host = f"{_HOST[language]}: {entry.host}" if entry.host else ""
    return "\n\n".join(filter(None, (text, host, entry.meeting_link)))
