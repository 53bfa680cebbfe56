"""Whoever has one IPv6 address has 2⁶⁴ of them: they count as one."""

from __future__ import annotations

import pytest

from chat_db.settings import network_of
from chat_ws.limits import ConnectionLimiter
from tests.conftest import StackMaker
from tests.support.http import HttpClient


def test_other_addresses_of_the_same_network_gain_nothing(own_web: StackMaker) -> None:
    """Each address counted for itself: 30 look-ups a minute were as many as one liked."""
    stack = own_web(limits=True, TRUSTED_PROXIES="127.0.0.0/8", LIMIT_LOOKUPS="5/minute")
    http = HttpClient(stack.web.url)

    def look_up(address: str) -> int:
        headers = {"X-Forwarded-For": address}
        return http.get("/backend/check_user_existence", {"username": "ada"}, headers).status

    assert [look_up(f"2001:db8::{number:x}:1") for number in range(7)] == [200] * 5 + [429] * 2
    assert look_up("2001:db8:0:1::1") == 200
    assert [look_up("::ffff:203.0.113.7"), *(look_up("203.0.113.7") for _ in range(5))] == [200] * 5 + [429]


def test_connections_count_by_network() -> None:
    gate = ConnectionLimiter(100, 2)
    assert [gate.enter(f"2001:db8::{number}") for number in range(3)] == [True, True, False]
    for number in range(3):
        gate.leave(f"2001:db8::{number}")
    assert gate.enter("2001:db8::9")


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("::1", "::"),
        ("fe80::1%eth0", "fe80::"),
        ("unknown", "unknown"),
        ("", ""),
    ],
)
def test_what_counts_as_one(address: str, network: str) -> None:
    assert network_of(address) == network
