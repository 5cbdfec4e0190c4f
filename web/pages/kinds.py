"""What an entry is, in the pages' classes and texts, and the themes that it can be about."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from scheduler.models import Kind
from tips.models import Language, Theme

KINDS: Mapping[Kind, str] = MappingProxyType(
    {
        Kind.WEEKLY_TIP: "tip",
        Kind.SECURITY_QUARTER: "quarter",
        Kind.TIP_SESSION: "session",
        Kind.REMINDER: "reminder",
        Kind.MEETING: "meeting",
        Kind.TASK: "task",
    }
)


def by_title(themes: Mapping[str, Theme], language: Language) -> list[tuple[str, str]]:
    """The themes' ids and titles, as a list to choose from."""
    return sorted(((theme.id, theme.title(language)) for theme in themes.values()), key=lambda each: each[1].casefold())
