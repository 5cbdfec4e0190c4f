"""What is published where, and what the scheduler needs of a platform and of whoever writes the posts.

`scheduler.poster` brings posts to their destinations, `scheduler.runner` says when.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, TypeVar

import structlog

from scheduler.models import Destination, Key, Planned
from tips.errors import DatabaseError, DigivinkkiError
from tips.models import Language

T = TypeVar("T")

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class PostButton:
    """A button of a post: its label, and the action's name and values that pressing it sends back."""

    label: str
    action: str
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Section:
    """A post's text in one language. `body` is Markdown, `details` the line of small print, `link` leads to the rest
    where the body must be cut."""

    language: Language
    title: str
    body: str
    details: str = ""
    link: str = ""
    link_label: str = ""


@dataclass(frozen=True, slots=True)
class Post:
    """What is published at a destination: a section for each of its languages, the most important first, then buttons.

    `buttons_label` is the line above the buttons, '' for none.
    """

    key: Key
    destination: Destination
    sections: tuple[Section, ...]
    buttons: tuple[PostButton, ...] = ()
    buttons_label: str = ""

    @property
    def title(self) -> str:
        """The first section's title."""
        return self.sections[0].title


Report = Callable[[str, Mapping[str, str]], Awaitable[None]]  # tells IT: the key of a text, and its values


async def only_logged(key: str, values: Mapping[str, str]) -> None:
    """A report to nobody: the scheduler logs each of them in any case."""


class Composer(Protocol):
    """Who writes posts. Called in the thread that owns the database."""

    def compose(self, planned: Planned) -> Post:
        """The post of a delivery, in its destination's languages."""


class PublishError(Exception):
    """What was to be published was not.

    `gone`: the destination cannot be written to any more. `again`: it may pass. `doubtful`: it may have been published
    after all, so the platform must be asked before it is sent again.
    """

    def __init__(self, reason: str, *, gone: bool = False, again: bool = False, doubtful: bool = False) -> None:
        super().__init__(reason)
        self.gone, self.again, self.doubtful = gone, again, doubtful


class NotPostingError(DigivinkkiError):
    """Another process of the same database is the one that posts."""


class Publisher(Protocol):
    """A platform. Every method raises PublishError."""

    async def publish(self, post: Post) -> str:
        """Sends the post; the platform's id of the message."""

    async def correct(self, destination: Destination, message: str, post: Post) -> None:
        """Replaces a message that was sent."""

    async def withdraw(self, destination: Destination, message: str) -> None:
        """Takes a message back. One that is gone already is no error."""

    async def find(self, key: Key, destination: Destination, since: datetime) -> str | None:
        """The id of the message that was sent under the key at about that time; None where it is not there, or where
        the platform cannot be read back."""


class Run(Protocol):
    """The thread that owns the database."""

    async def __call__(self, call: Callable[[], T]) -> T:
        """The call's result. Raises DatabaseError."""


class Places(Protocol):
    """Where the destinations are. Called in the database's thread."""

    def get(self, destination_id: str) -> Destination | None:
        """The destination of that id, None where it was removed."""

    def lose(self, destination: Destination, why: str, now: datetime) -> bool:
        """It cannot be written to any more; True where that is news."""

    def regain(self) -> None:
        """Those that were lost and can be written to again are no longer lost."""


async def plainly(work: Awaitable[T]) -> T:
    """The work's result; whatever fails in it that is no PublishError is a failure of this one post only."""
    try:
        return await work
    except (PublishError, DatabaseError):
        raise
    except DigivinkkiError as error:
        raise PublishError(str(error)) from error
    except Exception as error:
        _log.error("publisher failed", error=type(error).__name__)
        raise PublishError(type(error).__name__) from error
