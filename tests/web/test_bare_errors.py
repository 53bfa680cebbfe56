"""What gunicorn itself refuses, before there is a request."""

from __future__ import annotations

import contextlib
import socket

import pytest

from stack import Stack

HOST = b"Host: 127.0.0.1\r\n"
BROKEN = {
    "no request": b"<script>alert(1)</script>\r\n\r\n",
    "method": b"GE<T / HTTP/1.1\r\n" + HOST + b"\r\n",
    "long line": b"GET /" + b"a" * 5_000 + b" HTTP/1.1\r\n" + HOST + b"\r\n",
    "long header": b"GET / HTTP/1.1\r\n" + HOST + b"X: " + b"a" * 9_000 + b"\r\n\r\n",
    "two hosts": b"GET / HTTP/1.1\r\n" + HOST + HOST + b"\r\n",
    "two lengths": b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "coding": b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: secret\r\n\r\n",
    "version": b"GET /reset?token=secret HTTP/9.9\r\n" + HOST + b"\r\n",
    "expectation": b"POST / HTTP/1.1\r\n" + HOST + b"Expect: <b>secret\r\n\r\n",
}


def answer_to(stack: Stack, request: bytes) -> bytes:
    answer = b""
    with socket.create_connection(("127.0.0.1", stack.web.port), 5) as connection:
        connection.sendall(request)
        with contextlib.suppress(ConnectionResetError, TimeoutError):
            connection.settimeout(3)
            while part := connection.recv(65_536):
                answer += part
    return answer


@pytest.mark.parametrize("name", BROKEN)
def test_it_has_the_headers_of_every_answer_and_repeats_nothing(stack: Stack, name: str) -> None:
    answer = answer_to(stack, BROKEN[name])
    head, _, body = answer.partition(b"\r\n\r\n")
    status, *lines = head.decode().split("\r\n")
    assert status.split()[1] in ("400", "414", "417", "431", "501"), status
    headers = dict(line.lower().split(": ", 1) for line in lines)
    assert headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert headers["cache-control"] == "no-store"
    usual = answer_to(stack, b"GET /nothing HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n")
    usual_lines = usual.partition(b"\r\n\r\n")[0].decode().lower().split("\r\n")[1:]
    own = ("content-", "server:", "date:", "vary:")  # those of the answer's content, and gunicorn's
    kept = {line for line in usual_lines if not line.startswith(own)}
    assert len(kept) > 7
    assert kept <= {line.lower() for line in lines}
    assert headers["content-type"].startswith("text/plain")
    assert int(headers["content-length"]) == len(body)
    assert b"secret" not in body
    assert b"script" not in body


def test_a_broken_chunk_is_the_clients_fault(stack: Stack) -> None:
    """It was logged as a bug of ours, with a traceback, and answered with 503: the database is away."""
    request = (
        b"POST /backend/e_login HTTP/1.1\r\n"
        + HOST
        + b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"
    )
    assert answer_to(stack, request).startswith(b"HTTP/1.1 400 ")
    assert "Traceback" not in stack.web.log.read_text()
