"""Drafts of tips that wait for a second person: read, approved, or given back with a reason."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from aiohttp import web

from bot.protection import protected
from tips.drafts import Draft, State, Step, near_duplicates
from tips.models import Text, Tip
from web.pages.checks import checked
from web.pages.frame import PAGES, frame_of, missing, page
from web.pages.looks import looks, slack_html

LONGEST_REASON = 500  # characters
DONE = ("approve", "reject", "refused")


async def every(request: web.Request) -> web.StreamResponse:
    """All that wait, the oldest first."""
    pages = request.app[PAGES]
    waiting = await pages.desk.run(pages.stores.drafts.waiting)
    themes = await pages.desk.run(pages.stores.tips.themes)
    done = request.query.get("tehty", "")
    context = {"drafts": waiting, "themes": themes, "done": done if done in DONE else ""}
    return page(request, "drafts.html", context)


async def show(request: web.Request) -> web.StreamResponse:
    """A draft with its checks, as both platforms would show it, and what there is already."""
    draft = await _draft(request)
    return missing(request) if draft is None else await _page(request, draft)


async def act(request: web.Request) -> web.StreamResponse:
    """Approves, or rejects with a reason. What was changed meanwhile is shown as it is now."""
    pages, frame, form = request.app[PAGES], frame_of(request), await request.post()
    draft, step = await _draft(request), str(form.get("tee", ""))
    if draft is None or step not in ("approve", "reject"):
        return missing(request)
    reason = str(form.get("syy", "")).strip()[:LONGEST_REASON]
    if str(form.get("versio", "")) != str(draft.version) or draft.state is not State.WAITING:
        return await _page(request, draft, "changed", reason, status=409)
    if step == "reject" and not reason:
        return await _page(request, draft, "no_reason", status=422)
    if protected(reason).found:
        return await _page(request, draft, "protected", reason, status=422)
    approving, person, now = pages.desk.assistant.drafting.approving, frame.visitor.person, pages.desk.now()
    await pages.desk.run(lambda: approving.moved(draft, Step(step), person, frame.language, now, reason))
    done = await _draft(request)
    if done is None or done.state is State.WAITING:
        return await _page(request, draft, "own" if draft.author == person else "refused", reason, status=409)
    await pages.desk.refresh()
    if done.tip:
        raise web.HTTPSeeOther(frame.url("vinkit", done.tip, tehty="added"))
    raise web.HTTPSeeOther(frame.url("luonnokset", tehty=step))


async def _draft(request: web.Request) -> Draft | None:
    pages = request.app[PAGES]
    found = await pages.desk.run(lambda: pages.stores.drafts.get(request.match_info["number"]))
    return found if found and found.state in (State.WAITING, State.APPROVED, State.REJECTED) else None


async def _page(
    request: web.Request, draft: Draft, problem: str = "", reason: str = "", status: int = 200
) -> web.StreamResponse:
    pages, language = request.app[PAGES], frame_of(request).language
    shelf = await pages.desk.run(pages.desk.assistant.shelf)
    near = await pages.desk.run(lambda: near_duplicates(shelf.snapshot.base, draft))
    tip = _tip(draft, await pages.desk.run(lambda: pages.stores.tips.whole(draft.extends)))
    by_language, _ = await asyncio.to_thread(checked, tip, language)
    context = {
        "draft": draft,
        "theme": shelf.snapshot.themes.get(draft.theme),
        "near": [(each, shelf.title(each, language)) for each in near],
        "checked": by_language,
        "advice": (),
        "looks": looks(shelf, tip, draft.language),
        "slack_html": slack_html,
        "problem": problem,
        "reason": reason,
    }
    return page(request, "draft.html", context, status)


def _tip(draft: Draft, beneath: Tip | None) -> Tip:
    """The tip as it would be in force."""
    if beneath and draft.is_phrasing:
        return replace(beneath, asked={draft.language: draft.phrasings}).laid_over(Tip(beneath.id))
    text = Text(draft.title, draft.body, draft.phrasings)
    return Tip("own-tip", draft.theme, {draft.language: text}, ("all",), own=True)
