"""From a reply to an Adaptive Card 1.5: pure functions (schema: microsoft/AdaptiveCards, tests validate every card).

Buttons are Action.Execute with an Action.Submit for clients that do not know it. Teams cuts off what is larger
than a message may be, so a long body is cut here, with its link to the rest.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any

from bot.messages import say
from bot.models import Button, Choice, Field, Form, Mention, Reply, TipView
from bot.texts import cut, paragraphs

CONTENT_TYPE = "application/vnd.microsoft.card.adaptive"
LARGEST_CARD = 25_000  # bytes; Teams refuses a message of more than some 28 KB of payload
LONGEST_WRITTEN = 3_000  # characters in a field
_DATA = "digivinkki"  # under which a pressed button's action comes back

# Characters of a text and buttons of a choice, from what is right to what certainly fits.
_SIZES = ((20_000, 100), (8_000, 100), (4_000, 100), (2_000, 100), (1_000, 100), (300, 20), (300, 10), (300, 0))
_LONGEST_LINE = 200  # characters of a title or a label
_MARKUP = re.compile(r"[\\*_\[\]]")

Element = dict[str, Any]


def card(reply: Reply, *, in_dialog: bool = False) -> Element:
    """The reply as a card of at most `LARGEST_CARD` bytes: long texts are cut, then buttons left out."""
    for longest, most in _SIZES:
        made = _card(reply, longest, most)
        if len(json.dumps(made, ensure_ascii=False).encode(errors="replace")) <= LARGEST_CARD:
            break
    return _for_dialog(made) if in_dialog else made


def task(reply: Reply) -> Element:
    """The reply as a dialog, in answer to `task/fetch` and `task/submit`."""
    shown = {"contentType": CONTENT_TYPE, "content": card(reply, in_dialog=True)}
    title = reply.title or say(reply.language, "name")
    return {
        "task": {"type": "continue", "value": {"title": title, "height": "large", "width": "medium", "card": shown}}
    }


def notice(reply: Reply) -> Element:
    """The reply as a line that ends a dialog."""
    return {"task": {"type": "message", "value": plain(reply)}}


def plain(reply: Reply) -> str:
    """The reply in a line, for notifications and for clients without cards."""
    title = reply.tip.title if reply.tip else ""
    first = title or reply.text.replace("*", "") or next((choice.label for choice in reply.choices), "")
    return cut(" ".join(first.split()), 200)


def attachment(reply: Reply) -> Element:
    """The card as an attachment of a message."""
    return {"contentType": CONTENT_TYPE, "content": card(reply)}


def pressed(value: object) -> tuple[str, dict[str, str]] | None:
    """The action's name and values in what a button sent back, with what was written beside it; None where it is none
    of ours."""
    data = value.get(_DATA) if isinstance(value, dict) else None
    if not isinstance(data, dict) or not isinstance(data.get("name"), str):
        return None
    values = data.get("values")
    if not isinstance(values, dict):
        return None
    written = value if isinstance(value, dict) else {}
    return data["name"], {str(key): text for key, text in {**written, **values}.items() if isinstance(text, str)}


def _card(reply: Reply, longest: int, most: int) -> Element:
    body = [
        *(_named(mention) for mention in reply.mentions),
        *(_warning(text) for text in reply.warnings),
        *(_tip(reply.settles, longest) if reply.settles else ()),
        *_said(reply, longest),
        *(_tip(reply.tip, longest) if reply.tip else ()),
        *(element for tip in reply.more for element in _tip(tip, longest)),
        *(_form(reply.form) if reply.form else ()),
        *(element for choice in reply.choices for element in _choice(choice, most)),
    ]
    return {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.5",
        "lang": reply.language,
        "body": body or [_text("…")],
        **({"msteams": {"entities": [_entity(each) for each in reply.mentions]}} if reply.mentions else {}),
    }


def _named(mention: Mention) -> Element:
    return _text(_at(mention))


def _entity(mention: Mention) -> Element:
    # https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/cards-format#mention-support
    identity = mention.person.partition(":")[2]
    return {"type": "mention", "text": _at(mention), "mentioned": {"id": identity, "name": mention.name}}


def _at(mention: Mention) -> str:
    return f"<at>{_MARKUP.sub('', mention.name).replace('<', '').replace('>', '')}</at>"


def _form(form: Form) -> Iterable[Element]:
    yield from (_field(field) for field in form.fields)
    yield _actions([_button(form.submit)])


def _field(field: Field) -> Element:
    return {
        "type": "Input.Text",
        "id": field.name,
        "label": field.label,
        "value": field.text,
        "isMultiline": field.lines,
        "maxLength": LONGEST_WRITTEN,
        "isRequired": True,
        "errorMessage": field.label,
    }


def _text(text: str, **more: Any) -> Element:
    return {"type": "TextBlock", "text": text, "wrap": True, **more}


def _plain_text(text: str, **more: Any) -> Element:
    """A text that is no Markdown, though every text of a card is read as such."""
    return _text(_MARKUP.sub(r"\\\g<0>", cut(text, _LONGEST_LINE)), **more)


def _warning(text: str) -> Element:
    return {"type": "Container", "style": "warning", "bleed": True, "items": [_text(text)]}


def _said(reply: Reply, longest: int) -> list[Element]:
    """The text; below a tip that it settles, in a box of its own."""
    parts = [_text(part) for part in paragraphs(cut(reply.text, longest))]
    return [{"type": "Container", "style": "emphasis", "items": parts}] if reply.settles and parts else parts


def _tip(tip: TipView, longest: int) -> Iterable[Element]:
    yield _plain_text(tip.title, size="Large", weight="Bolder", style="heading")
    yield from (_text(part) for part in paragraphs(cut(tip.body, longest)))
    if tip.link:
        yield _actions([{"type": "Action.OpenUrl", "title": tip.link_label, "url": tip.link}])
    if tip.details:
        yield _plain_text(tip.details, size="Small", isSubtle=True)


def _choice(choice: Choice, most: int) -> Iterable[Element]:
    buttons = choice.buttons[:most]
    if choice.label:
        yield _plain_text(choice.label, weight="Bolder", spacing="Large", separator=True)
    if buttons and _fits_a_row(buttons):
        yield _actions([_button(button) for button in buttons])
    else:
        yield from (_row(button) for button in buttons)


def _fits_a_row(buttons: Sequence[Button]) -> bool:
    """Whether the buttons stand side by side on a phone: Teams cuts a button's text off rather than wrap it."""
    return sum(len(button.label) + 4 for button in buttons) <= 44


def _row(button: Button) -> Element:
    """A button whose text wraps: titles of tips are long."""
    text, arrow = _plain_text(button.label, color="Accent"), _text("›", color="Accent")
    columns = [
        {"type": "Column", "width": "stretch", "items": [text]},
        {"type": "Column", "width": "auto", "verticalContentAlignment": "Center", "items": [arrow]},
    ]
    return {
        "type": "Container",
        "style": "emphasis",
        "spacing": "Small",
        "items": [{"type": "ColumnSet", "columns": columns}],
        "selectAction": _button(button),
    }


def _actions(actions: list[Element], **more: Any) -> Element:
    return {"type": "ActionSet", "actions": actions, **more}


def _button(button: Button) -> Element:
    action, title = button.action, cut(button.label, _LONGEST_LINE)
    data: Element = {_DATA: {"name": action.name, "values": dict(action.values)}}
    if action.dialog:
        return {"type": "Action.Submit", "title": title, "data": {"msteams": {"type": "task/fetch"}, **data}}
    return {
        "type": "Action.Execute",
        "title": title,
        "verb": action.name,
        "data": data,
        "fallback": {"type": "Action.Submit", "title": title, "data": data},
    }


def _for_dialog(made: Any) -> Any:
    """The card with every Action.Execute as Action.Submit: a dialog knows no other, and needs no further dialog."""
    if isinstance(made, list):
        return [_for_dialog(part) for part in made]
    if not isinstance(made, dict):
        return made
    if made.get("type") == "Action.Execute":
        return made["fallback"]
    if made.get("type") == "Action.Submit":
        return {**made, "data": {_DATA: made["data"][_DATA]}}
    return {key: _for_dialog(part) for key, part in made.items()}


def preview(tip: TipView) -> Element:
    """The tip as a line in the list of the message extension."""
    text = cut(" ".join(tip.body.replace("*", "").split()), 120)
    return {
        "contentType": "application/vnd.microsoft.card.thumbnail",
        "content": {"title": tip.title, "text": text},
    }
