"""Tips in the making: a pure state machine, their rows, and a history of every change, which can be undone.

    open -> waiting -> approved          by a second person
     ^  \\      |-> rejected, with a reason
     |___\\_____|   edited: it is open again, whoever approved saw other words
          '-> withdrawn                  by its author

Who somebody is and may do is the caller's business: here stand opaque ids, and that author and approver differ.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, cast

from sqlite_utils import Database, Migrations

from tips.answering import KnowledgeBase
from tips.database import writing
from tips.models import Band, Language, Pack, Text, Theme, Tip
from tips.packs import LONGEST, slug, tip_mapping, tip_of
from tips.store import TipStore

migrations = Migrations("drafts")

_MOST_ALIKE = 3


class State(StrEnum):
    """How far a draft has come."""

    OPEN = "open"
    WAITING = "waiting"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class Step(StrEnum):
    """What happens to a draft."""

    SUBMIT = "submit"
    APPROVE = "approve"
    REJECT = "reject"
    WITHDRAW = "withdraw"


ENDED = (State.APPROVED, State.REJECTED, State.WITHDRAWN)
_STEPS: Mapping[Step, tuple[State, State]] = {
    Step.SUBMIT: (State.OPEN, State.WAITING),
    Step.APPROVE: (State.WAITING, State.APPROVED),
    Step.REJECT: (State.WAITING, State.REJECTED),
    Step.WITHDRAW: (State.OPEN, State.WITHDRAWN),
}


class RefusedError(Exception):
    """The step is not to be had; nothing changes."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A tip in the making, in one language. `by` is how its author is shown, '' where they do not wish it."""

    id: int
    author: str
    language: Language
    title: str
    body: str
    theme: str
    phrasings: tuple[str, ...] = ()
    by: str = ""
    state: State = State.OPEN
    reason: str = ""
    tip: str = ""
    version: int = 1


def moved(draft: Draft, step: Step, person: str, *, alone: bool = False, reason: str = "") -> Draft:
    """The draft after the step. `alone`: its author may approve it too. Raises RefusedError."""
    before, after = _STEPS[step]
    withdrawn = step is Step.WITHDRAW and draft.state is State.WAITING
    if draft.state is not before and not withdrawn:
        raise RefusedError("it is past that")
    if step in (Step.SUBMIT, Step.WITHDRAW) and person != draft.author:
        raise RefusedError("only its author may")
    if step is Step.APPROVE and person == draft.author and not alone:
        raise RefusedError("a second person approves")
    author = "" if after in ENDED else draft.author
    return replace(draft, state=after, author=author, reason=reason, version=draft.version + 1)


def edited(draft: Draft, **fields: str) -> Draft:
    """The draft in other words, cut where the pack format would refuse them; open again. Raises RefusedError."""
    if draft.state in ENDED:
        raise RefusedError("it is past that")
    clean = {name: value.strip()[: LONGEST.get(name, 100)] for name, value in fields.items()}
    if not all(clean.values()):
        raise RefusedError("nothing was said")
    return replace(draft, **cast(dict[str, Any], clean), state=State.OPEN, version=draft.version + 1)


def suggested_theme(base: KnowledgeBase, text: str, language: Language) -> str:
    """The theme of the tip that is nearest to the text, '' of none."""
    matches = base.answer(text, language=language).matches
    return base.tips[matches[0].id].theme if matches else ""


def near_duplicates(base: KnowledgeBase, draft: Draft) -> list[str]:
    """The tips to which its title or its ways of asking lead surely already."""
    answers = [base.answer(asked, language=draft.language) for asked in (draft.title, *draft.phrasings)]
    return list(dict.fromkeys(answer.matches[0].id for answer in answers if answer.band is Band.ANSWER))[:_MOST_ALIKE]


@migrations()
def create_drafts(database: Database) -> None:
    """`tip_history`: a tip of the own layer before and after each change, '' where there was none."""
    columns = ("author", "language", "title", "body", "theme", "phrasings", "by", "state", "reason", "tip", "at")
    database.table("drafts").create(
        {"id": int, **dict.fromkeys(columns, str), "version": int}, pk="id", not_null=(*columns, "version")
    )
    database.table("drafts").create_index(["state"])
    database.table("tip_history").create(
        {"id": int, "tip": str, "theme": str, "before": str, "after": str, "at": str},
        pk="id",
        not_null={"tip", "theme", "before", "after", "at"},
    )


@dataclass(frozen=True, slots=True)
class Change:
    """A change of a tip of the own layer; `before` and `after` are None where there was, or is, none."""

    id: int
    tip: str
    before: Tip | None
    after: Tip | None
    at: str


class DraftStore:
    """Reads and writes drafts; of two changes at the same instant one wins."""

    def __init__(self, database: Database, tips: TipStore) -> None:
        self._db, self._tips = database, tips

    def add(self, draft: Draft, now: datetime) -> Draft:
        """Stores a new draft; the draft with its number."""
        row = _row(draft) | {"at": _stamp(now)}
        return replace(draft, id=cast(int, self._db.table("drafts").insert(row, pk="id").last_pk))

    def get(self, number: str | int) -> Draft | None:
        """The draft of that number, None where there is none (never trust a button)."""
        text = str(number)
        if not text.isascii() or not text.isdigit() or len(text) > 15:
            return None
        return next(iter(self._where("id = ?", int(text))), None)

    def waiting(self) -> list[Draft]:
        """What waits for somebody who approves, the oldest first."""
        return self._where("state = 'waiting'")

    def of(self, author: str) -> list[Draft]:
        """A person's drafts that have not ended."""
        return self._where("author = ? and author <> ''", author)

    def change(self, before: Draft, after: Draft, now: datetime) -> Draft | None:
        """From that to this; None where it is not so any more. What is approved is published with it."""
        with writing(self._db):
            values = list(_row(after).items())
            marks = ", ".join(f"{name} = ?" for name, _ in values)
            sql = f"update drafts set {marks}, at = ? where id = ? and version = ?"  # noqa: S608  names of this module
            stamped = [*(value for _, value in values), _stamp(now), before.id, before.version]
            if not self._db.execute(sql, stamped).rowcount:
                return None
            if after.state is not State.APPROVED:
                return after
            published = replace(after, tip=self._free_id(after.title))
            self._db.execute("update drafts set tip = ? where id = ?", [published.tip, after.id])
            self._record(_tip(published, now), now)
        return published

    def history(self, most: int = 10) -> list[Change]:
        """The newest changes, the newest first."""
        sql = "select * from tip_history order by id desc limit ?"
        return [_change(row) for row in self._db.query(sql, [most])]

    def undo(self, number: str | int, now: datetime) -> bool:
        """Puts the tip back as it was before the change; False where it has changed since, or there is none such."""
        rows = self._db.query("select * from tip_history where id = ?", [int(number) if str(number).isdigit() else 0])
        change = next((_change(row) for row in rows), None)
        with writing(self._db):
            if change is None or self._tips.own(change.tip) != change.after:
                return False
            if change.before is None:
                self._record_removal(change, now)
            else:
                self._record(change.before, now)
        return True

    def erase(self, author: str) -> None:
        """Forgets who wrote: what has not ended goes."""
        self._db.execute("delete from drafts where author = ? and author <> ''", [author])

    def _record(self, tip: Tip, now: datetime) -> None:
        before = self._tips.own(tip.id)
        self._tips.add(Pack((Theme(tip.theme, ""),), (tip,)))
        self._note(tip, before, self._tips.own(tip.id), now)

    def _record_removal(self, change: Change, now: datetime) -> None:
        self._tips.take_away(change.tip)
        self._note(cast(Tip, change.after), change.after, None, now)

    def _note(self, tip: Tip, before: Tip | None, after: Tip | None, now: datetime) -> None:
        row = {"tip": tip.id, "theme": tip.theme, "before": _json(before), "after": _json(after), "at": _stamp(now)}
        self._db.table("tip_history").insert(row, pk="id")

    def _free_id(self, title: str) -> str:
        """An id made of the title that no tip has; none of the starter's, so nothing of it is overridden."""
        stem, taken = f"own-{slug(title) or 'tip'}"[:100].rstrip("-"), self._tips.ids()
        return next(name for n in range(1, len(taken) + 2) if (name := stem if n == 1 else f"{stem}-{n}") not in taken)

    def _where(self, where: str, *values: object) -> list[Draft]:
        return [_draft(row) for row in self._db.query(f"select * from drafts where {where} order by id", list(values))]  # noqa: S608


def _tip(draft: Draft, now: datetime) -> Tip:
    text = Text(draft.title, draft.body, draft.phrasings)
    return Tip(
        draft.tip, draft.theme, {draft.language: text}, ("all",), reviewed=now.strftime("%Y-%m"), source=draft.by
    )


def _row(draft: Draft) -> dict[str, Any]:
    names = ("author", "language", "title", "body", "theme", "by", "reason", "tip", "version")
    phrasings = json.dumps(draft.phrasings, ensure_ascii=False)
    return {name: getattr(draft, name) for name in names} | {"state": draft.state.value, "phrasings": phrasings}


def _draft(row: Mapping[str, Any]) -> Draft:
    names = ("id", "author", "language", "title", "body", "theme", "by", "reason", "tip", "version")
    phrasings = tuple(json.loads(row["phrasings"]))
    return Draft(**{name: row[name] for name in names}, state=State(row["state"]), phrasings=phrasings)


def _json(tip: Tip | None) -> str:
    return json.dumps(tip_mapping(tip), ensure_ascii=False) if tip else ""


def _change(row: Mapping[str, Any]) -> Change:
    before, after = (
        replace(tip_of(json.loads(row[name]), row["theme"]), own=True) if row[name] else None
        for name in ("before", "after")
    )
    return Change(row["id"], row["tip"], before, after, row["at"])


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
