"""A piece is read as it comes, after the login was looked at; no other body is so large."""

from __future__ import annotations

import contextlib
import random
import socket

import pytest

from chat_web.bodies import MAX_PIECE
from stack import Stack
from tests.support.people import Person
from tests.support.tus import begun, bytes_of, file_of, offset_of, piece_begun, piece_header, send_piece
from tests.support.waiting import wait_until


def read_all(connection: socket.socket) -> bytes:
    answer = b""
    with contextlib.suppress(ConnectionResetError):
        while part := connection.recv(65_536):
            answer += part
    return answer


def test_a_piece_of_16_mib_comes_whole_and_others_follow_on_its_connection(
    stack: Stack, ada: Person, chat: int
) -> None:
    data = random.Random(1).randbytes(MAX_PIECE + 5)
    path = begun(ada, chat, len(data))
    with piece_begun(stack, ada, path, f"Content-Length: {MAX_PIECE}") as connection:
        connection.sendall(data[:MAX_PIECE])
        assert connection.recv(1000).startswith(b"HTTP/1.1 204 ")
        health = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
        head = piece_header(ada, path, "Content-Length: 5", offset=MAX_PIECE)
        connection.sendall(head + data[MAX_PIECE:] + health)
        answers = read_all(connection)
    assert [line[9:12] for line in answers.split(b"\r\n") if line.startswith(b"HTTP/1.1 ")] == [b"204", b"200"]
    assert bytes_of(stack, file_of(stack, ada, path)) == data


def test_a_stranger_is_refused_before_the_body_is_read(stack: Stack, ada: Person, chat: int) -> None:
    path = begun(ada, chat, 100)
    with piece_begun(stack, None, path, f"Content-Length: {MAX_PIECE}") as connection:
        answer = read_all(connection)  # nothing of the body was sent
    assert answer.startswith(b"HTTP/1.1 401 ")
    assert b"Connection: close" in answer


@pytest.mark.parametrize("framing", [f"Content-Length: {MAX_PIECE + 1}", "Transfer-Encoding: chunked"])
def test_a_longer_piece_ends_the_connection(stack: Stack, ada: Person, chat: int, framing: str) -> None:
    path = begun(ada, chat, 50_000_000)
    with piece_begun(stack, ada, path, framing) as connection:
        with contextlib.suppress(OSError):
            for _ in range(3):
                connection.sendall((b"8000\r\n" + b"x" * 0x8000 + b"\r\n") if "chunked" in framing else b"x" * 65_536)
        answer = read_all(connection)
    assert answer.startswith(b"HTTP/1.1 413 "), answer
    assert b"Connection: close" in answer
    assert offset_of(ada, path) == 0


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_no_other_request_may_be_so_large(stack: Stack, ada: Person, chat: int, method: str) -> None:
    path = begun(ada, chat, 100_000)
    with piece_begun(stack, ada, path, "Content-Length: 65537", method=method) as connection:
        assert read_all(connection).startswith(b"HTTP/1.1 413 ")


@pytest.mark.parametrize("sent", [10, 70_000, 200_000])
def test_what_came_before_a_client_went_is_kept(stack: Stack, ada: Person, chat: int, sent: int) -> None:
    data = random.Random(2).randbytes(300_000)
    path = begun(ada, chat, len(data))
    with piece_begun(stack, ada, path, "Content-Length: 300000") as connection:
        connection.sendall(data[:sent])
    wait_until(lambda: offset_of(ada, path) == sent)
    wait_until(lambda: send_piece(ada, path, sent, data[sent:]).status == 204)
    assert bytes_of(stack, file_of(stack, ada, path)) == data
    assert "Traceback" not in stack.web.log.read_text()


def test_a_piece_that_nobody_wants_is_answered_all_the_same(stack: Stack, ada: Person, chat: int) -> None:
    """All of it is sent before anybody reads: an answer on a connection that is reset would not arrive."""
    path = begun(ada, chat, MAX_PIECE)
    with piece_begun(stack, ada, path, f"Content-Length: {MAX_PIECE}", offset=7) as connection:
        connection.sendall(bytes(MAX_PIECE))
        assert connection.recv(1000).startswith(b"HTTP/1.1 409 ")
    assert offset_of(ada, path) == 0
