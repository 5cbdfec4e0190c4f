"""What goes in and out of the assistant: a Message, a Reply. No channel's format, no markup but Markdown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from tips.models import Band, Language


class Scope(StrEnum):
    """Who else reads: nobody, a group chat, a channel."""

    PERSONAL = "personal"
    GROUP = "group"
    CHANNEL = "channel"


@dataclass(frozen=True, slots=True)
class Action:
    """What a button does: a name and its values, which come back as they were sent. Never trust them.

    `dialog`: what it leads to is shown to the one who presses only, in a window of its own.
    """

    name: str
    values: Mapping[str, str] = field(default_factory=dict)
    dialog: bool = False


@dataclass(frozen=True, slots=True)
class Mention:
    """A person whom a message names: their id as in `Message.person`, and what they are called there."""

    person: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """What somebody wrote or pressed. `person` is unique across channels: 'teams:29:…', 'slack:U…', 'preview:…'.

    `place` is the conversation's id, '' where it is no lasting one; `place_name` its name, where the platform tells it.
    `name` is what the person is called; `mentions` are others whom the message names; `thread` is the message under
    which it was written or pressed; in a channel, what begins a thread is under itself. `behind` is the conversation
    from which a dialog was opened, where the press is made in one.
    """

    text: str
    person: str
    channel: str
    scope: Scope = Scope.PERSONAL
    action: Action | None = None
    locale: Language | None = None
    place: str = ""
    place_name: str = ""
    name: str = ""
    mentions: tuple[Mention, ...] = ()
    thread: str = ""
    behind: str = ""


@dataclass(frozen=True, slots=True)
class Button:
    """A button and what pressing it sends back."""

    label: str
    action: Action


@dataclass(frozen=True, slots=True)
class Choice:
    """Buttons that belong together, under a line that says what for. `once`: one press settles them all."""

    label: str
    buttons: tuple[Button, ...]
    once: bool = False


@dataclass(frozen=True, slots=True)
class Field:
    """A text to be written: it comes back among the values of the form's button, by this name. `text` stands in it."""

    name: str
    label: str
    text: str = ""
    lines: bool = True


@dataclass(frozen=True, slots=True)
class Form:
    """What is asked for in writing, and the button that sends it. Shown in dialogs; typed without one."""

    fields: tuple[Field, ...]
    submit: Button


@dataclass(frozen=True, slots=True)
class TipView:
    """A tip as it is shown: placeholders filled, body in Markdown, `details` the line of small print."""

    id: str
    language: Language
    title: str
    body: str
    details: str
    link: str = ""
    link_label: str = ""
    image: str = ""
    image_alt: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """What the assistant says: warnings first, then text, a tip, choices. `in_thread` where others should see it.

    `settles` is the tip whose buttons this reply settles: a channel that changes the pressed message keeps it there.
    `in_place`: the reply to a press takes the pressed message's place. `title` is that of its dialog, `form` what is
    to be written in it. `mentions` are named before the text, so that they notice.
    `band` and `kind` are for figures and logs: how sure the answer was, what kind of reply it is.
    """

    language: Language
    text: str = ""
    warnings: tuple[str, ...] = ()
    tip: TipView | None = None
    choices: tuple[Choice, ...] = ()
    more: tuple[TipView, ...] = ()  # the same in other languages
    in_thread: bool = False
    settles: TipView | None = None
    in_place: bool = False
    title: str = ""
    form: Form | None = None
    mentions: tuple[Mention, ...] = ()
    band: Band | None = None
    kind: str = ""
