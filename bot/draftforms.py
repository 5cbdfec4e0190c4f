"""The dialogs in which a draft is written: its title, its text, or why it is sent back. Pure functions."""

from __future__ import annotations

from dataclasses import replace

from bot.draftcards import KIND, button
from bot.messages import say
from bot.models import Action, Button, Choice, Field, Form, Reply
from tips.drafts import Draft
from tips.models import Language

FIELDS = ("title", "body", "reason")
_NEW = ("title", "body")


def form(draft: Draft, what: str, language: Language, written: str | None = None) -> Reply:
    """One of `FIELDS` of the draft, to be written: with what stands there, or what was `written` and would not do."""
    stands = "" if what == "reason" else getattr(draft, what)
    send = say(language, "draft_do_reason" if what == "reason" else "draft_form_keep")
    submit = button(send, "written", draft, language, what=what, version=str(draft.version))
    fields = (_field(what, stands if written is None else written, language),)
    title = say(language, f"draft_do_{what}")
    return Reply(language, say(language, f"draft_write_{what}"), title=title, form=Form(fields, submit), kind=KIND)


def new_form(language: Language, title: str = "", body: str = "") -> Reply:
    """A new tip, to be written."""
    submit = _button(say(language, "draft_form_keep"), "new_written", language)
    fields = tuple(_field(name, text, language) for name, text in zip(_NEW, (title, body), strict=True))
    text = say(language, "draft_form_new")
    return Reply(language, text, title=say(language, "needs_write"), form=Form(fields, submit), kind=KIND)


def new_offer(language: Language) -> Reply:
    """In a channel: a button that opens that dialog."""
    write = _button(say(language, "needs_write"), "new", language)
    write = replace(write, action=replace(write.action, dialog=True))
    return Reply(language, say(language, "draft_in_channel"), choices=(Choice("", (write,)),), kind=KIND)


def _field(name: str, text: str, language: Language) -> Field:
    return Field(name, say(language, f"draft_field_{name}"), text, lines=name != "title")


def _button(label: str, step: str, language: Language) -> Button:
    return Button(label, Action(KIND, {"step": step, "lang": language}))
