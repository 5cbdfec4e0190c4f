"""What is said of a draft: to its author, to those who approve, in lists. Pure functions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from bot.answers import Shelf
from bot.messages import say
from bot.models import Action, Button, Choice, Reply
from bot.people import Dialog
from bot.sharecards import share_button
from tips.checking import MOST_BODY_WORDS
from tips.drafts import Draft, State, near_duplicates
from tips.history import Change
from tips.models import Language, Tip
from tips.moments import stamp
from tips.prose import word_count

KIND = "draft"
MOST_LISTED = 10
_UNDER_WAY = (State.OPEN, State.WAITING)


def card(draft: Draft, shelf: Shelf, language: Language, *, mine: bool, approves: bool) -> Reply:
    """The draft with what may be done. `mine`: its author looks; `approves`: the reader may approve it."""
    near = [tip for tip in near_duplicates(shelf.snapshot.base, draft) if draft.state in _UNDER_WAY]
    titles = ", ".join(shelf.title(tip, language) for tip in near)
    lines = [
        *_words(draft, shelf, language),
        say(language, "draft_by", by=draft.by) if draft.by else "",
        said(draft, language) if draft.state not in _UNDER_WAY else "",
        say(language, "draft_near", titles=titles) if near else "",
    ]
    choices = []
    if mine and near and draft.state is State.OPEN:
        choices.append(_as_phrasing(near, draft, shelf, language))
    if steps := tuple(_steps(draft, mine=mine, approves=approves)):
        version = str(draft.version)  # who decides has seen these words
        buttons = (_step_button(step, draft, language, version) for step in steps)
        choices.append(Choice("", tuple(buttons)))
    if mine and draft.body and not draft.extends and draft.state in _UNDER_WAY:
        choices.append(Choice("", (share_button(language, draft=draft.id),)))
    return reply(language, "\n\n".join(filter(None, lines)), *choices)


def said(draft: Draft, language: Language) -> str:
    """How far it is."""
    match draft.state:
        case State.OPEN:
            return say(language, "draft_open")
        case State.WAITING:
            return say(language, "draft_submitted")
        case State.APPROVED:
            return say(
                language, "draft_phrasing_approved" if draft.is_phrasing else "draft_approved", title=draft.title
            )
        case State.REJECTED:
            return say(language, "draft_returned", title=draft.title, reason=draft.reason)
        case State.WITHDRAWN:
            return say(language, "draft_withdrawn")


def ended(draft: Draft, language: Language, *more: Choice) -> Reply:
    """What became of it; what was published can be shared."""
    shared = draft.state is State.APPROVED and not draft.extends
    choices = (Choice("", (share_button(language, tip=draft.tip),)),) if shared else ()
    return reply(language, said(draft, language), *choices, *more)


def listed(label: str, drafts: Sequence[Draft], language: Language) -> Choice | None:
    """Drafts as buttons that show them; None of none."""
    buttons = tuple(button(draft.title, "show", draft, language) for draft in drafts[:MOST_LISTED])
    return Choice(label, buttons) if buttons else None


def history(changes: Iterable[Change], beneath: Callable[[str], Tip | None], language: Language) -> Reply:
    """The newest changes of tips, each to be undone. `beneath` is the tip of an id: a change may have no title."""
    buttons = []
    for change in changes:
        tips = filter(None, (change.after, change.before, beneath(change.tip)))
        title = next((text.title for tip in tips for text in tip.texts.values()), change.tip)
        values = {"step": "undo", "number": str(change.id), "lang": language}
        buttons.append(Button(say(language, "draft_undo", title=title), Action(KIND, values)))
    text = say(language, "draft_history" if buttons else "draft_none")
    return reply(language, text, *((Choice("", tuple(buttons)),) if buttons else ()))


def missing(tips: Sequence[tuple[Tip, Sequence[Language]]], language: Language) -> Reply:
    """The tips that lack languages, each with a button to write it in one."""
    if not tips:
        return reply(language, say(language, "languages_complete"))
    choices = [lacking(tip, lacks, language, tip.texts[tip.language_for(language)].title) for tip, lacks in tips]
    return reply(language, say(language, "languages_missing", count=len(tips)), *choices[:MOST_LISTED])


def lacking(tip: Tip, lacks: Sequence[Language], language: Language, label: str) -> Choice:
    """Buttons to write the tip in the languages that it lacks."""
    return Choice(
        label,
        tuple(
            Button(
                say(language, "draft_write_in", language=say(language, f"in_{to}")),
                Action(KIND, {"step": "language", "tip": tip.id, "to": to, "lang": language}),
            )
            for to in lacks
        ),
    )


def make_button(handover: int, language: Language) -> Button:
    """'Tee tästä vinkki', of the answer to that question."""
    values = {"step": "make", "handover": str(handover), "lang": language}
    return Button(say(language, "draft_make"), Action(KIND, values))


def button(label: str, step: str, draft: Draft, language: Language, **values: str) -> Button:
    """A button that does something to the draft."""
    return Button(label, Action(KIND, {"step": step, "number": str(draft.id), "lang": language, **values}))


def dialog(values: Mapping[str, str], language: Language, now: datetime) -> Dialog:
    """A dialog in which the next words belong to a draft, or begin one."""
    return Dialog(KIND, {"number": "", **values, "lang": language, "at": stamp(now)})


def reply(language: Language, text: str, *choices: Choice) -> Reply:
    """A reply of these dialogs."""
    return Reply(language, text, choices=choices, kind=KIND)


def is_whole(draft: Draft) -> bool:
    """Whether it can be handed in: it has a text, and one that is read in half a minute."""
    return draft.is_phrasing or 0 < word_count(draft.body, draft.language) <= MOST_BODY_WORDS


def _words(draft: Draft, shelf: Shelf, language: Language) -> list[str]:
    """Its words, and what is amiss with them."""
    tip = shelf.tip(draft.extends)
    title = shelf.title(draft.extends, language) if tip else draft.title
    if draft.is_phrasing:
        phrasings = "\n".join(f"- {phrasing}" for phrasing in draft.phrasings)
        return [say(language, "draft_phrasing", title=title, phrasings=phrasings)]
    theme, count = shelf.snapshot.themes.get(draft.theme), word_count(draft.body, draft.language)
    return [
        say(language, "draft_card", title=draft.title, body=draft.body),
        say(language, "draft_extends", title=title, language=say(language, f"in_{draft.language}"))
        if draft.extends
        else say(language, "draft_theme", theme=theme.title(language) if theme else draft.theme),
        say(language, "draft_no_text") if not count else "",
        say(language, "draft_too_long", count=count, most=MOST_BODY_WORDS) if count > MOST_BODY_WORDS else "",
    ]


def _steps(draft: Draft, *, mine: bool, approves: bool) -> Iterable[str]:
    if mine and draft.state in _UNDER_WAY:
        if not draft.is_phrasing:
            yield from ("title", "body") if draft.extends else ("title", "body", "theme", "by")
        if draft.state is State.OPEN and is_whole(draft):
            yield "submit"
        yield "withdraw"
    if approves and draft.state is State.WAITING:
        yield from ("approve", "reason")


def _step_button(step: str, draft: Draft, language: Language, version: str) -> Button:
    """What is written is asked for in a dialog, where there is one."""
    made = button(say(language, f"draft_do_{step}"), step, draft, language, version=version)
    return replace(made, action=replace(made.action, dialog=step in ("title", "body", "reason")))


def _as_phrasing(near: Iterable[str], draft: Draft, shelf: Shelf, language: Language) -> Choice:
    buttons = (
        button(
            say(language, "draft_add_phrasing", title=shelf.title(tip, language)), "phrase", draft, language, tip=tip
        )
        for tip in near
    )
    return Choice("", tuple(buttons))
