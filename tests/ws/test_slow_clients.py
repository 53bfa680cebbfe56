"""Can a client that is slow, silent, half there or greedy hurt anybody but itself?"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from stack import Stack, WsServer
from tests.support.people import People, Person
from tests.support.raw import HANDSHAKE, PING, TEXT, RawClient, frame, text
from tests.support.rows import add_partners
from tests.support.waiting import wait_until
from tests.ws.conftest import Strangers

UNLIMITED = {"WS_MESSAGE_RATE": "0", "WS_FRAME_RATE": "0", "WS_LOOKUP_RATE": "0", "WS_SYNC_RATE": "0"}
MIB = 1024 * 1024


@pytest.fixture
def server(stack: Stack) -> Iterator[WsServer]:
    """A ws-server of one's own, whose memory can be measured."""
    with stack.another_ws_server(UNLIMITED) as server:
        yield server


def memory(server: WsServer) -> int:
    """Return the bytes of memory that the process has in use."""
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    assert found
    return int(found[1]) * 1024


def test_a_client_that_does_not_read_its_messages_is_cut_and_delays_nobody(
    server: WsServer, ada: Person, bob: Person, chat: int
) -> None:
    adas, bobs = ada.connect(url=server.url), bob.connect(url=server.url)
    with RawClient(server, ada) as deaf:
        before = memory(server)
        largest = 0
        for number in range(450):  # 7 MB of frames for each of Ada's sockets
            bobs.send("send_message", chat_id=chat, message="é" * 8_000, client_id=f"c{number}")
            bobs.expect("message_sent")
            assert adas.expect("message")["seq"] == number + 1
            if number % 50 == 0:
                largest = max(largest, memory(server) - before)
        assert largest < 24 * MIB
        wait_until(lambda: "why='reading too slowly'" in server.log.read_text())
        assert len(deaf.read_to_the_end()) < 7 * MIB
    assert adas.until_pong() == bobs.until_pong() == []


def test_a_client_that_floods_pings_and_never_reads_is_cut(server: WsServer, ada: Person, bob: Person) -> None:
    bobs = bob.connect(url=server.url)
    with RawClient(server, ada) as greedy:
        before = memory(server)
        largest = 0
        flood = frame(PING, b"x" * 125) * 2_000
        end = time.monotonic() + 60
        while greedy.send_some(flood, deadline=0.5) and not greedy.is_cut():
            assert time.monotonic() < end, "still connected"
            largest = max(largest, memory(server) - before)
            assert bobs.until_pong() == []
        assert largest < 24 * MIB
    assert bobs.until_pong() == []


def test_half_a_frame_and_half_a_handshake_disturb_nobody(
    server: WsServer, ada: Person, bob: Person, chat: int
) -> None:
    adas, bobs = ada.connect(url=server.url), bob.connect(url=server.url)
    message = text("send_message", chat_id=chat, message="in two halves", client_id="c1")
    strangers = [RawClient(server) for _ in range(100)]
    for place, stranger in enumerate(strangers):
        stranger.send(HANDSHAKE[: place % 90])
    with RawClient(server, ada) as half:
        half.send(message[:20])
        for number in range(50):
            bobs.send("send_message", chat_id=chat, message=str(number))
            assert bobs.expect("message_sent")["seq"] == number + 1
            assert adas.expect("message")["seq"] == number + 1
        half.send(message[20:])
        assert bobs.expect("message")["message"] == "in two halves"
        half.send(frame(TEXT, b'{"type":"ping"}')[:3])
    adas.wait_for("message", seq=51)
    assert server.health() == 200
    for stranger in strangers:
        stranger.socket.close()
    assert adas.until_pong() == bobs.until_pong() == []


@pytest.mark.parametrize(
    "bytes_",
    [
        frame(TEXT, b'{"type":"\xff\xfe"}'),
        b"\x81\x0f" + b'{"type":"ping"}',  # not masked
        frame(0x83, b"{}"),  # an opcode that nobody has
        frame(0xC1, b"{}"),  # a bit for an extension that was not agreed on
        frame(0x80, b"{}"),  # the end of nothing
        frame(0x09, b"{}"),  # a ping in fragments
        frame(0x89, b"x" * 126),
        b"\x81\xff" + b"\xff" * 12,
        b"GET / HTTP/1.1\r\n\r\n",
        b"\x00" * 100,
    ],
    ids=ascii,
)
def test_bytes_that_break_the_protocol_cost_only_their_connection(
    stack: Stack, ada: Person, bob: Person, chat: int, bytes_: bytes
) -> None:
    adas, bobs = ada.connect(), bob.connect()
    with RawClient(stack.ws_server, ada) as broken:
        broken.send(bytes_)
        assert broken.read_to_the_end()[:1] in (b"", b"\x81", b"\x88")
    assert adas.until_pong() == bobs.until_pong() == []


def test_who_reads_nothing_of_a_large_sync_is_cut_and_who_reads_slowly_is_not(
    stack: Stack, server: WsServer, people: People, ada: Person, bob: Person
) -> None:
    """Pages wait for the reader, so the memory stays small; 10 s without a byte and the connection is over."""
    for chat in add_partners(stack, ada, 60):
        rows = ", ".join(f"({chat}, {ada.id}, {seq}, 'c{chat}-{seq}', REPEAT('é', 8000))" for seq in range(1, 16))
        stack.database.query(f"INSERT INTO messages (chat_id, sender_id, seq, client_id, content) VALUES {rows}")
    bobs = bob.connect(url=server.url)
    before = memory(server)
    began = time.monotonic()
    with RawClient(server, ada) as deaf, RawClient(server, ada, receive_buffer=65_536) as slow:
        for client in (deaf, slow):
            client.send(text("sync", chats={}))
        stop = threading.Event()
        read: list[int] = []

        def sip() -> None:
            while not stop.wait(0.25):
                read.append(len(slow.socket.recv(131_072)))

        reader = threading.Thread(target=sip)
        reader.start()
        try:
            wait_until(lambda: "why='reading too slowly'" in server.log.read_text(), deadline=30)
            assert time.monotonic() - began > 9
            assert memory(server) - before < 24 * MIB
            assert bobs.until_pong() == []
            assert len(deaf.read_to_the_end()) < 14 * MIB
        finally:
            stop.set()
            reader.join()
        assert 0 not in read
        slow.send(text("ping"))
        slow.read_until(b'"sync_done"')


def test_who_does_not_authenticate_is_closed_after_10_s_and_who_shakes_no_hand_after_5(strangers: Strangers) -> None:
    for stranger, code, seconds in (
        (strangers.silent, 4408, 10),
        (strangers.talking, 4408, 10),
        (strangers.half_a_handshake, 0, 5),
    ):
        found, after = stranger.result()
        assert found == code
        assert seconds - 0.5 < after < 3 * seconds
