"""The steps of questions to people as they are made, by people and by themselves.

A change and the letters that tell of it are written together, so that a restart at any point loses neither.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from bot.deskletters import ANSWER, CARD, LAPSED, REMIND, STATUS
from bot.deskroutes import Routes
from bot.deskrules import Rules
from bot.handover import HandOver, RefusedError, State, Step, Why, due, hours_between, moved
from bot.outbox import PERSON, PLACE, Letter
from bot.stores import Stores
from bot.tallies import What
from tips.database import writing


def forget(stores: Stores, person: str, now: datetime) -> None:
    """Forgets the person in questions to people. What was said of them there is said anew, without their name."""
    for item in stores.handovers.erase(person):
        matter = str(item.id)
        stores.outbox.again(CARD, matter, now)
        for kind in (STATUS, ANSWER):
            if item.asker == person:
                stores.outbox.end(matter, kind)  # the letters tell who asked
            else:
                stores.outbox.again(kind, matter, now)


class DeskBook:
    """Makes steps. `rules` are those of the moment."""

    def __init__(self, stores: Stores, routes: Routes, rules: Callable[[], Rules]) -> None:
        self._database, self._handovers, self._outbox = stores.database, stores.handovers, stores.outbox
        self._routes, self._rules, self._tallies = routes, rules, stores.tallies

    def begin(self, new: HandOver, now: datetime) -> HandOver:
        """A question goes out; the one that is open of the same asker and words where there is one."""
        with writing(self._database):
            item, is_new = self._handovers.add(new)
            if is_new:
                self._tallies.note(What.HANDED_OVER, "", item.asker, now)
                self._send(CARD, self._routes.first(item, now), item, now)
                self._tell_asker(item, STATUS, now)
        return item

    def move(self, before: HandOver, step: Step, person: str, now: datetime, name: str = "", answer: str = "") -> None:
        """Makes the step. Raises RefusedError; then nothing has changed."""
        after = moved(before, step, person, now, name, answer)
        with writing(self._database):
            if self._handovers.change(before, after):
                if step in (Step.ANSWER, Step.ADOPT):
                    hours = int(hours_between(before.asked, now))
                    self._tallies.note(What.REPLIED, str(hours), before.asker, now)
                self._tell(before, after, step, now)
                return
        raise RefusedError(self._overtaken(before))

    def tick(self, now: datetime) -> int:
        """Does what is due by itself; how many questions that were."""
        changed = 0
        for item in self._handovers.open():
            step = due(item, self._rules().limits, now)
            if step and self._by_itself(item, step, now):
                changed += 1
        for matter in self._outbox.settled(STATUS):
            found = self._handovers.get(matter)
            if found is None or found.ended:
                self._outbox.end(matter)  # the letters tell who asked
        return changed

    def _overtaken(self, before: HandOver) -> Why:
        """Another was faster: how."""
        fresh = self._handovers.get(before.id) or before
        return Why.TAKEN if fresh.state is State.CLAIMED else Why.ENDED if fresh.ended else Why.OUTDATED

    def _by_itself(self, item: HandOver, step: Step, now: datetime) -> bool:
        after = moved(item, step, "", now)
        with writing(self._database):
            if not self._handovers.change(item, after):
                return False
            self._tell(item, after, step, now)
            if step is Step.REMIND:
                self._send(REMIND, self._routes.first(after, now), after, now)
            if step is Step.ESCALATE:
                self._send(CARD, self._routes.support(after, now), after, now)
            if step is Step.LAPSE:
                self._send(LAPSED, [PERSON + item.helper], after, now)
        return True

    def _tell(self, before: HandOver, after: HandOver, step: Step, now: datetime) -> None:
        """The letters of a change. What the asker is told goes where the question was asked."""
        matter = str(after.id)
        if step is Step.REMIND:
            return
        self._outbox.again(CARD, matter, now)
        if step is Step.NOT_HELPED:
            self._outbox.end(matter, ANSWER)  # the next answer is a message of its own
        if after.state in (State.ASKED, State.ESCALATED):
            self._outbox.end(matter, REMIND)
        self._tell_asker(before, STATUS, now)
        if after.state is State.ANSWERED:
            self._tell_asker(before, ANSWER, now)

    def _tell_asker(self, item: HandOver, kind: str, now: datetime) -> None:
        self._send(kind, [PLACE + item.where if item.where else PERSON + item.asker], item, now)

    def _send(self, kind: str, recipients: list[str], item: HandOver, now: datetime) -> None:
        for recipient in recipients:
            self._outbox.put(Letter(recipient, kind, str(item.id)), now)
