"""Signing in and out, and who may see which page. The link comes from the chat; a POST uses it, never a preview."""

from __future__ import annotations

import hashlib
import hmac
from functools import wraps

from aiohttp import web
from aiohttp.typedefs import Handler

from bot.people import IT
from bot.signins import CONSOLE, LinkState
from web.pages.frame import PAGES, Pages, page
from web.pages.visitors import ADMINISTERS, ANYBODY, READS, VISITOR, Visitor

LOOK = "tarkista"  # the step of a form that changes nothing
_OURS = ("token", "tee", "osa")  # fields that nobody typed
_WORDS = 3  # characters from which on a field may be somebody's words
_LOCAL_COOKIE, _COOKIE = "digivinkki_session", "__Host-digivinkki"


def seen(handler: Handler) -> Handler:
    """Wraps a page's handler: who looks at it is known by then."""

    @wraps(handler)
    async def known(request: web.Request) -> web.StreamResponse:
        request[VISITOR] = await _visitor(request)
        return await handler(request)

    return known


def guide(handler: Handler) -> Handler:
    """Wraps a page of the guide: for everybody, for who has signed in, or for nobody, as the settings say."""

    @wraps(handler)
    async def guarded(request: web.Request) -> web.StreamResponse:
        mode = request.app[PAGES].settings.guide_mode
        if mode == "off":
            raise web.HTTPNotFound
        request[VISITOR] = visitor = await _visitor(request)
        if mode == "signed-in" and not visitor.signed_in:
            return page(request, "signin.html", {"state": "needed"}, status=401)
        return await handler(request)

    return guarded


def administrators(handler: Handler) -> Handler:
    """Wraps a page for those who run the programme; a form on it must carry the session's token."""
    return _guarded(handler, looks=False)


def readers(handler: Handler) -> Handler:
    """Wraps a page of figures, for those who run the programme and for those who read its reports."""
    return _guarded(handler, looks=False, may=READS)


def editors(handler: Handler) -> Handler:
    """As `administrators`, for a form whose step `LOOK` changes nothing: it shows what was typed anew, so that
    whoever had to sign in once more goes on where they were."""
    return _guarded(handler, looks=True)


def uploaders(handler: Handler, largest: int) -> Handler:
    """As `administrators`, for a form that carries a file of at most `largest` bytes. A larger one is not even read."""
    guarded = administrators(handler)

    @wraps(handler)
    async def sized(request: web.Request) -> web.StreamResponse:
        request[VISITOR] = visitor = await _visitor(request)
        if not visitor.administers:
            return await guarded(request)  # which says why not
        sent = request.clone(client_max_size=largest)
        try:
            form = await sent.post() if (request.content_length or 0) <= largest else None
        except web.HTTPRequestEntityTooLarge:  # it did not say beforehand
            form = None
        if form is None:
            return page(request, "signin.html", {"state": "too_large", "most": largest // 1_000_000}, status=413)
        try:
            return await guarded(sent)
        finally:
            for field in form.values():
                if isinstance(field, web.FileField):
                    field.file.close()

    return sized


def _guarded(handler: Handler, *, looks: bool, may: frozenset[str] = ADMINISTERS) -> Handler:
    @wraps(handler)
    async def guarded(request: web.Request) -> web.StreamResponse:
        request[VISITOR] = visitor = await _visitor(request)
        if not visitor.signed_in:
            return await _refused(request, "ended" if request.method == "POST" else "needed", 401, looks=looks)
        if visitor.roles.isdisjoint(may):
            return await _refused(request, "no_role", 403, looks=looks)
        ours = request.method != "POST" or await _is_ours(request, visitor)
        if not ours and not (looks and await _only_looks(request)):
            return await _refused(request, "forged", 403, looks=looks)
        return await handler(request)

    return guarded


async def _refused(request: web.Request, state: str, status: int, *, looks: bool) -> web.StreamResponse:
    """Says why not. What was typed is not lost: it is shown, and can be taken along."""
    is_form = request.content_type == "application/x-www-form-urlencoded"  # a file is not read for nothing
    form = await request.post() if is_form else {}
    typed = [(name, value) for name, value in form.items() if isinstance(value, str) and name not in _OURS]
    words = "\n\n".join(dict.fromkeys(value.strip() for name, value in typed if len(value.strip()) >= _WORDS))
    again = [*typed, ("tee", LOOK)] if looks and words and not _is_foreign(request) else []
    return page(request, "signin.html", {"state": state, "typed": words, "again": again}, status=status)


async def _only_looks(request: web.Request) -> bool:
    return (await request.post()).get("tee") == LOOK and not _is_foreign(request)


def _is_foreign(request: web.Request) -> bool:
    """Whether another site's page sent the form."""
    return request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none")


async def show(request: web.Request) -> web.StreamResponse:
    """The page with the button that uses the link; what to do where it cannot be used any more."""
    pages, token = request.app[PAGES], request.match_info["token"]
    state = await pages.desk.run(lambda: pages.stores.signins.state(token, pages.desk.now()))
    status = 200 if state is LinkState.OPEN else 410
    return page(request, "signin.html", {"state": state.value, "token": token}, status=status)


async def enter(request: web.Request) -> web.StreamResponse:
    """Uses the link: a session begins. Not where another site's page sent the form."""
    pages, token = request.app[PAGES], request.match_info["token"]
    if _is_foreign(request):
        return page(request, "signin.html", {"state": "forged"}, status=403)
    found = await pages.desk.run(lambda: _entered(pages, token))
    if found is None:
        return await show(request)
    session, where = found
    raise _moved(where, _cookie(pages), session)


async def leave(request: web.Request) -> web.StreamResponse:
    """Signs out: here, or everywhere."""
    pages, visitor = request.app[PAGES], await _visitor(request)
    request[VISITOR] = visitor
    if visitor.signed_in:
        if not await _is_ours(request, visitor):
            return page(request, "signin.html", {"state": "forged"}, status=403)
        everywhere = bool((await request.post()).get("everywhere"))
        token = request.cookies.get(_cookie(pages), "")
        await pages.desk.run(lambda: _left(pages, visitor.person, token, everywhere=everywhere))
    request[VISITOR] = ANYBODY
    response = page(request, "signin.html", {"state": "left"})
    local = _is_local(pages)
    response.del_cookie(_cookie(pages), path="/", secure=not local, httponly=True, samesite="Lax")
    return response


def _entered(pages: Pages, token: str) -> tuple[str, str] | None:
    signins, now = pages.stores.signins, pages.desk.now()
    found = signins.use(token, now)
    if found is None:
        return None
    pages.stores.audit.note(found.person, "signed_in", "", now)
    return signins.begin(found.person, now), found.page


def _left(pages: Pages, person: str, token: str, *, everywhere: bool) -> None:
    signins = pages.stores.signins
    if everywhere:
        signins.end_all(person)
    else:
        signins.end(token)
    what = "signed_out_everywhere" if everywhere else "signed_out"
    pages.stores.audit.note(person, what, "", pages.desk.now())


def _moved(where: str, name: str, session: str) -> web.HTTPSeeOther:
    response = web.HTTPSeeOther(where)
    secure = name == _COOKIE
    response.set_cookie(name, session, path="/", secure=secure, httponly=True, samesite="Lax")
    response.headers["Cache-Control"] = "no-store"
    return response


async def _visitor(request: web.Request) -> Visitor:
    pages = request.app[PAGES]
    token = request.cookies.get(_cookie(pages), "")
    return await pages.desk.run(lambda: _known(pages, token)) if token else ANYBODY


def _known(pages: Pages, token: str) -> Visitor:
    """Whose session it is. The role is read anew: it may have been taken away meanwhile."""
    person = pages.stores.signins.person(token, pages.desk.now())
    if not person:
        return ANYBODY
    if person == CONSOLE:
        return Visitor(person, frozenset({IT}), None, _token(token)) if _is_local(pages) else ANYBODY
    known = pages.stores.people.person(person)
    return Visitor(person, frozenset(role.name for role in known.roles), known.language, _token(token))


async def _is_ours(request: web.Request, visitor: Visitor) -> bool:
    given = (await request.post()).get("token", "")
    return isinstance(given, str) and hmac.compare_digest(given.encode(), visitor.token.encode())


def _token(session: str) -> str:
    """What the session's forms carry: nobody who does not hold the cookie can know it."""
    return hmac.new(session.encode(), b"forms", hashlib.sha256).hexdigest()[:32]


def _is_local(pages: Pages) -> bool:
    return not pages.settings.has_credentials


def _cookie(pages: Pages) -> str:
    return _LOCAL_COOKIE if _is_local(pages) else _COOKIE
