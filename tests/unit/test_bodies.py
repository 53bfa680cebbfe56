"""A piece of a file is read in steps, each with a deadline of its own; a body that breaks off ends its connection."""

from __future__ import annotations

import gevent
import gevent.socket
import pytest
from gunicorn.http.unreader import IterUnreader

from chat_web.bodies import MAX_BODY, MAX_PIECE, STEP, STEP_SECONDS, BodyCutOff, StreamedBody, most_of
from chat_web.connections import Connection, Waiting


class Request:
    """What is asked of gunicorn's request."""

    def __init__(self, begun: bytes = b"", expects: bool = False) -> None:
        self.unreader = IterUnreader(iter(()))
        self.unreader.unread(begun)
        self.must_close = False
        self._expected_100_continue = expects

    def force_close(self) -> None:
        self.must_close = True


class Network:
    """A connection on which so much comes, and a note of each wait."""

    def __init__(self, comes: bytes) -> None:
        self.comes = comes
        self.waits: list[float] = []
        self.said: list[bytes] = []
        self.given_up = False

    def receive(self, buffer: memoryview, seconds: float) -> int:
        self.waits.append(seconds)
        part, self.comes = self.comes[: len(buffer)], self.comes[len(buffer) :]
        buffer[: len(part)] = part
        return len(part)

    def sendall(self, data: bytes) -> None:
        self.said.append(data)

    def give_up(self) -> None:
        self.given_up = True


def test_the_deadline_begins_again_with_each_step() -> None:
    request, network = Request(), Network(b"x" * 3 * STEP)
    body = StreamedBody(request, network, 3 * STEP)  # type: ignore[arg-type]
    assert [len(body.read(10**9)) for _ in range(4)] == [STEP, STEP, STEP, 0]
    assert network.waits == [STEP_SECONDS] * 3
    assert body.is_whole
    assert not request.must_close


def test_what_came_with_the_header_is_first_and_what_follows_the_body_is_left() -> None:
    request, network = Request(b"hello, GET /next"), Network(b"")
    body = StreamedBody(request, network, 6)  # type: ignore[arg-type]
    assert (body.read(4), body.read(), body.read()) == (b"hell", b"o,", b"")
    assert request.unreader.read() == b" GET /next"
    half = StreamedBody(Request(b"ab"), Network(b"cd"), 4)  # type: ignore[arg-type]
    assert half.read() == b"abcd"


def test_what_came_before_the_end_is_given_once() -> None:
    request, network = Request(), Network(b"x" * (STEP + 3))
    body = StreamedBody(request, network, 3 * STEP)  # type: ignore[arg-type]
    assert [len(body.read()), len(body.read())] == [STEP, 3]
    with pytest.raises(BodyCutOff):
        body.read()
    assert len(network.waits) == 2  # nobody waits again for what did not come in time
    assert network.given_up
    assert request.must_close
    assert not body.is_whole


def test_who_asks_first_is_told_when_the_body_is_wanted() -> None:
    network = Network(b"x" * 10)
    request = Request(expects=True)
    body = StreamedBody(request, network, 10)  # type: ignore[arg-type]
    assert not request._expected_100_continue  # gunicorn would say it before the login is looked at
    assert network.said == []
    body.read(5)
    body.read(5)
    assert network.said == [b"HTTP/1.1 100 Continue\r\n\r\n"]


def test_who_sends_nothing_is_not_waited_for_longer() -> None:
    ours, theirs = gevent.socket.socketpair()
    connection = Connection(ours, Waiting(10, 10, 1_000), "192.0.2.1")
    try:
        gevent.spawn(theirs.sendall, b"half")
        buffer = bytearray(8)
        assert connection.receive(memoryview(buffer), 0.05) == 4
        assert bytes(buffer[:4]) == b"half"
        theirs.sendall(b"whole bo")
        assert connection.receive(memoryview(buffer), 10) == 8
    finally:
        connection.close()
        theirs.close()


@pytest.mark.parametrize(
    ("method", "path", "most"),
    [
        ("PATCH", "/backend/uploads/1", MAX_PIECE),
        ("PATCH", "/backend/uploads/4294967295", MAX_PIECE),
        ("PATCH", "/backend/uploads/12345678901", MAX_BODY),
        ("PATCH", "/backend/uploads/1/", MAX_BODY),
        ("PATCH", "/backend/uploads/1\n", MAX_BODY),
        ("PATCH", "/backend/uploads", MAX_BODY),
        ("POST", "/backend/uploads/1", MAX_BODY),
        ("POST", "/backend/uploads", MAX_BODY),
        ("PATCH", "/x/backend/uploads/1", MAX_BODY),
    ],
)
def test_only_a_piece_may_be_large(method: str, path: str, most: int) -> None:
    assert most_of(method, path) == most
