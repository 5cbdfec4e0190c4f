"""What IT and the coordinator do with posts in the chat, in private: list and remove subscriptions, post this week's
tip now after looking at it, correct or withdraw a post, say what becomes of posts held back after a restore."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime

from bot.agenda import Agenda, Publication, told
from bot.answers import Shelf
from bot.commands import Command
from bot.dates import capital, day
from bot.messages import say
from bot.models import Action, Button, Choice, Message, Reply, Scope
from bot.orders import Order, What
from bot.people import RUNS
from bot.posts import Material, UnwritableError, markdown, written
from bot.stores import Stores
from bot.wishcards import languages, moment, profile
from scheduler.models import ZONE, Destination, Planned
from tips.models import Language

KIND = "publications"
DESTINATIONS, PUBLISH, CORRECT, WITHDRAW = "destinations", "publish", "correct", "withdraw"
COMMANDS = (DESTINATIONS, PUBLISH, CORRECT, WITHDRAW)
HELD = "held"
ACTIONS = (*COMMANDS, HELD)
EVERYWHERE = "*"
PREVIEW = "preview"
MOST = 20  # places that are listed, and that have a button


class Publications:
    """Answers who runs the programme. `material` is what posts are written from at a moment; `changed` is called after
    a change."""

    def __init__(
        self,
        stores: Stores,
        agenda: Agenda,
        material: Callable[[datetime], Material],
        changed: Callable[[], object] = bool,
    ) -> None:
        self._stores, self._agenda, self._material, self._changed = stores, agenda, material, changed

    def commanded(self, command: Command, message: Message, shelf: Shelf, now: datetime) -> Reply:
        """What one of `COMMANDS` leads to."""
        return self._done(command.name, {}, message, command.language, shelf, now)

    def pressed(self, action: Action, message: Message, language: Language, shelf: Shelf, now: datetime) -> Reply:
        """What one of `ACTIONS` leads to."""
        return self._done(action.name, action.values, message, language, shelf, now)

    def _done(
        self, name: str, values: Mapping[str, str], message: Message, language: Language, shelf: Shelf, now: datetime
    ) -> Reply:
        if message.scope is not Scope.PERSONAL:
            return Reply(language, say(language, "privately"), kind="privately")
        if not self._stores.people.person(message.person).has(*RUNS):
            return _reply(language, say(language, "it_only"))
        if name == DESTINATIONS:
            return self._destinations(values, language, shelf, now)
        if name == PUBLISH:
            return self._publish(values, language, now)
        if name == HELD:
            return self._held(values, language, now)
        return self._change(What(name), values, language, shelf, now)

    def _destinations(self, values: Mapping[str, str], language: Language, shelf: Shelf, now: datetime) -> Reply:
        step, found = values.get("step", ""), self._stores.destinations.get(values.get("id", ""))
        if not step:
            return self._listed(language, now)
        if found is None:
            return Reply(language, say(language, "outdated_button"), kind="gone")
        name = self._name(found, language)
        if step == "remove":
            self._stores.destinations.remove(found.id)
            self._changed()
            return _reply(language, say(language, "destinations_removed", name=name))
        if step == "coming":
            lines = [f"- {told(item, shelf, language)}" for item in self._agenda.coming(found, now)]
            return _reply(language, "\n".join([f"**{name}**", "", *(lines or [say(language, "coming_nothing")])]))
        yes = _button(
            say(language, "destinations_remove", name=name), DESTINATIONS, language, step="remove", id=found.id
        )
        return _reply(language, say(language, "destinations_sure", name=name), yes)

    def _listed(self, language: Language, now: datetime) -> Reply:
        found = self._stores.destinations.all(active=False)
        shared = [place for place in found if not place.person]
        if not found:
            return _reply(language, say(language, "destinations_none"))
        lost, sent = {place.id for place, _ in self._stores.destinations.lost()}, self._agenda.last_sent(now)
        lines = [self._line(place, place.id in lost, sent.get(place.id), language, now) for place in shared[:MOST]]
        if shared:
            lines = [say(language, "destinations_title", count=len(shared)), "", *lines, ""]
        if private := len(found) - len(shared):
            lines.append(say(language, "destinations_private", count=private))
        coming = [
            _button(self._name(place, language), DESTINATIONS, language, step="coming", id=place.id)
            for place in shared[:MOST]
        ]
        remove = [
            _button(
                say(language, "destinations_remove", name=self._name(place, language)),
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
        return f"- **{self._name(place, language)}**: {', '.join([*wishes, *notes])}"

    def _name(self, place: Destination, language: Language) -> str:
        """The channel's name; where the platform does not tell it, its number among those without."""
        if place.name:
            return place.name
        unnamed = [one.id for one in self._stores.destinations.all(active=False) if not one.name and not one.person]
        number = unnamed.index(place.id) + 1 if place.id in unnamed else 1
        return say(language, "destinations_unnamed", number=number, platform=place.platform.capitalize())

    def _publish(self, values: Mapping[str, str], language: Language, now: datetime) -> Reply:
        step, to = values.get("step", ""), values.get("to", "")
        if step == "no":
            return _reply(language, say(language, "publish_not"))
        if not step:
            return self._where(language)
        found = self._tips_now(to, now)
        items = [item for item in found if item.destination.platform != PREVIEW]
        if not items:
            # Nothing can be posted to the browser preview: said, rather than ordered from nobody.
            nothing = _reply(language, say(language, "publish_nothing"))
            return self._looked_at(found[0], say(language, "publish_trial"), language, now) if found else nothing
        if step == "yes":
            for item in items:
                self._order(Order(What.PUBLISH, item.key.entry, item.key.nominal, item.key.destination), now)
            return _reply(language, say(language, "publish_ordered", count=len(items)))
        yes = _button(say(language, "publish_yes"), PUBLISH, language, step="yes", to=to)
        no = _button(say(language, "publish_no"), PUBLISH, language, step="no")
        return self._looked_at(items[0], say(language, "publish_preview"), language, now, yes, no)

    def _where(self, language: Language) -> Reply:
        places = [place for place in self._stores.destinations.all() if not place.person]
        if not places and not self._stores.destinations.all():
            return _reply(language, say(language, "destinations_none"))
        buttons = [_button(say(language, "publish_everywhere"), PUBLISH, language, step="look", to=EVERYWHERE)]
        buttons += [
            _button(self._name(place, language), PUBLISH, language, step="look", to=place.id) for place in places[:MOST]
        ]
        return _reply(language, say(language, "publish_where"), *buttons)

    def _tips_now(self, to: str, now: datetime) -> list[Planned]:
        places = self._stores.destinations.all()
        chosen = [place for place in places if to in (EVERYWHERE, place.id)]
        return [item for place in chosen if (item := self._agenda.tip_now(place, now))]

    def _change(self, what: What, values: Mapping[str, str], language: Language, shelf: Shelf, now: datetime) -> Reply:
        """'korjaa' and 'peru julkaisu': the last publication, or another one that is chosen."""
        step, correcting = values.get("step", ""), what is What.CORRECT
        if step == "no":
            return _reply(language, say(language, "correct_not" if correcting else "withdraw_not"))
        recent = self._agenda.recent(now)
        asked = [self._publication(values)] if step else recent
        found, item = self._first(filter(None, asked), correcting=correcting)
        if found is None:
            return _reply(language, say(language, "published_nothing"))
        count = len(found.deliveries)
        if step == "yes":
            self._order(Order(what, found.entry, found.nominal), now)
            return _reply(language, say(language, "correct_ordered" if correcting else "withdraw_ordered", count=count))
        label, refusal = ("correct_yes", "correct_no") if correcting else ("withdraw_yes", "withdraw_no")
        yes = _button(say(language, label), what.value, language, step="yes", **_named(found))
        no = _button(say(language, refusal), what.value, language, step="no")
        heading = say(language, "correct_preview" if correcting else "withdraw_preview", count=count)
        text = self._text(item, now) if item else ""
        if not text and correcting:
            return _reply(language, say(language, "gone"))
        # A tip or an entry that was removed is a reason to take its post back.
        reply = _reply(language, f"{heading}\n\n{text or self._title(found, language, shelf)}", yes, no)
        others = tuple(
            _button(self._title(one, language, shelf), what.value, language, step="look", **_named(one))
            for one in recent
            if (one.entry, one.nominal) != (found.entry, found.nominal)
        )
        other = (Choice(say(language, "published_other"), others),) if others else ()
        return replace(reply, choices=(*reply.choices, *other))

    def _first(
        self, publications: Iterable[Publication], *, correcting: bool
    ) -> tuple[Publication | None, Planned | None]:
        """The first of them, with what it would say today; to be corrected, the first that says anything today."""
        for found in publications:
            item = self._agenda.again(found.deliveries[0])
            if item or not correcting:
                return found, item
        return None, None

    def _title(self, publication: Publication, language: Language, shelf: Shelf) -> str:
        """What it is known by: its day, and its tip or its entry; the bare name where that is gone."""
        delivery = publication.deliveries[0]
        titles = {entry.id: entry.title(language) for entry in self._agenda.entries()}
        known = shelf.title(delivery.tip, language) if shelf.tip(delivery.tip) else titles.get(publication.entry)
        name = known or delivery.tip or publication.entry
        return f"{capital(day(delivery.at.astimezone(ZONE).date(), language))}: {name}"

    def _publication(self, values: Mapping[str, str]) -> Publication | None:
        try:
            nominal = date.fromisoformat(values.get("nominal", ""))
        except ValueError:
            return None
        return self._agenda.publication(values.get("entry", ""), nominal)

    def _held(self, values: Mapping[str, str], language: Language, now: datetime) -> Reply:
        """What becomes of what was due when the database was restored."""
        send = values.get("send") == "yes"
        count = self._stores.deliveries.end_hold(now, send=send)
        self._changed()
        return _reply(language, say(language, "posts_released" if send else "posts_left_out", count=count))

    def _looked_at(self, item: Planned, heading: str, language: Language, now: datetime, *buttons: Button) -> Reply:
        """The post as it will look, to oneself."""
        text = self._text(item, now)
        return _reply(language, f"{heading}\n\n{text}", *buttons) if text else _reply(language, say(language, "gone"))

    def _text(self, item: Planned, now: datetime) -> str:
        """The post's text, '' where its tip is gone."""
        try:
            return markdown(written(item, self._material(now)))
        except UnwritableError:
            return ""

    def _order(self, order: Order, now: datetime) -> None:
        self._stores.orders.place(order, now)
        self._changed()


def _named(publication: Publication) -> dict[str, str]:
    """What a button carries of it."""
    return {"entry": publication.entry, "nominal": publication.nominal.isoformat()}


def _reply(language: Language, text: str, *buttons: Button) -> Reply:
    choices: Iterable[Choice] = (Choice("", buttons),) if buttons else ()
    return Reply(language, text, choices=tuple(choices), kind=KIND)


def _button(label: str, name: str, language: Language, **values: str) -> Button:
    return Button(label, Action(name, {"lang": language, **values}))
