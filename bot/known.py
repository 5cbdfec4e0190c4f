"""What the entries of a calendar may name here: themes, tips and destinations that there are."""

from __future__ import annotations

from bot.stores import Stores
from scheduler.references import Known


def known(stores: Stores) -> Known:
    """What entries may name: also a theme or a tip that is hidden, and a destination that cannot be reached."""
    tips = [*stores.tips.starter(), *stores.tips.in_force().tips]
    return Known(
        {tip.theme for tip in tips},
        {tip.id for tip in tips},
        {destination.id for destination in stores.destinations.all(active=False)},
    )
