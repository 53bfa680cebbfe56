"""Which pages may open a socket, and what else does the port answer?"""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest
from websockets.exceptions import InvalidStatus

from stack import Stack, WsServer
from tests.support.people import Person
from tests.support.socket import Socket


def opens(server: WsServer, **headers: str) -> bool:
    """Say whether a handshake with these headers is accepted; a refusal must be 403."""
    try:
        with Socket(server.url, {name.capitalize(): value for name, value in headers.items()}):
            return True
    except InvalidStatus as refused:
        if refused.response.status_code != 403:
            raise
        return False


@pytest.fixture(scope="module")
def public_server(session_stack: Stack) -> Iterator[WsServer]:
    with session_stack.another_ws_server({"PUBLIC_URL": "https://chat.example"}) as server:
        yield server


@pytest.mark.parametrize(
    "origin", ["http://127.0.0.1", "http://127.0.0.1:8000", "https://127.0.0.1:8443", "HTTP://127.0.0.1:1"]
)
def test_a_page_of_the_same_host_may_connect_whatever_its_port(stack: Stack, origin: str) -> None:
    assert opens(stack.ws_server, origin=origin)


def test_a_program_without_origin_may_connect(stack: Stack, public_server: WsServer) -> None:
    assert opens(stack.ws_server)
    assert opens(public_server)


@pytest.mark.parametrize(
    "origin",
    [
        *("null", "", "http://", "127.0.0.1", "http://evil.example", "http://127.0.0.1.evil.example", "file://"),
        *("http://evil.example/127.0.0.1", "http://127.0.0.2", "http://localhost", "http://[::1", "http://evil@x:y"),
    ],
)
def test_no_other_page_may(stack: Stack, ada: Person, bob: Person, chat: int, origin: str) -> None:
    bobs = bob.connect()
    assert not opens(stack.ws_server, origin=origin)
    assert bobs.until_pong() == []


def test_where_the_public_address_is_known_only_its_pages_may(public_server: WsServer) -> None:
    assert opens(public_server, origin="https://chat.example")
    for origin in (
        *("http://chat.example", "https://chat.example:8443", "https://chat.example.evil.example", "null"),
        *(f"http://127.0.0.1:{public_server.port}", "https://CHAT.example.", ""),
    ):
        assert not opens(public_server, origin=origin), origin


def test_health_is_told_over_http(stack: Stack) -> None:
    for path in ("healthz", "healthz?x=1"):
        with urllib.request.urlopen(f"http://127.0.0.1:{stack.ws_server.port}/{path}", timeout=5) as answer:
            assert answer.status == 200
            assert answer.headers["Content-Type"] == "application/json"
            assert answer.headers["Server"] is None
            assert json.load(answer) == {"status": "ok"}


def test_a_request_that_is_no_handshake_is_told_so(stack: Stack) -> None:
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"http://127.0.0.1:{stack.ws_server.port}/", timeout=5)
    assert refused.value.code == 426
    refused.value.close()
