"""What is said while a tip is shared. Buttons carry what is wished so far. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.dates import when as told_when
from bot.messages import say
from bot.models import Action, Button, Choice, Reply
from bot.sharedposts import ROOM
from bot.slots import NOW, SLOT, Way
from scheduler.models import Destination
from tips.fields import number_in
from tips.models import Language

KIND = "share"
EVERYWHERE = "*"
MOST = 20  # places that have a button
_CHOSEN = "✓ "


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be shared, where and when, as far as it was said. `when` is `now`, `slot` or a moment."""

    tip: str = ""
    draft: int = 0
    to: tuple[str, ...] = ()
    when: str = SLOT

    @classmethod
    def of(cls, values: Mapping[str, str]) -> Wanted:
        """What a button sent back."""
        to = tuple(dict.fromkeys(filter(None, values.get("to", "").split(","))))
        return cls(values.get("tip", ""), number_in(values.get("draft", "")) or 0, to, values.get("when", SLOT))

    @property
    def values(self) -> dict[str, str]:
        """What buttons carry."""
        return {"tip": self.tip, "draft": str(self.draft or ""), "to": ",".join(self.to), "when": self.when}

    def going(self, to: Iterable[str]) -> Wanted:
        """To those places."""
        return replace(self, to=tuple(to))

    def coming(self, when: str) -> Wanted:
        """At that time."""
        return replace(self, when=when)


def share_button(language: Language, *, tip: str = "", draft: int = 0) -> Button:
    """'Jaa kanavalle', of a tip or a draft."""
    return _button(say(language, "share_do"), "where", Wanted(tip, draft), language)


def pick_button(language: Language) -> Button:
    """'Valitse valmis vinkki'."""
    return _button(say(language, "share_pick"), "pick", Wanted(), language)


def tips(titles: Mapping[str, str], language: Language) -> Reply:
    """Tips of which one is to be shared."""
    if not titles:
        return reply(language, say(language, "share_none_found"), Choice("", (pick_button(language),)))
    buttons = tuple(_button(title, "where", Wanted(tip), language) for tip, title in titles.items())
    return reply(language, say(language, "share_choose_tip"), Choice("", buttons))


def where(wanted: Wanted, title: str, names: Mapping[str, str], language: Language, *, in_slots: bool) -> Reply:
    """The places, each to be put in or out, and once there is one, when."""
    everywhere = EVERYWHERE in wanted.to
    chosen = names if everywhere else wanted.to
    places = [
        _button(f"{_CHOSEN if place in chosen else ''}{name}", "where", _toggled(wanted, place), language)
        for place, name in list(names.items())[:MOST]
    ]
    if len(names) > 1:
        label = f"{_CHOSEN if everywhere else ''}{say(language, 'publish_everywhere')}"
        places.append(_button(label, "where", wanted.going(() if everywhere else (EVERYWHERE,)), language))
    choices = [Choice(say(language, "share_places"), tuple(places))]
    if wanted.to:
        times = [_button(say(language, "share_now"), "look", wanted.coming(NOW), language)]
        if in_slots:
            times.append(_button(say(language, "share_slot"), "look", wanted.coming(SLOT), language))
        times.append(_button(say(language, "share_at"), "when", wanted, language))
        choices.append(Choice(say(language, "share_times"), tuple(times)))
    return reply(language, say(language, "share_where", title=title), *choices)


def preview(wanted: Wanted, text: str, ways: Sequence[Way], names: Mapping[str, str], language: Language) -> Reply:
    """The post as it will look, and where and when it goes."""
    lines = "\n".join(_line(way, names, language) for way in ways)
    whole = "\n\n".join([say(language, "share_preview"), text, "---", lines])
    buttons = (
        _button(say(language, "share_yes"), "yes", wanted, language),
        _button(say(language, "share_change"), "where", wanted, language),
        _button(say(language, "share_no"), "no", wanted, language),
    )
    return reply(language, whole, Choice("", buttons))


def done(
    batch: str, title: str, ways: Sequence[Way], lost: Sequence[Way], names: Mapping[str, str], language: Language
) -> Reply:
    """Where and when it goes, where it does not, and how it is taken back."""
    lines = [say(language, "share_done", title=title), "\n".join(_line(way, names, language) for way in ways)]
    if lost:
        lines.append(say(language, "share_lost", names=", ".join(names[way.place.id] for way in lost)))
    return reply(language, "\n\n".join(lines), Choice("", (_undo(say(language, "share_undo"), batch, language),)))


def listed(batches: Mapping[str, str], language: Language) -> Reply:
    """What was shared, each to be taken back."""
    if not batches:
        return reply(language, say(language, "share_listed_none"))
    buttons = tuple(
        _undo(say(language, "share_undo_named", title=title), batch, language)
        for batch, title in list(batches.items())[:MOST]
    )
    return reply(language, say(language, "share_listed"), Choice("", buttons))


def named(places: Iterable[Destination], language: Language) -> dict[str, str]:
    """What the places are called."""
    names: dict[str, str] = {}
    for number, place in enumerate(places, 1):
        unnamed = say(language, "destinations_unnamed", number=number, platform=place.platform.capitalize())
        open_room = say(language, "share_open_room") if place.id.startswith(ROOM) else unnamed
        names[place.id] = place.name or open_room
    return names


def reply(language: Language, text: str, *choices: Choice) -> Reply:
    """A reply of these dialogs."""
    return Reply(language, text, choices=choices, kind=KIND)


def _line(way: Way, names: Mapping[str, str], language: Language) -> str:
    name = names[way.place.id]
    if way.at is None:
        return f"- {name}: {say(language, 'share_no_slot')}"
    time = say(language, "share_at_once") if way.is_now else told_when(way.at, language)
    return f"- {name}: {time}{' ' + say(language, 'share_late_because') if way.late else ''}"


def _toggled(wanted: Wanted, place: str) -> Wanted:
    rest = tuple(one for one in wanted.to if one not in (place, EVERYWHERE))
    return wanted.going(rest if place in wanted.to else (*rest, place))


def _undo(label: str, batch: str, language: Language) -> Button:
    return Button(label, Action(KIND, {"step": "undo", "batch": batch, "lang": language}))


def _button(label: str, step: str, wanted: Wanted, language: Language) -> Button:
    return Button(label, Action(KIND, {"step": step, "lang": language, **wanted.values}))
