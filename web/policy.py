"""The headers that every response carries: nothing runs that is not ours, and nobody frames a page unasked."""

from __future__ import annotations

from collections.abc import Iterable

POLICY = "Content-Security-Policy"


def policy(framed_by: Iterable[str] = ()) -> str:
    """The content security policy; `framed_by` are the origins whose pages may show this one in a frame."""
    ancestors = " ".join(framed_by) or "'none'"
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        f"form-action 'self'; base-uri 'none'; frame-ancestors {ancestors}"
    )


HEADERS = {
    POLICY: policy(),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
