"""Entries as people write them in a calendar's file: every field checked, each refusal naming entry and field."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, time, timedelta
from enum import StrEnum
from typing import Any, TypeVar

from scheduler.errors import CalendarError
from scheduler.models import SESSIONS, Entry, Kind, Moves, Profile, Season
from scheduler.recurrence import YEARS, canonical, check_rule
from tips.errors import PackError
from tips.fields import flag, identity, is_web_address, shown, string
from tips.models import LANGUAGES, Language

LONGEST_TITLE = 150  # characters: a heading of a post, a line in Outlook
MOST_DATES = 1_000
LONGEST_MINUTES = 31 * 24 * 60
EVERYBODY = "all"
PROFILE = "profile:"

FIELDS = frozenset(
    """id kind title text start rrule dates but_not time minutes theme weeks seasons reminders to owner host
    meeting_link recording_link recordings moves joins_tip source hidden""".split()
)
_DURATION = re.compile(r"(-?)P(?:([0-9]{1,3})W|(?:([0-9]{1,3})D)?(?:T(?:([0-9]{1,3})H)?(?:([0-9]{1,4})M)?)?)")
_TIME = re.compile(r"([01]?[0-9]|2[0-3])[:.]([0-5][0-9])")
_MONTH_DAY = re.compile("([0-9]{2})-([0-9]{2})")
_LONGEST_AHEAD = timedelta(days=366)

E = TypeVar("E", bound=StrEnum)
T = TypeVar("T")


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
            {"tip": season.tip, "from": _written(season.begins), "to": _written(season.ends)}
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


def duration_of(text: object, field: str = "reminders") -> timedelta:
    """How long ahead, of ISO 8601 text such as P7D or PT15M. Raises CalendarError."""
    found = _DURATION.fullmatch(text) if isinstance(text, str) else None
    if not found or not any(found.groups()[1:]):
        raise CalendarError(f"must be a time ahead such as P7D, PT2H or PT15M, not {shown(text)}", field=field)
    weeks, days, hours, minutes = (int(part or 0) for part in found.groups()[1:])
    ahead = timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes)
    if found[1] or not ahead:
        raise CalendarError(f"{text} is not before its event", field=field)
    if ahead > _LONGEST_AHEAD:
        raise CalendarError(f"{text} is more than a year ahead", field=field)
    return ahead


def iso_duration(ahead: timedelta) -> str:
    """The time ahead as ISO 8601 text: P7D, PT15M, P1DT2H."""
    hours, minutes = divmod(ahead.seconds // 60, 60)
    days = f"{ahead.days}D" if ahead.days else ""
    clock = (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "")
    return f"P{days}" + (f"T{clock}" if clock else "")


@contextmanager
def _as_calendar_errors(entry_id: str) -> Iterator[None]:
    try:
        yield
    except PackError as error:
        raise CalendarError(error.reason, entry=entry_id, field=error.field) from None
    except CalendarError as error:
        raise error.at(entry=entry_id) from None


def _entry(entry_id: str, data: Mapping[str, Any]) -> Entry:
    dates = _dates(data.get("dates"), "dates")
    return Entry(
        id=entry_id,
        kind=_choice(Kind, data.get("kind"), "kind"),
        titles=_by_language(data.get("title"), "title", LONGEST_TITLE),
        start=_date(data["start"], "start") if data.get("start") else _start(dates),
        texts=_by_language(data.get("text"), "text"),
        rrule=_rule(data.get("rrule")),
        dates=dates,
        but_not=_dates(data.get("but_not"), "but_not"),
        time=_time(data.get("time")),
        minutes=_minutes(data.get("minutes")),
        theme=_theme(data.get("theme"), "theme"),
        weeks=dict(_week(week, theme) for week, theme in _mapping(data.get("weeks"), "weeks").items()),
        seasons=tuple(_season(season) for season in _list(data.get("seasons"), "seasons")),
        reminders=_once(duration_of(text) for text in _list(data.get("reminders"), "reminders")),
        to=_to(data.get("to")),
        owner=string(data.get("owner"), "owner", LONGEST_TITLE),
        host=string(data.get("host"), "host", LONGEST_TITLE),
        meeting_link=_link(data.get("meeting_link"), "meeting_link"),
        recording_link=_link(data.get("recording_link"), "recording_link"),
        recordings={
            _date(day, "recordings"): _link(link, f"recordings.{day}")
            for day, link in _mapping(data.get("recordings"), "recordings").items()
        },
        moves=_choice(Moves, data.get("moves") or Moves.NEXT.value, "moves"),
        joins_tip=_flag(data.get("joins_tip"), "joins_tip"),
        source=string(data.get("source"), "source"),
        hidden=_flag(data.get("hidden"), "hidden"),
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


def _choice(kind: type[E], value: object, field: str) -> E:
    text = string(value, field)
    if text not in set(kind):
        known = ", ".join(kind)
        raise CalendarError(
            f"must be one of {known}, not {shown(text)}" if text else f"is missing: {known}", field=field
        )
    return kind(text)


def _by_language(data: object, field: str, longest: int = 2_000) -> dict[Language, str]:
    texts = _mapping(data, field)
    for language in texts:
        if language not in LANGUAGES:
            raise CalendarError(f"is not a language; use {', '.join(LANGUAGES)}", field=f"{field}.{language}"[:60])
    return {lang: _words(texts[lang], f"{field}.{lang}", longest) for lang in LANGUAGES if texts.get(lang) is not None}


def _words(data: object, field: str, longest: int) -> str:
    text = string(data, field, longest).strip()
    if not any(letter.isalnum() for letter in text):
        raise CalendarError(f"needs words, not {shown(text)}" if text else "is empty", field=field)
    if longest == LONGEST_TITLE and len(text.splitlines()) > 1:
        raise CalendarError("must be one line", field=field)
    return text


def _date(value: object, field: str) -> date:
    text = string(value, field)
    try:
        day = date.fromisoformat(text)
    except ValueError:
        what = (
            "is no day of the calendar"
            if re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", text)
            else "must be a day such as 2027-01-28"
        )
        raise CalendarError(f"{what}: {shown(text)}" if text else what, field=field) from None
    if day.year not in YEARS:
        raise CalendarError(f"{text}: the year must be between {YEARS[0]} and {YEARS[-1]}", field=field)
    return day


def _start(dates: tuple[date, ...]) -> date:
    if not dates:
        raise CalendarError("is missing: give start, or dates", field="start")
    return dates[0]


def _dates(value: object, field: str) -> tuple[date, ...]:
    days = _list(value, field)
    if len(days) > MOST_DATES:
        raise CalendarError(f"holds {len(days)} dates, at most {MOST_DATES} fit; use a rule", field=field)
    return tuple(sorted({_date(day, field) for day in days}))


def _rule(value: object) -> str:
    return canonical(string(value, "rrule", 500).strip().upper().removeprefix("RRULE:"))


def _time(value: object) -> time | None:
    text = string(value, "time")
    if not text:
        return None
    if not (found := _TIME.fullmatch(text)):
        raise CalendarError(f"must be a time of day such as 9:00 or 12.15, not {shown(text)}", field="time")
    return time(int(found[1]), int(found[2]))


def _minutes(value: object) -> int:
    text = string(value, "minutes")
    if not text:
        return 0
    if not re.fullmatch("-?[0-9]{1,9}", text):
        raise CalendarError(f"must be a number, not {shown(text)}", field="minutes")
    if int(text) < 0:
        raise CalendarError(f"{text}: the end would be before the start", field="minutes")
    if int(text) > LONGEST_MINUTES:
        raise CalendarError(f"{text} is more than a month", field="minutes")
    return int(text)


def _theme(value: object, field: str) -> str:
    return identity(value, field) if value else ""


def _week(week: str, theme: object) -> tuple[int, str]:
    if not re.fullmatch("0?[1-9]|[1-4][0-9]|5[0-3]", week):
        raise CalendarError(f"is no ISO week: 1 to 53, not {shown(week)}", field="weeks")
    return int(week), identity(theme, f"weeks.{week}")


def _season(value: object) -> Season:
    data = _mapping(value, "seasons")
    for name in data:
        if name not in ("tip", "from", "to"):
            raise CalendarError("is not a field of a season; it has tip, from and to", field=f"seasons.{name}"[:60])
    begins, ends = _month_day(data.get("from"), "seasons.from"), _month_day(data.get("to"), "seasons.to")
    return Season(identity(data.get("tip"), "seasons.tip"), begins, ends)


def _month_day(value: object, field: str) -> tuple[int, int]:
    text = string(value, field)
    if not (found := _MONTH_DAY.fullmatch(text)):
        raise CalendarError(f"must be a day of the year such as 06-01, not {shown(text)}", field=field)
    month, day = int(found[1]), int(found[2])
    try:
        date(2028, month, day)  # a leap year: 02-29 is a day of the year
    except ValueError:
        raise CalendarError(f"is no day of the year: {shown(text)}", field=field) from None
    return month, day


def _written(month_day: tuple[int, int]) -> str:
    return f"{month_day[0]:02}-{month_day[1]:02}"


def _to(value: object) -> tuple[str, ...]:
    wanted = _once(
        string(to, "to", 200).strip() for to in (_list(value, "to") if isinstance(value, list) else [value]) if to
    )
    for to in wanted:
        if to.startswith(PROFILE) and to.removeprefix(PROFILE) not in set(Profile):
            raise CalendarError(f"unknown profile {shown(to)}; there are {', '.join(Profile)}", field="to")
        if not to or any(letter.isspace() for letter in to):
            raise CalendarError(f"must be all, profile:… or a destination's id, not {shown(to)}", field="to")
    return wanted or (EVERYBODY,)


def _link(value: object, field: str) -> str:
    text = string(value, field).strip()
    if text and not is_web_address(text):
        raise CalendarError(f"must be a whole web address, https://…, not {shown(text)}", field=field)
    return text


def _flag(value: object, field: str) -> bool:
    try:
        return bool(flag(value))
    except PackError as error:
        raise CalendarError(error.reason, field=field) from None


def _mapping(value: object, field: str) -> dict[str, Any]:
    if value is None or value == "":
        return {}
    if not isinstance(value, dict):
        raise CalendarError(f"must be fields, such as {{fi: …}}, not {shown(value)}", field=field)
    return value


def _list(value: object, field: str) -> list[Any]:
    if value is None or value == "":
        return []
    if not isinstance(value, list):
        raise CalendarError(f"must be a list, not {shown(value)}", field=field)
    return value


def _once(values: Iterable[T]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(values))
