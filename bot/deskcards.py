"""What is said of a question to people: to helpers, to the asker, in lists. Pure functions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from bot.answers import Shelf
from bot.handover import OPEN, HandOver, State
from bot.messages import say
from bot.models import Action, Button, Choice, Field, Form, Reply
from bot.texts import cut
from tips.models import Language

KIND = "desk"
FIELD = "answer"  # in which the answer is written
_LONGEST_TITLE = 60  # characters of a question in a list

Unit = Callable[[str], str]  # the unit's name for others, '' where it is not to be told


def card(item: HandOver, shelf: Shelf, unit: Unit, language: Language, *, private: bool) -> Reply:
    """The question as helpers see it, with what may be done. `private`: nobody else reads it."""
    head = say(language, "desk_breach" if item.breach else "desk_question")
    asks = say(language, "desk_asks", who=who(item, unit, language), question=item.question)
    titles = [shelf.title(tip, language) for tip in item.tips if shelf.tip(tip)]
    nearest = say(language, "desk_tips", titles=", ".join(titles)) if titles and item.state in OPEN else ""
    how = say(language, "desk_how") if item.state is State.CLAIMED and not private else ""
    lines = [head, asks, nearest, how_far(item, language), how]
    return _reply(language, lines, *_helpers(item, language, private=private), in_place=True)


def who(item: HandOver, unit: Unit, language: Language) -> str:
    """The asker for others: by name where they wished it, else by unit where that is large enough."""
    if item.asker_name:
        return item.asker_name
    shown = unit(item.unit) if item.unit else ""
    return say(language, "desk_colleague_of", unit=shown) if shown else say(language, "desk_colleague")


def status(item: HandOver, language: Language) -> Reply:
    """How far it is, for the asker; the message changes with it."""
    lines = [say(language, "desk_yours", question=item.question), _to_asker(item, language)]
    if item.ended or item.state is State.ANSWERED:
        return _reply(language, lines)
    return _reply(language, lines, Choice("", _askers(item, language)))


def brought(item: HandOver, language: Language) -> Reply:
    """The answer, where it was asked."""
    helper = item.helper_name or say(language, "desk_colleague")
    key = "desk_brought_adopted" if item.adopted else "desk_brought"
    text = say(language, key, helper=helper, question=item.question, answer=item.answer)
    buttons = (
        button(say(language, "helped"), "helped", item.id, language),
        button(say(language, "not_helped"), "not_helped", item.id, language),
    )
    return _reply(language, [text], Choice(say(language, "did_it_help"), buttons, once=True))


def writing_form(item: HandOver, language: Language, *, adopted: bool = False, written: str = "") -> Reply:
    """The dialog in which an answer is written, or one that was given elsewhere is put in."""
    key = "desk_form_adopted" if adopted else "desk_form"
    field = Field(FIELD, say(language, "desk_form_field"), written)
    send = button(say(language, "desk_form_send"), "answer", item.id, language)
    if adopted:
        send = replace(send, action=replace(send.action, values={**send.action.values, "adopted": "yes"}))
    form = Form((field,), send)
    title = say(language, "desk_adopt" if adopted else "desk_write")
    return Reply(language, say(language, key, question=item.question), title=title, form=form, kind=KIND)


def mailed(item: HandOver, unit: Unit, language: Language) -> Reply | None:
    """The question as IT support reads it by e-mail; None where nobody is needed any more."""
    if item.state not in OPEN:
        return None
    asks = say(language, "desk_asks", who=who(item, unit, language), question=item.question)
    title = say(language, "desk_mail_subject", question=cut(item.question, _LONGEST_TITLE))
    return Reply(language, say(language, "desk_mail", asks=asks), title=title, kind=KIND)


def listed(label: str, items: Sequence[HandOver], language: Language) -> Choice | None:
    """Questions as buttons that show them; None of none."""
    buttons = tuple(button(cut(item.question, _LONGEST_TITLE), "show", item.id, language) for item in items)
    return Choice(label, buttons) if buttons else None


def offer(question: int, language: Language, *, breach: bool = False) -> Choice:
    """'Kysy digitutorilta', with one's name or without; where a breach is suspected, to the officer."""
    if breach:
        report = _ask(question, say(language, "desk_report"), "yes", language)
        return Choice(say(language, "desk_mind_breach"), (report,))
    named = _ask(question, say(language, "desk_ask"), "yes", language)
    anonymous = _ask(question, say(language, "desk_ask_anonymously"), "", language)
    return Choice(say(language, "desk_mind"), (named, anonymous))


def _ask(question: int, label: str, named: str, language: Language) -> Button:
    values = {"step": "ask", "question": str(question), "named": named, "lang": language}
    return Button(label, Action(KIND, values))


def button(label: str, step: str, number: int, language: Language, *, dialog: bool = False) -> Button:
    """A button about the question of that number."""
    return Button(label, Action(KIND, {"step": step, "number": str(number), "lang": language}, dialog=dialog))


def _helpers(item: HandOver, language: Language, *, private: bool) -> tuple[Choice, ...]:
    if item.state in OPEN:
        buttons = [button(say(language, "desk_claim"), "claim", item.id, language)]
        if private:
            buttons.append(button(say(language, "desk_pass"), "pass", item.id, language))
        buttons.append(button(say(language, "desk_adopt"), "adopt", item.id, language, dialog=True))
        return (Choice("", tuple(buttons)),)
    if item.state is not State.CLAIMED:
        return ()
    write = button(say(language, "desk_write"), "write", item.id, language, dialog=True)
    release = button(say(language, "desk_release"), "release", item.id, language)
    return (Choice("", (write, release)),)


def _askers(item: HandOver, language: Language) -> tuple[Button, ...]:
    solve, withdraw = say(language, "desk_solve"), say(language, "desk_withdraw")
    return button(solve, "solve", item.id, language), button(withdraw, "withdraw", item.id, language)


def how_far(item: HandOver, language: Language) -> str:
    """How far it is, for helpers."""
    helper = item.helper_name or say(language, "desk_colleague")
    match item.state:
        case State.ASKED | State.ESCALATED:
            return say(language, "desk_who_helps")
        case State.CLAIMED:
            return say(language, "desk_claimed", helper=helper)
        case State.ANSWERED:
            key = "desk_answered_adopted" if item.adopted else "desk_answered"
            return say(language, key, helper=helper, answer=item.answer)
        case State.SOLVED:
            return say(language, "desk_solved", answer=item.answer)
        case State.WITHDRAWN:
            return say(language, "desk_withdrawn")


def _to_asker(item: HandOver, language: Language) -> str:
    match item.state:
        case State.ASKED:
            return say(language, "desk_state_breach" if item.breach else "desk_state_asked")
        case State.ESCALATED:
            return say(language, "desk_state_breach" if item.breach else "desk_state_escalated")
        case State.CLAIMED:
            helper = item.helper_name or say(language, "desk_colleague")
            return say(language, "desk_claimed", helper=helper)
        case State.ANSWERED:
            return say(language, "desk_state_answered")
        case State.SOLVED:
            return say(language, "desk_state_solved")
        case State.WITHDRAWN:
            return say(language, "desk_withdrawn")


def _reply(language: Language, lines: Sequence[str], *choices: Choice, in_place: bool = False) -> Reply:
    return Reply(language, "\n\n".join(filter(None, lines)), choices=choices, in_place=in_place, kind=KIND)
