"""How often one address may ask."""

from __future__ import annotations

import pytest
from aiohttp.test_utils import make_mocked_request

from web.pages.pacing import Pace, address_of


def test_one_address_waits_and_another_does_not() -> None:
    pace = Pace(3, 60)
    assert [pace.allows("192.0.2.1", at) for at in (0, 1, 2, 3)] == [True, True, True, False]
    assert pace.allows("192.0.2.2", 3)
    assert pace.allows("192.0.2.1", 60)
    assert not pace.allows("192.0.2.1", 60.5)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8::1", "2001:db8::ffff", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("192.0.2.1", "192.0.2.2", False),
        ("nonsense", "", True),
    ],
)
def test_a_household_of_ipv6_is_one_address(one: str, other: str, same: bool) -> None:
    pace = Pace(1, 60)
    assert pace.allows(one, 0)
    assert pace.allows(other, 1) is not same


def test_no_address_is_kept_and_old_ones_are_forgotten() -> None:
    pace = Pace(1, 60)
    for number in range(10_050):
        pace.allows(f"10.{number // 65536}.{number // 256 % 256}.{number % 256}", 0)
    assert len(pace._times) == 10_000
    assert b"10.0.0.1" not in pace._times


@pytest.mark.parametrize(
    ("remote", "forwarded", "address"),
    [
        ("203.0.113.7", "", "203.0.113.7"),
        ("203.0.113.7", "198.51.100.1", "203.0.113.7"),  # a stranger's word
        ("127.0.0.1", "198.51.100.1", "198.51.100.1"),  # our own proxy's
        ("127.0.0.1", "10.0.0.1, 198.51.100.1", "198.51.100.1"),  # which adds what it saw itself at the end
        ("127.0.0.1", "", "127.0.0.1"),
    ],
)
def test_only_our_own_proxy_is_believed(remote: str, forwarded: str, address: str) -> None:
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    assert address_of(make_mocked_request("GET", "/", headers=headers).clone(remote=remote)) == address
