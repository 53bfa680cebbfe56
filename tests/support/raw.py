"""How does a hostile or broken client talk? Bytes on a TCP connection, and no reading unless told to."""

from __future__ import annotations

import contextlib
import json
import socket
from typing import Any

from stack import WsServer
from tests.support.people import Person

TEXT, PING = 0x81, 0x89
HANDSHAKE = (
    b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


def frame(opcode: int, payload: bytes) -> bytes:
    """Return one masked WebSocket frame (with a mask of zeros)."""
    if len(payload) < 126:
        length = bytes([0x80 | len(payload)])
    elif len(payload) < 65_536:
        length = b"\xfe" + len(payload).to_bytes(2, "big")
    else:
        length = b"\xff" + len(payload).to_bytes(8, "big")
    return bytes([opcode]) + length + b"\0\0\0\0" + payload


def text(kind: str, **fields: Any) -> bytes:
    return frame(TEXT, json.dumps({"type": kind, **fields}).encode())


class RawClient:
    """A TCP connection to ws-server; with a person, past handshake and auth."""

    def __init__(self, server: WsServer, person: Person | None = None, receive_buffer: int = 4_096) -> None:
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(5)
        self.socket.connect(("127.0.0.1", server.port))
        if person is not None:
            self.send(HANDSHAKE + text("auth", user_id=person.id, token=person.token))
            self.read_until(b'"status":"success"')

    def __enter__(self) -> RawClient:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def send_some(self, data: bytes, deadline: float) -> bool:
        """Send as much as the other end takes; say whether the connection is still there."""
        self.socket.settimeout(deadline)
        try:
            self.socket.sendall(data)
        except TimeoutError:
            return True
        except OSError:
            return False
        return True

    def read_until(self, mark: bytes) -> None:
        """Read until these bytes have come; fail where the server hangs up before."""
        end = b""
        while mark not in end:
            part = self.socket.recv(65_536)
            assert part, end
            end = end[-len(mark) :] + part

    def read_to_the_end(self, deadline: float = 5) -> bytes:
        """Read until the server hangs up; raises TimeoutError where it does not."""
        self.socket.settimeout(deadline)
        seen = bytearray()
        with contextlib.suppress(ConnectionResetError):
            while part := self.socket.recv(65_536):
                seen += part
        return bytes(seen)

    def is_cut(self) -> bool:
        """Say whether the server has hung up hard, without reading anything."""
        return self.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) != 0
