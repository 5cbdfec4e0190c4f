"""The history of the organisation's own tips: what stood before and after each change, which can be undone.

Its table is made with that of the drafts (`tips.drafts`): both began together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

from sqlite_utils import Database

from tips.database import writing
from tips.models import Tip
from tips.store import TipStore, stored_tip, tip_text


@dataclass(frozen=True, slots=True)
class Change:
    """A change of a tip of the own layer; `before` and `after` are None where there was, or is, none."""

    id: int
    tip: str
    before: Tip | None
    after: Tip | None
    at: str


class TipHistory:
    """Changes tips of the own layer, and remembers. Every change is atomic."""

    def __init__(self, database: Database, tips: TipStore) -> None:
        self._db, self._tips = database, tips

    def put(self, tip: Tip, now: datetime) -> None:
        """The tip stands in the own layer as it is given."""
        with writing(self._db):
            before = self._tips.own(tip.id)
            self._tips.put(tip)
            self._note(tip, before, self._tips.own(tip.id), now)

    def take_away(self, tip_id: str, now: datetime) -> bool:
        """The tip does not stand in the own layer any more; False where it did not."""
        with writing(self._db):
            before = self._tips.own(tip_id)
            if before is None:
                return False
            self._tips.take_away(tip_id)
            self._note(before, before, None, now)
        return True

    def newest(self, most: int = 10, tip: str = "") -> list[Change]:
        """The newest changes, of all tips or of one, the newest first."""
        sql = "select * from tip_history where ? in ('', tip) order by id desc limit ?"
        return [_change(row) for row in self._db.query(sql, [tip, most])]

    def undo(self, number: str | int, now: datetime) -> bool:
        """Puts the tip back as it was before the change; False where it has changed since, or there is none such."""
        rows = self._db.query("select * from tip_history where id = ?", [str(number)])  # never trust a button
        change = next((_change(row) for row in rows), None)
        with writing(self._db):
            if change is None or self._tips.own(change.tip) != change.after:
                return False
            if change.before is None:
                return self.take_away(change.tip, now)
            self.put(change.before, now)
        return True

    def _note(self, tip: Tip, before: Tip | None, after: Tip | None, now: datetime) -> None:
        at = now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        row = {"tip": tip.id, "theme": tip.theme, "before": _text(before), "after": _text(after), "at": at}
        self._db.table("tip_history").insert(row, pk="id")


def _text(tip: Tip | None) -> str:
    return tip_text(tip) if tip else ""


def _change(row: Mapping[str, Any]) -> Change:
    before, after = (
        stored_tip(row[name], row["theme"], own=True) if row[name] else None for name in ("before", "after")
    )
    return Change(row["id"], cast(str, row["tip"]), before, after, row["at"])
