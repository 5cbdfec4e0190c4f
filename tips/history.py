"""What was changed in the organisation's own layer of tips, tip by tip, and how a change is undone.

Its table is made with that of the drafts (`tips.drafts`): both began together. Who made a change is not kept here: the
log of the pages says so under the number of the change.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlite_utils import Database

from tips import fields
from tips.database import writing
from tips.models import Pack, Tip
from tips.moments import stamp
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
    """Changes the own layer and remembers what was there."""

    def __init__(self, database: Database, tips: TipStore) -> None:
        self._db, self._tips = database, tips

    def put(self, tip: Tip, now: datetime) -> int:
        """The tip stands in the own layer as it is given. The number of the change, 0 where nothing changed."""
        before = self._tips.own(tip.id)
        with writing(self._db):
            self._tips.put(tip)
            return self._noted(tip, before, self._tips.own(tip.id), now)

    def add(self, pack: Pack, only: bool | None, now: datetime) -> int:
        """A pack is laid over what is there, as `TipStore.add` does; how many tips changed by it."""
        with writing(self._db):
            before = {tip.id: self._tips.own(tip.id) for tip in pack.tips}
            self._tips.add(pack, only)
            changes = [self._noted(tip, before[tip.id], self._tips.own(tip.id), now) for tip in pack.tips]
        return sum(map(bool, changes))

    def take_away(self, tip_id: str, now: datetime) -> int:
        """Removes the tip from the own layer. The number of the change, 0 where there was none."""
        before = self._tips.own(tip_id)
        if before is None:
            return 0
        with writing(self._db):
            self._tips.take_away(tip_id)
            return self._noted(before, before, None, now)

    def newest(self, most: int = 10, tip: str = "", before: int | None = None) -> list[Change]:
        """The newest changes, the newest first; those `before` that number; of one tip, where it is named."""
        sql = """
            select * from tip_history where (? is null or id < ?) and (? = '' or tip = ?) order by id desc limit ?
        """
        return [_change(row) for row in self._db.query(sql, [before, before, tip, tip, most])]

    def get(self, number: str | int) -> Change | None:
        """The change of that number (never trust a button)."""
        rows = self._db.query("select * from tip_history where id = ?", [fields.number_in(str(number)) or 0])
        return next(map(_change, rows), None)

    def undo(self, number: str | int, now: datetime) -> int:
        """Puts the tip back as it was before the change; the number of that change.

        0 where the tip has changed since, or there is no such change.
        """
        with writing(self._db):
            change = self.get(number)
            if change is None or self._tips.own(change.tip) != change.after:
                return 0
            return self.take_away(change.tip, now) if change.before is None else self.put(change.before, now)

    def _noted(self, tip: Tip, before: Tip | None, after: Tip | None, now: datetime) -> int:
        if before == after:
            return 0
        row = {"tip": tip.id, "theme": tip.theme, "before": _text(before), "after": _text(after), "at": stamp(now)}
        return cast(int, self._db.table("tip_history").insert(row, pk="id").last_pk)


def changed_fields(before: Tip | None, after: Tip | None) -> Iterable[tuple[str, str, str]]:
    """What differs: field ('fi.body', 'audience', …), what stood there, what stands there now."""
    old, new = _fields(before), _fields(after)
    for name in dict.fromkeys([*old, *new]):
        if old.get(name, "") != new.get(name, ""):
            yield name, old.get(name, ""), new.get(name, "")


def _fields(tip: Tip | None) -> dict[str, str]:
    if tip is None:
        return {}
    fields: dict[str, str] = {}
    for language, text in tip.texts.items():
        fields |= {
            f"{language}.title": text.title,
            f"{language}.body": text.body,
            f"{language}.link": text.link,
            f"{language}.phrasings": "\n".join(text.phrasings),
            f"{language}.image": text.image.alt if text.image else "",
        }
    for language, asked in tip.asked.items():
        fields[f"{language}.phrasings"] = "\n".join(filter(None, [fields.get(f"{language}.phrasings"), *asked]))
    return fields | {
        "theme": tip.theme,
        "audience": ", ".join(tip.audience),
        "reviewed": tip.reviewed,
        "review_by": tip.review_by,
        "source": tip.source,
        "hidden": "" if tip.hidden is None else str(tip.hidden).lower(),
    }


def _text(tip: Tip | None) -> str:
    """The tip with its theme, which a change may be of."""
    return json.dumps({"theme": tip.theme, **json.loads(tip_text(tip))}, ensure_ascii=False) if tip else ""


def _change(row: Mapping[str, Any]) -> Change:
    before, after = (_tip(row[name], row["theme"]) for name in ("before", "after"))
    return Change(row["id"], row["tip"], before, after, row["at"])


def _tip(text: str, theme: str) -> Tip | None:
    if not text:
        return None
    data = json.loads(text)
    theme = data.pop("theme", theme)
    return stored_tip(json.dumps(data), theme, own=True)
