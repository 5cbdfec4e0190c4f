"""Moments as they are stored: ISO 8601 in UTC, to the second, so that their texts stand in the order of time."""

from __future__ import annotations

from datetime import UTC, datetime


def stamp(at: datetime) -> str:
    """The moment as it is stored."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def moment(text: str) -> datetime:
    """The moment that was stored so."""
    return datetime.fromisoformat(text)
