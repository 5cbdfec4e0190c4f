"""The form of a calendar entry: from an entry to its fields, and back with every refusal in plain words by field."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date, time
from typing import Any

from scheduler.durations import iso_duration
from scheduler.entries import entry_mapping, entry_of
from scheduler.entryfields import EVERYBODY, LONGEST_MINUTES, LONGEST_TITLE, PROFILE
from scheduler.errors import CalendarError
from scheduler.models import SESSIONS, Entry, Kind, Moves, Profile
from scheduler.rhythms import Rhythm, rhythm_of, rule_of
from tips.fields import is_web_address, number_in
from tips.models import LANGUAGES
from tips.packs import slug
from web.pages.forms import Form, Problem
from web.pages.rhythmforms import Problems, rhythm_from, rhythm_values

AHEAD = ("P14D", "P7D", "P3D", "P1D", "PT2H", "PT15M")  # reminders that are offered
LONGEST_TEXT = 2_000
# Which field of the form a field of the calendar's format is.
_FIELDS: Mapping[str, str] = {
    "title": "otsikko_fi",
    "text": "teksti_fi",
    "rrule": "saanto",
    "dates": "paivat",
    "but_not": "paivat",
    "start": "alkaa",
    "time": "klo",
    "minutes": "kesto",
    "theme": "teema",
    "reminders": "muistutus",
    "to": "kenelle",
    "host": "vetaja",
    "owner": "omistaja",
    "meeting_link": "linkki",
    "recording_link": "tallenne",
}


def blank(today: date) -> Entry:
    """What a new entry begins from: once, at nine."""
    return Entry("", Kind.MEETING, {}, today, dates=(today,), time=time(9))


def form_of(entry: Entry) -> Form:
    """The form as the entry fills it in."""
    titles = {f"otsikko_{language}": (entry.titles.get(language, ""),) for language in LANGUAGES}
    texts = {f"teksti_{language}": (entry.texts.get(language, ""),) for language in LANGUAGES}
    return Form(
        {
            "laji": (entry.kind.value,),
            **titles,
            **texts,
            **rhythm_values(entry),
            "teema": (entry.theme,),
            "klo": (f"{entry.time:%H:%M}" if entry.time else "",),
            "kesto": (str(entry.minutes) if entry.minutes else "",),
            "muistutus": tuple(iso_duration(ahead) for ahead in entry.reminders),
            "kenelle": entry.to,
            "omistaja": (entry.owner,),
            "vetaja": (entry.host,),
            "linkki": (entry.meeting_link,),
            "tallenne": (entry.recording_link,),
            "siirto": (entry.moves.value,),
            "paivavinkki": ("1",) if entry.joins_tip else (),
            "versio": (version(entry),),
        }
    )


def entry_from(
    form: Form, base: Entry, taken: Collection[str], themes: Collection[str]
) -> tuple[Entry | None, Problems]:
    """The entry that the form says, over `base`, whose other fields stay; None with what is wrong, by field.

    A new one gets an id of its title that is not `taken`.
    """
    problems: Problems = {}
    data = entry_mapping(base) | _plain(form, base, problems, themes)
    rhythm, start = rhythm_from(form, problems)
    if problems or start is None:
        return None, problems
    data |= _when(rhythm, start, base) | {"id": base.id or _new_id(data["title"], taken)}
    try:
        return replace(entry_of({name: value for name, value in data.items() if value}), own=True), {}
    except CalendarError as error:
        field = _FIELDS.get(error.field.split(".")[0], "laji")
        return None, {field: Problem("entry_refused", {"reason": error.reason})}


def _when(rhythm: Rhythm, start: date, base: Entry) -> dict[str, Any]:
    """The rule, and the single changes of the old one where it is still the same."""
    rule = rule_of(rhythm)
    if not rule:
        return {"rrule": "", "start": "", "dates": [day.isoformat() for day in rhythm.dates], "but_not": []}
    if base.rrule and rule == rule_of(rhythm_of(base)):
        dates = [day.isoformat() for day in base.dates if day >= start]
        return {"rrule": base.rrule, "start": start.isoformat(), "dates": dates}
    return {"rrule": rule, "start": start.isoformat(), "dates": [], "but_not": []}


def version(entry: Entry) -> str:
    """Another for every other content: by it a form knows that somebody has saved since."""
    if not entry.id:
        return ""
    return hashlib.sha256(json.dumps(entry_mapping(entry), sort_keys=True).encode()).hexdigest()[:16]


def differing(mine: Form, theirs: Form) -> list[str]:
    """The fields in which the two differ, as they stand in the form."""
    names = [name for name in theirs.values if name != "versio"]
    return [name for name in names if _set(mine, name) != _set(theirs, name)]


def _set(form: Form, name: str) -> list[str]:
    return sorted(" ".join(each.split()) for each in form.all(name) if each.strip())


def _plain(form: Form, base: Entry, problems: Problems, themes: Collection[str]) -> dict[str, Any]:
    """Everything but the rhythm, as the calendar's format has it."""
    kind = next((each for each in Kind if each == form.one("laji")), None)
    if kind is None:
        problems["laji"] = Problem("entry_kind")
    theme = form.one("teema")
    if theme and theme not in themes and theme != base.theme:
        problems["teema"] = Problem("entry_theme_unknown")
    if kind in SESSIONS and not theme:
        problems["teema"] = Problem("entry_theme")
    return {
        "kind": kind.value if kind else "",
        "title": _titles(form, problems),
        "text": {language: text for language in LANGUAGES if (text := form.one(f"teksti_{language}")[:LONGEST_TEXT])},
        "theme": theme,
        **({} if kind is Kind.WEEKLY_TIP else {"weeks": {}}),
        "time": (at := _clock(form, problems)),
        "minutes": _minutes(form, problems, timed=bool(at)),
        "reminders": [*dict.fromkeys(form.all("muistutus"))],
        "to": _to(form, problems),
        "owner": form.one("omistaja"),
        "host": _short(form, "vetaja", problems),
        "meeting_link": _link(form, "linkki", problems),
        "recording_link": _link(form, "tallenne", problems),
        "moves": form.one("siirto") if form.one("siirto") in set(Moves) else "",
        "joins_tip": "true" if form.one("paivavinkki") and kind is Kind.REMINDER else "",
    }


def _titles(form: Form, problems: Problems) -> dict[str, str]:
    titles = {language: " ".join(form.one(f"otsikko_{language}").split()) for language in LANGUAGES}
    for language, title in titles.items():
        if len(title) > LONGEST_TITLE:
            problems[f"otsikko_{language}"] = Problem("entry_title_long", {"most": LONGEST_TITLE})
    if not any(titles.values()):
        problems["otsikko_fi"] = Problem("entry_title")
    return {language: title for language, title in titles.items() if title}


def _clock(form: Form, problems: Problems) -> str:
    text = form.one("klo").replace(".", ":")
    if not text:
        return ""
    hour, _, minute = text.partition(":")
    hours, minutes = number_in(hour), number_in(minute or "00", 2)
    if hours is not None and hours < 24 and minutes is not None and minutes < 60 and len(minute or "00") == 2:
        return f"{hours:02}:{minutes:02}"
    problems["klo"] = Problem("entry_time")
    return ""


def _minutes(form: Form, problems: Problems, *, timed: bool) -> str:
    text = form.one("kesto")
    if not text:
        return ""
    if form.number("kesto", range(LONGEST_MINUTES + 1)) is None:
        problems["kesto"] = Problem("entry_minutes")
    elif not timed and "klo" not in problems and int(text):
        problems["kesto"] = Problem("entry_minutes_time")
    return text


def _to(form: Form, problems: Problems) -> list[str]:
    chosen = [to for to in dict.fromkeys(form.all("kenelle")) if to.strip()]
    if not chosen:
        problems["kenelle"] = Problem("entry_to")
    known = {PROFILE + profile for profile in Profile}
    if any(to.startswith(PROFILE) and to not in known for to in chosen):
        problems["kenelle"] = Problem("entry_to")
    return [EVERYBODY] if EVERYBODY in chosen else chosen


def _short(form: Form, name: str, problems: Problems) -> str:
    text = " ".join(form.one(name).split())
    if len(text) > LONGEST_TITLE:
        problems[name] = Problem("entry_title_long", {"most": LONGEST_TITLE})
    return text


def _link(form: Form, name: str, problems: Problems) -> str:
    text = form.one(name)
    if text and not is_web_address(text):
        problems[name] = Problem("entry_link")
    return text


def _new_id(titles: Mapping[str, str], taken: Collection[str]) -> str:
    plain = slug(next(iter(titles.values()), ""))[:60].strip("-") or "entry"
    return plain if plain not in taken else f"{plain}-{secrets.token_hex(3)}"
