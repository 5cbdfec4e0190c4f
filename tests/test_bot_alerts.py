"""What IT is told of posts that failed: each failure once, in private, in words, with what to do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import TypeVar

import pytest

from bot.alerts import AGAIN
from bot.conversations import Conversation
from bot.models import Scope
from bot.people import IT
from bot.posts import markdown
from bot.publishing import PostPlaces
from bot.stores import Stores
from bot.telling import Alerts
from scheduler.models import Destination, Entry, Key, Kind
from scheduler.posting import Post, PublishError
from tests.conftest import NOW
from tips.models import Language

BOSS, SECOND = "teams:boss", "slack:U2"
FAILED = {"count": "2", "where": "Keittiö, Koulu", "why": "403"}

T = TypeVar("T")


class RecordingPublisher:
    """Keeps what is published; fails where it is told to."""

    def __init__(self) -> None:
        self.posts: list[Post] = []
        self.fails = False

    async def publish(self, post: Post) -> str:
        if self.fails:
            raise PublishError("503", again=True)
        self.posts.append(post)
        return "1"

    async def correct(self, destination: Destination, message: str, post: Post) -> None:
        raise NotImplementedError

    async def withdraw(self, destination: Destination, message: str) -> None:
        raise NotImplementedError

    async def find(self, key: Key, destination: Destination, since: datetime) -> str | None:
        raise NotImplementedError


async def at_once(call: Callable[[], T]) -> T:
    return call()


class Clock:
    """Stands still until it is moved."""

    now = NOW


@pytest.fixture
def publisher() -> RecordingPublisher:
    return RecordingPublisher()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def alerts(stores: Stores, publisher: RecordingPublisher, clock: Clock) -> Alerts:
    stores.people.give_role(BOSS, IT, NOW)
    stores.conversations.seen(Conversation("a:boss", "teams", Scope.PERSONAL, person=BOSS), NOW)
    places = PostPlaces(stores.destinations, stores.conversations, stores.people)
    return Alerts(stores, {"teams": publisher}, places.get, at_once, lambda: clock.now)


def told(publisher: RecordingPublisher) -> list[str]:
    return [markdown(post) for post in publisher.posts]


async def test_a_failure_is_told_once(alerts: Alerts, publisher: RecordingPublisher, clock: Clock) -> None:
    for _ in range(3):
        await alerts.report("posts_failed", FAILED)
        clock.now += timedelta(hours=1)
    (text,) = told(publisher)
    assert "Keittiö, Koulu" in text
    assert "403" in text
    assert "julkaise" in text
    assert publisher.posts[0].destination.person == BOSS


async def test_another_failure_is_told_as_well(alerts: Alerts, publisher: RecordingPublisher) -> None:
    await alerts.report("posts_failed", FAILED)
    await alerts.report("posts_failed", {**FAILED, "count": "3"})  # the same, of more posts
    await alerts.report("posts_failed", {**FAILED, "where": "Koulu"})
    await alerts.report("posts_unreachable", FAILED)
    assert len(told(publisher)) == 3


async def test_what_is_not_mended_is_told_again_after_a_week(
    alerts: Alerts, publisher: RecordingPublisher, clock: Clock
) -> None:
    await alerts.report("posts_failed", FAILED)
    clock.now += AGAIN + timedelta(seconds=1)
    await alerts.report("posts_failed", FAILED)
    assert len(told(publisher)) == 2


async def test_what_reached_nobody_is_told_the_next_time(alerts: Alerts, publisher: RecordingPublisher) -> None:
    publisher.fails = True
    await alerts.report("posts_failed", FAILED)
    publisher.fails = False
    await alerts.report("posts_failed", FAILED)
    assert len(told(publisher)) == 1


async def test_it_without_a_private_conversation_is_no_error(
    stores: Stores, alerts: Alerts, publisher: RecordingPublisher
) -> None:
    stores.people.give_role(SECOND, IT, NOW)
    await alerts.report("posts_failed", FAILED)
    assert len(told(publisher)) == 1


@pytest.mark.parametrize(
    ("key", "values", "fragment"),
    [
        ("posts_unreachable", FAILED, "tilaukset"),
        ("posts_failed", FAILED, "doctor"),
        ("posts_missed", {"count": "3", "what": "weekly-tip (3)"}, "(3)"),
        ("posts_held", {"count": "12"}, "12"),
        ("entry_broken", {"what": "own-coffee", "why": "is no entry"}, "calendar import"),
        ("destination_broken", {"where": "Päiväkoti"}, "tilaa vinkit"),
    ],
)
@pytest.mark.parametrize("language", ["fi", "sv", "en"])
async def test_every_kind_says_what_to_do(
    stores: Stores,
    alerts: Alerts,
    publisher: RecordingPublisher,
    key: str,
    values: dict[str, str],
    fragment: str,
    language: Language,
) -> None:
    stores.people.choose_language(BOSS, language, NOW)
    await alerts.report(key, values)
    (post,) = publisher.posts
    assert post.sections[0].language == language
    assert key not in markdown(post)
    if language == "fi":
        assert fragment in markdown(post)


async def test_what_a_restore_held_back_has_buttons(alerts: Alerts, publisher: RecordingPublisher) -> None:
    await alerts.report("posts_held", {"count": "12"})
    assert [button.values["send"] for button in publisher.posts[0].buttons] == ["yes", "no"]
    assert {button.action for button in publisher.posts[0].buttons} == {"held"}


async def test_entries_are_named_by_their_titles(stores: Stores, alerts: Alerts, publisher: RecordingPublisher) -> None:
    day = date(2027, 1, 12)
    stores.calendar.add(
        [Entry("sq-passwords", Kind.SECURITY_QUARTER, {"fi": "Digiturvavartti: salasanat"}, day, theme="passwords")]
    )
    await alerts.report("posts_missed", {"count": "4", "what": "sq-passwords (3), gone (1)"})
    assert "Digiturvavartti: salasanat (3), gone (1)" in told(publisher)[0]
