"""The cards of a subscription: a Draft of its wishes in, a Reply out. Buttons carry the whole draft: pure functions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time
from typing import cast

from bot.dates import listed, weekly, when
from bot.messages import say
from bot.models import Action, Button, Choice, Reply
from bot.wishes import Wish
from scheduler.models import Destination, Kind, Profile
from tips.models import LANGUAGES, Language

KIND = "subscribe"
KINDS = (Kind.WEEKLY_TIP, Kind.SECURITY_QUARTER, Kind.TIP_SESSION, Kind.REMINDER, Kind.MEETING)
TUESDAY, MORNING = 1, time(9)
# Offered as buttons; any other is typed. 12.15 is nap time in day-care.
_COMMON = ((0, time(9)), (1, time(9)), (1, time(12, 15)), (2, time(9)), (2, time(12, 15)), (3, time(9)), (4, time(9)))
_DEFAULT_KINDS = KINDS[:4]
_CHOSEN = "✓ "


@dataclass(frozen=True, slots=True)
class Draft:
    """What is wished so far."""

    languages: tuple[Language, ...] = ("fi",)
    profile: Profile = Profile.OFFICE
    kinds: tuple[Kind, ...] = _DEFAULT_KINDS
    weekday: int | None = TUESDAY
    time: time | None = MORNING

    @classmethod
    def of(cls, values: Mapping[str, str], otherwise: Draft) -> Draft:
        """What a button sent back; what it cannot be stays as it was."""
        languages = tuple(one for one in values.get("languages", "").split(",") if one in LANGUAGES)
        kinds = tuple(kind for kind in KINDS if kind.value in values.get("kinds", "").split(","))
        profile, weekday = values.get("profile", ""), values.get("weekday", "?")
        return cls(
            cast(tuple[Language, ...], tuple(dict.fromkeys(languages))) or otherwise.languages,
            Profile(profile) if profile in set(Profile) else otherwise.profile,
            kinds or otherwise.kinds,
            *_moment(weekday, values.get("time", ""), otherwise),
        )

    @classmethod
    def of_destination(cls, destination: Destination) -> Draft:
        """The wishes of a destination."""
        return cls(destination.languages, destination.profile, destination.kinds, destination.weekday, destination.time)

    @property
    def values(self) -> dict[str, str]:
        """What buttons carry."""
        return {
            "languages": ",".join(self.languages),
            "profile": self.profile.value,
            "kinds": ",".join(self.kinds),
            "weekday": "" if self.weekday is None else str(self.weekday),
            "time": self.time.isoformat("minutes") if self.time else "",
        }

    def wishing(self, wish: Wish) -> Draft:
        """With the day, the time or both."""
        weekday = self.weekday if wish.weekday is None else wish.weekday
        at = wish.time or self.time or MORNING
        return replace(self, weekday=TUESDAY if weekday is None else weekday, time=at)

    def wished_in(self, destination: Destination) -> Destination:
        """The destination with these wishes."""
        return replace(
            destination,
            languages=self.languages,
            profile=self.profile,
            kinds=self.kinds,
            weekday=self.weekday,
            time=self.time,
        )


def wishes(draft: Draft, language: Language) -> str:
    """The wishes as a list."""
    return say(
        language,
        "subscribe_wishes",
        when=moment(draft.weekday, draft.time, language),
        languages=languages(draft.languages, language),
        profile=profile(draft.profile, language),
        kinds=listed([say(language, f"kind_{kind}") for kind in draft.kinds], language),
    )


def moment(weekday: int | None, at: time | None, language: Language) -> str:
    """When the weekly tip comes: 'tiistaisin klo 9.00'."""
    if weekday is None or at is None:
        return say(language, "subscribe_any_time")
    return weekly(weekday, at, language)


def languages(chosen: Iterable[Language], language: Language) -> str:
    """The names of the languages, each in itself."""
    return listed([say(one, "language_name") for one in chosen], language)


def profile(chosen: Profile, language: Language) -> str:
    """The name of the profile."""
    return say(language, f"profile_{chosen}")


def first(at: datetime | None, language: Language, *, exists: bool = False, trial: bool = False) -> str:
    """When the first one comes, or to who had some before, the next; `trial`: when it would, in Teams or Slack."""
    if at is None:
        return say(language, "subscribe_none_soon")
    which = ("subscribe_next", "subscribe_next_trial") if exists else ("subscribe_first", "subscribe_first_trial")
    return say(language, which[trial], when=when(at, language))


def summary(draft: Draft, heading: str, coming: str, language: Language, *, exists: bool) -> Reply:
    """The wishes, when the first one comes, and what to press: one press suffices."""
    text = "\n\n".join([heading, wishes(draft, language), coming])
    yes = say(language, "subscribe_save" if exists else "subscribe_yes")
    main = [_button(yes, "yes", draft, language)]
    if exists:
        main.append(_button(say(language, "subscribe_end"), "end", draft, language))
    main.append(_button(say(language, "subscribe_no"), "no", draft, language))
    change = [_button(say(language, f"subscribe_{page}"), page, draft, language) for page in PAGES]
    return Reply(language, text, choices=(Choice("", tuple(main)), Choice("", tuple(change))), kind=KIND)


def page(name: str, draft: Draft, language: Language, note: str = "") -> Reply:
    """One wish to choose."""
    buttons = tuple(_PAGES[name](draft, language))
    back = _button(say(language, "subscribe_back"), "show", draft, language)
    text = "\n\n".join(filter(None, [note, say(language, f"subscribe_which_{name}")]))
    return Reply(language, text, choices=(Choice("", buttons), Choice("", (back,))), kind=KIND)


def _languages_page(draft: Draft, language: Language) -> Iterable[Button]:
    several: tuple[tuple[Language, ...], ...] = (("fi",), ("sv",), ("en",), ("fi", "sv"), ("sv", "fi"), LANGUAGES)
    for some in several:
        label = languages(some, language)
        yield _option(label, some == draft.languages, replace(draft, languages=some), language)


def _profile_page(draft: Draft, language: Language) -> Iterable[Button]:
    for one in Profile:
        yield _option(profile(one, language), one is draft.profile, replace(draft, profile=one), language)


def _when_page(draft: Draft, language: Language) -> Iterable[Button]:
    for weekday, at in _COMMON:
        chosen = (weekday, at) == (draft.weekday, draft.time)
        yield _option(weekly(weekday, at, language), chosen, replace(draft, weekday=weekday, time=at), language)
    any_time = replace(draft, weekday=None, time=None)
    yield _option(say(language, "subscribe_any_time"), draft.weekday is None, any_time, language)


def _kinds_page(draft: Draft, language: Language) -> Iterable[Button]:
    """Each press puts a kind in or out and shows the page again; one kind always stays."""
    for kind in KINDS:
        chosen = tuple(one for one in KINDS if (one in draft.kinds) != (one is kind))
        label = say(language, f"kind_{kind}")
        yield _option(label, kind in draft.kinds, replace(draft, kinds=chosen or draft.kinds), language, "kinds")


_PAGES = {"when": _when_page, "languages": _languages_page, "profile": _profile_page, "kinds": _kinds_page}
PAGES = tuple(_PAGES)


def _option(label: str, chosen: bool, draft: Draft, language: Language, step: str = "show") -> Button:
    return _button(f"{_CHOSEN if chosen else ''}{label}", step, draft, language)


def _button(label: str, step: str, draft: Draft, language: Language) -> Button:
    return Button(label, Action(KIND, {"step": step, "lang": language, **draft.values}))


def _moment(weekday: str, at: str, otherwise: Draft) -> tuple[int | None, time | None]:
    if weekday == at == "":
        return None, None
    named = re.fullmatch("([01234]) ([01][0-9]|2[0-3]):([0-5][0-9])", f"{weekday} {at}", re.ASCII)
    found = Wish(int(named[1]), time(int(named[2]), int(named[3]))) if named else None
    if found is None or found.at_night:
        return otherwise.weekday, otherwise.time
    return found.weekday, found.time
