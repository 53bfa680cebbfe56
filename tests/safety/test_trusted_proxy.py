"""Behind a proxy, everybody's requests come by its connections, and each still counts for whoever sent it."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator

import pytest

from stack import Stack
from tests.conftest import StackMaker
from tests.support.http import HttpClient

CAP = 400  # of web, for one address


def half_a_post(port: int, client: str) -> socket.socket:
    """Send a login as a proxy passes it on, whose body never comes."""
    connection = socket.create_connection(("127.0.0.1", port), timeout=10)
    head = (
        "POST /backend/e_login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 60\r\n"
    )
    connection.sendall(f"{head}X-Forwarded-For: 198.51.100.7, {client}\r\n\r\n".encode())
    return connection


@contextlib.contextmanager
def drippers(port: int, clients: list[str]) -> Iterator[None]:
    with contextlib.ExitStack() as open_ones:
        for client in clients:
            open_ones.enter_context(half_a_post(port, client))
        yield


def ask_as(stack: Stack, client: str) -> int:
    return HttpClient(stack.web.url).get("/login", headers={"X-Forwarded-For": client}).status


def test_one_client_behind_a_proxy_cannot_take_every_place(own_stack: StackMaker) -> None:
    stack = own_stack(TRUSTED_PROXIES="127.0.0.0/8")
    with drippers(stack.web.port, ["203.0.113.5"] * (CAP + 20)):
        assert ask_as(stack, "203.0.113.6") == 200
        with pytest.raises(OSError, match="closed connection"):
            ask_as(stack, "203.0.113.5")
    assert ask_as(stack, "203.0.113.6") == 200


def test_a_proxy_itself_is_not_capped(own_stack: StackMaker) -> None:
    stack = own_stack(TRUSTED_PROXIES="127.0.0.0/8")
    many = [f"203.0.113.{number % 250}" for number in range(CAP + 50)]
    with drippers(stack.web.port, many):
        assert ask_as(stack, "203.0.113.251") == 200


def test_an_address_that_is_no_proxy_gains_nothing_by_naming_others(own_stack: StackMaker) -> None:
    stack = own_stack(TRUSTED_PROXIES="192.0.2.1")
    many = [f"203.0.113.{number % 250}" for number in range(CAP)]
    with drippers(stack.web.port, many), pytest.raises(OSError, match=r"closed connection|reset|Broken pipe"):
        ask_as(stack, "203.0.113.251")
