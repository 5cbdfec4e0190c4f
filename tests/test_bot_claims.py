"""The one-time code by which the first IT person takes the role."""

from __future__ import annotations

import pytest

from bot.assistant import Assistant
from bot.claims import MOST_TRIES, ClaimStore, code_in
from bot.models import Message, Scope
from bot.people import IT
from bot.stores import Stores
from tests.conftest import NOW


@pytest.fixture
def claims(stores: Stores) -> ClaimStore:
    return stores.claims


def wrong(code: str) -> str:
    """Another code than this one, of the same form."""
    return "2345-6779" if code != "2345-6779" else "2345-6799"


def test_the_code_works_once(claims: ClaimStore) -> None:
    code = code_in(claims.new_code())
    assert claims.is_open()
    assert claims.claim(code)
    assert not claims.claim(code)
    assert not claims.is_open()


def test_without_a_code_there_is_nothing_to_claim(claims: ClaimStore) -> None:
    assert not claims.is_open()
    assert not claims.claim("ACDEFGHJ")


def test_the_code_survives_a_few_wrong_tries(claims: ClaimStore) -> None:
    code = code_in(claims.new_code())
    assert [claims.claim(wrong(code)) for _ in range(MOST_TRIES - 1)] == [False] * (MOST_TRIES - 1)
    assert claims.is_open()
    assert claims.claim(code)


def test_wrong_tries_run_out(claims: ClaimStore) -> None:
    code = code_in(claims.new_code())
    for _ in range(MOST_TRIES):
        assert not claims.claim(wrong(code))
    assert not claims.is_open()
    assert not claims.claim(code)


def test_a_new_code_voids_the_one_before(claims: ClaimStore) -> None:
    first, second = code_in(claims.new_code()), code_in(claims.new_code())
    assert first != second
    assert not claims.claim(first)
    assert claims.claim(second)


def test_a_new_code_has_all_its_tries(claims: ClaimStore) -> None:
    code = code_in(claims.new_code())
    for _ in range(MOST_TRIES):
        claims.claim(wrong(code))
    assert claims.claim(code_in(claims.new_code()))


def test_a_withdrawn_code_is_void(claims: ClaimStore) -> None:
    code = code_in(claims.new_code())
    claims.withdraw()
    assert not claims.is_open()
    assert not claims.claim(code)


def test_the_code_itself_is_not_stored(stores: Stores) -> None:
    code = code_in(stores.claims.new_code())
    (row,) = stores.database.table("claims").rows
    assert code not in str(row)
    assert len(row["code"]) == 64


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("ACD2-FGHJ", "ACD2FGHJ"),
        ("  acd2-fghj \n", "ACD2FGHJ"),
        ("ACDE-FGH1", ""),  # no 1 in a code
        ("ACDEFGHJ", ""),
        ("team-chat", ""),  # every code has a digit
        ("koodi on ACDE-FGHJ", ""),
        ("ACDE-FGHJ-KMNP", ""),
        ("", ""),
    ],
)
def test_only_a_whole_message_is_a_code(text: str, code: str) -> None:
    assert code_in(text) == code


def test_every_code_can_be_typed_back(claims: ClaimStore) -> None:
    codes = [claims.new_code() for _ in range(50)]
    assert all(code_in(code.lower()) == code.replace("-", "") for code in codes)
    assert len(set(codes)) == len(codes)


def test_the_code_gives_the_role_to_who_typed_it(assistant: Assistant, stores: Stores) -> None:
    reply = assistant.respond(Message(stores.claims.new_code(), "teams:boss", "teams"), NOW)
    assert reply.kind == "claim"
    assert stores.people.person("teams:boss").role == IT
    assert stores.people.person("teams:other").role == ""


@pytest.mark.parametrize("scope", [Scope.CHANNEL, Scope.GROUP])
def test_a_code_that_others_can_see_becomes_void(assistant: Assistant, stores: Stores, scope: Scope) -> None:
    code = stores.claims.new_code()
    reply = assistant.respond(Message(code, "teams:boss", "teams", scope), NOW)
    assert (reply.kind, stores.claims.is_open()) == ("claim", False)
    assistant.respond(Message(code, "teams:boss", "teams"), NOW)
    assert not stores.people.has_it()


def test_a_wrong_code_gives_nothing_and_says_so(assistant: Assistant, stores: Stores) -> None:
    code = stores.claims.new_code()
    reply = assistant.respond(Message(wrong(code), "teams:thief", "teams"), NOW)
    assert "Koodi ei käy" in reply.text
    assert not stores.people.has_it()
    assert stores.database.table("questions").count == 0
