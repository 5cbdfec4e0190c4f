"""The calendar for Outlook and its like: an address to subscribe to, and a file for a session that has a host."""

from __future__ import annotations

import hmac
from dataclasses import replace
from datetime import date, timedelta

from aiohttp import web

from bot.settings import Settings
from scheduler.models import ZONE, Entry, Kind
from scheduler.recurrence import occurrences
from tips.models import language_in
from web.pages.frame import PAGES, frame_of, missing

PATH = "/calendar.ics"
_BEHIND, _AHEAD = timedelta(days=31), timedelta(days=400)


async def subscription(request: web.Request) -> web.StreamResponse:
    """What comes, for whoever has the key; weekly tips are posts and no events. `?lang=` chooses the language."""
    # icalendar is loaded when the first one asks: it takes 3 MB that most servers never need.
    from scheduler.ics import subscription as written  # noqa: PLC0415

    pages = request.app[PAGES]
    key = await pages.desk.run(pages.stores.calendar.subscription_key)
    if not hmac.compare_digest(key.encode(), request.query.get("key", "").encode()):
        raise web.HTTPNotFound
    now = pages.desk.now()
    today = now.astimezone(ZONE).date()
    entries = await pages.desk.run(pages.stores.calendar.in_force)
    events = [entry for entry in entries if entry.kind is not Kind.WEEKLY_TIP]
    hosts = await pages.desk.run(lambda: [pages.stores.people.called(entry.host) for entry in events])
    events = [replace(entry, host=host) for entry, host in zip(events, hosts, strict=True)]
    asked = request.query.get("lang", "")
    language = language_in(asked) or pages.settings.language
    home = await pages.desk.run(pages.stores.calendar.home)
    return _calendar(written(events, today - _BEHIND, today + _AHEAD, language, now, home), "digivinkki.ics")


async def invitation(request: web.Request) -> web.StreamResponse:
    """The file of one time of an entry that has a host, for the host to send to everybody."""
    from scheduler.ics import session_invitation  # noqa: PLC0415

    pages, wanted = request.app[PAGES], request.match_info
    entries = await pages.desk.run(pages.stores.calendar.in_force)
    entry = next((each for each in entries if each.id == wanted["entry"] and is_hosted(each)), None)
    try:
        nominal = date.fromisoformat(wanted["day"])
        found = occurrences(entry, nominal - _BEHIND, nominal + _BEHIND) if entry else []
    except (ValueError, OverflowError):
        return missing(request)
    occurrence = next((each for each in found if each.nominal == nominal), None)
    if entry is None or occurrence is None:
        return missing(request)
    host = await pages.desk.run(lambda: pages.stores.people.called(entry.host))
    home, hosted = await pages.desk.run(pages.stores.calendar.home), replace(entry, host=host)
    text = session_invitation(hosted, occurrence, frame_of(request).language, pages.desk.now(), home)
    return _calendar(text, f"{nominal.isoformat()}.ics")


def is_hosted(entry: Entry) -> bool:
    """Whether somebody holds it, at a place or an address."""
    return bool(entry.host or entry.meeting_link)


def address(settings: Settings, request: web.Request, key: str) -> str:
    """Where the calendar is subscribed to."""
    return f"{settings.public_url or request.url.origin()}{PATH}?key={key}"


def _calendar(text: str, name: str) -> web.Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, max-age=300"}
    return web.Response(text=text, content_type="text/calendar", charset="utf-8", headers=headers)
