"""Does SIGTERM end the process before Docker would kill it, with every message answered and every client told to come
back?
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed

from stack import Stack, WsServer
from tests.support.people import People, Person
from tests.support.raw import HANDSHAKE, RawClient, text
from tests.support.socket import Frame, Socket
from tests.support.waiting import freeze

DOCKERS_PATIENCE = 10  # seconds from SIGTERM to SIGKILL
UNLIMITED = {"WS_MESSAGE_RATE": "0", "WS_FRAME_RATE": "0"}


class Stopping:
    """SIGTERM, sent now; `finish` waits for the end and returns the exit code, -9 where it had to be killed."""

    def __init__(self, server: WsServer) -> None:
        self.code: Any = None
        self._thread = threading.Thread(target=lambda: setattr(self, "code", server.stop(deadline=DOCKERS_PATIENCE)))
        self._thread.start()

    def finish(self) -> int:
        self._thread.join()
        code: int = self.code
        return code


def read_to_the_close(socket: Socket, deadline: float = 8) -> tuple[list[Frame], int]:
    """Return every frame that still comes, and the close code."""
    frames = []
    try:
        while True:
            frames.append(socket.receive(deadline))
    except ConnectionClosed as closed:
        return frames, closed.rcvd.code if closed.rcvd else 1006


def test_what_waits_is_committed_and_answered_before_the_end(stack: Stack, ada: Person, bob: Person, chat: int) -> None:
    with stack.another_ws_server(UNLIMITED) as server:
        adas, bobs = ada.connect(url=server.url), bob.connect(url=server.url)
        silent, halfway = RawClient(server, ada), RawClient(server)
        halfway.send(HANDSHAKE[:40])
        for number in range(400):
            adas.send("send_message", chat_id=chat, message=f"{number} " + "é" * 4_000, client_id=f"c{number}")
        stopping = Stopping(server)
        answers, code = read_to_the_close(adas)
        heard, bobs_code = read_to_the_close(bobs)
        exit_code = stopping.finish()
        silent.socket.close()
        halfway.socket.close()
    assert (code, bobs_code, exit_code) == (1012, 1012, 0)
    rows = stack.database.query("SELECT client_id, seq FROM messages ORDER BY seq")
    assert [row["seq"] for row in rows] == list(range(1, len(rows) + 1))
    sent = {frame["client_id"] for frame in answers if frame["type"] == "message_sent"}
    assert sent == {row["client_id"] for row in rows}
    assert {frame["code"] for frame in answers if frame["type"] == "error"} <= {"unavailable"}
    assert [frame["seq"] for frame in heard if frame["type"] == "message"] == [row["seq"] for row in rows]
    assert not {frame["client_id"] for frame in answers if frame["type"] == "error"} & sent


def test_it_ends_in_time_with_a_client_that_does_not_read(stack: Stack, ada: Person, bob: Person, chat: int) -> None:
    with stack.another_ws_server(UNLIMITED) as server, RawClient(server, ada) as deaf:
        bobs = bob.connect(url=server.url)
        for number in range(250):  # more than the system's buffers hold for the client that does not read
            bobs.send("send_message", chat_id=chat, message="é" * 8_000, client_id=f"c{number}")
        for _ in range(250):
            bobs.expect("message_sent")
        deaf.send(text("sync", chats={}))
        stopping = Stopping(server)
        _, code = read_to_the_close(bobs)
        exit_code = stopping.finish()
    assert (code, exit_code) == (1012, 0)


def test_it_ends_in_time_with_a_database_that_hangs(own_stack: Callable[..., Stack]) -> None:
    stack = own_stack()
    people = People(stack)
    ada, bob = people.register("ada"), people.register("bob")
    chat = people.chat_between(ada, bob)
    adas, bobs = ada.connect(), bob.connect()
    adas.send("send_message", chat_id=chat, message="before", client_id="c0")
    adas.expect("message_sent")
    freeze(stack.database)
    try:
        for number in range(1, 4):
            adas.send("send_message", chat_id=chat, message="hello", client_id=f"c{number}")
        adas.send("read", chat_id=chat, seq=1)
        adas.until_pong()
        stopping = Stopping(stack.ws_server)
        answers, code = read_to_the_close(adas)
        heard, bobs_code = read_to_the_close(bobs)
        exit_code = stopping.finish()
    finally:
        stack.database.resume()
    assert (code, bobs_code, exit_code) == (1012, 1012, 0)
    errors = [(frame["code"], frame["client_id"]) for frame in answers if frame["type"] == "error"]
    assert errors == [("unavailable", f"c{number}") for number in range(1, 4)]
    assert not [frame for frame in answers if frame["type"] == "message_sent"]
    assert [frame["seq"] for frame in heard if frame["type"] == "message"] == [1]
    stack.ws_server.start()
    again = ada.connect()
    for number in range(1, 4):
        again.send("send_message", chat_id=chat, message="hello", client_id=f"c{number}")
    assert sorted(again.expect("message_sent")["client_id"] for _ in range(3)) == ["c1", "c2", "c3"]
    rows = stack.database.query("SELECT seq FROM messages ORDER BY seq")
    assert [row["seq"] for row in rows] == [1, 2, 3, 4]
    people.leave()


def test_nobody_gets_in_while_it_ends_and_all_come_back_after(stack: Stack, ada: Person, chat: int) -> None:
    with stack.another_ws_server(UNLIMITED) as server:
        adas = ada.connect(url=server.url)
        assert server.stop() == 0
        assert adas.wait_closed() == 1012
        with pytest.raises(OSError):
            Socket(server.url)
        server.start()
        assert ada.connect(url=server.url).until_pong() == []
        ada.leave()
