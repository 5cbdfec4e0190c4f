"""Who gets posts, for IT and the coordinator: the subscriptions, what is coming at each and how it will look; one is
removed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime

from bot.agenda import Agenda, title, told
from bot.answers import Shelf
from bot.dates import capital, day
from bot.messages import say
from bot.models import Action, Button, Choice, Reply
from bot.stores import Stores
from bot.wishcards import languages, moment, profile
from scheduler.models import ZONE, Destination, Key, Planned
from tips.models import Language

KIND, DESTINATIONS = "publications", "destinations"
MOST = 20  # places that are listed, and that have a button


class Subscribers:
    """Answers who runs the programme. `text` is a delivery as it would be posted at a moment; `changed` is called after
    a change."""

    def __init__(
        self,
        stores: Stores,
        agenda: Agenda,
        text: Callable[[Planned, datetime], str],
        changed: Callable[[], object] = bool,
    ) -> None:
        self._stores, self._agenda, self._text, self._changed = stores, agenda, text, changed

    def done(self, values: Mapping[str, str], language: Language, shelf: Shelf, now: datetime) -> Reply:
        """The list, or what one of its buttons leads to."""
        step, found = values.get("step", ""), self._stores.destinations.get(values.get("id", ""))
        if not step:
            return self._listed(language, now)
        if found is None:
            return Reply(language, say(language, "outdated_button"), kind="gone")
        name = called(self._stores, found, language)
        if step == "remove":
            self._stores.destinations.remove(found.id)
            self._changed()
            return reply(language, say(language, "destinations_removed", name=name))
        if step == "coming":
            return self._coming(found, name, language, shelf, now)
        if step == "look":
            return self._looked_at(values, language, now)
        yes = button(
            say(language, "destinations_remove", name=name), DESTINATIONS, language, step="remove", id=found.id
        )
        return reply(language, say(language, "destinations_sure", name=name), yes)

    def _listed(self, language: Language, now: datetime) -> Reply:
        found = self._stores.destinations.all(active=False)
        shared = [place for place in found if not place.person]
        if not found:
            return reply(language, say(language, "destinations_none"))
        lost, sent = {place.id for place, _ in self._stores.destinations.lost()}, self._agenda.last_sent(now)
        lines = [self._line(place, place.id in lost, sent.get(place.id), language, now) for place in shared[:MOST]]
        if shared:
            lines = [say(language, "destinations_title", count=len(shared)), "", *lines, ""]
        if private := len(found) - len(shared):
            lines.append(say(language, "destinations_private", count=private))
        coming = [
            button(called(self._stores, place, language), DESTINATIONS, language, step="coming", id=place.id)
            for place in shared[:MOST]
        ]
        remove = [
            button(
                say(language, "destinations_remove", name=called(self._stores, place, language)),
                DESTINATIONS,
                language,
                step="sure",
                id=place.id,
            )
            for place in shared[:MOST]
        ]
        choices = (
            (Choice(say(language, "destinations_coming"), tuple(coming)), Choice("", tuple(remove))) if shared else ()
        )
        return Reply(language, "\n".join(lines).rstrip(), choices=choices, kind=KIND)

    def _line(self, place: Destination, lost: bool, sent: date | None, language: Language, now: datetime) -> str:
        notes = []
        if sent:
            notes.append(say(language, "destinations_sent", day=day(sent, language)))
        if place.paused_until and place.paused_until > now.astimezone(ZONE).date():
            notes.append(say(language, "destinations_paused", day=day(place.paused_until, language)))
        if lost:
            notes.append(say(language, "destinations_lost"))
        wishes = [
            moment(place.weekday, place.time, language),
            languages(place.languages, language),
            profile(place.profile, language),
        ]
        return f"- **{called(self._stores, place, language)}**: {', '.join([*wishes, *notes])}"

    def _coming(self, place: Destination, name: str, language: Language, shelf: Shelf, now: datetime) -> Reply:
        """The next posts there, each to be looked at before it goes out."""
        items = self._agenda.coming(place, now)
        lines = [f"- {told(item, shelf, language)}" for item in items] or [say(language, "coming_nothing")]
        looks = [
            button(
                f"{capital(day(item.at.astimezone(ZONE).date(), language))}: {title(item, shelf, language)}",
                DESTINATIONS,
                language,
                step="look",
                id=place.id,
                entry=item.key.entry,
                nominal=item.key.nominal.isoformat(),
                part=item.key.part,
            )
            for item in items
        ]
        choices = (Choice(say(language, "destinations_look"), tuple(looks)),) if looks else ()
        return Reply(language, "\n".join([f"**{name}**", "", *lines]), choices=choices, kind=KIND)

    def _looked_at(self, values: Mapping[str, str], language: Language, now: datetime) -> Reply:
        """A post that is coming, as it will look."""
        try:
            nominal = date.fromisoformat(values.get("nominal", ""))
        except ValueError:
            return Reply(language, say(language, "outdated_button"), kind="gone")
        key = Key(values.get("entry", ""), nominal, values.get("part", ""), values.get("id", ""))
        item = self._agenda.item(key, now)
        text = self._text(item, item.at) if item else ""
        return reply(language, text or say(language, "outdated_button"))


def called(stores: Stores, place: Destination, language: Language) -> str:
    """The channel's name; where the platform does not tell it, its number among those without."""
    if place.name:
        return place.name
    unnamed = [one.id for one in stores.destinations.all(active=False) if not one.name and not one.person]
    number = unnamed.index(place.id) + 1 if place.id in unnamed else 1
    return say(language, "destinations_unnamed", number=number, platform=place.platform.capitalize())


def reply(language: Language, text: str, *buttons: Button) -> Reply:
    """A reply with its buttons in a row."""
    choices: Iterable[Choice] = (Choice("", buttons),) if buttons else ()
    return Reply(language, text, choices=tuple(choices), kind=KIND)


def button(label: str, name: str, language: Language, **values: str) -> Button:
    """A button of IT's."""
    return Button(label, Action(name, {"lang": language, **values}))
