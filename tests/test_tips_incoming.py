"""What a pack would change is what it then changes."""

from __future__ import annotations

import pytest

from bot.stores import Stores
from tests.conftest import NOW
from tips.incoming import Effect, planned
from tips.models import Pack, Text, Tip

BASE = "password-strong"
OWN = Tip("own", "own", {"fi": Text("Oma", "Oma.")})


@pytest.mark.parametrize(
    ("tip", "effect"),
    [
        (Tip("new", "own", {"fi": Text("Uusi", "Uusi.")}), Effect.ADDED),
        (Tip(BASE, "passwords", {"fi": Text("Toinen", "Toinen.")}), Effect.CHANGED),
        (Tip(BASE, hidden=True), Effect.HIDDEN),
        (Tip("own", hidden=True), Effect.HIDDEN),
        (Tip(BASE, hidden=False), Effect.SAME),
        (OWN, Effect.SAME),
        (Tip("no-such", hidden=True), Effect.NOTHING),
    ],
)
def test_each_tip_has_its_effect(stores: Stores, tip: Tip, effect: Effect) -> None:
    stores.tips.add(Pack((), (OWN,)))
    before = {each.id: each for each in stores.tips.in_force().tips}
    (coming,) = planned(stores.tips, Pack((), (tip,)), None).tips
    assert coming.effect is effect
    stores.history.add(Pack((), (tip,)), None, NOW)
    after = {each.id: each for each in stores.tips.in_force().tips}
    assert (tip.id in after) is (effect in (Effect.ADDED, Effect.CHANGED, Effect.SAME))
    if effect is Effect.SAME:
        assert after[tip.id].texts == before[tip.id].texts


def test_a_hidden_one_would_show_again(stores: Stores) -> None:
    stores.tips.add(Pack((), (OWN, Tip(BASE, hidden=True))))
    plan = planned(stores.tips, Pack((), (Tip(BASE, hidden=False), OWN)), None)
    assert [coming.effect for coming in plan.tips] == [Effect.SHOWN, Effect.SAME]


def test_an_only_pack_says_how_many_others_it_hides(stores: Stores) -> None:
    count = len(stores.tips.in_force().tips)
    plan = planned(stores.tips, Pack((), (OWN,)), True)
    assert (plan.others, plan.count(Effect.ADDED)) == (count, 1)
