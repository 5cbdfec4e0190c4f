"""The page of a calendar entry: what its form offers, what it says in words, and how two versions of it differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from bot.messages import say
from bot.people import COORDINATOR, PROTECTION, TENDS, TUTOR, Role
from bot.rolenames import named
from bot.roles import called
from bot.stores import Stores
from scheduler.comingdates import coming
from scheduler.durations import duration_of
from scheduler.entryfields import EVERYBODY, PROFILE
from scheduler.errors import CalendarError
from scheduler.models import Entry, Kind, Moves, Profile
from scheduler.rhythms import LAST, NTHS, YEAR, Pattern
from tips.models import Language, Theme
from web.pages import rhythmwords, words
from web.pages.entryforms import AHEAD, differing
from web.pages.forms import Form, Problem
from web.pages.kinds import KINDS, by_title
from web.pages.rhythmforms import DAYS
from web.pages.times import changes, times

_MOST_PLACES = 40  # destinations that are offered one by one
Choices = Sequence[tuple[str, str]]  # value and label


@dataclass(frozen=True, slots=True)
class Read:
    """What was read for the page. `entry` is what is stored, or what a new one begins from."""

    entry: Entry
    ready: bool
    taken: frozenset[str]
    themes: Mapping[str, Theme]
    places: Choices
    owners: Choices
    today: date


def read(stores: Stores, entry: Entry, themes: Mapping[str, Theme], today: date, language: Language) -> Read:
    """Reads it."""
    ids = dict.fromkeys(person for role in TENDS for person in stores.people.having(role))
    return Read(
        entry,
        stores.calendar.is_ready(entry.id),
        stores.calendar.ids(),
        themes,
        [(place.id, place.name or place.id) for place in stores.destinations.all() if not place.person],
        [
            *((role, named(Role(role), language)) for role in (COORDINATOR, TUTOR, PROTECTION)),
            *((each, called(stores.people.person(each), language)) for each in ids),
        ],
        today,
    )


def context(
    found: Read, form: Form, problems: Mapping[str, Problem], told: Entry, theirs: Form | None, language: Language
) -> dict[str, object]:
    """What the template shows. `told` is the entry whose rhythm and next times are told."""
    choices = offered(found, form, language)
    return {
        "entry": found.entry,
        "ready": found.ready,
        "form": form,
        "problems": problems,
        "choices": choices,
        "rule": form.has("toistuu", Pattern.OWN) or found.entry.rrule,
        "told": rhythmwords.told(told, language) if told.id else "",
        "coming": times(coming(told, found.today), language) if told.id else [],
        "changes": changes(found.entry, found.today, language),
        "theirs": compared(form, theirs, choices) if theirs else [],
    }


def offered(found: Read, form: Form, language: Language) -> dict[str, Choices]:
    """What each field that is chosen from offers, what is chosen already included."""
    ahead = [each for each in dict.fromkeys([*AHEAD, *form.all("muistutus")]) if _is_duration(each)]
    names = words.months(language)
    return {
        "laji": [(kind, words.word(language, f"kind_{KINDS[kind]}")) for kind in Kind],
        "teema": _with(form, "teema", [("", words.word(language, "no_theme")), *by_title(found.themes, language)]),
        "toistuu": [(each, words.word(language, f"pattern_{each}")) for each in Pattern],
        "viikonpaivat": [(str(number), name) for number, name in enumerate(words.weekdays(language))],
        "kuukaudet": [(str(number), names[number - 1]) for number in YEAR],
        "monesko": [(str(nth), words.word(language, f"nth_{'last' if nth == LAST else nth}")) for nth in NTHS],
        "paiva": [(str(day), words.word(language, "nth_last") if day == LAST else f"{day}.") for day in DAYS],
        "muistutus": [(each, rhythmwords.ahead(duration_of(each), language)) for each in ahead],
        "kenelle": _places(found, form, language),
        "omistaja": _with(form, "omistaja", [("", words.word(language, "place_owner")), *found.owners]),
        "siirto": [(each, words.word(language, f"moves_{each}")) for each in Moves],
    }


def compared(mine: Form, theirs: Form, choices: Mapping[str, Choices]) -> list[tuple[str, str, str]]:
    """The fields that differ: their name, what was sent, and what somebody else has saved."""

    def shown(form: Form, name: str) -> str:
        labels = dict(choices.get(name, ()))
        return ", ".join(labels.get(value, value) for value in form.all(name) if value.strip()) or "–"

    return [(name, shown(mine, name), shown(theirs, name)) for name in differing(mine, theirs)]


def _places(found: Read, form: Form, language: Language) -> Choices:
    chosen = form.all("kenelle")
    common = [(EVERYBODY, words.word(language, "to_all"))]
    common += [(PROFILE + each, say(language, f"profile_{each}")) for each in Profile]
    first = sorted(found.places, key=lambda place: (place[0] not in chosen, place[1].casefold()))
    return _with(form, "kenelle", [*common, *first[:_MOST_PLACES]])


def _with(form: Form, name: str, choices: Choices) -> Choices:
    """The choices and what is chosen besides: it is not lost because it is not offered."""
    known = {value for value, _ in choices}
    return [*choices, *((value, value) for value in form.all(name) if value not in known)]


def _is_duration(text: str) -> bool:
    try:
        return bool(duration_of(text))
    except CalendarError:
        return False
