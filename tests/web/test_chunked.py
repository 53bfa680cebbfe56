"""A body that says no length is held to the same limit as one that does."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator

import pytest

from stack import Stack
from tests.support.people import PASSWORD, Person


def post_chunked(stack: Stack, kind: str, body: bytes) -> tuple[int, str | None]:
    """Post without a Content-Length; return the status and where it leads."""

    def chunks() -> Iterator[bytes]:
        for place in range(0, len(body), 8_000):
            yield body[place : place + 8_000]

    connection = http.client.HTTPConnection("127.0.0.1", stack.web.port, timeout=10)
    try:
        connection.request("POST", "/backend/e_login", chunks(), {"Content-Type": kind}, encode_chunked=True)
        response = connection.getresponse()
        response.read()
        return response.status, response.headers["Location"]
    finally:
        connection.close()


@pytest.mark.parametrize("kind", ["application/json", "application/x-www-form-urlencoded"])
def test_a_chunked_body_over_the_limit_is_too_large(stack: Stack, ada: Person, kind: str) -> None:
    filling = b"x" * 70_000
    fields = f"username={ada.name}&password={PASSWORD}&filling=".encode()
    whole = json.dumps({"username": ada.name, "password": PASSWORD, "filling": filling.decode()}).encode()
    assert post_chunked(stack, kind, whole if "json" in kind else fields + filling)[0] == 413


def test_a_chunked_body_within_the_limit_is_read(stack: Stack, ada: Person) -> None:
    body = json.dumps({"username": ada.name, "password": PASSWORD}).encode()
    assert post_chunked(stack, "application/json", body)[0] == 200
    fields = f"username={ada.name}&password={PASSWORD}".encode()
    assert post_chunked(stack, "application/x-www-form-urlencoded", fields) == (302, "/")
