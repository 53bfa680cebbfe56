"""Where can a connection be cut? A TCP proxy between client and ws-server that knows the frames it passes on.

For each connection it asks for a Cut: at which byte of which frame the connection ends, and how.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass

UP, DOWN = "up", "down"


@dataclass(frozen=True)
class Cut:
    """End a connection at the `nth` frame of a `kind`, after `part` of its bytes have been passed on.

    `part` counts bytes (int), or is a share of the frame (float, 1.0: all of it). `direction` is UP for a client's
    frame, DOWN for the server's: an answer is there, so the commit was before. `how`: "reset" (RST to both sides),
    "close" (FIN), "silence" (open, but nothing passes any more).
    """

    direction: str
    kind: bytes
    part: float | int
    how: str = "reset"
    nth: int = 1


Plan = Callable[[int], Cut | None]


class Pipe:
    """One direction of one connection: whole frames are recognised, others pass as they come."""

    def __init__(self, cut: Cut | None) -> None:
        self.cut = cut
        self._buffer = b""
        self._in_handshake = True
        self._seen = 0

    def feed(self, data: bytes) -> tuple[bytes, bool]:
        """Return what may pass now, and whether the connection ends after it."""
        if self.cut is None:
            return data, False
        self._buffer += data
        passed = b""
        for item in self._items():
            if self.cut.kind in unmasked(item):
                self._seen += 1
                if self._seen == self.cut.nth:
                    part = self.cut.part
                    size = part if isinstance(part, int) else int(len(item) * part)
                    return passed + item[:size], True
            passed += item
        return passed, False

    def _items(self) -> Iterator[bytes]:
        while True:
            end = self._buffer.find(b"\r\n\r\n") + 4 if self._in_handshake else frame_size(self._buffer)
            if end < (4 if self._in_handshake else 2) or len(self._buffer) < end:
                return
            item, self._buffer = self._buffer[:end], self._buffer[end:]
            self._in_handshake = False
            yield item


def frame_size(data: bytes) -> int:
    """Return how long the frame is that begins here, 0 where that cannot be said yet."""
    if len(data) < 2:
        return 0
    length, head = data[1] & 0x7F, 2
    if length > 125:
        head = 4 if length == 126 else 10
        if len(data) < head:
            return 0
        length = int.from_bytes(data[2:head], "big")
    return head + (4 if data[1] & 0x80 else 0) + length


def unmasked(item: bytes) -> bytes:
    """Return a frame's content (of the handshake: its text)."""
    if item[:1] not in (b"\x81", b"\x82", b"\x88", b"\x89", b"\x8a"):
        return item
    length = item[1] & 0x7F
    start = 2 if length < 126 else 4 if length == 126 else 10
    if not item[1] & 0x80:
        return item[start:]
    key, content = item[start : start + 4], item[start + 4 :]
    return bytes(byte ^ key[place % 4] for place, byte in enumerate(content))


class Proxy:
    """Listens on a port of its own in front of a server. `plan(n)` says how connection number n (from 0) ends."""

    def __init__(self, host: str, port: int, plan: Plan) -> None:
        self.plan = plan
        self.cuts = 0
        self.connections = 0
        self.url = ""
        self._target = (host, port)
        self._tasks: set[asyncio.Task[None]] = set()

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[Proxy]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        try:
            yield self
        finally:
            server.close()
            for task in list(self._tasks):
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            with contextlib.suppress(OSError, asyncio.CancelledError):
                await self._join(reader, writer)
        finally:
            end(writer, "close")
            self._tasks.discard(task)

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        cut = self.plan(self.connections)
        self.connections += 1
        server_reader, server_writer = await asyncio.open_connection(*self._target)
        up = Pipe(cut if cut and cut.direction == UP else None)
        down = Pipe(cut if cut and cut.direction == DOWN else None)
        ways = [
            asyncio.create_task(self._pass_on(reader, server_writer, up)),
            asyncio.create_task(self._pass_on(server_reader, writer, down)),
        ]
        try:
            done, _ = await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            is_cut = any(way.exception() is None and way.result() for way in done)
            if is_cut and cut is not None:
                self.cuts += 1
                if cut.how == "silence":
                    for way in ways:
                        way.cancel()
                    await asyncio.gather(*ways, return_exceptions=True)  # two cannot read
                    await reader.read()  # until the client gives up
            how = cut.how if is_cut and cut else "close"
            end(writer, how)
            end(server_writer, how)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            end(server_writer, "close")

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, pipe: Pipe) -> bool:
        """Return True where the plan ends the connection, False where one side did."""
        while data := await reader.read(65536):
            passed, is_over = pipe.feed(data)
            writer.write(passed)
            await writer.drain()
            if is_over:
                return True
        return False


def end(writer: asyncio.StreamWriter, how: str) -> None:
    if writer.is_closing():
        return
    sock = writer.get_extra_info("socket")
    if how == "reset" and sock is not None:
        with contextlib.suppress(OSError):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()
    else:
        writer.close()
