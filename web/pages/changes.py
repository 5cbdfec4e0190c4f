"""The history of the tips: who changed what and when, as a difference that can be read, with undo."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from aiohttp import web

from bot.stores import Stores
from scheduler.models import ZONE
from tips.database import writing
from tips.fields import number_in
from tips.history import Change, changed_fields
from tips.models import Language, Tip
from tips.store import layered
from web.pages.frame import PAGES, frame_of, page
from web.pages.log import named

A_PAGE = 20
ACTS = ("tip_saved", "tip_added", "tip_hidden", "tip_shown", "tip_reset", "tip_reviewed", "tip_undone")
_WORD = re.compile(r"\s+|[^\s]+")
_MOST_WORDS = 600  # of a text, beyond which the two stand one after another
_ALIKE = 0.5  # of two texts, below which nobody could read them mixed


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of words: '' the same in both, 'del' gone, 'ins' new."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Line:
    """A change as it is shown; `fields` with the pieces of each, `undoable` where nothing followed it."""

    number: int
    at: datetime
    who: str
    tip: str
    title: str
    kind: str
    fields: Sequence[tuple[str, Sequence[Piece]]]
    undoable: bool


async def show(request: web.Request) -> web.StreamResponse:
    """The newest changes; with `?vinkki=` those of one tip, with `?ennen=` the ones before that number."""
    pages, language = request.app[PAGES], frame_of(request).language
    tip, before = request.query.get("vinkki", "")[:120], number_in(request.query.get("ennen", ""))
    lines = await pages.desk.run(lambda: _lines(pages.stores, before, tip, language))
    done = request.query.get("tehty", "")
    context = {
        "lines": lines[:A_PAGE],
        "older": lines[A_PAGE - 1].number if len(lines) > A_PAGE else None,
        "tip": tip,
        "done": done if done in ("undone", "not_undone", "reset") else "",
    }
    return page(request, "history.html", context)


async def undo(request: web.Request) -> web.StreamResponse:
    """Undoes a change, and shows the history of that tip."""
    pages, frame = request.app[PAGES], frame_of(request)
    number = str((await request.post()).get("muutos", ""))

    def undone() -> tuple[str, int]:
        stores, now = pages.stores, pages.desk.now()
        with writing(stores.database):
            change = stores.history.get(number)
            done = stores.history.undo(number, now) if change else 0
            tip = change.tip if change else ""
            if done:
                stores.audit.note(frame.visitor.person, "tip_undone", f"{tip} {done}", now)
        return tip, done

    tip, done = await pages.desk.run(undone)
    await pages.desk.refresh()
    raise web.HTTPSeeOther(frame.url("historia", vinkki=tip, tehty="undone" if done else "not_undone"))


def pieces(before: str, after: str) -> list[Piece]:
    """What differs between two texts, word by word; whole lines in `Piece.text`, white space as it was."""
    old, new = _WORD.findall(before), _WORD.findall(after)
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    if len(old) + len(new) > _MOST_WORDS or matcher.ratio() < _ALIKE:
        return [piece for piece in (Piece("del", before), Piece("ins", after)) if piece.text]
    found: list[Piece] = []
    for kind, i, j, k, m in matcher.get_opcodes():
        if kind == "equal":
            found.append(Piece("", "".join(old[i:j])))
            continue
        found += [piece for piece in (Piece("del", "".join(old[i:j])), Piece("ins", "".join(new[k:m]))) if piece.text]
    return found


def _lines(stores: Stores, before: int | None, tip: str, language: Language) -> list[Line]:
    changes = stores.history.newest(A_PAGE + 1, tip, before)
    who = stores.audit.who(ACTS, [f"{change.tip} {change.id}" for change in changes])
    names = {person: named(stores, person, language) for person in who.values() if person}
    return [_line(change, stores, names, who, language) for change in changes]


def _line(change: Change, stores: Stores, names: Mapping[str, str], who: Mapping[str, str], language: Language) -> Line:
    base = stores.tips.base(change.tip)
    before, after = (layered(base, own) if base or own else None for own in (change.before, change.after))
    fields = [(name, pieces(old, new)) for name, old, new in changed_fields(before, after)]
    return Line(
        change.id,
        datetime.fromisoformat(change.at).astimezone(ZONE),
        names.get(who.get(f"{change.tip} {change.id}", ""), ""),
        change.tip,
        _title(change.after or change.before, base, language) or change.tip,
        _kind(change, base),
        fields,
        stores.tips.own(change.tip) == change.after,
    )


def _kind(change: Change, base: Tip | None) -> str:
    if change.before is None and base is None:
        return "added"
    if change.after is None:
        return "reset" if base else "removed"
    hid, hides = bool(change.before and change.before.hidden), bool(change.after.hidden)
    return "changed" if hid == hides else "hidden" if hides else "shown"


def _title(tip: Tip | None, base: Tip | None, language: Language) -> str:
    for each in (tip, base):
        if each and each.texts:
            return each.texts[each.language_for(language)].title
    return ""
