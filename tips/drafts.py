"""Tips in the making: a pure state machine and their rows. What is approved is published with its history.

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
from datetime import datetime
from enum import StrEnum
from typing import Any, cast

from sqlite_utils import Database, Migrations

from tips import fields
from tips.answering import KnowledgeBase
from tips.database import writing
from tips.history import Change, TipHistory
from tips.models import LANGUAGES, Band, Language, Text, Tip
from tips.moments import stamp
from tips.packs import LONGEST
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
    """A tip in the making, in one language. `by` is how its author is shown, '' where they do not wish it.

    `extends` is the tip that it adds to, '' for a new one: its ways of asking where there is no `body`, else its text
    in the language.
    """

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
    extends: str = ""

    @property
    def is_phrasing(self) -> bool:
        """Whether it only adds ways of asking to a tip."""
        return bool(self.extends) and not self.body


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
    if step is Step.SUBMIT and not (draft.body or draft.extends):
        raise RefusedError("it has no text yet")
    # Nothing of its author stays with what has ended.
    author, by = ("", "") if after in ENDED else (draft.author, draft.by)
    return replace(draft, state=after, author=author, by=by, reason=reason, version=draft.version + 1)


def edited(draft: Draft, **fields: str) -> Draft:
    """The draft in other words, cut where the pack format would refuse them; open again. Raises RefusedError."""
    if draft.state in ENDED:
        raise RefusedError("it is past that")
    clean = {name: value.strip()[: LONGEST.get(name, 100)] for name, value in fields.items()}
    if not all(value for name, value in clean.items() if name != "by"):
        raise RefusedError("nothing was said")
    if draft.is_phrasing and clean.keys() & {"title", "body", "theme"}:
        raise RefusedError("the tip's own words are not its own")
    return replace(draft, **cast(dict[str, Any], clean), state=State.OPEN, version=draft.version + 1)


def as_phrasing(draft: Draft, tip: str, title: str) -> Draft:
    """The draft as a way of asking for a tip that is there, under that tip's title. Raises RefusedError."""
    if draft.state in ENDED or draft.extends:
        raise RefusedError("it is past that")
    asked = draft.phrasings or (draft.title,)
    version = draft.version + 1
    return replace(draft, title=title, body="", by="", phrasings=asked, extends=tip, state=State.OPEN, version=version)


def suggested_theme(base: KnowledgeBase, text: str, language: Language) -> str:
    """The theme of the tip that is nearest to the text, '' of none."""
    matches = base.answer(text, language=language).matches
    return base.tips[matches[0].id].theme if matches else ""


def near_duplicates(base: KnowledgeBase, draft: Draft) -> list[str]:
    """The tips to which its title or its ways of asking lead surely already."""
    if draft.extends:
        return []
    answers = [base.answer(asked, language=draft.language) for asked in (draft.title, *draft.phrasings)]
    return list(dict.fromkeys(answer.matches[0].id for answer in answers if answer.band is Band.ANSWER))[:_MOST_ALIKE]


def missing_languages(tips: TipStore) -> list[tuple[Tip, tuple[Language, ...]]]:
    """The tips in force that lack a language, the newest first, each with what it lacks."""
    found = [(tip, tuple(each for each in LANGUAGES if each not in tip.texts)) for tip in tips.in_force().tips]
    return [(tip, lacks) for tip, lacks in reversed(found) if lacks]


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


@migrations()
def add_extends(database: Database) -> None:
    """What a draft adds to."""
    database.table("drafts").add_column("extends", str, not_null_default="")


class DraftStore:
    """Reads and writes drafts; of two changes at the same instant one wins."""

    def __init__(self, database: Database, tips: TipStore, tutors_first: int = 0) -> None:
        self._db, self._tips, self._history = database, tips, TipHistory(database, tips)
        self.tutors_first = tutors_first  # days in which a new tip is the tutors'

    def add(self, draft: Draft, now: datetime) -> Draft:
        """Stores a new draft; the draft with its number."""
        row = _row(draft) | {"at": stamp(now)}
        return replace(draft, id=cast(int, self._db.table("drafts").insert(row, pk="id").last_pk))

    def get(self, number: str | int) -> Draft | None:
        """The draft of that number, None where there is none (never trust a button)."""
        known = fields.number_in(str(number))
        return None if known is None else next(iter(self._where("id = ?", known)), None)

    def waiting(self) -> list[Draft]:
        """What waits for somebody who approves, the oldest first."""
        return self._where("state = 'waiting'")

    def of(self, author: str) -> list[Draft]:
        """A person's drafts that have not ended."""
        return self._where("author = ? and author <> ''", author)

    def change(self, before: Draft, after: Draft, now: datetime) -> Draft | None:
        """From that to this; None where it is not so any more, or where the tip that it adds to is gone.

        What is approved is published with it.
        """
        with writing(self._db):
            whole = self._tips.whole(after.extends) if after.extends else None
            if after.state is State.APPROVED and after.extends and whole is None:
                return None
            values = list(_row(after).items())
            marks = ", ".join(f"{name} = ?" for name, _ in values)
            sql = f"update drafts set {marks}, at = ? where id = ? and version = ?"  # noqa: S608  names of this module
            stamped = [*(value for _, value in values), stamp(now), before.id, before.version]
            if not self._db.execute(sql, stamped).rowcount:
                return None
            if after.state is not State.APPROVED:
                return after
            published = replace(after, tip=after.extends or self._tips.free_id(after.title))
            self._db.execute("update drafts set tip = ? where id = ?", [published.tip, after.id])
            own = self._tips.own(published.tip) or Tip(published.tip)
            self._history.put(_extended(own, whole, published, now) if whole else _tip(published, now), now)
        return published

    def history(self, most: int = 10) -> list[Change]:
        """The newest changes, the newest first."""
        return self._history.newest(most)

    def undo(self, number: str | int, now: datetime) -> bool:
        """Puts the tip back as it was before the change; False where it has changed since, or there is none such."""
        return bool(self._history.undo(number, now))

    def published(self) -> Mapping[str, datetime]:
        """When each new tip was approved."""
        sql = "select tip, at from drafts where state = 'approved' and extends = ''"
        return {tip: datetime.fromisoformat(at) for tip, at in self._db.execute(sql).fetchall()}

    def erase(self, author: str) -> list[int]:
        """Forgets who wrote: what has not ended goes; the numbers of those drafts."""
        gone = [draft.id for draft in self.of(author)]
        self._db.execute("delete from drafts where author = ? and author <> ''", [author])
        return gone

    def _where(self, where: str, *values: object) -> list[Draft]:
        return [_draft(row) for row in self._db.query(f"select * from drafts where {where} order by id", list(values))]  # noqa: S608


def _tip(draft: Draft, now: datetime) -> Tip:
    text = Text(draft.title, draft.body, draft.phrasings)
    return Tip(draft.tip, draft.theme, {draft.language: text}, ("all",), reviewed=_month(now))


def _extended(own: Tip, whole: Tip, draft: Draft, now: datetime) -> Tip:
    """The own layer's tip with what the draft adds; what lies beneath stays as it is."""
    beneath, language = whole.texts.get(draft.language), draft.language
    if draft.is_phrasing:
        asked = tuple(dict.fromkeys((*own.asked.get(language, ()), *draft.phrasings)))
        return replace(own, asked={**own.asked, language: asked})
    text = replace(beneath or Text("", ""), title=draft.title, body=draft.body)
    text = replace(text, phrasings=tuple(dict.fromkeys((*text.phrasings, *draft.phrasings))))
    asked_elsewhere = {each: asked for each, asked in own.asked.items() if each != language}
    return replace(
        own,
        theme=own.theme or whole.theme,
        texts={**own.texts, language: text},
        audience=own.audience or whole.audience,
        reviewed=_month(now),
        asked=asked_elsewhere,
    )


def _month(now: datetime) -> str:
    return now.strftime("%Y-%m")


def _row(draft: Draft) -> dict[str, Any]:
    names = ("author", "language", "title", "body", "theme", "by", "reason", "tip", "version", "extends")
    phrasings = json.dumps(draft.phrasings, ensure_ascii=False)
    return {name: getattr(draft, name) for name in names} | {"state": draft.state.value, "phrasings": phrasings}


def _draft(row: Mapping[str, Any]) -> Draft:
    names = ("id", "author", "language", "title", "body", "theme", "by", "reason", "tip", "version", "extends")
    phrasings = tuple(json.loads(row["phrasings"]))
    return Draft(**{name: row[name] for name in names}, state=State(row["state"]), phrasings=phrasings)
