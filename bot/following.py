"""'Entä puhelimella?', 'entä jos se ei toimi': a question understood with what the conversation was about just now."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

from bot.answers import ALSO_SHOWN, Shelf, answered, shown_tip, tip_buttons
from bot.lately import Lately
from bot.messages import say
from bot.models import Choice, Message, Reply, Scope
from bot.stores import Stores
from tips.database import explained
from tips.errors import DatabaseError
from tips.followup import asks_of, devices, fails, follows
from tips.models import Answer, Band, Match
from tips.tokens import undotted, words

_ANSWERS = ("tip", "suggest", "hand_over")
_NEAR = 0.6  # of the score of the tip that was shown already: what is further from the question is no help


@dataclass(frozen=True, slots=True)
class Led:
    """A follow-up: the answer, without the tips that were shown already.

    `again` is one of those that speaks of this too. `stuck`: there was nothing else; `failed`: because it did not help.
    """

    answer: Answer
    again: str = ""
    stuck: bool = False
    failed: bool = False

    def reply(self, shelf: Shelf, number: int | None) -> Reply:
        """What is said; `number` is the question's in the journal."""
        language = self.answer.language
        if self.again:
            shown = shown_tip(shelf, self.again, language, number, band=Band.ANSWER)
            return replace(shown, text="\n\n".join(filter(None, [say(language, "follow_again"), shown.text])))
        if not self.stuck:
            return answered(shelf, self.answer, number)
        buttons = tip_buttons(shelf, [match.id for match in self.answer.matches[:ALSO_SHOWN]], language, number)
        choices = (Choice(say(language, "follow_try"), buttons),) if buttons else ()
        text = shelf.say(language, "follow_fails" if self.failed else "follow_same")
        return Reply(language, text, choices=choices, band=self.answer.band, kind="follow_up")


class Following:
    """Remembers which tips a conversation was about, not its words; so a restart in between changes nothing."""

    def __init__(self, stores: Stores) -> None:
        self._people, self._lately = stores.people, stores.lately

    def led(self, message: Message, asked: str, found: Answer, shelf: Shelf, now: datetime) -> Led | None:
        """The follow-up that the question is; None where it stands alone. `found` is what it finds alone."""
        language = found.language
        # 'Ei' answers 'Auttoiko tämä?'.
        declined = found.small_talk == "declined"
        if not message.person or not (declined or follows(asked, language)):
            return None
        before = self._lately.of(self._place(message, now), now)
        if before is None or not all(shelf.tip(tip) for tip in before.topic):
            return None
        if len(before.topic) > 1:
            return None if declined else _undecided(asked, found, before.topic, shelf)
        if declined or fails(asked, language):
            return replace(_onwards(_searched(asked, found, before.topic, shelf), before), failed=True)
        new = _fresh(found, before)[:1] == found.matches[:1] and not devices(asked, language)
        if new and found.band is Band.ANSWER:
            return None  # it tells enough by itself
        led = _led(asked, found, before, shelf)
        return None if new and led.stuck and found.band is Band.SUGGEST else led

    def helped(self, message: Message, found: Answer, now: datetime) -> bool:
        """Whether this 'joo' answers 'Auttoiko tämä?', which stands under a tip."""
        if not message.person or found.small_talk != "agreed":
            return False
        before = self._lately.of(self._place(message, now), now)
        return before is not None and set(before.topic) <= set(before.shown)

    def said(self, message: Message, reply: Reply, now: datetime) -> None:
        """The reply was given to a message or a press: what the conversation is about from now on.

        A question that leads nowhere ends the matter; anything that is no answer leaves it as it was.
        """
        if not message.person or reply.kind not in _ANSWERS:
            return
        with suppress(DatabaseError), explained("follow-up"):  # then the next follow-up is taken for a question
            place, topic = self._place(message, now), _topic(reply)
            if not topic:
                self._lately.end(place)
                return
            before = self._lately.of(place, now)
            tips = [tip.id for tip in (reply.tip, *reply.more) if tip]
            shown = (*(before.shown if before else ()), *tips)
            self._lately.put(place, self._people.hashed(message.person, now), Lately(topic, shown), now)

    def _place(self, message: Message, now: datetime) -> str:
        """Whose conversation it is: in private one's own, in a thread everybody's, in a group chat again one's own."""
        alone = message.scope is Scope.PERSONAL
        place = message.person if alone else f"{message.place} {message.thread or message.person}"
        return self._people.hashed(place, now)


def _topic(reply: Reply) -> tuple[str, ...]:
    """The tip that the reply shows, or those that it suggests."""
    if reply.tip:
        return (reply.tip.id,)
    buttons = [button for choice in reply.choices for button in choice.buttons if reply.kind == "suggest"]
    return tuple(tip for button in buttons if (tip := button.action.values.get("tip", "")))


def _led(asked: str, found: Answer, before: Lately, shelf: Shelf) -> Led:
    answer = _searched(asked, found, before.topic, shelf)
    if not answer.matches or answer.matches[0].id not in before.shown:
        return Led(replace(answer, matches=_fresh(answer, before)))
    first = answer.matches[0].id
    if _speaks_of(shelf.body(first, answer.language), asks_of(asked, answer.language), any):
        return Led(answer, again=first)
    return _onwards(answer, before)


def _onwards(answer: Answer, before: Lately) -> Led:
    """Other tips than those that were shown, where any is near; else a person."""
    near = answer.matches[0].score * _NEAR if answer.matches else 0.0
    fresh = tuple(match for match in _fresh(answer, before) if match.score >= near)
    return Led(replace(answer, matches=fresh, band=Band.SUGGEST if fresh else Band.HAND_OVER), stuck=True)


def _undecided(asked: str, found: Answer, offered: tuple[str, ...], shelf: Shelf) -> Led | None:
    """Nothing was chosen of what was offered: the one whose title speaks of it, else the same again, best first."""
    language = found.language
    if fails(asked, language):
        return None  # nothing was shown that could fail
    answer = _searched(asked, found, offered, shelf)
    matches = tuple(match for match in answer.matches if match.id in offered)
    wanted = asks_of(asked, language)
    meant = [match for match in matches if _speaks_of(shelf.title(match.id, language), wanted, all)]
    if len(meant) == 1:
        return Led(replace(answer, matches=tuple(meant), band=Band.ANSWER))
    return Led(replace(answer, matches=matches, band=Band.SUGGEST)) if matches else None


def _searched(asked: str, found: Answer, topic: tuple[str, ...], shelf: Shelf) -> Answer:
    """What the tips' titles and the question find together; a helper reads them so too: what was it that fails."""
    language = found.language
    titles = " ".join(shelf.title(tip, language) for tip in topic)
    answer = shelf.snapshot.base.answer(f"{titles} {asked}", language=language)
    told = f"{titles} – {found.question}" if len(topic) == 1 else found.question
    return replace(answer, question=told)


def _fresh(answer: Answer, before: Lately) -> tuple[Match, ...]:
    return tuple(match for match in answer.matches if match.id not in before.shown)


def _speaks_of(text: str, wanted: list[str], enough: Callable[[Iterable[bool]], bool]) -> bool:
    said = [undotted(word) for word in words(text)]
    return bool(wanted) and enough(any(word.startswith(each) for word in said) for each in wanted)
