"""Web addresses that others tell."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit


def is_service_url(value: str) -> bool:
    """Whether something could be sent there."""
    try:
        parts = urlsplit(value)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # of the host, or a port beyond 65535
        return False


def is_https(value: str) -> bool:
    """Whether nobody on the way can change what comes from there."""
    return is_service_url(value) and urlsplit(value).scheme == "https"


def is_loopback(value: str) -> bool:
    """Whether it is on this computer."""
    try:
        host = urlsplit(value).hostname or ""
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
