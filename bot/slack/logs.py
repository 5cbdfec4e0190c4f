"""What slack_bolt and slack_sdk log, told in our way: what failed and by which error, never what was said."""

from __future__ import annotations

import logging
import re

import structlog
from slack_sdk.errors import SlackApiError

_log = structlog.get_logger()


class _Retold(logging.Handler):
    """Passes a record on without its values: those follow a colon or a bracket, and may be somebody's words."""

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        reason = error.response.get("error") if isinstance(error, SlackApiError) else None
        what = re.split(r" *[:(]", record.getMessage())[0]
        _log.error("slack", what=what, error=type(error).__name__ if error else None, reason=reason)


def sdk_logger() -> logging.Logger:
    """The logger to hand to the SDKs. Theirs begin at DEBUG to log whole payloads, and at WARNING to give advice."""
    logger = logging.getLogger("digivinkki.slack")
    if not logger.handlers:
        logger.setLevel(logging.ERROR)
        logger.addHandler(_Retold())
        logger.propagate = False
    return logger
