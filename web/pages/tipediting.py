"""The editor of a tip: three languages side by side, checked, shown as both platforms would, saved over the starter's.

Whoever saves says which version they began from. Where it is another by now, nothing is saved: both are shown.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from aiohttp import web

from bot.answers import Shelf
from bot.protection import protected
from bot.stores import Stores
from scheduler.models import ZONE
from tips.database import writing
from tips.editing import Filled, UnfitError, as_typed, filled_in, over, tip_from, version
from tips.models import AUDIENCES, Language, Tip, language_in
from tips.store import layered
from web.pages import words
from web.pages.checks import checked, said
from web.pages.door import LOOK
from web.pages.frame import PAGES, frame_of, missing, page
from web.pages.lacking import asked_for
from web.pages.looks import looks, slack_html

DONE = ("saved", "hidden", "shown", "reset", "reviewed", "added", "undone", "not_undone")
# What a button says, and the word for it in the log.
_STEPS = {"piilota": "tip_hidden", "palauta": "tip_shown", "perusvinkki": "tip_reset", "tarkistettu": "tip_reviewed"}
_SAVE = "tallenna"


@dataclass(frozen=True, slots=True)
class Standing:
    """A tip as it stands: in the starter content, in the own layer, and whether staff get it."""

    base: Tip | None
    own: Tip | None
    visible: bool

    @property
    def tip(self) -> Tip:
        """The tip as staff would get it."""
        return layered(self.base, self.own)

    @property
    def version(self) -> str:
        """What a form says that it began from."""
        return version(self.base, self.own)


@dataclass(frozen=True, slots=True)
class Form:
    """What the page shows: the fields, what does not fit, and what somebody else saved meanwhile."""

    id: str
    filled: Filled
    standing: Standing | None = None
    problems: Mapping[str, str] | None = None
    theirs: Sequence[tuple[str, str, str]] = ()  # field, as it is stored now, as it was typed


async def show(request: web.Request) -> web.StreamResponse:
    """The editor of a tip."""
    standing = await _standing(request)
    if standing is None:
        return missing(request)
    return await _page(request, Form(request.match_info["tip"], filled_in(standing.tip), standing))


async def new(request: web.Request) -> web.StreamResponse:
    """The editor of a tip that is not there yet."""
    theme = request.query.get("teema", "")
    month = request.app[PAGES].desk.now().astimezone(ZONE)
    values = {"theme": theme, "reviewed": f"{month:%Y-%m}", "review_by": _in_a_year(month)}
    asked = await asked_for(request)
    return await _page(request, Form("", Filled({**values, **(asked.values if asked else {})}, ("all",))))


async def add(request: web.Request) -> web.StreamResponse:
    """Takes a new tip in, or only looks at it."""
    pages, frame = request.app[PAGES], frame_of(request)
    filled = await _typed(request)
    form = Form("", filled)
    step = str((await request.post()).get("tee", ""))
    try:
        tip = tip_from("own-tip", filled)
    except UnfitError as error:
        return await _page(request, replace(form, problems=error.problems), 200 if step == LOOK else 422)
    if step != _SAVE:
        return await _page(request, form)
    if problems := _protected(filled):
        return await _page(request, replace(form, problems=problems), 422)

    def added() -> tuple[str, int]:
        stores, now = pages.stores, pages.desk.now()
        with writing(stores.database):
            title = next(iter(tip.texts.values())).title
            mine = replace(tip, id=stores.tips.free_id(title))
            number = stores.history.put(mine, now)
            stores.audit.note(frame.visitor.person, "tip_added", f"{mine.id} {number}", now)
            return mine.id, number

    tip_id, number = await pages.desk.run(added)
    await pages.desk.refresh()
    raise web.HTTPSeeOther(frame.url("vinkit", tip_id, tehty="added", muutos=str(number)))


async def act(request: web.Request) -> web.StreamResponse:
    """Saves, hides, shows, takes the own words away, or only looks at what was typed."""
    standing, step = await _standing(request), str((await request.post()).get("tee", ""))
    if standing is None:
        return missing(request)
    if step in _STEPS:
        return await _stepped(request, standing, step)
    tip_id, filled = request.match_info["tip"], await _typed(request)
    form = Form(tip_id, filled, standing)
    try:
        wanted = tip_from(tip_id, filled, standing.tip)
    except UnfitError as error:
        return await _page(request, replace(form, problems=error.problems), 200 if step == LOOK else 422)
    if step != _SAVE:
        return await _page(request, form)
    if problems := _protected(filled):
        return await _page(request, replace(form, problems=problems), 422)
    return await _saved(request, form, wanted)


async def _saved(request: web.Request, form: Form, wanted: Tip) -> web.StreamResponse:
    pages, frame = request.app[PAGES], frame_of(request)
    began = str((await request.post()).get("versio", ""))
    stores = pages.stores

    def saved() -> tuple[Standing, int | None]:
        with writing(stores.database):
            now, moment = standing_of(stores, form.id), pages.desk.now()
            if now.version != began:
                return now, None
            own = over(now.base, wanted, hidden=now.own.hidden if now.own else None)
            number = stores.history.put(own, moment) if own else stores.history.take_away(form.id, moment)
            if number:
                stores.audit.note(frame.visitor.person, "tip_saved", f"{form.id} {number}", moment)
            return now, number

    standing, number = await pages.desk.run(saved)
    if number is None:
        theirs = list(differing(filled_in(standing.tip), form.filled))
        return await _page(request, replace(form, standing=standing, theirs=theirs), 409)
    await pages.desk.refresh()
    raise web.HTTPSeeOther(frame.url("vinkit", form.id, tehty="saved", muutos=str(number or "")))


async def _stepped(request: web.Request, standing: Standing, step: str) -> web.StreamResponse:
    pages, frame = request.app[PAGES], frame_of(request)
    stores, tip_id = pages.stores, standing.tip.id

    def stepped() -> int:
        now = pages.desk.now()
        with writing(stores.database):
            number = _step(stores, standing_of(stores, tip_id), step, now)
            stores.audit.note(frame.visitor.person, _STEPS[step], f"{tip_id} {number}", now)
        return number

    number = await pages.desk.run(stepped)
    await pages.desk.refresh()
    done = _STEPS[step].removeprefix("tip_")
    gone = step == "perusvinkki" and standing.base is None
    if gone:
        raise web.HTTPSeeOther(frame.url("historia", tehty="reset"))
    raise web.HTTPSeeOther(frame.url("vinkit", tip_id, tehty=done, muutos=str(number or "")))


def _step(stores: Stores, standing: Standing, step: str, now: datetime) -> int:
    """The number of the change, 0 where nothing changed."""
    tip = standing.tip
    if step == "perusvinkki":
        return stores.history.take_away(tip.id, now)
    if step == "tarkistettu":
        local = now.astimezone(ZONE)
        tip = replace(tip, reviewed=f"{local:%Y-%m}", review_by=_in_a_year(local))
        own = over(standing.base, tip, hidden=standing.own.hidden if standing.own else None)
    else:
        own = over(standing.base, tip, hidden=step == "piilota")
        # Where all others are hidden together, what is shown again must be named.
        own = own or Tip(tip.id, tip.theme, hidden=step == "piilota")
    return stores.history.put(own, now) if own else stores.history.take_away(tip.id, now)


def standing_of(stores: Stores, tip_id: str) -> Standing:
    """How the tip stands now. Raises LookupError where there is none."""
    base, own = stores.tips.base(tip_id), stores.tips.own(tip_id)
    if base is None and own is None:
        raise LookupError(tip_id)
    only, tip = stores.tips.only(), layered(base, own)
    return Standing(base, own, not tip.hidden and (only is None or tip_id in only))


def differing(stored: Filled, typed: Filled) -> Sequence[tuple[str, str, str]]:
    """The fields that differ: the name, what is stored, what was typed."""
    names = dict.fromkeys([*stored.values, *typed.values])
    found = [(name, stored[name], typed[name]) for name in names if stored[name] != typed[name]]
    if stored.audience != typed.audience:
        found.append(("audience", ", ".join(stored.audience), ", ".join(typed.audience)))
    return found


async def _standing(request: web.Request) -> Standing | None:
    pages, tip_id = request.app[PAGES], request.match_info["tip"]
    try:
        return await pages.desk.run(lambda: standing_of(pages.stores, tip_id))
    except LookupError:
        return None


async def _typed(request: web.Request) -> Filled:
    form = await request.post()
    given = {name: value for name, value in form.items() if isinstance(value, str)}
    audience = tuple(str(each) for each in form.getall("audience", []) if each in AUDIENCES)
    return as_typed(given, audience)


def _protected(filled: Filled) -> dict[str, str]:
    """The fields that hold what must not be stored: an identity code, a card's or an account's number."""
    return {name: "protected" for name, value in filled.values.items() if protected(value).found}


async def _page(request: web.Request, form: Form, status: int = 200) -> web.StreamResponse:
    pages, language = request.app[PAGES], frame_of(request).language
    shelf = await pages.desk.run(pages.desk.assistant.shelf)
    themes = await pages.desk.run(pages.stores.tips.themes)
    query = request.query
    given = await request.post() if request.method == "POST" else {}
    chosen = str(given.get("esikatselu", language))
    tip = _tip(form)
    context = {
        "form": form,
        "filled": form.filled,
        "standing": form.standing,
        "themes": sorted(themes.values(), key=lambda theme: theme.title(language)),
        "audiences": AUDIENCES,
        "problems": {name: _problem(reason, language) for name, reason in (form.problems or {}).items()},
        "done": query["tehty"] if query.get("tehty") in DONE else "",
        "change": query.get("muutos", ""),
        "seen": language_in(chosen) or language,
        "slack_html": slack_html,
        **await _looked_at(tip, shelf, chosen, language),
    }
    part = given.get("osa") == "tarkistus"
    return page(request, "tipchecks.html" if part else "tip_edit.html", context, 200 if part else status)


def _tip(form: Form) -> Tip | None:
    """What is to be checked and shown; None where what was typed is no tip yet."""
    try:
        tip = tip_from(form.id or "own-tip", form.filled, form.standing.tip if form.standing else None)
    except UnfitError:
        return None
    base = form.standing.base if form.standing else None
    own = over(base, tip, hidden=None)
    return layered(base, replace(own, own=True)) if own else tip


async def _looked_at(tip: Tip | None, shelf: Shelf, chosen: str, language: Language) -> dict[str, object]:
    if tip is None:
        return {"checked": {}, "advice": (), "looks": None}
    by_language, advice = await asyncio.to_thread(checked, tip, language)
    seen = language_in(chosen) or language
    return {"checked": by_language, "advice": advice, "looks": looks(shelf, tip, seen)}


def _problem(reason: str, language: Language) -> str:
    return words.word(language, "check_protected") if reason == "protected" else said(reason, language)


def _in_a_year(moment: datetime) -> str:
    return f"{moment.year + 1}-{moment.month:02}"
