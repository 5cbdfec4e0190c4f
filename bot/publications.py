"""What IT and the coordinator do with posts in the chat, in private: post this week's tip now after looking at it,
correct or withdraw a post, say what becomes of posts held back after a restore. Who gets them is in `subscribers`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime

from bot.agenda import Agenda, Publication
from bot.answers import Shelf
from bot.commands import Command
from bot.dates import capital, day
from bot.messages import say
from bot.models import Action, Button, Choice, Message, Reply, Scope
from bot.orders import Order, What
from bot.people import RUNS
from bot.posts import Material, UnwritableError, markdown, written
from bot.stores import Stores
from bot.subscribers import DESTINATIONS, MOST, Subscribers, button, called, reply
from scheduler.models import ZONE, Kind, Planned
from tips.models import Language

PUBLISH, CORRECT, WITHDRAW = "publish", "correct", "withdraw"
COMMANDS = (DESTINATIONS, PUBLISH, CORRECT, WITHDRAW)
HELD = "held"
ACTIONS = (*COMMANDS, HELD)
EVERYWHERE = "*"
PREVIEW = "preview"


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
        self._subscribers = Subscribers(stores, agenda, self._text, changed)

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
            return reply(language, say(language, "it_only"))
        if name == DESTINATIONS:
            return self._subscribers.done(values, language, shelf, now)
        if name == PUBLISH:
            return self._publish(values, language, now)
        if name == HELD:
            return self._held(values, language, now)
        return self._change(What(name), values, language, shelf, now)

    def _publish(self, values: Mapping[str, str], language: Language, now: datetime) -> Reply:
        step, to = values.get("step", ""), values.get("to", "")
        if step == "no":
            return reply(language, say(language, "publish_not"))
        if not step:
            return self._where(language)
        found = self._tips_now(to, now)
        items = [item for item in found if item.destination.platform != PREVIEW]
        if not items:
            # Nothing can be posted to the browser preview: said, rather than ordered from nobody.
            nothing = reply(language, say(language, "publish_nothing"))
            return self._looked_at(found[0], say(language, "publish_trial"), language, now) if found else nothing
        if step == "yes":
            for item in items:
                self._order(Order(What.PUBLISH, item.key.entry, item.key.nominal, item.key.destination), now)
            return reply(language, say(language, "publish_ordered", count=len(items)))
        yes = button(say(language, "publish_yes"), PUBLISH, language, step="yes", to=to)
        no = button(say(language, "publish_no"), PUBLISH, language, step="no")
        return self._looked_at(items[0], say(language, "publish_preview"), language, now, yes, no)

    def _where(self, language: Language) -> Reply:
        places = [place for place in self._stores.destinations.all() if not place.person]
        if not places and not self._stores.destinations.all():
            return reply(language, say(language, "destinations_none"))
        buttons = [button(say(language, "publish_everywhere"), PUBLISH, language, step="look", to=EVERYWHERE)]
        buttons += [
            button(called(self._stores, place, language), PUBLISH, language, step="look", to=place.id)
            for place in places[:MOST]
        ]
        return reply(language, say(language, "publish_where"), *buttons)

    def _tips_now(self, to: str, now: datetime) -> list[Planned]:
        places = self._stores.destinations.all()
        chosen = [place for place in places if to in (EVERYWHERE, place.id)]
        return [item for place in chosen if (item := self._agenda.tip_now(place, now))]

    def _change(self, what: What, values: Mapping[str, str], language: Language, shelf: Shelf, now: datetime) -> Reply:
        """'korjaa' and 'peru julkaisu': the last publication, or another one that is chosen."""
        step, correcting = values.get("step", ""), what is What.CORRECT
        if step == "no":
            return reply(language, say(language, "correct_not" if correcting else "withdraw_not"))
        recent = self._agenda.recent(now)
        asked = [self._publication(values)] if step else recent
        found, item = self._first(filter(None, asked), correcting=correcting)
        if found is None:
            return reply(language, say(language, "published_nothing"))
        count = len(found.deliveries)
        if step == "yes":
            self._order(Order(what, found.entry, found.nominal), now)
            return reply(language, say(language, "correct_ordered" if correcting else "withdraw_ordered", count=count))
        label, refusal = ("correct_yes", "correct_no") if correcting else ("withdraw_yes", "withdraw_no")
        yes = button(say(language, label), what.value, language, step="yes", **_named(found))
        no = button(say(language, refusal), what.value, language, step="no")
        heading = say(language, "correct_preview" if correcting else "withdraw_preview", count=count)
        if not correcting and found.deliveries[0].kind is not Kind.WEEKLY_TIP:
            heading += f" {say(language, 'withdraw_reminders')}"
        text = self._text(item, now) if item else ""
        if not text and correcting:
            return reply(language, say(language, "gone"))
        # A tip or an entry that was removed is a reason to take its post back.
        shown = reply(language, f"{heading}\n\n{text or self._title(found, language, shelf)}", yes, no)
        others = tuple(
            button(self._title(one, language, shelf), what.value, language, step="look", **_named(one))
            for one in recent
            if (one.entry, one.nominal) != (found.entry, found.nominal)
        )
        other = (Choice(say(language, "published_other"), others),) if others else ()
        return replace(shown, choices=(*shown.choices, *other))

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
        return reply(language, say(language, "posts_released" if send else "posts_left_out", count=count))

    def _looked_at(self, item: Planned, heading: str, language: Language, now: datetime, *buttons: Button) -> Reply:
        """The post as it will look, to oneself."""
        text = self._text(item, now)
        return reply(language, f"{heading}\n\n{text}", *buttons) if text else reply(language, say(language, "gone"))

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
