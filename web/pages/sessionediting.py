"""The editor of a session: one language at a time, checked, shown step by step as staff will see it, saved over the
product's.

Whoever saves says which version of that language they began from. Where it is another by now, nothing is saved: both
are shown.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from aiohttp import web

from bot.answers import Shelf
from bot.models import Reply
from bot.progress import OWN, Progress
from bot.protection import protected
from bot.steps import Leaf, steps
from bot.stores import Stores
from scheduler.models import ZONE
from tips.database import writing
from tips.editing import Filled, UnfitError
from tips.facts import filled as filled_with
from tips.models import Language, Theme, language_in
from tips.sessionediting import as_typed, filled_in, rows, session_from, version
from tips.sessions import Session
from tips.sessionstore import Own, layered
from web.pages import words
from web.pages.checks import said
from web.pages.frame import PAGES, frame_of, missing, page
from web.pages.log import named
from web.pages.sessionchecks import advice_on, label
from web.pages.tipediting import differing

DONE = ("saved", "hidden", "shown", "reset", "undone", "not_undone")
# What a button says, and the word for it in the log.
_STEPS = {"piilota": "hidden", "palauta": "shown", "perusvartti": "reset", "kumoa": "undone"}
_ACTS = tuple(f"session_{done}" for done in DONE)
_SAVE = "tallenna"  # alone, or 'tallenna-sv': and go on in that language
_MOST_CHANGES = 5


@dataclass(frozen=True, slots=True)
class Standing:
    """A theme's session as it stands: the product's, what lies over it."""

    theme: Theme
    base: Session | None
    own: Own

    @property
    def session(self) -> Session | None:
        """As staff would get it; None where there is none yet."""
        return layered(self.base, self.own.session)


@dataclass(frozen=True, slots=True)
class Form:
    """What the page shows: the fields of a language, what does not fit, and what somebody else saved meanwhile."""

    standing: Standing
    language: Language
    filled: Filled
    problems: Mapping[str, str] | None = None
    theirs: Sequence[tuple[str, str, str]] = ()  # field, as it is stored now, as it was typed
    clashed: bool = False

    @property
    def version(self) -> str:
        """What the form says that it began from."""
        return version(self.standing.session, self.language)


@dataclass(frozen=True, slots=True)
class Line:
    """A change, as the page tells it."""

    number: int
    at: datetime
    who: str
    undoable: bool


async def show(request: web.Request) -> web.StreamResponse:
    """The editor of a theme's session in the language of `?kieli=`; of one that is not there yet, too."""
    standing, language = await _standing(request), _language(request)
    if standing is None:
        return missing(request)
    return await _page(request, Form(standing, language, filled_in(standing.session, language)))


async def act(request: web.Request) -> web.StreamResponse:
    """Saves, hides, shows, takes the own words away, undoes, or only looks at what was typed."""
    standing, posted = await _standing(request), await request.post()
    language = _language(request, str(posted.get("kieli", "")))  # of the form: who signed in anew has lost the address
    step = str(posted.get("tee", ""))
    if standing is None:
        return missing(request)
    if step in _STEPS:
        return await _stepped(request, standing, step, language)
    filled = as_typed({name: value for name, value in posted.items() if isinstance(value, str)})
    form = Form(standing, language, filled)
    saves = step.partition("-")[0] == _SAVE
    try:
        session_from(standing.theme.id, filled, language, standing.session)
    except UnfitError as error:
        return await _page(request, replace(form, problems=error.problems), 422 if saves else 200)
    if not saves:
        return await _page(request, form)
    if problems := {name: "protected" for name, value in filled.values.items() if protected(value).found}:
        return await _page(request, replace(form, problems=problems), 422)
    return await _saved(request, form, step.partition("-")[2])


async def _saved(request: web.Request, form: Form, onward: str) -> web.StreamResponse:
    pages, frame = request.app[PAGES], frame_of(request)
    began, stores, theme = str((await request.post()).get("versio", "")), pages.stores, form.standing.theme.id

    def saved() -> tuple[Standing, bool]:
        with writing(stores.database):
            there, now = standing_of(stores, form.standing.theme), pages.desk.now()
            if version(there.session, form.language) != began:
                return there, False
            wanted = session_from(theme, form.filled, form.language, there.session)
            if number := stores.sessions.save(wanted, now):
                stores.audit.note(frame.visitor.person, "session_saved", f"{theme} {number}", now)
        return there, True

    try:
        standing, done = await pages.desk.run(saved)
    except UnfitError as error:  # another language went meanwhile, and none would be left
        return await _page(request, replace(form, problems=error.problems), 422)
    if not done:
        theirs = differing(filled_in(standing.session, form.language), form.filled)
        return await _page(request, replace(form, standing=standing, theirs=theirs, clashed=True), 409)
    language = language_in(onward) or form.language
    raise web.HTTPSeeOther(frame.url("vartit", theme, "muokkaa", kieli=language, tehty="saved"))


async def _stepped(request: web.Request, standing: Standing, step: str, language: Language) -> web.StreamResponse:
    pages, frame, number = request.app[PAGES], frame_of(request), str((await request.post()).get("muutos", ""))
    stores, theme, done = pages.stores, standing.theme.id, _STEPS[step]

    def stepped() -> int:
        now = pages.desk.now()
        with writing(stores.database):
            own = stores.sessions.own(theme)
            match step:
                case "kumoa":
                    change = stores.sessions.undo(theme, number, now)
                case "perusvartti":
                    change = stores.sessions.put(theme, Own(), now)
                case _:
                    change = stores.sessions.put(theme, replace(own, hidden=step == "piilota"), now)
            if change:
                stores.audit.note(frame.visitor.person, f"session_{done}", f"{theme} {change}", now)
        return change

    if not await pages.desk.run(stepped) and step == "kumoa":
        done = "not_undone"
    raise web.HTTPSeeOther(frame.url("vartit", theme, "muokkaa", kieli=language, tehty=done))


def standing_of(stores: Stores, theme: Theme) -> Standing:
    """How the theme's session stands now."""
    return Standing(theme, stores.sessions.base(theme.id), stores.sessions.own(theme.id))


async def _standing(request: web.Request) -> Standing | None:
    pages, theme_id = request.app[PAGES], request.match_info["theme"]

    def found() -> Standing | None:
        theme = pages.stores.tips.themes().get(theme_id)
        there = standing_of(pages.stores, theme or Theme(theme_id))
        return there if theme or there.session else None

    return await pages.desk.run(found)


def _language(request: web.Request, given: str = "") -> Language:
    asked = given or request.query.get("kieli", "")
    return language_in(asked) or frame_of(request).language


async def _page(request: web.Request, form: Form, status: int = 200) -> web.StreamResponse:
    pages, frame, theme = request.app[PAGES], frame_of(request), form.standing.theme.id
    shelf = await pages.desk.run(pages.desk.assistant.shelf)
    tips = shelf.snapshot.base.tips
    lines = await pages.desk.run(lambda: _lines(pages.stores, theme, frame.language))
    done = request.query.get("tehty", "")
    beside = filled_in(form.standing.session, "fi") if form.language != "fi" else Filled()
    context = {
        "form": form,
        "filled": form.filled,
        "standing": form.standing,
        "shown": form.language,
        "beside": beside,
        "rows": lambda kind, fewest: rows(form.filled, kind, fewest),
        "problems": {name: _problem(reason, frame.language) for name, reason in (form.problems or {}).items()},
        "label": lambda name: label(name, frame.language),
        # A question's parts stand under its heading.
        "short": lambda name: label(name.split(".", 2)[2] if name.startswith("quiz.") else name, frame.language),
        "lines": lines,
        "tips": [(tip.id, shelf.title(tip.id, frame.language)) for tip in tips.values() if tip.theme == theme],
        "title_of": lambda tip_id: shelf.title(tip_id, frame.language) if tip_id in tips else "",
        "done": done if done in DONE else "",
        "address": frame.url("vartit", theme, "muokkaa", kieli=form.language),
        **await _looked_at(form, shelf, frame.language),
    }
    part = request.method == "POST" and (await request.post()).get("osa") == "tarkistus"
    return page(request, "sessionchecks.html" if part else "session_edit.html", context, 200 if part else status)


async def _looked_at(form: Form, shelf: Shelf, language: Language) -> dict[str, object]:
    """The advice and the steps; nothing of either where what was typed is no session yet."""
    try:
        session = session_from(form.standing.theme.id, form.filled, form.language, form.standing.session)
    except UnfitError:
        return {"advice": None, "steps": (), "text": None}
    text = session.texts.get(form.language)
    if text is None:
        return {"advice": None, "steps": (), "text": None}
    found = await asyncio.to_thread(advice_on, session, frozenset(shelf.snapshot.base.tips), form.language, language)
    leaf = Leaf(session, shelf, form.language, OWN)
    seen = [_step(leaf, number) for number in range(len(steps(text)))]
    around = [filled_with(part, shelf.facts, form.language, markdown=True) for part in (text.invitation, text.closing)]
    return {"advice": found, "steps": seen, "text": text, "around": around}


def _step(leaf: Leaf, number: int) -> tuple[Reply, list[str]]:
    reply = leaf.step(Progress(step=number))
    return reply, [button.label for choice in reply.choices for button in choice.buttons]


def _lines(stores: Stores, theme: str, language: Language) -> list[Line]:
    changes, own = stores.sessions.newest(theme, _MOST_CHANGES), stores.sessions.own(theme)
    who = stores.audit.who(_ACTS, [f"{theme} {change.id}" for change in changes])
    return [
        Line(
            change.id,
            datetime.fromisoformat(change.at).astimezone(ZONE),
            named(stores, person, language) if (person := who.get(f"{theme} {change.id}", "")) else "",
            change.after == own,
        )
        for change in changes
    ]


def _problem(reason: str, language: Language) -> str:
    return words.word(language, "check_protected") if reason == "protected" else said(reason, language)
