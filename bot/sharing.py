"""'Jaa vinkki': a tip to where the sharer may share, seen before it goes out, and taken back where need be.

Anybody shares to the open tip channel. Who approves tips shares to all channels, too: there a tip takes the place of a
week's own, so that a channel gets no more posts than before; now, at a time, or when the week's tip comes anyway.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot import sharecards
from bot.agenda import Agenda, slot_of
from bot.answers import Shelf
from bot.commands import begun_in, command_in
from bot.deskroutes import OPEN
from bot.draftcards import button, is_whole
from bot.messages import say
from bot.models import Action, Choice, Message, Reply, Scope
from bot.orders import Order, What
from bot.people import TENDS, Dialog
from bot.posts import Material, UnwritableError, markdown, written
from bot.sharecards import EVERYWHERE, KIND, Wanted
from bot.sharedposts import SharedPosts, room
from bot.shares import ITSELF, Share
from bot.slots import Slots, Way, alone, next_at
from bot.stores import Stores
from bot.wishes import wish_in
from scheduler.choosing import Choice as Chosen
from scheduler.models import ZONE, Destination, Status
from tips.database import writing
from tips.drafts import State
from tips.models import Language
from tips.moments import stamp

_SHARED = "shared_tips"
COMMANDS = (_SHARED,)
ACTIONS = (KIND,)
MOST_A_DAY = 3  # shares of a person who approves no tips
_DAY, _LATELY = timedelta(days=1), timedelta(days=30)
_MOST_FOUND = 8


class Sharing:
    """The dialogs. `material` is what posts are written from at a moment; `changed` is called after a change."""

    def __init__(
        self,
        stores: Stores,
        agenda: Agenda,
        material: Callable[[datetime], Material],
        changed: Callable[[], object] = bool,
    ) -> None:
        self._stores, self._material, self._changed = stores, material, changed
        self._slots = Slots(agenda)
        self._posts = SharedPosts(stores.shares, stores.drafts, stores.destinations, stores.conversations)

    def written(self, message: Message, preferred: Language, shelf: Shelf, now: datetime) -> Reply | None:
        """The list of what was shared, or what is typed while a tip or a time is asked for; None for anything else."""
        if (begun := begun_in(message.text, preferred, COMMANDS)) and not begun[1]:
            return self._listed(message, shelf, begun[0].language, now)
        dialog = self._stores.people.dialog(message.person) if message.scope is Scope.PERSONAL else None
        if dialog is None or dialog.kind != KIND or not dialog.waits(now) or command_in(message.text, preferred):
            return None
        language = dialog.language(preferred)
        if dialog.data.get("step") == "pick":
            self._stores.people.close_dialog(message.person)
            return self._found(message.text, shelf, language)
        return self._timed(message, Wanted.of(dialog.data), shelf, language, now)

    def pressed(self, message: Message, action: Action, shelf: Shelf, language: Language, now: datetime) -> Reply:
        """What the buttons do. Nothing that they carry is trusted."""
        if message.scope is not Scope.PERSONAL:
            return Reply(language, say(language, "privately"), kind="privately")
        values, wanted = action.values, Wanted.of(action.values)
        always: Mapping[str, Callable[[], Reply]] = {
            "undo": lambda: self._undone(message.person, values.get("batch", ""), language, now),
            "no": lambda: sharecards.reply(language, say(language, "share_not")),
            "pick": lambda: self._asked("pick", Wanted(), message.person, language, now),
        }
        steps: Mapping[str, Callable[[], Reply]] = {
            "where": lambda: self._where(message.person, wanted, shelf, language),
            "when": lambda: self._asked("when", wanted, message.person, language, now),
            "look": lambda: self._looked_at(message.person, wanted, shelf, language, now),
            "yes": lambda: self._shared(message.person, wanted, shelf, language, now),
        }
        step = values.get("step", "")
        if step in always:
            return always[step]()
        if step not in steps or not self._title(wanted, message.person, shelf, language):
            return Reply(language, say(language, "outdated_button"), kind="gone")
        return steps[step]()

    def _asked(self, step: str, wanted: Wanted, person: str, language: Language, now: datetime) -> Reply:
        """Which tip, or when, is to be typed next."""
        data = {**wanted.values, "step": step, "lang": language, "at": stamp(now)}
        self._stores.people.open_dialog(person, Dialog(KIND, data), now)
        return sharecards.reply(language, say(language, "share_when" if step == "when" else "share_which"))

    def _found(self, text: str, shelf: Shelf, language: Language) -> Reply:
        """Tips to choose from, for what was typed."""
        matches = shelf.snapshot.base.answer(text, preferred=language).matches
        titles = {match.id: shelf.title(match.id, language) for match in matches[:_MOST_FOUND]}
        return sharecards.tips(titles, language)

    def _where(self, person: str, wanted: Wanted, shelf: Shelf, language: Language) -> Reply:
        places = self._places(person, wanted, language)
        title = self._title(wanted, person, shelf, language)
        keep = self._keep(wanted, language)
        if not places:
            return sharecards.reply(language, say(language, "share_nowhere"), *keep)
        chosen = wanted.to if len(places) > 1 else tuple(places)
        in_slots = self._may_push(person) and any(place.kinds for place in places.values())
        names = sharecards.named(places.values(), language)
        asked = sharecards.where(wanted.going(chosen), title, names, language, in_slots=in_slots)
        return replace(asked, choices=(*asked.choices, *keep))

    def _keep(self, wanted: Wanted, language: Language) -> tuple[Choice, ...]:
        """A draft may also wait for approval, and then for a week of its own."""
        draft = self._stores.drafts.get(wanted.draft)
        if draft is None or draft.state is not State.OPEN or not is_whole(draft):
            return ()
        return (Choice("", (button(say(language, "share_keep"), "submit", draft, language),)),)

    def _timed(self, message: Message, wanted: Wanted, shelf: Shelf, language: Language, now: datetime) -> Reply | None:
        if message.text.rstrip().endswith("?"):
            return None
        wish = wish_in(message.text)
        at = next_at(wish, now) if wish else None
        if at is None:
            return sharecards.reply(language, say(language, "share_when_unclear"))
        self._stores.people.close_dialog(message.person)
        return self._looked_at(message.person, wanted.coming(at.isoformat()), shelf, language, now)

    def _looked_at(self, person: str, wanted: Wanted, shelf: Shelf, language: Language, now: datetime) -> Reply:
        """What will go out where and when, as it will look."""
        places = self._places(person, wanted, language)
        ways = self._ways(person, wanted, places, now)
        if not any(way.at for way in ways):
            return sharecards.reply(language, say(language, "share_no_room" if ways else "share_choose_place"))
        text = self._preview(person, wanted, ways, language, now)
        if not text or not self._title(wanted, person, shelf, language):
            return sharecards.reply(language, say(language, "gone"))
        return sharecards.preview(wanted, text, ways, sharecards.named(places.values(), language), language)

    def _preview(self, person: str, wanted: Wanted, ways: Sequence[Way], language: Language, now: datetime) -> str:
        way = next(way for way in ways if way.at)
        share = replace(self._share(person, wanted, way, "", language, now), entry=ITSELF)
        item = way.slot_with(wanted.tip) or self._posts.planned(share, way.place)
        try:
            return markdown(written(item, self._material(now))) if item else ""
        except UnwritableError:
            return ""

    def _shared(self, person: str, wanted: Wanted, shelf: Shelf, language: Language, now: datetime) -> Reply:
        """Sends it on its way: each place by itself, for somebody may have been faster at one of them."""
        batch, places = secrets.token_hex(8), self._places(person, wanted, language)
        if not self._may_push(person) and len(self._stores.shares.since(person, now - _DAY)) >= MOST_A_DAY:
            return sharecards.reply(language, say(language, "share_enough", most=MOST_A_DAY))
        with writing(self._stores.database):
            # The plan is made anew: what was seen may have changed meanwhile.
            ways = self._ways(person, wanted, places, now)
            shares = [(way, self._share(person, wanted, way, batch, language, now)) for way in ways if way.at]
            done = [way for way, share in shares if self._sent_on(share, way, now)]
        self._changed()
        if not done:
            return sharecards.reply(language, say(language, "share_late"))
        title = self._title(wanted, person, shelf, language)
        lost, names = [way for way in ways if way not in done], sharecards.named(places.values(), language)
        return sharecards.done(batch, title, done, lost, names, language)

    def _sent_on(self, share: Share, way: Way, now: datetime) -> bool:
        """Takes the slot, or orders what goes out by itself; False where another has taken the slot."""
        if way.slot:
            at = way.at if way.moved else None
            if not self._stores.calendar.take(slot_of(way.slot), Chosen(share.tip, at)):
                return False
        kept = self._stores.shares.add(share, now)
        if not way.slot or way.is_now:
            self._stores.orders.place(_order(kept), now, None if way.is_now else way.at)
        return True

    def _undone(self, person: str, batch: str, language: Language, now: datetime) -> Reply:
        shares = self._stores.shares.batch(batch)
        mine = [share for share in shares if person and (share.person == person or self._may_push(person))]
        if shares and not mine:
            return sharecards.reply(language, say(language, "share_not_yours"))
        with writing(self._stores.database):
            gone = [share for share in mine if self._stores.shares.withdraw(share)]
            for share in gone:
                self._take_back(share, now)
        self._changed()
        return sharecards.reply(language, say(language, "share_undone" if gone else "share_undone_before"))

    def _take_back(self, share: Share, now: datetime) -> None:
        """What has not gone out does not; what has is withdrawn there."""
        self._stores.orders.cancel(_order(share))
        if not share.is_alone:
            year, week, _ = share.nominal.isocalendar()
            self._stores.calendar.give_back((year, week, share.destination), share.tip)
        delivery = self._stores.deliveries.get(share.key)
        waits = (Status.PLANNED, Status.SKIPPED)
        if delivery and delivery.status not in waits and delivery.tip in (share.tip, ""):
            order = Order(What.WITHDRAW, share.entry, share.nominal, share.destination)
            self._stores.orders.place(order, now)

    def _listed(self, message: Message, shelf: Shelf, language: Language, now: datetime) -> Reply:
        """What was shared lately, to be taken back: one's own, and all of it for those who approve tips."""
        if message.scope is not Scope.PERSONAL:
            return Reply(language, say(language, "privately"), kind="privately")
        person = "" if self._may_push(message.person) else message.person
        batches: dict[str, str] = {}
        for share in self._stores.shares.lately(now - _LATELY, person):
            wanted = Wanted(share.tip, share.draft)
            batches.setdefault(share.batch, self._title(wanted, share.person, shelf, language) or share.tip)
        return sharecards.listed(batches, language)

    def _ways(self, person: str, wanted: Wanted, places: Mapping[str, Destination], now: datetime) -> list[Way]:
        in_slots = self._may_push(person)
        to = places if EVERYWHERE in wanted.to else wanted.to
        return [
            self._slots.way(place, wanted.when, now) if in_slots and place.kinds else alone(place, wanted.when, now)
            for place in (places[each] for each in to if each in places)
        ]

    def _places(self, person: str, wanted: Wanted, language: Language) -> dict[str, Destination]:
        """Where the person may share it. A draft is nobody's tip yet: it goes to the open channel only."""
        open_room = self._stores.handovers.room(OPEN)
        found = self._stores.conversations.get(open_room) if open_room else None
        known = self._stores.destinations.by_conversation(found[0].channel, open_room) if found else None
        places = [known or room(found[0], language)] if found and not found[1] else []
        if self._may_push(person) and wanted.tip:
            places += [place for place in self._stores.destinations.all() if not place.person]
        return {place.id: place for place in places}

    def _may_push(self, person: str) -> bool:
        return self._stores.people.person(person).has(*TENDS)

    def _title(self, wanted: Wanted, person: str, shelf: Shelf, language: Language) -> str:
        """The title of what is to be shared, '' where there is no such thing, or it is not the person's."""
        if wanted.tip:
            return shelf.title(wanted.tip, language) if shelf.tip(wanted.tip) else ""
        draft = self._stores.drafts.get(wanted.draft)
        mine = draft is not None and draft.author == person and draft.state in (State.OPEN, State.WAITING)
        return draft.title if draft and mine and draft.body else ""

    def _share(self, person: str, wanted: Wanted, way: Way, batch: str, language: Language, now: datetime) -> Share:
        draft = self._stores.drafts.get(wanted.draft) if wanted.draft else None
        entry, nominal = (way.slot.key.entry, way.slot.key.nominal) if way.slot else ("", now.astimezone(ZONE).date())
        by, told = (draft.by, draft.language) if draft else ("", language)
        return Share(batch, person, way.place.id, nominal, way.at or now, wanted.tip, wanted.draft, told, by, entry)


def _order(share: Share) -> Order:
    return Order(What.PUBLISH, share.entry, share.nominal, share.destination)
