"""The slot for something current: a line of IT's in a coming session, beside the pack's own words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from aiohttp import web

from bot.protection import protected
from bot.topical import LONGEST
from scheduler.models import SESSIONS, ZONE
from tips.database import writing
from tips.models import Language
from web.pages.door import LOOK
from web.pages.frame import PAGES, Pages, frame_of, page

_AHEAD = timedelta(weeks=16)
_MOST = 12
_TYPED = 5_000  # characters that are shown again where they are too many to store


@dataclass(frozen=True, slots=True)
class Slot:
    """A coming session and its line. `stored` is what the form began from; `theirs` what stands there by now."""

    key: str
    at: datetime
    title: str
    theme: str
    text: str
    stored: str
    problem: str = ""
    theirs: str = ""


async def show(request: web.Request) -> web.StreamResponse:
    """The coming sessions, each with its line."""
    return await _page(request)


async def act(request: web.Request) -> web.StreamResponse:
    """Stores a line, where nobody has written another one meanwhile; an empty one takes it back."""
    pages, frame, form = request.app[PAGES], frame_of(request), await request.post()
    key = str(form.get("kerta", ""))
    text, began = (" ".join(str(form.get(name, ""))[:_TYPED].split()) for name in ("teksti", "ennen"))
    problem = "too_long" if len(text) > LONGEST else "protected" if protected(text).found else ""
    if problem or form.get("tee") == LOOK:
        return await _page(request, key, text, problem, status=422 if problem else 200)

    def saved() -> str | None:
        stores, now = pages.stores, pages.desk.now()
        with writing(stores.database):
            slot = next((slot for slot in _slots(pages, frame.language) if slot.key == key), None)
            if slot is None:
                return None
            if slot.stored != began:
                return "stale"
            entry, nominal = key.rsplit(" ", 1)
            stores.topical.put(entry, date.fromisoformat(nominal), text)
            stores.audit.note(frame.visitor.person, "topical", key, now)
        return ""

    found = await pages.desk.run(saved)
    if found:
        return await _page(request, key, text, found, status=409)
    raise web.HTTPSeeOther(frame.url("ajankohtaista", tehty="1" if found == "" else ""))


async def _page(
    request: web.Request, key: str = "", text: str = "", problem: str = "", status: int = 200
) -> web.StreamResponse:
    pages, language = request.app[PAGES], frame_of(request).language
    slots = await pages.desk.run(lambda: _slots(pages, language))
    shown = [_typed(slot, text, problem) if slot.key == key else slot for slot in slots]
    context = {"slots": shown, "most": LONGEST, "done": request.query.get("tehty") == "1"}
    return page(request, "current.html", context, status)


def _typed(slot: Slot, text: str, problem: str) -> Slot:
    theirs = slot.stored if problem == "stale" else ""
    return Slot(slot.key, slot.at, slot.title, slot.theme, text, slot.stored, problem, theirs)


def _slots(pages: Pages, language: Language) -> list[Slot]:
    now, agenda = pages.desk.now(), pages.desk.assistant.agenda
    today = now.astimezone(ZONE).date()
    entries = [entry for entry in agenda.entries() if entry.kind in SESSIONS]
    slots = []
    for entry, occurrence in agenda.near(entries, today, today + _AHEAD):
        if occurrence.at > now:
            key = f"{entry.id} {occurrence.nominal.isoformat()}"
            text = pages.stores.topical.get(entry.id, occurrence.nominal)
            slots.append(Slot(key, occurrence.at.astimezone(ZONE), entry.title(language), entry.theme, text, text))
    return slots[:_MOST]
