"""How does the benchmark speak WebSocket, at as little cost as it can?

It shares the cores with what it measures, so it knows just enough of the protocol: frames are put together from three
pieces of bytes (masked with a zero key), answers are recognised by a few bytes. Every answer is counted; an unexpected
one ends the run.
"""

from __future__ import annotations

import asyncio
import sys
from typing import cast

ANSWERS = (b"m", b"s")  # first letters in {"type":": message_sent, message; the relay gives send_message on as it is
TEXT_FRAME, CLOSE_FRAME, PING_FRAME = 0x81, 0x88, 0x89


class Client(asyncio.Protocol):
    """One WebSocket connection. `answered` gets the number of answers in what just arrived."""

    def __init__(self, path: str, answers: tuple[bytes, ...] = ANSWERS) -> None:
        self.path = path
        self._answers = answers
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.authenticated: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.transport: asyncio.Transport
        self._rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.transport.write(
            f"GET {self.path} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )

    def connection_lost(self, error: Exception | None) -> None:
        for waiting in (self.opened, self.authenticated):
            if not waiting.done():
                waiting.set_exception(ConnectionError("the server closed the connection"))
        if not self.ended.done():
            self.ended.set_result(None)

    def data_received(self, data: bytes) -> None:
        data = self._rest + data if self._rest else data
        index = 0
        if not self.opened.done():
            index = self._read_handshake(data)
            if not index:
                self._rest = data
                return
        size, answers = len(data), 0
        while size - index >= 2:  # frames of a server are not masked, and here never fragments
            length = data[index + 1]
            start = index + 2
            if length > 125:
                start = index + (4 if length == 126 else 10)
                length = int.from_bytes(data[index + 2 : start], "big")
            end = start + length
            if start > size or end > size:
                break
            if data[index] == TEXT_FRAME and data[start + 9 : start + 10] in self._answers:
                answers += 1
            else:
                self._other(data[index], data[start:end])
            index = end
        self._rest = data[index:]
        if answers:
            self.answered(answers)

    def _read_handshake(self, data: bytes) -> int:
        """Return where the first frame begins, 0 while there is none."""
        end = data.find(b"\r\n\r\n")
        if end < 0:
            return 0
        if not data.startswith(b"HTTP/1.1 101"):
            self.failed(f"no WebSocket: {data[:300]!r}")
        else:
            self.opened.set_result(None)
        return end + 4

    def _other(self, kind: int, content: bytes) -> None:
        if kind == PING_FRAME:
            self.transport.write(b"\x8a" + bytes([0x80 | len(content)]) + b"\0\0\0\0" + content)
        elif kind == CLOSE_FRAME:
            self.transport.close()
        elif content.startswith(b'{"type":"auth"') and b'"success"' in content:
            self.authenticated.set_result(None)
        elif not content.startswith(b'{"type":"presence"'):
            self.failed(f"unexpected answer: {content[:300]!r}")

    def failed(self, why: str) -> None:
        print(why, file=sys.stderr, flush=True)
        self.transport.abort()

    def answered(self, count: int) -> None:
        raise NotImplementedError

    def close(self) -> None:
        self.transport.write(b"\x88\x82\x00\x00\x00\x00\x03\xe8")


def frame(payload: bytes) -> bytes:
    """Return a client's text frame. The mask's key is zero, so that masking costs the client nothing."""
    size = len(payload)
    head = bytes([0x81, 0x80 | size]) if size < 126 else b"\x81\xfe" + size.to_bytes(2, "big")
    return head + b"\0\0\0\0" + payload
