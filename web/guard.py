"""Who may come in: in local mode only this computer, and never a page of somebody else's."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})
_FORWARDED = frozenset({"forwarded", "x-real-ip", "via", "cf-connecting-ip"})


def is_loopback(address: str | None) -> bool:
    """Whether the address is this computer's own."""
    if address in LOCAL_HOSTS:
        return True
    try:
        return ipaddress.ip_address(address or "").is_loopback
    except ValueError:
        return False


def local_only() -> Middleware:
    """Refuses what did not come straight from this computer: a foreign Host (DNS rebinding), forwarded headers
    (a proxy that would open the preview to the world), another page's request."""

    @web.middleware
    async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
        if reason := _foreign(request):
            raise web.HTTPForbidden(text=f"{reason}: without credentials Digivinkki serves this computer only")
        return await handler(request)

    return guard


def _foreign(request: web.Request) -> str:
    if not is_loopback(request.remote):
        return "a foreign address"
    if not is_loopback(_host(f"//{request.headers.get('Host', '')}")):
        return "a foreign Host"
    if _is_forwarded(request):
        return "a forwarded request"
    origin = request.headers.get("Origin")
    if origin is not None and _host(origin) not in LOCAL_HOSTS:
        return "a foreign Origin"
    if request.headers.get("Sec-Fetch-Site") == "cross-site":
        return "another site's request"
    return ""


def _is_forwarded(request: web.Request) -> bool:
    """Whether a proxy passed the request on."""
    names = (name.lower() for name in request.headers)
    return any(name in _FORWARDED or name.startswith("x-forwarded-") for name in names)


def _host(address: str) -> str:
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


def is_own(request: web.Request) -> bool:
    """Whether the request came straight from this computer."""
    return is_loopback(request.remote) and not _is_forwarded(request)


def loopback(handler: Handler) -> Handler:
    """Wraps a handler for this computer's own eyes: nobody else learns that it is there."""

    async def guarded(request: web.Request) -> web.StreamResponse:
        if not is_own(request):
            raise web.HTTPNotFound
        return await handler(request)

    return guarded
