"""One-time links, sessions and the log: what works once, for how long, and what the database gives away."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.retention import purge
from bot.signins import LINK_LASTS, SESSION_LASTS, LinkState, SignIn, SigninStore
from bot.stores import Stores
from tests.conftest import NOW

SECOND = timedelta(seconds=1)


@pytest.fixture
def signins(stores: Stores) -> SigninStore:
    return stores.signins


def test_a_link_works_once(signins: SigninStore) -> None:
    token = signins.new_link("teams:anna", "/vuosikello", NOW)
    assert signins.state(token, NOW) is LinkState.OPEN
    assert signins.use(token, NOW) == SignIn("teams:anna", "/vuosikello")
    assert signins.state(token, NOW) is LinkState.USED
    assert signins.use(token, NOW) is None


def test_looking_at_a_link_does_not_use_it(signins: SigninStore) -> None:
    token = signins.new_link("teams:anna", "/", NOW)
    assert [signins.state(token, NOW) for _ in range(5)] == [LinkState.OPEN] * 5
    assert signins.use(token, NOW)


@pytest.mark.parametrize(("later", "state"), [(LINK_LASTS, LinkState.OPEN), (LINK_LASTS + SECOND, LinkState.EXPIRED)])
def test_a_link_lasts_ten_minutes(signins: SigninStore, later: timedelta, state: LinkState) -> None:
    assert timedelta(minutes=10) == LINK_LASTS
    token = signins.new_link("teams:anna", "/", NOW)
    assert signins.state(token, NOW + later) is state
    assert (signins.use(token, NOW + later) is not None) is (state is LinkState.OPEN)


def test_a_new_link_makes_the_earlier_one_void(signins: SigninStore) -> None:
    first = signins.new_link("teams:anna", "/", NOW)
    other = signins.new_link("teams:bertta", "/", NOW)
    signins.new_link("teams:anna", "/", NOW)
    assert signins.use(first, NOW) is None
    assert signins.use(other, NOW)


@pytest.mark.parametrize("token", ["", "x", "' or 1=1 --", "å" * 400])
def test_a_forged_token_is_nobody(signins: SigninStore, token: str) -> None:
    signins.new_link("teams:anna", "/", NOW)
    assert signins.state(token, NOW) is LinkState.UNKNOWN
    assert signins.use(token, NOW) is None
    assert signins.person(token, NOW) == ""


@pytest.mark.parametrize(("later", "person"), [(SESSION_LASTS, "teams:anna"), (SESSION_LASTS + SECOND, "")])
def test_a_session_ends_by_itself(signins: SigninStore, later: timedelta, person: str) -> None:
    assert signins.person(signins.begin("teams:anna", NOW), NOW + later) == person


def test_signing_out_ends_one_session_and_signing_out_everywhere_all(signins: SigninStore) -> None:
    phone, desk, other = (signins.begin(person, NOW) for person in ("anna", "anna", "bertta"))
    link = signins.new_link("anna", "/", NOW)
    signins.end(phone)
    assert (signins.person(phone, NOW), signins.person(desk, NOW)) == ("", "anna")
    signins.end_all("anna")
    assert (signins.person(desk, NOW), signins.person(other, NOW)) == ("", "bertta")
    assert signins.use(link, NOW) is None


def test_the_database_holds_no_token(signins: SigninStore, stores: Stores) -> None:
    tokens = [signins.new_link("anna", "/", NOW), signins.begin("anna", NOW)]
    rows = [*stores.database.table("signin_links").rows, *stores.database.table("web_sessions").rows]
    assert not any(token in str(row) for row in rows for token in tokens)


def test_whether_anything_is_kept_of_a_person(signins: SigninStore) -> None:
    assert not signins.known("anna")
    signins.begin("anna", NOW)
    assert signins.known("anna")
    assert not signins.known("bertta")


def test_a_person_is_forgotten_whole(signins: SigninStore, stores: Stores) -> None:
    signins.new_link("anna", "/", NOW)
    session = signins.begin("anna", NOW)
    signins.erase("anna")
    assert signins.person(session, NOW) == ""
    assert [stores.database.table(name).count for name in ("signin_links", "web_sessions")] == [0, 0]


def test_what_is_old_is_deleted(signins: SigninStore, stores: Stores) -> None:
    signins.new_link("anna", "/", NOW)
    signins.begin("anna", NOW)
    assert purge(stores.database, NOW + timedelta(days=2, seconds=1)) == 2
