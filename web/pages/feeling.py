"""'Auttoiko tämä?' under a tip of the guide: a press counts, and nobody's. Once for each time that the page was shown.

Who presses is not known, so a press on these pages is bound to a page that was really shown, and to a pace.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from collections import OrderedDict

from aiohttp import web

from bot.tallies import What
from web.pages.forms import Form
from web.pages.frame import PAGES, frame_of, missing, page
from web.pages.pacing import Pace, address_of

PATH = "/ohjeet/{theme}/{tip}/auttoiko"
ANSWERS = ("yes", "no")
_OPEN = 12 * 3600  # seconds for which a page that was shown may be answered
_MOST_USED = 100_000


class Presses:
    """What pages carry so that each can be answered once. In memory: after a restart an open page cannot be."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)
        self._used: OrderedDict[str, None] = OrderedDict()

    def token(self, tip: str, now: float) -> str:
        """What a page with the tip carries that is shown at the moment (seconds on any clock)."""
        shown = f"{int(now)}.{secrets.token_hex(8)}"
        return f"{shown}.{self._signed(tip, shown)}"

    def take(self, tip: str, token: str, now: float) -> bool:
        """Whether the token is ours, of that tip, not too old, and comes for the first time."""
        shown, _, signed = token.rpartition(".")
        if not hmac.compare_digest(signed.encode(), self._signed(tip, shown).encode()):
            return False
        if now - int(shown.partition(".")[0]) > _OPEN or shown in self._used:
            return False
        self._used[shown] = None
        if len(self._used) > _MOST_USED:
            self._used.popitem(last=False)
        return True

    def _signed(self, tip: str, shown: str) -> str:
        return hmac.new(self._key, f"{tip} {shown}".encode(), hashlib.sha256).hexdigest()[:32]


PRESSES, PACE = web.AppKey("presses", Presses), web.AppKey("press_pace", Pace)


def pace() -> Pace:
    """How often one address may press; a whole town hall may share one."""
    return Pace(30, 60)


def question_of(request: web.Request, tip: str) -> str:
    """What a page that shows the tip carries."""
    return request.app[PRESSES].token(tip, time.monotonic())


async def press(request: web.Request) -> web.StreamResponse:
    """Counts whether the tip helped, and says thank you on the tip's page."""
    if request.headers.get("Sec-Fetch-Site") == "cross-site":
        raise web.HTTPForbidden(text="another site's form")
    pages, frame, form = request.app[PAGES], frame_of(request), Form.of(await request.post())
    answer, now = form.one("auttoi"), time.monotonic()
    shelf = await pages.desk.run(pages.desk.assistant.shelf)
    tip = shelf.tip(request.match_info["tip"])
    if tip is None or answer not in ANSWERS:
        return missing(request)
    if not request.app[PACE].allows(address_of(request), now):
        return page(request, "answer.html", {"problem": "too_often", "question": ""}, status=429)
    if not request.app[PRESSES].take(tip.id, form.one("kerta"), now):
        # Pressed twice, or left open overnight: nothing counts, and the page asks anew.
        raise web.HTTPSeeOther(frame.url("ohjeet", tip.theme, tip.id))
    await pages.desk.run(lambda: pages.stores.tallies.note(What.FELT, answer, "", pages.desk.now()))
    raise web.HTTPSeeOther(frame.url("ohjeet", tip.theme, tip.id, kiitos=answer))
