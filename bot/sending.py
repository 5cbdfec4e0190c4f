"""What both platforms' senders say when they gave up."""

from __future__ import annotations


class SendError(Exception):
    """What was to be sent was not. `gone`: the conversation cannot be written to any more."""

    def __init__(self, reason: str, *, gone: bool = False) -> None:
        super().__init__(reason)
        self.gone = gone
