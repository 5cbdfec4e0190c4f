"""Importing tips, sessions and calendars: what a file would change is shown first, and only that file is imported."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from bot.known import known
from bot.stores import Stores
from bot.uploads import Upload, upload_of
from scheduler.calendarfiles import SUFFIXES as CALENDARS
from scheduler.calendarfiles import entries_in
from scheduler.entries import entry_mapping
from scheduler.errors import CalendarError
from scheduler.models import Entry
from tips import archives
from tips.archives import ZIP
from tips.database import writing
from tips.errors import PackError
from tips.incoming import Effect, planned
from tips.models import Language, Pack
from tips.packfiles import LARGEST_FILE
from tips.packfiles import SUFFIXES as PACKS
from tips.programme import Programme, parsed, sessions_of
from tips.sessionstore import layered
from web.pages.checks import said
from web.pages.exports import FILES
from web.pages.frame import PAGES, frame_of, missing, page

LARGEST = LARGEST_FILE + 100_000  # bytes, with the form around the file
TIPS, SESSIONS, CALENDAR = WHAT = "vinkit", "vartit", "vuosikello"
_SESSION_FILES = (".yaml", ".yml")
Read = Pack | Programme | Sequence[Entry]
_MOST_LISTED = 200
_LONGEST_NAME = 120
_SHOWN = (Effect.ADDED, Effect.CHANGED, Effect.HIDDEN, Effect.SHOWN, Effect.NOTHING)


@dataclass(frozen=True, slots=True)
class Error:
    """Where a file does not fit, and why. `item` is a tip or an entry."""

    file: str
    item: str
    field: str
    reason: str


@dataclass(frozen=True, slots=True)
class Effects:
    """What a file would change: how many by effect, and titles under each (`more` are not listed)."""

    counts: Sequence[tuple[str, int]]
    groups: Sequence[tuple[str, Sequence[str], int]]
    others: int
    state: str  # another one after every change of what the file would be laid over


async def show(request: web.Request) -> web.StreamResponse:
    """Where files are sent, and taken along."""
    done = request.query.get("tehty", "")
    context = {
        "files": list(FILES),
        "done": done if done in WHAT else "",
        "count": request.query.get("maara", ""),
        "packs": ",".join((*PACKS, ZIP)),
        "sessions": ",".join(_SESSION_FILES),
        "calendars": ",".join(CALENDARS),
        "most": LARGEST_FILE // 1_000_000,
    }
    return page(request, "exchange.html", context)


async def look(request: web.Request) -> web.StreamResponse:
    """Reads the file and shows what it would change. Nothing is imported."""
    form = await request.post()
    what, field = str(form.get("mita", "")), form.get("tiedosto")
    if what not in WHAT:
        return missing(request)
    only = "vain" in form and what == TIPS
    if not isinstance(field, web.FileField) or not field.filename:
        return _refused(request, Error("", "", "", ""), 422)
    name = Path(field.filename.replace("\\", "/")).name[:_LONGEST_NAME]
    upload = upload_of(name, await asyncio.to_thread(field.file.read))
    return await _preview(request, what, upload, only=only, keep=True)


async def accept(request: web.Request) -> web.StreamResponse:
    """Imports the very file that was shown, where what it is laid over has not changed since."""
    pages, frame, form = request.app[PAGES], frame_of(request), await request.post()
    what, digest, only = str(form.get("mita", "")), str(form.get("tiiviste", "")), "vain" in form
    upload = await pages.desk.run(lambda: pages.stores.uploads.get(frame.visitor.person, digest))
    if upload is None or what not in WHAT:
        return _refused(request, Error("", "", "", "gone"), 410)
    read = await _read(request, what, upload)
    if isinstance(read, Error):
        return _refused(request, read, 422)
    person, now = frame.visitor.person, pages.desk.now()

    def imported() -> int | None:
        stores = pages.stores
        with writing(stores.database):
            if _state(stores, what) != str(form.get("tila", "")):
                return None
            count = _import(stores, read, only=only)
            stores.audit.note(person, f"imported_{what}", f"{upload.name} {digest[:12]}", now)
            stores.uploads.forget(person)
        return count

    def _import(stores: Stores, read: Read, *, only: bool) -> int:
        if isinstance(read, Pack):
            return stores.history.add(read, True if only else None, now)
        if isinstance(read, Programme):
            return stores.sessions.add(read.sessions.values(), now)
        stores.calendar.add(read)
        return len(read)

    count = await pages.desk.run(imported)
    if count is None:
        return await _preview(request, what, upload, only=only, keep=False, changed=True)
    await pages.desk.refresh()
    raise web.HTTPSeeOther(frame.url("tuonti", tehty=what, maara=str(count)))


async def _preview(
    request: web.Request, what: str, upload: Upload, *, only: bool, keep: bool, changed: bool = False
) -> web.StreamResponse:
    pages, frame = request.app[PAGES], frame_of(request)
    read = await _read(request, what, upload)
    if isinstance(read, Error):
        return _refused(request, read, 422)

    def effects() -> Effects:
        stores = pages.stores
        if keep:
            stores.uploads.put(frame.visitor.person, upload, pages.desk.now())
        if isinstance(read, Pack):
            return _of_pack(stores, read, frame.language, only=only)
        if isinstance(read, Programme):
            return _of_sessions(stores, read, frame.language)
        return _of_calendar(stores, read, frame.language)

    found = await pages.desk.run(effects)
    context = {"what": what, "upload": upload, "effects": found, "only": only, "changed": changed}
    return page(request, "import.html", context, 409 if changed else 200)


async def _read(request: web.Request, what: str, upload: Upload) -> Read | Error:
    """What the file holds, or why it does not fit. Read in a thread of its own: questions go on meanwhile."""
    pages, language = request.app[PAGES], frame_of(request).language
    try:
        if what == TIPS:
            return await asyncio.to_thread(archives.pack_of, upload.name, upload.data)
        if what == SESSIONS:
            return await asyncio.to_thread(_programme, upload)
        beneath = await pages.desk.run(pages.stores.calendar.everything)
        entries = await asyncio.to_thread(entries_in, upload.name, upload.data, beneath)
        (await pages.desk.run(lambda: known(pages.stores))).check(entries)
        return entries
    except PackError as error:
        return Error(error.file, error.tip, error.field, said(error.reason, language))
    except CalendarError as error:
        return Error(error.file, error.entry, error.field, said(error.reason, language))


def _of_pack(stores: Stores, pack: Pack, language: Language, *, only: bool) -> Effects:
    plan = planned(stores.tips, pack, True if only else None)
    groups = []
    for effect in _SHOWN:
        tips = [coming.after for coming in plan.tips if coming.effect is effect]
        titles = [tip.texts[tip.language_for(language)].title if tip.texts else tip.id for tip in tips]
        if titles:
            groups.append((effect.value, titles[:_MOST_LISTED], len(titles[_MOST_LISTED:])))
    counts = [(effect.value, plan.count(effect)) for effect in Effect if plan.count(effect)]
    return Effects(counts, groups, plan.others, _state(stores, TIPS))


def _programme(upload: Upload) -> Programme:
    """The sessions of the file. Raises PackError, naming it."""
    try:
        found = parsed(upload.data)
        sessions_of(found)
    except PackError as error:
        raise error.at(file=upload.name) from None
    return found


def _of_sessions(stores: Stores, read: Programme, language: Language) -> Effects:
    by_effect: dict[Effect, list[str]] = {}
    there, store = stores.sessions.in_force().sessions, stores.sessions
    for session in read.sessions.values():
        before = store.whole(session.id)
        same = layered(store.base(session.id), store.laid(session)) == before
        effect = Effect.SAME if same else Effect.CHANGED
        if session.id not in there:
            effect = Effect.SHOWN if before else Effect.ADDED
        by_effect.setdefault(effect, []).append(session.text(language)[1].title)
    return _listed(by_effect, _state(stores, SESSIONS))


def _of_calendar(stores: Stores, entries: Sequence[Entry], language: Language) -> Effects:
    there = stores.calendar.everything()
    by_effect: dict[Effect, list[str]] = {}
    for entry in entries:
        by_effect.setdefault(_effect(there.get(entry.id), entry), []).append(entry.title(language) or entry.id)
    return _listed(by_effect, _state(stores, CALENDAR))


def _listed(by_effect: Mapping[Effect, Sequence[str]], state: str) -> Effects:
    groups = [(each.value, by_effect[each][:_MOST_LISTED], len(by_effect[each][_MOST_LISTED:]))
              for each in _SHOWN if each in by_effect]  # fmt: skip
    counts = [(each.value, len(by_effect[each])) for each in Effect if each in by_effect]
    return Effects(counts, groups, 0, state)


def _effect(before: Entry | None, after: Entry) -> Effect:
    if before is None:
        return Effect.HIDDEN if after.hidden else Effect.ADDED
    if before.hidden != after.hidden:
        return Effect.HIDDEN if after.hidden else Effect.SHOWN
    return Effect.SAME if entry_mapping(before) == entry_mapping(after) else Effect.CHANGED


def _state(stores: Stores, what: str) -> str:
    revisions = {TIPS: stores.tips.revision, SESSIONS: stores.sessions.revision, CALENDAR: stores.calendar.revision}
    return str(revisions[what]())


def _refused(request: web.Request, error: Error, status: int) -> web.StreamResponse:
    return page(request, "import_refused.html", {"error": error}, status)
