"""Behind a proxy, everybody's requests come by its connections, and each still counts for whoever sent it."""

from __future__ import annotations

import contextlib
import select
import socket
from collections.abc import Iterator

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
def drippers(port: int, clients: list[str]) -> Iterator[list[socket.socket]]:
    """Hold a half-sent login open for each client."""
    with contextlib.ExitStack() as open_ones:
        yield [open_ones.enter_context(half_a_post(port, client)) for client in clients]


def count_ended(connections: list[socket.socket]) -> int:
    """Say how many connections the server has ended."""
    return len(select.select(connections, [], [], 0)[0])


def ask_as(stack: Stack, client: str) -> int:
    return HttpClient(stack.web.url).get("/login", headers={"X-Forwarded-For": client}).status


def test_one_client_behind_a_proxy_cannot_take_every_place(own_web: StackMaker) -> None:
    stack = own_web(TRUSTED_PROXIES="127.0.0.0/8")
    with (
        drippers(stack.web.port, ["203.0.113.7"]) as others,
        drippers(stack.web.port, ["203.0.113.5"] * (CAP + 20)) as many,
    ):
        assert ask_as(stack, "203.0.113.6") == 200
        assert ask_as(stack, "203.0.113.5") == 200
        # Its own oldest ones made room, and nobody else's.
        assert count_ended(many[:20]) == 20
        assert count_ended([*many[20:], *others]) == 0


def test_a_proxy_itself_is_not_capped(own_web: StackMaker) -> None:
    stack = own_web(TRUSTED_PROXIES="127.0.0.0/8")
    many = [f"203.0.113.{number % 250}" for number in range(CAP + 50)]
    with drippers(stack.web.port, many):
        assert ask_as(stack, "203.0.113.251") == 200


def test_an_address_that_is_no_proxy_gains_nothing_by_naming_others(own_web: StackMaker) -> None:
    stack = own_web(TRUSTED_PROXIES="192.0.2.1")
    many = [f"203.0.113.{number % 250}" for number in range(CAP + 10)]
    with drippers(stack.web.port, many) as connections:
        assert ask_as(stack, "203.0.113.251") == 200
        assert count_ended(connections[:10]) == 10
