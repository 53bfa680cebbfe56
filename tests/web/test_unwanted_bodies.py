"""A body that nobody wants is not read, its answer arrives all the same, and the connection ends."""

from __future__ import annotations

import contextlib
import re
import socket
from collections.abc import Iterator

import pytest

from stack import Stack
from tests.support.people import PASSWORD, Person

HOST = b"Host: 127.0.0.1\r\n"
HUGE = b"Content-Length: 4294967296\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"
JSON = b"Content-Type: application/json\r\n"
UNWANTED = {
    "a login": b"POST /backend/e_login HTTP/1.1\r\n" + JSON,
    "a form": b"POST /backend/e_login HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\n",
    "an endpoint that reads none": b"POST /logout HTTP/1.1\r\n",
    "a page": b"GET /login HTTP/1.1\r\n",
    "nothing": b"POST /nothing HTTP/1.1\r\n",
    "a file": b"GET /static/img/favicon.svg HTTP/1.1\r\n",
    "another site": b"POST /backend/e_login HTTP/1.1\r\nOrigin: http://evil.example\r\n" + JSON,
}


@contextlib.contextmanager
def connected(stack: Stack) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", stack.web.port), 10) as connection:
        yield connection


def read_all(connection: socket.socket) -> bytes:
    """Everything up to the server's end of the connection."""
    answer = b""
    while part := connection.recv(65_536):
        answer += part
    return answer


def read_answer(connection: socket.socket) -> bytes:
    """The head of one answer."""
    answer = b""
    while b"\r\n\r\n" not in answer:
        part = connection.recv(65_536)
        assert part, answer
        answer += part
    return answer


@pytest.mark.parametrize("name", UNWANTED)
@pytest.mark.parametrize("framing", [HUGE, CHUNKED], ids=["announced", "chunked"])
def test_a_body_over_the_limit_is_413_and_the_end_wherever_it_goes(stack: Stack, name: str, framing: bytes) -> None:
    with connected(stack) as connection:
        connection.sendall(UNWANTED[name] + HOST + framing + b"\r\n")
        sent = b"x" * 65_536 if framing == HUGE else b"10000\r\n" + b"x" * 65_536 + b"\r\n"
        for _ in range(8):  # what is under way when the answer comes does not cost the answer
            connection.sendall(sent)
        answer = read_all(connection)
    assert answer.startswith(b"HTTP/1.1 413 "), answer
    assert b"Connection: close" in answer
    assert answer.count(b"HTTP/1.1") == 1


def test_a_body_beside_a_get_is_read_and_the_connection_goes_on(stack: Stack) -> None:
    with connected(stack) as connection:
        for path in (b"/login", b"/nothing", b"/static/img/favicon.svg"):
            connection.sendall(b"GET " + path + b" HTTP/1.1\r\n" + HOST + b"Content-Length: 5\r\n\r\nhello")
        connection.sendall(b"GET /healthz HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n")
        answers = read_all(connection)
    assert re.findall(rb"HTTP/1\.1 (\d+) ", answers) == [b"200", b"404", b"200", b"200"]


def test_a_body_that_nobody_sends_does_not_begin_the_work(stack: Stack, ada: Person) -> None:
    """The client has ended in the middle of a body that makes sense as far as it came."""
    fields = b"username=ada&password=" + PASSWORD.replace(" ", "+").encode()
    head = b"POST /backend/e_login HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\n" + HOST
    with connected(stack) as connection:
        connection.sendall(head + f"Content-Length: {len(fields) + 1}\r\n\r\n".encode() + fields)
        connection.shutdown(socket.SHUT_WR)
        assert read_all(connection) == b""
    assert stack.database.query("SELECT COUNT(*) AS logins FROM tokens") == [{"logins": 1}]


def test_who_asks_first_is_told_before_sending_a_body(stack: Stack) -> None:
    expecting = b"POST /backend/e_login HTTP/1.1\r\n" + HOST + JSON + b"Expect: 100-continue\r\n"
    with connected(stack) as connection:
        connection.sendall(expecting + HUGE + b"\r\n")
        assert read_answer(connection).startswith(b"HTTP/1.1 413 ")
    with connected(stack) as connection:
        connection.sendall(expecting + b"Content-Length: 2\r\n\r\n")
        assert read_answer(connection) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(b"{}")
        assert read_answer(connection).startswith(b"HTTP/1.1 400 ")


def test_chunks_that_are_mostly_wrapping_are_too_large(stack: Stack) -> None:
    chunk = b"1;x=" + b"y" * 4_000 + b"\r\nz\r\n"
    with connected(stack) as connection:
        connection.sendall(UNWANTED["a login"] + HOST + CHUNKED + b"\r\n" + chunk * 100)
        assert read_all(connection).startswith(b"HTTP/1.1 413 ")


def test_a_header_of_many_fields_is_bounded_as_a_whole(stack: Stack) -> None:
    fields = b"".join(b"X-%d: " % number + b"y" * 4_000 + b"\r\n" for number in range(20))
    with connected(stack) as connection:
        connection.sendall(b"GET /login HTTP/1.1\r\n" + HOST + fields + b"\r\n")
        assert read_all(connection).startswith(b"HTTP/1.1 431 ")
