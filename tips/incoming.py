"""What a pack would change, tip by tip, before it is imported."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from tips.models import Pack, Tip
from tips.store import TipStore, layered


class Effect(StrEnum):
    """What becomes of a tip."""

    ADDED = "added"
    CHANGED = "changed"
    HIDDEN = "hidden"
    SHOWN = "shown"
    SAME = "same"
    NOTHING = "nothing"  # there is no tip that it would hide or show


@dataclass(frozen=True, slots=True)
class Coming:
    """A tip of the pack: as it is, as it would be, and what that is called."""

    effect: Effect
    before: Tip | None
    after: Tip


@dataclass(frozen=True, slots=True)
class Plan:
    """All that a pack would do. `others` are how many tips it would hide by being the only one."""

    tips: Sequence[Coming]
    others: int = 0

    def count(self, effect: Effect) -> int:
        """How many tips have that effect."""
        return sum(coming.effect is effect for coming in self.tips)


def planned(store: TipStore, pack: Pack, only: bool | None) -> Plan:
    """What `TipStore.add` would do with the pack."""
    base, own = store.layers()
    shown = store.only()
    before_shown = None if shown is None else frozenset(shown)
    coming = [_coming(tip, base, own, before_shown) for tip in pack.tips]
    ids = {tip.id for tip in pack.tips}
    others = sum(tip.id not in ids for tip in store.in_force().tips) if only else 0
    return Plan(coming, others)


def _coming(tip: Tip, base: Mapping[str, Tip], own: Mapping[str, Tip], shown: frozenset[str] | None) -> Coming:
    beneath, mine = base.get(tip.id), own.get(tip.id)
    before = layered(beneath, mine) if beneath or mine else None
    over = tip.laid_over(mine) if mine and not tip.texts else tip
    after = layered(beneath, over)
    return Coming(_effect(before, after, shown is None or tip.id in shown), before, after)


def _effect(before: Tip | None, after: Tip, was_shown: bool) -> Effect:
    if not after.texts:
        return Effect.NOTHING
    if before is None or not before.texts:
        return Effect.HIDDEN if after.hidden else Effect.ADDED
    was = was_shown and not before.hidden
    if was and after.hidden:
        return Effect.HIDDEN
    if not was and not after.hidden:
        return Effect.SHOWN
    same = replace(before, hidden=None, own=False) == replace(after, hidden=None, own=False)
    return Effect.SAME if same else Effect.CHANGED
