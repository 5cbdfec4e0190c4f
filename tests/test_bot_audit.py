"""The log of what was done: the newest first, without words, without who was erased, for a year."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.audit import LONGEST, AuditStore
from bot.retention import purge
from bot.stores import Stores
from tests.conftest import NOW

SECOND = timedelta(seconds=1)


@pytest.fixture
def audit(stores: Stores) -> AuditStore:
    return stores.audit


def test_the_log_tells_who_did_what_the_newest_first(audit: AuditStore) -> None:
    audit.note("anna", "signed_in", "", NOW)
    audit.note("anna", "remove", "d1", NOW + SECOND)
    assert [(note.person, note.what, note.about) for note in audit.notes()] == [
        ("anna", "remove", "d1"),
        ("anna", "signed_in", ""),
    ]


def test_older_lines_are_read_page_by_page(audit: AuditStore) -> None:
    for number in range(5):
        audit.note("anna", "remove", f"d{number}", NOW)
    first = audit.notes(2)
    assert [note.about for note in first] == ["d4", "d3"]
    assert [note.about for note in audit.notes(2, first[-1].id)] == ["d2", "d1"]


def test_what_an_erased_person_did_stays_and_who_it_was_does_not(audit: AuditStore) -> None:
    audit.note("anna", "remove", "d1", NOW)
    audit.note("bertta", "remove", "d2", NOW)
    assert audit.known("anna")
    audit.erase("anna")
    assert not audit.known("anna")
    assert [(note.person, note.about) for note in audit.notes()] == [("bertta", "d2"), ("", "d1")]


def test_a_line_holds_no_long_text(audit: AuditStore) -> None:
    audit.note("anna", "remove", "x" * 5_000, NOW)
    assert len(audit.notes()[0].about) == LONGEST


def test_the_log_is_kept_for_a_year(audit: AuditStore, stores: Stores) -> None:
    audit.note("anna", "remove", "d1", NOW)
    assert purge(stores.database, NOW + timedelta(days=365)) == 0
    assert purge(stores.database, NOW + timedelta(days=365, seconds=1)) == 1
