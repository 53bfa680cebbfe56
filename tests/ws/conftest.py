"""Waits that cost nothing, because the other tests go on meanwhile."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import pytest
from websockets.exceptions import ConnectionClosed

from stack import Stack
from tests.support.raw import HANDSHAKE, RawClient
from tests.support.socket import Socket

PATIENCE = 40  # seconds


@dataclass(frozen=True)
class Strangers:
    """Clients who never authenticated. Each result: close code (0: no WebSocket yet), seconds until the end."""

    silent: Future[tuple[int, float]]
    talking: Future[tuple[int, float]]
    half_a_handshake: Future[tuple[int, float]]


def stay_silent(url: str) -> tuple[int, float]:
    with Socket(url) as socket:
        began = time.monotonic()
        return socket.wait_closed(PATIENCE), time.monotonic() - began


def keep_talking(url: str) -> tuple[int, float]:
    with Socket(url) as socket:
        began = time.monotonic()
        with contextlib.suppress(ConnectionClosed):
            while time.monotonic() - began < PATIENCE:
                socket.send("ping")
                assert socket.expect("error")["code"] == "not_authenticated"
                with contextlib.suppress(TimeoutError):
                    socket.receive(deadline=0.5)
        return socket.wait_closed(), time.monotonic() - began


def stop_halfway(stack: Stack) -> tuple[int, float]:
    with RawClient(stack.ws_server) as client:
        began = time.monotonic()
        client.send(HANDSHAKE[:60])
        client.read_to_the_end(PATIENCE)
        return 0, time.monotonic() - began


@pytest.fixture(scope="session", autouse=True)
def begin_to_wait(request: pytest.FixtureRequest) -> None:
    """Let the strangers connect before the first test, if a test will ask what became of them."""
    if any("strangers" in getattr(item, "fixturenames", ()) for item in request.session.items):
        request.getfixturevalue("strangers")


@pytest.fixture(scope="session")
def strangers(session_stack: Stack) -> Iterator[Strangers]:
    url = session_stack.ws_server.url
    with ThreadPoolExecutor(3) as threads:
        yield Strangers(
            silent=threads.submit(stay_silent, url),
            talking=threads.submit(keep_talking, url),
            half_a_handshake=threads.submit(stop_halfway, session_stack),
        )
