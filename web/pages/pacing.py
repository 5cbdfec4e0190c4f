"""How often one address may ask without having signed in. In memory, by a hash that no restart survives."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections import OrderedDict, deque
from ipaddress import IPv6Address, ip_address

from aiohttp import web

from web.guard import is_loopback

_MOST_ADDRESSES = 10_000  # remembered; the one that was silent longest is forgotten first


class Pace:
    """At most `most` requests of an address in `seconds`; a whole town hall may share one address."""

    def __init__(self, most: int, seconds: float) -> None:
        self._most, self._seconds = most, seconds
        self._key = secrets.token_bytes(32)
        self._times: OrderedDict[bytes, deque[float]] = OrderedDict()

    def allows(self, address: str, now: float) -> bool:
        """Whether one more is allowed at the moment (seconds on any clock); it counts where it is."""
        key = hmac.new(self._key, _network(address).encode(), hashlib.sha256).digest()
        times = self._times.setdefault(key, deque(maxlen=self._most))
        self._times.move_to_end(key)
        if len(self._times) > _MOST_ADDRESSES:
            self._times.popitem(last=False)
        if len(times) == self._most and now - times[0] < self._seconds:
            return False
        times.append(now)
        return True


def address_of(request: web.Request) -> str:
    """Where the request came from; what our own proxy on this computer says is believed, nobody else."""
    remote = request.remote or ""
    forwarded = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
    return forwarded if forwarded and is_loopback(remote) else remote


def _network(address: str) -> str:
    """An IPv6 address stands for its /64, of which one household has as many as it likes."""
    try:
        found = ip_address(address)
    except ValueError:
        return ""
    return str(IPv6Address(int(found) >> 64 << 64)) if isinstance(found, IPv6Address) else str(found)
