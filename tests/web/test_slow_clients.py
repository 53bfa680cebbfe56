"""Connections that drip bytes cost only themselves."""

from __future__ import annotations

import re
import select
import socket
import threading
import time

from chat_web.connections import STALL_SECONDS
from stack import Stack
from tests.conftest import StackMaker
from tests.support.http import HttpClient
from tests.support.people import People
from tests.support.waiting import wait_until

DRIP_SECONDS = 40  # longer than a header may take
PATIENCE = 8  # seconds of somebody else, shorter than that


def is_closed(connection: socket.socket) -> bool:
    """Say whether the server has ended a connection."""
    connection.settimeout(0)
    try:
        return connection.recv(4096) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True


class Drippers:
    """Opens many connections and sends each a byte now and then, for a bounded time."""

    def __init__(self, port: int, opening: bytes, count: int) -> None:
        self.connections = [socket.create_connection(("127.0.0.1", port), timeout=10) for _ in range(count)]
        self._opening = opening
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        self._send(self._opening)
        while not self._stop.wait(1):
            self._send(b"x")

    def _send(self, data: bytes) -> None:
        for connection in self.connections:
            try:
                connection.send(data)
            except OSError:
                continue

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()
        for connection in self.connections:
            connection.close()


def test_everybody_else_is_served_while_200_connections_drip(own_stack: StackMaker) -> None:
    stack = own_stack()
    ada, stranger = People(stack).register("ada").http, HttpClient(stack.web.url)
    ada.timeout = stranger.timeout = PATIENCE
    headers = Drippers(stack.web.port, b"GET /login HTTP/1.1\r\nHost: localhost\r\nX-Slow: ", 100)
    post = b"POST /backend/e_login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 60000\r\n\r\n"
    bodies = Drippers(stack.web.port, post, 100)
    try:
        end = time.monotonic() + DRIP_SECONDS
        while not all(map(is_closed, headers.connections)):
            # Without greenlets nobody is served until the drippers go.
            assert ada.get("/backend/get_session").status == 200
            assert stranger.get("/login").status == 200
            assert time.monotonic() < end, "a header may take 10 s"
    finally:
        bodies.stop()
        headers.stop()


def test_who_takes_nothing_of_an_answer_loses_the_connection(stack: Stack) -> None:
    page = HttpClient(stack.web.url).get("/login").text
    style = re.findall(r'href="(/assets/[^"]+\.css)"', page)[0]
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.settimeout(STALL_SECONDS + 10)
        connection.connect(("127.0.0.1", stack.web.port))
        # More answers than the kernel holds, and more requests than are read before the first of them is taken.
        connection.sendall(f"GET {style} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode() * 1_500)
        poll = select.poll()
        poll.register(connection, 0)  # errors and ends only: nothing is read
        began = time.monotonic()
        assert poll.poll(1000 * (STALL_SECONDS + 10)), "it is still open"
        assert time.monotonic() - began > STALL_SECONDS / 2


def test_half_a_handshake_disturbs_nobody(own_stack: StackMaker) -> None:
    stack: Stack = own_stack()
    ada = People(stack).register("ada")
    drippers = Drippers(stack.ws_server.port, b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ", 200)
    try:
        for _ in range(10):
            assert ada.connect().until_pong() == []
        wait_until(lambda: all(map(is_closed, drippers.connections)), 15)  # a handshake may take 5 s
    finally:
        drippers.stop()
