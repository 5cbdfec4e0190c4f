"""Posts of the scheduler on their way to a platform: as replies, which every channel can show, and to which place."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import datetime
from typing import TypeVar

from bot.conversations import Conversation, ConversationStore
from bot.models import Action, Button, Choice, Reply, TipView
from bot.people import COORDINATOR, IT, PeopleStore
from bot.sending import SendError
from bot.sharedposts import ROOM, SharedPosts, room
from bot.steps import KIND as SESSION
from bot.stores import Stores
from scheduler.destinations import DestinationStore
from scheduler.models import ZONE, Destination, Kind, Profile
from scheduler.outlook import Outlook
from scheduler.parts import working_days_after
from scheduler.posting import Post, PublishError, Section
from tips.drafts import DraftStore
from tips.models import Tip

OWNER = "owner:"  # before the id of a person who has subscribed to nothing: a task's owner
_NOT_KNOWN = "the bot has never been there"

T = TypeVar("T")


def reply_of(post: Post) -> Reply:
    """The post as a reply: its texts one after another, its buttons below."""
    first, *others = post.sections
    shared = not post.destination.person  # where others read the post, a session is gone through in a dialog
    buttons = tuple(
        Button(button.label, Action(button.action, button.values, dialog=shared and button.action == SESSION))
        for button in post.buttons
    )
    choices = (Choice(post.buttons_label, buttons),) if buttons else ()
    more = tuple(_view(section) for section in others)
    return Reply(first.language, tip=_view(first), more=more, choices=choices, kind="post")


def _view(section: Section) -> TipView:
    return TipView(
        id="",
        language=section.language,
        title=section.title,
        body=section.body,
        details=section.details,
        link=section.link,
        link_label=section.link_label or section.link,
    )


async def told(call: Callable[[], Awaitable[T]]) -> T:
    """The call's result; a failure to send is told as the scheduler knows it."""
    try:
        return await call()
    except SendError as error:
        raise PublishError(str(error), gone=error.gone, again=error.again, doubtful=error.doubtful) from error


def outlook_of(stores: Stores) -> Outlook:
    """What the scheduler looks at."""

    def tips() -> Sequence[Tip]:
        return stores.library.newest().pack.tips

    people = PostPlaces(stores.destinations, stores.conversations, stores.people)
    shared = SharedPosts(stores.shares, stores.drafts, stores.destinations, stores.conversations)
    return Outlook(
        stores.calendar, stores.destinations, stores.deliveries, tips, people, shared.item, lambda: ripe(stores.drafts)
    )


def ripe(drafts: DraftStore) -> dict[str, datetime]:
    """By new tip when it is no longer the tutors' alone: after so many working days."""
    if not drafts.tutors_first:
        return {}
    return {tip: working_days_after(at.astimezone(ZONE), drafts.tutors_first) for tip, at in drafts.published().items()}


class PostPlaces:
    """Where destinations and people are in the platforms (`scheduler.posting.Places`, `scheduler.outlook.Owners`).

    Called in the database's thread.
    """

    def __init__(self, destinations: DestinationStore, conversations: ConversationStore, people: PeopleStore) -> None:
        self._destinations, self._conversations, self._people = destinations, conversations, people

    def get(self, destination_id: str) -> Destination | None:
        """The destination of that id; a task's owner has one without having subscribed."""
        if found := self._destinations.get(destination_id):
            return found
        if destination_id.startswith(ROOM):
            place = self._conversations.get(destination_id.removeprefix(ROOM))
            return room(place[0]) if place else None
        owner = destination_id.removeprefix(OWNER)
        return None if owner == destination_id else self._in_private(owner, self._private(owner))

    def owners(self, owner: str) -> list[Destination]:
        """Everybody who has the role, or the person of that id, each where they are.

        What reaches nobody goes to the coordinators, else to IT: somebody hears.
        """
        if ":" in owner:
            return self._reached([owner])
        groups = (self._reached(self._people.having(role)) for role in (owner, COORDINATOR, IT))
        return next((group for group in groups if group), [])

    def _reached(self, people: Iterable[str]) -> list[Destination]:
        found = []
        for person in people:
            place, subscribed = self._private(person), self._destinations.known(person)
            if place:
                found.append(subscribed[0] if subscribed else self._in_private(person, place))
        return found

    def _in_private(self, person: str, place: Conversation | None) -> Destination:
        """The person as a destination, without having subscribed."""
        language = self._people.person(person).language
        return Destination(
            f"{OWNER}{person}",
            place.channel if place else "",
            "",
            person,
            languages=(language,) if language else ("fi",),
            profile=Profile.CUSTOM,
            kinds=(Kind.TASK,),
            person=person,
        )

    def lose(self, destination: Destination, why: str, now: datetime) -> bool:
        """It cannot be written to any more; True where that is news."""
        if place := self._place(destination):
            self._conversations.lose(place[0].id, why, now)
        # A task's owner stands in no list, so nobody would hear of a task that reached nobody.
        return self._destinations.lose(destination.id, why) or destination.id.startswith(OWNER)

    def regain(self) -> None:
        """Those that were lost and whose conversation was heard of since are no longer lost."""
        for destination, _ in self._destinations.lost():
            place = self._place(destination)
            if place and not place[1]:
                self._destinations.regain(destination.id)

    def conversation(self, destination: Destination, platform: str) -> Conversation:
        """Where to write on the platform. Raises PublishError."""
        place = self._place(destination)
        if place is None:
            raise PublishError(_NOT_KNOWN, gone=True)
        conversation, why = place
        if why or conversation.channel != platform:
            raise PublishError(why or _NOT_KNOWN, gone=True)
        return conversation

    def _place(self, destination: Destination) -> tuple[Conversation, str] | None:
        if destination.conversation:
            return self._conversations.get(destination.conversation)
        place = self._private(destination.person)
        return (place, "") if place else None

    def _private(self, person: str) -> Conversation | None:
        """The private conversation with the person, where it can be written to."""
        found = self._conversations.private_with(person)
        return found[0] if found and not found[1] else None
